// EQUIVALENCE of two worlds, an original and a changed one, under the same inputs. A vCPU thread's
// step is *silent* if it chooses nothing, completes nothing for the guest, leaves IF, GIF, the
// preemption count and guest mode alone, and does not change DebugCtl while GIF=1. Silent steps are
// taken by one copy. Everything else (guest instructions, interrupts, boot, actors, every other
// step of the thread) is taken by both in one step, with the same inputs. Compared: the guests'
// events, at each such step; DebugCtl whenever both hosts run with GIF=1; the masks, so that both
// enable the same actors; undefined behaviour; and, where neither has a silent step left, that
// whatever one can do the other can, with the same inputs. So if nothing differs, each run of one
// is matched, input by input, by a run of the other that shows the same. (A world that loops
// silently for ever would be matched up to there only: `silence_ends` asks that of one world, with
// a count of its silent steps since the last that shows.)
#include "model/world/equivalence.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <map>

#include "model/world/observe.hpp"
#include "model/world/step_count.hpp"

namespace airlock {
namespace {

/// What a step of the vCPU thread shows to whom it is compared with; empty: it is silent.
std::string shown_by(const LaidOutWorld& world, const Rule& rule) {
  if (rule.agent != AgentKind::thread) {
    return rule.actor + ": " + rule.name;
  }
  std::string shown;
  for (const InputId id : rule.inputs) {
    const Input& input = world.system.inputs.at(id);
    shown += kind_of_input(input) + "/" + std::to_string(input.sort.width()) + " ";
  }
  const Layout& layout = world.layout;
  for (const Update& update : rule.updates) {
    const VarId id = update.variable;
    const bool mask = id == layout.machine.cpu.rflags || id == layout.machine.cpu.gif ||
                      id == layout.preempt_count || id == layout.machine.cpu.guest_mode;
    const bool event = id == layout.observed->event && !update.value.is_value(observed_nothing);
    if (mask || event) {
      shown += world.system.variables[id].name + " ";
    }
  }
  return shown;
}

/// A world's rules by what they show.
struct Steps {
  std::vector<const Rule*> silent;
  std::map<std::string, std::vector<const Rule*>> visible;
};

/// A step that changes DebugCtl while the host runs with GIF=1 can be seen; where it changes
/// nothing, or GIF is 0, it is silent. `split` owns the rules that are both, once for each case.
Steps steps_of(const LaidOutWorld& world, std::deque<Rule>& split) {
  Steps result;
  const VarId debugctl = world.layout.machine.cpu.debugctl;
  const auto guarded = [&](const Rule& rule, Expr condition) {
    split.push_back(rule);
    split.back().guard = rule.guard & condition;
    return &split.back();
  };
  for (const Rule& rule : world.system.rules) {
    const std::string shown = shown_by(world, rule);
    const auto update = std::find_if(rule.updates.begin(), rule.updates.end(),
                                     [&](const Update& u) { return u.variable == debugctl; });
    if (!shown.empty()) {
      result.visible[shown].push_back(&rule);
    } else if (update == rule.updates.end()) {
      result.silent.push_back(&rule);
    } else {
      const Expr seen = world.system.variable(world.layout.machine.cpu.gif) &&
                        ne(update->value, world.system.variable(debugctl));
      result.silent.push_back(guarded(rule, !seen));
      result.visible["DEBUGCTL"].push_back(guarded(rule, seen));
    }
  }
  return result;
}

class Equivalence {
 public:
  Equivalence(const LaidOutWorld& original, const LaidOutWorld& changed)
      : worlds_(original, changed, nothing_shared), system_(worlds_.twin.system()) {
    for (const Copy copy : {Copy::a, Copy::b}) {
      steps_[index(copy)] = steps_of(worlds_.world(copy), split_);
    }
  }

  TransitionSystem run() {
    const VarId unlike = system_.add_variable("one can act and the other cannot", Sort::boolean(),
                                              system_.pool->boolean(false), {}, hidden());
    add_silent(Copy::a);
    add_silent(Copy::b);
    const Expr waiting = !can_be_silent(Copy::a) && !can_be_silent(Copy::b);
    for (const auto& [shown, rules] : steps_[0].visible) {
      for (const Rule* rule : rules) {
        for (const Rule* other : steps_[1].visible[shown]) {
          worlds_.twin.together(*rule, *other, system_.pool->boolean(true));
        }
        worlds_.twin.unmatched(Copy::a, *rule, steps_[1].visible[shown], waiting, unlike);
      }
    }
    for (const auto& [shown, rules] : steps_[1].visible) {
      for (const Rule* rule : rules) {
        worlds_.twin.unmatched(Copy::b, *rule, steps_[0].visible[shown], waiting, unlike);
      }
    }
    system_.properties = {
        {"equivalent",
         PropertyKind::always,
         !(system_.variable(unlike) || differ()),
         "Under the same choices both show the same to the guest and to the host.",
         "Under the same choices the two show different things.",
         {}}};
    hide_references(system_);
    validate(system_);
    return std::move(system_);
  }

 private:
  static std::size_t index(Copy copy) { return copy == Copy::a ? 0 : 1; }

  void add_silent(Copy copy) {
    for (const Rule* rule : steps_[index(copy)].silent) {
      const std::size_t before = system_.rules.size();
      worlds_.twin.alone(copy, *rule, system_.pool->boolean(true));
      if (system_.rules.size() != before) {
        // What was seen in the step before has been compared; the copy's own pulses go down anyway.
        const Copy other = copy == Copy::a ? Copy::b : Copy::a;
        const ObservationVariables& observed = *worlds_.world(other).layout.observed;
        for (const VarId id :
             {observed.event, observed.dr6, observed.debugctl, observed.cpl, observed.then_db}) {
          set_zero(system_.rules.back().updates, system_, worlds_.twin.variable(other, id));
        }
      }
    }
  }

  Expr can_be_silent(Copy copy) {
    Expr result = system_.pool->boolean(false);
    for (const Rule* rule : steps_[index(copy)].silent) {
      result = result || worlds_.twin.of(copy, rule->guard);
    }
    return result;
  }

  Expr differ() {
    const auto undefined = [&](Copy copy) {
      return equals_zero(worlds_.get(copy, [](const Layout& l) { return l.undefined; }));
    };
    return worlds_.observations_differ() || worlds_.hosts_differ() ||
           worlds_.differ([](const Layout& l) { return l.observed->then_db; }) ||
           worlds_.differ([](const Layout& l) { return l.machine.cpu.gif; }) ||
           worlds_.differ([](const Layout& l) { return l.machine.cpu.guest_mode; }) ||
           worlds_.differ([](const Layout& l) { return l.preempt_count; }) ||
           ne(interrupts(Copy::a), interrupts(Copy::b)) ||
           ne(undefined(Copy::a), undefined(Copy::b));
  }

  /// IF in host mode; in guest mode rFLAGS is the guest's.
  Expr interrupts(Copy copy) {
    return bit(worlds_.get(copy, [](const Layout& l) { return l.machine.cpu.rflags; }),
               machine::rflags::IF) &&
           !worlds_.get(copy, [](const Layout& l) { return l.machine.cpu.guest_mode; });
  }

  WorldTwin worlds_;
  TransitionSystem& system_;
  std::deque<Rule> split_;  // rules that are silent in some states only, once for each case
  std::array<Steps, 2> steps_;
};

}  // namespace

TransitionSystem silence_ends(const LaidOutWorld& world) {
  std::deque<Rule> split;
  const Steps steps = steps_of(world, split);
  TransitionSystem system = world.system;
  system.rules.clear();
  const StepCount silent_steps(system, "silent steps", 8);
  for (const Rule* rule : steps.silent) {
    system.rules.push_back(*rule);
    system.rules.back().updates.push_back(silent_steps.next());
  }
  for (const auto& [shown, rules] : steps.visible) {
    for (const Rule* rule : rules) {
      system.rules.push_back(*rule);
      set_zero(system.rules.back().updates, system, silent_steps.variable());
    }
  }
  system.properties = {{"silence_ends",
                        PropertyKind::always,
                        silent_steps.is_below_top(),
                        "The vCPU's thread never goes on for ever without showing anything.",
                        "The vCPU's thread goes on without showing anything.",
                        {}}};
  validate(system);
  return system;
}

TransitionSystem equivalence(const LaidOutWorld& original, const LaidOutWorld& changed) {
  return Equivalence(original, changed).run();
}

}  // namespace airlock
