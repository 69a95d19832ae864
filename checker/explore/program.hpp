// Register programs: what rules are compiled to.
//
// A program is a list of instructions over numbered registers, and a register is not a value but a
// *column*: the values of one quantity for up to `lanes` states at once, a 64-bit word each. The
// cost of decoding an instruction is paid once per column rather than once per state, and what
// remains is a plain loop that the compiler vectorises. The idea is that of column-store query
// engines (Boncz, Zukowski, Nes: "MonetDB/X100: Hyper-Pipelining Query Execution", CIDR 2005);
// explicit-state model checkers usually generate C instead and compile it (SPIN's pan, Murphi,
// Rumur, LTSmin's pins), which needs a C compiler at run time and pays seconds for it before the
// first state. Batches also give the visited set something to prefetch.
//
// Invariant of every column: bits above the value's width are 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "checker/explore/packing.hpp"

namespace airlock::explicit_state {

/// States per column. A column is 2 KiB, so that the dozen that a rule keeps alive stay in the
/// first-level cache.
inline constexpr std::size_t lanes = 256;

using Register = std::uint32_t;

/// dst, a, b, c are registers; x and y immediate values.
enum class Kernel : std::uint8_t {
  fill,      ///< x
  field,     ///< (a >> x) & y
  keep,      ///< (a & x) | y
  flip,      ///< a ^ x
  place,     ///< a | (b << x)
  shift_or,  ///< (a << x) | y
  and_,
  or_,
  xor_,
  add,        ///< (a + b) & y
  add_value,  ///< (a + x) & y
  sub,        ///< (a - b) & y
  mul,        ///< (a * b) & y
  udiv,       ///< y is the mask
  urem,
  shl,   ///< x is the width, y the mask
  lshr,  ///< x is the width
  ashr,  ///< x is the width, y the mask
  eq,
  eq_value,        ///< a == x
  below,           ///< a < b
  below_value,     ///< a < x
  above_value,     ///< a > x
  at_most,         ///< a <= b
  below_signed,    ///< (a ^ x) < (b ^ x), x the sign bit
  at_most_signed,  ///< (a ^ x) <= (b ^ x)
  select,          ///< a ? b : c
  select_then,     ///< a ? x : b
  select_else,     ///< a ? b : x
  select_values,   ///< a ? x : y
};

struct Instruction {
  Kernel kernel = Kernel::fill;
  Register dst = 0;
  Register a = 0;
  Register b = 0;
  Register c = 0;
  std::uint64_t x = 0;
  std::uint64_t y = 0;
};

/// What an expression was compiled to.
struct Operand {
  bool is_constant = true;
  Register reg = 0;
  std::uint64_t value = 0;
};

/// Registers 0..inputs-1 are the caller's: the words of the state, then the column of input
/// indices. `state_code` does not depend on inputs, `input_code` does and is run again for every
/// further block of input values.
struct Program {
  std::vector<Instruction> state_code;
  std::vector<Instruction> input_code;
  std::vector<Operand> outputs;
  /// What is computed before the inputs and needed with them: registers whose columns must be
  /// repeated if one state is to occupy several lanes.
  std::vector<Register> carried;
  std::uint32_t registers = 0;
  std::uint32_t inputs = 0;
};

/// The registers of a running program: columns that are its own, except the inputs, which point
/// where the caller says.
class Frame {
 public:
  /// Makes room for `program`, whose registers then are uninitialised.
  void prepare(const Program& program);
  void set_input(Register reg, Word* column) { columns_[reg] = column; }
  [[nodiscard]] Word* column(Register reg) const { return columns_[reg]; }
  /// The column of an input that was not redirected: the frame's own.
  [[nodiscard]] Word* own_column(Register reg) { return storage_.data() + reg * lanes; }
  void run(const std::vector<Instruction>& code, std::size_t count) const;

 private:
  std::vector<Word> storage_;
  std::vector<Word*> columns_;
  std::uint32_t redirected_ = 0;  // registers below may have been redirected
};

}  // namespace airlock::explicit_state
