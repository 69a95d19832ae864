#include "tests/differential/systems_compare.hpp"

#include <chrono>
#include <fmt/format.h>

#include "checker/explore/explore.hpp"
#include "checker/prove/prove.hpp"
#include "model/system/interpreter.hpp"
#include "model/system/reduce.hpp"
#include "tests/support/naive_search.hpp"
#include "tests/support/random_system.hpp"

namespace airlock::test {
namespace {

using Distance = std::optional<std::uint64_t>;

std::string shown(const Distance& distance) {
  return distance ? std::to_string(*distance) + " steps" : "unreachable";
}

/// Holds one engine's answers against the truth.
class Judge {
 public:
  Judge(const TransitionSystem& system, SystemsTally& tally) : system_(system), tally_(tally) {}

  void check(const char* engine, const Outcome& outcome, Expr target, const Distance& truth) {
    if (wrong_) {
      return;
    }
    if (outcome.answer == Reachability::unknown) {
      ++tally_.undecided;
      return;
    }
    ++tally_.answers;
    Distance found;
    if (outcome.answer == Reachability::reachable) {
      found = outcome.path.value().steps.size();
      if (evaluate(target, replay(system_, *outcome.path).back()) != 1) {
        wrong_ = fmt::format("{}'s path does not end in the target", engine);
        return;
      }
    }
    if (found != truth) {
      wrong_ = fmt::format("{} says {}, the naive search {}", engine, shown(found), shown(truth));
    }
  }

  void require(bool condition, const std::string& what) {
    if (!condition && !wrong_) {
      wrong_ = what;
    }
  }

  [[nodiscard]] const std::optional<std::string>& wrong() const { return wrong_; }

 private:
  const TransitionSystem& system_;
  SystemsTally& tally_;
  std::optional<std::string> wrong_;
};

void check_explicit(const TransitionSystem& system, const std::vector<Expr>& targets,
                    const NaiveResult& truth, Judge& judge) {
  const ExploreResult whole = explore(system, targets, {}, {.stop_when_decided = false});
  judge.require(whole.states == truth.states && whole.transitions == truth.transitions &&
                    whole.depth == truth.depth && whole.deadlocks == truth.deadlocks,
                "explore counts otherwise than the naive search");
  const Reduction reduction(system, targets);
  const ExploreResult reduced = explore(reduction.system(), reduction.targets());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    judge.check("explore", whole.outcomes[i], targets[i], truth.distances[i]);
    Outcome lifted = reduced.outcomes[i];
    if (lifted.path) {
      lifted.path = reduction.lift(*lifted.path);
    }
    judge.check("explore on the reduced system", lifted, targets[i], truth.distances[i]);
  }
}

void check_with_z3(const TransitionSystem& system, Expr target, const Distance& distance,
                   Judge& judge) {
  const Outcome proof = pdr(system, target, {});
  judge.require(proof.answer != Reachability::unknown, "pdr does not decide: " + proof.reason);
  judge.check("pdr", proof, target, distance);
  if (proof.invariant.valid()) {
    const auto flaw = check_invariant(system, target, proof.invariant, {});
    judge.require(!flaw, "pdr's invariant: " + flaw.value_or(""));
  }
  const Outcome search = bounded_search(system, target, {}, distance.value_or(3));
  judge.require((search.answer == Reachability::reachable) == distance.has_value(),
                "bounded search finds " + std::string(distance ? "nothing" : "something"));
  if (search.answer == Reachability::reachable) {
    judge.check("bounded search", search, target, distance);
  }
  EngineContext brief;
  brief.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
  judge.check("k-induction", k_induction(system, target, brief), target, distance);
}

std::string shown(const TransitionSystem& system) {
  std::string text;
  for (const Variable& variable : system.variables) {
    text += fmt::format("  {} of {} bits, at first {}\n", variable.name, variable.sort.width(),
                        to_string(variable.initial));
  }
  for (const Rule& rule : system.rules) {
    text += "  when " + to_string(rule.guard) + "\n";
    for (const Update& update : rule.updates) {
      text += fmt::format("    {} = {}\n", system.variables[update.variable].name,
                          to_string(update.value));
    }
  }
  for (const Property& property : system.properties) {
    text += "  target " + to_string(target_of(property)) + "\n";
  }
  return text;
}

}  // namespace

std::optional<std::string> disagreement_on(const TransitionSystem& system, SystemsTally& tally) {
  Judge judge(system, tally);
  try {
    std::vector<Expr> targets;
    for (const Property& property : system.properties) {
      targets.push_back(target_of(property));
    }
    const NaiveResult truth = naive_search(system, targets);
    check_explicit(system, targets, truth, judge);
    for (std::size_t i = 0; i < targets.size(); ++i) {
      ++tally.questions;
      tally.reachable += truth.distances[i] ? 1U : 0U;
      check_with_z3(system, targets[i], truth.distances[i], judge);
    }
  } catch (const std::exception& error) {
    return std::string("an engine throws: ") + error.what();
  }
  return judge.wrong();
}

TransitionSystem shrink_system(TransitionSystem system,
                               const std::function<bool(const TransitionSystem&)>& bad) {
  const auto accept = [&](const TransitionSystem& smaller) {
    if (!bad(smaller)) {
      return false;
    }
    system = smaller;
    return true;
  };
  for (bool progress = true; progress;) {
    progress = false;
    for (std::size_t i = system.rules.size(); i-- > 0;) {
      TransitionSystem smaller = system;
      smaller.rules.erase(smaller.rules.begin() + static_cast<std::ptrdiff_t>(i));
      progress = accept(smaller) || progress;
    }
    for (std::size_t i = system.properties.size(); i-- > 0 && system.properties.size() > 1;) {
      TransitionSystem smaller = system;
      smaller.properties.erase(smaller.properties.begin() + static_cast<std::ptrdiff_t>(i));
      progress = accept(smaller) || progress;
    }
    for (std::size_t r = 0; r < system.rules.size(); ++r) {
      for (std::size_t i = system.rules[r].updates.size(); i-- > 0;) {
        TransitionSystem smaller = system;
        auto& updates = smaller.rules[r].updates;
        updates.erase(updates.begin() + static_cast<std::ptrdiff_t>(i));
        progress = accept(smaller) || progress;
      }
    }
  }
  return system;
}

SystemsTally compare_on_systems(std::uint64_t first, std::uint64_t count) {
  SystemsTally tally;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    RandomSystemOptions options;
    if (seed % 4 == 3) {  // wider, with more rules
      options.variables = 7;
      options.max_width = 3;
      options.rules = 12;
    }
    const TransitionSystem system = random_system(seed, options);
    ++tally.systems;
    if (const auto found = disagreement_on(system, tally)) {
      SystemsTally ignored;
      const TransitionSystem small = shrink_system(system, [&](const TransitionSystem& smaller) {
        return disagreement_on(smaller, ignored).has_value();
      });
      tally.disagreement = fmt::format(
          "seed {}: {}\n{}", seed, disagreement_on(small, ignored).value_or(*found), shown(small));
      return tally;
    }
  }
  return tally;
}

}  // namespace airlock::test
