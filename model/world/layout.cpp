#include "model/world/layout.hpp"

#include "model/machine/debugctl.hpp"
#include "model/world/observe.hpp"

namespace airlock {
namespace {

class Adder {
 public:
  explicit Adder(TransitionSystem& system) : system_(system) {}
  VarId bits(const std::string& name, unsigned width, std::uint64_t reset, Owner owner,
             Display display = {}) {
    return system_.add_variable(name, Sort::bits(width), system_.pool->bits(width, reset),
                                std::move(display), owner);
  }
  VarId boolean(const std::string& name, Owner owner) {
    return system_.add_variable(name, Sort::boolean(), system_.pool->boolean(false), {}, owner);
  }

 private:
  TransitionSystem& system_;
};

CostVariables add_cost(Adder& add) {
  CostVariables cost;
  const auto counter = [&](const char* name) { return add.bits(name, 4, 0, hidden()); };
  cost.active = add.boolean("cost.active", hidden());
  cost.vmruns = add.bits("cost.vmruns", 2, 0, hidden());
  cost.rdmsr_before = counter("cost.rdmsr_before");
  cost.wrmsr_before = counter("cost.wrmsr_before");
  cost.rdmsr_since = counter("cost.rdmsr_since");
  cost.wrmsr_since = counter("cost.wrmsr_since");
  cost.entry_complete = add.boolean("cost.entry_complete", hidden());
  cost.fastpath_complete = add.boolean("cost.fastpath_complete", hidden());
  cost.rdmsr = counter("cost.rdmsr");
  cost.wrmsr = counter("cost.wrmsr");
  return cost;
}

Display event_display() {
  Display display{Display::Kind::enumeration, {{observed_nothing, "nothing"}}};
  for (const machine::Instruction instruction : machine::all_instructions) {
    display.names.push_back(
        {observed_completion(instruction), "completed " + machine::name_of(instruction)});
  }
  display.names.push_back({observed_db, "took a #DB"});
  display.names.push_back({observed_gp, "took a #GP"});
  return display;
}

Display instruction_display() {
  Display display{Display::Kind::enumeration, {{0, "not begun"}}};
  for (const machine::Instruction instruction : machine::all_instructions) {
    display.names.push_back({observed_completion(instruction), machine::name_of(instruction)});
  }
  return display;
}

ObservationVariables add_observation(Adder& add) {
  ObservationVariables observed;
  const Role group = Role::observation;
  observed.event = add.bits("observed", 4, observed_nothing, group, event_display());
  // Against "nothing pending", so that the register's constant bits are constant here too.
  const Display pending{Display::Kind::flags,
                        {{machine::dr6::BLD, "BLD=0"}, {machine::dr6::BS, "BS"}}};
  observed.dr6 = add.bits("observed.DR6", 64, 0, hidden(Role::observation), pending);
  observed.debugctl =
      add.bits("observed.DEBUGCTL", 64, 0, hidden(Role::observation), machine::debugctl::display());
  observed.cpl = add.bits("observed.CPL", 2, 0, hidden(Role::observation));
  observed.then_db = add.boolean("observed.then #DB", hidden(Role::observation));
  return observed;
}

NextInstructionVariables add_next_instruction(Adder& add) {
  NextInstructionVariables next;
  const Role group = Role::guests_program;
  next.instruction = add.bits("next instruction", 4, 0, group, instruction_display());
  next.operands_known =
      add.boolean("next instruction's operands known", hidden(Role::guests_program));
  next.tf = add.boolean("next instruction's TF", group);
  next.user = add.boolean("next instruction's CPL is 3", group);
  next.value = add.bits("next instruction's operand", 64, 0, group);
  return next;
}

/// What the references, and what the guest saw, are compared with.
void note_counterparts(TransitionSystem& system, const Layout& layout) {
  const auto compare = [&](VarId with, VarId real) { system.variables[with].counterpart = real; };
  const machine::CpuOf<VarId>& cpu = layout.machine.cpu;
  const ReferenceGuestVariables& guest = layout.reference_guest;
  compare(guest.debugctl, cpu.debugctl);
  compare(guest.dr6, cpu.dr6);
  compare(guest.rflags, cpu.rflags);
  compare(guest.cpl, cpu.cpl);
  compare(layout.reference_host_debugctl, cpu.debugctl);
  compare(layout.guest_view_debugctl, cpu.debugctl);
  const GuestSawVariables& saw = layout.guest_saw;
  compare(saw.dr6_expected, saw.dr6_read);
  compare(saw.dr6_read, cpu.dr6);
  compare(saw.debugctl_expected, saw.debugctl_read);
  compare(saw.debugctl_read, cpu.debugctl);
}

}  // namespace

Layout add_layout(TransitionSystem& system, const WorldOptions& options) {
  Adder add(system);
  const Display debugctl = machine::debugctl::display();
  const Display dr6 = machine::dr6::display();
  constexpr std::uint64_t idle_dr6 = machine::dr6::nothing_pending;
  Layout layout;
  layout.options = options;
  layout.pc = add.bits("pc", 16, pc_boot, hidden());
  layout.machine = machine::add_registers(system);

  const Role guest = Role::reference_guest;
  layout.reference_guest.debugctl = add.bits("reference_guest.DEBUGCTL", 64, 0, guest, debugctl);
  layout.reference_guest.dr6 = add.bits("reference_guest.DR6", 64, idle_dr6, guest, dr6);
  layout.reference_guest.rflags =
      add.bits("reference_guest.RFLAGS", 64, 0, guest, machine::rflags::display());
  layout.reference_guest.cpl = add.bits("reference_guest.CPL", 2, 0, guest);
  layout.reference_guest.step_pending =
      add.boolean("reference_guest.#DB raised by a single step", guest);
  layout.reference_guest.lock_pending =
      add.boolean("reference_guest.#DB raised by a bus lock", guest);
  layout.reference_host_debugctl =
      add.bits("reference_host.DEBUGCTL", 64, 0, Role::reference_host, debugctl);
  layout.guest_view_debugctl = add.bits("guest_view.DEBUGCTL", 64, 0, Role::guest_view, debugctl);

  layout.guest_saw.spurious_db = add.boolean("guest_saw.spurious_db", hidden(Role::guest_saw));
  layout.guest_saw.lost_db = add.boolean("guest_saw.lost_db", hidden(Role::guest_saw));
  layout.guest_saw.wrong_dr6 = add.boolean("guest_saw.wrong_dr6", hidden(Role::guest_saw));
  layout.guest_saw.wrong_debugctl =
      add.boolean("guest_saw.wrong_debugctl", hidden(Role::guest_saw));
  layout.guest_saw.db_dr6 = add.bits("guest_saw.db_dr6", 64, 0, hidden(Role::guest_saw), dr6);
  layout.guest_saw.dr6_read = add.bits("guest_saw.dr6_read", 64, 0, hidden(Role::guest_saw), dr6);
  layout.guest_saw.dr6_expected =
      add.bits("guest_saw.dr6_expected", 64, 0, hidden(Role::guest_saw), dr6);
  layout.guest_saw.debugctl_read =
      add.bits("guest_saw.debugctl_read", 64, 0, hidden(Role::guest_saw), debugctl);
  layout.guest_saw.debugctl_expected =
      add.bits("guest_saw.debugctl_expected", 64, 0, hidden(Role::guest_saw), debugctl);

  layout.preempt_count = add.bits("preempt_count", 4, 0, Role::software);
  layout.operand = add.bits("guest operand", 64, 0, Role::vmcb);
  layout.operand_known = add.boolean("guest operand known", hidden());
  layout.undefined = add.bits("undefined behaviour", 8, 0, Role::software);
  note_counterparts(system, layout);
  if (options.measure_cost) {
    layout.cost = add_cost(add);
  }
  if (options.observe_guest) {
    layout.observed = add_observation(add);
  }
  if (options.follow_guest) {
    layout.next = add_next_instruction(add);
  }
  layout.readings = machine::add_readings(system);
  system.control = {layout.pc, layout.machine.cpu.guest_mode};
  return layout;
}

Step begin_step(TransitionSystem& system, const Layout& layout, const std::string& name,
                const std::string& actor, AgentKind agent) {
  Step step(system, name, actor, agent);
  if (layout.options.coverage) {
    step.start_marking(Marking::runs);
  }
  ExprPool& pool = step.pool();
  const GuestSawVariables& saw = layout.guest_saw;
  for (const VarId pulse : {saw.spurious_db, saw.lost_db, saw.wrong_dr6, saw.wrong_debugctl}) {
    step.set(pulse, pool.boolean(false));
  }
  for (const VarId value :
       {saw.db_dr6, saw.dr6_read, saw.dr6_expected, saw.debugctl_read, saw.debugctl_expected}) {
    step.set(value, pool.bits(64, 0));
  }
  if (layout.cost) {
    step.set(layout.cost->entry_complete, pool.boolean(false));
    step.set(layout.cost->fastpath_complete, pool.boolean(false));
    step.set(layout.cost->rdmsr, pool.bits(4, 0));
    step.set(layout.cost->wrmsr, pool.bits(4, 0));
  }
  begin_observation(step, layout);
  return step;
}

machine::GuestRegisters load_reference_guest(const Step& step, const Layout& layout) {
  const ReferenceGuestVariables& r = layout.reference_guest;
  return {step.get(r.debugctl), step.get(r.dr6), step.get(r.rflags), step.get(r.cpl)};
}

void store_reference_guest(Step& step, const Layout& layout, const machine::GuestRegisters& r) {
  step.set(layout.reference_guest.debugctl, r.debugctl);
  step.set(layout.reference_guest.dr6, r.dr6);
  step.set(layout.reference_guest.rflags, r.rflags);
  step.set(layout.reference_guest.cpl, r.cpl);
}

}  // namespace airlock
