#include "tests/differential/systems_compare.hpp"

#include <atomic>
#include <fmt/format.h>
#include <functional>
#include <stdexcept>

#include "checker/explore/explore.hpp"
#include "checker/prove/prove.hpp"
#include "model/system/interpreter.hpp"
#include "model/system/reduce.hpp"
#include "tests/support/naive_search.hpp"
#include "tests/support/random_system.hpp"

namespace airlock::test {
namespace {

constexpr std::uint64_t deepest_induction = 4;

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

Outcome lifted(Outcome outcome, const Reduction& reduction) {
  if (outcome.path) {
    outcome.path = reduction.lift(*outcome.path);
  }
  return outcome;
}

void check_explicit(const TransitionSystem& system, const std::vector<Expr>& targets,
                    const Reduction& reduction, const NaiveResult& truth, Judge& judge) {
  const ExploreResult whole = explore(system, targets, {}, {.stop_when_decided = false});
  judge.require(whole.states == truth.states && whole.transitions == truth.transitions &&
                    whole.depth == truth.depth && whole.deadlocks == truth.deadlocks,
                "explore counts otherwise than the naive search");
  const ExploreResult reduced = explore(reduction.system(), reduction.targets());
  for (std::size_t i = 0; i < targets.size(); ++i) {
    judge.check("explore", whole.outcomes[i], targets[i], truth.distances[i]);
    judge.check("explore on the reduced system", lifted(reduced.outcomes[i], reduction), targets[i],
                truth.distances[i]);
  }
}

/// A question as Z3's engines get it, and the way back of their answers.
struct Z3Question {
  const TransitionSystem& system;
  Expr target;
  std::function<Outcome(Outcome)> back;
};

void check_with_z3(const Z3Question& question, Expr target, const Distance& distance,
                   Judge& judge) {
  const Outcome proof = pdr(question.system, question.target, {});
  judge.require(proof.answer != Reachability::unknown, "pdr does not decide: " + proof.reason);
  judge.check("pdr", question.back(proof), target, distance);
  if (proof.invariant.valid()) {
    const auto flaw = check_invariant(question.system, question.target, proof.invariant, {});
    judge.require(!flaw, "pdr's invariant: " + flaw.value_or(""));
  }
  const Outcome search = bounded_search(question.system, question.target, {}, distance.value_or(3));
  judge.require((search.answer == Reachability::reachable) == distance.has_value(),
                "bounded search finds " + std::string(distance ? "nothing" : "something"));
  if (search.answer == Reachability::reachable) {
    judge.check("bounded search", question.back(search), target, distance);
  }
  // As deep as this: complete, k-induction would often need as many steps as there are states.
  std::atomic<bool> enough{false};
  EngineContext brief;
  brief.cancelled = &enough;
  brief.progress = [&](const Progress& progress) { enough = progress.depth >= deepest_induction; };
  judge.check("k-induction", question.back(k_induction(question.system, question.target, brief)),
              target, distance);
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

/// Nothing where the naive search gives up.
std::optional<NaiveResult> truth_about(const TransitionSystem& system,
                                       std::span<const Expr> targets, std::uint64_t most_states) {
  try {
    return naive_search(system, targets, most_states);
  } catch (const std::length_error&) {
    return std::nullopt;
  }
}

}  // namespace

std::optional<std::string> disagreement_on(const TransitionSystem& system, const Asked& asked,
                                           SystemsTally& tally) {
  Judge judge(system, tally);
  try {
    std::vector<Expr> targets;
    for (const Property& property : system.properties) {
      targets.push_back(target_of(property));
    }
    const std::optional<NaiveResult> known = truth_about(system, targets, asked.most_states);
    if (!known) {
      ++tally.too_large;
      return std::nullopt;
    }
    const NaiveResult& truth = *known;
    const Reduction reduction(system, targets);
    tally.states += truth.states;
    check_explicit(system, targets, reduction, truth, judge);
    for (std::size_t i = 0; i < targets.size(); ++i) {
      ++tally.questions;
      tally.reachable += truth.distances[i] ? 1U : 0U;
      if (asked.only && *asked.only % targets.size() != i) {
        continue;
      }
      const Z3Question question =
          asked.reduced
              ? Z3Question{reduction.system(), reduction.targets()[i],
                           [&](Outcome outcome) { return lifted(std::move(outcome), reduction); }}
              : Z3Question{system, targets[i], [](Outcome outcome) { return outcome; }};
      check_with_z3(question, targets[i], truth.distances[i], judge);
    }
    if (asked.abc != nullptr && !judge.wrong()) {
      asked.abc->add(asked.seed, system, truth.distances);
    }
    if (asked.count && !judge.wrong()) {
      // Narrowed, as the command exports it: the same states, without bits that are constant.
      const Reduction narrowed(system, {}, {.cone = false, .dead_variables = false});
      return counting_disagreement(asked.reduced ? narrowed.system() : system, truth,
                                   tally.outside);
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

namespace {

/// The system for a seed; every fourth one wider, with more rules.
TransitionSystem system_for(std::uint64_t seed) {
  RandomSystemOptions options;
  if (seed % 4 == 3) {
    options.variables = 7;
    options.max_width = 3;
    options.rules = 12;
  }
  return random_system(seed, options);
}

using Disagreement = std::function<std::optional<std::string>(const TransitionSystem&)>;

/// As the user reads it: the smallest system that is still wrong, and what is wrong with it.
std::string smallest(std::uint64_t seed, const TransitionSystem& system, const std::string& found,
                     const Disagreement& disagreement) {
  const TransitionSystem small = shrink_system(
      system, [&](const TransitionSystem& smaller) { return disagreement(smaller).has_value(); });
  return fmt::format("seed {}: {}\n{}", seed, disagreement(small).value_or(found), shown(small));
}

}  // namespace

SystemsTally compare_on_systems(std::uint64_t first, std::uint64_t count, const Effort& effort) {
  SystemsTally tally;
  AbcQueue abc;
  const auto ask_abc_now = [&] {
    if (const auto found = abc.ask(tally.outside)) {
      tally.disagreement = smallest(found->seed, found->system, found->text, abc_disagreement);
    }
    return tally.disagreement.has_value();
  };
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const TransitionSystem system = system_for(seed);
    Asked asked;
    asked.count = seed % effort.counting_every == 0;
    asked.abc = seed % effort.abc_every == 0 ? &abc : nullptr;
    asked.seed = seed;
    if (effort.one_target) {
      asked.only = seed;
    }
    ++tally.systems;
    if (const auto found = disagreement_on(system, asked, tally)) {
      asked.abc = nullptr;
      tally.disagreement = smallest(seed, system, *found, [&](const TransitionSystem& smaller) {
        SystemsTally ignored;
        return disagreement_on(smaller, asked, ignored);
      });
      return tally;
    }
    if (abc.full() && ask_abc_now()) {
      return tally;
    }
  }
  ask_abc_now();
  return tally;
}

}  // namespace airlock::test
