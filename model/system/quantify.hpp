// "There is an input such that": inputs quantified away.
#pragma once

#include <functional>

#include "model/system/system.hpp"

namespace airlock {

/// `e` (Bool, over the system's variables and inputs) for some value of the inputs that `which`
/// accepts. Throws std::length_error, beginning with `what`, where that has more than 200,000
/// nodes.
Expr for_some_input(const TransitionSystem& system, Expr e,
                    const std::function<bool(InputId)>& which, const std::string& what);

}  // namespace airlock
