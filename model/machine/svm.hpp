// The world switch: VMRUN (APM volume 2, 15.5.1) and #VMEXIT (15.6), with LBR virtualisation
// (15.23.1), the clean bits (15.15) and event injection (15.20).
#pragma once

#include "model/machine/choices.hpp"
#include "model/machine/registers.hpp"

namespace airlock::machine {

/// Per clean-bit group, whether this VMRUN would like to use the cached copy (Bool each; it only
/// may where the clean bit is set, and the choice use_clean_cache has the last word).
struct CacheUse {
  Expr intercepts;
  Expr dr6;
  Expr lbr;
};

/// LBR virtualisation is in force: enabled in the VMCB, on a CPU that has it (Fn8000_000A_EDX).
Expr lbr_virtualization_on(const Vmcb& vmcb, bool cpu_has_lbrv);

/// VMRUN up to and including the entry to guest mode. An event to be injected is left to the caller
/// (`event_pending`), who must deliver it in the same step: it is taken before the first guest
/// instruction, unconditionally.
void vmrun(Cpu& cpu, Vmcb& vmcb, SvmState& svm, const CacheUse& use, bool cpu_has_lbrv,
           const Choices& choices);

/// EVENTINJ holds a valid event. The model injects #DB only.
Expr event_pending(const Vmcb& vmcb);

/// A VMRUN with this EVENTINJ injects nothing, or what the model can inject.
Expr injects_db_or_nothing(Expr event_inj);

/// #VMEXIT with `code` and EXITINFO1.
void vmexit(Cpu& cpu, Vmcb& vmcb, SvmState& svm, ExitCode code, std::uint64_t info,
            bool cpu_has_lbrv, const Choices& choices);

/// Software clears a clean bit, or all; software sets all that the model has.
Expr clean_without(Expr clean, Expr bit_number);

}  // namespace airlock::machine
