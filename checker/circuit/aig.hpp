// And-inverter graphs, and expressions as such.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/system/expr.hpp"

namespace airlock::circuit {

/// A node and whether it is negated: 2 * node + negated. Node 0 is the constant false.
using Literal = std::uint32_t;
constexpr Literal lit_false = 0;
constexpr Literal lit_true = 1;
constexpr Literal negated(Literal a) {
  return a ^ 1U;
}

/// Gates with two inputs, each at most once (structural hashing), and leaves.
class Aig {
 public:
  struct Gate {
    Literal a = lit_false;
    Literal b = lit_false;  ///< both 0: a leaf
  };

  Literal leaf();
  Literal conjoin(Literal a, Literal b);
  Literal disjoin(Literal a, Literal b) { return negated(conjoin(negated(a), negated(b))); }
  Literal differ(Literal a, Literal b);
  Literal select(Literal condition, Literal then, Literal otherwise);

  /// By node. Gates come after their inputs.
  [[nodiscard]] const std::vector<Gate>& nodes() const { return nodes_; }
  [[nodiscard]] bool is_gate(std::uint32_t node) const { return nodes_[node].b != 0; }

 private:
  std::vector<Gate> nodes_{Gate{}};
  std::unordered_map<std::uint64_t, Literal> gates_;
};

/// The lowest bit first.
using Word = std::vector<Literal>;

/// Expressions as words of gates. Each node of the pool is built once.
class BitBlaster {
 public:
  /// `leaf` gives the word of a variable or an input.
  BitBlaster(Aig& aig, std::function<Word(Expr)> leaf) : aig_(aig), leaf_(std::move(leaf)) {}
  Word operator()(Expr e);
  /// Of a Bool.
  Literal boolean(Expr e) { return (*this)(e).front(); }

 private:
  Word build(Expr e);
  Word bitwise(Expr e, Literal (Aig::*gate)(Literal, Literal));
  Word sum(const Word& a, const Word& b, Literal carry);
  Word product(const Word& a, const Word& b);
  std::pair<Word, Word> quotient_and_rest(const Word& a, const Word& b);
  Word shifted(Expr e);
  Literal less(const Word& a, const Word& b, bool or_equal);
  Literal equal(const Word& a, const Word& b);
  Word select(Literal condition, const Word& then, const Word& otherwise);

  Aig& aig_;
  std::function<Word(Expr)> leaf_;
  std::unordered_map<std::uint32_t, Word> memo_;
};

}  // namespace airlock::circuit
