// The reference guest beside the real one: what happens to it when the guest completes an
// instruction, takes a #DB or takes a #GP (DESIGN.md, "The machine's edges").
#pragma once

#include "model/world/layout.hpp"

namespace airlock {

/// The guest completes `instruction`, on the hardware or by software's hand: the reference executes
/// it. `read` is what MOV from DR6 or RDMSR returned. A #DB that was still pending is lost; a wrong
/// value read is noted once, and the reference's register takes it.
void reference_completes(Step& step, const Layout& layout, machine::Instruction instruction,
                         const machine::Operands& operands, Expr read);

/// How to show what `instruction` writes or reads: as the register it is about, and a bit for every
/// other one of DebugCtl.
Display operand_display(const Step& step, const Layout& layout, machine::Instruction instruction);

/// The guest takes a #DB: so does the reference. One that it did not raise is spurious, and is
/// taken with `dr6`, the DR6 that the guest's handler will read.
void reference_takes_db(Step& step, const Layout& layout, Expr dr6);

/// The guest takes #GP: so does the reference (no property of this slice watches #GP).
void reference_takes_gp(Step& step, const Layout& layout);

}  // namespace airlock
