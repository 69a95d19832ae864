// The oracle of every engine's tests: breadth-first search over a std::set of states, on top of the
// reference interpreter, with all input values enumerated. Slow and obvious.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "model/system/system.hpp"

namespace airlock::test {

struct NaiveResult {
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;  ///< (state, rule, input values) with the guard true
  std::uint64_t depth = 0;        ///< of the deepest state; 0 if there is none
  std::uint64_t deadlocks = 0;    ///< states in which no guard is true for any input values
  std::vector<std::optional<std::uint64_t>> distances;  ///< per target, steps to the nearest state
  std::set<State> reached;
};

/// Calls `visit` with every combination of values of `inputs`, in order (the last one fastest);
/// once, with nothing, if there are no inputs.
void for_each_input(const TransitionSystem& system, std::span<const InputId> inputs,
                    const std::function<void(const std::vector<std::uint64_t>&)>& visit);

/// The whole reachable set. Throws std::length_error beyond `max_states`, and where it would have
/// to try more than 16 steps for each of so many.
NaiveResult naive_search(const TransitionSystem& system, std::span<const Expr> targets,
                         std::uint64_t max_states = 1U << 20U);

}  // namespace airlock::test
