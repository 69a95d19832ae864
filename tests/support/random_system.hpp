// Random small transition systems for cross-checking engines.
#pragma once

#include <cstdint>

#include "model/system/system.hpp"

namespace airlock::test {

struct RandomSystemOptions {
  unsigned variables = 4;    ///< 1..n variables, Bools and vectors of up to `max_width` bits
  unsigned max_width = 4;
  unsigned rules = 5;
  unsigned properties = 3;   ///< of all three kinds
  bool control = true;       ///< sometimes a control variable that guards compare with constants
};

/// Deterministic in `seed`. The system is validated, has choices in rules and in the initial state,
/// and sometimes an initial constraint, constant bits, dead variables and unreachable rules, so that
/// every reduction has something to do.
TransitionSystem random_system(std::uint64_t seed, const RandomSystemOptions& options = {});

}  // namespace airlock::test
