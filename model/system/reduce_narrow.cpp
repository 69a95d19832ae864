// Narrowing: taking constant bits out of variables.
//
// A 64-bit register of which five bits ever change becomes a 5-bit variable. Choice it becomes a
// concatenation of constants and pieces of the narrow variable; writing it writes the changing bits
// of the value. Expressions are rebuilt on top of that, and the pool's simplifier carries the
// constants up: extracts move to the leaves and equalities split over concatenations, so what is
// left is over the changing bits alone. Updates are also simplified by what their guard says, since
// they count only where it holds.
//
// Exact in the strongest sense: the removed bits have one value in every reachable state, so
// reachable states correspond one to one, and so do their transitions. Rules are dropped only if
// they can never fire.
#include <bit>
#include <cassert>

#include "model/system/reduce_passes.hpp"

namespace airlock {
namespace {

/// A maximal run of equal bits of `mask`, from `lo` to `hi`.
struct Run {
  unsigned hi;
  unsigned lo;
  bool set;
};

std::vector<Run> runs_of(Sort sort, std::uint64_t mask) {
  std::vector<Run> runs;
  for (unsigned i = 0; i < sort.width(); ++i) {
    const bool set = ((mask >> i) & 1U) != 0;
    if (!runs.empty() && runs.back().set == set) {
      runs.back().hi = i;
    } else {
      runs.push_back({i, i, set});
    }
  }
  return runs;
}

}  // namespace

Expr gathered(Expr e, std::uint64_t mask) {
  assert((mask & e.sort().mask()) != 0 && (mask & ~e.sort().mask()) == 0);
  if (mask == e.sort().mask()) {
    return e;
  }
  Expr result;
  for (const Run& run : runs_of(e.sort(), mask)) {
    if (run.set) {
      const Expr piece = extract(e, run.hi, run.lo);
      result = result.valid() ? concat(piece, result) : piece;
    }
  }
  return result;
}

Expr scattered(ExprPool& pool, Sort sort, Expr e, std::uint64_t mask, std::uint64_t rest) {
  if (mask == 0) {
    return pool.constant(sort, rest);
  }
  if (mask == sort.mask()) {
    return e;
  }
  Expr result;
  unsigned taken = 0;
  for (const Run& run : runs_of(sort, mask)) {
    const unsigned width = run.hi - run.lo + 1;
    const Expr piece =
        run.set ? pool.extract(e, taken + width - 1, taken) : pool.bits(width, rest >> run.lo);
    taken += run.set ? width : 0;
    result = result.valid() ? pool.concat(piece, result) : piece;
  }
  assert(taken == e.width());
  return result;
}

namespace {

class Narrower {
 public:
  Narrower(const ReductionState& from, std::span<const KnownBits> constant)
      : from_(from),
        constant_(constant),
        rewrite_(*to_.system.pool, [this](Expr leaf) { return leaf_value(leaf); }) {}

  ReductionState run(const std::vector<bool>& enabled) {
    const TransitionSystem& source = from_.system;
    TransitionSystem& target = to_.system;
    target.inputs = source.inputs;
    target.initial_inputs = source.initial_inputs;
    target.assumptions = source.assumptions;
    to_.initial_inputs = from_.initial_inputs;
    to_.constants = from_.constants;
    add_variables();
    if (source.initial_constraint.valid()) {
      target.initial_constraint = rewrite_(source.initial_constraint);
    }
    for (const Expr t : from_.targets) {
      to_.targets.push_back(rewrite_(t));
    }
    for (std::size_t i = 0; i < source.rules.size(); ++i) {
      if (enabled[i]) {
        add_rule(source.rules[i], from_.rules[i]);
      }
    }
    keep_names();
    return std::move(to_);
  }

 private:
  [[nodiscard]] std::uint64_t changing(VarId id) const {
    return from_.system.variables[id].sort.mask() & ~constant_[id].known;
  }

  void add_variables() {
    const auto& variables = from_.system.variables;
    for (VarId id = 0; id < variables.size(); ++id) {
      new_id_.push_back(static_cast<VarId>(to_.system.variables.size()));
      const std::uint64_t mask = changing(id);
      if (mask == 0) {
        continue;
      }
      const Variable& old = variables[id];
      const bool whole = mask == old.sort.mask();
      const auto width = static_cast<unsigned>(std::popcount(mask));
      to_.system.variables.push_back({old.name, whole ? old.sort : Sort::bits(width), Expr{},
                                      whole ? old.display : Display{}, old.owner, old.cpu,
                                      old.copy});
      ValueOrigin origin;
      for (unsigned i = 0; i < old.sort.width(); ++i) {
        if (((mask >> i) & 1U) != 0) {
          origin.push_back(from_.variables[id][i]);
        }
      }
      to_.variables.push_back(std::move(origin));
    }
    for (VarId id = 0; id < variables.size(); ++id) {
      if (const std::uint64_t mask = changing(id); mask != 0) {
        to_.system.variables[new_id_[id]].initial = gathered(rewrite_(variables[id].initial), mask);
      }
    }
  }

  Expr leaf_value(Expr leaf) {
    ExprPool& pool = *to_.system.pool;
    if (leaf.op() == Op::input) {
      return pool.input(leaf.sort(), leaf.index());
    }
    const VarId id = leaf.index();
    const std::uint64_t mask = changing(id);
    const Expr narrow = mask == 0 ? Expr{} : to_.system.variable(new_id_[id]);
    return scattered(pool, leaf.sort(), narrow, mask, constant_[id].value);
  }

  void add_rule(const Rule& rule, const RuleOrigin& origin) {
    const Expr guard = rewrite_(rule.guard);
    if (guard.is_false()) {
      return;
    }
    Rule result{rule.name, rule.actor, guard, {}, rule.inputs, rule.causes, rule.agent};
    Rewriter under_guard(*to_.system.pool, [](Expr leaf) { return leaf; });
    state_facts(under_guard, guard);
    for (const Update& update : rule.updates) {
      if (const std::uint64_t mask = changing(update.variable); mask != 0) {
        const Expr value = gathered(rewrite_(update.value), mask);
        result.updates.push_back({new_id_[update.variable], under_guard(value)});
      }
    }
    to_.system.rules.push_back(std::move(result));
    to_.rules.push_back(origin);
  }

  /// Nodes that the guard's conjuncts settle become constants in the updates.
  void state_facts(Rewriter& rewriter, Expr guard) {
    for (const auto& [e, value] : settled_by(guard)) {
      rewriter.replace(e, to_.system.pool->constant(e.sort(), value));
    }
  }

  /// Readings and control variables stay where their variables do.
  void keep_names() {
    for (const VarId id : from_.system.control) {
      if (changing(id) != 0) {
        to_.system.control.push_back(new_id_[id]);
      }
    }
    for (Choice choice : from_.system.choices) {
      if (changing(choice.variable) == from_.system.variables[choice.variable].sort.mask()) {
        choice.variable = new_id_[choice.variable];
        to_.system.choices.push_back(std::move(choice));
      }
    }
  }

  const ReductionState& from_;
  std::span<const KnownBits> constant_;
  ReductionState to_;
  Rewriter rewrite_;
  std::vector<VarId> new_id_;  // by old id; meaningful where bits change
};

}  // namespace

ReductionState without_bits(const ReductionState& state, std::span<const KnownBits> constant,
                            const std::vector<bool>& enabled) {
  return Narrower(state, constant).run(enabled);
}

ReductionState narrowed(const ReductionState& state) {
  const ReachableBits bits = reachable_bits(state.system);
  ReductionState result = without_bits(state, bits.variables, bits.enabled);
  for (VarId id = 0; id < state.system.variables.size(); ++id) {
    for (unsigned i = 0; i < state.system.variables[id].sort.width(); ++i) {
      if (((bits.variables[id].known >> i) & 1U) != 0) {
        const BitOrigin& origin = state.variables[id][i];
        KnownBits& known = result.constants[origin.index];
        known.known |= std::uint64_t{1} << origin.bit;
        known.value |= ((bits.variables[id].value >> i) & 1U) << origin.bit;
      }
    }
  }
  return result;
}

}  // namespace airlock
