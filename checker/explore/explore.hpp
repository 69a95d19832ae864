// Explicit-state breadth-first search.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "checker/engine.hpp"

namespace airlock {

struct ExploreOptions {
  /// Stop as soon as every target has been reached (else the whole reachable set is visited).
  bool stop_when_decided = true;
};

struct ExploreResult {
  std::vector<Outcome> outcomes;   ///< per target
  bool complete = false;           ///< every reachable state was visited
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;   ///< (state, rule, choice values) with the guard true
  std::uint64_t depth = 0;         ///< of the deepest state
  std::uint64_t deadlocks = 0;     ///< states without a successor
  std::string reason;              ///< why it is not complete, if it is not
};

/// Visits the states of `system` breadth first. Paths are shortest and do not depend on the number
/// of threads. `visit`, if given, is called for every state found, in an unspecified order, from
/// one thread at a time.
ExploreResult explore(const TransitionSystem& system, std::span<const Expr> targets,
                      const EngineContext& context = {}, const ExploreOptions& options = {},
                      const std::function<void(const State&)>& visit = {});

}  // namespace airlock
