// Noninterference: no run of the host can be told from another by its guest, and no run of the
// guest by its host (J. Goguen, J. Meseguer, Security Policies and Security Models, S&P 1982),
// stated on two copies of a world, A and B, without the reference guest or the reference host.
//
// HOST TO GUEST. Both guests run one program: it is fixed when an instruction is first attempted,
// with its operands, and stays the same for both copies until both have had their event: the
// instruction completes, natively in one copy and by software's hand in the other if that is how it
// comes, or a #DB or #GP is taken instead. Then they meet: what MOV from DR6 or RDMSR returned, and
// which event it was, are compared, and the program goes on. Between meetings the copies do not
// touch each other (they share the program and the readings, which no host writes), so every
// interleaving of their steps leads to the same meeting; one is enough: A comes to its event, then
// B. The CPL after the event is compared too, because an instruction that B may not execute would
// leave B without an event, and a difference that is never met would not be seen.
//
// Which hosts? Boot, actors, exits on INTR and NMI, software's choices and what a VMRUN picks from
// its cache are free in A. In B they need not be: let B be *quiet*, with no actors, no interrupts
// and every choice 0. If two runs with one program differ at some event, and at no earlier one,
// then at least one of them differs there from the quiet run of that program. So comparing every
// run with the quiet one compares all pairs, provided that the quiet run always comes to its next
// event, whatever the guest does: that is `support`, a question about one copy, which exhaustive
// search answers (a quiet host has few states) with a count of steps to catch a loop that never
// gets there. This turns the square of the world's states into little more than the world's states,
// and makes a trace read as it should: here a host that did something, there one that did nothing.
// A guest that is held up for ever observes nothing: as usual, this does not see termination.
//
// GUEST TO HOST. Boot and each actor fire in both copies in one step with the same choices; all
// else is free. Compared: DebugCtl, whenever both hosts run with GIF=1. Two runs with the same
// history of actors can be aligned so that corresponding actors fire together, since between two
// actors' steps the copies are independent; an actor fires in both only where both enable it, which
// is so in any such alignment. Again all pairs are compared by comparing with one: B is *parked*,
// its vCPU before its first step, so that no guest ever runs and no actor is ever masked.
// `support`: every actor that can fire in A can fire in the parked copy, with the same choices. (A
// parked copy is what DESIGN.md's reference host was made to be. That the two verdicts agree on
// every world is therefore a check of that construction, and not another guarantee.)
//
// EQUIVALENCE of two worlds, an original and a changed one, under the same choices. A vCPU thread's
// step is *silent* if it chooses nothing, completes nothing for the guest, leaves IF, GIF, the
// preemption count and guest mode alone, and does not change DebugCtl while GIF=1. Silent steps are
// taken by one copy. Everything else (guest instructions, interrupts, boot, actors, every other
// step of the thread) is taken by both in one step, with the same choices. Compared: the guests'
// events, at each such step; DebugCtl whenever both hosts run with GIF=1; the masks, so that both
// enable the same actors; undefined behaviour; and, where neither has a silent step left, that
// whatever one can do the other can, with the same choices. So if nothing differs, each run of one
// is matched, choice by choice, by a run of the other that shows the same. (A changed world that
// loops silently for ever is matched up to there only.)
#include "model/world/noninterference.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <map>

#include "model/system/reduce.hpp"
#include "model/world/compose.hpp"
#include "model/world/observe.hpp"
#include "model/world/twin.hpp"

namespace airlock {
namespace {

const auto nothing_shared = [](const Variable&) { return false; };

Expr is_zero(Expr e) {
  return eq(e, same_sort(e, 0));
}

/// A twin of worlds: the copies' variables by their place in the layout.
class WorldTwin {
 public:
  WorldTwin(const LaidOutWorld& a, const LaidOutWorld& b,
            const std::function<bool(const Variable&)>& shared)
      : a_(a), b_(b), twin(a.system, b.system, shared) {}

  [[nodiscard]] const LaidOutWorld& world(Copy copy) const { return copy == Copy::a ? a_ : b_; }

  /// The copy's variable that `select` picks from its layout.
  template <typename Select>
  Expr get(Copy copy, Select select) {
    return twin.system().variable(twin.variable(copy, select(world(copy).layout)));
  }
  template <typename Select>
  Expr differ(Select select) {
    return ne(get(Copy::a, select), get(Copy::b, select));
  }

  /// Host mode with GIF=1.
  Expr host_runs(Copy copy) {
    return !get(copy, [](const Layout& l) { return l.machine.cpu.guest_mode; }) &&
           get(copy, [](const Layout& l) { return l.machine.cpu.gif; });
  }
  Expr hosts_differ() {
    return host_runs(Copy::a) && host_runs(Copy::b) &&
           differ([](const Layout& l) { return l.machine.cpu.debugctl; });
  }
  Expr event(Copy copy) {
    return get(copy, [](const Layout& l) { return l.observed->event; });
  }
  Expr observations_differ() {
    return differ([](const Layout& l) { return l.observed->event; }) ||
           differ([](const Layout& l) { return l.observed->dr6; }) ||
           differ([](const Layout& l) { return l.observed->debugctl; }) ||
           differ([](const Layout& l) { return l.observed->cpl; });
  }

 private:
  const LaidOutWorld& a_;
  const LaidOutWorld& b_;

 public:
  Twin twin;
};

void set_zero(std::vector<Update>& updates, const TransitionSystem& system, VarId id) {
  updates.push_back({id, system.pool->constant(system.variables[id].sort, 0)});
}

/// What the guest picks for its instructions is its program, not the host's doing.
bool is_guests(const Choice& choice) {
  static const std::array names{"new TF", "to CPL 3", "WRMSR operand", "DR6 operand: BLD",
                                "DR6 operand: BS"};
  return std::find(names.begin(), names.end(), choice.name) != names.end();
}

/// What a VMRUN picks, not the software.
bool is_hardwares(const Choice& choice) {
  return choice.name.rfind("use the cached copy", 0) == 0;
}

bool is_hosts(const Rule& rule) {
  return rule.actor == "boot" || is_actor(rule.actor);
}

/// How much a host does beside running its guest.
struct Calm {
  bool actors;
  bool software;    ///< its choices
  bool interrupts;  ///< and what VMRUN picks
};
constexpr Calm quiet{false, false, false};
constexpr std::array calmer{Calm{true, false, false}, Calm{false, true, false}};

bool happens(const Rule& rule, const Calm& calm) {
  if (is_actor(rule.actor)) {
    return calm.actors;
  }
  return rule.actor == "hardware" ? calm.interrupts : true;
}

/// `boots`: boot()'s choices are free.
bool is_free(const Rule& rule, const Choice& choice, const Calm& calm, bool boots) {
  if (is_guests(choice)) {
    return true;
  }
  if (rule.actor == "boot") {
    return boots;
  }
  if (is_actor(rule.actor)) {
    return calm.actors;
  }
  return is_hardwares(choice) ? calm.interrupts : calm.software;
}

/// `rule` without what a calm host does not do: the same rule by name and choices, with a guard
/// that is false where it does not happen at all.
Rule calmed(const TransitionSystem& system, const Rule& rule, const Calm& calm, bool boots) {
  ExprPool& pool = *system.pool;
  Rule result = rule;
  if (!happens(rule, calm)) {
    result.guard = pool.boolean(false);
    result.updates.clear();
    return result;
  }
  Rewriter rewrite(pool, [&](Expr leaf) {
    return leaf.op() == Op::choice && !is_free(rule, system.choices.at(leaf.index()), calm, boots)
               ? pool.constant(leaf.sort(), 0)
               : leaf;
  });
  result.guard = rewrite(rule.guard);
  for (Update& update : result.updates) {
    update.value = rewrite(update.value);
  }
  return result;
}

/// After a meeting nothing has been seen, and nobody has looked at the guest's next instruction.
void forget_event(std::vector<Update>& updates, const TransitionSystem& system,
                  const Layout& layout, const std::function<VarId(VarId)>& variable) {
  const ObservationVariables& observed = *layout.observed;
  const NextInstructionVariables& next = *layout.next;
  for (const VarId id : {observed.event, observed.dr6, observed.debugctl, observed.cpl,
                         next.instruction, next.operands_known, next.tf, next.user, next.value}) {
    const bool known = std::any_of(updates.begin(), updates.end(), [&](const Update& update) {
      return update.variable == variable(id);
    });
    if (!known) {
      set_zero(updates, system, variable(id));
    }
  }
}

void add_meeting(WorldTwin& worlds) {
  TransitionSystem& system = worlds.twin.system();
  const char* text = "both guests have seen the same; their program goes on";
  Rule meet{text,
            "A and B",
            !is_zero(worlds.event(Copy::a)) && !is_zero(worlds.event(Copy::b)) &&
                !worlds.observations_differ(),
            {},
            {},
            {{{}, text, ""}}};
  for (const Copy copy : {Copy::a, Copy::b}) {
    forget_event(meet.updates, system, worlds.world(copy).layout,
                 [&](VarId id) { return worlds.twin.variable(copy, id); });
  }
  system.rules.push_back(std::move(meet));
}

/// The references are no part of the statement; nothing that is shown depends on them.
void hide_references(TransitionSystem& system) {
  for (Variable& variable : system.variables) {
    if (variable.group == "reference guest" || variable.group == "reference host" ||
        variable.group == "guest view") {
      variable.group = "hidden";
    }
  }
}

/// The quiet copy alone, with a count of its steps since the last event.
TransitionSystem quiet_alone(const LaidOutWorld& world) {
  TransitionSystem system = world.system;
  system.properties.clear();
  system.rules.clear();
  constexpr unsigned width = 10;
  const VarId steps = system.add_variable("steps since the last event", Sort::bits(width),
                                          system.pool->bits(width, 0), {}, "hidden");
  const Expr count = system.variable(steps);
  const Expr top = same_sort(count, count.sort().mask());
  for (const Rule& rule : world.system.rules) {
    Rule calm = calmed(world.system, rule, quiet, false);
    if (!calm.guard.is_false()) {
      calm.updates.push_back({steps, ite(eq(count, top), top, count + same_sort(count, 1))});
      system.rules.push_back(std::move(calm));
    }
  }
  const Expr waits = !is_zero(system.variable(world.layout.observed->event));
  const Expr can_go_on = can_continue(system);
  Rule meet{"the guest's program goes on", "guest", waits, {}, {}, {}};
  forget_event(meet.updates, system, world.layout, [](VarId id) { return id; });
  set_zero(meet.updates, system, steps);
  system.rules.push_back(std::move(meet));
  system.properties = {{"quiet_host_brings_its_guest_on",
                        PropertyKind::always,
                        (waits || can_go_on) && ne(count, top),
                        "On a quiet host the guest always comes to its next event.",
                        "The quiet host's guest does not come to its next event.",
                        {}}};
  system.control.push_back(world.layout.observed->event);
  return system;
}

Property no_leak_to_the_guest(WorldTwin& worlds) {
  const auto saw = [](const std::string& copy) {
    return "{" + copy + ".observed}{?" + copy + ".observed.DR6: , reading {" + copy +
           ".observed.DR6}}{?" + copy + ".observed.DEBUGCTL: , reading {" + copy +
           ".observed.DEBUGCTL}}";
  };
  return {host_to_guest_name,
          PropertyKind::always,
          is_zero(worlds.event(Copy::a)) || is_zero(worlds.event(Copy::b)) ||
              !worlds.observations_differ(),
          host_to_guest_text,
          "Under one program, A's guest " + saw("A") + "; B's guest, on a quiet host, " + saw("B") +
              ".",
          {}};
}

/// Adds the rules of both hosts' boot and actors, in one step and with one set of choices.
void add_joint_hosts(WorldTwin& worlds) {
  const std::vector<Rule>& rules = worlds.world(Copy::a).system.rules;
  for (const Rule& rule : rules) {
    for (const Rule& other : rules) {
      if (is_hosts(rule) && rule.actor == other.actor) {
        worlds.twin.together(rule, other, worlds.twin.system().pool->boolean(true));
      }
    }
  }
}

void add_free_guest(WorldTwin& worlds) {
  for (const Rule& rule : worlds.world(Copy::a).system.rules) {
    if (!is_hosts(rule)) {
      worlds.twin.alone(Copy::a, rule, worlds.twin.system().pool->boolean(true));
    }
  }
}

/// The same product, watched for an actor that runs in A and cannot in B.
TransitionSystem parked_copy_follows(const LaidOutWorld& world) {
  WorldTwin worlds(world, world, nothing_shared);
  add_free_guest(worlds);
  add_joint_hosts(worlds);
  TransitionSystem& system = worlds.twin.system();
  const VarId alone = system.add_variable("A's host acts and B's cannot", Sort::boolean(),
                                          system.pool->boolean(false), {}, "hidden");
  for (const Rule& rule : world.system.rules) {
    if (is_hosts(rule)) {
      std::vector<const Rule*> others;
      for (const Rule& other : world.system.rules) {
        if (other.actor == rule.actor) {
          others.push_back(&other);
        }
      }
      worlds.twin.unmatched(Copy::a, rule, others, system.pool->boolean(true), alone);
    }
  }
  system.properties = {{"host_without_a_guest_can_follow",
                        PropertyKind::always,
                        !system.variable(alone),
                        "Whatever boot and the actors do under a guest, they can do without one.",
                        "A's host acts where B's cannot.",
                        {}}};
  return std::move(system);
}

}  // namespace

TwinSystem host_to_guest(const LaidOutWorld& world) {
  WorldTwin worlds(world, world, [](const Variable& variable) {
    return variable.group == guests_program || variable.name == operands_known_name;
  });
  TransitionSystem& system = worlds.twin.system();
  const Expr a_waits = !is_zero(worlds.event(Copy::a));
  for (const Rule& rule : world.system.rules) {
    worlds.twin.alone(Copy::a, rule, !a_waits);
  }
  const std::size_t rules_of_a = system.rules.size();
  for (const Rule& rule : world.system.rules) {
    worlds.twin.alone(Copy::b, calmed(world.system, rule, quiet, false), a_waits);
  }
  add_meeting(worlds);
  system.properties = {no_leak_to_the_guest(worlds)};
  for (const Copy copy : {Copy::a, Copy::b}) {
    system.control.push_back(worlds.twin.variable(copy, world.layout.observed->event));
  }
  hide_references(system);
  validate(system);
  TwinSystem result;
  for (const Calm& calm : calmer) {
    TransitionSystem less = system;
    for (std::size_t i = 0; i < rules_of_a; ++i) {
      Rule original = less.rules[i];
      original.actor = original.actor.substr(3);  // "A: "
      Rule calm_rule = calmed(system, original, calm, true);
      calm_rule.actor = less.rules[i].actor;
      less.rules[i] = std::move(calm_rule);
    }
    result.calmer.push_back(std::move(less));
  }
  result.support = quiet_alone(world);
  validate(result.support);
  result.system = std::move(system);
  return result;
}

TwinSystem guest_to_host(const LaidOutWorld& world) {
  WorldTwin worlds(world, world, nothing_shared);
  TransitionSystem& system = worlds.twin.system();
  add_free_guest(worlds);
  add_joint_hosts(worlds);
  system.properties = {
      {guest_to_host_name,
       PropertyKind::always,
       !worlds.hosts_differ(),
       guest_to_host_text,
       "After the same boot and actors, A's host runs with DEBUGCTL={A.DEBUGCTL}; B's, without a "
       "guest, with {B.DEBUGCTL}.",
       {}}};
  hide_references(system);
  validate(system);
  TwinSystem result;
  result.support = parked_copy_follows(world);
  validate(result.support);
  result.system = std::move(system);
  return result;
}

namespace {

/// What a step of the vCPU thread shows to whom it is compared with; empty: it is silent.
std::string shown_by(const LaidOutWorld& world, const Rule& rule) {
  if (rule.actor != "vcpu_run") {
    return rule.actor + ": " + rule.name;
  }
  std::string shown;
  for (const ChoiceId id : rule.choices) {
    const Choice& choice = world.system.choices.at(id);
    shown += kind_of_choice(choice) + "/" + std::to_string(choice.sort.width()) + " ";
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

class Equivalence {
 public:
  Equivalence(const LaidOutWorld& original, const LaidOutWorld& changed)
      : worlds_(original, changed, nothing_shared), system_(worlds_.twin.system()) {
    for (const Copy copy : {Copy::a, Copy::b}) {
      for (const Rule& rule : worlds_.world(copy).system.rules) {
        const std::string shown = shown_by(worlds_.world(copy), rule);
        if (shown.empty()) {
          add_silent_rule(copy, rule);
        } else {
          visible_[index(copy)][shown].push_back(&rule);
        }
      }
    }
  }

  TransitionSystem run() {
    const VarId unlike = system_.add_variable("one can act and the other cannot", Sort::boolean(),
                                              system_.pool->boolean(false), {}, "hidden");
    add_silent(Copy::a);
    add_silent(Copy::b);
    const Expr waiting = !can_be_silent(Copy::a) && !can_be_silent(Copy::b);
    for (const auto& [shown, rules] : visible_[0]) {
      for (const Rule* rule : rules) {
        for (const Rule* other : visible_[1][shown]) {
          worlds_.twin.together(*rule, *other, system_.pool->boolean(true));
        }
        worlds_.twin.unmatched(Copy::a, *rule, visible_[1][shown], waiting, unlike);
      }
    }
    for (const auto& [shown, rules] : visible_[1]) {
      for (const Rule* rule : rules) {
        worlds_.twin.unmatched(Copy::b, *rule, visible_[0][shown], waiting, unlike);
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

  /// A step that changes DebugCtl while the host runs with GIF=1 can be seen; where it changes
  /// nothing, or GIF is 0, it is silent.
  void add_silent_rule(Copy copy, const Rule& rule) {
    const LaidOutWorld& world = worlds_.world(copy);
    const VarId debugctl = world.layout.machine.cpu.debugctl;
    const auto update = std::find_if(rule.updates.begin(), rule.updates.end(),
                                     [&](const Update& u) { return u.variable == debugctl; });
    if (update == rule.updates.end()) {
      silent_[index(copy)].push_back(&rule);
      return;
    }
    const Expr seen = world.system.variable(world.layout.machine.cpu.gif) &&
                      ne(update->value, world.system.variable(debugctl));
    silent_[index(copy)].push_back(&guarded(rule, !seen));
    visible_[index(copy)]["DEBUGCTL"].push_back(&guarded(rule, seen));
  }

  const Rule& guarded(const Rule& rule, Expr condition) {
    split_.push_back(rule);
    split_.back().guard = rule.guard & condition;
    return split_.back();
  }

  void add_silent(Copy copy) {
    for (const Rule* rule : silent_[index(copy)]) {
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
    for (const Rule* rule : silent_[index(copy)]) {
      result = result || worlds_.twin.of(copy, rule->guard);
    }
    return result;
  }

  Expr differ() {
    const auto undefined = [&](Copy copy) {
      return is_zero(worlds_.get(copy, [](const Layout& l) { return l.undefined; }));
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
  std::array<std::vector<const Rule*>, 2> silent_;
  std::array<std::map<std::string, std::vector<const Rule*>>, 2> visible_;
};

}  // namespace

TransitionSystem equivalence(const LaidOutWorld& original, const LaidOutWorld& changed) {
  return Equivalence(original, changed).run();
}

}  // namespace airlock
