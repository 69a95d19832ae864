// VMRUN saves host state to the host save area and loads guest state from the VMCB; #VMEXIT goes
// the other way. Neither touches DebugCtl unless LBR virtualisation is enabled: that asymmetry is
// what Airlock was built to look at. DR6 is loaded and written back, but the host's is never
// restored.
//
// The cached copy of the VMCB doubles as the state in force while the guest runs: after VMRUN it
// equals what was loaded, and #VMEXIT writes both (15.15: the guest's own execution keeps the
// cached copy current).
#include "model/machine/svm.hpp"

#include "model/machine/debugctl.hpp"
#include "model/machine/dr6.hpp"

namespace airlock::machine {
namespace {

/// Whether the cached copy of a group is what VMRUN loads (15.15.1): only if its clean bit is set,
/// and even then the processor is free to look at the VMCB.
Expr uses_cache(const Vmcb& vmcb, unsigned clean_bit, Expr wish, const Choices& choices) {
  return bit(vmcb.clean, clean_bit) && (choices.must_use_cache || (choices.may_use_cache && wish));
}

}  // namespace

Expr lbr_virtualization_on(const Vmcb& vmcb, bool cpu_has_lbrv) {
  return cpu_has_lbrv ? bit(vmcb.virt_ext, vmcb::LBR_VIRTUALIZATION_ENABLE)
                      : vmcb.virt_ext.pool().boolean(false);
}

void vmrun(Cpu& cpu, Vmcb& vmcb, SvmState& svm, const CacheUse& use, bool cpu_has_lbrv,
           const Choices& choices) {
  const Expr lbrv = lbr_virtualization_on(vmcb, cpu_has_lbrv);
  // 15.5.1: host rFLAGS goes to the host save area; 15.23.1: DebugCtl only with LBR virtualisation.
  svm.host_rflags = cpu.rflags;
  svm.host_debugctl = ite(lbrv, cpu.debugctl, svm.host_debugctl);

  const Expr intercepts = ite(uses_cache(vmcb, vmcb::CLEAN_INTERCEPTS, use.intercepts, choices),
                              svm.cached_intercepts, vmcb.intercepts);
  const Expr dr6 =
      ite(uses_cache(vmcb, vmcb::CLEAN_DR, use.dr6, choices), svm.cached_dr6, vmcb.dr6);
  const Expr dbgctl = implemented_bits(
      ite(uses_cache(vmcb, vmcb::CLEAN_LBR, use.lbr, choices), svm.cached_dbgctl, vmcb.dbgctl));

  cpu.debugctl = ite(lbrv, dbgctl, cpu.debugctl);
  cpu.dr6 = dr6_loaded_by_vmrun(dr6, cpu.debugctl, choices);
  cpu.rflags = vmcb.rflags;
  cpu.cpl = vmcb.cpl;
  svm.cached_intercepts = intercepts;
  svm.cached_dr6 = cpu.dr6;
  svm.cached_dbgctl = ite(lbrv || choices.lbr_group_cached_while_off, dbgctl, svm.cached_dbgctl);
  cpu.gif = cpu.gif.pool().boolean(true);
  cpu.guest_mode = cpu.gif.pool().boolean(true);
}

Expr event_pending(const Vmcb& vmcb) {
  return bit(vmcb.event_inj, vmcb::EVENTINJ_V);
}

Expr injects_db_or_nothing(Expr event_inj) {
  return !bit(event_inj, vmcb::EVENTINJ_V) || eq(event_inj, same_sort(event_inj, vmcb::event_db));
}

void vmexit(Cpu& cpu, Vmcb& vmcb, SvmState& svm, ExitCode code, std::uint64_t info,
            bool cpu_has_lbrv, const Choices& choices) {
  ExprPool& pool = cpu.gif.pool();
  const Expr lbrv = lbr_virtualization_on(vmcb, cpu_has_lbrv);
  // 15.6: guest state goes back to the VMCB: the same set that VMRUN loaded.
  vmcb.dr6 = cpu.dr6;
  vmcb.rflags = cpu.rflags;
  vmcb.cpl = cpu.cpl;
  vmcb.dbgctl = ite(lbrv, cpu.debugctl, vmcb.dbgctl);
  vmcb.exit_code = same_sort(vmcb.exit_code, static_cast<std::uint32_t>(code));
  vmcb.exit_info_1 = same_sort(vmcb.exit_info_1, info);
  // Volume 3, VMRUN: EVENTINJ is cleared on #VMEXIT.
  vmcb.event_inj = same_sort(vmcb.event_inj, 0);
  svm.cached_dr6 = cpu.dr6;
  svm.cached_dbgctl = ite(lbrv, cpu.debugctl, svm.cached_dbgctl);
  // Host state comes back; without LBR virtualisation DebugCtl stays as the guest left it.
  const Expr host_debugctl = ite(lbrv, svm.host_debugctl, cpu.debugctl);
  cpu.dr6 = dr6_after_debugctl_change(cpu.dr6, cpu.debugctl, host_debugctl, choices);
  cpu.debugctl = host_debugctl;
  cpu.rflags = svm.host_rflags;
  cpu.cpl = same_sort(cpu.cpl, 0);
  cpu.gif = pool.boolean(false);
  cpu.guest_mode = pool.boolean(false);
}

Expr clean_without(Expr clean, Expr bit_number) {
  return clean & ~shl(same_sort(clean, 1), bit_number);
}

}  // namespace airlock::machine
