// The guest may do anything at any time (DESIGN.md, "The machine's edges"). Each instruction
// becomes one rule per way it can end: it completes; it completes and its #DB is delivered
// directly; it completes and its #DB is intercepted (15.12: a trap's intercept comes after the
// instruction); or it is intercepted before it does anything. The reference guest executes each
// completed instruction in the same step, with the same operands.
#include "model/world/guest.hpp"

#include "model/machine/debugctl.hpp"
#include "model/machine/manual.hpp"
#include "model/machine/svm.hpp"
#include "model/system/input_error.hpp"
#include "model/world/guest_code.hpp"
#include "model/world/observe.hpp"
#include "model/world/reference.hpp"

namespace airlock {
namespace {

using machine::Cpu;
using machine::ExitCode;
using machine::Instruction;
using machine::Operands;
using machine::Section;

struct Machine {
  Cpu cpu;
  machine::Vmcb vmcb;
  machine::SvmState svm;
};

Machine load_machine(const Step& step, const Layout& layout) {
  return {machine::load(step, layout.machine.cpu), machine::load(step, layout.machine.vmcb),
          machine::load(step, layout.machine.svm)};
}

void store_machine(Step& step, const Layout& layout, const Machine& m) {
  machine::store(step, layout.machine.cpu, m.cpu);
  machine::store(step, layout.machine.vmcb, m.vmcb);
  machine::store(step, layout.machine.svm, m.svm);
}

void hardware(Step& step, Event event, const std::string& text,
              std::initializer_list<Section> sections) {
  step.cause({{}, text, machine::cite(sections), event});
}

void exit_guest(Step& step, const Layout& layout, ExitCode code, std::uint64_t info,
                const std::string& what) {
  Machine m = load_machine(step, layout);
  machine::vmexit(m.cpu, m.vmcb, m.svm, code, info, layout.options.cpu_has_lbrv, layout.choices);
  store_machine(step, layout, m);
  const Event event = code == ExitCode::exception_db ? Event::vmexit_db : Event::vmexit;
  hardware(step, event, "#VMEXIT(" + what + ")", {Section::vmexit});
  step.finish();
}

Operands choose_operands(Step& step, const Layout& layout, Instruction instruction) {
  Operands operands;
  const auto choose_bool = [&](const char* key, const char* argument,
                               VarId NextInstructionVariables::*operand) {
    return follow_operand(step, layout, operand, step.choose(key, Sort::boolean(), argument));
  };
  if (instruction == Instruction::popf || instruction == Instruction::iret ||
      instruction == Instruction::sysret) {
    operands.tf = choose_bool("new TF", "TF is the one bit of the popped rFLAGS that is modelled",
                              &NextInstructionVariables::tf);
  }
  if (instruction == Instruction::iret) {
    operands.user = choose_bool("to CPL 3", "CPL 1 and 2 behave as 3 for every modelled register",
                                &NextInstructionVariables::user);
  }
  const auto choose_value = [&](Expr fresh) {
    operands.value = follow_operand(step, layout, &NextInstructionVariables::value, fresh);
  };
  if (instruction == Instruction::mov_to_dr6) {
    choose_value(any_dr6_operand(step));
  }
  if (instruction == Instruction::wrmsr_debugctl) {
    choose_value(any_debugctl_operand(step));
  }
  operands_followed(step, layout);
  return operands;
}

/// The guest's program, if it runs one, is in its #DB handler.
void program_takes_db(Step& step, const Layout& layout,
                      const machine::GuestRegisters& interrupted) {
  if (layout.code != nullptr) {
    layout.code->take_db(step, bit(interrupted.rflags, machine::rflags::TF), interrupted.cpl);
  }
}

/// A #DB without intercept goes straight to the guest's handler.
void deliver_directly(Step& step, const Layout& layout) {
  Machine m = load_machine(step, layout);
  machine::GuestRegisters r{m.cpu.debugctl, m.cpu.dr6, m.cpu.rflags, m.cpu.cpl};
  r.debugctl = machine::cleared_by_db(r.debugctl);
  program_takes_db(step, layout, r);
  machine::deliver_db(r);
  m.cpu.debugctl = r.debugctl;
  m.cpu.rflags = r.rflags;
  m.cpu.cpl = r.cpl;
  store_machine(step, layout, m);
  step.set(layout.guest_view.debugctl,
           machine::cleared_by_db(step.get(layout.guest_view.debugctl)));
  hardware(step, Event::db_delivered, "#DB delivered to the guest",
           {Section::single_stepping, Section::control_transfers});
  reference_takes_db(step, layout, m.cpu.dr6);
  step.finish();
}

void intercept_db(Step& step, const Layout& layout) {
  Machine m = load_machine(step, layout);
  const Expr clears = layout.choices.db_clears_at_intercept;
  m.cpu.debugctl = ite(clears, machine::cleared_by_db(m.cpu.debugctl), m.cpu.debugctl);
  store_machine(step, layout, m);
  hardware(step, Event::db_intercepted, "#DB intercepted after the instruction",
           {Section::db_intercept});
  exit_guest(step, layout, ExitCode::exception_db, 0, "#DB");
}

/// The instruction runs on the hardware to its end; then its traps, if any.
void complete(Step step, const Layout& layout, Instruction instruction,
              const GuestCode::Call* call) {
  const Operands operands =
      call == nullptr ? choose_operands(step, layout, instruction) : call->operands;
  Machine m = load_machine(step, layout);
  machine::GuestRegisters r{m.cpu.debugctl, m.cpu.dr6, m.cpu.rflags, m.cpu.cpl};
  const Expr read = instruction == Instruction::rdmsr_debugctl ? r.debugctl : r.dr6;
  const bool writes = instruction == Instruction::wrmsr_debugctl;
  const Expr written = writes ? machine::implemented_bits(operands.value) : r.debugctl;
  const machine::DbCauses causes =
      machine::execute(r, instruction, operands, written, layout.choices);
  const Expr trapped = causes.any();
  m.cpu.debugctl = r.debugctl;
  m.cpu.dr6 = machine::dr6_after_db(r.dr6, causes);
  m.cpu.rflags = r.rflags;
  m.cpu.cpl = r.cpl;
  const Expr db_intercepted = bit(m.svm.cached_intercepts, machine::vmcb::INTERCEPT_DB);
  store_machine(step, layout, m);
  if (writes) {
    step.set(layout.guest_view.debugctl, written);
  }
  reference_completes(step, layout, instruction, operands, read);

  const auto [with_trap, without_trap] = fork(step, trapped);
  without_trap.finish();
  auto [intercepted, direct] = fork(with_trap, db_intercepted);
  if (intercepted.feasible()) {
    intercept_db(intercepted, layout);
  }
  if (direct.feasible()) {
    deliver_directly(direct, layout);
  }
}

struct Intercept {
  Expr condition;
  ExitCode code;
  std::uint64_t info;
  std::string name;
};

Intercept intercept_of(const Step& step, const Layout& layout, Instruction instruction) {
  const Machine m = load_machine(step, layout);
  const Expr in_force = m.svm.cached_intercepts;
  const Expr msrpm = m.vmcb.msrpm_debugctl;
  switch (instruction) {
    case Instruction::mov_from_dr6:
      return {bit(in_force, machine::vmcb::INTERCEPT_DR6_READ), ExitCode::read_dr6, 0, "DR6 read"};
    case Instruction::mov_to_dr6:
      return {bit(in_force, machine::vmcb::INTERCEPT_DR6_WRITE), ExitCode::write_dr6, 0,
              "DR6 write"};
    case Instruction::rdmsr_debugctl:
      return {bit(msrpm, machine::vmcb::MSRPM_READ), ExitCode::msr, 0, "MSR read"};
    case Instruction::wrmsr_debugctl:
      return {bit(msrpm, machine::vmcb::MSRPM_WRITE), ExitCode::msr, 1, "MSR write"};
    case Instruction::always_exits:
      return {step.pool().boolean(true), ExitCode::cpuid, 0, "an instruction that always exits"};
    default: return {step.pool().boolean(false), ExitCode::none, 0, ""};
  }
}

/// `call`: the place of the guest's program where it is; null: the guest is free.
void add_instruction(TransitionSystem& system, const Layout& layout, Instruction instruction,
                     const GuestCode::Call* call = nullptr) {
  Step step = begin_step(system, layout, "guest: " + machine::name_of(instruction), "guest",
                         AgentKind::guest);
  step.assume(step.get(layout.machine.cpu.guest_mode));
  if (call != nullptr) {
    layout.code->come_to(step, *call);
  }
  if (machine::needs_cpl0(instruction)) {
    const Expr cpl = step.get(layout.machine.cpu.cpl);
    step.assume(eq(cpl, same_sort(cpl, 0)));
  }
  follow_instruction(step, layout, instruction);
  step.cause({call == nullptr ? SourceLocation{} : call->location,
              "the guest executes " + machine::name_of(instruction),
              {},
              Event::guest_executes,
              static_cast<unsigned>(instruction)});
  const Intercept intercept = intercept_of(step, layout, instruction);
  auto [exits, runs] = fork(step, intercept.condition);
  if (exits.feasible()) {
    exit_guest(exits, layout, intercept.code, intercept.info, intercept.name);
  }
  if (runs.feasible()) {
    complete(runs, layout, instruction, call);
  }
}

/// The guest does what its program says.
void add_program(TransitionSystem& system, const Layout& layout) {
  for (const GuestCode::Call& call : layout.code->calls()) {
    const Instruction instruction = call.operation->instruction;
    if (layout.options.guest_without.count(instruction) != 0) {
      throw InputError(call.location,
                       "the guest's program executes what --guest-without leaves out: " +
                           machine::name_of(instruction),
                       {}, "a program without it, or no --guest-without");
    }
    add_instruction(system, layout, instruction, &call);
  }
  for (const GuestCode::Silent& silent : layout.code->silent()) {
    Step step = begin_step(system, layout, "guest: comes round", "guest", AgentKind::guest);
    step.assume(step.get(layout.machine.cpu.guest_mode));
    step.assume(silent.guard);
    for (const Update& update : silent.updates) {
      step.set(update.variable, update.value);
    }
    step.cause({silent.location, silent.text, {}});
    step.finish();
  }
}

/// Physical INTR and NMI in guest mode (15.13, 15.21): an exit at any instruction boundary. Without
/// the intercept the guest's own handler would run: instructions like any other.
void add_interrupts(TransitionSystem& system, const Layout& layout) {
  for (const bool nmi : {false, true}) {
    const std::string name = nmi ? "NMI" : "INTR";
    Step step = begin_step(system, layout, "hardware: physical " + name + " in guest mode",
                           "hardware", AgentKind::hardware);
    step.assume(step.get(layout.machine.cpu.guest_mode));
    step.assume(bit(step.get(layout.machine.svm.cached_intercepts),
                    nmi ? machine::vmcb::INTERCEPT_NMI : machine::vmcb::INTERCEPT_INTR));
    if (!nmi) {
      // With V_INTR_MASKING the host's rFLAGS.IF at VMRUN decides; else the guest's, which may
      // be 1.
      const Expr masking =
          bit(step.get(layout.machine.vmcb.int_ctl), machine::vmcb::V_INTR_MASKING);
      const Expr host_if = bit(step.get(layout.machine.svm.host_rflags), machine::rflags::IF);
      step.assume(!masking || host_if);
    }
    hardware(step, Event::interrupt_arrives, "a physical " + name + " arrives in guest mode",
             {Section::interrupt_intercepts, Section::interrupts});
    exit_guest(step, layout, nmi ? ExitCode::nmi : ExitCode::intr, 0, name);
  }
}

}  // namespace

void add_guest_rules(TransitionSystem& system, const Layout& layout) {
  if (layout.code != nullptr) {
    add_program(system, layout);
    add_interrupts(system, layout);
    return;
  }
  for (const Instruction instruction : machine::all_instructions) {
    if (layout.options.guest_without.count(instruction) == 0) {
      add_instruction(system, layout, instruction);
    }
  }
  add_following_db(system, layout);
  add_interrupts(system, layout);
}

// Any of the five bits that a CPU may implement, and one bit for "some bit outside them is set".
// All bits outside 5:0 and the five are alike: the hardware ignores them, and by KVM's convention
// each makes the write fault. Bits 5:3 are left out (SOFTWARE.md, "What a guest may expect").
Expr any_debugctl_operand(Step& step) {
  const Expr picked =
      step.choose("WRMSR operand", Sort::bits(6),
                  "LBR, BTF, BLCKDB, FLBRI, FPMCI, and one bit for every bit outside them", {},
                  AgentKind::guest);
  ExprPool& pool = step.pool();
  const Expr low = extract(picked, 2, 0);
  const Expr freeze = extract(picked, 4, 3);
  const Expr other = extract(picked, 5, 5);
  return concat(other, concat(pool.bits(50, 0), concat(freeze, concat(pool.bits(8, 0), low))));
}

// The two modelled bits; the reserved ones read as constants whatever is written.
Expr any_dr6_operand(Step& step) {
  const auto any = [&](const char* key) {
    return step.choose(key, Sort::boolean(), "a modelled bit of DR6", {}, AgentKind::guest);
  };
  const Expr bld = any("DR6 operand: BLD");
  return machine::make_dr6(bld, any("DR6 operand: BS"));
}

std::vector<Step> run_vmrun(Step step, const Layout& layout, Expr software_dr6) {
  Machine m = load_machine(step, layout);
  const auto wish = [&](const char* group) {
    return step.choose(std::string("use the cached copy: ") + group, Sort::boolean(),
                       "the processor may ignore a clean bit at every VMRUN (APM, \"VMCB "
                       "Clean Field\")",
                       {}, AgentKind::hardware);
  };
  const machine::CacheUse use{wish("intercepts"), wish("DRx"), wish("LBR")};
  step.set(layout.guest_view.debugctl, machine::implemented_bits(m.vmcb.dbgctl));
  machine::vmrun(m.cpu, m.vmcb, m.svm, use, layout.options.cpu_has_lbrv, layout.choices);
  store_machine(step, layout, m);
  step.set(layout.operand_known, step.pool().boolean(false));
  step.set(layout.operand, step.pool().bits(64, 0));
  hardware(step, Event::vmrun, "VMRUN", {Section::vmrun});

  auto [injected, plain] = fork(step, machine::event_pending(m.vmcb));
  std::vector<Step> ways;
  if (plain.feasible()) {
    ways.push_back(plain);
  }
  if (injected.feasible()) {
    // 15.20: taken before the first guest instruction, unconditionally, not subject to intercepts.
    const Expr clears = layout.choices.db_clears_at_injection;
    const auto cleared = [&](Expr value) {
      return ite(clears, machine::cleared_by_db(value), value);
    };
    const Expr read_intercepted = bit(m.svm.cached_intercepts, machine::vmcb::INTERCEPT_DR6_READ);
    m.cpu.debugctl = cleared(m.cpu.debugctl);
    machine::GuestRegisters r{m.cpu.debugctl, m.cpu.dr6, m.cpu.rflags, m.cpu.cpl};
    program_takes_db(injected, layout, r);
    machine::deliver_db(r);
    m.cpu.rflags = r.rflags;
    m.cpu.cpl = r.cpl;
    store_machine(injected, layout, m);
    injected.set(layout.guest_view.debugctl, cleared(injected.get(layout.guest_view.debugctl)));
    Expr handler_reads = m.cpu.dr6;
    if (software_dr6.valid()) {
      handler_reads =
          ite(read_intercepted,
              machine::dr6_loaded_by_vmrun(software_dr6, m.cpu.debugctl, layout.choices),
              handler_reads);
    }
    hardware(injected, Event::db_injected, "the injected #DB is delivered to the guest",
             {Section::event_injection});
    reference_takes_db(injected, layout, handler_reads);
    ways.push_back(injected);
  }
  return ways;
}

}  // namespace airlock
