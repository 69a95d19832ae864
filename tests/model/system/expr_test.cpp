// Expressions: simplification never changes a value, and reaches the forms that the model needs.
#include <algorithm>
#include <array>
#include <doctest/doctest.h>
#include <random>
#include <vector>

#include "model/system/interpreter.hpp"

namespace airlock::test {
namespace {

/// Variables 0..3: a Bool and three vectors; the values that they take in each sample.
struct Leaves {
  std::vector<Sort> sorts;
  std::vector<State> samples;
};

/// An expression beside its value in every sample, computed by `apply` alone as it was built.
struct Checked {
  Expr expr;
  std::vector<std::uint64_t> values;
};

class Maker {
 public:
  Maker(ExprPool& pool, Leaves leaves, std::uint64_t seed)
      : pool_(pool), leaves_(std::move(leaves)), dice_(seed) {}

  Checked make(Sort sort, unsigned depth) {
    if (depth == 0 || below(8) == 0) {
      return leaf(sort);
    }
    return sort.is_bool() ? boolean(depth - 1) : vector(sort.width(), depth - 1);
  }

  unsigned below(unsigned n) { return static_cast<unsigned>(dice_() % n); }

 private:
  Checked constant(Sort sort) {
    static constexpr std::array<std::uint64_t, 6> favourites{
        0, 1, 2, 4, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF};
    std::uint64_t value = below(2) == 0 ? dice_() : favourites.at(below(6));
    value &= sort.mask();
    return {pool_.constant(sort, value), std::vector(leaves_.samples.size(), value)};
  }

  Checked leaf(Sort sort) {
    std::vector<VarId> fitting;
    for (VarId id = 0; id < leaves_.sorts.size(); ++id) {
      if (leaves_.sorts[id] == sort) {
        fitting.push_back(id);
      }
    }
    if (!fitting.empty() && below(4) != 0) {
      return variable(fitting[below(static_cast<unsigned>(fitting.size()))]);
    }
    if (below(3) == 0) {
      return constant(sort);
    }
    return bent(variable(below(static_cast<unsigned>(leaves_.sorts.size()))), sort);
  }

  Checked variable(VarId id) {
    Checked result{pool_.variable(leaves_.sorts[id], id), {}};
    for (const State& sample : leaves_.samples) {
      result.values.push_back(sample[id]);
    }
    return result;
  }

  Checked built(Op op, Sort sort, const std::vector<Checked>& args) {
    std::vector<Expr> exprs;
    for (const Checked& arg : args) {
      exprs.push_back(arg.expr);
    }
    Checked result{pool_.make(op, exprs), {}};
    REQUIRE(result.expr.sort() == sort);
    for (std::size_t i = 0; i < leaves_.samples.size(); ++i) {
      std::vector<std::uint64_t> values;
      for (const Checked& arg : args) {
        values.push_back(arg.values[i]);
      }
      result.values.push_back(apply(op, sort, exprs.back().width(), values));
    }
    return result;
  }

  Checked extracted(const Checked& from, unsigned hi, unsigned lo) {
    Checked result{extract(from.expr, hi, lo), {}};
    for (const std::uint64_t v : from.values) {
      const std::array<std::uint64_t, 2> args{v, lo};
      result.values.push_back(apply(Op::extract, Sort::bits(hi - lo + 1), 1, args));
    }
    return result;
  }

  Checked zeros(unsigned width) {
    return {pool_.bits(width, 0), std::vector<std::uint64_t>(leaves_.samples.size(), 0)};
  }

  /// `from` as a value of `sort`, cut or padded with zeros.
  Checked bent(const Checked& from, Sort sort) {
    if (from.expr.is_bool()) {
      const Checked one{pool_.bits(1, 1), std::vector<std::uint64_t>(leaves_.samples.size(), 1)};
      return sort.is_bool() ? from
                            : bent(built(Op::ite, Sort::bits(1), {from, one, zeros(1)}), sort);
    }
    if (sort.is_bool()) {
      const unsigned i = below(from.expr.width());
      const Checked cut = extracted(from, i, i);
      return built(Op::eq, sort, {cut, zeros(1)});
    }
    const unsigned width = from.expr.width();
    if (width >= sort.width()) {
      const unsigned lo = below(width - sort.width() + 1);
      return extracted(from, lo + sort.width() - 1, lo);
    }
    return built(Op::concat, sort, {zeros(sort.width() - width), from});
  }

  Checked boolean(unsigned depth) {
    const Sort flag = Sort::boolean();
    const Sort v = Sort::bits(below(3) == 0 ? 1 + below(64) : 1 + below(5));
    static constexpr std::array logical{Op::and_, Op::or_, Op::xor_, Op::eq};
    static constexpr std::array comparisons{Op::eq, Op::eq, Op::ult, Op::ule, Op::slt, Op::sle};
    switch (below(6)) {
      case 0: return built(Op::not_, flag, {make(flag, depth)});
      case 1:
        return built(Op::ite, flag, {make(flag, depth), make(flag, depth), make(flag, depth)});
      case 2:
      case 3: {
        const Op op = logical.at(below(4));
        return built(op, flag, {make(flag, depth), make(flag, depth)});
      }
      default: {
        const Op op = comparisons.at(below(6));
        return built(op, flag, {make(v, depth), make(v, depth)});
      }
    }
  }

  Checked vector(unsigned width, unsigned depth) {
    const Sort sort = Sort::bits(width);
    static constexpr std::array binary{Op::and_, Op::or_,  Op::xor_, Op::add,  Op::sub, Op::mul,
                                       Op::udiv, Op::urem, Op::shl,  Op::lshr, Op::ashr};
    switch (below(8)) {
      case 0: return built(Op::not_, sort, {make(sort, depth)});
      case 1:
        return built(Op::ite, sort,
                     {make(Sort::boolean(), depth), make(sort, depth), make(sort, depth)});
      case 2: return bent(make(Sort::bits(std::min(64U, width + below(6))), depth), sort);
      case 3: return bent(make(Sort::bits(1 + below(width)), depth), sort);
      case 4:
        if (width > 1) {
          const unsigned low = 1 + below(width - 1);
          return built(Op::concat, sort,
                       {make(Sort::bits(width - low), depth), make(Sort::bits(low), depth)});
        }
        [[fallthrough]];
      default: {
        const Op op = binary.at(below(binary.size()));
        return built(op, sort, {make(sort, depth), make(sort, depth)});
      }
    }
  }

  ExprPool& pool_;
  Leaves leaves_;
  std::mt19937_64 dice_;
};

/// Small leaves with all their values, so that agreement is proof.
Leaves exhaustive_leaves() {
  Leaves leaves{{Sort::boolean(), Sort::bits(1), Sort::bits(2), Sort::bits(3)}, {}};
  for (std::uint64_t i = 0; i < 128; ++i) {
    leaves.samples.push_back({i & 1U, (i >> 1U) & 1U, (i >> 2U) & 3U, (i >> 4U) & 7U});
  }
  return leaves;
}

Leaves wide_leaves(std::uint64_t seed) {
  Leaves leaves{{Sort::boolean(), Sort::bits(5), Sort::bits(64), Sort::bits(64)}, {}};
  std::mt19937_64 dice(seed);
  for (unsigned i = 0; i < 40; ++i) {
    const std::uint64_t shared = dice();
    const std::uint64_t other = i % 3 == 0 ? shared : dice() >> (dice() % 64);
    leaves.samples.push_back({dice() & 1U, dice() & 31U, shared, other});
  }
  return leaves;
}

void check_values(const Checked& checked, const Leaves& leaves) {
  for (std::size_t i = 0; i < leaves.samples.size(); ++i) {
    if (evaluate(checked.expr, leaves.samples[i]) != checked.values[i]) {
      CAPTURE(to_string(checked.expr));
      CAPTURE(i);
      REQUIRE(evaluate(checked.expr, leaves.samples[i]) == checked.values[i]);
    }
  }
}

bool mentions(Expr root, Op op) {
  if (root.op() == op) {
    return true;
  }
  for (unsigned i = 0; i < root.arity(); ++i) {
    if (mentions(root.arg(i), op)) {
      return true;
    }
  }
  return false;
}

/// The widest node below `root`.
unsigned widest(Expr root) {
  unsigned result = root.width();
  for (unsigned i = 0; i < root.arity(); ++i) {
    result = std::max(result, widest(root.arg(i)));
  }
  return result;
}

}  // namespace

TEST_CASE(
    "simplified expressions have the values that their operators give, for all small values") {
  const Leaves leaves = exhaustive_leaves();
  for (std::uint64_t seed = 0; seed < 6000; ++seed) {
    CAPTURE(seed);
    ExprPool pool;
    Maker maker(pool, leaves, seed);
    const Sort sort = maker.below(2) == 0 ? Sort::boolean() : Sort::bits(1 + maker.below(6));
    const unsigned depth = 1 + maker.below(5);
    check_values(maker.make(sort, depth), leaves);
  }
}

TEST_CASE("simplified expressions have the values that their operators give, on 64-bit values") {
  for (std::uint64_t seed = 0; seed < 4000; ++seed) {
    CAPTURE(seed);
    const Leaves leaves = wide_leaves(seed);
    ExprPool pool;
    Maker maker(pool, leaves, seed);
    const Sort sort = maker.below(2) == 0 ? Sort::boolean() : Sort::bits(64);
    const unsigned depth = 1 + maker.below(4);
    check_values(maker.make(sort, depth), leaves);
  }
}

TEST_CASE("rewriting into another pool keeps values, whatever becomes of the leaves") {
  const Leaves leaves = exhaustive_leaves();
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    CAPTURE(seed);
    ExprPool pool;
    Maker maker(pool, leaves, seed);
    const Checked checked = maker.make(Sort::bits(4), 4);
    ExprPool target;
    // Variable 3 becomes variable 2 with a constant 1 above it; the others stay.
    Rewriter rewrite(target, [&](Expr leaf) {
      return leaf.index() == 3 ? concat(target.bits(1, 1), target.variable(Sort::bits(2), 2))
                               : target.variable(leaf.sort(), leaf.index());
    });
    const Expr rewritten = rewrite(checked.expr);
    for (std::size_t i = 0; i < leaves.samples.size(); ++i) {
      const State& s = leaves.samples[i];
      if (s[3] == (4 | s[2])) {
        REQUIRE(evaluate(rewritten, s) == checked.values[i]);
      }
    }
  }
}

TEST_CASE("a rewriter replaces inner nodes where told to") {
  ExprPool pool;
  const Expr x = pool.variable(Sort::bits(8), 0);
  const Expr y = pool.variable(Sort::bits(8), 1);
  Rewriter rewrite(pool, [](Expr leaf) { return leaf; });
  rewrite.replace(x * y, pool.bits(8, 3));
  CHECK(rewrite((x * y) + pool.bits(8, 1)).is_value(4));
}

TEST_CASE("signed division truncates towards zero and the remainder has the dividend's sign") {
  ExprPool pool;
  for (int a = -8; a < 8; ++a) {
    for (int b = -8; b < 8; ++b) {
      if (b == 0) {
        continue;
      }
      const auto value = [&](int v) { return pool.bits(4, static_cast<std::uint64_t>(v)); };
      CHECK(sdiv(value(a), value(b)) == value(a / b));
      CHECK(srem(value(a), value(b)) == value(a % b));
    }
  }
}

TEST_CASE("the same expression built twice is one node") {
  ExprPool pool;
  const Expr x = pool.variable(Sort::bits(8), 0);
  const Expr y = pool.variable(Sort::bits(8), 1);
  CHECK(x + y == y + x);
  CHECK(eq(x, y) == eq(y, x));
  CHECK(x * y != x + y);
}

TEST_CASE("testing a masked 64-bit register against zero looks at the masked bits only") {
  ExprPool pool;
  const Expr r = pool.variable(Sort::bits(64), 0);
  const Expr test = ne(r & pool.bits(64, 0x4), pool.bits(64, 0));
  CHECK(test == bit(r, 2));
  const Expr two = ne(r & pool.bits(64, 0x1002), pool.bits(64, 0));
  CHECK(two == (bit(r, 12) | bit(r, 1)));
}

TEST_CASE("an equality of zero-extended values is one of the narrow values") {
  ExprPool pool;
  const Expr x = pool.variable(Sort::bits(5), 0);
  const Expr y = pool.variable(Sort::bits(5), 1);
  CHECK(eq(zero_extend(x, 64), zero_extend(y, 64)) == eq(x, y));
  CHECK(eq(zero_extend(x, 64), pool.bits(64, 3)) == eq(x, pool.bits(5, 3)));
  CHECK(eq(zero_extend(x, 64), pool.bits(64, 32)).is_false());
}

TEST_CASE("comparisons of zero-extended values are comparisons of the narrow values") {
  ExprPool pool;
  const Expr x = pool.variable(Sort::bits(5), 0);
  const Expr y = pool.variable(Sort::bits(5), 1);
  CHECK(ult(zero_extend(x, 64), zero_extend(y, 64)) == ult(x, y));
  CHECK(slt(zero_extend(x, 64), zero_extend(y, 64)) == ult(x, y));
  CHECK(ule(zero_extend(x, 64), pool.bits(64, 100)).is_true());
  CHECK(slt(zero_extend(x, 64), pool.bits(64, 0)).is_false());
  CHECK(ult(zero_extend(x, 64), pool.bits(64, 4)) == eq(extract(x, 4, 2), pool.bits(3, 0)));
}

TEST_CASE("arithmetic on zero-extended values is narrow") {
  ExprPool pool;
  const Expr x = zero_extend(pool.variable(Sort::bits(5), 0), 64);
  const Expr y = zero_extend(pool.variable(Sort::bits(5), 1), 64);
  CHECK(widest(extract(x + y, 5, 0)) == 6);
  CHECK(extract(x + y, 63, 6).is_value(0));
  CHECK(extract(x * y, 63, 10).is_value(0));
  CHECK(extract(urem(x, y), 63, 5).is_value(0));
  CHECK(widest(eq(x + pool.bits(64, 1), y)) <= 6);
}

TEST_CASE("multiplying and dividing by powers of two only move bits") {
  ExprPool pool;
  const Expr x = pool.variable(Sort::bits(32), 0);
  const Expr eight = pool.bits(32, 8);
  CHECK(x * eight == concat(extract(x, 28, 0), pool.bits(3, 0)));
  CHECK(udiv(x, eight) == zero_extend(extract(x, 31, 3), 32));
  CHECK(urem(x, eight) == zero_extend(extract(x, 2, 0), 32));
  CHECK(shl(x, pool.bits(32, 3)) == x * eight);
  CHECK(lshr(x, pool.bits(32, 3)) == udiv(x, eight));
}

TEST_CASE("a Bool taken from a bit and put back is that bit") {
  ExprPool pool;
  const Expr r = pool.variable(Sort::bits(8), 0);
  CHECK(to_bits(bit(r, 3)) == extract(r, 3, 3));
  CHECK(to_bits(!bit(r, 3)) == ~extract(r, 3, 3));
  CHECK(with_bit(r, 3, bit(r, 3)) == r);
  CHECK(!eq(extract(r, 3, 3), pool.bits(1, 1)) == eq(extract(r, 3, 3), pool.bits(1, 0)));
}

TEST_CASE("a value that equals one constant equals no other") {
  ExprPool pool;
  const Expr pc = pool.variable(Sort::bits(8), 0);
  const Expr at3 = eq(pc, pool.bits(8, 3));
  const Expr at5 = eq(pc, pool.bits(8, 5));
  CHECK((at3 & at5).is_false());
  CHECK((at3 & !at5) == at3);
  CHECK((at5 & (at3 & pool.variable(Sort::boolean(), 1))).is_false());
}

TEST_CASE("conditional writes of constants fold when they are tested") {
  ExprPool pool;
  const Expr c = pool.variable(Sort::boolean(), 0);
  const Expr state = ite(c, pool.bits(8, 3), pool.bits(8, 5));
  CHECK(eq(state, pool.bits(8, 3)) == c);
  CHECK(eq(state, pool.bits(8, 4)).is_false());
  CHECK(ult(state, pool.bits(8, 4)) == c);
  CHECK(eq(state + pool.bits(8, 1), pool.bits(8, 6)) == !c);
}

TEST_CASE("there is one form of every comparison") {
  ExprPool pool;
  const Expr x = pool.variable(Sort::bits(8), 0);
  const Expr y = pool.variable(Sort::bits(8), 1);
  CHECK(ule(x, y) == !ult(y, x));
  CHECK(sle(x, y) == !slt(y, x));
  CHECK_FALSE(mentions(ule(x, y), Op::ule));
}

TEST_CASE("variables_of and choices_of list each leaf once and in order") {
  ExprPool pool;
  const Expr v5 = pool.variable(Sort::bits(8), 5);
  const Expr v2 = pool.variable(Sort::bits(8), 2);
  const Expr c1 = pool.input(Sort::bits(8), 1);
  const std::vector<Expr> roots{v5 + c1, v2 * v5, Expr{}};
  CHECK(variables_of(roots) == std::vector<VarId>{2, 5});
  CHECK(inputs_of(roots) == std::vector<InputId>{1});
}

TEST_CASE("expressions print as S-expressions") {
  ExprPool pool;
  const Expr x = pool.variable(Sort::bits(8), 0);
  const Expr c = pool.input(Sort::boolean(), 2);
  CHECK(to_string(ite(c, x, pool.bits(8, 7))) == "(ite c2 v0 7:8)");
  CHECK(to_string(extract(x, 3, 1)) == "(extract 3 1 v0)");
  CHECK(to_string(Expr{}) == "<none>");
}

}  // namespace airlock::test
