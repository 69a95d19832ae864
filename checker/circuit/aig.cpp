// And-inverter graphs, and expressions as such.
//
// Structural hashing and constant folding as gates are made (Kuehlmann and Krohm, DAC 1997); no
// rewriting beyond: readers like ABC do that better, and expressions arrive simplified. The
// translation is the textbook's: ripple carry, shift and add, restoring division, barrel shifters.
#include "checker/circuit/aig.hpp"

#include <algorithm>
#include <cassert>

namespace airlock::circuit {

Literal Aig::leaf() {
  nodes_.push_back({});
  return static_cast<Literal>(2 * (nodes_.size() - 1));
}

Literal Aig::conjoin(Literal a, Literal b) {
  if (a < b) {
    std::swap(a, b);
  }
  if (b == lit_false || a == negated(b)) {
    return lit_false;
  }
  if (b == lit_true || a == b) {
    return a;
  }
  const auto [found, fresh] = gates_.try_emplace(std::uint64_t{a} << 32U | b, lit_false);
  if (fresh) {
    nodes_.push_back({a, b});
    found->second = static_cast<Literal>(2 * (nodes_.size() - 1));
  }
  return found->second;
}

Literal Aig::differ(Literal a, Literal b) {
  return conjoin(negated(conjoin(a, b)), negated(conjoin(negated(a), negated(b))));
}

Literal Aig::select(Literal condition, Literal then, Literal otherwise) {
  if (then == otherwise) {
    return then;
  }
  return disjoin(conjoin(condition, then), conjoin(negated(condition), otherwise));
}

Word BitBlaster::operator()(Expr e) {
  // Arguments first, without recursion: expressions may be deep.
  std::vector<Expr> stack{e};
  while (!stack.empty()) {
    const Expr top = stack.back();
    bool ready = true;
    for (unsigned i = 0; i < top.arity(); ++i) {
      if (!memo_.contains(top.arg(i).id())) {
        stack.push_back(top.arg(i));
        ready = false;
      }
    }
    if (ready) {
      if (!memo_.contains(top.id())) {
        memo_[top.id()] = build(top);
      }
      stack.pop_back();
    }
  }
  return memo_.at(e.id());
}

Word BitBlaster::build(Expr e) {
  const auto word = [&](unsigned i) -> const Word& { return memo_.at(e.arg(i).id()); };
  switch (e.op()) {
    case Op::constant: {
      Word bits(e.width());
      for (unsigned i = 0; i < e.width(); ++i) {
        bits[i] = (e.value() >> i & 1U) != 0 ? lit_true : lit_false;
      }
      return bits;
    }
    case Op::variable:
    case Op::input: return leaf_(e);
    case Op::not_: {
      Word bits = word(0);
      std::transform(bits.begin(), bits.end(), bits.begin(), negated);
      return bits;
    }
    case Op::and_: return bitwise(e, &Aig::conjoin);
    case Op::or_: return bitwise(e, &Aig::disjoin);
    case Op::xor_: return bitwise(e, &Aig::differ);
    case Op::add: return sum(word(0), word(1), lit_false);
    case Op::sub: {
      Word complement = word(1);
      std::transform(complement.begin(), complement.end(), complement.begin(), negated);
      return sum(word(0), complement, lit_true);
    }
    case Op::mul: return product(word(0), word(1));
    case Op::udiv: return quotient_and_rest(word(0), word(1)).first;
    case Op::urem: return quotient_and_rest(word(0), word(1)).second;
    case Op::shl:
    case Op::lshr:
    case Op::ashr: return shifted(e);
    case Op::eq: return {equal(word(0), word(1))};
    case Op::ult: return {less(word(0), word(1), false)};
    case Op::ule: return {less(word(0), word(1), true)};
    case Op::slt:
    case Op::sle: {  // the sign bit counts the other way round
      Word a = word(0);
      Word b = word(1);
      a.back() = negated(a.back());
      b.back() = negated(b.back());
      return {less(a, b, e.op() == Op::sle)};
    }
    case Op::ite: return select(word(0).front(), word(1), word(2));
    case Op::extract: return {word(0).begin() + e.lo(), word(0).begin() + e.hi() + 1};
    case Op::concat: {
      Word bits = word(1);
      bits.insert(bits.end(), word(0).begin(), word(0).end());
      return bits;
    }
  }
  assert(false);
  return {};
}

Word BitBlaster::bitwise(Expr e, Literal (Aig::*gate)(Literal, Literal)) {
  const Word& a = memo_.at(e.arg(0).id());
  const Word& b = memo_.at(e.arg(1).id());
  Word bits;
  for (std::size_t i = 0; i < a.size(); ++i) {
    bits.push_back((aig_.*gate)(a[i], b[i]));
  }
  return bits;
}

Word BitBlaster::sum(const Word& a, const Word& b, Literal carry) {
  Word bits;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Literal half = aig_.differ(a[i], b[i]);
    bits.push_back(aig_.differ(half, carry));
    carry = aig_.disjoin(aig_.conjoin(a[i], b[i]), aig_.conjoin(half, carry));
  }
  return bits;
}

Word BitBlaster::product(const Word& a, const Word& b) {
  Word total(a.size(), lit_false);
  for (std::size_t shift = 0; shift < b.size(); ++shift) {
    Word row(a.size(), lit_false);
    for (std::size_t i = shift; i < a.size(); ++i) {
      row[i] = aig_.conjoin(a[i - shift], b[shift]);
    }
    total = sum(total, row, lit_false);
  }
  return total;
}

/// Restoring division. By 0 every trial subtraction succeeds: the quotient is all ones and the rest
/// is the dividend, as SMT-LIB has it.
std::pair<Word, Word> BitBlaster::quotient_and_rest(const Word& a, const Word& b) {
  const std::size_t width = a.size();
  Word divisor = b;
  divisor.push_back(lit_false);
  Word rest(width + 1, lit_false);
  Word quotient(width, lit_false);
  Word complement = divisor;
  std::transform(complement.begin(), complement.end(), complement.begin(), negated);
  for (std::size_t i = width; i-- > 0;) {
    rest.pop_back();
    rest.insert(rest.begin(), a[i]);
    quotient[i] = less(divisor, rest, true);
    rest = select(quotient[i], sum(rest, complement, lit_true), rest);
  }
  rest.pop_back();
  return {quotient, rest};
}

Word BitBlaster::shifted(Expr e) {
  Word bits = memo_.at(e.arg(0).id());
  const Word& amount = memo_.at(e.arg(1).id());
  const std::size_t width = bits.size();
  const Literal fill = e.op() == Op::ashr ? bits.back() : lit_false;
  for (std::size_t k = 0; k < amount.size(); ++k) {
    const std::size_t by = k < 7 ? std::min(std::size_t{1} << k, width) : width;  // width <= 64
    Word moved(width, fill);
    for (std::size_t i = 0; i + by < width; ++i) {
      (e.op() == Op::shl ? moved[i + by] : moved[i]) = e.op() == Op::shl ? bits[i] : bits[i + by];
    }
    bits = select(amount[k], moved, bits);
  }
  return bits;
}

Literal BitBlaster::less(const Word& a, const Word& b, bool or_equal) {
  Literal result = or_equal ? lit_true : lit_false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    result = aig_.select(aig_.differ(a[i], b[i]), b[i], result);
  }
  return result;
}

Literal BitBlaster::equal(const Word& a, const Word& b) {
  Literal result = lit_true;
  for (std::size_t i = 0; i < a.size(); ++i) {
    result = aig_.conjoin(result, negated(aig_.differ(a[i], b[i])));
  }
  return result;
}

Word BitBlaster::select(Literal condition, const Word& then, const Word& otherwise) {
  Word bits;
  for (std::size_t i = 0; i < then.size(); ++i) {
    bits.push_back(aig_.select(condition, then[i], otherwise[i]));
  }
  return bits;
}

}  // namespace airlock::circuit
