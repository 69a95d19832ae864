#include "model/machine/registers.hpp"

#include "model/machine/debugctl.hpp"
#include "model/machine/dr6.hpp"

namespace airlock::machine {

Display rflags::display() {
  return {Display::Kind::flags, {{TF, "TF"}, {IF, "IF"}}};
}

namespace {

Display intercept_display() {
  return {Display::Kind::flags,
          {{vmcb::INTERCEPT_INTR, "INTR"},
           {vmcb::INTERCEPT_NMI, "NMI"},
           {vmcb::INTERCEPT_DB, "#DB"},
           {vmcb::INTERCEPT_DR6_READ, "DR6_READ"},
           {vmcb::INTERCEPT_DR6_WRITE, "DR6_WRITE"}}};
}

Display clean_display() {
  return {Display::Kind::flags,
          {{vmcb::CLEAN_INTERCEPTS, "I"}, {vmcb::CLEAN_DR, "DRx"}, {vmcb::CLEAN_LBR, "LBR"}}};
}

Display exit_display() {
  const auto code = [](ExitCode c) { return static_cast<std::uint64_t>(c); };
  return {Display::Kind::enumeration,
          {{code(ExitCode::none), "none"},
           {code(ExitCode::read_dr6), "READ_DR6"},
           {code(ExitCode::write_dr6), "WRITE_DR6"},
           {code(ExitCode::exception_db), "EXCP_DB"},
           {code(ExitCode::intr), "INTR"},
           {code(ExitCode::nmi), "NMI"},
           {code(ExitCode::cpuid), "always-exiting instruction"},
           {code(ExitCode::msr), "MSR"}}};
}

}  // namespace

Registers add_registers(TransitionSystem& system) {
  ExprPool& pool = *system.pool;
  const auto add = [&](const char* name, unsigned width, std::uint64_t reset, Owner owner,
                       Display display = {}) {
    return system.add_variable(name, Sort::bits(width), pool.bits(width, reset), std::move(display),
                               owner);
  };
  const auto add_bool = [&](const char* name, bool reset, Owner owner, Display display = {}) {
    return system.add_variable(name, Sort::boolean(), pool.boolean(reset), std::move(display),
                               owner);
  };
  constexpr std::uint64_t IF = 1U << rflags::IF;
  Registers r;
  r.cpu.debugctl = add("DEBUGCTL", 64, 0, Role::cpu, debugctl::display());
  r.cpu.dr6 = add("DR6", 64, dr6::nothing_pending, Role::cpu, dr6::display());
  r.cpu.rflags = add("RFLAGS", 64, IF, Role::cpu, rflags::display());
  r.cpu.cpl = add("CPL", 2, 0, Role::cpu);
  r.cpu.gif = add_bool("GIF", true, Role::cpu);
  r.cpu.guest_mode = add_bool("mode", false, Role::cpu_mode,
                              {Display::Kind::enumeration, {{0, "host"}, {1, "guest"}}});

  r.vmcb.intercepts = add("VMCB.intercepts", 32, 0, Role::vmcb, intercept_display());
  r.vmcb.msrpm_debugctl =
      add("MSRPM[DEBUGCTL]", 32, 0, Role::vmcb,
          {Display::Kind::flags, {{vmcb::MSRPM_READ, "READ"}, {vmcb::MSRPM_WRITE, "WRITE"}}});
  r.vmcb.int_ctl = add("VMCB.int_ctl", 32, 0, Role::vmcb,
                       {Display::Kind::flags, {{vmcb::V_INTR_MASKING, "V_INTR_MASKING"}}});
  r.vmcb.clean = add("VMCB.clean", 32, 0, Role::vmcb, clean_display());
  r.vmcb.event_inj = add("VMCB.EVENTINJ", 32, 0, Role::vmcb,
                         {Display::Kind::enumeration, {{0, "nothing"}, {vmcb::event_db, "#DB"}}});
  r.vmcb.virt_ext =
      add("VMCB.virt_ext", 64, 0, Role::vmcb,
          {Display::Kind::flags, {{vmcb::LBR_VIRTUALIZATION_ENABLE, "LBR_VIRTUALIZATION_ENABLE"}}});
  r.vmcb.exit_code = add("VMCB.EXITCODE", 32, 0, Role::vmcb, exit_display());
  r.vmcb.exit_info_1 = add("VMCB.EXITINFO1", 64, 0, Role::vmcb);
  r.vmcb.rflags = add("VMCB.RFLAGS", 64, 0, Role::vmcb, rflags::display());
  r.vmcb.dr6 = add("VMCB.DR6", 64, dr6::nothing_pending, Role::vmcb, dr6::display());
  r.vmcb.dbgctl = add("VMCB.DBGCTL", 64, 0, Role::vmcb, debugctl::display());
  r.vmcb.cpl = add("VMCB.CPL", 2, 0, Role::vmcb);

  r.svm.host_rflags = add("HSAVE.RFLAGS", 64, 0, Role::host_save_area, rflags::display());
  r.svm.host_debugctl = add("HSAVE.DEBUGCTL", 64, 0, Role::host_save_area, debugctl::display());
  r.svm.cached_intercepts = add("cached intercepts", 32, 0, Role::vmcb, intercept_display());
  r.svm.cached_dr6 = add("cached DR6", 64, dr6::nothing_pending, Role::vmcb, dr6::display());
  r.svm.cached_dbgctl = add("cached DBGCTL", 64, 0, Role::vmcb, debugctl::display());
  return r;
}

}  // namespace airlock::machine
