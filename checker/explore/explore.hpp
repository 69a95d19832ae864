// Explicit-state breadth-first search.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "checker/engine.hpp"

namespace airlock {

/// Where a search is, between two levels.
struct ExploreProgress {
  const std::vector<bool>& fired;  ///< per rule, so far
  std::uint64_t states;
  bool decided;  ///< every target was reached
};

/// The states that agree on the control variables.
struct ControlLocation {
  State values;  ///< parallel to TransitionSystem::control
  std::uint64_t states = 0;
  bool initial = false;  ///< some of them are initial
};

/// The state graph with the states of each location made one.
struct ControlQuotient {
  struct Edge {
    std::uint32_t from;  ///< in `locations`
    std::uint32_t to;
    std::uint32_t rule;
    std::uint64_t transitions;  ///< counted as in ExploreResult
  };
  std::vector<ControlLocation> locations;
  std::vector<Edge> edges;
};

struct ExploreOptions {
  /// Stop after the level in which the last target was reached (else, and where there are no
  /// targets, the whole reachable set is visited).
  bool stop_when_decided = true;
  /// Where to put the search by, at the beginning, every so many seconds (at the end of the level
  /// being worked on) and when it ends, early or complete; empty: nowhere.
  std::string checkpoint = {};
  double checkpoint_interval = 300;
  std::string resume = {};  ///< a checkpoint to go on with; empty: from the initial states
  /// If given: asked after every level whether enough has been seen, and alone decides when to stop
  /// early.
  std::function<bool(const ExploreProgress&)> enough = {};
  bool control_quotient = false;  ///< count states and transitions by location
};

struct ExploreResult {
  std::vector<Outcome> outcomes;  ///< per target
  bool complete = false;          ///< every reachable state was visited
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;    ///< (state, rule, input values) with the guard true
  std::uint64_t depth = 0;          ///< to which every state was found: of the deepest, if complete
  std::uint64_t frontier = 0;       ///< states found of which not every successor is known
  std::uint64_t deadlocks = 0;      ///< states without a successor
  unsigned bits = 0;                ///< of a state, packed
  std::uint64_t visited_bytes = 0;  ///< of the set of states seen, at the end
  std::uint64_t peak_bytes = 0;     ///< most that was taken of the memory budget, by all its users
  std::string reason;               ///< why it is not complete, if it is not
  std::string checkpoint_error;     ///< why the last checkpoint could not be written, if so
  /// Per rule: whether it was seen to fire, since `resume` if that is given. Exact if the result is
  /// complete and began at the initial states.
  std::vector<bool> fired;
  /// If asked for, complete, begun at the initial states, and the control variables have at most 64
  /// bits together.
  std::optional<ControlQuotient> quotient;
};

/// Visits the states of `system` breadth first. Paths are shortest and do not depend on the number
/// of threads; nor do answers and counts, unless time or memory runs out. `visit`, if given, is
/// called once for every state of every level that was completed (all states, if the result is
/// complete), level by level and otherwise in an unspecified order, from the calling thread.
/// Unknown, with a reason: out of time, cancelled, out of memory, or more inputs than can be tried
/// (20 bits and 16,384 ways in a rule that fires, 24 bits in the initial states). Only reads
/// `system` and its pool. Throws InputError if the checkpoint to resume is not one of this system
/// and these targets, whole and undamaged, or if the first checkpoint cannot be written. A resumed
/// search ends as if it had never been interrupted (one that was complete, at once), but does not
/// show `visit` what was visited before.
ExploreResult explore(const TransitionSystem& system, std::span<const Expr> targets,
                      const EngineContext& context = {}, const ExploreOptions& options = {},
                      const std::function<void(const State&)>& visit = {});

}  // namespace airlock
