// Three-valued bits: what is known of a value, bit by bit. The abstract domain of narrowing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/system/expr.hpp"

namespace airlock {

/// A set of values of one sort: those that agree with `value` on the bits of `known`. Bits beyond
/// the sort's width are 0 in both; `value` has no bit outside `known`.
struct KnownBits {
  std::uint64_t known = 0;
  std::uint64_t value = 0;

  static KnownBits anything() { return {}; }
  static KnownBits exactly(Sort sort, std::uint64_t value) { return {sort.mask(), value}; }
  /// The values 0..bound: the leading zeros of `bound` are known.
  static KnownBits at_most(Sort sort, std::uint64_t bound);
  [[nodiscard]] bool is_exact(Sort sort) const { return known == sort.mask(); }
  [[nodiscard]] std::uint64_t min() const { return value; }
  [[nodiscard]] std::uint64_t max(Sort sort) const { return value | (sort.mask() & ~known); }
  [[nodiscard]] bool contains(std::uint64_t v) const { return (v & known) == value; }
  friend bool operator==(const KnownBits&, const KnownBits&) = default;
};

/// The smallest superset of both.
KnownBits join(const KnownBits& a, const KnownBits& b);

/// What is known of `op` applied to any of the values in `args`; a superset of the exact image.
/// `node` supplies the sorts (and an extract's range); its arguments are not looked at otherwise.
KnownBits transfer(Expr node, std::span<const KnownBits> args);

/// What holds where a condition is true: nodes whose value it settles, and bits of variables.
struct Facts {
  std::unordered_map<std::uint32_t, KnownBits> nodes;  ///< by Expr::id, all exact
  std::unordered_map<VarId, KnownBits> variables;
};

/// The conjuncts of a Bool, and-nodes taken apart.
std::vector<Expr> conjuncts(Expr condition);

/// What the conjuncts of `condition` state outright (`p`, `!p`, `constant == e`): expressions with
/// the value that they have wherever it holds.
std::vector<std::pair<Expr, std::uint64_t>> settled_by(Expr condition);

/// The same as facts.
Facts facts_of(Expr condition);

/// The nodes below `roots`, arguments before the nodes made from them.
std::vector<Expr> nodes_below(std::span<const Expr> roots);

/// Evaluates `nodes` (as nodes_below gives them) with the variables known as said, inputs
/// unknown and, if given, `facts` on top. The result is by node id.
std::unordered_map<std::uint32_t, KnownBits> known_values(std::span<const Expr> nodes,
                                                          std::span<const KnownBits> variables,
                                                          const Facts* facts = nullptr);

}  // namespace airlock
