// Known bits: the domain that LLVM's value tracking and Linux's BPF verifier ("tnums"; Vishwanathan
// et al., "Sound, Precise, and Fast Abstract Interpretation with Tristate Numbers", CGO 2022) made
// common. Every operator maps what is known of its arguments to something known of its result.
// Precision matters for masks, shifts, sums and comparisons, which is what code does to registers;
// products and quotients only keep their zeros at the ends.
//
// Sums go by carries: each carry is monotone in the operands, so the carries of the smallest and of
// the largest operands bound all others, and where the two agree the carry is known.
#include "model/system/known_bits.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <unordered_set>

#include "model/system/stop.hpp"

namespace airlock {

KnownBits KnownBits::at_most(Sort sort, std::uint64_t bound) {
  const unsigned used = static_cast<unsigned>(std::bit_width(bound & sort.mask()));
  const std::uint64_t low = used >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << used) - 1;
  return {sort.mask() & ~low, 0};
}

KnownBits join(const KnownBits& a, const KnownBits& b) {
  const std::uint64_t known = a.known & b.known & ~(a.value ^ b.value);
  return {known, a.value & known};
}

namespace {

KnownBits truth(bool value) {
  return KnownBits::exactly(Sort::boolean(), value ? 1 : 0);
}

KnownBits complement(const KnownBits& a) {
  return {a.known, ~a.value & a.known};
}

KnownBits sum(Sort sort, const KnownBits& a, const KnownBits& b, std::uint64_t carry_in) {
  const std::uint64_t low = a.min() + b.min() + carry_in;
  const std::uint64_t high = a.max(sort) + b.max(sort) + carry_in;
  const std::uint64_t low_carries = low ^ a.min() ^ b.min();
  const std::uint64_t high_carries = high ^ a.max(sort) ^ b.max(sort);
  const std::uint64_t known = a.known & b.known & ~(low_carries ^ high_carries) & sort.mask();
  return {known, low & known};
}

KnownBits product(Sort sort, const KnownBits& a, const KnownBits& b) {
  const std::uint64_t a_max = a.max(sort);
  const std::uint64_t b_max = b.max(sort);
  if (a_max == 0 || b_max == 0) {
    return KnownBits::exactly(sort, 0);
  }
  const bool overflows = a_max > sort.mask() / b_max;
  KnownBits result = overflows ? KnownBits::anything() : KnownBits::at_most(sort, a_max * b_max);
  const auto zeros = static_cast<unsigned>(std::countr_zero(a_max) + std::countr_zero(b_max));
  const std::uint64_t low = zeros >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << zeros) - 1;
  result.known |= low & sort.mask();
  return result;
}

KnownBits quotient(Sort sort, const KnownBits& a, const KnownBits& b) {
  return b.min() == 0 ? KnownBits::anything() : KnownBits::at_most(sort, a.max(sort) / b.min());
}

KnownBits remainder(Sort sort, const KnownBits& a, const KnownBits& b) {
  const std::uint64_t bound = a.max(sort);
  return KnownBits::at_most(sort, b.min() == 0 ? bound : std::min(bound, b.max(sort) - 1));
}

KnownBits shift_by(Op op, Sort sort, const KnownBits& a, unsigned n) {
  const std::uint64_t mask = sort.mask();
  const std::array<std::uint64_t, 2> value{a.value, n};
  const std::array<std::uint64_t, 2> known{a.known, n};
  const std::uint64_t moved = apply(op, sort, sort.width(), value);
  if (op == Op::ashr) {
    return {apply(op, sort, sort.width(), known), moved};  // the sign is copied, known or not
  }
  const std::array<std::uint64_t, 2> ones{mask, n};
  const std::uint64_t filled = mask & ~apply(op, sort, sort.width(), ones);
  return {apply(op, sort, sort.width(), known) | filled, moved};
}

KnownBits shift(Op op, Sort sort, const KnownBits& a, const KnownBits& amount) {
  std::optional<KnownBits> result;
  const auto include = [&](const KnownBits& more) { result = result ? join(*result, more) : more; };
  for (unsigned n = 0; n < sort.width(); ++n) {
    if (amount.contains(n)) {
      include(shift_by(op, sort, a, n));
    }
  }
  if (amount.max(sort) >= sort.width()) {
    include(op == Op::ashr ? shift_by(op, sort, a, sort.width() - 1) : KnownBits::exactly(sort, 0));
  }
  return *result;
}

KnownBits equal(Sort sort, const KnownBits& a, const KnownBits& b) {
  if (((a.value ^ b.value) & a.known & b.known) != 0) {
    return truth(false);
  }
  return a.is_exact(sort) && b.is_exact(sort) ? truth(true) : KnownBits::anything();
}

KnownBits less(Sort sort, const KnownBits& a, const KnownBits& b) {
  if (a.max(sort) < b.min()) {
    return truth(true);
  }
  return a.min() >= b.max(sort) ? truth(false) : KnownBits::anything();
}

/// Signed order is unsigned order with the sign bit turned over.
KnownBits biased(Sort sort, const KnownBits& a) {
  const std::uint64_t sign = std::uint64_t{1} << (sort.width() - 1);
  return {a.known, a.value ^ (sign & a.known)};
}

KnownBits signed_less(Sort sort, const KnownBits& a, const KnownBits& b) {
  return less(sort, biased(sort, a), biased(sort, b));
}

KnownBits bitwise(Op op, const KnownBits& a, const KnownBits& b) {
  if (op == Op::xor_) {
    const std::uint64_t known = a.known & b.known;
    return {known, (a.value ^ b.value) & known};
  }
  if (op == Op::or_) {
    return complement(bitwise(Op::and_, complement(a), complement(b)));
  }
  const std::uint64_t zeros = (a.known & ~a.value) | (b.known & ~b.value);
  const std::uint64_t ones = a.value & b.value;
  return {zeros | ones, ones};
}

KnownBits chosen(const KnownBits& condition, const KnownBits& yes, const KnownBits& no) {
  if (condition.is_exact(Sort::boolean())) {
    return condition.value == 1 ? yes : no;
  }
  return join(yes, no);
}

}  // namespace

namespace {

/// The value, where every argument is known to the last bit.
std::optional<KnownBits> exact_result(Expr node, std::span<const KnownBits> args) {
  std::array<std::uint64_t, 3> values{};
  for (unsigned i = 0; i < args.size(); ++i) {
    if (!args[i].is_exact(node.arg(i).sort())) {
      return std::nullopt;
    }
    values.at(i) = args[i].value;
  }
  std::size_t count = args.size();
  if (node.op() == Op::extract) {
    values[1] = node.lo();
    count = 2;
  }
  const unsigned arg_width = node.arg(node.arity() - 1).width();
  return KnownBits::exactly(node.sort(),
                            apply(node.op(), node.sort(), arg_width,
                                  std::span<const std::uint64_t>(values).first(count)));
}

}  // namespace

KnownBits transfer(Expr node, std::span<const KnownBits> args) {
  if (const auto exact = exact_result(node, args)) {
    return *exact;
  }
  const Sort sort = node.sort();
  const Sort operand = node.arg(node.arity() - 1).sort();
  const KnownBits a = args[0];
  const KnownBits b = args.size() > 1 ? args[1] : KnownBits{};
  switch (node.op()) {
    case Op::not_: return complement(a);
    case Op::and_:
    case Op::or_:
    case Op::xor_: return bitwise(node.op(), a, b);
    case Op::add: return sum(sort, a, b, 0);
    case Op::sub: return sum(sort, a, complement(b), 1);
    case Op::mul: return product(sort, a, b);
    case Op::udiv: return quotient(sort, a, b);
    case Op::urem: return remainder(sort, a, b);
    case Op::shl:
    case Op::lshr:
    case Op::ashr: return shift(node.op(), sort, a, b);
    case Op::eq: return equal(operand, a, b);
    case Op::ult: return less(operand, a, b);
    case Op::ule: return complement(less(operand, b, a));
    case Op::slt: return signed_less(operand, a, b);
    case Op::sle: return complement(signed_less(operand, b, a));
    case Op::ite: return chosen(a, b, args[2]);
    case Op::extract:
      return {(a.known >> node.lo()) & sort.mask(), (a.value >> node.lo()) & sort.mask()};
    case Op::concat: {
      const unsigned low = operand.width();
      return {(a.known << low) | b.known, (a.value << low) | b.value};
    }
    case Op::constant:
    case Op::variable:
    case Op::input: break;
  }
  assert(false && "leaves have no operands");
  return {};
}

std::vector<Expr> conjuncts(Expr condition) {
  std::vector<Expr> result;
  std::unordered_set<std::uint32_t> seen;
  std::vector<Expr> stack{condition};
  while (!stack.empty()) {
    const Expr e = stack.back();
    stack.pop_back();
    if (!seen.insert(e.id()).second) {
      continue;
    }
    if (e.op() == Op::and_) {
      stack.push_back(e.arg(1));
      stack.push_back(e.arg(0));
    } else {
      result.push_back(e);
    }
  }
  return result;
}

namespace {

/// Contradictory facts do not matter: the condition is false then.
void add_fact(Facts& facts, Expr e, std::uint64_t value) {
  facts.nodes.emplace(e.id(), KnownBits::exactly(e.sort(), value));
  const Expr base = e.op() == Op::extract ? e.arg(0) : e;
  if (base.op() == Op::variable) {
    const unsigned lo = e.op() == Op::extract ? e.lo() : 0;
    KnownBits& bits = facts.variables[base.index()];
    bits.known |= e.sort().mask() << lo;
    bits.value |= value << lo;
  }
}

}  // namespace

std::vector<std::pair<Expr, std::uint64_t>> settled_by(Expr condition) {
  std::vector<std::pair<Expr, std::uint64_t>> result;
  const auto settle = [&](Expr e, std::uint64_t value) {
    if (!e.is_constant()) {
      result.emplace_back(e, value);
    }
  };
  for (const Expr c : conjuncts(condition)) {
    const bool holds = c.op() != Op::not_;
    const Expr atom = holds ? c : c.arg(0);
    settle(c, 1);
    settle(atom, holds ? 1 : 0);
    if (atom.op() == Op::eq && atom.arg(0).is_constant()) {
      const Expr e = atom.arg(1);  // of one bit, being different from a constant says it all
      if (holds || e.width() == 1) {
        settle(e, holds ? atom.arg(0).value() : 1 - atom.arg(0).value());
      }
    }
  }
  return result;
}

Facts facts_of(Expr condition) {
  Facts facts;
  for (const auto& [e, value] : settled_by(condition)) {
    add_fact(facts, e, value);
  }
  for (auto& [id, bits] : facts.variables) {
    bits.value &= bits.known;
  }
  return facts;
}

std::vector<Expr> nodes_below(std::span<const Expr> roots) {
  std::vector<Expr> result;
  std::unordered_set<std::uint32_t> seen;
  std::vector<Expr> stack;
  const auto push = [&](Expr e) {
    if (e.valid() && seen.insert(e.id()).second) {
      stack.push_back(e);
    }
  };
  std::for_each(roots.begin(), roots.end(), push);
  while (!stack.empty()) {
    const Expr e = stack.back();
    stack.pop_back();
    result.push_back(e);
    for (unsigned i = 0; i < e.arity(); ++i) {
      push(e.arg(i));
    }
  }
  std::sort(result.begin(), result.end(), [](Expr a, Expr b) { return a.id() < b.id(); });
  return result;
}

namespace {

KnownBits known_variable(Expr e, std::span<const KnownBits> variables, const Facts* facts) {
  KnownBits bits = e.index() < variables.size() ? variables[e.index()] : KnownBits::anything();
  if (facts != nullptr) {
    if (const auto found = facts->variables.find(e.index()); found != facts->variables.end()) {
      const KnownBits& fact = found->second;
      bits.value = (bits.value & ~fact.known) | fact.value;
      bits.known |= fact.known;
    }
  }
  return bits;
}

}  // namespace

std::unordered_map<std::uint32_t, KnownBits> known_values(std::span<const Expr> nodes,
                                                          std::span<const KnownBits> variables,
                                                          const Facts* facts) {
  std::unordered_map<std::uint32_t, KnownBits> result;
  result.reserve(nodes.size());
  for (const Expr e : nodes) {
    poll_stop();
    if (facts != nullptr) {
      if (const auto fact = facts->nodes.find(e.id()); fact != facts->nodes.end()) {
        result.emplace(e.id(), fact->second);
        continue;
      }
    }
    if (e.op() == Op::constant) {
      result.emplace(e.id(), KnownBits::exactly(e.sort(), e.value()));
    } else if (e.op() == Op::variable) {
      result.emplace(e.id(), known_variable(e, variables, facts));
    } else if (e.op() == Op::input) {
      result.emplace(e.id(), KnownBits::anything());
    } else {
      std::array<KnownBits, 3> args{};
      for (unsigned i = 0; i < e.arity(); ++i) {
        args.at(i) = result.at(e.arg(i).id());
      }
      result.emplace(e.id(), transfer(e, std::span<const KnownBits>(args).first(e.arity())));
    }
  }
  return result;
}

}  // namespace airlock
