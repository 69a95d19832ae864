// A world in miniature for the renderers: boot sets the host's BLCKDB, the guest takes a bus lock.
#pragma once

#include "model/system/system.hpp"

namespace airlock::test {

inline constexpr VarId debugctl = 0;
inline constexpr VarId reference_debugctl = 1;
inline constexpr VarId guest_mode = 2;
inline constexpr VarId pc = 3;
inline constexpr VarId choice_variable = 4;
inline constexpr VarId counter = 5;

inline Display debugctl_bits() {
  return {Display::Kind::flags, {{0, "LBR"}, {1, "BTF"}, {2, "BLCKDB"}}};
}

/// Three steps to a state in which guest_mode holds and DEBUGCTL is BLCKDB.
inline TransitionSystem story_system() {
  TransitionSystem system;
  ExprPool& pool = *system.pool;
  const Sort bits3 = Sort::bits(3);
  system.add_variable("DEBUGCTL", bits3, pool.bits(3, 0), debugctl_bits(), Role::cpu);
  system.add_variable("reference_guest.debugctl", bits3, pool.bits(3, 1), debugctl_bits(),
                      Role::reference_guest);
  system.add_variable("GUEST_MODE", Sort::boolean(), pool.boolean(false), {}, Role::cpu);
  system.add_variable("pc", Sort::bits(2), pool.bits(2, 0), {}, hidden());
  const InputId choice_input = system.add_input("initial reading", Sort::boolean(), "both");
  system.initial_inputs.push_back(choice_input);
  system.add_variable("reading.sticky", Sort::boolean(), system.input(choice_input), {},
                      Role::choice);
  system.add_variable("host.value", Sort::bits(64), pool.bits(64, ~std::uint64_t{0}), {},
                      Role::software);
  const InputId picked = system.add_input("boot value", bits3, "the defined bits");

  const auto at = [&](std::uint64_t place) { return eq(system.variable(pc), pool.bits(2, place)); };
  const auto go = [&](std::uint64_t place) { return Update{pc, pool.bits(2, place)}; };
  Rule boot{"boot",   "boot", at(0),          {{debugctl, system.input(picked)}, go(1)},
            {picked}, {},     AgentKind::boot};
  boot.causes.push_back(
      {{"specs/linux/boot.c", 12, 3}, "wrmsrl(MSR_IA32_DEBUGCTLMSR, value);", ""});
  Rule vmrun{"vmrun", "vcpu_run",       at(1), {{guest_mode, pool.boolean(true)}, go(2)}, {},
             {},      AgentKind::thread};
  vmrun.causes.push_back({{"specs/kvm/svm.c", 42, 2}, "vmrun();", ""});
  vmrun.causes.push_back({{}, "VMRUN", "APM 15.5.1"});
  Rule guest{"wrmsr",
             "guest",
             at(2),
             {{reference_debugctl, pool.bits(3, 0)}, {counter, pool.bits(64, 7)}, go(3)},
             {},
             {{{}, "WRMSR DebugCtl", "APM 13.1.1.6"}},
             AgentKind::guest};
  system.rules = {boot, vmrun, guest};

  Property property;
  property.name = "always_clean";
  property.predicate = !(at(3) && eq(system.variable(debugctl), pool.bits(3, 4)));
  property.text = "No bit of the host's DebugCtl is in effect while the guest runs.";
  property.sentence =
      "The guest runs with DebugCtl {DEBUGCTL}; it should be {reference_guest.debugctl} {sic}.";
  system.properties.push_back(property);
  property.name = "reachable_guest";
  property.kind = PropertyKind::reachable;
  property.predicate = system.variable(guest_mode);
  property.text = "The guest runs.";
  property.sentence = "";
  system.properties.push_back(property);

  Choice choice;
  choice.name = "sticky";
  choice.sentence = "Does it stick?";
  choice.source = "silent";
  choice.variable = choice_variable;
  choice.options = {{"no", 0}, {"yes", 1}};
  choice.default_option = "yes";
  system.choices.push_back(choice);
  system.assumptions.push_back("No NMI arrives inside an actor.");
  validate(system);
  return system;
}

/// To the violation of always_clean (three steps), with the choice at "yes".
inline Path story_path() {
  return {{1}, {{0, {4}}, {1, {}}, {2, {}}}};
}

}  // namespace airlock::test
