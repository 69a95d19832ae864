// Which lines matter.
//
// The question is that of minimal unsatisfiable cores and of inductive validity cores (E.
// Ghassabani, A. Gacek, M. Whalen, Efficient Generation of Inductive Validity Cores for Safety
// Properties, FSE 2016): of all that a proof may rest on, what can be given up? There, and here,
// relaxing is monotone: a system in which a statement may be skipped has the runs of the original
// and more, and so has one in which a further actor runs. So a property that is violated with a set
// relaxed is violated with every larger one, and a piece that was needed once is needed for good
// (deletion: R. Bakker et al., Diagnosing and solving over-determined constraint satisfaction
// problems, IJCAI 1993).
//
// Violations are near and proofs are dear. So first each piece and each assumption is relaxed
// alone, with a search that gives up soon: what is violated there is needed. A search costs less
// than the building and reducing of what it searches, so that all properties of a fix share one
// world and one search. The rest is relaxed together, for each property; if that does not hold, its
// halves are, one after the other, down to single pieces (as in QuickXplain: U. Junker, AAAI 2004).
// Mostly one proof is all it takes. Cores out of one proof would be quicker still and need not be
// minimal: another proof may do without.
//
// (Two sets may both be minimal. Which is found depends on the order; it is that of the text, after
// the assumptions. Halving finds the set that giving up one thing after the other would find: a
// half is given up if all of it can be, and then each of its members could have been.)
//
// A parameter is relaxed by asking in a world for each of its values; worlds that are the same as
// far as the property can see are asked about once. ("Some rule can fire" is the one property whose
// target shrinks as rules are added, so that it is not monotone. It is not asked here.)
#include "checker/compare/needs.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>

#include "checker/compare/relaxed.hpp"
#include "checker/compare/same_system.hpp"
#include "checker/compare/tasks.hpp"
#include "checker/support/stopwatch.hpp"
#include "model/system/input_error.hpp"
#include "model/system/stop.hpp"

namespace airlock {
namespace {

using Clock = std::chrono::steady_clock;

/// Asks, and says why that came to nothing: time is up (then nothing is asked any more: a world
/// takes long to build), or the front end refuses the relaxed program, though it takes the
/// original. Empty: it did not.
template <typename Ask>
std::string obstacle(const EngineContext& context, const Ask& ask) {
  if (context.should_stop()) {
    return context.why_stopped();
  }
  const StopScope scope([&context] { return context.should_stop(); });
  try {
    ask();
    return {};
  } catch (const Stopped&) {
    return context.why_stopped();
  } catch (const InputError& error) {
    return error.what();
  }
}

/// What a question comes to: whether the property holds, or why that is not known.
struct Answer {
  Reachability violation = Reachability::unknown;
  std::string reason;
  [[nodiscard]] bool holds() const { return violation == Reachability::unreachable; }
};

/// What one property needs, among the things that a first look has left.
class Deletion {
 public:
  Deletion(const NeedsInput& input, const NeedsQuestion& question, const EngineContext& context,
           Needs& needs)
      : input_(input), question_(question), context_(context), needs_(needs) {}

  void run(const std::vector<Thing>& candidates) {
    const Clock::time_point start = Clock::now();
    give_up(candidates);
    report(things_of(input_));
    needs_.seconds += seconds_since(start);
  }

 private:
  /// Relaxes as many of them as can be, in their order.
  void give_up(const std::vector<Thing>& things) {
    if (things.empty()) {
      return;
    }
    const Answer answer = try_without(things);
    if (answer.holds()) {
      return;
    }
    if (context_.should_stop()) {
      note(context_.why_stopped());
    } else if (things.size() > 1) {
      const auto middle = things.begin() + static_cast<std::ptrdiff_t>(things.size() / 2);
      give_up({things.begin(), middle});
      give_up({middle, things.end()});
    } else if (answer.violation == Reachability::unknown) {
      note(answer.reason);
    }
  }

  Answer try_without(const std::vector<Thing>& things) {
    Things relaxed = relaxed_;
    relaxed.insert(things.begin(), things.end());
    Answer answer = ask(relaxed);
    if (answer.holds()) {
      relaxed_ = std::move(relaxed);
    }
    return answer;
  }

  void note(const std::string& reason) {
    needs_.minimal = false;
    needs_.reason = reason;
  }

  void report(const std::vector<Thing>& things) {
    for (const Thing& thing : things) {
      if (relaxed_.count(thing) != 0) {
        continue;
      }
      switch (thing.kind) {
        case Thing::Kind::actor: needs_.actors.push_back(thing.name); break;
        case Thing::Kind::parameter: needs_.parameters.push_back(thing.name); break;
        case Thing::Kind::element: needs_.elements.push_back(thing.element); break;
      }
    }
  }

  /// Whether the property holds in every world with these things relaxed.
  Answer ask(const Things& things) {
    Answer answer;
    std::vector<RelaxedQuestion> asked;
    for (const Relaxed& world : worlds_of(input_, things)) {
      answer = Answer{};
      const std::string reason = obstacle(context_, [&] { answer = ask_in(world, asked); });
      if (!reason.empty()) {
        answer = {Reachability::unknown, reason};
      }
      if (!answer.holds()) {
        break;
      }
    }
    return answer;
  }

  /// `asked`: in which the property holds.
  Answer ask_in(const Relaxed& world, std::vector<RelaxedQuestion>& asked) {
    ++needs_.questions;
    RelaxedQuestion question(input_.build(world), {question_.property}, question_.pins);
    const bool known = std::any_of(asked.begin(), asked.end(), [&](const RelaxedQuestion& each) {
      return is_same(each.reduction(), question.reduction());
    });
    if (known) {
      return {Reachability::unreachable, {}};
    }
    const Outcome outcome = question.decide(context_);
    asked.push_back(std::move(question));
    return {outcome.answer, outcome.reason};
  }

  const NeedsInput& input_;
  const NeedsQuestion& question_;
  const EngineContext& context_;
  Things relaxed_;
  Needs& needs_;
};

/// All fixes and all their properties, side by side.
class NeedsSearch {
 public:
  NeedsSearch(std::span<const NeedsInput> inputs, const EngineContext& context,
              const NeedsProgress& progress)
      : context_(context), progress_(progress), tasks_(context.jobs, context.cancelled) {
    std::size_t questions = 0;
    fixes_.reserve(inputs.size());
    for (const NeedsInput& input : inputs) {
      fixes_.emplace_back(input);
      questions += input.questions.size();
      total_ += input.questions.empty() ? 0 : fixes_.back().things.size() + input.questions.size();
    }
    context_.cancelled = tasks_.cancelled();
    context_.progress = nullptr;
    context_.jobs =
        std::max(1U, context.jobs / static_cast<unsigned>(std::max<std::size_t>(questions, 1)));
  }

  std::vector<std::vector<Needs>> run() {
    // The last first, as in matrix.cpp: what takes long should not begin last.
    for (auto fix = fixes_.rbegin(); fix != fixes_.rend(); ++fix) {
      begin(*fix);
    }
    tasks_.run();
    std::vector<std::vector<Needs>> result;
    for (Of& fix : fixes_) {
      result.push_back(std::move(fix.needs));
    }
    return result;
  }

 private:
  /// What is known of a fix.
  struct Of {
    explicit Of(const NeedsInput& of)
        : input(of),
          things(things_of(of)),
          needed(of.questions.size(), std::vector<bool>(things.size(), false)),
          needs(of.questions.size()),
          left(things.size()) {}
    const NeedsInput& input;
    std::vector<Thing> things;
    std::vector<std::vector<bool>> needed;  ///< by question and thing, as far as was seen
    std::vector<Needs> needs;               ///< by question
    std::size_t left;                       ///< things not yet looked at
  };

  void begin(Of& fix) {
    if (fix.input.questions.empty()) {
      return;
    }
    for (std::size_t thing = 0; thing < fix.things.size(); ++thing) {
      tasks_.add([this, &fix, thing] { look_alone(fix, thing); });
    }
    if (fix.things.empty()) {
      delete_from(fix);
    }
  }

  void delete_from(Of& fix) {
    for (std::size_t i = 0; i < fix.input.questions.size(); ++i) {
      tasks_.add_first([this, &fix, i] {
        std::vector<Thing> candidates;
        for (std::size_t thing = 0; thing < fix.things.size(); ++thing) {
          if (!fix.needed[i][thing]) {
            candidates.push_back(fix.things[thing]);
          }
        }
        const NeedsQuestion& question = fix.input.questions[i];
        Deletion(fix.input, question, context_, fix.needs[i]).run(candidates);
        done(fix.input.fix + ": " + question.property);
      });
    }
  }

  /// Which properties are soon violated if nothing else is relaxed.
  void look_alone(Of& fix, std::size_t thing) {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < fix.input.questions.size(); ++i) {
      open.push_back(i);
    }
    for (const Relaxed& world : worlds_of(fix.input, {fix.things[thing]})) {
      // In the parameters' own world or in the other values': enough for most.
      static_cast<void>(obstacle(context_, [&] { look_into(fix, world, thing, open); }));
    }
    {
      const std::lock_guard lock(mutex_);
      if (--fix.left == 0) {
        delete_from(fix);
      }
    }
    done(fix.input.fix);
  }

  /// Takes away from `open` the questions whose property is violated in this world.
  void look_into(Of& fix, const Relaxed& world, std::size_t thing, std::vector<std::size_t>& open) {
    constexpr std::uint64_t few = 300'000;
    if (open.empty()) {
      return;
    }
    const Clock::time_point start = Clock::now();
    const std::vector<std::size_t> asked = open;
    std::vector<std::string> names;
    for (const std::size_t i : asked) {
      names.push_back(fix.input.questions[i].property);
    }
    EngineContext own = context_;
    own.jobs = 1;
    const std::vector<Outcome> outcomes =
        RelaxedQuestion(fix.input.build(world), names, fix.input.more_pins).search(few, own);
    const double share = seconds_since(start) / static_cast<double>(asked.size());
    const std::lock_guard lock(mutex_);
    open.clear();
    for (std::size_t k = 0; k < asked.size(); ++k) {
      Needs& needs = fix.needs[asked[k]];
      ++needs.questions;
      needs.seconds += share;
      if (outcomes[k].answer == Reachability::reachable) {
        fix.needed[asked[k]][thing] = true;
      } else {
        open.push_back(asked[k]);
      }
    }
  }

  void done(const std::string& what) {
    const std::lock_guard lock(mutex_);
    ++done_;
    if (progress_) {
      progress_(done_, total_, what);
    }
  }

  EngineContext context_;
  const NeedsProgress& progress_;
  Tasks tasks_;
  std::vector<Of> fixes_;
  std::mutex mutex_;
  std::size_t done_ = 0;
  std::size_t total_ = 0;
};

}  // namespace

std::vector<std::vector<Needs>> find_needs(std::span<const NeedsInput> fixes,
                                           const EngineContext& context,
                                           const NeedsProgress& progress) {
  return NeedsSearch(fixes, context, progress).run();
}

}  // namespace airlock
