// Simplification of comparisons.
//
// An equality over a concatenation splits; a test of a single bit becomes logic on Bools; an order
// of values loses the parts on which they agree, and becomes a test of some bits against zero where
// one side is a power of two.
#include <algorithm>
#include <bit>

#include "model/system/expr_simplify.hpp"

namespace airlock {

Expr Simplifier::fold_eq(Expr a, Expr b) {
  if (a == b) {
    return pool_.boolean(true);
  }
  if (is_negation(a, b)) {
    return pool_.boolean(false);
  }
  if (a.is_constant()) {
    if (const Expr folded = test(a, b); folded.valid()) {
      return folded;
    }
  }
  if (a.is_bool()) {
    return negate(binary(Op::xor_, a, b));
  }
  if (a.op() == Op::not_ && b.op() == Op::not_) {
    return equal(a.arg(0), b.arg(0));
  }
  if (a.op() == Op::ite && b.op() == Op::ite && a.arg(0) == b.arg(0)) {
    return pool_.ite(a.arg(0), equal(a.arg(1), b.arg(1)), equal(a.arg(2), b.arg(2)));
  }
  // Split where either side is a concatenation: hardware registers are full of constant bits.
  if (const unsigned at = std::max(joint(a), joint(b)); at != 0) {
    const Expr high = equal(high_part(a, at), high_part(b, at));
    return high.is_false() ? high : both(high, equal(low_part(a, at), low_part(b, at)));
  }
  return {};
}

Expr Simplifier::test(Expr constant, Expr b) {
  const std::uint64_t v = constant.value();
  if (b.is_bool()) {
    return v == 1 ? b : negate(b);
  }
  if (half_constant_ite(b)) {
    return pool_.ite(b.arg(0), equal(constant, b.arg(1)), equal(constant, b.arg(2)));
  }
  if (b.op() == Op::not_) {
    return equal(negate(constant), b.arg(0));
  }
  if (b.op() == Op::add && b.arg(0).is_constant()) {
    return equal(pool_.constant(b.sort(), v - b.arg(0).value()), b.arg(1));
  }
  if (b.width() == 1) {
    return v == 0 ? negate(equal(ones(b.sort()), b)) : test_bit(b);
  }
  if ((v == 0 && b.op() == Op::or_) || (is_all_ones(constant) && b.op() == Op::and_)) {
    return both(equal(constant, b.arg(0)), equal(constant, b.arg(1)));
  }
  return {};
}

Expr Simplifier::test_bit(Expr b) {
  const auto set = [&](Expr e) { return equal(ones(e.sort()), e); };
  if (bitwise(b.op())) {
    return binary(b.op(), set(b.arg(0)), set(b.arg(1)));
  }
  return b.op() == Op::ite ? pool_.ite(b.arg(0), set(b.arg(1)), set(b.arg(2))) : Expr{};
}

Expr Simplifier::fold_ult(Expr a, Expr b) {
  if (a == b || is_zero(b) || is_all_ones(a)) {
    return pool_.boolean(false);
  }
  if ((a.is_constant() && half_constant_ite(b)) || (half_constant_ite(a) && b.is_constant())) {
    const Expr shaped = a.is_constant() ? b : a;
    const auto branch = [&](unsigned i) {
      return a.is_constant() ? binary(Op::ult, a, b.arg(i)) : binary(Op::ult, a.arg(i), b);
    };
    return pool_.ite(shaped.arg(0), branch(1), branch(2));
  }
  if (a.width() == 1) {
    return both(equal(zero(a.sort()), a), equal(ones(b.sort()), b));
  }
  // Below a power of two: the bits from there up are 0.
  if (b.is_constant() && std::has_single_bit(b.value())) {
    return all_zero(a, static_cast<unsigned>(std::countr_zero(b.value())));
  }
  if (a.is_constant() && std::has_single_bit(a.value() + 1)) {
    return negate(all_zero(b, static_cast<unsigned>(std::countr_zero(a.value() + 1))));
  }
  return split_ult(a, b);
}

Expr Simplifier::all_zero(Expr e, unsigned from) {
  const Expr part = high_part(e, from);
  return equal(zero(part.sort()), part);
}

Expr Simplifier::split_ult(Expr a, Expr b) {
  const unsigned at = std::max(joint(a), joint(b));
  if (at == 0) {
    return {};
  }
  const Expr high_a = high_part(a, at);
  const Expr high_b = high_part(b, at);
  const Expr low_a = low_part(a, at);
  const Expr low_b = low_part(b, at);
  if (high_a.is_constant() && high_b.is_constant() && high_a != high_b) {
    return pool_.boolean(high_a.value() < high_b.value());
  }
  if (high_a == high_b) {
    return binary(Op::ult, low_a, low_b);
  }
  return without_low_parts(Op::ult, a, b, at);
}

Expr Simplifier::without_low_parts(Op less, Expr a, Expr b, unsigned at) {
  const Expr low_a = low_part(a, at);
  const Expr low_b = low_part(b, at);
  const bool known = low_a.is_constant() && low_b.is_constant();
  if (known && low_a.value() < low_b.value()) {
    return negate(binary(less, high_part(b, at), high_part(a, at)));
  }
  return known || low_a == low_b ? binary(less, high_part(a, at), high_part(b, at)) : Expr{};
}

Expr Simplifier::fold_slt(Expr a, Expr b) {
  if (a == b) {
    return pool_.boolean(false);
  }
  const Expr sign_a = sign(a);
  const Expr sign_b = sign(b);
  if (sign_a == sign_b) {
    return binary(Op::ult, a, b);
  }
  if (a.width() == 1) {
    return both(equal(ones(a.sort()), a), equal(zero(b.sort()), b));  // -1 < 0
  }
  if ((sign_a.is_constant() && sign_b.is_constant()) || is_zero(b)) {
    return equal(ones(sign_a.sort()), sign_a);  // the signs differ: the negative one is less
  }
  if (is_all_ones(a)) {
    return equal(zero(sign_b.sort()), sign_b);
  }
  const unsigned at = std::max(joint(a), joint(b));
  return at == 0 ? Expr{} : without_low_parts(Op::slt, a, b, at);
}

}  // namespace airlock
