// From expressions to register programs.
//
// Expressions are already in the form that a compiler would build: hash-consing is global value
// numbering, and folding happened when they were made. What is left is to walk the DAG once in
// post-order (which keeps values' lives short), to choose kernels with immediate operands, to see
// that widening, to_bits and to_bool cost nothing on columns whose upper bits are 0, to read fields
// straight from the packed words, and to put the results back with as few instructions as fields
// change. Registers are then allocated by one linear scan over the straight-line code (Poletto and
// Sarkar, "Linear Scan Register Allocation", TOPLAS 1999, without its hard part: there is no
// shortage of registers, only a preference for columns that are still in the cache).
//
// Code that depends on inputs is kept apart from code that does not, which is run once however
// many input values there are.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "checker/explore/choices.hpp"
#include "checker/explore/packing.hpp"
#include "checker/explore/program.hpp"

namespace airlock::explicit_state {

class Compiler {
 public:
  /// Both are borrowed. `inputs` numbers the inputs that the expressions may mention.
  Compiler(const Layout& layout, const InputLayout& inputs);

  /// Adds an output: the value of `e`, one column (or a constant).
  void output(Expr e);
  /// Adds layout.words() outputs, never constant: the packed state after `updates` (each variable
  /// at most once).
  void output_state(std::span<const Update> updates);
  /// The program. The compiler is used up.
  Program finish();

 private:
  struct Value {
    bool is_constant = true;
    std::uint32_t number = 0;  // of the virtual register
    std::uint64_t value = 0;
  };
  Value compile(Expr root);
  Value compile_node(Expr e);
  Value binary(Op op, Expr e);
  Value commutative(Op op, Expr e, Value a, Value b);
  Value comparison(Op op, Expr e, Value a, Value b);
  Value select(Value condition, Value then_value, Value else_value);
  Value join(Value high, Value low, unsigned low_width);
  Value field(Register word, const Field& field, bool whole_word);
  Value keep(Value a, std::uint64_t mask, std::uint64_t ones);
  Value in_register(Value v);
  Value emit(Kernel kernel, std::span<const Value> operands, std::uint64_t x = 0,
             std::uint64_t y = 0);
  Value state_word(std::uint32_t word, std::span<const Update> updates);
  [[nodiscard]] bool ready(Expr e) const;

  const Layout& layout_;
  const InputLayout& inputs_;
  Register index_;                 // the input with the input indices
  std::vector<Instruction> code_;  // over virtual registers
  std::vector<bool> depends_;      // per virtual register: on inputs
  std::vector<Value> outputs_;
  std::unordered_map<std::uint32_t, Value> memo_;  // by node id
};

}  // namespace airlock::explicit_state
