// Judging a mutant, the cheapest question first.
//
// Most mutants break something soon, so all properties that the original keeps are asked about in
// one search for a state that violates any of them: breadth first, it stops at the first. (Whether
// the vCPU can always go on needs the whole system, and is asked after the others.) What survives
// is run beside the original under the same choices; what differs is asked about the properties
// that the original violates. A mutant that is undecided, for whatever reason, counts as a
// survivor.
#include "checker/compare/mutation.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <stdexcept>

#include "checker/compare/tasks.hpp"
#include "checker/explore/explore.hpp"
#include "checker/trace/trace.hpp"
#include "model/system/input_error.hpp"
#include "model/system/interpreter.hpp"
#include "model/system/reduce.hpp"

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

class Judge {
 public:
  Judge(const std::vector<MutantInput>& mutants, const Pins& chosen, const EngineContext& context)
      : mutants_(mutants), chosen_(chosen), context_(context) {
    context_.jobs = 1;
    context_.progress = nullptr;
  }

  void look_at(const MutantInput& original, MutationResult& result) {
    const TransitionSystem system = pinned(original.build());
    for (const Property& property : system.properties) {
      if (property.kind == PropertyKind::reachable) {
        continue;
      }
      const Answer answer = search(system, {property.name}, context_);
      if (answer.violated == Reachability::unknown) {
        throw std::runtime_error("the original is undecided about " + property.name + ": " +
                                 answer.reason);
      }
      (answer.violated == Reachability::reachable ? result.violated : result.kept)
          .push_back(property.name);
    }
    for (const std::string& name : result.kept) {
      (name == "always_can_continue" ? last_ : first_).push_back(name);
    }
    violated_ = result.violated;
    result.costs = cost(original);
  }

  MutantResult judge(std::size_t index) const {
    const Clock::time_point start = Clock::now();
    MutantResult result;
    try {
      decide(mutants_[index], result);
    } catch (const InputError& error) {
      result.verdict = MutantVerdict::invalid;
      result.reason = error.what();
    } catch (const std::bad_alloc&) {
      result.verdict = MutantVerdict::survived;
      result.reason = "undecided: out of memory";
    }
    result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return result;
  }

 private:
  [[nodiscard]] TransitionSystem pinned(const TransitionSystem& system) const {
    return pin(system, default_pins(system, chosen_));
  }

  [[nodiscard]] Costs cost(const MutantInput& input) const {
    const CostSystem system = input.build_for_cost();
    return measure_cost(system, default_pins(system.system, chosen_), context_);
  }

  void decide(const MutantInput& mutant, MutantResult& result) const {
    const TransitionSystem system = pinned(mutant.build());
    for (const std::vector<std::string>* names : {&first_, &last_}) {
      const Answer answer = search(system, *names, context_);
      if (answer.violated == Reachability::reachable) {
        result.verdict = MutantVerdict::caught;
        result.property = answer.property;
        result.steps = answer.steps;
        return;
      }
      if (answer.violated == Reachability::unknown) {
        result.reason = "undecided: " + answer.reason;
        return;
      }
    }
    if (is_equivalent(mutant, result)) {
      result.verdict = MutantVerdict::equivalent;
      result.costs = cost(mutant);
      return;
    }
    for (const std::string& name : violated_) {
      if (search(system, {name}, context_).violated == Reachability::unreachable) {
        result.verdict = MutantVerdict::stronger;
        result.property = name;
        return;
      }
    }
  }

  bool is_equivalent(const MutantInput& mutant, MutantResult& result) const {
    const TransitionSystem product = pinned(mutant.build_equivalence());
    const Answer answer = search(product, {product.properties.front().name}, context_);
    if (answer.violated == Reachability::unknown) {
      result.reason = "undecided whether it is equivalent: " + answer.reason;
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
