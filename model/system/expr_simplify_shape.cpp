// Simplification of ite, concat and extract: what gives expressions their shape.
//
// Extracts sink to the leaves, neighbours in a concatenation that belong together become one, and a
// conditional over concatenations is taken apart where some part does not depend on the condition.
#include <algorithm>
#include <array>
#include <cassert>

#include "model/system/expr_simplify.hpp"

namespace airlock {

Expr Simplifier::choose(Expr c, Expr t, Expr f) {
  assert(c.is_bool() && t.sort() == f.sort());
  if (c.is_constant()) {
    return c.value() == 1 ? t : f;
  }
  if (t == f) {
    return t;
  }
  if (c.op() == Op::not_) {
    return choose(c.arg(0), f, t);
  }
  if (t.op() == Op::ite && t.arg(0) == c) {
    return choose(c, t.arg(1), f);
  }
  if (f.op() == Op::ite && f.arg(0) == c) {
    return choose(c, t, f.arg(2));
  }
  if (const Expr folded = t.is_bool() ? choose_bool(c, t, f) : choose_bits(c, t, f);
      folded.valid()) {
    return folded;
  }
  return node(Op::ite, t.sort(), {c, t, f});
}

Expr Simplifier::choose_bool(Expr c, Expr t, Expr f) {
  if (t.is_constant()) {
    return t.value() == 1 ? either(c, f) : both(negate(c), f);
  }
  if (f.is_constant()) {
    return f.value() == 1 ? either(negate(c), t) : both(c, t);
  }
  if (is_negation(t, f)) {
    return negate(binary(Op::xor_, c, t));
  }
  if (c == t || is_negation(c, f)) {
    return c == t ? either(c, f) : either(negate(c), t);
  }
  if (c == f || is_negation(c, t)) {
    return c == f ? both(c, t) : both(negate(c), f);
  }
  return {};
}

Expr Simplifier::choose_bits(Expr c, Expr t, Expr f) {
  if (t.width() == 1 && t.is_constant() && f.is_constant() && is_test(c) && c.arg(1).width() == 1 &&
      !c.arg(1).is_bool()) {
    return t.value() == 1 ? c.arg(1) : negate(c.arg(1));  // c is 1 == bit
  }
  const unsigned at = std::max(joint(t), joint(f));
  if (at == 0) {
    return {};
  }
  // Part by part: parts on which both sides agree do not depend on the condition.
  const Expr high_t = high_part(t, at);
  const Expr high_f = high_part(f, at);
  const Expr low_t = low_part(t, at);
  const Expr low_f = low_part(f, at);
  if (!worth_splitting(high_t, high_f) && !worth_splitting(low_t, low_f) &&
      !(t.op() == Op::concat && f.op() == Op::concat)) {
    return {};
  }
  const Expr high = choose(c, high_t, high_f);
  const Expr low = choose(c, low_t, low_f);
  const auto same_input = [&](Expr e) { return e.op() == Op::ite && e.arg(0) == c; };
  // Two ites of one condition side by side would be merged into what we started from.
  const Expr next = low.op() == Op::concat ? low.arg(0) : low;
  return same_input(high) && same_input(next) ? Expr{} : pool_.concat(high, low);
}

bool Simplifier::worth_splitting(Expr a, Expr b) {
  return a == b || (a.is_constant() && b.is_constant());
}

Expr Simplifier::join(Expr high, Expr low) {
  assert(!high.is_bool() && !low.is_bool() && high.width() + low.width() <= 64);
  if (high.is_constant() && low.is_constant()) {
    return pool_.bits(high.width() + low.width(), (high.value() << low.width()) | low.value());
  }
  if (high.op() == Op::concat) {
    return join(high.arg(0), join(high.arg(1), low));
  }
  const Expr next = low.op() == Op::concat ? low.arg(0) : low;
  if (const Expr merged = merged_neighbours(high, next); merged.valid()) {
    return low.op() == Op::concat ? join(merged, low.arg(1)) : merged;
  }
  return node(Op::concat, Sort::bits(high.width() + low.width()), {high, low});
}

Expr Simplifier::merged_neighbours(Expr high, Expr low) {
  if (high.is_constant() && low.is_constant()) {
    return join(high, low);
  }
  if (high.op() == Op::extract && low.op() == Op::extract && high.arg(0) == low.arg(0) &&
      high.lo() == low.hi() + 1) {
    return pool_.extract(high.arg(0), high.hi(), low.lo());
  }
  if (high.op() == Op::not_ && low.op() == Op::not_) {
    const Expr inner = merged_neighbours(high.arg(0), low.arg(0));
    return inner.valid() ? negate(inner) : Expr{};
  }
  if (high.op() == Op::ite && low.op() == Op::ite && high.arg(0) == low.arg(0)) {
    return choose(high.arg(0), join(high.arg(1), low.arg(1)), join(high.arg(2), low.arg(2)));
  }
  return {};
}

Expr Simplifier::push_extract(Expr e, unsigned hi, unsigned lo) {
  const auto part = [&](Expr of) { return pool_.extract(of, hi, lo); };
  switch (e.op()) {
    case Op::constant: return pool_.bits(hi - lo + 1, e.value() >> lo);
    case Op::extract: return pool_.extract(e.arg(0), e.lo() + hi, e.lo() + lo);
    case Op::concat: return extract_of_concat(e, hi, lo);
    case Op::not_: return negate(part(e.arg(0)));
    case Op::and_:
    case Op::or_:
    case Op::xor_: return binary(e.op(), part(e.arg(0)), part(e.arg(1)));
    case Op::ite: return choose(e.arg(0), part(e.arg(1)), part(e.arg(2)));
    case Op::add:
    case Op::sub:
    case Op::mul:
      if (hi + 1 < e.width()) {
        // The low bits of a sum depend on the low bits of its terms alone.
        const Expr a = pool_.extract(e.arg(0), hi, 0);
        return pool_.extract(binary(e.op(), a, pool_.extract(e.arg(1), hi, 0)), hi, lo);
      }
      break;
    default: break;
  }
  const std::array args{e};
  return pool_.intern(Op::extract, Sort::bits(hi - lo + 1), (std::uint64_t{hi} << 8U) | lo, args);
}

Expr Simplifier::extract_of_concat(Expr e, unsigned hi, unsigned lo) {
  const unsigned low = e.arg(1).width();
  if (hi < low) {
    return pool_.extract(e.arg(1), hi, lo);
  }
  if (lo >= low) {
    return pool_.extract(e.arg(0), hi - low, lo - low);
  }
  return join(pool_.extract(e.arg(0), hi - low, 0), pool_.extract(e.arg(1), low - 1, lo));
}

}  // namespace airlock
