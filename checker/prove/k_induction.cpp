// k-induction (Sheeran, Singh, Stalmarck, Checking Safety Properties Using Induction and a
// SAT-Solver, FMCAD 2000). If no path of fewer than k steps from an initial state meets the target
// (the base, a bounded search), and no path of k steps through pairwise different states without
// the target ends in it, wherever it starts (the step), then no path does.
//
// "Pairwise different" makes the method complete for finite systems, and is quadratic in k. It is
// added lazily (Een, Sorensson 2003): only when the step's counterexample visits a state twice are
// those two states told to differ. The step starts at any location of the control flow graph, not
// in any state at all, which spares it most unreachable states.
//
// Complete does not mean quick: k may have to grow to the length of the longest path without
// repetition. Then the context's deadline ends the run with `unknown`. A proof with k = 1 and
// without repetition constraints has an invariant (no target, and a known location); longer ones
// have none that is short, so Outcome::invariant stays empty.
#include <map>

#include "checker/prove/invariant.hpp"
#include "checker/prove/prove.hpp"
#include "checker/prove/unroll.hpp"

namespace airlock {
namespace {

using namespace prove;

class KInduction {
 public:
  KInduction(const TransitionSystem& system, Expr target, const EngineContext& context)
      : system_(system),
        target_(target),
        context_(context),
        graph_(control_graph(system, target)),
        watchdog_(z3_, context),
        gates_(z3_),
        base_solver_(make_large_solver(z3_)),
        step_solver_(make_large_solver(z3_)),
        base_(system, graph_, base_solver_, gates_, Unrolling::Start::initial),
        step_(system, graph_, step_solver_, gates_, Unrolling::Start::anywhere) {}

  void run(Outcome& outcome) {
    for (std::uint64_t k = 0;; ++k) {
      outcome.depth = k;
      if (context_.progress) {
        context_.progress({"induction", k, 0});
      }
      if (std::optional<Path> path = base_case()) {
        confirm_path(system_, target_, *path);
        outcome.answer = Reachability::reachable;
        outcome.path = std::move(path);
        outcome.shortest = true;
        return;
      }
      // The base has excluded paths of up to k steps: the step may assume k + 1 states.
      if (base_ended_ || !step_case()) {
        outcome.answer = Reachability::unreachable;
        if (k <= 1 && !base_ended_ && !simple_) {
          give_invariant(outcome);
        }
        return;
      }
      base_ended_ = !base_.extend();
      step_ended_ = !step_.extend();
    }
  }

 private:
  /// A path of base_.depth() steps to the target. Shorter ones have been excluded.
  std::optional<Path> base_case() {
    if (base_ended_) {
      return std::nullopt;
    }
    z3::expr_vector assumptions(z3_);
    assumptions.push_back(base_.target_here(target_));
    if (satisfiable(base_solver_, assumptions, context_)) {
      return base_.read_path(base_solver_.get_model());
    }
    base_ended_ = base_solver_.unsat_core().empty();  // no path at all is this long
    base_solver_.add(!assumptions[0]);
    base_solver_.add(gates_.negate(base_.at(base_.depth(), target_)));
    return std::nullopt;
  }

  /// Whether the target can follow step_.depth() different states without it.
  bool step_case() {
    if (step_ended_) {
      return false;
    }
    z3::expr_vector assumptions(z3_);
    assumptions.push_back(step_.target_here(target_));
    while (satisfiable(step_solver_, assumptions, context_)) {
      if (!separate(step_solver_.get_model())) {
        step_solver_.add(!assumptions[0]);
        step_solver_.add(gates_.negate(step_.at(step_.depth(), target_)));
        return true;
      }
    }
    return false;
  }

  /// Tells the states that coincide in `model` to differ; false if none do.
  bool separate(const z3::model& model) {
    std::map<State, std::uint64_t> seen;
    bool any = false;
    for (std::uint64_t i = 0; i <= step_.depth(); ++i) {
      const auto [found, is_new] = seen.emplace(step_.read_state(model, i), i);
      if (!is_new) {
        step_solver_.add(step_.different(found->second, i));
        any = true;
      }
    }
    simple_ = simple_ || any;
    return any;
  }

  void give_invariant(Outcome& outcome) {
    Expr somewhere = system_.pool->boolean(false);
    for (const Location& location : graph_.locations) {
      Expr here = system_.pool->boolean(true);
      for (std::size_t i = 0; i < graph_.control.size(); ++i) {
        const Expr variable = system_.variable(graph_.control[i]);
        here = here & eq(variable, same_sort(variable, location.values[i]));
      }
      somewhere = somewhere | here;
    }
    outcome.invariant = somewhere & !target_;
    require_invariant(system_, target_, outcome.invariant, context_);
  }

  const TransitionSystem& system_;
  Expr target_;
  const EngineContext& context_;
  ControlGraph graph_;
  SolverContext owner_{context_};
  z3::context& z3_ = owner_.get();
  Watchdog watchdog_;
  Gates gates_;
  z3::solver base_solver_;
  z3::solver step_solver_;
  Unrolling base_;
  Unrolling step_;
  bool base_ended_ = false;  // no path is longer
  bool step_ended_ = false;
  bool simple_ = false;  // the step relies on states being different
};

}  // namespace

Outcome k_induction(const TransitionSystem& system, Expr target, const EngineContext& context) {
  return run_engine("induction", context,
                    [&](Outcome& outcome) { KInduction(system, target, context).run(outcome); });
}

}  // namespace airlock
