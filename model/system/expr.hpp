// Expressions over Booleans and bit vectors: the one language that the machine, the software and
// every engine speak.
//
// Expressions are hash-consed in an ExprPool and simplified as they are built, so two handles of
// one pool are the same node exactly when `a == b`. A handle is a borrowed pointer: it is valid as
// long as its pool lives and costs nothing to copy. Building an expression changes the pool and is
// not thread-safe; reading one is. Semantics are SMT-LIB's FixedSizeBitVectors (all operations
// total: x/0 is all ones, x%0 is x, a shift by the width or more gives zeros, or sign bits for
// ashr), so a solver and the interpreter cannot disagree about corner cases.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace airlock {

/// Bool, or a bit vector of 1 to 64 bits.
class Sort {
 public:
  constexpr Sort() = default;
  static constexpr Sort boolean() { return Sort{0}; }
  /// `width` in 1..64.
  static constexpr Sort bits(unsigned width) { return Sort{static_cast<std::uint8_t>(width)}; }
  [[nodiscard]] constexpr bool is_bool() const { return width_ == 0; }
  /// Bits that a value of this sort occupies: 1 for Bool.
  [[nodiscard]] constexpr unsigned width() const { return width_ == 0 ? 1U : width_; }
  /// The largest value: 1 for Bool, 2^width - 1 for a bit vector.
  [[nodiscard]] constexpr std::uint64_t mask() const {
    return width() == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width()) - 1;
  }
  friend constexpr bool operator==(Sort, Sort) = default;

 private:
  constexpr explicit Sort(std::uint8_t width) : width_(width) {}
  std::uint8_t width_ = 0;
};

/// Operators. Bool and bit vectors share not/and/or/xor/eq/ite; the rest is for bit vectors.
enum class Op : std::uint8_t {
  constant,  ///< value()
  variable,  ///< index(): a state variable of the transition system
  input,     ///< index(): a value that a rule may pick (or an initial input)
  not_,
  and_,
  or_,
  xor_,
  add,
  sub,
  mul,
  udiv,
  urem,
  shl,
  lshr,
  ashr,
  eq,       ///< Bool
  ult,      ///< Bool, unsigned
  ule,      ///< Bool, unsigned
  slt,      ///< Bool, signed
  sle,      ///< Bool, signed
  ite,      ///< arg(0) is Bool
  extract,  ///< bits hi()..lo() of arg(0)
  concat,   ///< arg(0) is the high part
};

using VarId = std::uint32_t;    ///< index into TransitionSystem::variables
using InputId = std::uint32_t;  ///< index into TransitionSystem::inputs

/// As in S-expressions: "and", "=", "extract"; "const", "v" and "c" for the leaves.
const char* name_of(Op op);

class ExprPool;
struct ExprNode;

/// A value-like handle of a node. Default-constructed handles are empty (`valid()` is false).
class Expr {
 public:
  Expr() = default;
  [[nodiscard]] bool valid() const { return node_ != nullptr; }
  [[nodiscard]] Op op() const;
  [[nodiscard]] Sort sort() const;
  [[nodiscard]] unsigned width() const { return sort().width(); }
  [[nodiscard]] bool is_bool() const { return sort().is_bool(); }
  [[nodiscard]] unsigned arity() const;
  [[nodiscard]] Expr arg(unsigned i) const;
  [[nodiscard]] std::uint64_t value() const;  ///< of a constant
  [[nodiscard]] std::uint32_t index() const;  ///< of a variable or an input
  [[nodiscard]] unsigned hi() const;          ///< of an extract
  [[nodiscard]] unsigned lo() const;          ///< of an extract
  /// Dense number within the pool; arguments have smaller ids than the nodes made from them.
  [[nodiscard]] std::uint32_t id() const;
  [[nodiscard]] ExprPool& pool() const;
  [[nodiscard]] bool is_constant() const { return op() == Op::constant; }
  [[nodiscard]] bool is_true() const { return is_bool() && is_constant() && value() == 1; }
  [[nodiscard]] bool is_false() const { return is_bool() && is_constant() && value() == 0; }
  /// A constant with value v, of any sort.
  [[nodiscard]] bool is_value(std::uint64_t v) const { return is_constant() && value() == v; }
  /// Identity of nodes, not an equality expression: that is `eq(a, b)`.
  friend bool operator==(Expr a, Expr b) { return a.node_ == b.node_; }

 private:
  friend class ExprPool;
  explicit Expr(const ExprNode* node) : node_(node) {}
  const ExprNode* node_ = nullptr;
};

/// Owns nodes. Not copyable; handles point into it.
class ExprPool {
 public:
  ExprPool();
  ~ExprPool();
  ExprPool(const ExprPool&) = delete;
  ExprPool& operator=(const ExprPool&) = delete;

  Expr constant(Sort sort, std::uint64_t value);  ///< value is taken modulo 2^width
  Expr boolean(bool value) { return constant(Sort::boolean(), value ? 1 : 0); }
  Expr bits(unsigned width, std::uint64_t value) { return constant(Sort::bits(width), value); }
  Expr variable(Sort sort, VarId id);
  Expr input(Sort sort, InputId id);

  /// Builds `op` over `args`, simplified. Sorts must fit (asserted).
  Expr make(Op op, std::span<const Expr> args);
  Expr extract(Expr e, unsigned hi, unsigned lo);
  Expr concat(Expr high, Expr low);
  Expr ite(Expr condition, Expr then_value, Expr else_value);

  [[nodiscard]] std::size_t size() const;

 private:
  Expr intern(Op op, Sort sort, std::uint64_t value, std::span<const Expr> args);
  friend class Simplifier;  // expr_simplify.cpp
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Bool and bit vectors alike.
Expr operator!(Expr a);
Expr operator~(Expr a);
Expr operator&(Expr a, Expr b);
Expr operator|(Expr a, Expr b);
Expr operator^(Expr a, Expr b);
// Logical connectives; both sides are always built.
inline Expr operator&&(Expr a, Expr b) {
  return a & b;
}
inline Expr operator||(Expr a, Expr b) {
  return a | b;
}
Expr eq(Expr a, Expr b);
inline Expr ne(Expr a, Expr b) {
  return !eq(a, b);
}
Expr ite(Expr condition, Expr then_value, Expr else_value);
inline Expr implies(Expr a, Expr b) {
  return ~a | b;
}
// Bit vectors.
Expr operator+(Expr a, Expr b);
Expr operator-(Expr a, Expr b);
Expr operator*(Expr a, Expr b);
Expr udiv(Expr a, Expr b);
Expr urem(Expr a, Expr b);
Expr sdiv(Expr a, Expr b);  ///< truncating, as C's
Expr srem(Expr a, Expr b);  ///< sign of the dividend, as C's
Expr shl(Expr a, Expr b);
Expr lshr(Expr a, Expr b);
Expr ashr(Expr a, Expr b);
Expr ult(Expr a, Expr b);
Expr ule(Expr a, Expr b);
Expr slt(Expr a, Expr b);
Expr sle(Expr a, Expr b);
Expr extract(Expr e, unsigned hi, unsigned lo);
Expr concat(Expr high, Expr low);
Expr zero_extend(Expr e, unsigned width);  ///< to `width` bits in all; width >= e's
Expr sign_extend(Expr e, unsigned width);  ///< to `width` bits in all; width >= e's
/// Bit i as a Bool.
Expr bit(Expr e, unsigned i);
/// `e` with bit i replaced by the Bool `value`.
Expr with_bit(Expr e, unsigned i, Expr value);
/// Bool -> 1-bit vector, and a 1-bit vector -> Bool.
Expr to_bits(Expr boolean);
Expr to_bool(Expr bit);
/// A constant of e's sort.
Expr same_sort(Expr e, std::uint64_t value);

/// The value of an operator on constants: the one definition of every operator's meaning.
/// `args` are values within their sorts; `arg_width` is the width of the last argument. For
/// extract, args[1] is lo (and `result` gives the width).
std::uint64_t apply(Op op, Sort result, unsigned arg_width, std::span<const std::uint64_t> args);

/// Replaces leaves: `leaf` is called once for each distinct variable and input below the roots and
/// returns its replacement (same sort), all in `target`, which may be another pool. Everything
/// above is rebuilt, and so simplified anew. One Rewriter keeps its memo across calls; its cost is
/// that of the nodes it meets, however large the pool.
class Rewriter {
 public:
  Rewriter(ExprPool& target, std::function<Expr(Expr leaf)> leaf);
  Expr operator()(Expr e);
  /// From now on `node` (not only a leaf) becomes `replacement`, which has the same sort.
  void replace(Expr node, Expr replacement);

 private:
  [[nodiscard]] Expr rebuilt(Expr e) const;
  ExprPool& target_;
  std::function<Expr(Expr)> leaf_;
  std::unordered_map<std::uint32_t, Expr> memo_;  // by node id of the source pool
  const ExprPool* source_ = nullptr;
};

/// The distinct variables (or inputs) below `roots`, ascending.
std::vector<VarId> variables_of(std::span<const Expr> roots);
std::vector<InputId> inputs_of(std::span<const Expr> roots);

/// How many distinct nodes `root` consists of; counting stops above `limit`.
std::size_t node_count(Expr root, std::size_t limit);

/// S-expression, for messages and debugging.
std::string to_string(Expr e);

}  // namespace airlock
