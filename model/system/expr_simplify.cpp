// Simplification, as expressions are built.
//
// It happens bottom-up and once per node, so that every pass that rebuilds expressions simplifies
// them for free. Two families of rules carry the model. Structure moves to the top and selection to
// the leaves: extracts sink to the variables; bitwise operators with a constant become
// concatenations of constants and extracts and distribute over them; sums, products and comparisons
// shed the parts that are constant. So code that masks 64-bit registers ends as a few named bits.
// And equalities over concatenations split into equalities of their parts, so that comparing two
// registers costs one comparison per piece that can differ.
//
// Canonical forms that rules rely on: constants come first in commutative operators; an and, or or
// xor of vectors has neither a constant nor a concatenation below it; concatenations lean to the
// right and their neighbours do not merge; there is no ule and no sle, only ult and slt, negated;
// no eq of Bools, only xor; a 1-bit vector compared with a constant is `1 == bit`, negated for 0.
//
// This file has the entry points and the bitwise operators; expr_simplify_arithmetic.cpp,
// _compare.cpp and _shape.cpp have the rest. Every rule is checked against `apply` on random and on
// exhaustive values in tests/model/system/expr_test.cpp.
#include "model/system/expr_simplify.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <utility>

namespace airlock {
namespace {

bool commutative(Op op) {
  return op == Op::and_ || op == Op::or_ || op == Op::xor_ || op == Op::add || op == Op::mul ||
         op == Op::eq;
}

bool compares(Op op) {
  return op == Op::eq || op == Op::ult || op == Op::ule || op == Op::slt || op == Op::sle;
}

}  // namespace

Expr Simplifier::node(Op op, Sort sort, std::initializer_list<Expr> args) {
  return pool_.intern(op, sort, 0, std::span<const Expr>(args.begin(), args.size()));
}

Expr Simplifier::negate(Expr a) {
  if (a.is_constant()) {
    return pool_.constant(a.sort(), ~a.value());
  }
  if (a.op() == Op::not_) {
    return a.arg(0);
  }
  if (constant_ite(a)) {
    return pool_.ite(a.arg(0), negate(a.arg(1)), negate(a.arg(2)));
  }
  if (a.op() == Op::concat) {
    return pool_.concat(negate(a.arg(0)), negate(a.arg(1)));
  }
  if ((a.op() == Op::and_ || a.op() == Op::or_) && a.arg(0).op() == Op::not_ &&
      a.arg(1).op() == Op::not_) {
    return binary(a.op() == Op::and_ ? Op::or_ : Op::and_, a.arg(0).arg(0), a.arg(1).arg(0));
  }
  return node(Op::not_, a.sort(), {a});
}

Expr Simplifier::binary(Op op, Expr a, Expr b) {
  assert(a.sort() == b.sort());
  assert(!a.is_bool() || bitwise(op) || op == Op::eq);
  if (a.is_constant() && b.is_constant()) {
    const Sort result = compares(op) ? Sort::boolean() : a.sort();
    const std::array<std::uint64_t, 2> values{a.value(), b.value()};
    return pool_.constant(result, apply(op, result, a.width(), values));
  }
  if (commutative(op) && (b.is_constant() || (!a.is_constant() && a.id() > b.id()))) {
    std::swap(a, b);  // constants first, then by age
  }
  // Expressions are DAGs: rules that go down both sides would be exponential without the memo.
  assert(a.id() < (1U << 29U) && b.id() < (1U << 29U));
  const std::uint64_t key =
      (static_cast<std::uint64_t>(op) << 58U) | (std::uint64_t{a.id()} << 29U) | b.id();
  if (const auto found = pool_.impl_->binaries.find(key); found != pool_.impl_->binaries.end()) {
    return found->second;
  }
  Expr result = fold(op, a, b);
  if (!result.valid()) {
    result = node(op, compares(op) ? Sort::boolean() : a.sort(), {a, b});
  }
  pool_.impl_->binaries.emplace(key, result);
  return result;
}

Expr Simplifier::fold(Op op, Expr a, Expr b) {
  switch (op) {
    case Op::eq: return fold_eq(a, b);
    case Op::ult: return fold_ult(a, b);
    case Op::slt: return fold_slt(a, b);
    case Op::ule: return negate(binary(Op::ult, b, a));
    case Op::sle: return negate(binary(Op::slt, b, a));
    default: break;
  }
  if ((a.is_constant() && constant_ite(b)) || (constant_ite(a) && b.is_constant())) {
    const Expr shaped = a.is_constant() ? b : a;
    const auto branch = [&](unsigned i) {
      return a.is_constant() ? binary(op, a, b.arg(i)) : binary(op, a.arg(i), b);
    };
    return pool_.ite(shaped.arg(0), branch(1), branch(2));
  }
  switch (op) {
    case Op::and_: return spread(op, a, b, fold_and(a, b));
    case Op::or_: return spread(op, a, b, fold_or(a, b));
    case Op::xor_: return spread(op, a, b, fold_xor(a, b));
    case Op::add: return fold_add(a, b);
    case Op::sub: return fold_sub(a, b);
    case Op::mul: return fold_mul(a, b);
    case Op::udiv:
    case Op::urem: return fold_division(op, a, b);
    default: return fold_shift(op, a, b);
  }
}

Expr Simplifier::fold_and(Expr a, Expr b) {
  if (is_zero(a) || is_negation(a, b)) {
    return zero(a.sort());
  }
  if (is_all_ones(a) || a == b) {
    return b;
  }
  if (const Expr settled = a.is_bool() ? fold_tests(a, b) : Expr{}; settled.valid()) {
    return settled;
  }
  Expr result = absorb(Op::and_, Op::or_, a, b);
  result = result.valid() ? result : absorb(Op::and_, Op::or_, b, a);
  return result.valid() ? result : factor(Op::and_, Op::or_, a, b);
}

Expr Simplifier::fold_or(Expr a, Expr b) {
  if (is_all_ones(a) || is_negation(a, b)) {
    return ones(a.sort());
  }
  if (is_zero(a) || a == b) {
    return b;
  }
  Expr result = absorb(Op::or_, Op::and_, a, b);
  result = result.valid() ? result : absorb(Op::or_, Op::and_, b, a);
  return result.valid() ? result : factor(Op::or_, Op::and_, a, b);
}

Expr Simplifier::absorb(Op op, Op dual, Expr x, Expr y) {
  if (y.op() != op && y.op() != dual) {
    return {};
  }
  for (unsigned i = 0; i < 2; ++i) {
    if (y.arg(i) == x) {
      return y.op() == op ? y : x;
    }
    if (is_negation(x, y.arg(i))) {
      if (y.op() == dual) {
        return binary(op, x, y.arg(1 - i));
      }
      return op == Op::and_ ? zero(x.sort()) : ones(x.sort());
    }
  }
  return {};
}

Expr Simplifier::factor(Op op, Op dual, Expr x, Expr y) {
  if (x.op() != dual || y.op() != dual) {
    return {};
  }
  for (unsigned i = 0; i < 2; ++i) {
    for (unsigned j = 0; j < 2; ++j) {
      if (x.arg(i) == y.arg(j)) {
        return binary(dual, x.arg(i), binary(op, x.arg(1 - i), y.arg(1 - j)));
      }
    }
  }
  return {};
}

Expr Simplifier::fold_tests(Expr a, Expr b) {
  for (const auto& [x, y] : {std::pair{a, b}, std::pair{b, a}}) {
    if (!is_test(x)) {
      continue;
    }
    for (const Expr part : parts_of_and(y)) {
      const bool negated = part.op() == Op::not_;
      const Expr test = negated ? part.arg(0) : part;
      if (test == x || !is_test(test) || test.arg(1) != x.arg(1)) {
        continue;
      }
      if (!negated) {
        return pool_.boolean(false);
      }
      if (part == y) {
        return x;
      }
    }
  }
  return {};
}

std::vector<Expr> Simplifier::parts_of_and(Expr e) {
  return e.op() == Op::and_ ? std::vector<Expr>{e.arg(0), e.arg(1)} : std::vector<Expr>{e};
}

Expr Simplifier::fold_xor(Expr a, Expr b) {
  if (is_zero(a)) {
    return b;
  }
  if (is_all_ones(a)) {
    return negate(b);
  }
  if (a == b) {
    return zero(a.sort());
  }
  if (is_negation(a, b)) {
    return ones(a.sort());
  }
  if (a.op() == Op::not_ || b.op() == Op::not_) {
    const Expr inner =
        a.op() == Op::not_ ? binary(Op::xor_, a.arg(0), b) : binary(Op::xor_, a, b.arg(0));
    return negate(inner);
  }
  for (const auto& [x, y] : {std::pair{a, b}, std::pair{b, a}}) {
    if (y.op() == Op::xor_ && (y.arg(0) == x || y.arg(1) == x)) {
      return y.arg(0) == x ? y.arg(1) : y.arg(0);
    }
  }
  return {};
}

Expr Simplifier::spread(Op op, Expr a, Expr b, Expr folded) {
  if (folded.valid() || a.is_bool()) {
    return folded;
  }
  unsigned at = std::max(joint(a), joint(b));
  if (at == 0 && a.is_constant()) {
    // Not all bits are equal: all zeros and all ones have been folded.
    const std::uint64_t v = a.value();
    at = static_cast<unsigned>((v & 1U) != 0 ? std::countr_one(v) : std::countr_zero(v));
  }
  if (at == 0) {
    return {};
  }
  const Expr high = binary(op, high_part(a, at), high_part(b, at));
  return pool_.concat(high, binary(op, low_part(a, at), low_part(b, at)));
}

Expr ExprPool::make(Op op, std::span<const Expr> args) {
  switch (op) {
    case Op::not_: return Simplifier(*this).negate(args[0]);
    case Op::ite: return ite(args[0], args[1], args[2]);
    case Op::concat: return concat(args[0], args[1]);
    case Op::constant:
    case Op::variable:
    case Op::input:
    case Op::extract: assert(false && "has its own builder"); return {};
    default: return Simplifier(*this).binary(op, args[0], args[1]);
  }
}

Expr ExprPool::ite(Expr c, Expr t, Expr f) {
  return Simplifier(*this).choose(c, t, f);
}
Expr ExprPool::concat(Expr high, Expr low) {
  return Simplifier(*this).join(high, low);
}

Expr ExprPool::extract(Expr e, unsigned hi, unsigned lo) {
  assert(!e.is_bool() && hi < e.width() && lo <= hi);
  if (hi - lo + 1 == e.width()) {
    return e;
  }
  if (e.arity() == 0) {
    return Simplifier(*this).push_extract(e, hi, lo);
  }
  // Expressions are DAGs: without the memo, pushing an extract through shared nodes is exponential.
  const std::uint64_t key = (std::uint64_t{e.id()} << 16U) | (hi << 8U) | lo;
  if (const auto found = impl_->extracts.find(key); found != impl_->extracts.end()) {
    return found->second;
  }
  const Expr result = Simplifier(*this).push_extract(e, hi, lo);
  impl_->extracts.emplace(key, result);
  return result;
}

}  // namespace airlock
