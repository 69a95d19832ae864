// Liveness is the textbook backward fixpoint over one function's instructions; locals whose address
// is taken count as live while their function runs, because a pointer may read them. Aliases need
// no flow: pointer types cannot be cast into each other, so a pointer to T points to one of the
// places of type T whose address is taken somewhere (type-based, as in Diwan, McKinley and Moss,
// PLDI 1998, here exact up to flow).
#include "model/software/analysis.hpp"

#include <algorithm>
#include <map>

namespace airlock::c {
namespace {

using Kind = Instruction::Kind;

bool is_local(const Unit& unit, ObjectId object) {
  return object != none && unit.objects[object].storage == Object::Storage::local;
}

/// Calls use(slot) and define(slot) for what an instruction reads and overwrites.
template <class Use, class Define>
void for_slots(const Unit& unit, const Instruction& instruction, Use use, Define define) {
  const auto operand = [&](const Operand& o) {
    if (o.kind == Operand::Kind::slot) {
      use(o.slot);
    }
  };
  for (const Operand& argument : instruction.args) {
    operand(argument);
  }
  const bool accesses = instruction.kind == Kind::load || instruction.kind == Kind::store ||
                        instruction.kind == Kind::address;
  if (accesses) {
    operand(instruction.place.pointer);
    for (const Place::Index& index : instruction.place.indices) {
      operand(index.operand);
    }
  }
  if (accesses && instruction.kind != Kind::address && is_local(unit, instruction.place.object)) {
    const Object& object = unit.objects[instruction.place.object];
    if (!instruction.place.indices.empty()) {
      for (unsigned i = 0; i < object.type->leaves; ++i) {
        use(object.slot + i);
      }
    } else if (instruction.kind == Kind::load) {
      use(object.slot + instruction.place.offset);
    } else {
      define(object.slot + instruction.place.offset);
    }
  }
  if (instruction.kind == Kind::declare) {
    const Object& object = unit.objects[instruction.index];
    for (unsigned i = 0; i < object.type->leaves; ++i) {
      define(object.slot + i);
    }
  }
  if (instruction.dest != none) {
    define(instruction.dest);
  }
}

}  // namespace

bool is_told(const Instruction& instruction) {
  const bool silent = instruction.kind == Kind::jump || instruction.kind == Kind::head ||
                      instruction.kind == Kind::declare ||
                      (instruction.kind == Kind::result && instruction.args.empty());
  return !silent && instruction.statement.line != 0;
}

bool is_evaluation(const FunctionInfo& function, const Instruction& instruction) {
  const Type& returned = *function.type->target;
  if (!(returned.is_bool || returned.is_void()) || instruction.args.empty() ||
      instruction.args[0].kind == Operand::Kind::constant) {
    return false;
  }
  switch (instruction.kind) {
    case Kind::copy: return instruction.may_be_skipped;
    case Kind::branch: return !instruction.in_expression;
    case Kind::store: return instruction.type->is_bool;
    case Kind::result: return returned.is_bool;
    default: return false;
  }
}

std::vector<unsigned> successors(const FunctionInfo& function, unsigned at) {
  const Instruction& instruction = function.code[at];
  switch (instruction.kind) {
    case Kind::result: return {};
    case Kind::jump: return {instruction.target};
    case Kind::branch: return {instruction.target, instruction.other};
    default: return {at + 1};
  }
}

void compute_liveness(const Unit& unit, FunctionInfo& function) {
  const std::size_t width = function.end_slot - function.first_slot;
  function.live.assign(function.code.size() + 1, std::vector<bool>(width, false));
  for (bool changed = true; changed;) {
    changed = false;
    for (auto at = static_cast<unsigned>(function.code.size()); at-- > 0;) {
      std::vector<bool> live(width, false);
      for (const unsigned next : successors(function, at)) {
        for (std::size_t i = 0; i < width; ++i) {
          live[i] = live[i] || function.live[next][i];
        }
      }
      std::vector<Slot> uses;
      for_slots(
          unit, function.code[at], [&](Slot slot) { uses.push_back(slot); },
          [&](Slot slot) { live[slot - function.first_slot] = false; });
      for (const Slot slot : uses) {
        live[slot - function.first_slot] = true;
      }
      if (live != function.live[at]) {
        function.live[at] = std::move(live);
        changed = true;
      }
    }
  }
  for (Slot slot = function.first_slot; slot < function.end_slot; ++slot) {
    const ObjectId object = unit.slots[slot].object;
    if (object != none && unit.objects[object].address_taken) {
      for (auto& live : function.live) {
        live[slot - function.first_slot] = true;
      }
    }
  }
}

namespace {

constexpr std::size_t max_inlined = 100000;  // instructions of one function, calls inlined

}  // namespace

/// Calls are inlined wherever they stand: a function that calls another twice is twice as large,
/// and a chain of such functions exponential in its length. So sizes are added up on the way.
void reject_recursion(const Unit& unit) {
  std::vector<std::size_t> inlined(unit.functions.size(), 0);
  std::vector<int> state(unit.functions.size(), 0);  // 0 new, 1 on the path, 2 done
  std::vector<FunctionId> path;
  const std::function<void(FunctionId, Loc)> visit = [&](FunctionId id, Loc call) {
    if (state[id] == 1) {
      std::string cycle;
      for (auto at = std::find(path.begin(), path.end(), id); at != path.end(); ++at) {
        cycle += unit.functions[*at].name + " -> ";
      }
      unit.sources.fail(call, "recursion: " + cycle + unit.functions[id].name,
                        "calls without a cycle: functions are inlined");
    }
    if (state[id] == 2) {
      return;
    }
    if (path.size() > 200) {
      unit.sources.fail(call, "calls are nested more than 200 deep");
    }
    state[id] = 1;
    path.push_back(id);
    for (const Instruction& instruction : unit.functions[id].code) {
      if (instruction.kind == Kind::call) {
        visit(instruction.index, instruction.loc);
        inlined[id] += inlined[instruction.index];
      }
      if (++inlined[id] > max_inlined) {
        unit.sources.fail(instruction.loc,
                          "with its calls inlined, '" + unit.functions[id].name +
                              "' has more than " + std::to_string(max_inlined) + " instructions",
                          "fewer calls: functions are inlined");
      }
    }
    path.pop_back();
    state[id] = 2;
  };
  for (FunctionId id = 0; id < unit.functions.size(); ++id) {
    if (unit.functions[id].is_defined()) {
      visit(id, unit.functions[id].loc);
    }
  }
}

std::set<Address> possible_leaves(const Unit& unit, const Place& place) {
  std::set<Address> bases;
  if (place.object != none) {
    bases.insert({place.object, place.offset});
  } else {
    for (const auto& [address, type] : unit.addresses) {
      if (same(type, place.pointer_target)) {
        bases.insert({address.object, address.offset + place.offset});
      }
    }
  }
  for (const Place::Index& index : place.indices) {
    std::set<Address> all;
    for (const Address& base : bases) {
      for (std::uint64_t i = 0; i < index.count; ++i) {
        all.insert({base.object, base.offset + static_cast<unsigned>(i) * index.stride});
      }
    }
    bases = std::move(all);
  }
  return bases;
}

void collect_addresses(Unit& unit) {
  std::set<std::pair<Address, const Type*>> known(unit.addresses.begin(), unit.addresses.end());
  for (bool changed = true; changed;) {
    changed = false;
    for (const FunctionInfo& function : unit.functions) {
      for (const Instruction& instruction : function.code) {
        if (instruction.kind != Kind::address) {
          continue;
        }
        for (const Address& address : possible_leaves(unit, instruction.place)) {
          if (known.insert({address, instruction.place.type}).second) {
            unit.addresses.emplace_back(address, instruction.place.type);
            unit.objects[address.object].address_taken = true;
            changed = true;
          }
        }
      }
    }
  }
}

std::set<FunctionId> callees(const Unit& unit, FunctionId function) {
  std::set<FunctionId> done;
  std::vector<FunctionId> todo{function};
  while (!todo.empty()) {
    const FunctionId id = todo.back();
    todo.pop_back();
    if (!done.insert(id).second) {
      continue;
    }
    for (const Instruction& instruction : unit.functions[id].code) {
      if (instruction.kind == Kind::call) {
        todo.push_back(instruction.index);
      }
    }
  }
  return done;
}

Touched touched_by(const Unit& unit, FunctionId function) {
  Touched result;
  for (const FunctionId id : callees(unit, function)) {
    for (const Instruction& instruction : unit.functions[id].code) {
      if (instruction.kind == Kind::load || instruction.kind == Kind::store) {
        auto& into = instruction.kind == Kind::load ? result.read : result.written;
        for (const Address& leaf : possible_leaves(unit, instruction.place)) {
          if (!is_local(unit, leaf.object)) {
            into.insert(leaf);
          }
        }
      }
    }
  }
  return result;
}

std::vector<std::vector<bool>> heads_with_steps(
    const Unit& unit, const std::function<bool(const Instruction&)>& visible) {
  const std::size_t count = unit.functions.size();
  std::vector<std::vector<bool>> is_step(count);
  std::vector<bool> has_step(count, false);
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t f = 0; f < count; ++f) {
      const auto& code = unit.functions[f].code;
      is_step[f].assign(code.size(), false);
      for (std::size_t i = 0; i < code.size(); ++i) {
        is_step[f][i] = code[i].kind == Kind::call ? has_step[code[i].index] : visible(code[i]);
        if (is_step[f][i] && !has_step[f]) {
          has_step[f] = changed = true;
        }
      }
    }
  }
  std::vector<std::vector<bool>> result(count);
  for (std::size_t f = 0; f < count; ++f) {
    const FunctionInfo& function = unit.functions[f];
    const std::size_t size = function.code.size();
    result[f].assign(size, false);
    std::vector<std::vector<unsigned>> before(size);
    for (unsigned i = 0; i < size; ++i) {
      for (const unsigned next : successors(function, i)) {
        before[next].push_back(i);
      }
    }
    const auto reach = [&](unsigned from, const auto& next_of) {
      std::vector<bool> seen(size, false);
      std::vector<unsigned> todo{from};
      while (!todo.empty()) {
        const unsigned at = todo.back();
        todo.pop_back();
        for (const unsigned next : next_of(at)) {
          if (!seen[next]) {
            seen[next] = true;
            todo.push_back(next);
          }
        }
      }
      return seen;
    };
    for (unsigned head = 0; head < size; ++head) {
      if (function.code[head].kind != Kind::head) {
        continue;
      }
      const auto after = reach(head, [&](unsigned at) { return successors(function, at); });
      const auto ahead = reach(head, [&](unsigned at) { return before[at]; });
      for (unsigned i = 0; i < size; ++i) {
        result[f][head] = result[f][head] || (after[i] && ahead[i] && is_step[f][i]);
      }
    }
  }
  return result;
}

}  // namespace airlock::c
