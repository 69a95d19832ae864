// Expressions to instructions, operands from left to right. Every access to memory is an
// instruction of its own, so that a step can be cut before any of them; what has been computed
// until then is in temporaries, which are slots like locals.
#include <cassert>

#include "model/software/flatten.hpp"

namespace airlock::c {
namespace {

// Liveness takes instructions times slots, in time and in memory.
constexpr std::size_t max_instructions = 10000;  // of a function
constexpr std::size_t max_in_program = 50000;    // instructions as written, before inlining
constexpr std::size_t max_slots_of_function = 20000;
constexpr std::size_t max_slots = 200000;  // of all functions together

}  // namespace

Instruction& Flattener::emit(Kind kind, Loc loc) {
  const FunctionInfo& function = unit_.functions[id_];
  if (code().size() >= max_instructions) {
    checker_.fail(loc,
                  "function '" + function.name + "' is too long: more than " +
                      std::to_string(max_instructions) + " instructions up to here",
                  "several functions");
  }
  if (++unit_.instructions > max_in_program) {
    checker_.fail(loc,
                  "the program is too long: more than " + std::to_string(max_in_program) +
                      " instructions up to here",
                  "a smaller program");
  }
  code().emplace_back();
  Instruction& instruction = code().back();
  instruction.kind = kind;
  instruction.loc = loc;
  instruction.statement = statement_;
  instruction.block = block_;
  return instruction;
}

unsigned Flattener::emit_jump(Loc loc) {
  emit(Kind::jump, loc);
  return here() - 1;
}

unsigned Flattener::emit_branch(Loc loc, const Operand& condition, bool in_expression) {
  Instruction& branch = emit(Kind::branch, loc);
  branch.args = {condition};
  branch.in_expression = in_expression;
  branch.target = here();
  return here() - 1;
}

void Flattener::emit_head(Loc loc) {
  emit(Kind::head, loc);
}

Slot Flattener::new_slot(const Type* type, const std::string& name, ObjectId object, Loc loc) {
  if (unit_.slots.size() - unit_.functions[id_].first_slot >= max_slots_of_function) {
    checker_.fail(loc,
                  "function '" + unit_.functions[id_].name + "' has more than " +
                      std::to_string(max_slots_of_function) + " scalars in its locals",
                  "fewer or smaller locals");
  }
  if (unit_.slots.size() >= max_slots) {
    checker_.fail(
        loc, "the program has more than " + std::to_string(max_slots) + " scalars in its locals",
        "fewer or smaller locals");
  }
  SlotInfo info;
  info.type = type;
  info.name = unit_.functions[id_].name + "." + name;
  info.object = object;
  info.function = id_;
  info.loc = loc;
  unit_.slots.push_back(std::move(info));
  return static_cast<Slot>(unit_.slots.size() - 1);
}

Operand Flattener::temporary(const Type* type, Loc loc) {
  Operand result;
  result.kind = Operand::Kind::slot;
  result.type = type;
  result.slot = new_slot(type, "t" + std::to_string(++temporaries_), none, loc);
  return result;
}

Operand Flattener::constant(const Type* type, std::uint64_t value) {
  Operand result;
  result.kind = Operand::Kind::constant;
  result.type = type;
  result.value = value;
  return result;
}

Operand Flattener::convert(Loc loc, const Operand& operand, const Type* to) {
  if (operand.type == to) {
    return operand;
  }
  const Operand dest = temporary(to, loc);
  Instruction& instruction = emit(Kind::convert, loc);
  instruction.type = to;
  instruction.dest = dest.slot;
  instruction.args = {operand};
  return dest;
}

Operand Flattener::operate(Loc loc, Operator op, const Type* type, const Operand& a,
                           const Operand& b) {
  const Operand dest = temporary(type, loc);
  Instruction& instruction = emit(Kind::operate, loc);
  instruction.op = op;
  instruction.type = type;
  instruction.dest = dest.slot;
  instruction.args = {a};
  if (b.kind != Operand::Kind::nothing) {
    instruction.args.push_back(b);
  }
  return dest;
}

Operand Flattener::value(const Tree& tree) {
  switch (tree.kind) {
    case Tree::Kind::constant: return constant(tree.type, tree.value);
    case Tree::Kind::null: {
      Operand result;
      result.kind = Operand::Kind::null;
      result.type = tree.type;
      return result;
    }
    case Tree::Kind::load: return read(tree);
    case Tree::Kind::address: return address(tree);
    case Tree::Kind::operate: {
      if (const auto folded = fold(unit_, tree, false)) {
        return constant(tree.type, *folded);
      }
      const Operand a = value(*tree.kids[0]);
      const Operand b = tree.kids.size() > 1 ? value(*tree.kids[1]) : Operand{};
      return operate(tree.loc, tree.op, tree.type, a, b);
    }
    case Tree::Kind::convert: {
      const Tree& inner = *tree.kids[0];
      if (tree.type->is_void() && inner.is_place()) {
        return {};  // (void) of a structure
      }
      const Operand operand = value(inner);
      return tree.type->is_void() ? Operand{} : convert(tree.loc, operand, tree.type);
    }
    case Tree::Kind::pointer_equal: return simple(Kind::pointer_equal, tree);
    case Tree::Kind::pointer_truth: return simple(Kind::pointer_truth, tree);
    case Tree::Kind::logical_and:
    case Tree::Kind::logical_or: return short_circuit(tree);
    case Tree::Kind::conditional: return conditional(tree);
    case Tree::Kind::comma:
      if (!tree.kids[0]->is_place()) {
        value(*tree.kids[0]);
      }
      return value(*tree.kids[1]);
    case Tree::Kind::assign: return assign(tree);
    case Tree::Kind::compound: return compound(tree);
    case Tree::Kind::call: return call(tree);
    case Tree::Kind::any_bits: return simple(Kind::any_bits, tree);
    case Tree::Kind::any_bool: return simple(Kind::any_bool, tree);
    case Tree::Kind::assume: return simple(Kind::assume, tree);
    case Tree::Kind::assertion: return simple(Kind::assertion, tree);
    case Tree::Kind::object:
    case Tree::Kind::member:
    case Tree::Kind::element:
    case Tree::Kind::deref: break;
  }
  checker_.fail(tree.loc, "a structure is used as a value", "a member of it");
}

Operand Flattener::simple(Kind kind, const Tree& tree) {
  std::vector<Operand> args;
  for (const TreePtr& kid : tree.kids) {
    args.push_back(value(*kid));
  }
  const Operand dest = tree.type->is_void() ? Operand{} : temporary(tree.type, tree.loc);
  Instruction& instruction = emit(kind, tree.loc);
  instruction.type = tree.type;
  instruction.dest = dest.slot;
  instruction.args = std::move(args);
  return dest;
}

Place Flattener::place(const Tree& tree) {
  Place result;
  switch (tree.kind) {
    case Tree::Kind::object: result.object = tree.index; break;
    case Tree::Kind::deref:
      result.pointer = value(*tree.kids[0]);
      result.pointer_target = tree.type;
      break;
    case Tree::Kind::member:
      result = place(*tree.kids[0]);
      result.offset += static_cast<unsigned>(tree.value);
      break;
    default: {
      assert(tree.kind == Tree::Kind::element);
      result = place(*tree.kids[0]);
      const std::uint64_t count = tree.kids[0]->type->count;
      const auto folded = fold(unit_, *tree.kids[1], false);
      if (folded && *folded < count) {
        result.offset += static_cast<unsigned>(*folded) * tree.type->leaves;
      } else {
        // Sign-extended to 64 bits, so that a negative index is a huge one.
        const Operand index =
            convert(tree.loc, value(*tree.kids[1]),
                    unit_.types.named(tree.kids[1]->type->is_signed ? "s64" : "u64"));
        result.indices.push_back({index, count, tree.type->leaves});
      }
      break;
    }
  }
  result.type = tree.type;
  return result;
}

/// A local that no pointer can reach stays where it is: in a defined C program nothing changes it
/// between its mention and its use, and so traces show the local and not a copy.
Operand Flattener::read(const Tree& tree) {
  const Place source = place(*tree.kids[0]);
  const bool local = source.object != none && source.indices.empty() &&
                     unit_.objects[source.object].storage == Object::Storage::local &&
                     addressed_.count(unit_.objects[source.object].name) == 0;
  if (!local) {
    return load(tree.loc, source, tree.type);
  }
  Instruction& instruction = emit(Kind::load, tree.loc);  // gives it a value if it has none
  instruction.type = tree.type;
  instruction.place = source;
  Operand result;
  result.kind = Operand::Kind::slot;
  result.type = tree.type;
  result.slot = unit_.objects[source.object].slot + source.offset;
  return result;
}

Operand Flattener::load(Loc loc, const Place& place, const Type* type) {
  const Operand dest = temporary(type, loc);
  Instruction& instruction = emit(Kind::load, loc);
  instruction.type = type;
  instruction.dest = dest.slot;
  instruction.place = place;
  return dest;
}

void Flattener::store(Loc loc, const Place& place, const Operand& value) {
  Instruction& instruction = emit(Kind::store, loc);
  instruction.type = place.type;
  instruction.place = place;
  instruction.args = {value};
}

Operand Flattener::assign(const Tree& tree) {
  const Place target = place(*tree.kids[0]);
  if (tree.type->is_structure()) {
    copy_structure(tree.loc, target, place(*tree.kids[1]));
    return {};
  }
  const Operand result = value(*tree.kids[1]);
  store(tree.loc, target, result);
  return result;
}

void Flattener::copy_structure(Loc loc, const Place& to, const Place& from) {
  for (unsigned i = 0; i < to.type->leaves; ++i) {
    const Type* type = leaf_of(to.type, i).type;
    Place source = from;
    source.offset += i;
    source.type = type;
    Place target = to;
    target.offset += i;
    target.type = type;
    store(loc, target, load(loc, source, type));
  }
}

Operand Flattener::compound(const Tree& tree) {
  const Place target = place(*tree.kids[0]);
  // The right side first, then the read: the read and the write are next to each other.
  const Operand right = value(*tree.kids[1]);
  const Operand old = load(tree.loc, target, tree.type);
  const Operand widened = convert(tree.loc, old, tree.operation_type);
  const Operand result = operate(tree.loc, tree.op, tree.operation_type, widened, right);
  const Operand narrowed = convert(tree.loc, result, tree.type);
  store(tree.loc, target, narrowed);
  return tree.value == 1 ? old : narrowed;
}

namespace {

/// A truth value, be it converted to an int.
bool is_truth(const Tree& tree) {
  return tree.type->is_bool || (tree.kind == Tree::Kind::convert && is_truth(*tree.kids[0]));
}

}  // namespace

/// Finds the trees that the value of a returned one is taken from, and what the function returns.
void Flattener::note_returned(const Tree& tree) {
  FunctionInfo& function = unit_.functions[id_];
  ++returns_;
  const auto shape = [](const Tree* at) {
    bool negated = false;
    while (at->kind == Tree::Kind::convert ||
           (at->kind == Tree::Kind::operate && at->op == Operator::logical_not)) {
      negated = negated != (at->kind == Tree::Kind::operate);
      at = at->kids[0].get();
    }
    return std::pair(at, negated);
  };
  const auto [inner, negated] = shape(&tree);
  const bool is_and = inner->kind == Tree::Kind::logical_and && returns_ == 1;
  function.returns_conjunction = is_and && !negated;
  function.returns_negated_conjunction = is_and && negated;
  std::vector<const Tree*> todo{inner};
  while (!todo.empty()) {
    const Tree* const at = shape(todo.back()).first;
    todo.pop_back();
    asked_elsewhere_.insert(at);
    if (at->kind == Tree::Kind::logical_and || at->kind == Tree::Kind::logical_or ||
        at->kind == Tree::Kind::conditional) {
      for (std::size_t i = 1; i < at->kids.size(); ++i) {
        todo.push_back(at->kids[i].get());
      }
    }
  }
}

Operand Flattener::short_circuit(const Tree& tree) {
  const bool is_and = tree.kind == Tree::Kind::logical_and;
  const Operand dest = temporary(tree.type, tree.loc);
  const auto set = [&](const Operand& operand, Loc loc) {
    Instruction& copy = emit(Kind::copy, loc);
    copy.type = tree.type;
    copy.dest = dest.slot;
    copy.args = {operand};
    copy.may_be_skipped = true;
  };
  const auto set_right = [&] {
    set(value(*tree.kids[1]), tree.kids[1]->loc);
    code().back().ends_conjunction = is_and && asked_elsewhere_.count(&tree) == 0;
  };
  if (is_and) {
    asked_elsewhere_.insert(tree.kids[0].get());  // of (a && b) && c, c asks
  }
  const Operand left = value(*tree.kids[0]);
  const unsigned branch = emit_branch(tree.loc, left, true);
  if (is_and) {
    code()[branch].target = here();
    set_right();
  } else {
    set(constant(tree.type, 1), tree.loc);
  }
  const unsigned skip = emit_jump(tree.loc);
  code()[branch].other = here();
  if (is_and) {
    set(constant(tree.type, 0), tree.loc);
  } else {
    set_right();
  }
  code()[skip].target = here();
  code()[branch].join = here();
  return dest;
}

Operand Flattener::conditional(const Tree& tree) {
  const bool has_value = !tree.type->is_void();
  const Operand dest = has_value ? temporary(tree.type, tree.loc) : Operand{};
  const auto arm = [&](const Tree& kid) {
    const Operand operand = value(kid);
    if (has_value) {
      Instruction& copy = emit(Kind::copy, kid.loc);
      copy.type = tree.type;
      copy.dest = dest.slot;
      copy.args = {operand};
      copy.may_be_skipped = is_truth(kid);
    }
  };
  const Operand condition = value(*tree.kids[0]);
  const unsigned branch = emit_branch(tree.loc, condition, true);
  arm(*tree.kids[1]);
  const unsigned skip = emit_jump(tree.loc);
  code()[branch].other = here();
  arm(*tree.kids[2]);
  code()[skip].target = here();
  code()[branch].join = here();
  return dest;
}

Operand Flattener::call(const Tree& tree) {
  std::vector<Operand> args;
  for (const TreePtr& kid : tree.kids) {
    args.push_back(value(*kid));
  }
  const FunctionInfo& callee = unit_.functions[tree.index];
  if (!callee.is_defined() && !platform_.intrinsic(callee.name)) {
    checker_.fail(tree.loc,
                  "function '" + callee.name +
                      "' is declared but not defined, and the machine has no"
                      " intrinsic of that name",
                  "a definition, or an intrinsic of <airlock/svm.h>");
  }
  const Operand dest = tree.type->is_void() ? Operand{} : temporary(tree.type, tree.loc);
  Instruction& instruction =
      emit(unit_.functions[tree.index].is_defined() ? Kind::call : Kind::intrinsic, tree.loc);
  instruction.type = tree.type;
  instruction.dest = dest.slot;
  instruction.args = std::move(args);
  instruction.index = tree.index;
  return dest;
}

Operand Flattener::address(const Tree& tree) {
  const Tree& operand = *tree.kids[0];
  if (operand.kind == Tree::Kind::deref) {  // &*p is p (C11 6.5.3.2p3)
    return value(*operand.kids[0]);
  }
  const Place target = place(operand);
  note_address(target);
  bool one_past = false;
  if (operand.kind == Tree::Kind::element) {
    const auto folded = fold(unit_, *operand.kids[1], false);
    one_past = !folded || *folded >= operand.kids[0]->type->count;
  }
  const Operand dest = temporary(tree.type, tree.loc);
  Instruction& instruction = emit(Kind::address, tree.loc);
  instruction.one_past = one_past;
  instruction.type = tree.type;
  instruction.dest = dest.slot;
  instruction.place = target;
  return dest;
}

/// Remembers which objects pointers can point into.
void Flattener::note_address(const Place& place) {
  if (place.object == none) {
    return;  // derived from another pointer: see aliases.cpp
  }
  unit_.objects[place.object].address_taken = true;
}

}  // namespace airlock::c
