// Where two systems of one text part company.
#pragma once

#include <string>

#include "model/system/system.hpp"

namespace airlock {

/// The name of the marker's rules.
inline constexpr const char* difference_marker = "difference";

/// Adds markers to `system` that fire where, in a state of `system`'s, one of the two systems can
/// take a step that the other cannot take with the same inputs, or a property comes out otherwise;
/// in every state, if the initial states differ. None, if the two are the same. Their cause's text
/// is `name`. Variables and inputs correspond by name; a variable that one system lacks has its
/// initial value there. What nothing reads (no guard, no property, no variable that is read) is no
/// difference.
void mark_differences(TransitionSystem& system, const TransitionSystem& other,
                      const std::string& name);

}  // namespace airlock
