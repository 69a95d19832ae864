// Where the real thing and what it is compared with part company. See divergence.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checker/trace/trace.hpp"

namespace airlock {

/// Bits of `real` that break the property: they differ from those of `reference`, or, where there
/// is none, would mend the property by being different.
struct Difference {
  VarId real;
  std::optional<VarId> reference;
  std::uint64_t bits;  ///< not 0
  std::size_t since;   ///< they differ in states since..until wherever they can be compared
  std::size_t until;   ///< an index of Trace::states, as `since` is
};

struct Divergence {
  std::vector<Difference> differences;  ///< may be empty: nobody can say which bit
  /// The state in which the first of them shows; the last state if there is none.
  std::size_t state;
};

/// Of a violation. A witness of a reachable_ property has no differences.
Divergence find_divergence(const Trace& trace);

/// "DEBUGCTL and the reference guest's DEBUGCTL differ in BLCKDB"; without a reference
/// "BTF of DEBUGCTL breaks the property".
std::string sentence_of(const TransitionSystem& system, const Difference& difference);

/// A C line of the trace: the cause with index `cause` of step `step` (1 is the first).
struct TraceLine {
  std::size_t step;
  std::size_t cause;
};

/// The last C line that could have kept real and reference together: the last that wrote one of
/// the diverging registers since they part company, or else the last that ran until then. Nothing
/// if no C line runs before the last state.
std::optional<TraceLine> last_line_that_could_help(const Trace& trace,
                                                   const Divergence& divergence);

/// The last C line that wrote a diverging register in the whole trace, whenever that was.
std::optional<TraceLine> last_writer(const Trace& trace, const Divergence& divergence);

}  // namespace airlock
