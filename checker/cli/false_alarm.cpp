#include "checker/cli/false_alarm.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <tuple>

#include "checker/compare/solve.hpp"

namespace airlock {
namespace {

constexpr const char* guest_runs = "reachable_guest_runs";

/// One guess, wherever it is made: a place may be met on several ways.
using Guess = std::tuple<std::string, unsigned, unsigned, std::uint64_t>;

Guess guess_of(const UntrackedChoice& choice) {
  return {choice.place.file, choice.place.line, choice.place.column, choice.value};
}

std::vector<NeededGuess> guesses_of(const Trace& trace, const UntrackedTexts& texts) {
  std::vector<NeededGuess> result;
  std::set<Guess> seen;
  for (std::size_t step = 1; step <= trace.steps(); ++step) {
    const std::vector<UntrackedChoice> choices = untracked_in(trace, step, &texts);
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (seen.insert(guess_of(choices[i])).second) {
        result.push_back({step, i, choices[i], false});
      }
    }
  }
  return result;
}

/// The choices that stand for the same place as `choice`: their names differ in " #2" only.
std::vector<InputId> same_place(const TransitionSystem& system, InputId choice) {
  const auto base = [](const std::string& name) { return name.substr(0, name.rfind(" #")); };
  std::vector<InputId> result;
  for (InputId id = 0; id < system.inputs.size(); ++id) {
    if (base(system.inputs[id].name) == base(system.inputs[choice].name)) {
      result.push_back(id);
    }
  }
  return result;
}

/// `system` without the steps in which one of `choices` is `value`.
void forbid(TransitionSystem& system, const std::vector<InputId>& choices, std::uint64_t value) {
  for (Rule& rule : system.rules) {
    for (const InputId id : rule.inputs) {
      if (std::find(choices.begin(), choices.end(), id) != choices.end()) {
        const Expr choice = system.input(id);
        const bool is_bool = choice.sort() == Sort::boolean();
        const Expr other = is_bool ? (value != 0 ? !choice : choice)
                                   : !eq(choice, system.pool->bits(choice.sort().width(), value));
        rule.guard = rule.guard & other;
      }
    }
  }
}

class AlarmChecker {
 public:
  AlarmChecker(Subject& subject, const Decision& decision, const UntrackedTexts& texts,
               const EngineContext& context)
      : subject_(subject), decision_(decision), texts_(texts), context_(context) {}

  AlarmCheck run() {
    std::vector<NeededGuess> open = guesses_of(*decision_.trace, texts_);
    while (!open.empty()) {
      NeededGuess guess = open.front();
      open.erase(open.begin());
      const Answer without = ask(guess.choice, decision_.property->name);
      if (without.answer == Reachability::unknown) {
        result_.unknown = without.reason;
        break;
      }
      if (!without.trace) {
        guess.to_run_a_guest = needed_to_run(guess.choice);
        result_.needed.push_back(std::move(guess));
        continue;
      }
      std::erase_if(open, [&](const NeededGuess& each) { return !takes(without, each.choice); });
    }
    return std::move(result_);
  }

 private:
  struct Answer {
    Reachability answer = Reachability::unknown;
    std::string reason;
    std::optional<Trace> trace;  // borrows from `without_`
  };

  /// Whether what the property looks for is reached without that guess. The system is kept until
  /// the next question.
  Answer ask(const UntrackedChoice& guess, const std::string& name) {
    TransitionSystem system = subject_.system();
    forbid(system, same_place(system, guess.choice), guess.raw);
    without_ = std::make_unique<Subject>(std::move(system), decision_.pins);
    const std::vector<const Property*> one{without_->system().find_property(name)};
    if (one.front() == nullptr) {
      return {Reachability::unknown, "there is no " + name, std::nullopt};
    }
    const Reduce reduce = [&] { return without_->reduce(decision_.pins, one); };
    Outcome outcome = solve(reduce, Engine::automatic, context_).at(0);
    Answer answer{outcome.answer, outcome.reason, std::nullopt};
    if (outcome.path) {
      answer.trace =
          make_trace(without_->pinned(decision_.pins), *one.front(), *std::move(outcome.path));
    }
    return answer;
  }

  bool needed_to_run(const UntrackedChoice& guess) {
    return ask(guess, guest_runs).answer == Reachability::unreachable;
  }

  [[nodiscard]] bool takes(const Answer& answer, const UntrackedChoice& guess) const {
    const std::vector<NeededGuess> taken = guesses_of(*answer.trace, texts_);
    return std::any_of(taken.begin(), taken.end(), [&](const NeededGuess& each) {
      return guess_of(each.choice) == guess_of(guess);
    });
  }

  Subject& subject_;
  const Decision& decision_;
  const UntrackedTexts& texts_;
  const EngineContext& context_;
  std::unique_ptr<Subject> without_;
  AlarmCheck result_;
};

}  // namespace

AlarmCheck check_alarm(Subject& subject, const Decision& decision, const UntrackedTexts& texts,
                       const EngineContext& context) {
  return AlarmChecker(subject, decision, texts, context).run();
}

}  // namespace airlock
