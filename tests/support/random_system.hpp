// Random small transition systems for cross-checking engines.
#pragma once

#include <cstdint>
#include <span>

#include "model/system/system.hpp"

namespace airlock::test {

struct RandomSystemOptions {
  unsigned variables = 4;  ///< 1..n variables, Bools and vectors of up to `max_width` bits
  unsigned max_width = 4;
  unsigned rules = 5;
  unsigned properties = 3;  ///< of all three kinds
  bool control = true;      ///< sometimes a control variable that guards compare with constants
  unsigned max_state_bits = 10;  ///< in all; keeps the naive search quick
};

/// Deterministic in `seed`. The system is validated, has inputs in rules and in the initial state,
/// and sometimes an initial constraint, constant bits, dead variables and unreachable rules, so
/// that every reduction has something to do.
///
/// The set of initial states may be empty.
TransitionSystem random_system(std::uint64_t seed, const RandomSystemOptions& options = {});

/// A random expression of `sort` over the system's variables and the given inputs, at most `depth`
/// operators high. Deterministic in `seed`.
Expr random_expression(const TransitionSystem& system, std::span<const InputId> inputs, Sort sort,
                       unsigned depth, std::uint64_t seed);

}  // namespace airlock::test
