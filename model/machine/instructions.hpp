// The guest's instructions, as far as debug state goes: one definition, run on the physical CPU and
// on the reference guest.
#pragma once

#include <array>
#include <string>

#include "model/machine/choices.hpp"
#include "model/machine/dr6.hpp"
#include "model/machine/registers.hpp"

namespace airlock::machine {

/// What a guest can do. The names are the classes of DESIGN.md, "The machine's edges".
enum class Instruction : std::uint8_t {
  nothing_special,
  taken_branch,
  bus_lock,
  popf,
  syscall,
  sysret,
  iret,
  mov_from_dr6,
  mov_to_dr6,
  rdmsr_debugctl,
  wrmsr_debugctl,
  always_exits,
};

inline constexpr std::array all_instructions{
    Instruction::nothing_special,
    Instruction::taken_branch,
    Instruction::bus_lock,
    Instruction::popf,
    Instruction::syscall,
    Instruction::sysret,
    Instruction::iret,
    Instruction::mov_from_dr6,
    Instruction::mov_to_dr6,
    Instruction::rdmsr_debugctl,
    Instruction::wrmsr_debugctl,
    Instruction::always_exits,
};

std::string name_of(Instruction instruction);
/// MOV DRn, RDMSR, WRMSR, IRET as modelled and SYSRET need CPL 0.
bool needs_cpl0(Instruction instruction);

/// What the guest chose for an instruction; unused ones may be empty.
struct Operands {
  Expr tf;     ///< Bool: the TF that POPF, IRET and SYSRET load
  Expr user;   ///< Bool: IRET goes to CPL 3
  Expr value;  ///< 64 bits: MOV to DR6, WRMSR
};

/// Executes `instruction` to completion and returns the #DB traps that it raises. `wrmsr_value` is
/// what the CPU makes of a WRMSR's operand: given the operand, the new DebugCtl.
DbCauses execute(GuestRegisters& registers, Instruction instruction, const Operands& operands,
                 Expr new_debugctl, const Choices& choices);

/// DebugCtl of the guest's virtual CPU after WRMSR of `value`, by KVM's convention: a bit outside
/// 5:0 raises #GP and changes nothing; bits that it does not implement are ignored.
Expr virtual_debugctl_written(Expr old, Expr value, std::uint64_t implemented_by_guest);

/// #DB goes to its handler: the pushed image has TF, then TF is cleared (13.1.4); CPL 0.
void deliver_db(GuestRegisters& registers);

}  // namespace airlock::machine
