// A transition system out of a description that a benchmark's script wrote for several checkers.
#pragma once

#include <nlohmann/json.hpp>

#include "model/system/system.hpp"

namespace airlock::benchmark {

/// {"variables": [{"name", "values": n, "initial"}], "rules": [{"name", "guard", "updates": {name:
/// expression}}]}. A variable has the values 0..n-1. An expression is a number, a variable's name,
/// or [operator, operand, operand...] with integers' semantics: nothing wraps. Operators: and or
/// not == != < <= + - % (by a constant). Updates are simultaneous. Throws std::runtime_error.
TransitionSystem system_from_json(const nlohmann::json& description);

}  // namespace airlock::benchmark
