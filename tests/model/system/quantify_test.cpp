#include "model/system/quantify.hpp"

#include <doctest/doctest.h>
#include <random>

#include "model/system/interpreter.hpp"

namespace airlock {
namespace {

/// Two variables, three inputs, and random Bools over them.
class Random {
 public:
  explicit Random(unsigned seed) : random_(seed) {
    system.pool = std::make_shared<ExprPool>();
    ExprPool& pool = *system.pool;
    bits_ = {system.variable(system.add_variable("x", Sort::bits(2), pool.bits(2, 0)))};
    bools_ = {system.variable(system.add_variable("p", Sort::boolean(), pool.boolean(false)))};
    for (const char* name : {"b", "c"}) {
      bools_.push_back(pool.input(Sort::boolean(), system.add_input(name, Sort::boolean(), name)));
    }
    bits_.push_back(pool.input(Sort::bits(2), system.add_input("n", Sort::bits(2), "n")));
  }

  Expr truth(unsigned depth) {
    const auto more = [&] { return truth(depth - 1); };
    switch (depth == 0 ? pick(2) : pick(8)) {
      case 0: return bools_[pick(static_cast<unsigned>(bools_.size()))];
      case 1: return eq(bits_[pick(2)], same_sort(bits_[0], pick(4)));
      case 2: return !more();
      case 3:
      case 4: return more() & more();
      case 5: return more() | more();
      case 6: return ite(more(), more(), more());
      default: return ult(bits_[pick(2)], ite(more(), bits_[0], bits_[1]));
    }
  }

  TransitionSystem system;

 private:
  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }

  std::mt19937 random_;
  std::vector<Expr> bools_, bits_;
};

}  // namespace

TEST_CASE("for some input: the same as trying all values, on random expressions") {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    Random random(seed);
    const Expr e = random.truth(seed % 6);
    // All inputs, or all but the first, which then stays in the expression.
    const InputId first = seed % 2;
    const Expr some = for_some_input(
        random.system, e, [&](InputId id) { return id >= first; }, "e");
    for (std::uint64_t values = 0; values < 16; ++values) {
      const State state{values & 3U, values >> 2U & 1U};
      const std::uint64_t kept = values >> 3U;
      bool expected = false;
      for (std::uint64_t tried = 0; tried < 16; ++tried) {
        if (first == 0 || (tried & 1U) == kept) {
          expected =
              expected || evaluate(e, state, {tried & 1U, tried >> 1U & 1U, tried >> 2U}) == 1;
        }
      }
      CAPTURE(seed);
      CHECK((evaluate(some, state, {kept, 0, 0}) == 1) == expected);
    }
  }
}

}  // namespace airlock
