// Verdicts: what holds, on which choices of the manual, and what does not.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "checker/compare/solve.hpp"
#include "checker/compare/subject.hpp"
#include "checker/trace/trace.hpp"

namespace airlock {

enum class Verdict : std::uint8_t { holds, violated, unknown };

/// "holds", "violated", "unknown".
std::string to_string(Verdict verdict);

struct Decision {
  const Property* property = nullptr;
  Verdict verdict = Verdict::unknown;
  /// holds: the pins without which it would not, "name=option", sorted; a smallest such set.
  std::vector<std::string> assumes;
  bool assumes_minimal = true;   ///< false: a smaller set was not ruled out
  std::string assumes_reason;    ///< why not: "out of time"
  Pins pins;                     ///< what was pinned in the system that the evidence is about
  Outcome outcome;               ///< the evidence under all pins; its path is in `trace`
  std::optional<Outcome> freed;  ///< the evidence under `pins`, where these are fewer
  std::optional<Trace> trace;    ///< of a violation, or the witness of a reachable_ property
  std::string reason;            ///< unknown: why
  double seconds = 0;            ///< in engines, all questions together
};

/// Answers for all targets of a reduction; see solve().
using Solver = std::function<std::vector<Outcome>(const Reduce& reduce)>;

/// How the questions under fewer pins are asked, one property at a time.
struct Freeing {
  Solver solver;
  unsigned threads = 1;   ///< at most so many questions side by side
  bool certified = true;  ///< what is proved is wanted as a proof about the system as it is
  /// What answers under all pins where several questions are asked side by side; null: the same as
  /// for one.
  Solver beside_others = {};
};

/// Decides properties of the subject's system. always_ and never_: violated if a violation is
/// reachable under the subject's pins; else the smallest set of these pins is searched for under
/// which none is. reachable_: holds if a witness is reachable under the pins. Every path is
/// replayed. `properties` point into subject.system(). `solver` answers under all pins, where
/// questions about several properties are put together, `freed` under fewer. Traces borrow from the
/// subject.
std::vector<Decision> decide(Subject& subject, std::span<const Property* const> properties,
                             const Solver& solver, const Freeing& freed);
/// The same solver for both; its questions under fewer pins are put together, too.
std::vector<Decision> decide(Subject& subject, std::span<const Property* const> properties,
                             const Solver& solver);

}  // namespace airlock
