// What each operation does to the machine. Registers of the CPU are steps of their own, since any
// actor may see them; the VMCB is memory of the vCPU's thread.
#include "model/world/operations.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "model/machine/debugctl.hpp"
#include "model/machine/svm.hpp"
#include "model/system/input_error.hpp"
#include "model/world/guest.hpp"
#include "model/world/observe.hpp"
#include "model/world/platform.hpp"
#include "model/world/reference.hpp"

namespace airlock {
namespace {

using machine::ExitCode;
using machine::Instruction;

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

/// A bit number that a field of 32 bits has.
void expect_bit_number(const IntrinsicCall& call) {
  const Expr number = call.arguments.at(0);
  if (number.is_constant() && number.value() > 31) {
    throw InputError(call.location, "'" + call.name + "' of a bit that there is not", {},
                     "one of the names in <airlock/svm.h>");
  }
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

/// "instruction that always exits".
std::string without_article(const std::string& name) {
  return name.starts_with("an ") ? name.substr(3) : name;
}

/// What the write that ends in #GP would have written, where software has looked at it.
void remark_refused_operand(Step& step, const Layout& layout) {
  const Expr known = step.get(layout.operand_known);
  const Expr code = step.get(layout.machine.vmcb.exit_code);
  for (const auto& [instruction, exit] :
       {std::pair(Instruction::wrmsr_debugctl, ExitCode::msr),
        std::pair(Instruction::mov_to_dr6, ExitCode::write_dr6)}) {
    const Expr is = eq(code, same_sort(code, std::uint64_t(exit)));
    step.remark({": its " + machine::name_of(instruction) + " would write ",
                 step.get(layout.operand), operand_display(step, layout, instruction),
                 known && is});
  }
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
    way.cause(
        {{},
         "the guest's " + without_article(machine::name_of(candidate.instruction)) + " is complete",
         {},
         Event::guest_completes,
         static_cast<unsigned>(candidate.instruction)});
    reference_completes(way, layout, candidate.instruction, operands, result);
    ways.emplace_back(way, Expr{});
  }
  step.assume(none);
  if (step.feasible()) {
    undefined(step, "guest_instruction_completes() after an exit that is no instruction's");
    ways.emplace_back(step, Expr{});
  }
  return ways;
}

// --- effects ------------------------------------------------------------------------------------

Ways done(Step step, Expr result = {}) {
  return {{std::move(step), result}};
}

/// `what` is undefined where the condition does not hold; nothing more happens there.
Ways undefined_unless(const MachinePlatform& platform, const Step& step, Expr condition,
                      const std::string& what, const std::function<Ways(Step)>& otherwise) {
  auto [good, bad] = fork(step, condition);
  Ways ways;
  if (good.feasible()) {
    ways = otherwise(std::move(good));
  }
  if (bad.feasible()) {
    platform.undefined(bad, what);
    ways.emplace_back(std::move(bad), Expr{});
  }
  return ways;
}

void expect_debugctl(const IntrinsicCall& call) {
  expect_constant(call, 0, machine::debugctl::msr, "MSR_IA32_DEBUGCTLMSR");
}

Ways rdmsr(const MachinePlatform& platform, const IntrinsicCall& call, Step step) {
  expect_debugctl(call);
  const Expr result = platform.read_debugctl(step);
  return done(std::move(step), result);
}

Ways get_debugctl(const MachinePlatform& platform, const IntrinsicCall& /*call*/, Step step) {
  const Expr result = platform.read_debugctl(step);
  return done(std::move(step), result);
}

Ways wrmsr(const MachinePlatform& platform, const IntrinsicCall& call, Step step) {
  expect_debugctl(call);
  platform.write_debugctl(step, call.arguments[1]);
  return done(std::move(step));
}

Ways update_debugctl(const MachinePlatform& platform, const IntrinsicCall& call, Step step) {
  platform.write_debugctl(step, call.arguments[0]);
  return done(std::move(step));
}

Ways get_debugreg(const MachinePlatform& platform, const IntrinsicCall& call, Step step) {
  expect_constant(call, 0, 6, "6, for DR6");
  const Expr result = platform.read_dr6(step, call.location);
  return done(std::move(step), result);
}

Ways set_debugreg(const MachinePlatform& platform, const IntrinsicCall& call, Step step) {
  expect_constant(call, 1, 6, "6, for DR6");
  platform.write_dr6(step, call.arguments[0]);
  return done(std::move(step));
}

Ways set_interrupts(const MachinePlatform& platform, Step step, bool on) {
  const VarId id = platform.layout().machine.cpu.rflags;
  step.set(id, with_bit(step.get(id), machine::rflags::IF, step.pool().boolean(on)));
  return done(std::move(step));
}

Ways local_irq_disable(const MachinePlatform& platform, const IntrinsicCall& /*call*/, Step step) {
  return set_interrupts(platform, std::move(step), false);
}

Ways local_irq_enable(const MachinePlatform& platform, const IntrinsicCall& /*call*/, Step step) {
  return set_interrupts(platform, std::move(step), true);
}

/// boundary(): a step that does nothing.
Ways nothing(const MachinePlatform& /*platform*/, const IntrinsicCall& /*call*/, Step step) {
  return done(std::move(step));
}

Ways set_gif(const MachinePlatform& platform, Step step, bool on) {
  step.set(platform.layout().machine.cpu.gif, step.pool().boolean(on));
  return done(std::move(step));
}

Ways clgi(const MachinePlatform& platform, const IntrinsicCall& /*call*/, Step step) {
  return set_gif(platform, std::move(step), false);
}

Ways stgi(const MachinePlatform& platform, const IntrinsicCall& /*call*/, Step step) {
  return set_gif(platform, std::move(step), true);
}

Ways count_preemption(const MachinePlatform& platform, Step step, bool up) {
  const VarId id = platform.layout().preempt_count;
  const Expr count = step.get(id);
  const Expr one = same_sort(count, 1);
  return undefined_unless(platform, step, ne(count, same_sort(count, up ? 15 : 0)),
                          up ? "preempt_disable() nested more than 15 deep"
                             : "preempt_enable() without preempt_disable()",
                          [&](Step good) {
                            good.set(id, up ? count + one : count - one);
                            return done(std::move(good));
                          });
}

Ways preempt_disable(const MachinePlatform& platform, const IntrinsicCall& /*call*/, Step step) {
  return count_preemption(platform, std::move(step), true);
}

Ways preempt_enable(const MachinePlatform& platform, const IntrinsicCall& /*call*/, Step step) {
  return count_preemption(platform, std::move(step), false);
}

Ways vmrun(const MachinePlatform& platform, const IntrinsicCall& /*call*/, Step step) {
  const auto run = [&](Step good) {
    const Expr dr6 = platform.software_dr6 ? platform.software_dr6(good) : Expr{};
    Ways ways;
    for (Step& way : run_vmrun(std::move(good), platform.layout(), dr6)) {
      ways.emplace_back(std::move(way), Expr{});
    }
    return ways;
  };
  if (!platform.judges_events) {
    return run(std::move(step));
  }
  const Expr event = step.get(platform.layout().machine.vmcb.event_inj);
  auto [good, bad] = fork(step, machine::injects_db_or_nothing(event));
  Ways ways;
  if (bad.feasible()) {
    platform.undefined(bad, "VMRUN injects an event that the model does not have");
    ways.emplace_back(std::move(bad), Expr{});
  }
  if (good.feasible()) {
    Ways entered = run(std::move(good));
    std::move(entered.begin(), entered.end(), std::back_inserter(ways));
  }
  return ways;
}

Ways mark_dirty(const MachinePlatform& platform, const IntrinsicCall& call, Step step) {
  expect_bit_number(call);
  const VarId id = platform.layout().machine.vmcb.clean;
  step.set(id, machine::clean_without(step.get(id), call.arguments[0]));
  return done(std::move(step));
}

Ways mark_all(const MachinePlatform& platform, Step step, bool all_clean) {
  step.set(platform.layout().machine.vmcb.clean,
           step.pool().bits(32, all_clean ? machine::vmcb::all_clean : 0));
  return done(std::move(step));
}

Ways mark_all_dirty(const MachinePlatform& platform, const IntrinsicCall& /*call*/, Step step) {
  return mark_all(platform, std::move(step), false);
}

Ways mark_all_clean(const MachinePlatform& platform, const IntrinsicCall& /*call*/, Step step) {
  return mark_all(platform, std::move(step), true);
}

Ways set_intercept(const MachinePlatform& platform, const IntrinsicCall& call, Step step) {
  expect_bit_number(call);
  change_intercept(step, platform.layout(), call.arguments[0], true);
  return done(std::move(step));
}

Ways clr_intercept(const MachinePlatform& platform, const IntrinsicCall& call, Step step) {
  expect_bit_number(call);
  change_intercept(step, platform.layout(), call.arguments[0], false);
  return done(std::move(step));
}

Ways guest_operand(const MachinePlatform& platform, const IntrinsicCall& /*call*/, Step step) {
  const Expr result = operand(step, platform.layout());
  return done(std::move(step), result);
}

Ways guest_instruction_completes(const MachinePlatform& platform, const IntrinsicCall& call,
                                 Step step) {
  return complete_intercepted(std::move(step), platform.layout(), call.arguments[0],
                              platform.undefined);
}

Ways guest_takes_gp(const MachinePlatform& platform, const IntrinsicCall& /*call*/, Step step) {
  const Layout& layout = platform.layout();
  auto [good, bad] = fork(step, exit_is_an_instructions(step, layout));
  Ways ways;
  if (bad.feasible()) {
    platform.undefined(bad, "guest_takes_gp() after an exit that is no instruction's");
    ways.emplace_back(std::move(bad), Expr{});
  }
  if (good.feasible()) {
    const machine::VmcbOf<VarId>& vmcb = layout.machine.vmcb;
    const Expr rflags = good.get(vmcb.rflags);
    good.set(vmcb.rflags, with_bit(rflags, machine::rflags::TF, good.pool().boolean(false)));
    good.set(vmcb.cpl, good.pool().bits(2, 0));
    good.cause({{}, "the guest takes #GP", {}, Event::guest_takes_gp});
    remark_refused_operand(good, layout);
    forget_operand(good, layout);
    reference_takes_gp(good, layout);
    ways.emplace_back(std::move(good), Expr{});
  }
  return ways;
}

// --- the table ----------------------------------------------------------------------------------

using Effect = decltype(Operation::effect);

/// An access to a register of the CPU that the reference host has too.
Operation access(std::string_view name, Effect effect, std::string_view reads = {}) {
  return {.name = name,
          .traits = {.shared = true},
          .effect = effect,
          .on_reference_host = CallOnReferenceHost::acts,
          .reads = reads};
}
/// Turns interrupts, GIF or preemption on or off.
Operation boundary(std::string_view name, Effect effect) {
  return {.name = name,
          .traits = {.shared = true},
          .effect = effect,
          .on_reference_host = CallOnReferenceHost::ignored,
          .is_boundary = true};
}
/// Memory of the vCPU.
Operation in_vmcb(std::string_view name, Effect effect) {
  return {.name = name, .caller = Caller::vcpu, .effect = effect};
}
/// Software completes the instruction that exited.
Operation guests_event(std::string_view name, Effect effect) {
  return {.name = name, .caller = Caller::thread, .effect = effect, .ends_guests_event = true};
}

/// (Not constexpr: the mutation of the machine turns its truth values.)
const std::array table{
    access("__rdmsrl", rdmsr, "DEBUGCTL"),
    access("wrmsrl", wrmsr),
    access("get_debugctlmsr", get_debugctl, "DEBUGCTL"),
    access("update_debugctlmsr", update_debugctl),
    access("__get_debugreg", get_debugreg, "DR6"),
    access("set_debugreg", set_debugreg),
    boundary("local_irq_disable", local_irq_disable),
    boundary("local_irq_enable", local_irq_enable),
    boundary("preempt_disable", preempt_disable),
    boundary("preempt_enable", preempt_enable),
    boundary("clgi", clgi),
    boundary("stgi", stgi),
    Operation{.name = "boundary",
              .traits = {.shared = true},
              .effect = nothing,
              .on_reference_host = CallOnReferenceHost::ignored},
    Operation{.name = "vmrun",
              .traits = {.shared = true, .ends_step = true},
              .caller = Caller::thread,
              .effect = vmrun},
    in_vmcb("vmcb_mark_dirty", mark_dirty),
    in_vmcb("vmcb_mark_all_dirty", mark_all_dirty),
    in_vmcb("vmcb_mark_all_clean", mark_all_clean),
    in_vmcb("set_intercept", set_intercept),
    in_vmcb("clr_intercept", clr_intercept),
    in_vmcb("guest_operand", guest_operand),
    guests_event("guest_instruction_completes", guest_instruction_completes),
    guests_event("guest_takes_gp", guest_takes_gp),
};

}  // namespace

std::span<const Operation> operations() {
  return table;
}

const Operation* find_operation(std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const Operation& each) { return each.name == name; });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace airlock
