#include "checker/explore/compile.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>

namespace airlock::explicit_state {
namespace {

unsigned operand_count(Kernel kernel) {
  switch (kernel) {
    case Kernel::fill: return 0;
    case Kernel::field:
    case Kernel::keep:
    case Kernel::flip:
    case Kernel::shift_or:
    case Kernel::add_value:
    case Kernel::eq_value:
    case Kernel::below_value:
    case Kernel::above_value:
    case Kernel::select_values: return 1;
    case Kernel::select: return 3;
    default: return 2;
  }
}

Register& operand(Instruction& instruction, unsigned i) {
  return i == 0 ? instruction.a : i == 1 ? instruction.b : instruction.c;
}

constexpr std::uint64_t all_ones = ~std::uint64_t{0};

}  // namespace

Compiler::Compiler(const Layout& layout, const InputLayout& inputs)
    : layout_(layout),
      inputs_(inputs),
      index_(static_cast<Register>(layout.words())),
      depends_(layout.words() + 1, false) {
  depends_[index_] = true;
}

Compiler::Value Compiler::emit(Kernel kernel, std::span<const Value> operands, std::uint64_t x,
                               std::uint64_t y) {
  assert(operands.size() == operand_count(kernel));
  Instruction instruction;
  instruction.kernel = kernel;
  instruction.x = x;
  instruction.y = y;
  bool depends = false;
  for (unsigned i = 0; i < operands.size(); ++i) {
    assert(!operands[i].is_constant);
    operand(instruction, i) = operands[i].number;
    depends = depends || depends_[operands[i].number];
  }
  instruction.dst = static_cast<Register>(depends_.size());
  depends_.push_back(depends);
  code_.push_back(instruction);
  return {false, instruction.dst, 0};
}

Compiler::Value Compiler::in_register(Value v) {
  return v.is_constant ? emit(Kernel::fill, {}, v.value) : v;
}

Compiler::Value Compiler::keep(Value a, std::uint64_t mask, std::uint64_t ones) {
  if (mask == all_ones && ones == 0) {
    return a;
  }
  return emit(Kernel::keep, std::array{a}, mask, ones);
}

Compiler::Value Compiler::field(Register word, const Field& field, bool whole_word) {
  const Value source{false, word, 0};
  if (whole_word) {
    return source;
  }
  return emit(Kernel::field, std::array{source}, field.shift, field.mask());
}

/// Leaves, and extracts of leaves, need none of their arguments.
bool Compiler::ready(Expr e) const {
  if (e.op() == Op::extract && e.arg(0).arity() == 0) {
    return true;
  }
  for (unsigned i = 0; i < e.arity(); ++i) {
    if (memo_.find(e.arg(i).id()) == memo_.end()) {
      return false;
    }
  }
  return true;
}

Compiler::Value Compiler::compile(Expr root) {
  std::vector<Expr> stack{root};
  while (!stack.empty()) {
    const Expr e = stack.back();
    if (memo_.find(e.id()) != memo_.end()) {
      stack.pop_back();
    } else if (ready(e)) {
      stack.pop_back();
      const Value value = compile_node(e);
      memo_.emplace(e.id(), value);
    } else {
      for (unsigned i = e.arity(); i-- > 0;) {
        stack.push_back(e.arg(i));
      }
    }
  }
  return memo_.at(root.id());
}

Compiler::Value Compiler::compile_node(Expr e) {
  const auto arg = [&](unsigned i) { return memo_.at(e.arg(i).id()); };
  switch (e.op()) {
    case Op::constant: return {true, 0, e.value()};
    case Op::variable: {
      const Field& at = layout_.field(e.index());
      return field(at.word, at, at.width == 64);
    }
    case Op::input: return field(index_, inputs_.field(e.index(), e.width() - 1, 0), false);
    case Op::extract: {
      const Expr of = e.arg(0);
      if (of.op() == Op::variable) {
        const Field& at = layout_.field(of.index());
        return field(at.word, Field{at.word, at.shift + e.lo(), e.width()}, false);
      }
      if (of.op() == Op::input) {
        return field(index_, inputs_.field(of.index(), e.hi(), e.lo()), false);
      }
      if (e.lo() == 0) {
        return keep(in_register(arg(0)), e.sort().mask(), 0);
      }
      return field(in_register(arg(0)).number, Field{0, e.lo(), e.width()}, false);
    }
    case Op::not_: return emit(Kernel::flip, std::array{in_register(arg(0))}, e.sort().mask());
    case Op::ite: return select(arg(0), arg(1), arg(2));
    case Op::concat: return join(arg(0), arg(1), e.arg(1).width());
    default: return binary(e.op(), e);
  }
}

Compiler::Value Compiler::join(Value high, Value low, unsigned low_width) {
  if (high.is_constant && high.value == 0) {
    return low;  // widening: the upper bits are 0 already
  }
  if (high.is_constant) {
    return keep(in_register(low), all_ones, high.value << low_width);
  }
  if (low.is_constant) {
    return emit(Kernel::shift_or, std::array{high}, low_width, low.value);
  }
  return emit(Kernel::place, std::array{low, high}, low_width);
}

Compiler::Value Compiler::select(Value condition, Value t, Value f) {
  const Value c = in_register(condition);
  if (t.is_constant && f.is_constant) {
    if (t.value == 1 && f.value == 0) {
      return c;
    }
    if (t.value == 0 && f.value == 1) {
      return emit(Kernel::flip, std::array{c}, 1);
    }
    return emit(Kernel::select_values, std::array{c}, t.value, f.value);
  }
  if (t.is_constant) {
    return emit(Kernel::select_then, std::array{c, f}, t.value);
  }
  if (f.is_constant) {
    return emit(Kernel::select_else, std::array{c, t}, f.value);
  }
  return emit(Kernel::select, std::array{c, t, f});
}

/// `b` is a constant if either operand is; `e` is the expression.
Compiler::Value Compiler::commutative(Op op, Expr e, Value a, Value b) {
  const std::uint64_t mask = e.arg(0).sort().mask();
  if (b.is_constant) {
    switch (op) {
      case Op::and_: return keep(a, b.value, 0);
      case Op::or_: return keep(a, ~b.value, b.value);
      case Op::xor_: return emit(Kernel::flip, std::array{a}, b.value);
      case Op::add: return emit(Kernel::add_value, std::array{a}, b.value, mask);
      case Op::eq:
        if (mask == 1) {
          return b.value == 1 ? a : emit(Kernel::flip, std::array{a}, 1);
        }
        return emit(Kernel::eq_value, std::array{a}, b.value);
      default: b = in_register(b); break;
    }
  }
  const std::array operands{a, b};
  switch (op) {
    case Op::and_: return emit(Kernel::and_, operands);
    case Op::or_: return emit(Kernel::or_, operands);
    case Op::xor_: return emit(Kernel::xor_, operands);
    case Op::add: return emit(Kernel::add, operands, 0, mask);
    case Op::eq: return emit(Kernel::eq, operands);
    default: assert(op == Op::mul); return emit(Kernel::mul, operands, 0, mask);
  }
}

Compiler::Value Compiler::comparison(Op op, Expr e, Value a, Value b) {
  const std::uint64_t sign = std::uint64_t{1} << (e.arg(0).width() - 1);
  if (op == Op::ult && b.is_constant) {
    return emit(Kernel::below_value, std::array{in_register(a)}, b.value);
  }
  if (op == Op::ult && a.is_constant) {
    return emit(Kernel::above_value, std::array{b}, a.value);
  }
  if (op == Op::ule && b.is_constant && b.value != all_ones) {
    return emit(Kernel::below_value, std::array{in_register(a)}, b.value + 1);
  }
  if (op == Op::ule && a.is_constant && a.value != 0) {
    return emit(Kernel::above_value, std::array{in_register(b)}, a.value - 1);
  }
  const Value left = in_register(a);
  const std::array operands{left, in_register(b)};
  switch (op) {
    case Op::ult: return emit(Kernel::below, operands);
    case Op::ule: return emit(Kernel::at_most, operands);
    case Op::slt: return emit(Kernel::below_signed, operands, sign);
    default: assert(op == Op::sle); return emit(Kernel::at_most_signed, operands, sign);
  }
}

Compiler::Value Compiler::binary(Op op, Expr e) {
  Value a = memo_.at(e.arg(0).id());
  Value b = memo_.at(e.arg(1).id());
  const std::uint64_t width = e.width();
  const std::uint64_t mask = e.sort().mask();
  switch (op) {
    case Op::and_:
    case Op::or_:
    case Op::xor_:
    case Op::add:
    case Op::mul:
    case Op::eq:
      if (a.is_constant) {
        std::swap(a, b);
      }
      return commutative(op, e, in_register(a), b);
    case Op::ult:
    case Op::ule:
    case Op::slt:
    case Op::sle: return comparison(op, e, a, b);
    case Op::sub:
      if (b.is_constant) {
        return emit(Kernel::add_value, std::array{in_register(a)}, 0 - b.value, mask);
      }
      break;
    default: break;
  }
  const Value left = in_register(a);
  const std::array operands{left, in_register(b)};
  switch (op) {
    case Op::sub: return emit(Kernel::sub, operands, 0, mask);
    case Op::udiv: return emit(Kernel::udiv, operands, 0, mask);
    case Op::urem: return emit(Kernel::urem, operands);
    case Op::shl: return emit(Kernel::shl, operands, width, mask);
    case Op::lshr: return emit(Kernel::lshr, operands, width);
    default: assert(op == Op::ashr); return emit(Kernel::ashr, operands, width, mask);
  }
}

void Compiler::output(Expr e) {
  outputs_.push_back(compile(e));
}

Compiler::Value Compiler::state_word(std::uint32_t word, std::span<const Update> updates) {
  std::uint64_t written = 0;
  std::uint64_t constants = 0;
  std::vector<std::pair<Value, unsigned>> placed;
  for (const Update& update : updates) {
    const Field& at = layout_.field(update.variable);
    if (at.word != word) {
      continue;
    }
    written |= at.mask() << at.shift;
    const Value value = compile(update.value);
    if (value.is_constant) {
      constants |= value.value << at.shift;
    } else {
      placed.emplace_back(value, at.shift);
    }
  }
  if (written == all_ones && placed.size() == 1 && placed[0].second == 0 && constants == 0) {
    return placed[0].first;  // one variable fills the word
  }
  Value result = keep({false, word, 0}, ~written, constants);
  for (const auto& [value, shift] : placed) {
    result = emit(Kernel::place, std::array{result, value}, shift);
  }
  return result;
}

void Compiler::output_state(std::span<const Update> updates) {
  for (std::uint32_t word = 0; word < layout_.words(); ++word) {
    outputs_.push_back(state_word(word, updates));
  }
}

Program Compiler::finish() {
  Program program;
  program.inputs = index_ + 1;
  program.registers = program.inputs;
  std::vector<Instruction> code;  // what does not depend on inputs first
  for (const bool depends : {false, true}) {
    for (const Instruction& i : code_) {
      if (depends_[i.dst] == depends) {
        code.push_back(i);
      }
    }
  }
  const auto split = static_cast<std::size_t>(std::count_if(
      code.begin(), code.end(), [&](const Instruction& i) { return !depends_[i.dst]; }));
  const bool has_inputs = inputs_.bits() != 0;

  // The last instruction that reads each value. Outputs live to the end; so does what is computed
  // before the inputs and read with them, because the code that reads it runs again and again.
  constexpr std::size_t forever = std::numeric_limits<std::size_t>::max();
  std::vector<std::size_t> last(depends_.size(), 0);
  std::vector<bool> carried(depends_.size(), false);
  for (std::size_t at = 0; at < code.size(); ++at) {
    for (unsigned i = 0; i < operand_count(code[at].kernel); ++i) {
      const Register r = operand(code[at], i);
      carried[r] = carried[r] || (at >= split && !depends_[r]);
      last[r] = carried[r] ? forever : at;
    }
  }
  for (const Value& output : outputs_) {
    if (!output.is_constant) {
      last[output.number] = forever;
      carried[output.number] = carried[output.number] || (has_inputs && !depends_[output.number]);
    }
  }

  std::vector<Register> place(depends_.size());
  for (Register r = 0; r < program.inputs; ++r) {
    place[r] = r;
  }
  std::vector<Register> free;
  for (std::size_t at = 0; at < code.size(); ++at) {
    Instruction& i = code[at];
    const Register value = i.dst;
    if (free.empty()) {
      place[value] = program.registers++;
    } else {
      place[value] = free.back();
      free.pop_back();
    }
    // Operands are freed only now, so that no result overwrites what it is computed from.
    const Register inputs = program.inputs;
    for (unsigned k = 0; k < operand_count(i.kernel); ++k) {
      Register& r = operand(i, k);
      if (last[r] == at && r >= inputs) {
        last[r] = forever;  // the same value twice is freed once
        free.push_back(place[r]);
      }
      r = place[r];
    }
    i.dst = place[value];
  }
  for (std::size_t r = 0; r < carried.size(); ++r) {
    if (carried[r]) {
      program.carried.push_back(place[r]);
    }
  }
  for (const Value& output : outputs_) {
    program.outputs.push_back(
        {output.is_constant, output.is_constant ? 0 : place[output.number], output.value});
  }
  const auto middle = code.begin() + static_cast<std::ptrdiff_t>(split);
  program.state_code.assign(code.begin(), middle);
  program.input_code.assign(middle, code.end());
  return program;
}

}  // namespace airlock::explicit_state
