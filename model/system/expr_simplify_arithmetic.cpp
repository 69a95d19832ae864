// Simplification of sums, products, quotients and shifts.
//
// A sum of values with leading zeros is a sum of fewer bits, a product too; a term with trailing
// zeros leaves the other's low bits alone; powers of two only move bits. A 64-bit counter of which
// four bits vary costs four or five bits of adder.
#include <algorithm>
#include <bit>

#include "model/system/expr_simplify.hpp"

namespace airlock {
namespace {

/// Bits at the top that are constant 0.
unsigned leading_zeros(Expr e) {
  if (e.is_constant()) {
    return e.width() - static_cast<unsigned>(std::bit_width(e.value()));
  }
  return e.op() == Op::concat && e.arg(0).is_constant() ? leading_zeros(e.arg(0)) : 0;
}

/// Bits at the bottom that are constant 0.
unsigned trailing_zeros(Expr e) {
  if (e.is_constant()) {
    return std::min(e.width(), static_cast<unsigned>(std::countr_zero(e.value())));
  }
  while (e.op() == Op::concat) {
    e = e.arg(1);
  }
  return e.is_constant() ? trailing_zeros(e) : 0;
}

}  // namespace

Expr Simplifier::fold_add(Expr a, Expr b) {
  if (is_zero(a)) {
    return b;
  }
  if (a.is_constant() && b.op() == Op::add && b.arg(0).is_constant()) {
    return binary(Op::add, pool_.constant(a.sort(), a.value() + b.arg(0).value()), b.arg(1));
  }
  const unsigned width = a.width();
  const unsigned needed = width - std::min(leading_zeros(a), leading_zeros(b)) + 1;
  if (needed < width) {
    return padded(binary(Op::add, low_part(a, needed), low_part(b, needed)), width);
  }
  if (const unsigned at = std::max(trailing_zeros(a), trailing_zeros(b)); at != 0) {
    const Expr low = binary(Op::or_, low_part(a, at), low_part(b, at));  // one of them is 0
    return pool_.concat(binary(Op::add, high_part(a, at), high_part(b, at)), low);
  }
  return {};
}

Expr Simplifier::fold_sub(Expr a, Expr b) {
  if (a == b) {
    return zero(a.sort());
  }
  if (b.is_constant()) {
    return binary(Op::add, pool_.constant(b.sort(), 0 - b.value()), a);
  }
  if (const unsigned at = trailing_zeros(b); at != 0) {
    return pool_.concat(binary(Op::sub, high_part(a, at), high_part(b, at)), low_part(a, at));
  }
  return {};
}

Expr Simplifier::fold_mul(Expr a, Expr b) {
  if (is_zero(a)) {
    return a;
  }
  const unsigned width = a.width();
  if (a.is_constant() && std::has_single_bit(a.value())) {
    return shifted_left(b, static_cast<unsigned>(std::countr_zero(a.value())));
  }
  const unsigned needed = 2 * width - leading_zeros(a) - leading_zeros(b);
  if (needed < width) {
    return padded(binary(Op::mul, low_part(a, needed), low_part(b, needed)), width);
  }
  return {};
}

Expr Simplifier::fold_division(Op op, Expr a, Expr b) {
  const unsigned width = a.width();
  if (b.is_constant() && std::has_single_bit(b.value())) {
    const auto n = static_cast<unsigned>(std::countr_zero(b.value()));
    if (op == Op::udiv) {
      return shifted_right(a, n);
    }
    return n == 0 ? zero(a.sort()) : padded(low_part(a, n), width);
  }
  // x % 0 is x in any width; x / 0 is all ones, so the divisor must be known not to be 0.
  const unsigned needed = width - std::min(leading_zeros(a), leading_zeros(b));
  const bool divisor_known = b.is_constant() && b.value() != 0;
  if (needed != 0 && needed < width && (op == Op::urem || divisor_known)) {
    return padded(binary(op, low_part(a, needed), low_part(b, needed)), width);
  }
  return {};
}

Expr Simplifier::fold_shift(Op op, Expr a, Expr b) {
  if (is_zero(b) || is_zero(a)) {
    return a;
  }
  if (!b.is_constant()) {
    return {};
  }
  const unsigned width = a.width();
  if (op == Op::ashr) {
    const auto n = static_cast<unsigned>(std::min<std::uint64_t>(b.value(), width - 1));
    return n == 0 ? a : sign_extend(high_part(a, n), width);
  }
  if (b.value() >= width) {
    return zero(a.sort());
  }
  const auto n = static_cast<unsigned>(b.value());
  return op == Op::shl ? shifted_left(a, n) : shifted_right(a, n);
}

Expr Simplifier::shifted_left(Expr a, unsigned n) {
  return n == 0 ? a : pool_.concat(low_part(a, a.width() - n), pool_.bits(n, 0));
}

}  // namespace airlock
