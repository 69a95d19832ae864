// DR6 (APM volume 2, 13.1.1.3, 13.1.3.6): BLD and BS; what sets and clears them.
#pragma once

#include "model/machine/choices.hpp"
#include "model/machine/format.hpp"
#include "model/system/system.hpp"

namespace airlock::machine {

namespace dr6 {
inline constexpr unsigned BLD = 11;  ///< active low: 0 says that a bus lock was trapped
inline constexpr unsigned BS = 14;   ///< a single step was trapped
/// "Nothing pending": the reserved bits that read as 1, and BLD.
inline constexpr std::uint64_t nothing_pending = 0xFFFF0FF0;
const Format& format();
}  // namespace dr6

/// DR6 built from its two modelled bits; the others read as 13.1.1.3 says.
Expr make_dr6(Expr bld, Expr bs);

/// The causes of one #DB. Several may meet in one trap.
struct DbCauses {
  Expr single_step;  ///< Bool
  Expr bus_lock;     ///< Bool
  [[nodiscard]] Expr any() const { return single_step || bus_lock; }
};

/// DR6 as the #DB handler sees it: BS set by a single step, BLD cleared by a bus lock trap; neither
/// is ever put back by the processor (13.1.3.6: "sticky").
Expr dr6_after_db(Expr dr6, const DbCauses& causes);

/// MOV to DR6 (or any software write of it). With BLCKDB=0, BLD is reserved-to-1 and a write of 0
/// is ignored: choice bld_write_while_trap_off.
Expr dr6_written(Expr dr6, Expr value, Expr debugctl, const Choices& choices);

/// DR6 after DebugCtl went from `before` to `after`: choice bld_when_trap_turns_off.
Expr dr6_after_debugctl_change(Expr dr6, Expr before, Expr after, const Choices& choices);

/// DR6 as VMRUN loads it while the guest's DebugCtl is `debugctl`: choice bld_loaded_by_vmrun.
Expr dr6_loaded_by_vmrun(Expr dr6, Expr debugctl, const Choices& choices);

}  // namespace airlock::machine
