// "There is a choice such that": choices quantified away.
#pragma once

#include <functional>

#include "model/system/system.hpp"

namespace airlock {

/// `e` (Bool, over the system's variables and choices) for some value of the choices that `which`
/// accepts. Throws std::length_error, beginning with `what`, where that has more than 200,000
/// nodes.
Expr for_some_choice(const TransitionSystem& system, Expr e,
                     const std::function<bool(ChoiceId)>& which, const std::string& what);

}  // namespace airlock
