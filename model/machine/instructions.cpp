// Single stepping (APM volume 2, 13.1.4): TF=1 when an instruction starts traps after it, so TF set
// by POPF or IRET traps after the next one; TF set by SYSRET traps before its target. With BTF,
// only after control transfers (13.1.6.2). Bus lock trap (13.1.3.6): after the instruction, at
// CPL>0. DebugCtl and rFLAGS are sampled as the instruction starts.
#include "model/machine/instructions.hpp"

#include <cassert>

#include "model/machine/debugctl.hpp"

namespace airlock::machine {
namespace {

bool is_taken_branch(Instruction i) {
  return i == Instruction::taken_branch || i == Instruction::syscall || i == Instruction::sysret ||
         i == Instruction::iret;
}

}  // namespace

std::string name_of(Instruction instruction) {
  switch (instruction) {
    case Instruction::nothing_special: return "an instruction that does nothing special";
    case Instruction::taken_branch: return "a taken branch";
    case Instruction::bus_lock: return "a bus-locking access";
    case Instruction::popf: return "POPF";
    case Instruction::syscall: return "SYSCALL";
    case Instruction::sysret: return "SYSRET";
    case Instruction::iret: return "IRET";
    case Instruction::mov_from_dr6: return "MOV from DR6";
    case Instruction::mov_to_dr6: return "MOV to DR6";
    case Instruction::rdmsr_debugctl: return "RDMSR DebugCtl";
    case Instruction::wrmsr_debugctl: return "WRMSR DebugCtl";
    case Instruction::always_exits: return "an instruction that always exits";
  }
  return "?";
}

bool needs_cpl0(Instruction i) {
  return i == Instruction::sysret || i == Instruction::iret || i == Instruction::mov_from_dr6 ||
         i == Instruction::mov_to_dr6 || i == Instruction::rdmsr_debugctl ||
         i == Instruction::wrmsr_debugctl;
}

DbCauses execute(GuestRegisters& r, Instruction instruction, const Operands& operands,
                 Expr new_debugctl, const Choices& choices) {
  ExprPool& pool = r.dr6.pool();
  const Expr tf_before = bit(r.rflags, rflags::TF);
  const Expr user_before = !eq(r.cpl, same_sort(r.cpl, 0));
  const Expr btf = bit(r.debugctl, debugctl::BTF);
  const Expr trap_on = bit(r.debugctl, debugctl::BLCKDB);
  Expr steps = tf_before;

  switch (instruction) {
    case Instruction::popf: r.rflags = with_bit(r.rflags, rflags::TF, operands.tf); break;
    case Instruction::syscall: r.cpl = same_sort(r.cpl, 0); break;
    case Instruction::sysret:
      r.rflags = with_bit(r.rflags, rflags::TF, operands.tf);
      r.cpl = same_sort(r.cpl, 3);
      steps = steps || operands.tf;
      break;
    case Instruction::iret:
      r.rflags = with_bit(r.rflags, rflags::TF, operands.tf);
      r.cpl = ite(operands.user, same_sort(r.cpl, 3), same_sort(r.cpl, 0));
      break;
    case Instruction::mov_to_dr6:
      r.dr6 = dr6_written(r.dr6, operands.value, r.debugctl, choices);
      break;
    case Instruction::wrmsr_debugctl:
      r.dr6 = dr6_after_debugctl_change(r.dr6, r.debugctl, new_debugctl, choices);
      r.debugctl = new_debugctl;
      break;
    case Instruction::nothing_special:
    case Instruction::taken_branch:
    case Instruction::bus_lock:
    case Instruction::mov_from_dr6:
    case Instruction::rdmsr_debugctl:
    case Instruction::always_exits: break;
  }
  return {is_taken_branch(instruction) ? steps : steps && !btf,
          instruction == Instruction::bus_lock ? trap_on && user_before : pool.boolean(false)};
}

Expr virtual_debugctl_written(Expr old, Expr value, std::uint64_t implemented_by_guest) {
  const Expr faults = !eq(value & same_sort(value, ~debugctl::guest_writable), same_sort(value, 0));
  return ite(faults, old, value & same_sort(value, implemented_by_guest & debugctl::implemented));
}

void deliver_db(GuestRegisters& r) {
  r.rflags = with_bit(r.rflags, rflags::TF, r.dr6.pool().boolean(false));
  r.cpl = same_sort(r.cpl, 0);
}

}  // namespace airlock::machine
