// Noninterference: no run of the host can be told from another by its guest, and no run of the
// guest by its host (J. Goguen, J. Meseguer, Security Policies and Security Models, S&P 1982),
// stated on two copies of a world, A and B, without the reference guest or the reference host.
//
// HOST TO GUEST. Both guests run one program: it is fixed when an instruction is first attempted,
// with its operands, and stays the same for both copies until both have had their event: the
// instruction completes, natively in one copy and by software's hand in the other if that is how it
// comes, or a #DB or #GP is taken instead. Then they meet: what MOV from DR6 or RDMSR returned, and
// which event it was, are compared, and the program goes on. Between meetings the copies do not
// touch each other (they share the program and the choices, which no host writes), so every
// interleaving of their steps leads to the same meeting; one is enough: A comes to its event, then
// B. The CPL after the event is compared too, because an instruction that B may not execute would
// leave B without an event, and a difference that is never met would not be seen.
//
// Which hosts? Boot, actors, exits on INTR and NMI, software's inputs and what a VMRUN picks from
// its cache are free in A. In B they need not be: let B be *quiet*, with no actors, no interrupts
// and every input 0. If two runs with one program differ at some event, and at no earlier one,
// then at least one of them differs there from the quiet run of that program. So comparing every
// run with the quiet one compares all pairs, provided that the quiet run always comes to its next
// event, whatever the guest does: that is `support`, a question about one copy, which exhaustive
// search answers (a quiet host has few states) with a count of steps to catch a loop that never
// gets there. This turns the square of the world's states into little more than the world's states,
// and makes a trace read as it should: here a host that did something, there one that did nothing.
// A guest that is held up for ever observes nothing: as usual, this does not see termination.
//
// GUEST TO HOST. Boot and each actor fire in both copies in one step with the same inputs; all
// else is free. Compared: DebugCtl, whenever both hosts run with GIF=1. Two runs with the same
// history of actors can be aligned so that corresponding actors fire together, since between two
// actors' steps the copies are independent; an actor fires in both only where both enable it, which
// is so in any such alignment. Again all pairs are compared by comparing with one: B is *parked*,
// its vCPU before its first step, so that no guest ever runs and no actor is ever masked.
// `support`: every actor that can fire in A can fire in the parked copy, with the same inputs, and
// is defined there if it is in A. (Where the parked copy is undefined, nothing is compared.) A
// task switch is one step with the vcpu_load() at its end, so B's vCPU is loaded, though never run:
// what vcpu_load() does to DebugCtl is not seen here, being the same with every guest. The
// reference host (DESIGN.md) does see it. (Otherwise it is what a parked copy is, so that where
// vcpu_load() leaves DebugCtl alone, as in specs/kvm, the two verdicts must agree: a check of that
// construction, not another guarantee.)
#include "model/world/noninterference.hpp"

#include <algorithm>
#include <array>

#include "model/system/reduce.hpp"
#include "model/world/compose.hpp"
#include "model/world/observe.hpp"
#include "model/world/step_count.hpp"

namespace airlock {
namespace {

/// What the guest picks for its instructions is its program, not the host's doing.
bool is_guests(const Input& input) {
  return input.by == AgentKind::guest;
}

/// What a VMRUN picks, not the software.
bool is_hardwares(const Input& input) {
  return input.by == AgentKind::hardware;
}

bool is_hosts(const Rule& rule) {
  return is_of_the_host(rule.agent);
}

/// How much a host does beside running its guest.
struct Calm {
  bool actors;
  bool software;    ///< its inputs
  bool interrupts;  ///< and what VMRUN picks
};
constexpr Calm quiet{false, false, false};
constexpr std::array calmer{Calm{true, false, false}, Calm{false, true, false}};

bool happens(const Rule& rule, const Calm& calm) {
  if (is_actor(rule.agent)) {
    return calm.actors;
  }
  return rule.agent == AgentKind::hardware ? calm.interrupts : true;
}

/// `boots`: boot()'s inputs are free.
bool is_free(const Rule& rule, const Input& input, const Calm& calm, bool boots) {
  if (is_guests(input)) {
    return true;
  }
  if (rule.agent == AgentKind::boot) {
    return boots;
  }
  if (is_actor(rule.agent)) {
    return calm.actors;
  }
  return is_hardwares(input) ? calm.interrupts : calm.software;
}

/// `rule` without what a calm host does not do: the same rule by name and inputs, with a guard
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
    return leaf.op() == Op::input && !is_free(rule, system.inputs.at(leaf.index()), calm, boots)
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
            !equals_zero(worlds.event(Copy::a)) && !equals_zero(worlds.event(Copy::b)) &&
                !worlds.observations_differ(),
            {},
            {},
            {{{}, text, {}, Event::meeting}}};
  for (const Copy copy : {Copy::a, Copy::b}) {
    forget_event(meet.updates, system, worlds.world(copy).layout,
                 [&](VarId id) { return worlds.twin.variable(copy, id); });
  }
  system.rules.push_back(std::move(meet));
}

/// The quiet copy alone, with a count of its steps since the last event.
TransitionSystem quiet_alone(const LaidOutWorld& world) {
  TransitionSystem system = world.system;
  system.properties.clear();
  system.rules.clear();
  const StepCount steps(system, "steps since the last event", 10);
  for (const Rule& rule : world.system.rules) {
    Rule calm = calmed(world.system, rule, quiet, false);
    if (!calm.guard.is_false()) {
      calm.updates.push_back(steps.next());
      system.rules.push_back(std::move(calm));
    }
  }
  const Expr waits = !equals_zero(system.variable(world.layout.observed->event));
  const Expr can_go_on = can_continue(system);
  Rule meet{"the guest's program goes on", "guest", waits, {}, {}, {}, AgentKind::guest};
  forget_event(meet.updates, system, world.layout, [](VarId id) { return id; });
  set_zero(meet.updates, system, steps.variable());
  system.rules.push_back(std::move(meet));
  system.properties = {{host_to_guest_support_name,
                        PropertyKind::always,
                        (waits || can_go_on) && steps.is_below_top(),
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
          equals_zero(worlds.event(Copy::a)) || equals_zero(worlds.event(Copy::b)) ||
              !worlds.observations_differ(),
          host_to_guest_text,
          "Under one program, A's guest " + saw("A") + "; B's guest, on a quiet host, " + saw("B") +
              ".",
          {}};
}

/// Adds the rules of both hosts' boot and actors, in one step and with one set of inputs.
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

/// Undefined behaviour of boot or of an actor in the copy's last step. It says nothing of what the
/// host would have done.
Expr host_is_undefined(WorldTwin& worlds, Copy copy) {
  const VarId undefined = worlds.world(copy).layout.undefined;
  const std::vector<Rule>& rules = worlds.world(copy).system.rules;
  const bool possible = std::any_of(rules.begin(), rules.end(), [&](const Rule& rule) {
    return is_hosts(rule) &&
           std::any_of(rule.updates.begin(), rule.updates.end(),
                       [&](const Update& update) { return update.variable == undefined; });
  });
  return possible ? !equals_zero(worlds.get(copy, [](const Layout& l) { return l.undefined; }))
                  : worlds.twin.system().pool->boolean(false);
}

/// The same product, watched for an actor that runs in A and cannot in B.
TransitionSystem parked_copy_follows(const LaidOutWorld& world) {
  WorldTwin worlds(world, world, nothing_shared);
  add_free_guest(worlds);
  add_joint_hosts(worlds);
  TransitionSystem& system = worlds.twin.system();
  const VarId alone = system.add_variable("A's host acts and B's cannot", Sort::boolean(),
                                          system.pool->boolean(false), {}, hidden());
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
  system.properties = {{guest_to_host_support_name,
                        PropertyKind::always,
                        !system.variable(alone) && (!host_is_undefined(worlds, Copy::b) ||
                                                    host_is_undefined(worlds, Copy::a)),
                        "Whatever boot and the actors do under a guest, they can do without one.",
                        "A's host acts where B's cannot.",
                        {}}};
  return std::move(system);
}

}  // namespace

TwinSystem host_to_guest(const LaidOutWorld& world) {
  WorldTwin worlds(world, world, [](const Variable& variable) {
    return variable.owner.role == Role::guests_program;
  });
  TransitionSystem& system = worlds.twin.system();
  const Expr a_waits = !equals_zero(worlds.event(Copy::a));
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
      less.rules[i] = calmed(system, less.rules[i], calm, true);
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
       !worlds.hosts_differ() || host_is_undefined(worlds, Copy::b),
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

}  // namespace airlock
