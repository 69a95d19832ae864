// Hash-consing and simplification.
//
// Nodes live in a deque (stable addresses) and are found through an open hash set on (op, sort,
// value, arguments). Simplification happens in `make`, bottom-up and once per node, so that every
// pass that rebuilds expressions simplifies them for free. Two families of rules carry the model:
// extracts move to the leaves, so that code which masks 64-bit registers ends as a few named bits;
// and equalities over concatenations split into equalities of their parts, so that comparing two
// registers costs one comparison per bit that can differ.
#include "model/system/expr.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <deque>
#include <unordered_map>
#include <unordered_set>

namespace airlock {

struct ExprNode {
  ExprPool* pool = nullptr;
  std::uint64_t value = 0;  // constant, index, or hi << 8 | lo
  std::array<Expr, 3> args{};
  std::uint32_t id = 0;
  Op op = Op::constant;
  Sort sort;
  std::uint8_t arity = 0;
};

Op Expr::op() const {
  return node_->op;
}
Sort Expr::sort() const {
  return node_->sort;
}
unsigned Expr::arity() const {
  return node_->arity;
}
Expr Expr::arg(unsigned i) const {
  assert(i < node_->arity);
  return node_->args.at(i);
}
std::uint64_t Expr::value() const {
  assert(op() == Op::constant);
  return node_->value;
}
std::uint32_t Expr::index() const {
  assert(op() == Op::variable || op() == Op::choice);
  return static_cast<std::uint32_t>(node_->value);
}
unsigned Expr::hi() const {
  assert(op() == Op::extract);
  return static_cast<unsigned>(node_->value >> 8U);
}
unsigned Expr::lo() const {
  assert(op() == Op::extract);
  return static_cast<unsigned>(node_->value & 0xFFU);
}
std::uint32_t Expr::id() const {
  return node_->id;
}
ExprPool& Expr::pool() const {
  return *node_->pool;
}

namespace {

struct NodeHash {
  std::size_t operator()(const ExprNode* n) const {
    std::uint64_t h = n->value * 0x9E3779B97F4A7C15ULL;
    h ^= static_cast<std::uint64_t>(n->op) << 56U;
    h ^= static_cast<std::uint64_t>(n->sort.is_bool() ? 0 : n->sort.width()) << 48U;
    for (unsigned i = 0; i < n->arity; ++i) {
      h = (std::rotl(h, 23) ^ n->args.at(i).id()) * 0xC2B2AE3D27D4EB4FULL;
    }
    return static_cast<std::size_t>(h ^ (h >> 29U));
  }
};

struct NodeEqual {
  bool operator()(const ExprNode* a, const ExprNode* b) const {
    return a->op == b->op && a->sort == b->sort && a->value == b->value && a->args == b->args;
  }
};

std::int64_t as_signed(std::uint64_t value, unsigned width) {
  const unsigned shift = 64 - width;
  return static_cast<std::int64_t>(value << shift) >> shift;
}

bool commutative(Op op) {
  return op == Op::and_ || op == Op::or_ || op == Op::xor_ || op == Op::add || op == Op::mul ||
         op == Op::eq;
}

bool is_all_ones(Expr e) {
  return e.is_constant() && e.value() == e.sort().mask();
}
bool is_zero(Expr e) {
  return e.is_constant() && e.value() == 0;
}
bool is_negation(Expr a, Expr b) {
  return (a.op() == Op::not_ && a.arg(0) == b) || (b.op() == Op::not_ && b.arg(0) == a);
}

}  // namespace

struct ExprPool::Impl {
  std::deque<ExprNode> nodes;
  std::unordered_set<const ExprNode*, NodeHash, NodeEqual> index;
  std::unordered_map<std::uint64_t, Expr> extracts;  // pushed down, by (node id, hi, lo)
};

ExprPool::ExprPool() : impl_(std::make_unique<Impl>()) {}
ExprPool::~ExprPool() = default;
std::size_t ExprPool::size() const {
  return impl_->nodes.size();
}

Expr ExprPool::intern(Op op, Sort sort, std::uint64_t value, std::span<const Expr> args) {
  ExprNode node;
  node.pool = this;
  node.op = op;
  node.sort = sort;
  node.value = value;
  node.arity = static_cast<std::uint8_t>(args.size());
  std::copy(args.begin(), args.end(), node.args.begin());
  for ([[maybe_unused]] const Expr a : args) {
    assert(a.valid() && &a.pool() == this);
  }
  if (auto found = impl_->index.find(&node); found != impl_->index.end()) {
    return Expr{*found};
  }
  node.id = static_cast<std::uint32_t>(impl_->nodes.size());
  impl_->nodes.push_back(node);
  const ExprNode* stored = &impl_->nodes.back();
  impl_->index.insert(stored);
  return Expr{stored};
}

Expr ExprPool::constant(Sort sort, std::uint64_t value) {
  return intern(Op::constant, sort, value & sort.mask(), {});
}
Expr ExprPool::variable(Sort sort, VarId id) {
  return intern(Op::variable, sort, id, {});
}
Expr ExprPool::choice(Sort sort, ChoiceId id) {
  return intern(Op::choice, sort, id, {});
}

std::uint64_t apply(Op op, Sort result, unsigned arg_width, std::span<const std::uint64_t> args) {
  const std::uint64_t a = args[0];
  const std::uint64_t b = args.size() > 1 ? args[1] : 0;
  const std::uint64_t mask = result.mask();
  switch (op) {
    case Op::not_: return ~a & mask;
    case Op::and_: return a & b;
    case Op::or_: return a | b;
    case Op::xor_: return a ^ b;
    case Op::add: return (a + b) & mask;
    case Op::sub: return (a - b) & mask;
    case Op::mul: return (a * b) & mask;
    case Op::udiv: return b == 0 ? mask : a / b;
    case Op::urem: return b == 0 ? a : a % b;
    case Op::shl: return b >= result.width() ? 0 : (a << b) & mask;
    case Op::lshr: return b >= result.width() ? 0 : a >> b;
    case Op::ashr: {
      const std::int64_t value = as_signed(a, result.width());
      const std::uint64_t amount = std::min<std::uint64_t>(b, 63);
      return static_cast<std::uint64_t>(value >> amount) & mask;
    }
    case Op::eq: return a == b ? 1 : 0;
    case Op::ult: return a < b ? 1 : 0;
    case Op::ule: return a <= b ? 1 : 0;
    case Op::slt: return as_signed(a, arg_width) < as_signed(b, arg_width) ? 1 : 0;
    case Op::sle: return as_signed(a, arg_width) <= as_signed(b, arg_width) ? 1 : 0;
    case Op::ite: return a != 0 ? b : args[2];
    case Op::extract: return (a >> b) & mask;
    case Op::concat: return ((a << arg_width) | b) & mask;
    case Op::constant:
    case Op::variable:
    case Op::choice: break;
  }
  assert(false && "leaves have no operands");
  return 0;
}

Expr ExprPool::make(Op op, std::span<const Expr> args) {
  switch (op) {
    case Op::not_: return make_not(args[0]);
    case Op::ite: return ite(args[0], args[1], args[2]);
    case Op::concat: return concat(args[0], args[1]);
    case Op::constant:
    case Op::variable:
    case Op::choice:
    case Op::extract: assert(false && "has its own builder"); return {};
    default: return make_binary(op, args[0], args[1]);
  }
}

Expr ExprPool::make_not(Expr a) {
  if (a.is_constant()) {
    return constant(a.sort(), ~a.value());
  }
  if (a.op() == Op::not_) {
    return a.arg(0);
  }
  if (a.op() == Op::ite && a.arg(1).is_constant() && a.arg(2).is_constant()) {
    return ite(a.arg(0), make_not(a.arg(1)), make_not(a.arg(2)));
  }
  if (a.op() == Op::concat) {
    return concat(make_not(a.arg(0)), make_not(a.arg(1)));
  }
  if (!a.is_bool() && a.width() > 1 && a.op() == Op::and_ && a.arg(0).is_constant()) {
    return make_binary(Op::or_, make_not(a.arg(0)), make_not(a.arg(1)));
  }
  const std::array args{a};
  return intern(Op::not_, a.sort(), 0, args);
}

Expr ExprPool::make_eq(Expr a, Expr b) {
  if (a == b) {
    return boolean(true);
  }
  if (a.is_constant() && b.is_constant()) {
    return boolean(a.value() == b.value());
  }
  if (b.is_constant()) {
    std::swap(a, b);
  }
  if (a.is_constant()) {
    if (b.is_bool()) {
      return a.value() == 1 ? b : make_not(b);
    }
    if (b.op() == Op::ite && (b.arg(1).is_constant() || b.arg(2).is_constant())) {
      return ite(b.arg(0), make_eq(a, b.arg(1)), make_eq(a, b.arg(2)));
    }
    if (b.op() == Op::not_) {
      return make_eq(make_not(a), b.arg(0));
    }
    if (b.op() == Op::xor_ && b.arg(0).is_constant()) {
      return make_eq(constant(a.sort(), a.value() ^ b.arg(0).value()), b.arg(1));
    }
    if (b.op() == Op::and_ && b.arg(0).is_constant()) {
      // Bits outside the mask must be 0 in the constant; the others are compared where they are.
      const std::uint64_t mask = b.arg(0).value();
      if ((a.value() & ~mask) != 0) {
        return boolean(false);
      }
      if (std::popcount(mask) == 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(mask));
        return make_eq(bits(1, a.value() >> i), extract(b.arg(1), i, i));
      }
    }
    if (b.op() == Op::or_ && b.arg(0).is_constant()) {
      if ((b.arg(0).value() & ~a.value()) != 0) {
        return boolean(false);
      }
    }
  }
  if (a.is_bool() && is_negation(a, b)) {
    return boolean(false);
  }
  // Split where either side is a concatenation: hardware registers are full of constant bits.
  const auto split = [](Expr e) { return e.op() == Op::concat ? e.arg(1).width() : 0U; };
  if (const unsigned at = std::max(split(a), split(b)); at != 0) {
    if (split(a) != 0 || split(b) != 0) {
      const unsigned top = a.width() - 1;
      const Expr high = make_eq(extract(a, top, at), extract(b, top, at));
      if (high.is_false()) {
        return high;
      }
      return make_binary(Op::and_, high, make_eq(extract(a, at - 1, 0), extract(b, at - 1, 0)));
    }
  }
  if (a.id() > b.id()) {
    std::swap(a, b);
  }
  const std::array args{a, b};
  return intern(Op::eq, Sort::boolean(), 0, args);
}

Expr ExprPool::make_binary(Op op, Expr a, Expr b) {
  assert(a.sort() == b.sort());
  const Sort sort = a.sort();
  const bool comparison = op == Op::ult || op == Op::ule || op == Op::slt || op == Op::sle;
  assert(!sort.is_bool() || op == Op::and_ || op == Op::or_ || op == Op::xor_ || op == Op::eq);
  if (op == Op::eq) {
    return make_eq(a, b);
  }
  const Sort result = comparison ? Sort::boolean() : sort;
  if (a.is_constant() && b.is_constant()) {
    const std::array<std::uint64_t, 2> values{a.value(), b.value()};
    return constant(result, apply(op, result, sort.width(), values));
  }
  if (commutative(op) && (b.is_constant() || (!a.is_constant() && a.id() > b.id()))) {
    std::swap(a, b);  // constants first, then by age
  }
  switch (op) {
    case Op::and_:
      if (is_zero(a) || is_negation(a, b)) {
        return constant(sort, 0);
      }
      if (is_all_ones(a) || a == b) {
        return b;
      }
      // a & (a & c), a & (a | c): absorption, and a & (!a & c).
      for (const auto& [x, y] : {std::pair{a, b}, std::pair{b, a}}) {
        if (y.op() == Op::and_ && (y.arg(0) == x || y.arg(1) == x)) {
          return y;
        }
        if (y.op() == Op::and_ && (is_negation(x, y.arg(0)) || is_negation(x, y.arg(1)))) {
          return constant(sort, 0);
        }
        if (y.op() == Op::or_ && (y.arg(0) == x || y.arg(1) == x)) {
          return x;
        }
        if (y.op() == Op::or_ && is_negation(x, y.arg(0))) {
          return make_binary(Op::and_, x, y.arg(1));
        }
        if (y.op() == Op::or_ && is_negation(x, y.arg(1))) {
          return make_binary(Op::and_, x, y.arg(0));
        }
      }
      if (a.is_constant() && b.op() == Op::and_ && b.arg(0).is_constant()) {
        return make_binary(Op::and_, constant(sort, a.value() & b.arg(0).value()), b.arg(1));
      }
      break;
    case Op::or_:
      if (is_all_ones(a) || is_negation(a, b)) {
        return constant(sort, sort.mask());
      }
      if (is_zero(a) || a == b) {
        return b;
      }
      for (const auto& [x, y] : {std::pair{a, b}, std::pair{b, a}}) {
        if (y.op() == Op::or_ && (y.arg(0) == x || y.arg(1) == x)) {
          return y;
        }
        if (y.op() == Op::or_ && (is_negation(x, y.arg(0)) || is_negation(x, y.arg(1)))) {
          return constant(sort, sort.mask());
        }
        if (y.op() == Op::and_ && (y.arg(0) == x || y.arg(1) == x)) {
          return x;
        }
        if (y.op() == Op::and_ && is_negation(x, y.arg(0))) {
          return make_binary(Op::or_, x, y.arg(1));
        }
        if (y.op() == Op::and_ && is_negation(x, y.arg(1))) {
          return make_binary(Op::or_, x, y.arg(0));
        }
      }
      if (a.is_constant() && b.op() == Op::or_ && b.arg(0).is_constant()) {
        return make_binary(Op::or_, constant(sort, a.value() | b.arg(0).value()), b.arg(1));
      }
      break;
    case Op::xor_:
      if (is_zero(a)) {
        return b;
      }
      if (is_all_ones(a)) {
        return make_not(b);
      }
      if (a == b) {
        return constant(sort, 0);
      }
      if (is_negation(a, b)) {
        return constant(sort, sort.mask());
      }
      for (const auto& [x, y] : {std::pair{a, b}, std::pair{b, a}}) {
        if (y.op() == Op::xor_ && y.arg(0) == x) {
          return y.arg(1);
        }
        if (y.op() == Op::xor_ && y.arg(1) == x) {
          return y.arg(0);
        }
      }
      if (a.is_constant() && b.op() == Op::xor_ && b.arg(0).is_constant()) {
        return make_binary(Op::xor_, constant(sort, a.value() ^ b.arg(0).value()), b.arg(1));
      }
      break;
    case Op::add:
      if (is_zero(a)) {
        return b;
      }
      break;
    case Op::sub:
      if (is_zero(b)) {
        return a;
      }
      if (a == b) {
        return constant(sort, 0);
      }
      break;
    case Op::mul:
      if (is_zero(a) || b.is_value(1)) {
        return a;
      }
      if (a.is_value(1)) {
        return b;
      }
      break;
    case Op::udiv:
      if (b.is_value(1)) {
        return a;
      }
      break;
    case Op::urem:
      if (b.is_value(1)) {
        return constant(sort, 0);
      }
      break;
    case Op::shl:
    case Op::lshr:
    case Op::ashr:
      if (is_zero(b) || (is_zero(a))) {
        return a;
      }
      if (b.is_constant() && op != Op::ashr) {
        const unsigned w = sort.width();
        if (b.value() >= w) {
          return constant(sort, 0);
        }
        const auto n = static_cast<unsigned>(b.value());
        return op == Op::shl ? concat(extract(a, w - 1 - n, 0), bits(n, 0))
                             : concat(bits(n, 0), extract(a, w - 1, n));
      }
      break;
    case Op::ult:
      if (a == b || is_zero(b) || is_all_ones(a)) {
        return boolean(false);
      }
      if (is_zero(a)) {
        return make_not(make_eq(b, a));
      }
      break;
    case Op::ule:
      if (a == b || is_zero(a) || is_all_ones(b)) {
        return boolean(true);
      }
      if (is_zero(b)) {
        return make_eq(a, b);
      }
      break;
    case Op::slt:
      if (a == b) {
        return boolean(false);
      }
      break;
    case Op::sle:
      if (a == b) {
        return boolean(true);
      }
      break;
    default: break;
  }
  if (!sort.is_bool() && (op == Op::and_ || op == Op::or_ || op == Op::xor_)) {
    // Bitwise operators distribute over concatenation; masks become named bits and constants.
    const Expr shaped = a.op() == Op::concat ? a : b;
    if (shaped.op() == Op::concat) {
      const unsigned at = shaped.arg(1).width();
      const unsigned top = sort.width() - 1;
      return concat(make_binary(op, extract(a, top, at), extract(b, top, at)),
                    make_binary(op, extract(a, at - 1, 0), extract(b, at - 1, 0)));
    }
  }
  const std::array args{a, b};
  return intern(op, result, 0, args);
}

Expr ExprPool::extract(Expr e, unsigned hi, unsigned lo) {
  assert(!e.is_bool() && hi < e.width() && lo <= hi);
  if (hi - lo + 1 == e.width()) {
    return e;
  }
  if (e.arity() == 0) {
    return push_extract(e, hi, lo);
  }
  // Expressions are DAGs: without the memo, pushing an extract through shared nodes is exponential.
  const std::uint64_t key = (std::uint64_t{e.id()} << 16U) | (hi << 8U) | lo;
  if (const auto found = impl_->extracts.find(key); found != impl_->extracts.end()) {
    return found->second;
  }
  const Expr result = push_extract(e, hi, lo);
  impl_->extracts.emplace(key, result);
  return result;
}

Expr ExprPool::push_extract(Expr e, unsigned hi, unsigned lo) {
  const Sort sort = Sort::bits(hi - lo + 1);
  switch (e.op()) {
    case Op::constant: return constant(sort, e.value() >> lo);
    case Op::extract: return extract(e.arg(0), e.lo() + hi, e.lo() + lo);
    case Op::concat: {
      const unsigned low = e.arg(1).width();
      if (hi < low) {
        return extract(e.arg(1), hi, lo);
      }
      if (lo >= low) {
        return extract(e.arg(0), hi - low, lo - low);
      }
      return concat(extract(e.arg(0), hi - low, 0), extract(e.arg(1), low - 1, lo));
    }
    case Op::not_: return make_not(extract(e.arg(0), hi, lo));
    case Op::and_:
    case Op::or_:
    case Op::xor_: return make_binary(e.op(), extract(e.arg(0), hi, lo), extract(e.arg(1), hi, lo));
    case Op::ite: return ite(e.arg(0), extract(e.arg(1), hi, lo), extract(e.arg(2), hi, lo));
    case Op::add:
    case Op::sub:
    case Op::mul:
      if (hi + 1 < e.width()) {
        // The low bits of a sum depend on the low bits of its terms alone.
        return extract(make_binary(e.op(), extract(e.arg(0), hi, 0), extract(e.arg(1), hi, 0)), hi,
                       lo);
      }
      break;
    default: break;
  }
  const std::array args{e};
  return intern(Op::extract, sort, (std::uint64_t{hi} << 8U) | lo, args);
}

Expr ExprPool::concat(Expr high, Expr low) {
  assert(!high.is_bool() && !low.is_bool() && high.width() + low.width() <= 64);
  const Sort sort = Sort::bits(high.width() + low.width());
  if (high.is_constant() && low.is_constant()) {
    return constant(sort, (high.value() << low.width()) | low.value());
  }
  // Right-leaning: concat(concat(x, y), z) = concat(x, concat(y, z)); neighbours merge.
  if (high.op() == Op::concat) {
    return concat(high.arg(0), concat(high.arg(1), low));
  }
  const Expr next = low.op() == Op::concat ? low.arg(0) : low;
  const auto merge = [&](Expr merged) {
    return low.op() == Op::concat ? concat(merged, low.arg(1)) : merged;
  };
  if (high.is_constant() && next.is_constant()) {
    return merge(constant(Sort::bits(high.width() + next.width()),
                          (high.value() << next.width()) | next.value()));
  }
  if (high.op() == Op::extract && next.op() == Op::extract && high.arg(0) == next.arg(0) &&
      high.lo() == next.hi() + 1) {
    return merge(extract(high.arg(0), high.hi(), next.lo()));
  }
  if (high.op() == Op::ite && next.op() == Op::ite && high.arg(0) == next.arg(0)) {
    return merge(
        ite(high.arg(0), concat(high.arg(1), next.arg(1)), concat(high.arg(2), next.arg(2))));
  }
  const std::array args{high, low};
  return intern(Op::concat, sort, 0, args);
}

Expr ExprPool::ite(Expr c, Expr t, Expr f) {
  assert(c.is_bool() && t.sort() == f.sort());
  if (c.is_constant()) {
    return c.value() == 1 ? t : f;
  }
  if (t == f) {
    return t;
  }
  if (c.op() == Op::not_) {
    return ite(c.arg(0), f, t);
  }
  if (t.op() == Op::ite && t.arg(0) == c) {
    return ite(c, t.arg(1), f);
  }
  if (f.op() == Op::ite && f.arg(0) == c) {
    return ite(c, t, f.arg(2));
  }
  if (t.is_bool()) {
    if (t.is_constant()) {
      return t.value() == 1 ? make_binary(Op::or_, c, f) : make_binary(Op::and_, make_not(c), f);
    }
    if (f.is_constant()) {
      return f.value() == 1 ? make_binary(Op::or_, make_not(c), t) : make_binary(Op::and_, c, t);
    }
    if (is_negation(t, f)) {
      return make_not(make_binary(Op::xor_, c, t));
    }
    if (c == t) {
      return make_binary(Op::or_, c, f);
    }
    if (c == f) {
      return make_binary(Op::and_, c, t);
    }
  } else if (t.op() == Op::concat || f.op() == Op::concat) {
    // Part by part: parts on which both sides agree do not depend on the condition.
    const Expr shaped = t.op() == Op::concat ? t : f;
    const unsigned at = shaped.arg(1).width();
    const unsigned top = t.width() - 1;
    const Expr high_t = extract(t, top, at);
    const Expr high_f = extract(f, top, at);
    const Expr low_t = extract(t, at - 1, 0);
    const Expr low_f = extract(f, at - 1, 0);
    if (high_t == high_f || low_t == low_f || (high_t.is_constant() && high_f.is_constant()) ||
        (low_t.is_constant() && low_f.is_constant()) ||
        (t.op() == Op::concat && f.op() == Op::concat)) {
      const Expr high = ite(c, high_t, high_f);
      const Expr low = ite(c, low_t, low_f);
      if (!(high.op() == Op::ite && low.op() == Op::ite && high.arg(0) == c && low.arg(0) == c)) {
        return concat(high, low);
      }
    }
  }
  const std::array args{c, t, f};
  return intern(Op::ite, t.sort(), 0, args);
}

namespace {
Expr binary(Op op, Expr a, Expr b) {
  const std::array args{a, b};
  return a.pool().make(op, args);
}
}  // namespace

Expr operator!(Expr a) {
  return ~a;
}
Expr operator~(Expr a) {
  const std::array args{a};
  return a.pool().make(Op::not_, args);
}
Expr operator&(Expr a, Expr b) {
  return binary(Op::and_, a, b);
}
Expr operator|(Expr a, Expr b) {
  return binary(Op::or_, a, b);
}
Expr operator^(Expr a, Expr b) {
  return binary(Op::xor_, a, b);
}
Expr eq(Expr a, Expr b) {
  return binary(Op::eq, a, b);
}
Expr ite(Expr c, Expr t, Expr f) {
  return c.pool().ite(c, t, f);
}
Expr operator+(Expr a, Expr b) {
  return binary(Op::add, a, b);
}
Expr operator-(Expr a, Expr b) {
  return binary(Op::sub, a, b);
}
Expr operator*(Expr a, Expr b) {
  return binary(Op::mul, a, b);
}
Expr udiv(Expr a, Expr b) {
  return binary(Op::udiv, a, b);
}
Expr urem(Expr a, Expr b) {
  return binary(Op::urem, a, b);
}

namespace {
Expr sign(Expr e) {
  return bit(e, e.width() - 1);
}
Expr negated(Expr e) {
  return same_sort(e, 0) - e;
}
Expr magnitude(Expr e) {
  return ite(sign(e), negated(e), e);
}
}  // namespace

Expr sdiv(Expr a, Expr b) {
  const Expr quotient = udiv(magnitude(a), magnitude(b));
  return ite(sign(a) ^ sign(b), negated(quotient), quotient);
}
Expr srem(Expr a, Expr b) {
  const Expr remainder = urem(magnitude(a), magnitude(b));
  return ite(sign(a), negated(remainder), remainder);
}
Expr shl(Expr a, Expr b) {
  return binary(Op::shl, a, b);
}
Expr lshr(Expr a, Expr b) {
  return binary(Op::lshr, a, b);
}
Expr ashr(Expr a, Expr b) {
  return binary(Op::ashr, a, b);
}
Expr ult(Expr a, Expr b) {
  return binary(Op::ult, a, b);
}
Expr ule(Expr a, Expr b) {
  return binary(Op::ule, a, b);
}
Expr slt(Expr a, Expr b) {
  return binary(Op::slt, a, b);
}
Expr sle(Expr a, Expr b) {
  return binary(Op::sle, a, b);
}
Expr extract(Expr e, unsigned hi, unsigned lo) {
  return e.pool().extract(e, hi, lo);
}
Expr concat(Expr high, Expr low) {
  return high.pool().concat(high, low);
}
Expr zero_extend(Expr e, unsigned width) {
  assert(width >= e.width());
  return width == e.width() ? e : concat(e.pool().bits(width - e.width(), 0), e);
}
Expr sign_extend(Expr e, unsigned width) {
  assert(width >= e.width());
  if (width == e.width()) {
    return e;
  }
  const unsigned extra = width - e.width();
  ExprPool& pool = e.pool();
  return concat(pool.ite(sign(e), pool.bits(extra, ~std::uint64_t{0}), pool.bits(extra, 0)), e);
}
Expr bit(Expr e, unsigned i) {
  return to_bool(extract(e, i, i));
}
Expr with_bit(Expr e, unsigned i, Expr value) {
  Expr result = to_bits(value);
  if (i > 0) {
    result = concat(result, extract(e, i - 1, 0));
  }
  if (i + 1 < e.width()) {
    result = concat(extract(e, e.width() - 1, i + 1), result);
  }
  return result;
}
Expr to_bits(Expr boolean) {
  assert(boolean.is_bool());
  ExprPool& pool = boolean.pool();
  // The inverse of to_bool: (x == 1) is x again.
  if (boolean.op() == Op::eq && boolean.arg(0).is_value(1) && boolean.arg(1).width() == 1 &&
      !boolean.arg(1).is_bool()) {
    return boolean.arg(1);
  }
  if (boolean.op() == Op::eq && boolean.arg(1).is_value(1) && boolean.arg(0).width() == 1 &&
      !boolean.arg(0).is_bool()) {
    return boolean.arg(0);
  }
  return pool.ite(boolean, pool.bits(1, 1), pool.bits(1, 0));
}
Expr to_bool(Expr bit) {
  assert(!bit.is_bool() && bit.width() == 1);
  return eq(bit, bit.pool().bits(1, 1));
}
Expr same_sort(Expr e, std::uint64_t value) {
  return e.pool().constant(e.sort(), value);
}

Rewriter::Rewriter(ExprPool& target, std::function<Expr(Expr leaf)> leaf)
    : target_(target), leaf_(std::move(leaf)) {}

void Rewriter::replace(Expr node, Expr replacement) {
  assert(node.sort() == replacement.sort() && &replacement.pool() == &target_);
  memo_.insert_or_assign(node.id(), replacement);
}

Expr Rewriter::operator()(Expr root) {
  assert(source_ == nullptr || source_ == &root.pool());
  source_ = &root.pool();
  std::vector<Expr> stack{root};
  while (!stack.empty()) {
    const Expr e = stack.back();
    const std::size_t before = stack.size();
    if (!memo_.contains(e.id())) {
      for (unsigned i = 0; i < e.arity(); ++i) {
        if (!memo_.contains(e.arg(i).id())) {
          stack.push_back(e.arg(i));
        }
      }
      if (stack.size() != before) {
        continue;
      }
      memo_.emplace(e.id(), rebuilt(e));
    }
    stack.pop_back();
  }
  return memo_.at(root.id());
}

Expr Rewriter::rebuilt(Expr e) const {
  if (e.op() == Op::constant) {
    return target_.constant(e.sort(), e.value());
  }
  if (e.op() == Op::variable || e.op() == Op::choice) {
    const Expr replacement = leaf_(e);
    assert(replacement.sort() == e.sort() && &replacement.pool() == &target_);
    return replacement;
  }
  std::array<Expr, 3> args{};
  for (unsigned i = 0; i < e.arity(); ++i) {
    args.at(i) = memo_.at(e.arg(i).id());
  }
  return e.op() == Op::extract ? target_.extract(args[0], e.hi(), e.lo())
                               : target_.make(e.op(), std::span<const Expr>(args).first(e.arity()));
}

namespace {
std::vector<std::uint32_t> leaves(std::span<const Expr> roots, Op op) {
  std::vector<std::uint32_t> result;
  std::unordered_set<std::uint32_t> seen;
  std::vector<Expr> stack;
  for (const Expr root : roots) {
    if (root.valid()) {
      stack.push_back(root);
    }
  }
  while (!stack.empty()) {
    const Expr e = stack.back();
    stack.pop_back();
    if (!seen.insert(e.id()).second) {
      continue;
    }
    if (e.op() == op) {
      result.push_back(e.index());
    }
    for (unsigned i = 0; i < e.arity(); ++i) {
      stack.push_back(e.arg(i));
    }
  }
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

const char* name_of(Op op) {
  switch (op) {
    case Op::constant: return "const";
    case Op::variable: return "v";
    case Op::choice: return "c";
    case Op::not_: return "not";
    case Op::and_: return "and";
    case Op::or_: return "or";
    case Op::xor_: return "xor";
    case Op::add: return "add";
    case Op::sub: return "sub";
    case Op::mul: return "mul";
    case Op::udiv: return "udiv";
    case Op::urem: return "urem";
    case Op::shl: return "shl";
    case Op::lshr: return "lshr";
    case Op::ashr: return "ashr";
    case Op::eq: return "=";
    case Op::ult: return "ult";
    case Op::ule: return "ule";
    case Op::slt: return "slt";
    case Op::sle: return "sle";
    case Op::ite: return "ite";
    case Op::extract: return "extract";
    case Op::concat: return "concat";
  }
  return "?";
}
}  // namespace

std::vector<VarId> variables_of(std::span<const Expr> roots) {
  return leaves(roots, Op::variable);
}
std::vector<ChoiceId> choices_of(std::span<const Expr> roots) {
  return leaves(roots, Op::choice);
}

std::string to_string(Expr e) {
  if (!e.valid()) {
    return "<none>";
  }
  switch (e.op()) {
    case Op::constant:
      return e.is_bool() ? (e.value() == 1 ? "true" : "false")
                         : std::to_string(e.value()) + ":" + std::to_string(e.width());
    case Op::variable:
    case Op::choice: return name_of(e.op()) + std::to_string(e.index());
    default: break;
  }
  std::string result = std::string("(") + name_of(e.op());
  if (e.op() == Op::extract) {
    result += " " + std::to_string(e.hi()) + " " + std::to_string(e.lo());
  }
  for (unsigned i = 0; i < e.arity(); ++i) {
    result += " " + to_string(e.arg(i));
  }
  return result + ")";
}

}  // namespace airlock
