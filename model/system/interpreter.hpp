// The reference interpreter: evaluates expressions and replays steps, one state at a time. Small,
// slow and separate from every engine, because every trace is believed on its word.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "model/system/system.hpp"

namespace airlock {

/// Values of inputs by InputId; only those that the expression mentions are read.
using InputValues = std::vector<std::uint64_t>;

/// The value of `e` in `state`. Shared nodes are evaluated once per call.
std::uint64_t evaluate(Expr e, const State& state, const InputValues& inputs = {});

/// The initial state for these values of the initial inputs (parallel to initial_inputs), or
/// nothing if the initial constraint excludes it.
std::optional<State> initial_state(const TransitionSystem& system,
                                   std::span<const std::uint64_t> initial_inputs);

/// The state after `step`, or nothing if its guard does not hold in `state`.
std::optional<State> successor(const TransitionSystem& system, const State& state,
                               const PathStep& step);

/// All states along `path`, the initial one first. Throws std::logic_error naming the step whose
/// guard does not hold.
std::vector<State> replay(const TransitionSystem& system, const Path& path);

}  // namespace airlock
