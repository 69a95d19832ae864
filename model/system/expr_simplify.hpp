// The rules that simplify expressions as they are built. Internal to the expr*.cpp files; what the
// rules are for is said in expr_simplify.cpp.
#pragma once

#include <initializer_list>
#include <vector>

#include "model/system/expr_node.hpp"

namespace airlock {

inline bool bitwise(Op op) {
  return op == Op::and_ || op == Op::or_ || op == Op::xor_;
}
inline bool is_all_ones(Expr e) {
  return e.is_constant() && e.value() == e.sort().mask();
}
inline bool is_zero(Expr e) {
  return e.is_constant() && e.value() == 0;
}
inline bool is_negation(Expr a, Expr b) {
  return (a.op() == Op::not_ && a.arg(0) == b) || (b.op() == Op::not_ && b.arg(0) == a);
}
inline bool constant_ite(Expr e) {
  return e.op() == Op::ite && e.arg(1).is_constant() && e.arg(2).is_constant();
}
inline bool half_constant_ite(Expr e) {
  return e.op() == Op::ite && (e.arg(1).is_constant() || e.arg(2).is_constant());
}
/// `constant == x`; equalities have their constant first.
inline bool is_test(Expr e) {
  return e.op() == Op::eq && e.arg(0).is_constant();
}
/// Where a concatenation falls apart: the width of its low part; 0 for anything else.
inline unsigned joint(Expr e) {
  return e.op() == Op::concat ? e.arg(1).width() : 0;
}

/// The rules. Methods that return an empty Expr say "no rule applies".
class Simplifier {
 public:
  explicit Simplifier(ExprPool& pool) : pool_(pool) {}

  Expr negate(Expr a);
  Expr binary(Op op, Expr a, Expr b);
  Expr choose(Expr c, Expr t, Expr f);
  Expr join(Expr high, Expr low);
  Expr push_extract(Expr e, unsigned hi, unsigned lo);

 private:
  Expr node(Op op, Sort sort, std::initializer_list<Expr> args);
  Expr zero(Sort sort) { return pool_.constant(sort, 0); }
  Expr ones(Sort sort) { return pool_.constant(sort, sort.mask()); }
  Expr high_part(Expr e, unsigned at) { return pool_.extract(e, e.width() - 1, at); }
  Expr low_part(Expr e, unsigned at) { return pool_.extract(e, at - 1, 0); }
  Expr sign(Expr e) { return high_part(e, e.width() - 1); }
  Expr padded(Expr e, unsigned width) { return zero_extend(e, width); }
  Expr both(Expr a, Expr b) { return binary(Op::and_, a, b); }
  Expr either(Expr a, Expr b) { return binary(Op::or_, a, b); }
  Expr equal(Expr a, Expr b) { return binary(Op::eq, a, b); }

  /// Constant first in commutative operators; not both constant.
  Expr fold(Op op, Expr a, Expr b);

  // And, or, xor
  Expr fold_and(Expr a, Expr b);
  Expr fold_or(Expr a, Expr b);
  /// x & (x & c), x & (!x & c), x & (x | c), x & (!x | c), and the same for or with the roles of
  /// the operators exchanged.
  Expr absorb(Op op, Op dual, Expr x, Expr y);
  /// (c & x) | (c & y) is c & (x | y), and the same with the roles of the operators exchanged.
  Expr factor(Op op, Op dual, Expr x, Expr y);
  /// Conjunctions of tests of one value: 3 == x excludes 5 == x and implies !(5 == x).
  Expr fold_tests(Expr a, Expr b);
  static std::vector<Expr> parts_of_and(Expr e);
  Expr fold_xor(Expr a, Expr b);
  /// Bitwise operators on vectors distribute over concatenation, and constants fall into runs of
  /// equal bits: masks become named bits and constants. `folded` goes first.
  Expr spread(Op op, Expr a, Expr b, Expr folded);

  // Arithmetic
  Expr fold_add(Expr a, Expr b);
  Expr fold_sub(Expr a, Expr b);
  Expr fold_mul(Expr a, Expr b);
  Expr fold_division(Op op, Expr a, Expr b);
  Expr fold_shift(Op op, Expr a, Expr b);
  /// By 0..width-1.
  Expr shifted_left(Expr a, unsigned n);
  Expr shifted_right(Expr a, unsigned n) { return n == 0 ? a : padded(high_part(a, n), a.width()); }

  // Comparisons
  Expr fold_eq(Expr a, Expr b);
  /// constant == b
  Expr test(Expr constant, Expr b);
  /// 1 == b for a 1-bit vector: logic on bits becomes logic on Bools.
  Expr test_bit(Expr b);
  Expr fold_ult(Expr a, Expr b);
  /// Bits `from` and up are 0.
  Expr all_zero(Expr e, unsigned from);
  /// A part on which the two sides agree, or which alone decides, drops out.
  Expr split_ult(Expr a, Expr b);
  /// Where the parts below `at` are known or equal, the parts above decide.
  Expr without_low_parts(Op less, Expr a, Expr b, unsigned at);
  Expr fold_slt(Expr a, Expr b);

  // Ite, concat, extract
  Expr choose_bool(Expr c, Expr t, Expr f);
  Expr choose_bits(Expr c, Expr t, Expr f);
  static bool worth_splitting(Expr a, Expr b);
  /// One value in place of two neighbours of a concatenation.
  Expr merged_neighbours(Expr high, Expr low);
  Expr extract_of_concat(Expr e, unsigned hi, unsigned lo);

  ExprPool& pool_;
};

}  // namespace airlock
