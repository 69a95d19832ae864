// DebugCtl, MSR 1D9h (APM volume 2, 13.1.1.6): its bits and what events do to them.
#pragma once

#include "model/machine/choices.hpp"
#include "model/machine/format.hpp"
#include "model/system/system.hpp"

namespace airlock::machine {

namespace debugctl {
inline constexpr unsigned LBR = 0;     ///< record branches
inline constexpr unsigned BTF = 1;     ///< rFLAGS.TF traps on control transfers only
inline constexpr unsigned BLCKDB = 2;  ///< bus lock #DB trap
inline constexpr unsigned FLBRI = 11;  ///< freeze the LBR stack on a PMC interrupt
inline constexpr unsigned FPMCI = 12;  ///< freeze the PMCs on a PMC interrupt
/// Bits that a CPU with BusLockTrap and the LBR stack implements. The others read as zero; bits 5:3
/// must be zero there and are left out of the model (SOFTWARE.md, "What a guest may expect").
inline constexpr std::uint64_t implemented = 0x1807;
/// KVM's convention: a guest's write with a bit outside 5:0 raises #GP.
inline constexpr std::uint64_t guest_writable = 0x3F;
inline constexpr std::uint32_t msr = 0x1D9;
const Format& format();
}  // namespace debugctl

/// The value that the register holds after software writes `value`.
Expr implemented_bits(Expr value);

/// A #DB clears DebugCtl.LBR (13.1.6.1) and DebugCtl.BTF (13.1.6.2).
Expr cleared_by_db(Expr debugctl);

}  // namespace airlock::machine
