// What C's operators compute, and when they are undefined.
#pragma once

#include <string>

#include "model/software/types.hpp"

namespace airlock::c {

enum class Operator {
  negate,
  complement,
  logical_not,  ///< bool -> bool
  add,
  subtract,
  multiply,
  divide,
  remainder,
  bit_and,
  bit_or,
  bit_xor,
  shift_left,
  shift_right,
  equal,  ///< the comparisons yield bool
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
};

[[nodiscard]] bool is_comparison(Operator op);

/// A value, and the condition under which C leaves it undefined (invalid: never).
struct Outcome {
  Expr value;
  Expr undefined;
  std::string reason;
};

/// `type` is the type of the operands after the usual conversions (for shifts, of the left one, the
/// right one having its own width). `b` is invalid for unary operators.
[[nodiscard]] Outcome operate(Operator op, const Type& type, Expr a, Expr b);

/// Conversion between integer types: to bool as "!= 0", to narrower ones modulo 2^width.
[[nodiscard]] Expr convert(Expr value, const Type& from, const Type& to);

}  // namespace airlock::c
