// A function called forever, as rules.
//
// A location is where the function can be between two steps: its stack of calls (there is no
// recursion, so there are finitely many), and what is known statically about its live locals: which
// of them have no value yet, and where its pointers point. A location that differs in these is
// another location, so pointers need no variables and an uninitialised local no value until it is
// read. Locations are found by running: from the start, each step is executed symbolically to its
// cuts, and every cut is a location, new or known.
//
// The operands of the access that comes next have been computed when a step is cut before it. Where
// that took only arithmetic that cannot go wrong, on memory that nobody else touches, the next step
// computes them again instead of keeping them: `wrmsrl(msr, host & ~LBR)` needs no variable for its
// argument.
//
// The locals that are live at a cut are written to variables, those that were live before and are
// not any more are set to 0: so that two states that differ only in what will never be read are
// one.
#include <cassert>
#include <deque>
#include <map>
#include <tuple>

#include "model/software/execute.hpp"
#include "model/software/impl.hpp"
#include "model/system/input_error.hpp"

namespace airlock {
namespace {

using c::Address;
using c::FunctionId;
using c::Slot;
using c::Value;

struct Local {
  Value::Kind kind = Value::Kind::number;
  Address pointer;
  friend auto operator<=>(const Local&, const Local&) = default;
};

struct Key {
  bool start = false;  ///< the function is about to be called
  std::vector<std::pair<FunctionId, unsigned>> frames;
  std::map<Slot, Local> locals;  ///< live ones that have a value
  friend auto operator<=>(const Key&, const Key&) = default;
};

class Lowering {
 public:
  Lowering(const c::Unit& unit, FunctionId function, TransitionSystem& system,
           const Platform& platform, const GlobalBindings& globals, const ThreadOptions& options)
      : unit_(unit), function_(function), system_(system), platform_(platform), options_(options) {
    c::ExecuteOptions execute;
    execute.threaded = true;
    execute.shared = options.shared;
    execute.heads_with_steps = &heads_;
    execute.ways_apart = options.ways_apart;
    executor_ = std::make_unique<c::Executor>(unit, system, platform, globals, execute);
    heads_ = c::heads_with_steps(
        unit, [this](const c::Instruction& instruction) { return is_visible(instruction); });
  }

  std::vector<ThreadLocation> run() {
    Key start;
    start.start = true;
    start.frames = {{function_, 0}};
    location(start, unit_.functions[function_].loc, unit_.functions[function_].name);
    for (std::size_t next = 0; next < keys_.size(); ++next) {
      step_from(next);
    }
    return locations_;
  }

 private:
  bool is_visible(const c::Instruction& instruction) {
    if (instruction.kind == c::Instruction::Kind::intrinsic) {
      const auto traits = platform_.intrinsic(unit_.functions[instruction.index].name);
      return traits && (traits->shared || traits->ends_step);
    }
    if (instruction.kind != c::Instruction::Kind::load &&
        instruction.kind != c::Instruction::Kind::store) {
      return false;
    }
    for (const Address& leaf : c::possible_leaves(unit_, instruction.place)) {
      if (executor_->is_shared(leaf, instruction.loc)) {
        return true;
      }
    }
    return false;
  }

  /// Computes the same again wherever it runs between the same two steps, and cannot go wrong.
  bool is_repeatable(const c::Instruction& instruction) {
    using Kind = c::Instruction::Kind;
    using c::Operator;
    const bool writes_local =
        instruction.dest != c::none && unit_.slots[instruction.dest].object != c::none;
    if (writes_local) {
      return false;
    }
    switch (instruction.kind) {
      case Kind::convert:
      case Kind::copy: return true;
      case Kind::operate: {
        const Operator op = instruction.op;
        const bool wraps = op == Operator::add || op == Operator::subtract ||
                           op == Operator::multiply || op == Operator::negate;
        return op == Operator::complement || op == Operator::logical_not ||
               op == Operator::bit_and || op == Operator::bit_or || op == Operator::bit_xor ||
               c::is_comparison(op) || (wraps && !instruction.args[0].type->is_signed);
      }
      case Kind::load:
        return instruction.place.object != c::none && instruction.place.indices.empty() &&
               !is_visible(instruction);
      default: return false;
    }
  }

  /// The instructions to which control comes from elsewhere than the one before.
  const std::vector<bool>& targets_of(FunctionId id) {
    const auto [known, fresh] = targets_.try_emplace(id);
    if (fresh) {
      const c::FunctionInfo& function = unit_.functions[id];
      known->second.resize(function.code.size() + 1, false);
      for (unsigned i = 0; i < function.code.size(); ++i) {
        for (const unsigned next : c::successors(function, i)) {
          known->second[next] = known->second[next] || next != i + 1 ||
                                function.code[i].kind == c::Instruction::Kind::branch;
        }
      }
    }
    return known->second;
  }

  /// Where the next step begins if this one is cut before instruction `at`.
  unsigned resume_at(FunctionId id, unsigned at) {
    const c::FunctionInfo& function = unit_.functions[id];
    const std::vector<bool>& is_target = targets_of(id);
    while (at > 0 && !is_target[at] && is_repeatable(function.code[at - 1])) {
      --at;
    }
    return at;
  }

  /// What a location is, in a word that another lowering of the same text would use for it too.
  static std::string word_for(const Key& key) {
    std::string word;
    for (const auto& [function, pc] : key.frames) {
      word += std::to_string(function) + "@" + std::to_string(pc) + "/";
    }
    for (const auto& [slot, local] : key.locals) {
      word += " " + std::to_string(slot) + ":" + std::to_string(static_cast<int>(local.kind)) +
              ":" + std::to_string(local.pointer.object) + "+" +
              std::to_string(local.pointer.offset) + (local.pointer.past ? "+" : "");
    }
    return key.start ? "start" : word;
  }

  /// For a key that has no location yet.
  std::uint64_t number_of(const Key& key) {
    if (options_.known == nullptr) {
      return options_.first_pc + keys_.size();
    }
    std::map<std::string, std::uint64_t>& known = *options_.known;
    return known.try_emplace(word_for(key), options_.first_pc + known.size()).first->second;
  }

  std::size_t location(const Key& key, c::Loc loc, const std::string& what) {
    const auto known = numbers_.find(key);
    if (known != numbers_.end()) {
      return known->second;
    }
    const std::size_t number = keys_.size();
    const std::uint64_t pc = number_of(key);
    numbers_.emplace(key, number);
    keys_.push_back(key);
    const std::string base = unit_.sources.brief(loc) + " " + what;
    const unsigned copies = ++names_[base];
    constexpr std::size_t most_locations = 100'000;
    const bool too_narrow = pc > system_.variables.at(options_.pc).sort.mask();
    if (too_narrow && number <= most_locations && options_.pc_is_too_narrow) {
      options_.pc_is_too_narrow();
    }
    if (too_narrow || number > most_locations) {
      unit_.sources.fail(loc, "too many locations");
    }
    locations_.push_back({pc, copies == 1 ? base : base + " #" + std::to_string(copies),
                          unit_.sources.location(loc)});
    return number;
  }

  VarId variable(Slot slot) {
    const auto known = variables_.find(slot);
    if (known != variables_.end()) {
      return known->second;
    }
    const c::SlotInfo& info = unit_.slots[slot];
    std::string name = info.name;
    while (system_.find_variable(name)) {
      name = unit_.functions[function_].name + "/" + name;
    }
    Display display;
    if (!info.type->enumerators.empty()) {
      display.kind = Display::Kind::enumeration;
      for (const auto& [enumerator, value] : info.type->enumerators) {
        display.names.push_back({value, enumerator});
      }
    }
    const Sort sort = info.type->sort();
    const VarId id = system_.add_variable(name, sort, system_.pool->constant(sort, 0),
                                          std::move(display), Role::software);
    variables_.emplace(slot, id);
    return id;
  }

  /// Slots that may be read after a location with these frames.
  std::set<Slot> live_at(const std::vector<std::pair<FunctionId, unsigned>>& frames) {
    std::set<Slot> result;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const c::FunctionInfo& function = unit_.functions[frames[i].first];
      const std::vector<bool>& live = function.live[frames[i].second];
      for (Slot slot = function.first_slot; slot < function.end_slot; ++slot) {
        if (live[slot - function.first_slot]) {
          result.insert(slot);
        }
      }
      if (i + 1 < frames.size()) {  // suspended in a call, whose result is still to come
        const Slot dest = function.code[frames[i].second - 1].dest;
        if (dest != c::none) {
          result.erase(dest);
        }
      }
    }
    return result;
  }

  c::Path begin(const Key& key, const ThreadLocation& at) {
    Step step = options_.begin(unit_.functions[function_].name + ": " + at.name);
    const Expr pc = step.get(options_.pc);
    step.assume(eq(pc, same_sort(pc, at.pc)));
    if (key.start) {
      return executor_->begin(step, function_);
    }
    c::Path path{std::move(step), {}, {}, {}, system_.pool->boolean(true), false, {}};
    for (const auto& [function, pc_there] : key.frames) {
      c::Frame frame;
      frame.function = function;
      frame.pc = pc_there;
      if (!path.frames.empty()) {
        const c::Frame& caller = path.frames.back();
        frame.dest = unit_.functions[caller.function].code[caller.pc - 1].dest;
      }
      path.frames.push_back(std::move(frame));
    }
    path.frames.back().visited.insert(path.frames.back().pc);
    for (const auto& [slot, local] : key.locals) {
      Value value{local.kind, {}, local.pointer};
      if (local.kind == Value::Kind::number) {
        value.number = path.step.get(variable(slot));
      }
      path.slots[slot] = value;
    }
    return path;
  }

  void step_from(std::size_t number) {
    const Key key = keys_[number];
    const ThreadLocation at = locations_[number];
    c::Ends ends;
    executor_->run(begin(key, at), ends);
    for (auto& returned : ends.returned) {
      Key start;
      start.start = true;
      start.frames = {{function_, 0}};
      finish(returned.first.step, key, start, {}, 0);
    }
    for (c::Path& path : ends.cut) {
      arrive(key, path);
    }
    for (c::Undefined& undefined : ends.undefined) {
      if (!undefined.path.step.ended()) {
        const std::string place = unit_.sources.brief(undefined.loc);
        options_.undefined(undefined.path.step, place + ": " + undefined.reason);
      }
      undefined.path.step.finish();
    }
  }

  void arrive(const Key& from, c::Path& path) {
    Key to;
    for (const c::Frame& frame : path.frames) {
      to.frames.emplace_back(frame.function, frame.pc);
    }
    if (path.next.why == c::CutAt::Why::before_access) {
      to.frames.back().second = resume_at(to.frames.back().first, to.frames.back().second);
    }
    for (const Slot slot : live_at(to.frames)) {
      const auto value = path.slots.find(slot);
      if (value != path.slots.end() && value->second.kind != Value::Kind::uninitialised) {
        to.locals[slot] = {value->second.kind, value->second.pointer};
      }
    }
    const c::FunctionInfo& function = unit_.functions[path.frames.back().function];
    unsigned at = path.frames.back().pc;
    if (path.next.why == c::CutAt::Why::after_access) {
      --at;
    }
    const std::size_t number = location(to, function.code[at].loc, name_of(path.next));
    finish(path.step, from, to, path.slots, number);
  }

  void finish(Step& step, const Key& from, const Key& to, const std::map<Slot, Value>& slots,
              std::size_t number) {
    for (const auto& [slot, local] : from.locals) {
      if (local.kind == Value::Kind::number && to.locals.count(slot) == 0) {
        const VarId id = variable(slot);
        step.set(id, system_.pool->constant(system_.variables[id].sort, 0));
      }
    }
    for (const auto& [slot, local] : to.locals) {
      if (local.kind == Value::Kind::number) {
        step.set(variable(slot), slots.at(slot).number);
      } else {
        // It had a number before and has none now: what is not read is 0.
        const auto before = from.locals.find(slot);
        if (before != from.locals.end() && before->second.kind == Value::Kind::number) {
          const VarId id = variable(slot);
          step.set(id, system_.pool->constant(system_.variables[id].sort, 0));
        }
      }
    }
    const Expr pc = step.get(options_.pc);
    step.set(options_.pc, same_sort(pc, locations_[number].pc));
    step.finish();
  }

  const c::Unit& unit_;
  FunctionId function_;
  TransitionSystem& system_;
  const Platform& platform_;
  const ThreadOptions& options_;
  std::vector<std::vector<bool>> heads_;
  std::unique_ptr<c::Executor> executor_;
  std::vector<Key> keys_;
  std::map<Key, std::size_t> numbers_;
  std::vector<ThreadLocation> locations_;
  std::map<std::string, unsigned> names_;
  std::map<Slot, VarId> variables_;
  std::map<FunctionId, std::vector<bool>> targets_;
};

}  // namespace

std::vector<ThreadLocation> lower_thread(const Program& program, const std::string& function,
                                         TransitionSystem& system, const Platform& platform,
                                         const GlobalBindings& globals,
                                         const ThreadOptions& options) {
  const c::Unit& unit = program.impl().unit;
  const FunctionId id = program.impl().checker->find_function(function);
  if (id == c::none || !unit.functions[id].is_defined()) {
    throw InputError({}, "there is no function '" + function + "'");
  }
  if (!unit.functions[id].parameters.empty()) {
    unit.sources.fail(unit.functions[id].loc, "'" + function + "' is called from outside",
                      "no parameters");
  }
  return Lowering(unit, id, system, platform, globals, options).run();
}

}  // namespace airlock
