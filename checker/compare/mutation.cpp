// Judging a mutant, the cheapest question first.
//
// Most mutants break something soon, so all properties that the original keeps are asked about in
// one search for a state that violates any of them: breadth first, it stops at the first. (Whether
// the vCPU can always go on needs the whole system, and is asked after the others.) A mutant under
// which the guest never runs keeps every always_ property: so it must also get where the original
// gets, by the reachable_ properties and by completing an entry of the guest. What survives is run
// beside the original under the same inputs; what differs is asked about the properties
// that the original violates. A mutant that is undecided, for whatever reason, counts as a
// survivor, and is said to be undecided. While it is open what the original keeps or reaches, a
// mutant could be judged by too little: so then all are undecided.
//
// A mutant that keeps such a property may do so in vain: "with GIF=1, DebugCtl is the host's" is
// kept by one under which GIF is 0 for ever once the guest has run. So every part of every property
// (checker/coverage/clauses.hpp) that the original needs somewhere, and again after its guest has
// run, the mutant must need there too; else it is a survivor. That is more than vacuity: a mutant
// under which a condition always holds needs no exception from it and would be stronger in earnest.
// So "stronger" is never said in vain, and sometimes not said where it could be.
#include "checker/compare/mutation.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>
#include <stdexcept>

#include "checker/compare/tasks.hpp"
#include "checker/coverage/clauses.hpp"
#include "checker/explore/explore.hpp"
#include "checker/trace/trace.hpp"
#include "model/system/input_error.hpp"
#include "model/system/interpreter.hpp"
#include "model/system/reduce.hpp"
#include "model/system/stop.hpp"

namespace airlock {
namespace {

using Clock = std::chrono::steady_clock;

/// A violation of one of several properties, or why there is none.
struct Answer {
  Reachability violated = Reachability::unknown;
  std::string property;
  std::size_t steps = 0;
  std::string reason;
};

/// Searches `system`, pinned, for a state that violates any of `names`.
Answer search(const TransitionSystem& system, const std::vector<std::string>& names,
              const EngineContext& context) {
  Answer answer;
  if (names.empty()) {
    answer.violated = Reachability::unreachable;
    return answer;
  }
  Expr any = system.pool->boolean(false);
  for (const std::string& name : names) {
    const Property* property = system.find_property(name);
    if (property == nullptr) {
      throw std::logic_error("a mutant has no property '" + name + "'");
    }
    any = any || target_of(*property);
  }
  const std::vector<Expr> targets{any};
  const Reduction reduction(system, targets);
  const ExploreResult found = explore(reduction.system(), reduction.targets(), context);
  const Outcome& outcome = found.outcomes.front();
  answer.violated = outcome.answer;
  answer.reason = outcome.reason;
  if (outcome.path) {
    Path path = reduction.lift(*outcome.path);
    const State last = replay(system, path).back();
    for (const std::string& name : names) {
      const Property& property = *system.find_property(name);
      if (answer.property.empty() && evaluate(target_of(property), last) != 0) {
        answer.property = name;
        answer.steps = make_trace(system, property, path).steps();
      }
    }
    if (answer.property.empty()) {
      throw std::logic_error("a path to a violation replays but violates nothing");
    }
  }
  return answer;
}

/// A part of a property, before or after the guest has run, and whether it is needed there.
struct Need {
  std::string property;
  std::string part;
  bool after_run;
  Reachability answer = Reachability::unknown;
  std::string reason;
};

/// What the parts of all properties are needed for in a system, in the properties' order. Looked
/// for are those that are reachable in `wanted`, if given, which is about the same properties.
std::vector<Need> needs_of(const WorldThatRemembers& world, const std::vector<Need>* wanted,
                           const EngineContext& context) {
  std::vector<Need> needs;
  std::vector<std::size_t> asked;
  std::vector<Expr> targets;
  for (const Property& property : world.system.properties) {
    for (const ClauseCheck& clause : clauses_of(world.system, property, {}).clauses) {
      if (clause.kind != ClauseCheck::Kind::part) {
        continue;
      }
      for (const bool after : {false, true}) {
        const std::size_t index = needs.size();
        needs.push_back({property.name, clause.part, after, Reachability::unknown, {}});
        if (wanted == nullptr || wanted->at(index).answer == Reachability::reachable) {
          asked.push_back(index);
          targets.push_back(after ? clause.witness.predicate & world.guest_has_run
                                  : clause.witness.predicate);
        }
      }
    }
  }
  if (targets.empty()) {
    return needs;
  }
  const Reduction reduction(world.system, targets);
  const ExploreResult found = explore(reduction.system(), reduction.targets(), context);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    needs[asked[i]].answer = found.outcomes[i].answer;
    needs[asked[i]].reason = found.outcomes[i].reason;
  }
  return needs;
}

class Judge {
 public:
  Judge(const std::vector<MutantInput>& mutants, const Pins& chosen, const EngineContext& context)
      : mutants_(mutants), chosen_(chosen), context_(context) {
    context_.jobs = 1;
    context_.progress = nullptr;
  }

  void look_at(const MutantInput& original, MutationResult& result) {
    const StopScope scope([this] { return context_.should_stop(); });
    try {
      ask_about(original, result);
    } catch (const Stopped&) {
      result.undecided = std::string("the original was not judged: ") + context_.why_stopped();
    } catch (const std::bad_alloc&) {
      result.undecided = "the original was not judged: out of memory";
    }
  }

  MutantResult judge(std::size_t index) const {
    const Clock::time_point start = Clock::now();
    MutantResult result;
    const StopScope scope([this] { return context_.should_stop(); });
    try {
      if (context_.should_stop()) {
        throw Stopped();
      }
      if (const auto system = program(mutants_[index], result)) {
        decide(mutants_[index], *system, result);
      }
    } catch (const Stopped&) {
      leave_open(result, std::string("undecided: ") + context_.why_stopped());
    } catch (const InputError& error) {
      leave_open(result, std::string("undecided: ") + error.what());
    } catch (const std::bad_alloc&) {
      leave_open(result, "undecided: out of memory");
    }
    result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return result;
  }

  static void leave_open(MutantResult& result, const std::string& reason) {
    result.verdict = MutantVerdict::survived;
    result.undecided = true;
    result.reason = reason;
  }

 private:
  /// What it keeps, violates and reaches, until something is undecided.
  void ask_about(const MutantInput& original, MutationResult& result) {
    original_ = &original;
    const TransitionSystem system = pinned(original.build());
    for (const Property& property : system.properties) {
      if (!claims_something(property)) {
        continue;
      }
      const Answer answer = search(system, {property.name}, context_);
      if (answer.violated == Reachability::unknown) {
        result.undecided =
            "the original is undecided about " + property.name + ": " + answer.reason;
        return;
      }
      if (property.kind == PropertyKind::reachable) {
        if (answer.violated == Reachability::reachable) {
          result.reached.push_back(property.name);
        }
        continue;
      }
      (answer.violated == Reachability::reachable ? result.violated : result.kept)
          .push_back(property.name);
    }
    for (const std::string& name : result.kept) {
      (name == "always_can_continue" ? last_ : first_).push_back(name);
    }
    violated_ = result.violated;
    reached_ = result.reached;
    result.costs = cost(original);
    if (!result.costs.reason.empty()) {
      result.undecided = "it is undecided whether the original completes an entry of the guest: " +
                         result.costs.reason;
    }
    completes_entry_ = result.costs.entry.rdmsr.has_value();
  }

  [[nodiscard]] TransitionSystem pinned(const TransitionSystem& system) const {
    return pin(system, default_pins(system, chosen_));
  }

  [[nodiscard]] Costs cost(const MutantInput& input) const {
    const CostSystem system = input.build_for_cost();
    return measure_cost(system, default_pins(system.system, chosen_), context_);
  }

  /// Nothing if the mutant is no program.
  std::optional<TransitionSystem> program(const MutantInput& mutant, MutantResult& result) const {
    try {
      return pinned(mutant.build());
    } catch (const InputError& error) {
      result.verdict = MutantVerdict::invalid;
      result.reason = error.what();
      return std::nullopt;
    }
  }

  void decide(const MutantInput& mutant, const TransitionSystem& system,
              MutantResult& result) const {
    for (const std::vector<std::string>* names : {&first_, &last_}) {
      const Answer answer = search(system, *names, context_);
      if (answer.violated == Reachability::reachable) {
        result.verdict = MutantVerdict::caught;
        result.property = answer.property;
        result.steps = answer.steps;
        return;
      }
      if (answer.violated == Reachability::unknown) {
        leave_open(result, "undecided: " + answer.reason);
        return;
      }
    }
    const Costs costs = cost(mutant);
    if (!gets_anywhere(system, costs, result)) {
      return;
    }
    if (is_equivalent(mutant, result)) {
      result.verdict = MutantVerdict::equivalent;
      result.costs = costs;
      return;
    }
    std::string open;
    for (const std::string& name : violated_) {
      const Answer answer = search(system, {name}, context_);
      if (answer.violated == Reachability::unknown) {
        open = "undecided whether it keeps " + name + ": " + answer.reason;
      } else if (answer.violated == Reachability::unreachable) {
        is_stronger(mutant, name, result);
        break;
      }
    }
    if (!open.empty() && result.verdict == MutantVerdict::survived) {
      leave_open(result, result.reason.empty() ? open : result.reason + "; " + open);
    }
  }

  /// It keeps `kept`, which the original violates, so that they are not equivalent: in earnest?
  void is_stronger(const MutantInput& mutant, const std::string& kept, MutantResult& result) const {
    result.undecided = false;
    const std::vector<Need>& wanted = needs_of_original();
    const std::vector<Need> needs = needs_of(remembering(mutant), &wanted, context_);
    for (std::size_t i = 0; i < needs.size(); ++i) {
      if (wanted[i].answer != Reachability::reachable ||
          needs[i].answer == Reachability::reachable) {
        continue;
      }
      const std::string part = needs[i].property + " needs " + needs[i].part +
                               (needs[i].after_run ? ", once the guest has run" : "");
      if (needs[i].answer == Reachability::unknown) {
        leave_open(result, "keeps " + kept + ", but it is undecided whether " + part + ": " +
                               needs[i].reason);
      } else {
        result.reason =
            "keeps " + kept + ", perhaps in vain: unlike in the original, nowhere " + part;
      }
      return;
    }
    result.verdict = MutantVerdict::stronger;
    result.property = kept;
  }

  [[nodiscard]] WorldThatRemembers remembering(const MutantInput& input) const {
    WorldThatRemembers world = input.build_with_memory();
    world.system = pinned(world.system);
    return world;
  }

  /// Asked about once, by the first mutant that needs to know.
  const std::vector<Need>& needs_of_original() const {
    std::call_once(needs_known_, [this] {
      needs_ = needs_of(remembering(*original_), nullptr, context_);
      for (const Need& need : needs_) {
        if (need.answer == Reachability::unknown) {
          throw InputError({}, "undecided whether the original needs '" + need.part + "' of " +
                                   need.property + ": " + need.reason);
        }
      }
    });
    return needs_;
  }

  /// Where the original gets; else the verdict, or why it is undecided, is in `result`.
  bool gets_anywhere(const TransitionSystem& system, const Costs& costs,
                     MutantResult& result) const {
    if (!costs.reason.empty()) {
      leave_open(result, "undecided: " + costs.reason);
      return false;
    }
    if (completes_entry_ && !costs.entry.rdmsr) {
      result.verdict = MutantVerdict::caught;
      result.property = entry_completes;
      return false;
    }
    for (const std::string& name : reached_) {
      const Answer answer = search(system, {name}, context_);
      if (answer.violated == Reachability::unknown) {
        leave_open(result, "undecided: " + answer.reason);
        return false;
      }
      if (answer.violated == Reachability::unreachable) {
        result.verdict = MutantVerdict::caught;
        result.property = name;
        return false;
      }
    }
    return true;
  }

  bool is_equivalent(const MutantInput& mutant, MutantResult& result) const {
    const TransitionSystem alone = pinned(mutant.build_silence());
    const Answer silent = search(alone, {alone.properties.front().name}, context_);
    if (silent.violated == Reachability::unknown) {
      leave_open(result, "undecided whether it goes on for ever without showing anything: " +
                             silent.reason);
      return false;
    }
    if (silent.violated == Reachability::reachable) {
      result.reason = "may go on for ever without showing anything";
      return false;
    }
    const TransitionSystem product = pinned(mutant.build_equivalence());
    const Answer answer = search(product, {product.properties.front().name}, context_);
    if (answer.violated == Reachability::unknown) {
      leave_open(result, "undecided whether it is equivalent: " + answer.reason);
    } else if (answer.violated == Reachability::reachable) {
      result.reason = "differs from the original after " + std::to_string(answer.steps) +
                      " steps of both together";
    }
    return answer.violated == Reachability::unreachable;
  }

  const std::vector<MutantInput>& mutants_;
  const Pins& chosen_;
  EngineContext context_;
  std::vector<std::string> first_;
  std::vector<std::string> last_;
  std::vector<std::string> violated_;
  std::vector<std::string> reached_;
  bool completes_entry_ = false;
  const MutantInput* original_ = nullptr;
  mutable std::once_flag needs_known_;
  mutable std::vector<Need> needs_;
};

}  // namespace

std::string to_string(MutantVerdict verdict) {
  switch (verdict) {
    case MutantVerdict::invalid: return "invalid";
    case MutantVerdict::caught: return "caught";
    case MutantVerdict::equivalent: return "equivalent";
    case MutantVerdict::stronger: return "stronger";
    case MutantVerdict::survived: break;
  }
  return "survived";
}

MutationResult judge_mutants(const MutantInput& original, const std::vector<MutantInput>& mutants,
                             const Pins& chosen, const EngineContext& context,
                             const std::function<void(std::size_t done)>& progress) {
  MutationResult result;
  Tasks tasks(context.jobs, context.cancelled);
  EngineContext own = context;
  own.cancelled = tasks.cancelled();
  Judge judge(mutants, chosen, own);
  judge.look_at(original, result);
  result.mutants.resize(mutants.size());
  for (MutantResult& each : result.mutants) {  // until it is judged, which being cancelled prevents
    Judge::leave_open(each, "undecided: cancelled");
  }
  if (!result.undecided.empty()) {
    for (MutantResult& each : result.mutants) {
      Judge::leave_open(each, "undecided: " + result.undecided);
    }
    return result;
  }
  std::mutex mutex;
  std::size_t done = 0;
  for (std::size_t i = 0; i < mutants.size(); ++i) {
    tasks.add([&, i] {
      result.mutants[i] = judge.judge(i);
      const std::lock_guard lock(mutex);
      ++done;
      if (progress) {
        progress(done);
      }
    });
  }
  tasks.run();
  return result;
}

}  // namespace airlock
