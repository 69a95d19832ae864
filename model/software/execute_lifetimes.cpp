// Pointers to locals: how long they mean something, and what comparing them says.
//
// A local lives while its block does (C11 6.2.4p6), and each round of a loop's body is a block of
// its own. So leaving a block, by whatever way, takes the values of its locals and turns the
// pointers to them into dangling ones. All pointers that could be left are in the path's slots: a
// global's pointer never changes, and none of them points to a local.
#include "model/software/execute.hpp"

namespace airlock::c {
namespace {

bool is_within(const FunctionInfo& function, unsigned block, unsigned outer) {
  while (block != none && block != outer) {
    block = function.blocks[block].parent;
  }
  return block == outer;
}

}  // namespace

std::string Executor::outlives(const Address& leaf) const {
  const Object& object = unit_.objects[leaf.object];
  const FunctionInfo& function = unit_.functions[object.function];
  bool inner = false;
  for (std::size_t i = 1; i < function.blocks.size(); ++i) {
    for (const ObjectId local : function.blocks[i].objects) {
      inner = inner || local == leaf.object;
    }
  }
  return "a pointer to '" + object.name + "' outlives its " + (inner ? "block" : "function");
}

void Executor::end_lifetime(Path& path, const Object& object) const {
  path.slots.erase(path.slots.lower_bound(object.slot),
                   path.slots.lower_bound(object.slot + object.type->leaves));
  if (!object.address_taken) {
    return;
  }
  for (auto& [slot, value] : path.slots) {
    if (value.kind == Value::Kind::pointer && value.pointer.object != none &&
        &unit_.objects[value.pointer.object] == &object) {
      value.kind = Value::Kind::dangling;
    }
  }
}

void Executor::end_lifetimes(Path& path, unsigned target) const {
  const Frame& frame = path.frames.back();
  const FunctionInfo& function = unit_.functions[frame.function];
  const unsigned to = function.code[target].block;
  for (unsigned block = function.code[frame.pc].block; !is_within(function, to, block);
       block = function.blocks[block].parent) {
    for (const ObjectId object : function.blocks[block].objects) {
      end_lifetime(path, unit_.objects[object]);
    }
  }
}

/// Of everything that the function has; its slots are gone already.
void Executor::end_lifetimes_of(FunctionId function, Path& path, Value& result) const {
  const auto end = [&](Value& value) {
    if (value.kind == Value::Kind::pointer && value.pointer.object != none &&
        unit_.objects[value.pointer.object].storage == Object::Storage::local &&
        unit_.objects[value.pointer.object].function == function) {
      value.kind = Value::Kind::dangling;
    }
  };
  end(result);
  for (auto& [slot, value] : path.slots) {
    end(value);
  }
}

/// C11 6.5.9p6. One past the end of an array may be where something else begins: that is the
/// compiler's input. A dangling pointer's value must not even be looked at (6.2.4p2, J.2).
bool Executor::compare_pointers(Path& path, const Instruction& instruction, Ends& ends) {
  const bool is_truth = instruction.kind == Instruction::Kind::pointer_truth;
  const Value a = operand(path, instruction.args[0]);
  const Value b =
      is_truth ? Value{Value::Kind::pointer, {}, {}} : operand(path, instruction.args[1]);
  for (const Value& value : {a, b}) {
    if (value.kind == Value::Kind::dangling) {
      return end_undefined(path, outlives(value.pointer), instruction.loc, ends);
    }
    if (value.kind != Value::Kind::pointer) {
      return end_undefined(path, "a pointer without a value is read", instruction.loc, ends);
    }
  }
  const bool same_place =
      a.pointer.object == b.pointer.object && a.pointer.offset == b.pointer.offset;
  const Address& past = a.pointer.past ? a.pointer : b.pointer;
  const Address& other = a.pointer.past ? b.pointer : a.pointer;
  const bool at_end = past.past && past.offset == unit_.objects[past.object].type->leaves;
  const bool is_open = past.past && !other.past && other.object != none &&
                       (same_place || (at_end && other.object != past.object && other.offset == 0));
  Expr equal = path.step.pool().boolean(same_place);
  const std::string name = place_name("where arrays are", instruction.loc);
  if (is_open && !choose(path, input_key(path, name), name, Sort::boolean(),
                         "whether what is compared begins where the array ends", equal)) {
    return false;
  }
  path.slots[instruction.dest] = {Value::Kind::number, is_truth ? !equal : equal, {}};
  return true;
}

}  // namespace airlock::c
