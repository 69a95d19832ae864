// Hash-consing: nodes, the pool, the meaning of operators, and the C++ operators that build
// expressions.
//
// Nodes live in a deque (stable addresses) and are found through a hash set on (op, sort, value,
// arguments), so an expression that is built twice is one node. What is built is simplified first:
// see expr_simplify.cpp.
#include <algorithm>
#include <cassert>

#include "model/system/expr_node.hpp"
#include "model/system/stop.hpp"

namespace airlock {

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
  assert(op() == Op::variable || op() == Op::input);
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

std::int64_t as_signed(std::uint64_t value, unsigned width) {
  const unsigned shift = 64 - width;
  return static_cast<std::int64_t>(value << shift) >> shift;
}

}  // namespace

ExprPool::ExprPool() : impl_(std::make_unique<Impl>()) {}
ExprPool::~ExprPool() = default;
std::size_t ExprPool::size() const {
  return impl_->nodes.size();
}

Expr ExprPool::intern(Op op, Sort sort, std::uint64_t value, std::span<const Expr> args) {
  poll_stop();
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
Expr ExprPool::input(Sort sort, InputId id) {
  return intern(Op::input, sort, id, {});
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
    case Op::input: break;
  }
  assert(false && "leaves have no operands");
  return 0;
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

}  // namespace airlock
