// Two systems, node by node.
//
// Both come out of the same program text and the same passes, so that what is the same has the same
// numbers: nothing is searched for, variables, inputs and rules are compared place by place. Pools
// make equal nodes one, so the other system's nodes are rebuilt in the first one's pool and
// compared there.
#include "checker/compare/same_system.hpp"

#include <algorithm>

namespace airlock {

bool is_same(const Reduction& one, const Reduction& other) {
  const TransitionSystem& a = one.system();
  const TransitionSystem& b = other.system();
  if (a.variables.size() != b.variables.size() || a.rules.size() != b.rules.size() ||
      a.initial_constraint.valid() != b.initial_constraint.valid()) {
    return false;
  }
  bool same = true;
  Rewriter imported(*a.pool, [&](Expr leaf) {
    const bool variable = leaf.op() == Op::variable;
    same = same && (variable ? leaf.index() < a.variables.size() : leaf.index() < a.inputs.size());
    if (!same) {
      return a.pool->constant(leaf.sort(), 0);
    }
    const Expr mine = variable ? a.variable(leaf.index()) : a.input(leaf.index());
    same = mine.sort() == leaf.sort();
    return same ? mine : a.pool->constant(leaf.sort(), 0);
  });
  const auto equal = [&](Expr mine, Expr theirs) {
    return mine.sort() == theirs.sort() && mine == imported(theirs) && same;
  };
  for (std::size_t i = 0; i < a.variables.size(); ++i) {
    if (a.variables[i].sort != b.variables[i].sort ||
        !equal(a.variables[i].initial, b.variables[i].initial)) {
      return false;
    }
  }
  for (std::size_t i = 0; i < a.rules.size(); ++i) {
    const Rule& mine = a.rules[i];
    const Rule& theirs = b.rules[i];
    if (mine.updates.size() != theirs.updates.size() || !equal(mine.guard, theirs.guard)) {
      return false;
    }
    for (std::size_t u = 0; u < mine.updates.size(); ++u) {
      if (mine.updates[u].variable != theirs.updates[u].variable ||
          !equal(mine.updates[u].value, theirs.updates[u].value)) {
        return false;
      }
    }
  }
  return (!a.initial_constraint.valid() || equal(a.initial_constraint, b.initial_constraint)) &&
         std::equal(one.targets().begin(), one.targets().end(), other.targets().begin(),
                    other.targets().end(), equal);
}

}  // namespace airlock
