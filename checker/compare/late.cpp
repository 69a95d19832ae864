// A #DB that comes one instruction late looks, when the instruction completes, like one that is
// lost: a shortest trace ends there. People who read "lost" look for code that drops it, and there
// is none. So the end of such a trace is searched on: what can follow while the guest executes
// nothing more? If the #DB is still delivered, the guest gets it between this instruction and its
// next, and the trace says so. The verdict is the same: the guest went on without it.
//
// The search is explicit, from one state, over the system without the guest's rules, and ends after
// so many states. It says something only where it has found a run, which is replayed like any
// other.
#include "checker/compare/late.hpp"

#include <fmt/format.h>

#include "checker/explore/explore.hpp"
#include "model/system/counted.hpp"
#include "model/system/interpreter.hpp"

namespace airlock {

std::string comes_late(Subject& subject, const Pins& pins, const Trace& trace) {
  const TransitionSystem& system = *trace.system;
  if (!system.lateness || seeks_witness(*trace.property) ||
      trace.states.back().at(system.lateness->missing) == 0) {
    return {};
  }
  constexpr std::uint64_t most_states = 200000;
  const Continuation next = subject.goes_on(pins, trace.states.back(), *system.lateness);
  ExploreOptions options;
  options.enough = [](const ExploreProgress& progress) {
    return progress.decided || progress.states > most_states;
  };
  const ExploreResult result =
      explore(next.reduction.system(), next.reduction.targets(), {}, options);
  const Outcome& outcome = result.outcomes.at(0);
  if (outcome.answer != Reachability::reachable || !outcome.path) {
    return {};
  }
  const Path path = next.reduction.lift(*outcome.path);
  const State last = replay(next.system, path).back();
  return fmt::format("It is late, not lost: {} on, {}.", counted(path.steps.size(), "step"),
                     filled_in(system.lateness->sentence, system, last));
}

}  // namespace airlock
