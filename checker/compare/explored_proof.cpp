// Two engines, one after the other, for what either alone is bad at: explicit search is quick and
// has nothing to show for it; Z3 makes proofs, and is quick where it need not find out what is
// reachable (prove/from_states.cpp).
#include "checker/compare/explored_proof.hpp"

#include <cassert>
#include <stdexcept>

#include "checker/compare/solve.hpp"
#include "checker/explore/explore.hpp"
#include "checker/prove/from_states.hpp"
#include "checker/prove/prove.hpp"

namespace airlock {
namespace {

/// Of clauses; more are left as they are: the question which of them are needed is asked of each.
constexpr std::uint64_t most_to_shrink = 5000;
constexpr std::uint64_t most_columns = std::uint64_t{1} << 30U;  // bytes

}  // namespace

Outcome explored_proof(const Reduction& reduction, const EngineContext& context) {
  assert(reduction.targets().size() == 1 && !reduction.options().dead_variables);
  const TransitionSystem& system = reduction.system();
  StateColumns states(system, context.memory, most_columns);
  Outcome seen = explore(system, reduction.targets(), context, {}, [&](const State& state) {
                   states.add(state);
                 }).outcomes.front();
  if (seen.path) {
    seen.path = reduction.lift(*seen.path);
  }
  if (seen.answer != Reachability::unreachable) {
    return seen;
  }
  states.finish();
  Outcome proof = prove_from_states(system, reduction.targets()[0], states, context);
  proof.states = seen.states;
  proof.seconds += seen.seconds;
  proof.invariant = Expr{};
  if (proof.by_place) {
    try {
      const Invariant small =
          proof.clauses > most_to_shrink
              ? *proof.by_place
              : smallest(system, reduction.targets()[0], *proof.by_place, context);
      proof.by_place = lifted(small, reduction);
    } catch (const std::runtime_error& undecided) {
      proof.answer = Reachability::unknown;
      proof.by_place.reset();
      proof.reason = undecided.what();
    }
  }
  return proof;
}

}  // namespace airlock
