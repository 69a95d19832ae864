// In which ways the runs of a system can end: all values that some variables have in the states
// where nothing more is to come. Knows no guests; checker/cli asks it about them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checker/engine.hpp"

namespace airlock {

struct EndsQuestion {
  Expr ended;                ///< Bool over the state: the run is over, whatever could still happen
  std::vector<VarId> seen;   ///< what of such a state is looked at
  std::vector<VarId> stuck;  ///< among these, by what runs that never end are told apart
};

/// One way to end.
struct RunEnd {
  std::vector<std::uint64_t> values;  ///< parallel to `seen`
  std::uint64_t steps = 0;            ///< of a shortest run
};

struct Ends {
  std::string reason;        ///< why the search did not come to its end; empty: it did
  std::vector<RunEnd> ends;  ///< nearest first; all there are, if complete()
  /// Runs that never end: the nearest state of each kind in which one stays, or, where none stays
  /// in a kind, the nearest from which no end can be reached.
  std::vector<RunEnd> stuck;
  std::uint64_t states = 0;  ///< of the system reduced to the question
  [[nodiscard]] bool complete() const { return reason.empty(); }
};

/// Explores `system` breadth first, on one thread; states in which the run is over are not left.
/// An answer that is not complete has no ends at all: what was found by then would say little.
Ends find_ends(const TransitionSystem& system, const EndsQuestion& question,
               const EngineContext& context = {});

/// The state of `system` in which these variables have these values and all others 0: enough for
/// expressions over them.
State state_of(const TransitionSystem& system, const std::vector<VarId>& variables,
               const std::vector<std::uint64_t>& values);

}  // namespace airlock
