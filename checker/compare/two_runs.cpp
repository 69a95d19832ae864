// A violation needs some freedom of the host's, and a trace should show no more of it than that. So
// the calmest systems are searched first, each exhaustively: a path there is a path of the whole
// system, and is replayed on it like any other. Only where none of them has one is the whole system
// searched, and that answer alone can be "holds".
//
// A product of two worlds has a relation between its halves for an invariant, bit against bit, at
// every pair of locations. Where both halves are programs that move (host to guest), PDR does not
// learn it in reasonable time (100 s are not enough for one that exhaustive search settles in 3 s);
// a proof is read off the visited states then (prove/from_states.cpp). Where one half is parked
// (guest to host), the product is hardly larger than a world, and PDR proves it in seconds on every
// reading of the manual, which search would take minutes for: 158 million states of `v1`.
#include "checker/compare/two_runs.hpp"

#include <utility>

namespace airlock {

TwoRunsSubject::TwoRunsSubject(TwoRuns runs, const Pins& chosen)
    : subject_(std::move(runs.system), chosen),
      support_(std::move(runs.support), chosen),
      prover_(runs.prover),
      support_pins_(without_free(support_.system(), chosen)) {
  for (TransitionSystem& system : runs.calmer) {
    calmer_.push_back(std::make_unique<Subject>(std::move(system), chosen));
  }
}

Decision TwoRunsSubject::decide(Engine engine, const EngineContext& context) {
  const std::vector<const Property*> one{&property()};
  Decision decision = std::move(airlock::decide(
      subject_, one, [&](const Reduce& reduce) { return search(reduce, engine, context); },
      Freeing{[&](const Reduce& reduce) {
        return solve(reduce, engine == Engine::automatic ? prover_ : engine, context);
      }})[0]);
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

/// On every choice, but for those that the user has settled.
void TwoRunsSubject::require_support(Decision& decision, const EngineContext& context) {
  const Property& support = support_.system().properties.front();
  const std::vector<const Property*> one{&support};
  const Outcome outcome =
      solve([&] { return support_.reduce(support_pins_, one); }, prover_, context).front();
  decision.seconds += outcome.seconds;
  if (outcome.answer == Reachability::unreachable) {
    return;
  }
  decision.verdict = Verdict::unknown;
  decision.assumes.clear();
  decision.outcome.covered = outcome.covered;
  for (Covered& covered : decision.outcome.covered) {
    covered.engine += ", about " + support.name;
  }
  decision.reason =
      outcome.answer == Reachability::unknown
          ? "no violation, but it is undecided whether " + support.name + ": " + outcome.reason
          : "no violation, but this says nothing about all pairs of runs: " + support.name +
                " is violated";
}

Certified certify_two_runs(const TwoRuns& runs, const Pins& pins, const Pins& support_pins,
                           const HeadingOf& heading, const EngineContext& context) {
  const auto certificate = [&](const TransitionSystem& system, const Pins& under) {
    const Property& property = system.properties.front();
    return certify(system, property.name, under, std::nullopt, heading(property, system, under),
                   context, runs.prover == Engine::pdr ? Engine::pdr : Engine::automatic);
  };
  Certified result = certificate(runs.system, pins);
  result.support = std::make_shared<Certified>(certificate(runs.support, support_pins));
  if (result.support->text.empty()) {
    result.text.clear();
    result.reason = result.support->property + ": " + result.support->reason;
  }
  result.seconds += result.support->seconds;
  return result;
}

}  // namespace airlock
