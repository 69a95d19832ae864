// The reference host answers one question: what would DebugCtl be had no guest ever run? It is the
// host without vcpu_run(): boot() and every actor run on it too, in the step in which they run on
// the machine and with the same inputs, on a DebugCtl and on globals of its own.
//
// The machine comes first, and alone decides: each of its ways is a rule, with its own guard and
// its own undefined behaviour, as if there were no reference. The reference's run then only adds
// updates of the reference's own variables to that rule. So whatever the reference's copy comes to,
// no run of the machine is lost and none is added.
//
// The copy may part from the machine, which is what it is for: vcpu_run() writes DebugCtl, and
// globals that actors read. It can come to a place where the machine's run has nothing that
// corresponds: an assume() that is false there, undefined behaviour, a failed assert(). On a host
// without vcpu_run() this run of the actor does not exist, or means nothing; what DebugCtl would be
// after it is no sensible question. Then the reference *cannot follow*: a variable keeps the first
// reason for good, the reference's variables stay as they were, and what rests on them is not
// claimed any more (properties.cpp). Where this cannot happen the variable does not exist.
//
// An actor that cannot change what DebugCtl depends on is not missed where its assume() is false:
// it does not run there, and DebugCtl is what it would be anyway. That is decided by functions,
// from what their runs on both hosts write and read. Undefined behaviour is not excused.
//
// Inputs. The reference meets the machine's inputs by their places. What it chooses where the
// machine does not come by is its own, and an assume() about that only says which of its inputs
// there are: it is lost if none is left, and otherwise takes one of those that are. That is a
// condition on inputs in the rule's guard, which some value always satisfies.
#include "model/world/both_hosts.hpp"

#include <algorithm>
#include <stdexcept>

#include "model/system/input_error.hpp"
#include "model/system/quantify.hpp"

namespace airlock {
namespace {

std::string brief(const SourceLocation& location) {
  return location.file.substr(location.file.rfind('/') + 1) + ":" + std::to_string(location.line);
}

/// What the machine's way depends on or makes of its inputs. (All ways of a step share the input
/// of a place; one that this way does not mention is the reference's own.)
std::set<InputId> inputs_of_way(const TransitionSystem& system, const Step& way) {
  std::vector<Expr> roots{way.guard()};
  for (VarId id = 0; id < system.variables.size(); ++id) {
    roots.push_back(way.get(id));
  }
  const std::vector<InputId> ids = inputs_of(roots);
  return {ids.begin(), ids.end()};
}

bool mentions_others(Expr e, const std::set<InputId>& theirs) {
  const std::vector<InputId> ids = inputs_of(std::vector<Expr>{e});
  return std::any_of(ids.begin(), ids.end(), [&](InputId id) { return theirs.count(id) == 0; });
}

}  // namespace

std::vector<VarId> reference_registers(const Layout& layout) {
  std::vector<VarId> result{layout.reference_host.debugctl};
  if (layout.host_has_dr6()) {
    result.push_back(layout.reference_host.dr6);
  }
  return result;
}

std::vector<VarId> BothHosts::variables() const {
  std::vector<VarId> result = reference_registers(layout_);
  for (const auto& [leaf, id] : reference_globals_) {
    if (id != globals_.at(leaf)) {
      result.push_back(id);
    }
  }
  return result;
}

std::vector<AtomicPath> BothHosts::run(const std::string& function, const Step& step) {
  std::map<VarId, VarId> as_reference{
      {layout_.machine.cpu.debugctl, layout_.reference_host.debugctl}};
  if (layout_.host_has_dr6()) {
    as_reference[layout_.machine.cpu.dr6] = layout_.reference_host.dr6;
  }
  for (const auto& [leaf, id] : globals_) {
    as_reference[id] = reference_globals_.at(leaf);
  }
  std::vector<AtomicPath> ways = run_atomically(program_, function, step, machine_, globals_);
  for (AtomicPath& way : ways) {
    note_use(function, way.step, as_reference);
    if (!way.undefined) {
      add_reference(function, step, way);
    }
  }
  return ways;
}

/// `as`: from a variable that the run has touched to the reference's.
void BothHosts::note_use(const std::string& function, const Step& ran,
                         const std::map<VarId, VarId>& as) {
  Use& use = uses_[function];
  std::vector<Expr> seen{ran.guard()};
  for (const auto& [id, reference] : as) {
    const Expr value = ran.get(id);
    if (value != system_.variable(id)) {
      use.written.insert(reference);
      seen.push_back(value);
    }
  }
  for (const VarId id : variables_of(seen)) {
    if (const auto found = as.find(id); found != as.end()) {
      use.read.insert(found->second);
    }
  }
}

/// The functions that may change a register of the reference, or what such a function reads.
std::set<std::string> BothHosts::that_matter() const {
  const std::vector<VarId> registers = reference_registers(layout_);
  std::set<VarId> needed(registers.begin(), registers.end());
  std::set<std::string> result;
  for (bool changed = true; changed;) {
    changed = false;
    for (const auto& [function, use] : uses_) {
      const bool matters = std::any_of(use.written.begin(), use.written.end(),
                                       [&](VarId id) { return needed.count(id) != 0; });
      if (matters && result.insert(function).second) {
        needed.insert(use.read.begin(), use.read.end());
        changed = true;
      }
    }
  }
  return result;
}

void BothHosts::tell_only_what_matters() {
  const std::set<std::string> matter = that_matter();
  bool told = false;
  for (Rule& rule : system_.rules) {
    for (Update& update : rule.updates) {
      const auto found = std::find_if(told_.begin(), told_.end(), [&](const Told& each) {
        return update.variable == *lost_ && update.value == each.why;
      });
      if (found != told_.end() && matter.count(found->function) == 0) {
        update.value = found->undefined;
      }
    }
    std::erase_if(rule.updates, [&](const Update& update) {
      return update.variable == *lost_ && update.value.is_value(0);
    });
    told = told || std::any_of(rule.updates.begin(), rule.updates.end(),
                               [&](const Update& update) { return update.variable == *lost_; });
  }
  if (!told) {
    lost_.reset();
  }
}

BothHosts::Fate BothHosts::follow(const std::string& function, const Step& start,
                                  const AtomicPath& real) const {
  Fate fate;
  AtomicOptions options;
  options.keep_excluded = true;
  for (AtomicPath& path : run_atomically(program_, function, real.step.again_from(start), host_,
                                         reference_globals_, options)) {
    (path.undefined || path.excluded ? fate.cannot : fate.follows).push_back(std::move(path));
  }
  return fate;
}

Expr BothHosts::number_of(const std::string& function, const AtomicPath& end) {
  const std::string reason =
      function + " at " + brief(end.location) + " (there " + end.reason + ")";
  auto found = std::find(reasons_.begin(), reasons_.end(), reason);
  if (found == reasons_.end()) {
    if (reasons_.size() == reason_sort().mask()) {
      if (!layout_.options.wide) {
        throw TooNarrow{};
      }
      throw InputError(end.location,
                       "more than 65535 places where the reference host cannot follow");
    }
    found = reasons_.insert(reasons_.end(), reason);
  }
  return system_.pool->constant(reason_sort(),
                                static_cast<std::uint64_t>(found - reasons_.begin()) + 1);
}

/// Where the reference makes inputs of its own: keeps those that an assume() allows, if any are.
/// Returns where none is.
Expr BothHosts::settle_own_inputs(const std::string& function, const Fate& fate,
                                  const std::set<InputId>& theirs, Step& real) const {
  Expr allowed = system_.pool->boolean(false);
  for (const AtomicPath& path : fate.follows) {
    allowed = allowed | path.step.guard();
  }
  for (const AtomicPath& path : fate.cannot) {
    allowed = path.undefined ? allowed | path.step.guard() : allowed;
  }
  try {
    const Expr some = for_some_input(
        system_, allowed, [&](InputId id) { return theirs.count(id) == 0; },
        "too many values decide whether the reference host can follow");
    real.assume(allowed | !some);
    return !some;
  } catch (const std::length_error& error) {
    throw InputError(program_.find_function(function)->location, error.what(), {},
                     "any_bits() with fewer bits before an assume() of an actor");
  }
}

void BothHosts::add_reference(const std::string& function, const Step& start, AtomicPath& real) {
  const std::set<InputId> theirs = inputs_of_way(system_, real.step);
  const Fate fate = follow(function, start, real);
  const auto own_input = [&](const AtomicPath& path) {
    return mentions_others(path.step.guard(), theirs);
  };
  const bool excluded_some = std::any_of(fate.cannot.begin(), fate.cannot.end(),
                                         [](const AtomicPath& path) { return path.excluded; });
  const bool settle =
      excluded_some && (std::any_of(fate.follows.begin(), fate.follows.end(), own_input) ||
                        std::any_of(fate.cannot.begin(), fate.cannot.end(), own_input));
  if (layout_.options.two_runs && (settle || !fate.cannot.empty())) {
    return;  // nobody looks at the reference
  }
  const Expr none_left =
      settle ? settle_own_inputs(function, fate, theirs, real.step) : system_.pool->boolean(true);
  Expr lost = system_.pool->boolean(false);
  Told told{function, system_.pool->constant(reason_sort(), 0),
            system_.pool->constant(reason_sort(), 0)};
  for (const AtomicPath& path : fate.cannot) {
    const Expr here = path.excluded ? path.step.guard() & none_left : path.step.guard();
    if (!here.is_false()) {
      const Expr number = number_of(function, path);
      told.why = ite(here, number, told.why);
      told.undefined = path.undefined ? ite(here, number, told.undefined) : told.undefined;
      lost = lost | here;
    }
  }
  std::map<VarId, VarId> own;
  for (const VarId id : variables()) {
    own.emplace(id, id);
  }
  for (const std::vector<AtomicPath>* paths : {&fate.follows, &fate.cannot}) {
    for (const AtomicPath& path : *paths) {
      note_use(function, path.step, own);
    }
  }
  for (const auto& [id, itself] : own) {
    const Expr before = real.step.get(id);
    Expr after = fate.follows.empty() ? before : fate.follows.back().step.get(id);
    for (const AtomicPath& path : fate.follows) {
      after = ite(path.step.guard(), path.step.get(id), after);
    }
    real.step.set(id, ite(lost, before, after));
  }
  if (!lost.is_false()) {
    if (!lost_) {
      lost_ =
          system_.add_variable(lost_name, reason_sort(), system_.pool->constant(reason_sort(), 0),
                               {}, Role::reference_host);
    }
    real.step.set(*lost_, told.why);
    told_.push_back(std::move(told));
  }
}

/// What the machine does must not depend on a reference that may be lost.
void BothHosts::refuse_onlookers(std::vector<std::string> software) const {
  for (const auto& [function, use] : uses_) {
    software.push_back(function);
  }
  for (const std::string& function : software) {
    if (program_.reads_of_machine(function, "reference_host.")) {
      throw InputError(
          program_.find_function(function)->location,
          "'" + function + "' reads reference_host, which cannot follow " + reasons_.front(), {},
          "properties alone to look at a reference that may get lost");
    }
  }
}

void BothHosts::freeze(const std::vector<std::string>& machine_alone) {
  if (!lost_) {
    return;
  }
  tell_only_what_matters();
  if (!lost_) {
    return;
  }
  refuse_onlookers(machine_alone);
  const Expr lost = system_.variable(*lost_);
  const Expr follows = eq(lost, same_sort(lost, 0));
  std::vector<VarId> frozen = variables();
  frozen.push_back(*lost_);
  for (Rule& rule : system_.rules) {
    for (Update& update : rule.updates) {
      if (std::find(frozen.begin(), frozen.end(), update.variable) != frozen.end()) {
        update.value = ite(follows, update.value, system_.variable(update.variable));
      }
    }
  }
  Display display{Display::Kind::enumeration, {{0, "it can"}}};
  for (std::size_t i = 0; i < reasons_.size(); ++i) {
    display.names.push_back({i + 1, reasons_[i]});
  }
  system_.variables[*lost_].display = display;
}

}  // namespace airlock
