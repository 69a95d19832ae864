// Expressions as bits.
//
// Every engine here works on single bits: PDR's cubes are sets of them, and for the rest most of a
// world's operations (masks, copies, comparisons with constants) dissolve into a few gates once
// they are written that way. So the translation blasts bits itself for everything that is linear in
// the width, folding constants on the way, and leaves only multiplication, division and shifts by a
// variable amount to Z3's own bit blaster.
#include "checker/prove/bits.hpp"

#include <cassert>

#include "model/system/stop.hpp"

namespace airlock::prove {

Gates::Gates(z3::context& context) : yes_(context.bool_val(true)), no_(context.bool_val(false)) {}

z3::expr Gates::negate(const z3::expr& a) const {
  if (is_true(a)) {
    return no_;
  }
  if (is_false(a)) {
    return yes_;
  }
  if (a.is_not()) {
    return a.arg(0);
  }
  return !a;
}

z3::expr Gates::conjoin(const z3::expr& a, const z3::expr& b) const {
  if (is_false(a) || is_false(b)) {
    return no_;
  }
  if (is_true(a) || z3::eq(a, b)) {
    return b;
  }
  return is_true(b) ? a : a && b;
}

z3::expr Gates::disjoin(const z3::expr& a, const z3::expr& b) const {
  if (is_true(a) || is_true(b)) {
    return yes_;
  }
  if (is_false(a) || z3::eq(a, b)) {
    return b;
  }
  return is_false(b) ? a : a || b;
}

z3::expr Gates::same(const z3::expr& a, const z3::expr& b) const {
  if (z3::eq(a, b)) {
    return yes_;
  }
  if (is_true(a)) {
    return b;
  }
  if (is_true(b)) {
    return a;
  }
  if (is_false(a)) {
    return negate(b);
  }
  return is_false(b) ? negate(a) : a == b;
}

z3::expr Gates::differ(const z3::expr& a, const z3::expr& b) const {
  return negate(same(a, b));
}

z3::expr Gates::select(const z3::expr& c, const z3::expr& a, const z3::expr& b) const {
  if (is_true(c) || z3::eq(a, b)) {
    return a;
  }
  if (is_false(c)) {
    return b;
  }
  if (is_true(a)) {
    return disjoin(c, b);
  }
  if (is_false(a)) {
    return conjoin(negate(c), b);
  }
  if (is_true(b)) {
    return disjoin(negate(c), a);
  }
  return is_false(b) ? conjoin(c, a) : z3::ite(c, a, b);
}

z3::expr Gates::any(const std::vector<z3::expr>& terms) const {
  z3::expr_vector kept(context());
  for (const z3::expr& term : terms) {
    if (is_true(term)) {
      return yes_;
    }
    if (!is_false(term)) {
      kept.push_back(term);
    }
  }
  return kept.empty() ? no_ : kept.size() == 1 ? kept[0] : z3::mk_or(kept);
}

z3::expr Gates::all(const std::vector<z3::expr>& terms) const {
  z3::expr_vector kept(context());
  for (const z3::expr& term : terms) {
    if (is_false(term)) {
      return no_;
    }
    if (!is_true(term)) {
      kept.push_back(term);
    }
  }
  return kept.empty() ? yes_ : kept.size() == 1 ? kept[0] : z3::mk_and(kept);
}

z3::expr Gates::equals(const Bits& bits, std::uint64_t value) const {
  std::vector<z3::expr> terms;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    terms.push_back(((value >> i) & 1U) != 0 ? bits[i] : negate(bits[i]));
  }
  return all(terms);
}

Bits Gates::constant(Sort sort, std::uint64_t value) const {
  Bits bits;
  for (unsigned i = 0; i < sort.width(); ++i) {
    bits.push_back(constant(((value >> i) & 1U) != 0));
  }
  return bits;
}

Bits Gates::fresh(Sort sort, const std::string& name) const {
  Bits bits;
  for (unsigned i = 0; i < sort.width(); ++i) {
    bits.push_back(context().bool_const((name + "." + std::to_string(i)).c_str()));
  }
  return bits;
}

namespace {

Bits add(const Gates& gates, const Bits& a, const Bits& b, z3::expr carry) {
  Bits sum;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const z3::expr half = gates.differ(a[i], b[i]);
    sum.push_back(gates.differ(half, carry));
    carry = gates.disjoin(gates.conjoin(a[i], b[i]), gates.conjoin(half, carry));
  }
  return sum;
}

/// a < b, or a <= b if `or_equal`.
z3::expr less(const Gates& gates, Bits a, Bits b, bool is_signed, bool or_equal) {
  if (is_signed) {
    std::swap(a.back(), b.back());
  }
  z3::expr result = gates.constant(or_equal);
  for (std::size_t i = 0; i < a.size(); ++i) {
    result = gates.select(gates.differ(a[i], b[i]), b[i], result);
  }
  return result;
}

z3::expr as_vector(const Gates& gates, const Bits& bits) {
  z3::context& context = gates.context();
  z3::expr_vector parts(context);
  for (std::size_t i = bits.size(); i-- > 0;) {
    parts.push_back(z3::ite(bits[i], context.bv_val(1, 1), context.bv_val(0, 1)));
  }
  return parts.size() == 1 ? parts[0] : z3::concat(parts);
}

Bits by_blasting(const Gates& gates, Op op, const Bits& a, const Bits& b) {
  const z3::expr x = as_vector(gates, a);
  const z3::expr y = as_vector(gates, b);
  const auto result = [&] {
    switch (op) {
      case Op::mul: return x * y;
      case Op::udiv: return z3::udiv(x, y);
      case Op::urem: return z3::urem(x, y);
      case Op::shl: return z3::shl(x, y);
      case Op::lshr: return z3::lshr(x, y);
      default: assert(op == Op::ashr); return z3::ashr(x, y);
    }
  }();
  Bits bits;
  for (unsigned i = 0; i < a.size(); ++i) {
    bits.push_back(result.extract(i, i) == gates.context().bv_val(1, 1));
  }
  return bits;
}

}  // namespace

const Bits& Translator::operator()(Expr root) {
  std::vector<Expr> stack{root};
  while (!stack.empty()) {
    const Expr e = stack.back();
    bool ready = memo_.count(e.id()) == 0;
    if (!ready) {
      stack.pop_back();
      continue;
    }
    for (unsigned i = 0; i < e.arity(); ++i) {
      if (memo_.count(e.arg(i).id()) == 0) {
        stack.push_back(e.arg(i));
        ready = false;
      }
    }
    if (ready) {
      memo_.emplace(e.id(), translate(e));
      stack.pop_back();
    }
  }
  return memo_.at(root.id());
}

Bits Translator::translate(Expr e) {
  poll_stop();
  const Gates& gates = *gates_;
  const auto arg = [&](unsigned i) -> const Bits& { return memo_.at(e.arg(i).id()); };
  Bits result;
  switch (e.op()) {
    case Op::constant: return gates.constant(e.sort(), e.value());
    case Op::variable:
    case Op::input:
      result = leaf_(e);
      assert(result.size() == e.width());
      return result;
    case Op::add: return add(gates, arg(0), arg(1), gates.constant(false));
    case Op::sub: {
      for (const z3::expr& bit : arg(1)) {
        result.push_back(gates.negate(bit));
      }
      return add(gates, arg(0), result, gates.constant(true));
    }
    case Op::mul:
    case Op::udiv:
    case Op::urem:
    case Op::shl:
    case Op::lshr:
    case Op::ashr: return by_blasting(gates, e.op(), arg(0), arg(1));
    case Op::ult: return {less(gates, arg(0), arg(1), false, false)};
    case Op::ule: return {less(gates, arg(0), arg(1), false, true)};
    case Op::slt: return {less(gates, arg(0), arg(1), true, false)};
    case Op::sle: return {less(gates, arg(0), arg(1), true, true)};
    case Op::eq: {
      for (std::size_t i = 0; i < arg(0).size(); ++i) {
        result.push_back(gates.same(arg(0)[i], arg(1)[i]));
      }
      return {gates.all(result)};
    }
    case Op::extract: return {arg(0).begin() + e.lo(), arg(0).begin() + e.hi() + 1};
    case Op::concat:
      result = arg(1);
      result.insert(result.end(), arg(0).begin(), arg(0).end());
      return result;
    case Op::not_:
    case Op::and_:
    case Op::or_:
    case Op::xor_:
    case Op::ite: break;
  }
  for (unsigned i = 0; i < e.width(); ++i) {
    switch (e.op()) {
      case Op::not_: result.push_back(gates.negate(arg(0)[i])); break;
      case Op::and_: result.push_back(gates.conjoin(arg(0)[i], arg(1)[i])); break;
      case Op::or_: result.push_back(gates.disjoin(arg(0)[i], arg(1)[i])); break;
      case Op::xor_: result.push_back(gates.differ(arg(0)[i], arg(1)[i])); break;
      default: result.push_back(gates.select(arg(0)[0], arg(1)[i], arg(2)[i])); break;
    }
  }
  return result;
}

}  // namespace airlock::prove
