// Symbolic execution.
//
// Functions run on expressions (King, 1976; the forking style is KLEE's): a path holds a Step, the
// values of its locals and a stack of frames. A branch whose condition does not fold forks the
// path; pointers are always known, because a path that could have two of them has forked before.
// That makes every place static and memory a map from leaves to variables.
//
// Where this differs from a test generator: nothing may be left out. Loops must fold or pass a
// step, limits are errors, undefined behaviour ends in a path of its own, and the arms of &&, ||
// and ?: are joined again with ite when nothing visible happened in them (Kuznetsov et al., PLDI
// 2012, call this state merging), so that a property is one expression and not a list of cases.
// Where a step has many ways, they are joined wherever they meet (execute_join.cpp).
#include "model/software/execute.hpp"

#include <algorithm>
#include <cassert>

#include "model/system/input_error.hpp"
#include "model/system/stop.hpp"

namespace airlock::c {
namespace {
constexpr unsigned max_rounds = 256;

// What one step may cost, and all steps of a program together. Each number alone can be made as
// large as one likes by a program that stays within the other limits: loops within loops, a chain
// of functions that each call the one before twice, branches after which few ways have long
// stories, an index that may be anything within an index.
constexpr Effort max_step{1'000'000, std::uint64_t{256} << 20U, 1'000'000};
constexpr Effort max_program{8'000'000, std::uint64_t{1} << 30U, 4'000'000};

std::string shown(const std::vector<std::vector<unsigned>>& position) {
  std::string result;
  for (const std::vector<unsigned>& frame : position) {
    result += " /";
    for (const unsigned part : frame) {
      result += " " + std::to_string(part);
    }
  }
  return result;
}

void within(const Unit& unit, Loc loc, std::uint64_t used, std::uint64_t limit,
            const std::string& what, const char* where) {
  if (used > limit) {
    unit.sources.fail(loc, "more than " + std::to_string(limit) + " " + what + " " + where,
                      "fewer branches, calls and rounds of loops, or a step between them");
  }
}
}  // namespace

using Kind = Instruction::Kind;

Executor::Executor(const Unit& unit, TransitionSystem& system, const Platform& platform,
                   const GlobalBindings& globals, ExecuteOptions options)
    : unit_(unit),
      system_(system),
      platform_(platform),
      globals_(globals),
      options_(std::move(options)) {}

Path Executor::begin(const Step& step, FunctionId function) const {
  Path path{step, {}, {}, {}, step.pool().boolean(true), false, {}};
  path.frames.emplace_back();
  path.frames.back().function = function;
  path.frames.back().visited.insert(0);
  platform_.entered(path.step, unit_.functions[function].name);
  return path;
}

void Executor::count_instruction(const Path& path, Loc loc) {
  poll_stop();
  const std::size_t nodes = path.step.pool().size();
  Effort& all = *unit_.effort;
  within(unit_, loc, ++step_.instructions, max_step.instructions, "instructions", "in one step");
  within(unit_, loc, ++all.instructions, max_program.instructions, "instructions",
         "in all steps together");
  const std::size_t made = nodes - nodes_;
  nodes_ = nodes;
  within(unit_, loc, step_.nodes += made, max_step.nodes, "nodes of expressions", "in one step");
  within(unit_, loc, all.nodes += made, max_program.nodes, "nodes of expressions",
         "in all steps together");
}

std::uint64_t Executor::bytes_of(const Path& path) {
  std::uint64_t bytes = sizeof(Path) + path.slots.size() * (sizeof(Slot) + sizeof(Value) + 48);
  for (const Cause& cause : path.log) {  // the step has them as well
    bytes += 2 * (sizeof(Cause) + cause.location.file.size() + cause.text.size());
  }
  return bytes;
}

void Executor::limit_waiting(std::uint64_t bytes, Loc loc) const {
  within(unit_, loc, bytes, max_step.bytes, "bytes for all ways through", "one step");
}

void Executor::count_bytes(const Path& path, Loc loc) {
  const std::uint64_t bytes = bytes_of(path);
  within(unit_, loc, step_.bytes += bytes, max_step.bytes, "bytes for all ways through",
         "one step");
  within(unit_, loc, unit_.effort->bytes += bytes, max_program.bytes, "bytes for all ways through",
         "all steps together");
}

void Executor::run(Path start, Ends& ends) {
  const Loc loc = function_of(start).loc;
  step_ = {};
  nodes_ = start.step.pool().size();
  if (!run_forking(start, ends)) {
    ends = {};
    run_joining(std::move(start), ends);
  }
  for (const auto& [path, value] : ends.returned) {
    count_bytes(path, loc);
  }
  for (const std::vector<Undefined>* early : {&ends.undefined, &ends.excluded}) {
    for (const Undefined& end : *early) {
      count_bytes(end.path, loc);
    }
  }
  for (const Path& path : ends.cut) {
    count_bytes(path, loc);
  }
}

/// Every way by itself. False: there are many.
bool Executor::run_forking(const Path& start, Ends& ends) {
  std::vector<Path> todo{start};
  while (!todo.empty()) {
    Path path = std::move(todo.back());
    todo.pop_back();
    while (advance(path, ends, todo)) {
    }
    if (todo.size() + ends.returned.size() + ends.undefined.size() + ends.cut.size() +
            ends.excluded.size() >
        options_.ways_apart) {
      return false;
    }
  }
  return true;
}

void Executor::note(Path& path, const Instruction& instruction) {
  Frame& frame = path.frames.back();
  if (!is_told(instruction) || frame.noted == instruction.statement) {
    return;
  }
  frame.noted = instruction.statement;
  Cause cause{unit_.sources.location(instruction.statement),
              unit_.sources.trimmed_line(instruction.statement),
              {}};
  path.step.mark(Happened::ran, cause.location, cause.text, path.step.pool().boolean(true));
  path.log.push_back(cause);
  path.step.cause(std::move(cause));
}

/// One instruction. False: the path has ended (and is among the ends, unless it was infeasible).
bool Executor::advance(Path& path, Ends& ends, std::vector<Path>& forks) {
  const FunctionInfo& function = function_of(path);
  const unsigned pc = path.frames.back().pc;
  assert(pc < function.code.size());
  const Instruction& instruction = function.code[pc];
  count_instruction(path, instruction.loc);
  if (instruction.kind != Kind::load && instruction.kind != Kind::store &&
      instruction.kind != Kind::intrinsic) {
    note(path, instruction);  // those may be cut before they happen
  }
  if (path.step.marking(Marking::evaluations) && is_evaluation(function, instruction)) {
    std::string way;  // a line may have several operands, and a function several callers
    for (const Frame& frame : path.frames) {
      way += std::to_string(frame.function) + "@" + std::to_string(frame.pc) + " ";
    }
    const SourceLocation place = unit_.sources.location(instruction.loc);
    const std::string text = unit_.sources.trimmed_line(instruction.loc);
    path.step.mark(Happened::evaluated, place, text, path.step.pool().boolean(true), way);
    const Value last = operand(path, instruction.args[0]);
    if (instruction.ends_conjunction && last.kind == Value::Kind::number) {
      path.step.mark(Happened::all_true, place, text, ne(last.number, same_sort(last.number, 0)),
                     way);
    }
  }
  switch (instruction.kind) {
    case Kind::operate: return operate_on(path, instruction, ends) && go(path, pc + 1, ends);
    case Kind::convert: {
      Expr value;
      if (!number(path, instruction.args[0], instruction.loc, value, ends)) {
        return false;
      }
      const Value result{
          Value::Kind::number, convert(value, *instruction.args[0].type, *instruction.type), {}};
      path.slots[instruction.dest] = result;
      return go(path, pc + 1, ends);
    }
    case Kind::copy: {
      const Value value = operand(path, instruction.args[0]);
      if (value.kind == Value::Kind::missing) {
        return end_undefined(path, "the value of a function that returned none is used",
                             instruction.loc, ends);
      }
      path.slots[instruction.dest] = value;
      return go(path, pc + 1, ends);
    }
    case Kind::pointer_equal:
    case Kind::pointer_truth:
      return compare_pointers(path, instruction, ends) && go(path, pc + 1, ends);
    case Kind::load:
    case Kind::store:
    case Kind::address: return access(path, instruction, ends);
    case Kind::branch: return branch(path, instruction, forks, ends);
    case Kind::jump: return go(path, instruction.target, ends);
    case Kind::head: return go(path, pc + 1, ends);
    case Kind::declare: {
      const Object& object = unit_.objects[instruction.index];
      for (unsigned i = 0; i < object.type->leaves; ++i) {
        path.slots.erase(object.slot + i);
      }
      return go(path, pc + 1, ends);
    }
    case Kind::call: return call(path, instruction);
    case Kind::intrinsic: return intrinsic(path, instruction, forks, ends);
    case Kind::any_bits: return any_bits(path, instruction) && go(path, pc + 1, ends);
    case Kind::any_bool: {
      Expr value;
      const std::string name = place_name("any_bool()", instruction.loc);
      if (!choose(path, input_key(path, name), name, Sort::boolean(), "one bit: true or false",
                  value)) {
        return false;
      }
      path.slots[instruction.dest] = {Value::Kind::number, value, {}};
      return go(path, pc + 1, ends);
    }
    case Kind::assume:
    case Kind::assertion: {
      Expr condition;
      if (!number(path, instruction.args[0], instruction.loc, condition, ends)) {
        return false;
      }
      if (instruction.kind == Kind::assertion) {
        return split_undefined(path, !condition,
                               "assertion failed: " + unit_.sources.trimmed_line(instruction.loc),
                               instruction.loc, ends) &&
               go(path, pc + 1, ends);
      }
      return assume(path, condition, instruction.loc, ends) && go(path, pc + 1, ends);
    }
    case Kind::result: return leave(path, instruction, ends);
  }
  return false;
}

bool Executor::operate_on(Path& path, const Instruction& instruction, Ends& ends) {
  Expr a;
  Expr b;
  if (!number(path, instruction.args[0], instruction.loc, a, ends) ||
      (instruction.args.size() > 1 &&
       !number(path, instruction.args[1], instruction.loc, b, ends))) {
    return false;
  }
  const Outcome outcome = operate(instruction.op, *instruction.args[0].type, a, b);
  if (outcome.undefined.valid() &&
      !split_undefined(path, outcome.undefined, outcome.reason, instruction.loc, ends)) {
    return false;
  }
  path.slots[instruction.dest] = {Value::Kind::number, outcome.value, {}};
  return true;
}

Value Executor::operand(const Path& path, const Operand& o) const {
  switch (o.kind) {
    case Operand::Kind::constant:
      return {Value::Kind::number, system_.pool->constant(o.type->sort(), o.value), {}};
    case Operand::Kind::null: return {Value::Kind::pointer, {}, {}};
    default: break;
  }
  const auto found = path.slots.find(o.slot);
  return found == path.slots.end() ? Value{} : found->second;
}

bool Executor::number(Path& path, const Operand& o, Loc loc, Expr& out, Ends& ends) {
  const Value value = operand(path, o);
  if (value.kind != Value::Kind::number) {
    return end_undefined(path, "the value of a function that returned none is used", loc, ends);
  }
  out = value.number;
  return true;
}

/// Narrows the path; true if it continues.
bool Executor::assume(Path& path, Expr condition, Loc loc, Ends& ends) {
  if (options_.keep_excluded) {
    Path other = path;
    other.step.assume(!condition);
    if (other.step.feasible()) {
      ends.excluded.push_back({std::move(other), "its assume() is false", loc});
    }
  }
  path.step.assume(condition);
  path.narrowed = path.narrowed & condition;
  return path.step.feasible();
}

/// The path where `condition` holds ends as undefined; true if this one continues.
bool Executor::split_undefined(Path& path, Expr condition, const std::string& reason, Loc loc,
                               Ends& ends) {
  if (condition.is_false()) {
    return true;
  }
  Path other = path;
  other.step.assume(condition);
  if (other.step.feasible()) {
    ends.undefined.push_back({std::move(other), reason, loc});
  }
  path.step.assume(!condition);
  path.narrowed = path.narrowed & !condition;
  return path.step.feasible();
}

bool Executor::end_undefined(Path& path, const std::string& reason, Loc loc, Ends& ends) {
  return split_undefined(path, path.step.pool().boolean(true), reason, loc, ends);
}

bool Executor::branch(Path& path, const Instruction& instruction, std::vector<Path>& forks,
                      Ends& ends) {
  Expr condition;
  if (!number(path, instruction.args[0], instruction.loc, condition, ends)) {
    return false;
  }
  if (path.step.marking(Marking::runs)) {
    const SourceLocation place = unit_.sources.location(instruction.loc);
    const std::string text = unit_.sources.trimmed_line(instruction.loc);
    path.step.mark(Happened::was_true, place, text, condition);
    path.step.mark(Happened::was_false, place, text, !condition);
  }
  if (condition.is_constant()) {
    return go(path, condition.is_true() ? instruction.target : instruction.other, ends);
  }
  if (instruction.join != none && instruction.in_expression &&
      try_merge(path, instruction, condition, ends)) {
    return true;
  }
  Path other = path;
  other.step.assume(!condition);
  if (other.step.feasible() && go(other, instruction.other, ends)) {
    forks.push_back(std::move(other));
  }
  path.step.assume(condition);
  return path.step.feasible() && go(path, instruction.target, ends);
}

/// Moves to `target`; false if the step was cut there.
bool Executor::go(Path& path, unsigned target, Ends& ends) {
  Frame& frame = path.frames.back();
  const FunctionInfo& function = unit_.functions[frame.function];
  const bool back = target <= frame.pc;
  end_lifetimes(path, target);
  frame.pc = target;
  if (target >= function.code.size() || function.code[target].kind != Kind::head) {
    return true;
  }
  const bool has_step = options_.threaded && (*options_.heads_with_steps)[frame.function][target];
  const bool again = !frame.visited.insert(target).second;
  if (back && has_step && again) {
    if (speculating_ == 0) {
      cut(path, {CutAt::Why::loop}, ends);
    }
    return false;
  }
  if (!back) {
    frame.rounds[target] = 0;
  } else if (++frame.rounds[target] > max_rounds && !has_step) {
    unit_.sources.fail(function.code[target].loc,
                       options_.threaded ? "a loop without a step in it"
                                         : "a loop that does not end within 256 rounds",
                       options_.threaded
                           ? "a shared access in the loop, or a condition that is known to end it"
                           : "a condition that is known to end it");
  }
  return true;
}

bool Executor::call(Path& path, const Instruction& instruction) {
  const FunctionInfo& callee = unit_.functions[instruction.index];
  for (std::size_t i = 0; i < instruction.args.size(); ++i) {
    path.slots[unit_.objects[callee.parameters[i]].slot] = operand(path, instruction.args[i]);
  }
  ++path.frames.back().pc;
  Frame frame;
  frame.function = instruction.index;
  frame.dest = instruction.dest;
  frame.visited.insert(0);
  path.frames.push_back(std::move(frame));
  platform_.entered(path.step, callee.name);
  return true;
}

bool Executor::leave(Path& path, const Instruction& instruction, Ends& ends) {
  Value value{Value::Kind::missing, {}, {}};
  if (!instruction.args.empty()) {
    value = operand(path, instruction.args[0]);
  }
  if (path.frames.size() == 1 && speculating_ > 0) {
    return false;
  }
  const FunctionInfo& function = function_of(path);
  platform_.left(path.step, function.name);
  path.slots.erase(path.slots.lower_bound(function.first_slot),
                   path.slots.lower_bound(function.end_slot));
  end_lifetimes_of(path.frames.back().function, path, value);
  const Slot dest = path.frames.back().dest;
  path.frames.pop_back();
  if (path.frames.empty()) {
    ends.returned.emplace_back(std::move(path), value);
    return false;
  }
  if (dest != none) {
    path.slots[dest] = value;
  }
  // The instruction after the call may be the head of a loop.
  Frame& caller = path.frames.back();
  const unsigned target = caller.pc;
  caller.pc = target - 1;
  return go(path, target, ends);
}

bool Executor::intrinsic(Path& path, const Instruction& instruction, std::vector<Path>& forks,
                         Ends& ends) {
  const FunctionInfo& callee = unit_.functions[instruction.index];
  if (speculating_ > 0) {
    return false;  // what the machine does with the step cannot be joined from outside
  }
  const IntrinsicTraits traits = *platform_.intrinsic(callee.name);
  if (options_.threaded && traits.shared && path.accessed) {
    cut(path, {CutAt::Why::before_access, callee.name}, ends);
    return false;
  }
  note(path, instruction);
  IntrinsicCall request;
  request.name = callee.name;
  for (const Operand& argument : instruction.args) {
    const Value value = operand(path, argument);
    if (value.kind == Value::Kind::pointer) {
      const std::uint64_t identity = value.pointer.object == none ? 0 : value.pointer.object + 1;
      request.arguments.push_back(path.step.pool().bits(64, identity));
    } else if (value.kind == Value::Kind::number) {
      request.arguments.push_back(value.number);
    } else {
      return end_undefined(path, "a value that does not exist is passed to '" + callee.name + "'",
                           instruction.loc, ends);
    }
  }
  if (!instruction.type->is_void()) {
    request.result = instruction.type->sort();
  }
  request.location = unit_.sources.location(instruction.loc);
  request.key = input_key(path, place_name(callee.name + "()", instruction.loc));
  path.accessed = path.accessed || traits.shared;
  auto outcomes = platform_.call(request, path.step);
  for (auto& [step, result] : outcomes) {
    if (!step.feasible()) {
      continue;
    }
    Path next = path;
    next.step = std::move(step);
    if (next.step.ended()) {  // undefined behaviour: no statement comes after it
      const std::string reason = *next.step.ended();
      ends.undefined.push_back({std::move(next), reason, instruction.loc});
      continue;
    }
    if (instruction.dest != none) {
      assert(result.valid() && result.sort() == instruction.type->sort());
      next.slots[instruction.dest] = {Value::Kind::number, result, {}};
    }
    if (traits.ends_step && options_.threaded) {
      end_lifetimes(next, next.frames.back().pc + 1);
      ++next.frames.back().pc;
      cut(next, {CutAt::Why::after_access, callee.name}, ends);
    } else if (go(next, next.frames.back().pc + 1, ends)) {
      forks.push_back(std::move(next));
    }
  }
  return false;  // continued by the forks
}

std::string name_of(const CutAt& cut) {
  switch (cut.why) {
    case CutAt::Why::before_access: return cut.access;
    case CutAt::Why::after_access: return "after " + cut.access;
    case CutAt::Why::loop: break;
  }
  return "loop";
}

void Executor::cut(Path& path, CutAt next, Ends& ends) {
  path.next = std::move(next);
  ends.cut.push_back(std::move(path));
}

std::string Executor::place_name(const std::string& what, Loc loc) const {
  return what + " " + unit_.sources.path(loc.file) + ":" + std::to_string(loc.line) + ":" +
         std::to_string(loc.column);
}

/// A place is one of the function that was entered from outside: what runs after it in the same
/// step (vcpu_load() after a task switch) chooses for itself, also in functions that both call.
std::string Executor::in_entry(const Path& path) const {
  return " in " + unit_.functions[path.frames.front().function].name;
}

std::string Executor::input_key(const Path& path, const std::string& name) {
  return name + in_entry(path) + shown(position(path));
}

std::string Executor::local_key(const Path& path, const std::string& name, const Address& local) {
  const Object& object = unit_.objects[local.object];
  Position at;
  for (const Frame& frame : path.frames) {
    if (frame.function == object.function) {
      const std::vector<Instruction>& code = unit_.functions[frame.function].code;
      const auto declared = std::find_if(code.begin(), code.end(), [&](const Instruction& each) {
        return each.kind == Kind::declare && each.index == local.object;
      });
      const auto pc = static_cast<unsigned>(declared == code.end() ? 0 : declared - code.begin());
      at.push_back(place_in(frame, pc));
      break;
    }
    at.push_back(place_in(frame, frame.pc));
  }
  return name + in_entry(path) + shown(at);
}

/// False while speculating: an input made in one arm only must not be lost in a join.
bool Executor::choose(Path& path, const std::string& key, const std::string& name, Sort sort,
                      const std::string& argument, Expr& out) const {
  if (speculating_ > 0) {
    return false;
  }
  out = path.step.choose(key, sort, argument, name);
  return true;
}

bool Executor::any_bits(Path& path, const Instruction& instruction) {
  const Value mask = operand(path, instruction.args[0]);
  if (mask.kind != Value::Kind::number || !mask.number.is_constant()) {
    unit_.sources.fail(instruction.loc, "the mask of any_bits() is not constant",
                       "a constant, or an expression over parameters (const globals)");
  }
  ExprPool& pool = path.step.pool();
  const std::uint64_t bits = mask.number.value();
  const auto count = static_cast<unsigned>(__builtin_popcountll(bits));
  Expr result = pool.bits(64, 0);
  if (count > 0) {
    char text[32];
    std::snprintf(text, sizeof text, "any_bits(0x%llx)", static_cast<unsigned long long>(bits));
    Expr chosen;
    const std::string name = place_name(text, instruction.loc);
    if (!choose(path, input_key(path, name), name, Sort::bits(count), "the bits of the mask",
                chosen)) {
      return false;
    }
    unsigned next = 0;
    for (unsigned i = 0; i < 64; ++i) {
      if (((bits >> i) & 1U) != 0) {
        result = with_bit(result, i, bit(chosen, next++));
      }
    }
  }
  path.slots[instruction.dest] = {Value::Kind::number, result, {}};
  return true;
}

}  // namespace airlock::c
