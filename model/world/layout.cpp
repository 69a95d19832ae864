#include "model/world/layout.hpp"

#include "model/machine/debugctl.hpp"
#include "model/machine/register_table.hpp"
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
  observed.debugctl = add.bits("observed.DEBUGCTL", 64, 0, hidden(Role::observation),
                               display_of(machine::debugctl::format()));
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

/// Adds what the table of registers says that there is, and its counterparts on the references.
class RegisterAdder {
 public:
  RegisterAdder(TransitionSystem& system, Layout& layout) : system_(system), layout_(layout) {}

  void run() {
    layout_.machine = machine::add_registers(system_);
    for (const machine::Register& each : machine::registers_declared()) {
      if (each.from_c != machine::FromC::hidden) {
        // The VMCB is memory of the vCPU's thread; any actor may see what belongs to the CPU.
        layout_.objects[std::string(each.path)] = {real(each), each.per != machine::Per::vmcb,
                                                   each.from_c == machine::FromC::written};
      }
    }
    counterparts("reference_guest", Role::reference_guest, [&](const machine::Register& each) {
      return each.guest == nullptr ? nullptr : &(layout_.reference_guest.*each.guest);
    });
    pending(layout_.reference_guest.step_pending, "step_pending", "#DB raised by a single step");
    pending(layout_.reference_guest.lock_pending, "lock_pending", "#DB raised by a bus lock");
    counterparts("reference_host", Role::reference_host, [&](const machine::Register& each) {
      return machine::is_on_reference_host(each, layout_.options.features)
                 ? &(layout_.reference_host.*each.host)
                 : nullptr;
    });
    counterparts("guest_view", Role::guest_view, [&](const machine::Register& each) {
      return each.guest_view == nullptr ? nullptr : &(layout_.guest_view.*each.guest_view);
    });
  }

 private:
  [[nodiscard]] VarId real(const machine::Register& each) const {
    return machine::at(layout_.machine, each.field);
  }

  static std::uint64_t reset_of(const machine::Register& each, Role role) {
    return role == Role::reference_guest ? each.guest_reset : each.reset;
  }

  /// `of` says where a register's counterpart is kept, or null if it has none.
  template <typename Of>
  void counterparts(const std::string& object, Role role, Of of) {
    for (const machine::Register& each : machine::registers_declared()) {
      VarId* const id = of(each);
      if (id == nullptr) {
        continue;
      }
      *id = machine::add_variable(system_, each, object + "." + std::string(each.name),
                                  reset_of(each, role), role);
      system_.variables[*id].counterpart = real(each);
      const std::string_view field = each.path.substr(each.path.rfind('.'));
      layout_.objects[object + std::string(field)] = {*id, true, false};
    }
  }

  /// What the reference guest has raised and the guest has not taken yet.
  void pending(VarId& id, const std::string& field, const std::string& name) {
    id = system_.add_variable("reference_guest." + name, Sort::boolean(),
                              system_.pool->boolean(false), {}, Role::reference_guest);
    layout_.objects["reference_guest." + field] = {id, true, false};
  }

  TransitionSystem& system_;
  Layout& layout_;
};

/// Pulses that properties look at.
void add_guest_saw(Adder& add, TransitionSystem& system, Layout& layout) {
  GuestSawVariables& saw = layout.guest_saw;
  const auto pulse = [&](VarId& id, const char* field, unsigned width, const Display& display) {
    const std::string path = std::string("guest_saw.") + field;
    id = width == 0 ? add.boolean(path, hidden(Role::guest_saw))
                    : add.bits(path, width, 0, hidden(Role::guest_saw), display);
    layout.objects[path] = {id, true, false};
    layout.pulses.push_back(id);
  };
  const Display debugctl = display_of(machine::debugctl::format());
  const Display dr6 = display_of(machine::dr6::format());
  pulse(saw.spurious_db, "spurious_db", 0, {});
  pulse(saw.lost_db, "lost_db", 0, {});
  pulse(saw.wrong_dr6, "wrong_dr6", 0, {});
  pulse(saw.wrong_debugctl, "wrong_debugctl", 0, {});
  pulse(saw.db_dr6, "db_dr6", 64, dr6);
  pulse(saw.dr6_read, "dr6_read", 64, dr6);
  pulse(saw.dr6_expected, "dr6_expected", 64, dr6);
  pulse(saw.debugctl_read, "debugctl_read", 64, debugctl);
  pulse(saw.debugctl_expected, "debugctl_expected", 64, debugctl);
  const auto read = [&](VarId register_id, VarId was, VarId expected) {
    system.variables[was].counterpart = register_id;
    system.variables[expected].counterpart = was;
  };
  read(layout.machine.cpu.dr6, saw.dr6_read, saw.dr6_expected);
  read(layout.machine.cpu.debugctl, saw.debugctl_read, saw.debugctl_expected);
}

}  // namespace

Layout add_layout(TransitionSystem& system, const WorldOptions& options) {
  Adder add(system);
  Layout layout;
  layout.options = options;
  layout.pc = add.bits("pc", options.wide ? 32 : 16, pc_boot, hidden());
  RegisterAdder(system, layout).run();
  add_guest_saw(add, system, layout);
  layout.preempt_count = add.bits("preempt_count", 4, 0, Role::software);
  layout.operand = add.bits("guest operand", 64, 0, Role::vmcb);
  layout.operand_known = add.boolean("guest operand known", hidden());
  layout.undefined = add.bits("undefined behaviour", options.wide ? 16 : 8, 0, Role::software);
  if (options.measure_cost) {
    layout.cost = add_cost(add);
    layout.pulses.insert(layout.pulses.end(),
                         {layout.cost->entry_complete, layout.cost->fastpath_complete,
                          layout.cost->rdmsr, layout.cost->wrmsr});
  }
  if (options.observe_guest) {
    layout.observed = add_observation(add);
  }
  if (options.follow_guest) {
    layout.next = add_next_instruction(add);
  }
  layout.choices = machine::add_choices(system);
  system.control = {layout.pc, layout.machine.cpu.guest_mode};
  return layout;
}

Step begin_step(TransitionSystem& system, const Layout& layout, const std::string& name,
                const std::string& actor, AgentKind agent) {
  Step step(system, name, actor, agent);
  if (layout.options.coverage) {
    step.start_marking(Marking::runs);
  }
  for (const VarId pulse : layout.pulses) {
    step.set(pulse, step.pool().constant(system.variables[pulse].sort, 0));
  }
  begin_observation(step, layout);
  return step;
}

machine::GuestRegisters load_reference_guest(const Step& step, const Layout& layout) {
  return machine::load<machine::GuestRegistersOf>(step, layout.reference_guest);
}

void store_reference_guest(Step& step, const Layout& layout, const machine::GuestRegisters& r) {
  machine::store<machine::GuestRegistersOf>(step, layout.reference_guest, r);
}

}  // namespace airlock
