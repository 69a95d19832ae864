// Loads and stores: places to leaves, leaves to variables or slots.
#include <cassert>
#include <stdexcept>

#include "model/software/execute.hpp"
#include "model/system/input_error.hpp"

namespace airlock::c {

std::string Executor::describe(const Address& leaf) const {
  const Object& object = unit_.objects[leaf.object];
  return object.name + leaf_of(object.type, leaf.offset).path;
}

/// The platform may refuse an object; only we know where it was asked for.
std::optional<ObjectLeaf> Executor::machine_object(const std::string& path, Loc loc) const {
  try {
    return platform_.object(path);
  } catch (const InputError& error) {
    throw error.at(unit_.sources.location(loc), unit_.sources.line(loc));
  }
}

const Executor::LeafInfo& Executor::info(const Address& leaf, Loc loc) {
  const auto known = infos_.find(leaf);
  if (known != infos_.end()) {
    return known->second;
  }
  const Object& object = unit_.objects[leaf.object];
  assert(object.storage != Object::Storage::local);
  const Leaf what = leaf_of(object.type, leaf.offset);
  LeafInfo info;
  info.path = object.name + what.path;
  info.type = what.type;
  if (object.storage == Object::Storage::machine) {
    const auto found = machine_object(info.path, loc);
    if (!found) {
      unit_.sources.fail(loc, "the machine has no '" + info.path + "'",
                         "an object of the machine, or a global with a definition");
    }
    info.kind = LeafInfo::Kind::variable;
    info.variable = found->variable;
    info.shared = found->shared;
    info.writable = found->writable;
  } else if (what.type->is_pointer()) {
    info.kind = LeafInfo::Kind::pointer;
    info.pointer = object.initial[leaf.offset].address;
    info.writable = false;
  } else if (object.is_const) {
    info.kind = LeafInfo::Kind::constant;
    info.value = object.initial[leaf.offset].value;
    info.writable = false;
  } else {
    const auto binding = globals_.find(info.path);
    if (binding == globals_.end()) {
      throw std::logic_error("no variable is bound to global '" + info.path + "'");
    }
    info.kind = LeafInfo::Kind::variable;
    info.variable = binding->second;
    info.shared = options_.threaded && options_.shared && options_.shared(info.path);
  }
  return infos_.emplace(leaf, std::move(info)).first->second;
}

bool Executor::is_shared(const Address& leaf, Loc loc) {
  const Object& object = unit_.objects[leaf.object];
  if (object.storage == Object::Storage::local) {
    return false;
  }
  if (object.storage == Object::Storage::machine && !machine_object(describe(leaf), loc)) {
    return false;  // an error where it is accessed; a pointer may merely be able to reach it
  }
  return info(leaf, loc).shared;
}

/// Where a pointer points that is dereferenced. False: the path has ended.
bool Executor::pointed_to(Path& path, const Operand& pointer, Loc loc, Address& out, Ends& ends) {
  const Value value = operand(path, pointer);
  out = value.pointer;
  if (value.kind == Value::Kind::dangling) {
    return end_undefined(path, outlives(out), loc, ends);
  }
  if (value.kind != Value::Kind::pointer) {
    return end_undefined(path, "a pointer without a value is dereferenced", loc, ends);
  }
  if (out.object == none) {
    return end_undefined(path, "NULL is dereferenced", loc, ends);
  }
  if (out.past) {
    return end_undefined(path,
                         "a pointer one past the end of an array in '" +
                             unit_.objects[out.object].name + "' is dereferenced",
                         loc, ends);
  }
  return true;
}

/// The leaves that the place may be on this path, each with its condition, and the condition under
/// which an index is out of range. False: the path has ended.
bool Executor::candidates(Path& path, const Instruction& instruction, std::vector<Candidate>& out,
                          Expr& out_of_range, Ends& ends) {
  const Place& place = instruction.place;
  const Loc loc = instruction.loc;
  ExprPool& pool = path.step.pool();
  Address base{place.object, place.offset};
  if (place.object == none) {
    if (!pointed_to(path, place.pointer, loc, base, ends)) {
      return false;
    }
    base.offset += place.offset;
  }
  out = {{pool.boolean(true), base}};
  out_of_range = pool.boolean(false);
  for (const Place::Index& index : place.indices) {
    Expr value;
    if (!number(path, index.operand, loc, value, ends)) {
      return false;
    }
    // &a[n] may be formed (C11 6.5.3.2p3, 6.5.6p8): of the element alone, not of what is in it.
    const bool may_be_past = instruction.one_past && &index == &place.indices.back();
    const std::uint64_t count = index.count + (may_be_past ? 1 : 0);
    out_of_range = out_of_range | ule(same_sort(value, count), value);
    std::vector<Candidate> all;
    for (const Candidate& candidate : out) {
      for (std::uint64_t i = 0; i < count; ++i) {
        const Expr here = candidate.condition & eq(value, same_sort(value, i));
        if (!here.is_false()) {
          all.push_back({here,
                         {candidate.leaf.object,
                          candidate.leaf.offset + static_cast<unsigned>(i) * index.stride,
                          i == index.count}});
        }
      }
    }
    out = std::move(all);
  }
  return true;
}

bool Executor::access(Path& path, const Instruction& instruction, Ends& ends) {
  std::vector<Candidate> leaves;
  Expr out_of_range;
  if (!candidates(path, instruction, leaves, out_of_range, ends)) {
    return false;
  }
  if (leaves.empty()) {  // the index equals that of no element, though out_of_range may not show it
    return end_undefined(path, "array index out of range", instruction.loc, ends);
  }
  const unsigned next = path.frames.back().pc + 1;
  if (instruction.kind == Instruction::Kind::address) {
    if (!split_undefined(path, out_of_range, "array index out of range", instruction.loc, ends)) {
      return false;
    }
    if (leaves.size() != 1) {
      unit_.sources.fail(instruction.loc,
                         "the address of an element whose index is not known statically",
                         "a constant index, or the element itself");
    }
    path.slots[instruction.dest] = {Value::Kind::pointer, {}, leaves[0].leaf};
    return go(path, next, ends);
  }
  bool shared = false;
  for (const Candidate& leaf : leaves) {
    shared = shared || is_shared(leaf.leaf, instruction.loc);
  }
  if (options_.threaded && shared) {
    if (path.accessed) {
      if (speculating_ == 0) {
        cut(path, {CutAt::Why::before_access, describe(leaves[0].leaf)}, ends);
      }
      return false;
    }
    path.accessed = true;
  }
  note(path, instruction);
  if (!split_undefined(path, out_of_range, "array index out of range", instruction.loc, ends)) {
    return false;
  }
  if (instruction.kind == Instruction::Kind::store) {
    const Value value = operand(path, instruction.args[0]);
    if (value.kind == Value::Kind::missing) {
      return end_undefined(path, "the value of a function that returned none is used",
                           instruction.loc, ends);
    }
    for (const Candidate& leaf : leaves) {
      write(path, leaf.leaf, value, leaf.condition, instruction.loc);
    }
    return go(path, next, ends);
  }
  Value result;
  for (const Candidate& leaf : leaves) {
    Value value;
    if (!read(path, leaf.leaf, instruction.type, instruction.loc, value, ends)) {
      return false;
    }
    if (result.kind == Value::Kind::uninitialised) {
      result = value;
    } else if (value.kind == Value::Kind::number && result.kind == Value::Kind::number) {
      result.number = ite(leaf.condition, value.number, result.number);
    } else if (!(value == result)) {
      unit_.sources.fail(
          instruction.loc,
          "a pointer is read from an array with an index that is not known statically",
          "a constant index");
    }
  }
  if (instruction.dest != none) {
    path.slots[instruction.dest] = result;
  }
  return go(path, next, ends);
}

bool Executor::read(Path& path, const Address& leaf, const Type* type, Loc loc, Value& out,
                    Ends& ends) {
  const Object& object = unit_.objects[leaf.object];
  if (object.storage == Object::Storage::local) {
    const Slot slot = object.slot + leaf.offset;
    const auto found = path.slots.find(slot);
    if (found != path.slots.end() && found->second.kind != Value::Kind::uninitialised) {
      out = found->second;
      return out.kind != Value::Kind::missing ||
             end_undefined(path, "the value of a function that returned none is used", loc, ends);
    }
    if (type->is_pointer()) {
      return end_undefined(path, "pointer '" + object.name + "' is read before it has a value", loc,
                           ends);
    }
    Expr value;
    const std::string name = place_name("uninitialised " + unit_.slots[slot].name, object.loc);
    if (!choose(path, local_key(path, name, leaf), name, type->sort(),
                "any value: it is read before it has one", value)) {
      return false;
    }
    out = {Value::Kind::number, value, {}};
    path.slots[slot] = out;
    return true;
  }
  const LeafInfo& what = info(leaf, loc);
  ExprPool& pool = path.step.pool();
  switch (what.kind) {
    case LeafInfo::Kind::pointer: out = {Value::Kind::pointer, {}, what.pointer}; return true;
    case LeafInfo::Kind::constant:
      out = {Value::Kind::number, pool.constant(type->sort(), what.value), {}};
      return true;
    case LeafInfo::Kind::variable: break;
  }
  // The variable may be a Bool or narrower than the C type; it is never wider than what C sees.
  const Expr value = path.step.get(what.variable);
  Expr number = value;
  if (type->is_bool) {
    number = value.is_bool() ? value : ne(value, same_sort(value, 0));
  } else {
    const Expr bits = value.is_bool() ? to_bits(value) : value;
    number = bits.width() <= type->width ? zero_extend(bits, type->width)
                                         : extract(bits, type->width - 1, 0);
  }
  out = {Value::Kind::number, number, {}};
  return true;
}

void Executor::write(Path& path, const Address& leaf, const Value& value, Expr condition, Loc loc) {
  const Object& object = unit_.objects[leaf.object];
  if (object.storage == Object::Storage::local) {
    Value& slot = path.slots[object.slot + leaf.offset];
    if (condition.is_true()) {
      slot = value;
    } else if (slot.kind == Value::Kind::number && value.kind == Value::Kind::number) {
      slot.number = ite(condition, value.number, slot.number);
    } else {
      unit_.sources.fail(loc,
                         "an element of an array that has no values yet is written with an index "
                         "that is not known statically",
                         "an initialiser for the array ({0})");
    }
    return;
  }
  const LeafInfo& what = info(leaf, loc);
  if (!what.writable || what.kind != LeafInfo::Kind::variable) {
    unit_.sources.fail(loc, "'" + what.path + "' cannot be written by assignment",
                       "a place that software may write");
  }
  const Sort sort = system_.variables.at(what.variable).sort;
  Expr converted = value.number;
  if (sort.is_bool() && !converted.is_bool()) {
    converted = ne(converted, same_sort(converted, 0));
  } else if (!sort.is_bool()) {
    const Expr bits = converted.is_bool() ? to_bits(converted) : converted;
    converted = bits.width() <= sort.width() ? zero_extend(bits, sort.width())
                                             : extract(bits, sort.width() - 1, 0);
  }
  path.step.set(what.variable, ite(condition, converted, path.step.get(what.variable)));
}

}  // namespace airlock::c
