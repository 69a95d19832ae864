// Bounded model checking (Biere, Cimatti, Clarke, Zhu, Symbolic Model Checking without BDDs, TACAS
// 1999), incrementally (Een, Sorensson 2003): one solver, one more step at a time, one query per
// depth under an assumption. A depth that is refuted leaves behind the fact that its state is no
// target, so every query asks only for paths of exactly its length, and the first one found is
// shortest. What is particular here is the unrolling: see unroll.cpp.
#include <limits>

#include "checker/prove/prove.hpp"
#include "checker/prove/unroll.hpp"

namespace airlock {
namespace {

using namespace prove;

constexpr std::uint64_t any_length = std::numeric_limits<std::uint64_t>::max();

void search(const TransitionSystem& system, Expr target, const EngineContext& context,
            std::optional<std::uint64_t> max_depth, Outcome& outcome) {
  const ControlGraph graph = control_graph(system, target);
  const SolverContext owner(context);
  z3::context& z3 = owner.get();
  const Watchdog watchdog(z3, context);
  const Gates gates(z3);
  z3::solver solver = make_large_solver(z3);
  Unrolling unrolling(system, graph, solver, gates, Unrolling::Start::initial);
  while (true) {
    outcome.depth = unrolling.depth();
    if (context.progress) {
      context.progress({"bmc", unrolling.depth(), 0});
    }
    z3::expr_vector assumptions(z3);
    assumptions.push_back(unrolling.target_here(target));
    if (satisfiable(solver, assumptions, context)) {
      Path path = unrolling.read_path(solver.get_model());
      confirm_path(system, target, path);
      outcome.answer = Reachability::reachable;
      outcome.path = std::move(path);
      outcome.shortest = true;
      return;
    }
    outcome.no_path_within = unrolling.depth();
    if (solver.unsat_core().empty()) {
      outcome.no_path_within = any_length;
      throw Undecided("no path is as long as " + std::to_string(unrolling.depth()) +
                      " steps, and none leads to a target; bounded search does not claim that it "
                      "cannot be reached");
    }
    solver.add(!assumptions[0]);
    solver.add(gates.negate(unrolling.at(unrolling.depth(), target)));
    if (max_depth && unrolling.depth() >= *max_depth) {
      throw Undecided("no path of up to " + std::to_string(*max_depth) + " steps");
    }
    if (!unrolling.extend()) {
      outcome.no_path_within = any_length;
      throw Undecided("no path of more than " + std::to_string(unrolling.depth()) +
                      " steps could lead to a target; bounded search does not claim that it cannot "
                      "be reached");
    }
  }
}

}  // namespace

Outcome bounded_search(const TransitionSystem& system, Expr target, const EngineContext& context,
                       std::optional<std::uint64_t> max_depth) {
  return run_engine("bmc", context,
                    [&](Outcome& outcome) { search(system, target, context, max_depth, outcome); });
}

}  // namespace airlock
