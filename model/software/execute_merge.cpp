// Joining the two arms of a branch into one path.
#include <cassert>

#include "model/software/execute.hpp"

namespace airlock::c {

/// Runs both arms to where they meet. True: `path` is there, with the arms' values joined by ite.
/// False: `path` is as it was, and must fork: an arm forked, made an input, called the machine,
/// came to a cut, or left.
bool Executor::try_merge(Path& path, const Instruction& instruction, Expr condition, Ends& ends) {
  const std::size_t depth = path.frames.size();
  ExprPool& pool = path.step.pool();
  Path yes = path;
  Path no = path;
  yes.step.assume(condition);
  no.step.assume(!condition);
  if (!yes.step.feasible() || !no.step.feasible()) {
    return false;
  }
  yes.narrowed = no.narrowed = pool.boolean(true);
  Ends inner;
  ++speculating_;
  const bool joined =
      go(yes, instruction.target, inner) && run_to(yes, depth, instruction.join, inner) &&
      go(no, instruction.other, inner) && run_to(no, depth, instruction.join, inner);
  --speculating_;
  if (!joined || !merge(path, yes, no, condition)) {
    return false;
  }
  for (Undefined& undefined : inner.undefined) {
    ends.undefined.push_back(std::move(undefined));
  }
  for (Undefined& excluded : inner.excluded) {
    ends.excluded.push_back(std::move(excluded));
  }
  return true;
}

bool Executor::run_to(Path& path, std::size_t depth, unsigned join, Ends& ends) {
  std::vector<Path> forks;
  while (path.frames.size() != depth || path.frames.back().pc != join) {
    if (path.frames.size() < depth || !advance(path, ends, forks) || !forks.empty()) {
      return false;
    }
  }
  return true;
}

bool Executor::merge(Path& path, const Path& yes, const Path& no, Expr condition) {
  if (yes.accessed != no.accessed) {
    return false;
  }
  assert(yes.frames.size() == no.frames.size());
  const FunctionInfo& function = function_of(yes);
  const std::vector<bool>& live = function.live[yes.frames.back().pc];
  std::map<Slot, Value> slots;
  for (const auto& [slot, value] : yes.slots) {
    const bool own = slot >= function.first_slot && slot < function.end_slot;
    if (own && !live[slot - function.first_slot]) {
      continue;
    }
    const auto other = no.slots.find(slot);
    if (other == no.slots.end()) {
      return false;
    }
    if (value.kind == Value::Kind::number && other->second.kind == Value::Kind::number) {
      slots[slot] = {Value::Kind::number, ite(condition, value.number, other->second.number), {}};
    } else if (value == other->second) {
      slots[slot] = value;
    } else {
      return false;
    }
  }
  for (const auto& [slot, value] : no.slots) {
    const bool own = slot >= function.first_slot && slot < function.end_slot;
    if (!(own && !live[slot - function.first_slot]) && yes.slots.count(slot) == 0) {
      return false;
    }
  }
  for (VarId id = 0; id < system_.variables.size(); ++id) {
    const Expr a = yes.step.get(id);
    const Expr b = no.step.get(id);
    if (a != path.step.get(id) || b != path.step.get(id)) {
      path.step.set(id, ite(condition, a, b));
    }
  }
  const Expr narrowed = implies(condition, yes.narrowed) & implies(!condition, no.narrowed);
  path.step.assume(narrowed);
  path.narrowed = path.narrowed & narrowed;
  path.step.mark_all_of(yes.step);
  path.step.mark_all_of(no.step);
  const std::size_t before = path.log.size();
  for (const Path* arm : {&yes, &no}) {
    for (std::size_t i = before; i < arm->log.size(); ++i) {
      path.step.cause(arm->log[i]);
      path.log.push_back(arm->log[i]);
    }
  }
  path.slots = std::move(slots);
  path.frames = yes.frames;
  path.accessed = yes.accessed;
  return true;
}

}  // namespace airlock::c
