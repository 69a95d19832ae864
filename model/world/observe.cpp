#include "model/world/observe.hpp"

#include "model/machine/manual.hpp"
#include "model/world/guest_code.hpp"

namespace airlock {
namespace {

Expr is_value(Expr e, std::uint64_t value) {
  return eq(e, same_sort(e, value));
}

void observe(Step& step, const Layout& layout, std::uint64_t event) {
  const ObservationVariables& observed = *layout.observed;
  const Expr event_before = step.get(observed.event);
  step.set(observed.event, same_sort(event_before, event));
  // In host mode the guest's CPL is in the VMCB.
  step.set(observed.cpl, ite(step.get(layout.machine.cpu.guest_mode),
                             step.get(layout.machine.cpu.cpl), step.get(layout.machine.vmcb.cpl)));
}

}  // namespace

void begin_observation(Step& step, const Layout& layout) {
  if (!layout.observed) {
    return;
  }
  const ObservationVariables& observed = *layout.observed;
  ExprPool& pool = step.pool();
  if (layout.next) {
    step.assume(is_value(step.get(observed.event), observed_nothing));
    step.assume(!step.get(observed.then_db));
  } else {
    step.set(observed.then_db, pool.boolean(false));
  }
  step.set(observed.event, pool.bits(4, observed_nothing));
  step.set(observed.dr6, pool.bits(64, 0));
  step.set(observed.debugctl, pool.bits(64, 0));
  step.set(observed.cpl, pool.bits(2, 0));
}

void observe_completion(Step& step, const Layout& layout, machine::Instruction instruction,
                        Expr read) {
  if (layout.code != nullptr) {
    layout.code->complete(step, instruction, read);
  }
  if (!layout.observed) {
    return;
  }
  observe(step, layout, observed_completion(instruction));
  if (instruction == machine::Instruction::mov_from_dr6) {
    step.set(layout.observed->dr6, read ^ same_sort(read, machine::dr6::nothing_pending));
  }
  if (instruction == machine::Instruction::rdmsr_debugctl) {
    step.set(layout.observed->debugctl, read);
  }
}

void observe_db(Step& step, const Layout& layout) {
  if (!layout.observed) {
    return;
  }
  if (is_value(step.get(layout.observed->event), observed_nothing).is_true()) {
    observe(step, layout, observed_db);
  } else {
    step.set(layout.observed->then_db, step.pool().boolean(true));
  }
}

void observe_gp(Step& step, const Layout& layout) {
  if (layout.code != nullptr) {
    layout.code->take_gp(step);
  }
  if (layout.observed) {
    observe(step, layout, observed_gp);
  }
}

void follow_instruction(Step& step, const Layout& layout, machine::Instruction instruction) {
  if (!layout.next) {
    return;
  }
  const Expr next = step.get(layout.next->instruction);
  const std::uint64_t number = observed_completion(instruction);
  step.assume(is_value(next, 0) || is_value(next, number));
  step.set(layout.next->instruction, same_sort(next, number));
}

Expr follow_operand(Step& step, const Layout& layout, VarId NextInstructionVariables::*operand,
                    Expr fresh) {
  if (!layout.next) {
    return fresh;
  }
  const VarId id = (*layout.next).*operand;
  const Expr value = ite(step.get(layout.next->operands_known), step.get(id), fresh);
  step.set(id, value);
  return value;
}

Expr follow_intercepted_operand(Step& step, const Layout& layout,
                                std::span<const std::pair<machine::Instruction, Expr>> exited,
                                Expr fresh) {
  if (layout.code != nullptr) {
    for (const auto& [instruction, condition] : exited) {
      fresh = ite(condition, layout.code->written(step, instruction, fresh), fresh);
    }
  }
  if (!layout.next) {
    return fresh;
  }
  Expr begun = step.pool().boolean(false);
  for (const auto& [instruction, condition] : exited) {
    begun = begun || (condition && is_value(step.get(layout.next->instruction),
                                            observed_completion(instruction)));
  }
  const Expr known = step.get(layout.next->operands_known);
  const Expr program = step.get(layout.next->value);
  const Expr value = ite(begun && known, program, fresh);
  step.set(layout.next->value, ite(begun, value, program));
  step.set(layout.next->operands_known, known || begun);
  return value;
}

void operands_followed(Step& step, const Layout& layout) {
  if (layout.next) {
    step.set(layout.next->operands_known, step.pool().boolean(true));
  }
}

void add_following_db(TransitionSystem& system, const Layout& layout) {
  if (!layout.next) {
    return;
  }
  const ObservationVariables& observed = *layout.observed;
  Step step(system, "guest: the instruction's #DB", "guest", AgentKind::guest);
  const Expr event = step.get(observed.event);
  step.assume(is_value(event, observed_nothing) && step.get(observed.then_db));
  step.set(observed.then_db, step.pool().boolean(false));
  observe(step, layout, observed_db);
  step.cause({{},
              "the guest is in its #DB handler",
              machine::cite({machine::Section::single_stepping}),
              Event::guest_enters_db});
  step.finish();
}

}  // namespace airlock
