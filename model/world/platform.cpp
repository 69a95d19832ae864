#include "model/world/platform.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>

#include "model/machine/debugctl.hpp"
#include "model/machine/svm.hpp"
#include "model/system/input_error.hpp"
#include "model/world/guest.hpp"
#include "model/world/observe.hpp"
#include "model/world/reference.hpp"

namespace airlock {
namespace {

using machine::ExitCode;
using machine::Instruction;
using Ways = std::vector<std::pair<Step, Expr>>;

/// svm.h's functions and whether a call is an access of its own.
const std::map<std::string, IntrinsicTraits>& intrinsics() {
  static const std::map<std::string, IntrinsicTraits> table{
      {"__rdmsrl", {true, false}},
      {"wrmsrl", {true, false}},
      {"get_debugctlmsr", {true, false}},
      {"update_debugctlmsr", {true, false}},
      {"__get_debugreg", {true, false}},
      {"set_debugreg", {true, false}},
      {"local_irq_disable", {true, false}},
      {"local_irq_enable", {true, false}},
      {"preempt_disable", {true, false}},
      {"preempt_enable", {true, false}},
      {"clgi", {true, false}},
      {"stgi", {true, false}},
      {"boundary", {true, false}},
      {"vmrun", {true, true}},
      {"vmcb_mark_dirty", {}},
      {"vmcb_mark_all_dirty", {}},
      {"vmcb_mark_all_clean", {}},
      {"set_intercept", {}},
      {"clr_intercept", {}},
      {"guest_operand", {}},
      {"guest_instruction_completes", {}},
      {"guest_takes_gp", {}},
  };
  return table;
}

/// Objects that any actor may see are shared; the VMCB is vcpu_run's alone.
std::map<std::string, ObjectLeaf> objects(const Layout& l) {
  const auto shared = [](VarId id) { return ObjectLeaf{id, true, false}; };
  const auto memory = [](VarId id, bool writable) { return ObjectLeaf{id, false, writable}; };
  const machine::Registers& m = l.machine;
  return {
      {"cpu.debugctl", shared(m.cpu.debugctl)},
      {"cpu.dr6", shared(m.cpu.dr6)},
      {"cpu.rflags", shared(m.cpu.rflags)},
      {"cpu.cpl", shared(m.cpu.cpl)},
      {"cpu.gif", shared(m.cpu.gif)},
      {"cpu.guest_mode", shared(m.cpu.guest_mode)},
      {"guest_view.debugctl", shared(l.guest_view_debugctl)},
      {"reference_guest.debugctl", shared(l.reference_guest.debugctl)},
      {"reference_guest.dr6", shared(l.reference_guest.dr6)},
      {"reference_guest.rflags", shared(l.reference_guest.rflags)},
      {"reference_guest.cpl", shared(l.reference_guest.cpl)},
      {"reference_guest.step_pending", shared(l.reference_guest.step_pending)},
      {"reference_guest.lock_pending", shared(l.reference_guest.lock_pending)},
      {"reference_host.debugctl", shared(l.reference_host_debugctl)},
      {"guest_saw.spurious_db", shared(l.guest_saw.spurious_db)},
      {"guest_saw.lost_db", shared(l.guest_saw.lost_db)},
      {"guest_saw.wrong_dr6", shared(l.guest_saw.wrong_dr6)},
      {"guest_saw.wrong_debugctl", shared(l.guest_saw.wrong_debugctl)},
      {"guest_saw.db_dr6", shared(l.guest_saw.db_dr6)},
      {"guest_saw.dr6_read", shared(l.guest_saw.dr6_read)},
      {"guest_saw.dr6_expected", shared(l.guest_saw.dr6_expected)},
      {"guest_saw.debugctl_read", shared(l.guest_saw.debugctl_read)},
      {"guest_saw.debugctl_expected", shared(l.guest_saw.debugctl_expected)},
      {"vmcb.control.intercepts", memory(m.vmcb.intercepts, true)},
      {"vmcb.control.msrpm_debugctl", memory(m.vmcb.msrpm_debugctl, true)},
      {"vmcb.control.int_ctl", memory(m.vmcb.int_ctl, true)},
      {"vmcb.control.clean", memory(m.vmcb.clean, true)},
      {"vmcb.control.event_inj", memory(m.vmcb.event_inj, true)},
      {"vmcb.control.virt_ext", memory(m.vmcb.virt_ext, true)},
      {"vmcb.control.exit_code", memory(m.vmcb.exit_code, false)},
      {"vmcb.control.exit_info_1", memory(m.vmcb.exit_info_1, false)},
      {"vmcb.save.rflags", memory(m.vmcb.rflags, true)},
      {"vmcb.save.dr6", memory(m.vmcb.dr6, true)},
      {"vmcb.save.dbgctl", memory(m.vmcb.dbgctl, true)},
      {"vmcb.save.cpl", memory(m.vmcb.cpl, false)},
  };
}

void expect_constant(const IntrinsicCall& call, std::size_t argument, std::uint64_t value,
                     const std::string& expected) {
  if (!call.arguments.at(argument).is_value(value)) {
    const Expr given = call.arguments.at(argument);
    const std::string which =
        given.is_constant() ? fmt::format(" ({:#x})", given.value()) : " (not a constant)";
    throw InputError(call.location,
                     "'" + call.name + "' of a register that the model does not have" + which, {},
                     expected);
  }
}

/// The host's DR6 is the guest's after a #VMEXIT. The reference host has none of its own, so an
/// actor that looked at it would carry the guest's value into what the host would have been without
/// one.
[[noreturn]] void refuse_dr6(const SourceLocation& location) {
  throw InputError(location, "boot() or an actor reads DR6", {},
                   "DebugCtl and the host's own globals: the reference host has no DR6");
}

/// A bit number that a field of 32 bits has.
void expect_bit_number(const IntrinsicCall& call) {
  const Expr number = call.arguments.at(0);
  if (number.is_constant() && number.value() > 31) {
    throw InputError(call.location, "'" + call.name + "' of a bit that there is not", {},
                     "one of the names in <airlock/svm.h>");
  }
}

void set_interrupt_flag(Step& step, const Layout& layout, bool value) {
  const VarId id = layout.machine.cpu.rflags;
  step.set(id, with_bit(step.get(id), machine::rflags::IF, step.pool().boolean(value)));
}

void change_intercept(Step& step, const Layout& layout, Expr bit_number, bool on) {
  const machine::VmcbOf<VarId>& vmcb = layout.machine.vmcb;
  const Expr old = step.get(vmcb.intercepts);
  const Expr mask = shl(same_sort(old, 1), bit_number);
  step.set(vmcb.intercepts, on ? old | mask : old & ~mask);
  const Expr clean = step.get(vmcb.clean);
  step.set(vmcb.clean,
           machine::clean_without(clean, same_sort(clean, machine::vmcb::CLEAN_INTERCEPTS)));
}

/// The operand of the intercepted instruction: picked when software first looks, then remembered.
Expr operand(Step& step, const Layout& layout) {
  const Expr known = step.get(layout.operand_known);
  const Expr code = step.get(layout.machine.vmcb.exit_code);
  const Expr writes_dr6 = eq(code, same_sort(code, std::uint64_t(ExitCode::write_dr6)));
  Expr fresh = any_debugctl_operand(step);
  if (!writes_dr6.is_false()) {
    fresh = ite(writes_dr6, any_dr6_operand(step), fresh);
  }
  const Expr info = step.get(layout.machine.vmcb.exit_info_1);
  const std::array<std::pair<Instruction, Expr>, 2> exited{
      {{Instruction::mov_to_dr6, writes_dr6},
       {Instruction::wrmsr_debugctl,
        eq(code, same_sort(code, std::uint64_t(ExitCode::msr))) && eq(info, same_sort(info, 1))}}};
  fresh = follow_intercepted_operand(step, layout, exited, fresh);
  const Expr value = ite(known, step.get(layout.operand), fresh);
  step.set(layout.operand, value);
  step.set(layout.operand_known, step.pool().boolean(true));
  return value;
}

void forget_operand(Step& step, const Layout& layout) {
  step.set(layout.operand, step.pool().bits(64, 0));
  step.set(layout.operand_known, step.pool().boolean(false));
}

struct Intercepted {
  Instruction instruction;
  ExitCode code;
  std::optional<std::uint64_t> info;
};

constexpr std::array intercepted_instructions{
    Intercepted{Instruction::rdmsr_debugctl, ExitCode::msr, 0},
    Intercepted{Instruction::wrmsr_debugctl, ExitCode::msr, 1},
    Intercepted{Instruction::mov_from_dr6, ExitCode::read_dr6, std::nullopt},
    Intercepted{Instruction::mov_to_dr6, ExitCode::write_dr6, std::nullopt},
    Intercepted{Instruction::always_exits, ExitCode::cpuid, std::nullopt},
};

Expr exit_is_an_instructions(const Step& step, const Layout& layout) {
  const Expr code = step.get(layout.machine.vmcb.exit_code);
  Expr result = step.pool().boolean(false);
  for (const Intercepted& candidate : intercepted_instructions) {
    result = result || eq(code, same_sort(code, std::uint64_t(candidate.code)));
  }
  return result;
}

/// Software completes the instruction that exited: one way per instruction that it can be.
Ways complete_intercepted(Step step, const Layout& layout, Expr result,
                          const std::function<void(Step&, const std::string&)>& undefined) {
  const Expr code = step.get(layout.machine.vmcb.exit_code);
  const Expr info = step.get(layout.machine.vmcb.exit_info_1);
  Ways ways;
  Expr none = step.pool().boolean(true);
  for (const Intercepted& candidate : intercepted_instructions) {
    Expr is = eq(code, same_sort(code, std::uint64_t(candidate.code)));
    if (candidate.info) {
      is = is && eq(info, same_sort(info, *candidate.info));
    }
    none = none && !is;
    Step way = step;
    way.assume(is);
    if (!way.feasible()) {
      continue;
    }
    machine::Operands operands;
    const bool writes = candidate.instruction == Instruction::wrmsr_debugctl ||
                        candidate.instruction == Instruction::mov_to_dr6;
    if (writes) {
      operands.value = operand(way, layout);
    }
    forget_operand(way, layout);
    reference_completes(way, layout, candidate.instruction, operands, result);
    way.cause({{}, "the guest's " + machine::name_of(candidate.instruction) + " is complete", ""});
    ways.emplace_back(way, Expr{});
  }
  step.assume(none);
  if (step.feasible()) {
    undefined(step, "guest_instruction_completes() after an exit that is no instruction's");
    ways.emplace_back(step, Expr{});
  }
  return ways;
}

}  // namespace

std::optional<ObjectLeaf> MachinePlatform::object(const std::string& path) const {
  const auto table = objects(layout_);
  const auto found = table.find(path);
  return found == table.end() ? std::nullopt : std::optional(found->second);
}

std::optional<IntrinsicTraits> MachinePlatform::intrinsic(const std::string& name) const {
  const auto found = intrinsics().find(name);
  if (found == intrinsics().end()) {
    return std::nullopt;
  }
  IntrinsicTraits traits = found->second;
  if (layout_.observed && (name == "guest_instruction_completes" || name == "guest_takes_gp")) {
    traits.shared = true;  // no two events in one step
  }
  return traits;
}

std::optional<std::uint64_t> MachinePlatform::bit_name(const std::string& name) const {
  static const std::map<std::string, unsigned> bits{
      {"LBR", machine::debugctl::LBR},
      {"BTF", machine::debugctl::BTF},
      {"BLCKDB", machine::debugctl::BLCKDB},
      {"FLBRI", machine::debugctl::FLBRI},
      {"FPMCI", machine::debugctl::FPMCI},
      {"BLD", machine::dr6::BLD},
      {"BS", machine::dr6::BS},
      {"TF", machine::rflags::TF},
      {"IF", machine::rflags::IF},
      {"DEBUGCTLMSR_LBR", machine::debugctl::LBR},
      {"DEBUGCTLMSR_BTF", machine::debugctl::BTF},
      {"DEBUGCTLMSR_BUS_LOCK_DETECT", machine::debugctl::BLCKDB},
      {"DEBUGCTLMSR_FREEZE_LBRS_ON_PMI", machine::debugctl::FLBRI},
      {"DEBUGCTLMSR_FREEZE_PERFMON_ON_PMI", machine::debugctl::FPMCI},
      {"DR6_BUS_LOCK", machine::dr6::BLD},
      {"DR6_BS", machine::dr6::BS},
      {"X86_EFLAGS_TF", machine::rflags::TF},
      {"X86_EFLAGS_IF", machine::rflags::IF},
  };
  const auto found = bits.find(name);
  return found == bits.end() ? std::nullopt : std::optional(std::uint64_t{1} << found->second);
}

Expr MachinePlatform::read_debugctl(Step& step) const {
  return step.get(layout_.machine.cpu.debugctl);
}

void MachinePlatform::write_debugctl(Step& step, Expr value) const {
  const machine::CpuOf<VarId>& cpu = layout_.machine.cpu;
  const Expr before = step.get(cpu.debugctl);
  const Expr after = machine::implemented_bits(value);
  step.set(cpu.dr6,
           machine::dr6_after_debugctl_change(step.get(cpu.dr6), before, after, layout_.readings));
  step.set(cpu.debugctl, after);
}

Ways MachinePlatform::call(const IntrinsicCall& call, Step step) const {
  const std::string& name = call.name;
  const machine::Registers& m = layout_.machine;
  ExprPool& pool = step.pool();
  Expr result;
  if (name == "__rdmsrl" || name == "get_debugctlmsr") {
    if (name == "__rdmsrl") {
      expect_constant(call, 0, machine::debugctl::msr, "MSR_IA32_DEBUGCTLMSR");
    }
    result = read_debugctl(step);
  } else if (name == "wrmsrl") {
    expect_constant(call, 0, machine::debugctl::msr, "MSR_IA32_DEBUGCTLMSR");
    write_debugctl(step, call.arguments[1]);
  } else if (name == "update_debugctlmsr") {
    write_debugctl(step, call.arguments[0]);
  } else if (name == "__get_debugreg") {
    expect_constant(call, 0, 6, "6, for DR6");
    result = step.get(m.cpu.dr6);
  } else if (name == "set_debugreg") {
    expect_constant(call, 1, 6, "6, for DR6");
    step.set(m.cpu.dr6, machine::dr6_written(step.get(m.cpu.dr6), call.arguments[0],
                                             step.get(m.cpu.debugctl), layout_.readings));
  } else if (name == "local_irq_disable" || name == "local_irq_enable") {
    set_interrupt_flag(step, layout_, name == "local_irq_enable");
  } else if (name == "boundary") {
    // A step that does nothing.
  } else if (name == "clgi" || name == "stgi") {
    step.set(m.cpu.gif, pool.boolean(name == "stgi"));
  } else if (name == "preempt_disable" || name == "preempt_enable") {
    const bool up = name == "preempt_disable";
    const Expr count = step.get(layout_.preempt_count);
    const Expr one = same_sort(count, 1);
    auto [good, bad] = fork(step, ne(count, same_sort(count, up ? 15 : 0)));
    Ways ways;
    if (good.feasible()) {
      good.set(layout_.preempt_count, up ? count + one : count - one);
      ways.emplace_back(good, Expr{});
    }
    if (bad.feasible()) {
      undefined(bad, up ? "preempt_disable() nested more than 15 deep"
                        : "preempt_enable() without preempt_disable()");
      ways.emplace_back(bad, Expr{});
    }
    return ways;
  } else if (name == "vmrun") {
    Ways ways;
    if (judges_events) {
      auto [good, bad] = fork(step, machine::injects_db_or_nothing(step.get(m.vmcb.event_inj)));
      if (bad.feasible()) {
        undefined(bad, "VMRUN injects an event that the model does not have");
        ways.emplace_back(std::move(bad), Expr{});
      }
      if (!good.feasible()) {
        return ways;
      }
      step = std::move(good);
    }
    for (Step& way : run_vmrun(step, layout_, software_dr6 ? software_dr6(step) : Expr{})) {
      ways.emplace_back(std::move(way), Expr{});
    }
    return ways;
  } else if (name == "vmcb_mark_dirty") {
    expect_bit_number(call);
    const Expr clean = step.get(m.vmcb.clean);
    step.set(m.vmcb.clean, machine::clean_without(clean, call.arguments[0]));
  } else if (name == "vmcb_mark_all_dirty" || name == "vmcb_mark_all_clean") {
    const bool all = name == "vmcb_mark_all_clean";
    step.set(m.vmcb.clean, pool.bits(32, all ? machine::vmcb::all_clean : 0));
  } else if (name == "set_intercept" || name == "clr_intercept") {
    expect_bit_number(call);
    change_intercept(step, layout_, call.arguments[0], name == "set_intercept");
  } else if (name == "guest_operand") {
    result = operand(step, layout_);
  } else if (name == "guest_instruction_completes") {
    return complete_intercepted(step, layout_, call.arguments[0], undefined);
  } else if (name == "guest_takes_gp") {
    auto [good, bad] = fork(step, exit_is_an_instructions(step, layout_));
    Ways ways;
    if (bad.feasible()) {
      undefined(bad, "guest_takes_gp() after an exit that is no instruction's");
      ways.emplace_back(bad, Expr{});
    }
    if (!good.feasible()) {
      return ways;
    }
    step = good;
    const Expr rflags = step.get(m.vmcb.rflags);
    step.set(m.vmcb.rflags, with_bit(rflags, machine::rflags::TF, pool.boolean(false)));
    step.set(m.vmcb.cpl, pool.bits(2, 0));
    forget_operand(step, layout_);
    reference_takes_gp(step, layout_);
    step.cause({{}, "the guest takes #GP", ""});
    ways.emplace_back(step, Expr{});
    return ways;
  } else {
    throw std::logic_error("intrinsic '" + name + "' has no meaning");
  }
  return {{step, result}};
}

Ways SwitchedInPlatform::call(const IntrinsicCall& call, Step step) const {
  static const std::array vcpus{"vmrun", "guest_instruction_completes", "guest_takes_gp"};
  if (std::find(vcpus.begin(), vcpus.end(), call.name) != vcpus.end()) {
    throw InputError(call.location,
                     "'" + call.name + "' in vcpu_load(), which runs in every task switch", {},
                     "what switching the thread in does, at any moment; the guest's run and its "
                     "instructions are vcpu_run()'s");
  }
  return MachinePlatform::call(call, std::move(step));
}

std::optional<ObjectLeaf> ReferenceHostPlatform::object(const std::string& path) const {
  if (path == "cpu.debugctl") {
    return ObjectLeaf{layout().reference_host_debugctl, true, false};
  }
  if (path.rfind("vmcb.", 0) == 0) {
    throw InputError({}, "an actor touches '" + path + "': the VMCB is vcpu_run's alone");
  }
  if (path == "cpu.dr6") {
    refuse_dr6({});
  }
  return MachinePlatform::object(path);
}

Expr ReferenceHostPlatform::read_debugctl(Step& step) const {
  return step.get(layout().reference_host_debugctl);
}

void ReferenceHostPlatform::write_debugctl(Step& step, Expr value) const {
  step.set(layout().reference_host_debugctl, machine::implemented_bits(value));
}

Ways ReferenceHostPlatform::call(const IntrinsicCall& call, Step step) const {
  static const std::array accesses{"__rdmsrl", "get_debugctlmsr", "wrmsrl", "update_debugctlmsr"};
  static const std::array no_effect_on_debugctl{
      "local_irq_disable", "local_irq_enable", "preempt_disable", "preempt_enable", "clgi", "stgi",
      "boundary",
      "set_debugreg"};
  const auto among = [&](const auto& names) {
    return std::find(names.begin(), names.end(), call.name) != names.end();
  };
  if (among(accesses)) {
    return MachinePlatform::call(call, std::move(step));
  }
  if (among(no_effect_on_debugctl)) {
    return {{step, Expr{}}};
  }
  if (call.name == "__get_debugreg") {
    refuse_dr6(call.location);
  }
  throw InputError(call.location, "'" + call.name + "' called by an actor", {},
                   "accesses to host registers and to the actor's own globals");
}

}  // namespace airlock
