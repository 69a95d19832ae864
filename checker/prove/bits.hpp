// Expressions as Z3's Boolean terms, one a bit. Internal to checker/prove.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>
#include <z3++.h>

#include "model/system/expr.hpp"

namespace airlock::prove {

/// One Boolean term per bit, lowest first. A Bool is one bit.
using Bits = std::vector<z3::expr>;

/// Boolean terms with constants folded away. Z3 hash-conses terms, so the tests are on pointers.
class Gates {
 public:
  explicit Gates(z3::context& context);
  [[nodiscard]] z3::context& context() const { return yes_.ctx(); }
  [[nodiscard]] const z3::expr& constant(bool value) const { return value ? yes_ : no_; }
  [[nodiscard]] bool is_true(const z3::expr& a) const { return z3::eq(a, yes_); }
  [[nodiscard]] bool is_false(const z3::expr& a) const { return z3::eq(a, no_); }
  [[nodiscard]] z3::expr negate(const z3::expr& a) const;
  [[nodiscard]] z3::expr conjoin(const z3::expr& a, const z3::expr& b) const;
  [[nodiscard]] z3::expr disjoin(const z3::expr& a, const z3::expr& b) const;
  [[nodiscard]] z3::expr differ(const z3::expr& a, const z3::expr& b) const;
  [[nodiscard]] z3::expr same(const z3::expr& a, const z3::expr& b) const;
  [[nodiscard]] z3::expr select(const z3::expr& c, const z3::expr& a, const z3::expr& b) const;
  [[nodiscard]] z3::expr any(const std::vector<z3::expr>& terms) const;
  [[nodiscard]] z3::expr all(const std::vector<z3::expr>& terms) const;
  /// "bits == value".
  [[nodiscard]] z3::expr equals(const Bits& bits, std::uint64_t value) const;
  [[nodiscard]] Bits constant(Sort sort, std::uint64_t value) const;
  /// Fresh Boolean constants.
  [[nodiscard]] Bits fresh(Sort sort, const std::string& name) const;

 private:
  z3::expr yes_;
  z3::expr no_;
};

/// Expr -> bits, for one meaning of the leaves (one time frame). Shared nodes are translated once.
class Translator {
 public:
  using Leaf = std::function<Bits(Expr variable_or_input)>;
  Translator(const Gates& gates, Leaf leaf) : gates_(&gates), leaf_(std::move(leaf)) {}
  const Bits& operator()(Expr e);
  z3::expr boolean(Expr e) { return (*this)(e)[0]; }

 private:
  Bits translate(Expr e);
  const Gates* gates_;
  Leaf leaf_;
  std::unordered_map<std::uint32_t, Bits> memo_;  // by node id
};

}  // namespace airlock::prove
