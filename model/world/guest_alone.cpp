// The same functions that keep the reference guest beside a world (reference.cpp) run it here. What
// they compare with it is its own, so that nothing differs; what the program sees is the reference.
#include "model/world/guest_alone.hpp"

#include "model/machine/debugctl.hpp"
#include "model/machine/manual.hpp"
#include "model/world/guest_code.hpp"
#include "model/world/reference.hpp"

namespace airlock {
namespace {

using machine::Instruction;

void complete(Step step, const Layout& layout, const GuestCode::Call& call) {
  const Instruction instruction = call.operation->instruction;
  const machine::GuestRegisters before = load_reference_guest(step, layout);
  const Expr read = instruction == Instruction::rdmsr_debugctl ? before.debugctl : before.dr6;
  reference_completes(step, layout, instruction, call.operands, read);
  const Expr raised = step.get(layout.reference_guest.step_pending) ||
                      step.get(layout.reference_guest.lock_pending);
  auto [trapped, goes_on] = fork(step, raised);
  goes_on.finish();
  if (trapped.feasible()) {
    const machine::GuestRegisters after = load_reference_guest(trapped, layout);
    layout.code->take_db(trapped, bit(after.rflags, machine::rflags::TF), after.cpl);
    reference_takes_db(trapped, layout, after.dr6);
    trapped.cause({{},
                   "#DB delivered to the guest",
                   machine::cite({machine::Section::single_stepping}),
                   Event::db_delivered});
    trapped.finish();
  }
}

void add_call(TransitionSystem& system, const Layout& layout, const GuestCode::Call& call) {
  const Instruction instruction = call.operation->instruction;
  Step step = begin_step(system, layout, "guest: " + machine::name_of(instruction), "guest",
                         AgentKind::guest);
  layout.code->come_to(step, call);
  if (machine::needs_cpl0(instruction)) {
    const Expr cpl = step.get(layout.reference_guest.cpl);
    step.assume(eq(cpl, same_sort(cpl, 0)));
  }
  step.cause({call.location,
              "the guest executes " + machine::name_of(instruction),
              {},
              Event::guest_executes,
              static_cast<unsigned>(instruction)});
  Expr faults = step.pool().boolean(false);
  if (instruction == Instruction::wrmsr_debugctl) {
    const Expr value = call.operands.value;
    faults = ne(value & same_sort(value, ~machine::debugctl::guest_writable), same_sort(value, 0));
  }
  auto [bad, good] = fork(step, faults);
  if (bad.feasible()) {
    reference_takes_gp(bad, layout);
    bad.cause({{}, "the guest takes #GP", {}, Event::guest_takes_gp});
    bad.finish();
  }
  if (good.feasible()) {
    complete(good, layout, call);
  }
}

}  // namespace

void compose_guest_alone(TransitionSystem& system, const Layout& layout) {
  for (const GuestCode::Call& call : layout.code->calls()) {
    add_call(system, layout, call);
  }
  for (const GuestCode::Silent& silent : layout.code->silent()) {
    Step step = begin_step(system, layout, "guest: comes round", "guest", AgentKind::guest);
    step.assume(silent.guard);
    for (const Update& update : silent.updates) {
      step.set(update.variable, update.value);
    }
    step.cause({silent.location, silent.text, {}});
    step.finish();
  }
  system.initial_constraint = system.pool->boolean(true);
  validate(system);
}

}  // namespace airlock
