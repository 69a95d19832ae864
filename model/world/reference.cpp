#include "model/world/reference.hpp"

#include "model/machine/debugctl.hpp"
#include "model/world/observe.hpp"

namespace airlock {
namespace {

machine::DbCauses pending(const Step& step, const Layout& layout) {
  return {step.get(layout.reference_guest.step_pending),
          step.get(layout.reference_guest.lock_pending)};
}

void set_pending(Step& step, const Layout& layout, const machine::DbCauses& causes) {
  step.set(layout.reference_guest.step_pending, causes.single_step);
  step.set(layout.reference_guest.lock_pending, causes.bus_lock);
}

void clear_pending(Step& step, const Layout& layout) {
  const Expr no = step.pool().boolean(false);
  set_pending(step, layout, {no, no});
}

/// After a fault the reference does as the guest does, so that one fault is told once.
void remark_following(Step& step, const std::string& text, Expr when) {
  step.remark({"the reference guest follows: " + text, {}, {}, when});
}

/// The guest went on without the #DB that the reference had raised. The reference does not take it;
/// its registers stay as they were.
void note_lost(Step& step, const Layout& layout) {
  const Expr lost = pending(step, layout).any();
  step.set(layout.guest_saw.lost_db, lost);
  remark_following(step, "it raised a #DB, and goes on without it as the guest does", lost);
  clear_pending(step, layout);
}

/// Compares a value read with what the reference holds: notes a difference and returns it.
Expr note_read(Step& step, Expr read, Expr expected, VarId wrong, VarId read_id,
               VarId expected_id) {
  const Expr differs = ne(read, expected);
  const Expr nothing = step.pool().bits(64, 0);
  step.set(wrong, differs);
  step.set(read_id, ite(differs, read, nothing));
  step.set(expected_id, ite(differs, expected, nothing));
  return differs;
}

Expr modelled_dr6(Expr value) {
  return machine::make_dr6(bit(value, machine::dr6::BLD), bit(value, machine::dr6::BS));
}

/// What is written or read, after the cause that says that the instruction runs or is complete.
void remark_value(Step& step, const Layout& layout, machine::Instruction instruction,
                  const machine::Operands& operands, Expr read) {
  using machine::Instruction;
  const bool writes =
      instruction == Instruction::wrmsr_debugctl || instruction == Instruction::mov_to_dr6;
  const bool reads =
      instruction == Instruction::rdmsr_debugctl || instruction == Instruction::mov_from_dr6;
  if (writes || reads) {
    step.remark({writes ? ": it writes " : ": it reads ", writes ? operands.value : read,
                 operand_display(step, layout, instruction)});
  }
}

}  // namespace

Display operand_display(const Step& step, const Layout& layout, machine::Instruction instruction) {
  const bool dr6 = instruction == machine::Instruction::mov_to_dr6 ||
                   instruction == machine::Instruction::mov_from_dr6;
  const machine::CpuOf<VarId>& cpu = layout.machine.cpu;
  Display display = step.system().variables[dr6 ? cpu.dr6 : cpu.debugctl].display;
  if (!dr6) {
    display.names.push_back({63, "a bit that no CPU has"});  // see any_debugctl_operand
  }
  return display;
}

void reference_completes(Step& step, const Layout& layout, machine::Instruction instruction,
                         const machine::Operands& operands, Expr read) {
  observe_completion(step, layout, instruction, read);
  remark_value(step, layout, instruction, operands, read);
  note_lost(step, layout);
  machine::GuestRegisters r = load_reference_guest(step, layout);
  const GuestSawVariables& saw = layout.guest_saw;
  if (instruction == machine::Instruction::mov_from_dr6) {
    const Expr wrong = note_read(step, read, r.dr6, saw.wrong_dr6, saw.dr6_read, saw.dr6_expected);
    r.dr6 = ite(wrong, modelled_dr6(read), r.dr6);
    remark_following(step, "its DR6 becomes what the guest has read", wrong);
  }
  if (instruction == machine::Instruction::rdmsr_debugctl) {
    const Expr wrong = note_read(step, read, r.debugctl, saw.wrong_debugctl, saw.debugctl_read,
                                 saw.debugctl_expected);
    r.debugctl = ite(wrong, machine::implemented_bits(read), r.debugctl);
    remark_following(step, "its DEBUGCTL becomes what the guest has read", wrong);
  }
  const Expr written = instruction == machine::Instruction::wrmsr_debugctl
                           ? machine::virtual_debugctl_written(r.debugctl, operands.value,
                                                               layout.options.guest_debugctl_bits)
                           : r.debugctl;
  set_pending(step, layout, machine::execute(r, instruction, operands, written, layout.choices));
  store_reference_guest(step, layout, r);
}

void reference_takes_db(Step& step, const Layout& layout, Expr dr6) {
  observe_db(step, layout);
  const machine::DbCauses causes = pending(step, layout);
  const Expr spurious = !causes.any();
  remark_following(step, "it takes this #DB, which it did not raise", spurious);
  machine::GuestRegisters r = load_reference_guest(step, layout);
  r.dr6 = ite(spurious, modelled_dr6(dr6), machine::dr6_after_db(r.dr6, causes));
  // 13.1.6: a #DB clears LBR and BTF. The reference is never intercepted, so there is one moment.
  r.debugctl = machine::cleared_by_db(r.debugctl);
  machine::deliver_db(r);
  store_reference_guest(step, layout, r);
  clear_pending(step, layout);
  step.set(layout.guest_saw.spurious_db, spurious);
  step.set(layout.guest_saw.db_dr6, ite(spurious, dr6, step.pool().bits(64, 0)));
}

void reference_takes_gp(Step& step, const Layout& layout) {
  observe_gp(step, layout);
  note_lost(step, layout);
  remark_following(step, "it takes the #GP, whether it would raise one or not", {});
  machine::GuestRegisters r = load_reference_guest(step, layout);
  machine::deliver_db(r);  // any exception clears TF and goes to CPL 0
  store_reference_guest(step, layout, r);
}

}  // namespace airlock
