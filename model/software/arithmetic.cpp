// C11 6.5 over the expression language, whose operations are total. Where C is stricter, the
// condition under which it leaves the result undefined is built beside the value. Widths are those
// of x86-64 Linux. What C leaves to the implementation is as GCC and Clang have it: two's
// complement, right shifts of negative values keep the sign, conversions wrap.
#include "model/software/arithmetic.hpp"

#include <cassert>

namespace airlock::c {
namespace {

Expr is_negative(Expr e) {
  return bit(e, e.width() - 1);
}
Expr zero(Expr e) {
  return same_sort(e, 0);
}
Expr minimum(Expr e) {
  return same_sort(e, std::uint64_t{1} << (e.width() - 1));
}

Outcome multiply(const Type& type, Expr a, Expr b) {
  const Expr value = a * b;
  if (!type.is_signed) {
    return {value, {}, {}};
  }
  Expr undefined;
  if (type.width <= 32) {
    const unsigned wide = type.width * 2;
    undefined = ne(sign_extend(a, wide) * sign_extend(b, wide), sign_extend(value, wide));
  } else {
    // No 128-bit vectors: divide back.
    const Expr minus_one = same_sort(a, ~std::uint64_t{0});
    undefined = ne(a, zero(a)) && ((eq(a, minus_one) && eq(b, minimum(b))) ||
                                   (ne(a, minus_one) && ne(sdiv(value, a), b)));
  }
  return {value, undefined, "signed overflow in '*'"};
}

Outcome divide(Operator op, const Type& type, Expr a, Expr b) {
  const bool quotient = op == Operator::divide;
  if (!type.is_signed) {
    return {quotient ? udiv(a, b) : urem(a, b), eq(b, zero(b)), "division by zero"};
  }
  const Expr overflow = eq(a, minimum(a)) && eq(b, same_sort(b, ~std::uint64_t{0}));
  const Expr by_zero = eq(b, zero(b));
  return {quotient ? sdiv(a, b) : srem(a, b), by_zero || overflow,
          overflow.is_false() ? "division by zero" : "division by zero or signed overflow"};
}

Outcome shift(Operator op, const Type& type, Expr a, Expr count) {
  // Out of range, in the count's own width; a negative count is a huge one when read as unsigned.
  const Expr limit = same_sort(count, type.width);
  const Expr too_far = count.width() < 7 ? count.pool().boolean(false) : ule(limit, count);
  const Expr by =
      count.width() >= a.width() ? extract(count, a.width() - 1, 0) : zero_extend(count, a.width());
  if (op == Operator::shift_right) {
    return {type.is_signed ? ashr(a, by) : lshr(a, by), too_far, "shift by the width or more"};
  }
  const Expr value = shl(a, by);
  if (!type.is_signed) {
    return {value, too_far, "shift by the width or more"};
  }
  const Expr lost = is_negative(a) || is_negative(value) || ne(lshr(value, by), a);
  const char* const range = "signed left shift of a negative value or beyond the type's range";
  return {value, too_far || lost,
          lost.is_false() || too_far.is_true() ? "shift by the width or more"
          : too_far.is_false()                 ? range
                               : std::string("shift by the width or more, or ") + range};
}

Expr compare(Operator op, const Type& type, Expr a, Expr b) {
  switch (op) {
    case Operator::equal: return eq(a, b);
    case Operator::not_equal: return ne(a, b);
    case Operator::less: return type.is_signed ? slt(a, b) : ult(a, b);
    case Operator::less_equal: return type.is_signed ? sle(a, b) : ule(a, b);
    case Operator::greater: return type.is_signed ? slt(b, a) : ult(b, a);
    default: return type.is_signed ? sle(b, a) : ule(b, a);
  }
}

}  // namespace

bool is_comparison(Operator op) {
  return op >= Operator::equal;
}

Outcome operate(Operator op, const Type& type, Expr a, Expr b) {
  switch (op) {
    case Operator::logical_not: return {!a, {}, {}};
    case Operator::complement: return {~a, {}, {}};
    case Operator::negate:
      return {zero(a) - a, type.is_signed ? eq(a, minimum(a)) : Expr{}, "signed overflow in '-'"};
    case Operator::add: {
      const Expr value = a + b;
      const Expr overflow = type.is_signed ? is_negative((a ^ value) & (b ^ value)) : Expr{};
      return {value, overflow, "signed overflow in '+'"};
    }
    case Operator::subtract: {
      const Expr value = a - b;
      const Expr overflow = type.is_signed ? is_negative((a ^ b) & (a ^ value)) : Expr{};
      return {value, overflow, "signed overflow in '-'"};
    }
    case Operator::multiply: return multiply(type, a, b);
    case Operator::divide:
    case Operator::remainder: return divide(op, type, a, b);
    case Operator::bit_and: return {a & b, {}, {}};
    case Operator::bit_or: return {a | b, {}, {}};
    case Operator::bit_xor: return {a ^ b, {}, {}};
    case Operator::shift_left:
    case Operator::shift_right: return shift(op, type, a, b);
    default: break;
  }
  if (a.is_bool()) {  // comparing two bools kept as Bool
    assert(op == Operator::equal || op == Operator::not_equal);
  }
  return {compare(op, type, a, b), {}, {}};
}

Expr convert(Expr value, const Type& from, const Type& to) {
  assert(value.sort() == from.sort());
  if (to.is_bool) {
    return value.is_bool() ? value : ne(value, zero(value));
  }
  if (value.is_bool()) {
    return zero_extend(to_bits(value), to.width);
  }
  if (to.width <= value.width()) {
    return to.width == value.width() ? value : extract(value, to.width - 1, 0);
  }
  return from.is_signed ? sign_extend(value, to.width) : zero_extend(value, to.width);
}

}  // namespace airlock::c
