// One question about one relaxed world.
//
// Most worlds are settled by a search that gives up soon: what is violated is so within some steps,
// and some worlds are small. What is left is mostly true, has too many states to count, and is
// proved by PDR. Where there is a thread to spare the engines race (solve.cpp); where there is
// none, PDR goes first, since explicit search has just shown that it would take long.
#include "checker/compare/relaxed.hpp"

#include <stdexcept>

#include "checker/compare/solve.hpp"
#include "checker/explore/explore.hpp"
#include "model/system/interpreter.hpp"

namespace airlock {
namespace {

std::vector<Expr> targets_of(const TransitionSystem& system,
                             const std::vector<std::string>& properties) {
  std::vector<Expr> targets;
  for (const std::string& name : properties) {
    const Property* property = system.find_property(name);
    if (property == nullptr) {
      throw std::logic_error("a relaxed system has no property '" + name + "'");
    }
    targets.push_back(target_of(*property));
  }
  return targets;
}

}  // namespace

std::vector<Thing> things_of(const NeedsInput& input) {
  std::vector<Thing> things;
  for (const std::string& actor : input.actors) {
    things.push_back({Thing::Kind::actor, 0, actor});
  }
  for (const auto& [name, others] : input.parameters) {
    things.push_back({Thing::Kind::parameter, 0, name});
  }
  for (std::size_t i = 0; i < input.elements; ++i) {
    things.push_back({Thing::Kind::element, i, {}});
  }
  return things;
}

std::vector<Relaxed> worlds_of(const NeedsInput& input, const Things& things) {
  std::vector<Relaxed> worlds(1);
  for (const Thing& thing : things) {
    const std::size_t count = worlds.size();
    for (std::size_t i = 0; i < count; ++i) {
      if (thing.kind == Thing::Kind::actor) {
        worlds[i].actors.insert(thing.name);
      } else if (thing.kind == Thing::Kind::element) {
        worlds[i].elements.insert(thing.element);
      } else {
        for (const std::string& value : input.parameters.at(thing.name)) {
          Relaxed other = worlds[i];
          other.parameters[thing.name] = value;
          worlds.push_back(std::move(other));
        }
      }
    }
  }
  return worlds;
}

RelaxedQuestion::RelaxedQuestion(const TransitionSystem& built,
                                 const std::vector<std::string>& properties, const Pins& pins)
    : system_(pin(built, pins)),
      targets_(targets_of(system_, properties)),
      reduction_(system_, targets_) {}

std::vector<Outcome> RelaxedQuestion::search(std::uint64_t states,
                                             const EngineContext& context) const {
  ExploreOptions options;
  options.enough = [states](const ExploreProgress& progress) {
    return progress.decided || progress.states > states;
  };
  std::vector<Outcome> outcomes =
      explore(reduction_.system(), reduction_.targets(), context, options).outcomes;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].path) {
      outcomes[i].path = reduction_.lift(*outcomes[i].path);
    }
    check(outcomes[i], targets_[i]);
  }
  return outcomes;
}

Outcome RelaxedQuestion::decide(const EngineContext& context) const {
  constexpr std::uint64_t many = 500'000;
  Outcome outcome = search(many, context)[0];
  const Reduce reduce = [this] { return Reduction(system_, targets_); };
  const std::vector<Engine> engines =
      context.jobs > 1 ? std::vector{Engine::automatic} : std::vector{Engine::pdr, Engine::explore};
  for (const Engine engine : engines) {
    if (outcome.answer == Reachability::unknown && !context.should_stop()) {
      outcome = solve(reduce, engine, context)[0];
      check(outcome, targets_[0]);
    }
  }
  return outcome;
}

void RelaxedQuestion::check(const Outcome& outcome, Expr target) const {
  if (outcome.path && evaluate(target, replay(system_, *outcome.path).back()) == 0) {
    throw std::logic_error(outcome.engine + ": a path to a violation violates nothing");
  }
}

}  // namespace airlock
