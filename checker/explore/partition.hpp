// By which variables' values rules are best told apart.
#pragma once

#include <vector>

#include "checker/explore/packing.hpp"
#include "model/system/system.hpp"

namespace airlock::explicit_state {

/// The variables whose values choose the group of rules that a state meets: the system's control
/// variables, and those which leave a state at most half of the rules that it would meet without
/// them. `layout` is of the same system; together they have at most 64 bits, and those that the
/// system does not name at most 12.
std::vector<VarId> partition_variables(const TransitionSystem& system, const Layout& layout);

}  // namespace airlock::explicit_state
