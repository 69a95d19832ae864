// The register file: what one logical processor and the VMCB hold, as variables of a transition
// system, and as values while an operation runs.
//
// Each struct exists twice: with VarIds it is the layout, with Exprs the contents. `load` and
// `store` go between them; the machine's operations see contents only. What a register is (its
// width, its value at reset, who sees it) stands in register_table.cpp.
#pragma once

#include <boost/pfr/core.hpp>

#include "model/machine/format.hpp"
#include "model/system/step.hpp"

namespace airlock::machine {

/// rFLAGS' modelled bits.
namespace rflags {
inline constexpr unsigned TF = 8;  ///< trap flag
inline constexpr unsigned IF = 9;  ///< interrupt flag
const Format& format();
}  // namespace rflags

/// One physical CPU. In guest mode the registers are the guest's.
template <typename T>
struct CpuOf {
  T debugctl;    ///< 64 bits
  T dr6;         ///< 64 bits
  T rflags;      ///< 64 bits: TF, IF
  T cpl;         ///< 2 bits: 0 or 3
  T gif;         ///< Bool: global interrupt flag (15.17)
  T guest_mode;  ///< Bool: between VMRUN and #VMEXIT
};

/// Intercept bits (INTERCEPT_* in svm.h), clean bits (15.15.3) and other fields' bits.
namespace vmcb {
inline constexpr unsigned INTERCEPT_INTR = 0;
inline constexpr unsigned INTERCEPT_NMI = 1;
inline constexpr unsigned INTERCEPT_DB = 2;
inline constexpr unsigned INTERCEPT_DR6_READ = 3;
inline constexpr unsigned INTERCEPT_DR6_WRITE = 4;
inline constexpr unsigned MSRPM_READ = 0;
inline constexpr unsigned MSRPM_WRITE = 1;
inline constexpr unsigned CLEAN_INTERCEPTS = 0;
inline constexpr unsigned CLEAN_DR = 6;
inline constexpr unsigned CLEAN_LBR = 10;
inline constexpr std::uint32_t all_clean =
    (1U << CLEAN_INTERCEPTS) | (1U << CLEAN_DR) | (1U << CLEAN_LBR);
inline constexpr unsigned V_INTR_MASKING = 24;
inline constexpr unsigned LBR_VIRTUALIZATION_ENABLE = 0;
inline constexpr std::uint32_t event_db = 0x80000301;  ///< EVENTINJ: valid, exception, vector 1
inline constexpr unsigned EVENTINJ_V = 31;
}  // namespace vmcb

/// Exit codes (appendix C), as in svm.h's enum svm_exit_code.
enum class ExitCode : std::uint32_t {
  none = 0,
  read_dr6 = 0x26,
  write_dr6 = 0x36,
  exception_db = 0x41,
  intr = 0x60,
  nmi = 0x61,
  cpuid = 0x72,
  msr = 0x7C,
};

template <typename T>
struct VmcbOf {
  T intercepts;      ///< 32 bits
  T msrpm_debugctl;  ///< 32 bits
  T int_ctl;         ///< 32 bits
  T clean;           ///< 32 bits
  T event_inj;       ///< 32 bits
  T virt_ext;        ///< 64 bits
  T exit_code;       ///< 32 bits
  T exit_info_1;     ///< 64 bits
  T rflags;          ///< 64 bits; the save area from here on
  T dr6;             ///< 64 bits
  T dbgctl;          ///< 64 bits
  T cpl;             ///< 2 bits
};

/// The host save area (VM_HSAVE_PA), and the processor's cached copy of the VMCB (15.15), which in
/// guest mode is what is in force.
template <typename T>
struct SvmStateOf {
  T host_rflags;        ///< 64 bits
  T host_debugctl;      ///< 64 bits; saved while LBR virtualisation is on only
  T cached_intercepts;  ///< 32 bits
  T cached_dr6;         ///< 64 bits
  T cached_dbgctl;      ///< 64 bits
};

/// What the guest's instructions work on. On the reference guest, registers of its own.
template <typename T>
struct GuestRegistersOf {
  T debugctl;
  T dr6;
  T rflags;
  T cpl;
};

/// What the host would have had no guest ever run.
template <typename T>
struct HostRegistersOf {
  T debugctl;
  T dr6;  ///< of the reference host, with the feature host_dr6; else not there
};

using Cpu = CpuOf<Expr>;
using Vmcb = VmcbOf<Expr>;
using SvmState = SvmStateOf<Expr>;
using GuestRegisters = GuestRegistersOf<Expr>;

/// Where the registers live in a transition system.
struct Registers {
  CpuOf<VarId> cpu;
  VmcbOf<VarId> vmcb;
  SvmStateOf<VarId> svm;
};

/// Adds the variables with their values at reset: DebugCtl 0, DR6 FFFF0FF0h, interrupts on, GIF 1,
/// host mode, everything in the VMCB 0 but DR6.
Registers add_registers(TransitionSystem& system);

/// Calls f on each field of `a` and the same one of `b`.
template <template <typename> typename S, typename A, typename B, typename F>
void zip(S<A>& a, const S<B>& b, F f) {
  boost::pfr::for_each_field(a, [&](A& field, auto index) { f(field, boost::pfr::get<index>(b)); });
}

/// Reads a whole struct at this point of the step.
template <template <typename> typename S>
S<Expr> load(const Step& step, const S<VarId>& layout) {
  S<Expr> values;
  zip(values, layout, [&](Expr& value, VarId id) { value = step.get(id); });
  return values;
}

/// Writes a whole struct.
template <template <typename> typename S>
void store(Step& step, const S<VarId>& layout, S<Expr> values) {
  zip(values, layout, [&](Expr value, VarId id) { step.set(id, value); });
}

}  // namespace airlock::machine
