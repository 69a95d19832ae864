// A violation needs some freedom of the host's, and a trace should show no more of it than that. So
// the calmest systems are searched first, each exhaustively: a path there is a path of the whole
// system, and is replayed on it like any other. Only where none of them has one is the whole system
// searched, and that answer alone can be "holds".
//
// Exhaustive search is the engine of choice here. A product of two worlds has a relation between
// its halves for an invariant, bit against bit, at every pair of locations; PDR learns it clause by
// clause (100 s are not enough for one that exhaustive search settles in 3 s). The states are few,
// because one of the two copies does next to nothing that the other does not make it do.
#include "checker/compare/two_runs.hpp"

#include <utility>

namespace airlock {

TwoRunsSubject::TwoRunsSubject(TwoRuns runs, const Pins& chosen)
    : subject_(std::move(runs.system), chosen),
      support_(std::move(runs.support), chosen),
      support_engine_(runs.support_engine),
      support_pins_(without_free(support_.system(), chosen)) {
  for (TransitionSystem& system : runs.calmer) {
    calmer_.push_back(std::make_unique<Subject>(std::move(system), chosen));
  }
}

Decision TwoRunsSubject::decide(Engine engine, const EngineContext& context) {
  const std::vector<const Property*> one{&property()};
  Decision decision = std::move(airlock::decide(
      subject_, one, [&](const Reduce& reduce) { return search(reduce, engine, context); },
      [&](const Reduce& reduce) {
        return solve(reduce, engine == Engine::automatic ? Engine::explore : engine, context);
      })[0]);
  if (decision.verdict == Verdict::holds) {
    require_support(decision, context);
  }
  return decision;
}

std::vector<Outcome> TwoRunsSubject::search(const Reduce& reduce, Engine engine,
                                            const EngineContext& context) {
  if (engine != Engine::automatic) {
    return solve(reduce, engine, context);
  }
  for (const std::unique_ptr<Subject>& calm : calmer_) {
    const std::vector<const Property*> one{&calm->system().properties.front()};
    std::vector<Outcome> outcomes =
        solve([&] { return calm->reduce(calm->pins(), one); }, Engine::explore, context);
    if (outcomes.front().answer == Reachability::reachable) {
      outcomes.front().shortest = false;
      return outcomes;
    }
  }
  return solve(reduce, Engine::explore, context);
}

/// On every reading, but for those that the user has settled.
void TwoRunsSubject::require_support(Decision& decision, const EngineContext& context) {
  const Property& support = support_.system().properties.front();
  const std::vector<const Property*> one{&support};
  const Outcome outcome =
      solve([&] { return support_.reduce(support_pins_, one); }, support_engine_, context).front();
  decision.seconds += outcome.seconds;
  if (outcome.answer == Reachability::unreachable) {
    return;
  }
  decision.verdict = Verdict::unknown;
  decision.assumes.clear();
  decision.reason =
      outcome.answer == Reachability::unknown
          ? "no violation, but it is undecided whether " + support.name + ": " + outcome.reason
          : "no violation, but this says nothing about all pairs of runs: " + support.name +
                " is violated";
}

}  // namespace airlock
