// Known bits contain what they abstract, and are as precise as masks and comparisons need.
#include "model/system/known_bits.hpp"

#include <array>
#include <doctest/doctest.h>
#include <vector>

namespace airlock::test {
namespace {

std::vector<KnownBits> all_known_bits(Sort sort) {
  std::vector<KnownBits> result;
  for (std::uint64_t known = 0; known <= sort.mask(); ++known) {
    for (std::uint64_t value = 0; value <= sort.mask(); ++value) {
      if ((value & ~known) == 0) {
        result.push_back({known, value});
      }
    }
  }
  return result;
}

/// The result contains the image of every pair of values that the arguments contain, knows nothing
/// beyond its sort, and is exact where both arguments are.
void check_binary(Op op, unsigned width) {
  ExprPool pool;
  const Sort sort = Sort::bits(width);
  const Expr a = pool.variable(sort, 0);
  const Expr b = pool.variable(sort, 1);
  const std::array args{a, b};
  const Expr node = pool.make(op, args);
  if (node.op() != op) {
    return;  // this width has another form of it
  }
  // make() orders commutative arguments by age, which changes nothing here.
  for (const KnownBits& x : all_known_bits(sort)) {
    for (const KnownBits& y : all_known_bits(sort)) {
      const std::array<KnownBits, 2> known{x, y};
      const KnownBits result = transfer(node, known);
      REQUIRE((result.known & ~node.sort().mask()) == 0);
      REQUIRE((result.value & ~result.known) == 0);
      for (std::uint64_t v = 0; v <= sort.mask(); ++v) {
        for (std::uint64_t w = 0; w <= sort.mask(); ++w) {
          if (x.contains(v) && y.contains(w)) {
            const std::array<std::uint64_t, 2> values{v, w};
            if (!result.contains(apply(op, node.sort(), width, values))) {
              FAIL("unsound: ", to_string(node), " of ", v, " and ", w);
            }
          }
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("every binary operator's known bits contain all its results") {
  static constexpr std::array ops{Op::and_, Op::or_, Op::xor_, Op::add,  Op::sub, Op::mul, Op::udiv,
                                  Op::urem, Op::shl, Op::lshr, Op::ashr, Op::eq,  Op::ult, Op::slt};
  for (const Op op : ops) {
    CAPTURE(static_cast<int>(op));
    check_binary(op, 2);
    check_binary(op, 3);
  }
}

TEST_CASE("known bits of sums at 64 bits do not overflow") {
  ExprPool pool;
  const Expr x = pool.variable(Sort::bits(64), 0);
  const Expr y = pool.variable(Sort::bits(64), 1);
  const std::array<KnownBits, 2> extremes{KnownBits{~std::uint64_t{1}, ~std::uint64_t{1}},
                                          KnownBits{~std::uint64_t{1}, 0}};
  // {2^64-2, 2^64-1} + {0, 1}: even, odd, or 0.
  const KnownBits sum = transfer(x + y, extremes);
  CHECK(sum.contains(~std::uint64_t{0}));
  CHECK(sum.contains(~std::uint64_t{1}));
  CHECK(sum.contains(0));
}

TEST_CASE("masks, sums of masked values and comparisons with bounds are known") {
  ExprPool pool;
  const Expr x = pool.variable(Sort::bits(64), 0);
  const Expr y = pool.variable(Sort::bits(64), 1);
  const KnownBits five = KnownBits::at_most(Sort::bits(64), 31);
  const std::array<KnownBits, 2> args{five, five};
  CHECK(transfer(x + y, args).max(Sort::bits(64)) == 63);
  CHECK(transfer(x * y, args).max(Sort::bits(64)) == 1023);
  const std::array<KnownBits, 2> bounded{five, KnownBits::exactly(Sort::bits(64), 32)};
  CHECK(transfer(ult(x, y), bounded) == KnownBits::exactly(Sort::boolean(), 1));
}

TEST_CASE("a guard's conjuncts state facts of variables and of their bits") {
  ExprPool pool;
  const Expr pc = pool.variable(Sort::bits(8), 0);
  const Expr flags = pool.variable(Sort::bits(8), 1);
  const Expr mode = pool.variable(Sort::boolean(), 2);
  const Facts facts = facts_of(eq(pc, pool.bits(8, 7)) & bit(flags, 3) & !bit(flags, 1) & !mode);
  CHECK(facts.variables.at(0) == KnownBits{0xFF, 7});
  CHECK(facts.variables.at(1) == KnownBits{0x0A, 0x08});
  CHECK(facts.variables.at(2) == KnownBits{1, 0});
}

TEST_CASE("a disjunction states nothing") {
  ExprPool pool;
  const Expr pc = pool.variable(Sort::bits(8), 0);
  const Facts facts = facts_of(eq(pc, pool.bits(8, 7)) | eq(pc, pool.bits(8, 9)));
  CHECK(facts.variables.empty());
}

}  // namespace airlock::test
