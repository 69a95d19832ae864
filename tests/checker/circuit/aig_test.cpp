// Expressions as gates against the reference interpreter.
#include "checker/circuit/aig.hpp"

#include <doctest/doctest.h>
#include <random>

#include "model/system/interpreter.hpp"
#include "tests/support/random_system.hpp"

namespace airlock {
namespace {

using circuit::Aig;
using circuit::BitBlaster;
using circuit::Literal;
using circuit::Word;

/// Values of all nodes, given those of the leaves.
class Simulation {
 public:
  explicit Simulation(const Aig& aig) : aig_(aig), values_(aig.nodes().size(), false) {}
  void set(Literal leaf, bool value) { values_[leaf >> 1U] = value; }
  void run() {
    for (std::uint32_t node = 1; node < values_.size(); ++node) {
      if (aig_.is_gate(node)) {
        values_[node] = get(aig_.nodes()[node].a) && get(aig_.nodes()[node].b);
      }
    }
  }
  [[nodiscard]] bool get(Literal a) const { return values_[a >> 1U] != ((a & 1U) != 0); }
  [[nodiscard]] std::uint64_t get(const Word& word) const {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < word.size(); ++i) {
      value |= std::uint64_t{get(word[i])} << i;
    }
    return value;
  }

 private:
  const Aig& aig_;
  std::vector<bool> values_;
};

/// Two vectors `a` and `b` of `width` bits, and every operator on them.
void check_operators(unsigned width, std::mt19937_64& random) {
  ExprPool pool;
  const Expr a = pool.variable(Sort::bits(width), 0);
  const Expr b = pool.variable(Sort::bits(width), 1);
  const std::vector<Expr> all{~a,
                              a & b,
                              a | b,
                              a ^ b,
                              a + b,
                              a - b,
                              a * b,
                              udiv(a, b),
                              urem(a, b),
                              shl(a, b),
                              lshr(a, b),
                              ashr(a, b),
                              eq(a, b),
                              ult(a, b),
                              ule(a, b),
                              slt(a, b),
                              sle(a, b),
                              ite(ult(a, b), a + b, b),
                              width > 2 ? extract(a + b, width - 2, 1) : a,
                              width <= 32 ? concat(a ^ b, b) : b};
  Aig aig;
  std::vector<Word> leaves(2, Word(width));
  for (Word& word : leaves) {
    for (Literal& literal : word) {
      literal = aig.leaf();
    }
  }
  BitBlaster blast(aig, [&](Expr leaf) { return leaves[leaf.index()]; });
  std::vector<Word> words;
  for (const Expr e : all) {
    words.push_back(blast(e));
  }
  Simulation simulation(aig);
  for (int round = 0; round < 60; ++round) {
    State state{random() & a.sort().mask(), random() & a.sort().mask()};
    if (round % 3 == 0) {  // small amounts to shift by, and divisors such as 0
      state[1] = std::min<std::uint64_t>(random() % 70, a.sort().mask()) * (round % 2);
    }
    for (unsigned v = 0; v < 2; ++v) {
      for (unsigned i = 0; i < width; ++i) {
        simulation.set(leaves[v][i], (state[v] >> i & 1U) != 0);
      }
    }
    simulation.run();
    for (std::size_t i = 0; i < all.size(); ++i) {
      CAPTURE(to_string(all[i]));
      CAPTURE(state[0]);
      CAPTURE(state[1]);
      CHECK(simulation.get(words[i]) == evaluate(all[i], state));
    }
  }
}

}  // namespace

TEST_CASE("every operator as gates has the interpreter's value, at every width") {
  std::mt19937_64 random(7);
  for (const unsigned width : {1U, 2U, 3U, 5U, 8U, 31U, 32U, 33U, 64U}) {
    CAPTURE(width);
    check_operators(width, random);
  }
}

TEST_CASE("equal expressions share their gates and constants fold") {
  ExprPool pool;
  Aig aig;
  const Word x{aig.leaf(), aig.leaf()};
  BitBlaster blast(aig, [&](Expr) { return x; });
  const Expr v = pool.variable(Sort::bits(2), 0);
  const std::size_t leaves = aig.nodes().size();
  CHECK(blast(pool.bits(2, 2)) == Word{circuit::lit_false, circuit::lit_true});
  CHECK(aig.conjoin(x[0], circuit::negated(x[0])) == circuit::lit_false);
  CHECK(aig.conjoin(x[0], x[0]) == x[0]);
  CHECK(aig.nodes().size() == leaves);
  CHECK(aig.conjoin(x[0], x[1]) == aig.conjoin(x[1], x[0]));
  CHECK(aig.nodes().size() == leaves + 1);
  CHECK(blast(v) == x);
}

}  // namespace airlock
