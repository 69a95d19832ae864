// An input bit b is eliminated by Shannon expansion: there is a b such that g, exactly if g with b
// = 0 or g with b = 1. Guards are conjunctions, and only the conjuncts that mention b take part
// (early quantification), so the expression grows with the bits that hang together rather than with
// all of them. Bits that the guard does not depend on need no expansion. Low bits go first: a
// comparison with a constant then loses a bit at each step (expr_simplify_compare.cpp) and stays as
// small as it was, however wide the input. What grows all the same is given up, by its size.
#include "model/system/quantify.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "model/system/demand.hpp"
#include "model/system/known_bits.hpp"

namespace airlock {
namespace {

constexpr std::size_t max_nodes = 200'000;

Expr with_input_bit(Expr e, InputId id, unsigned bit_number, bool value) {
  ExprPool& pool = e.pool();
  Rewriter rewrite(pool, [&](Expr leaf) {
    if (leaf.op() != Op::input || leaf.index() != id) {
      return leaf;
    }
    return leaf.is_bool() ? pool.boolean(value) : with_bit(leaf, bit_number, pool.boolean(value));
  });
  return rewrite(e);
}

bool depends_on(Expr e, InputId id, unsigned bit_number) {
  const Demand demand = demand_of(std::vector<Expr>{e});
  const auto found = demand.inputs.find(id);
  return found != demand.inputs.end() && ((found->second >> bit_number) & 1U) != 0;
}

Expr conjunction(ExprPool& pool, const std::vector<Expr>& parts) {
  Expr result = pool.boolean(true);
  for (const Expr part : parts) {
    result = result & part;
  }
  return result;
}

Expr without_input_bit(Expr e, InputId id, unsigned bit_number) {
  std::vector<Expr> parts = conjuncts(e);
  const auto middle = std::stable_partition(
      parts.begin(), parts.end(), [&](Expr part) { return !depends_on(part, id, bit_number); });
  const Expr apart = conjunction(e.pool(), {parts.begin(), middle});
  const Expr mentions = conjunction(e.pool(), {middle, parts.end()});
  return apart & (with_input_bit(mentions, id, bit_number, false) |
                  with_input_bit(mentions, id, bit_number, true));
}

/// Input bits that do not matter still stand in the expression; any value will do for them.
Expr without_idle(Expr e, const std::function<bool(InputId)>& which) {
  ExprPool& pool = e.pool();
  Rewriter rewrite(pool, [&](Expr leaf) {
    return leaf.op() == Op::input && which(leaf.index()) ? pool.constant(leaf.sort(), 0) : leaf;
  });
  return rewrite(e);
}

}  // namespace

Expr for_some_input(const TransitionSystem& system, Expr e,
                    const std::function<bool(InputId)>& which, const std::string& what) {
  const Demand demand = demand_of(std::vector<Expr>{e});
  for (const auto& [id, mask] : demand.inputs) {
    for (unsigned i = 0; which(id) && i < system.inputs[id].sort.width(); ++i) {
      if (((mask >> i) & 1U) != 0) {
        e = without_input_bit(e, id, i);
        if (node_count(e, max_nodes) > max_nodes) {
          throw std::length_error(what + " depends on its choices in too many ways");
        }
      }
    }
  }
  return without_idle(e, which);
}

}  // namespace airlock
