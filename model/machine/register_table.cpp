#include "model/machine/register_table.hpp"

#include <algorithm>

#include "model/machine/debugctl.hpp"
#include "model/machine/dr6.hpp"

namespace airlock::machine {
namespace {

using CpuV = CpuOf<VarId>;
using VmcbV = VmcbOf<VarId>;
using SvmV = SvmStateOf<VarId>;
using GuestV = GuestRegistersOf<VarId>;
using HostV = HostRegistersOf<VarId>;

constexpr unsigned boolean = 0;

const Format mode{.kind = Display::Kind::enumeration, .names = {{0, "host", ""}, {1, "guest", ""}}};

const Format intercepts{.kind = Display::Kind::flags,
                        .names = {{vmcb::INTERCEPT_INTR, "INTR", "INTERCEPT_INTR"},
                                  {vmcb::INTERCEPT_NMI, "NMI", "INTERCEPT_NMI"},
                                  {vmcb::INTERCEPT_DB, "#DB", "INTERCEPT_DB"},
                                  {vmcb::INTERCEPT_DR6_READ, "DR6_READ", "INTERCEPT_DR6_READ"},
                                  {vmcb::INTERCEPT_DR6_WRITE, "DR6_WRITE", "INTERCEPT_DR6_WRITE"}}};

const Format msrpm{.kind = Display::Kind::flags,
                   .names = {{vmcb::MSRPM_READ, "READ", "MSRPM_READ"},
                             {vmcb::MSRPM_WRITE, "WRITE", "MSRPM_WRITE"}}};

const Format int_ctl{.kind = Display::Kind::flags,
                     .names = {{vmcb::V_INTR_MASKING, "V_INTR_MASKING", "V_INTR_MASKING_MASK"}},
                     .masks_in_c = true};

const Format clean{.kind = Display::Kind::flags,
                   .names = {{vmcb::CLEAN_INTERCEPTS, "I", "VMCB_INTERCEPTS"},
                             {vmcb::CLEAN_DR, "DRx", "VMCB_DR"},
                             {vmcb::CLEAN_LBR, "LBR", "VMCB_LBR"}}};

const Format event_inj{.kind = Display::Kind::enumeration,
                       .names = {{0, "nothing", ""}, {vmcb::event_db, "#DB", ""}}};

const Format virt_ext{.kind = Display::Kind::flags,
                      .names = {{vmcb::LBR_VIRTUALIZATION_ENABLE, "LBR_VIRTUALIZATION_ENABLE",
                                 "LBR_CTL_ENABLE_MASK"}},
                      .masks_in_c = true};

NamedValue exit(ExitCode code, const char* shown, const char* in_c) {
  return {static_cast<std::uint64_t>(code), shown, in_c};
}

const Format exit_code{
    .kind = Display::Kind::enumeration,
    .names = {exit(ExitCode::none, "none", "SVM_EXIT_NONE"),
              exit(ExitCode::exception_db, "EXCP_DB", "SVM_EXIT_EXCP_DB"),
              exit(ExitCode::read_dr6, "READ_DR6", "SVM_EXIT_READ_DR6"),
              exit(ExitCode::write_dr6, "WRITE_DR6", "SVM_EXIT_WRITE_DR6"),
              exit(ExitCode::intr, "INTR", "SVM_EXIT_INTR"),
              exit(ExitCode::nmi, "NMI", "SVM_EXIT_NMI"),
              exit(ExitCode::cpuid, "always-exiting instruction", "SVM_EXIT_CPUID"),
              exit(ExitCode::msr, "MSR", "SVM_EXIT_MSR")}};

std::vector<Register> cpu_registers() {
  return {
      {.field = &CpuV::debugctl,
       .name = "DEBUGCTL",
       .path = "cpu.debugctl",
       .width = 64,
       .format = &debugctl::format(),
       .on_reference_host = OnReferenceHost::own,
       .guest = &GuestV::debugctl,
       .host = &HostV::debugctl,
       .guest_view = &HostV::debugctl},
      {.field = &CpuV::dr6,
       .name = "DR6",
       .path = "cpu.dr6",
       .width = 64,
       .reset = dr6::nothing_pending,
       .format = &dr6::format(),
       .on_reference_host = OnReferenceHost::own,
       .guest = &GuestV::dr6,
       .guest_reset = dr6::nothing_pending,
       .host = &HostV::dr6,
       .host_with = Feature::host_dr6},
      {.field = &CpuV::rflags,
       .name = "RFLAGS",
       .path = "cpu.rflags",
       .width = 64,
       .reset = 1U << rflags::IF,
       .format = &rflags::format(),
       .guest = &GuestV::rflags},
      {.field = &CpuV::cpl, .name = "CPL", .path = "cpu.cpl", .width = 2, .guest = &GuestV::cpl},
      {.field = &CpuV::gif, .name = "GIF", .path = "cpu.gif", .width = boolean, .reset = 1},
      {.field = &CpuV::guest_mode,
       .name = "mode",
       .path = "cpu.guest_mode",
       .width = boolean,
       .format = &mode,
       .role = Role::cpu_mode},
  };
}

/// A field of the VMCB that software writes, unless it says otherwise.
Register in_vmcb(Field field, std::string_view name, std::string_view path, unsigned width,
                 const Format* format, FromC from_c = FromC::written) {
  return {.field = field,
          .name = name,
          .path = path,
          .width = width,
          .format = format,
          .role = Role::vmcb,
          .per = Per::vmcb,
          .from_c = from_c,
          .on_reference_host = OnReferenceHost::none};
}

Register moved_about(Register declared, std::uint64_t reset) {
  declared.is_moved_about = true;
  declared.reset = reset;
  return declared;
}

std::vector<Register> vmcb_registers() {
  return {
      in_vmcb(&VmcbV::intercepts, "VMCB.intercepts", "vmcb.control.intercepts", 32, &intercepts),
      in_vmcb(&VmcbV::msrpm_debugctl, "MSRPM[DEBUGCTL]", "vmcb.control.msrpm_debugctl", 32, &msrpm),
      in_vmcb(&VmcbV::int_ctl, "VMCB.int_ctl", "vmcb.control.int_ctl", 32, &int_ctl),
      in_vmcb(&VmcbV::clean, "VMCB.clean", "vmcb.control.clean", 32, &clean),
      in_vmcb(&VmcbV::event_inj, "VMCB.EVENTINJ", "vmcb.control.event_inj", 32, &event_inj),
      in_vmcb(&VmcbV::virt_ext, "VMCB.virt_ext", "vmcb.control.virt_ext", 64, &virt_ext),
      in_vmcb(&VmcbV::exit_code, "VMCB.EXITCODE", "vmcb.control.exit_code", 32, &exit_code,
              FromC::read),
      in_vmcb(&VmcbV::exit_info_1, "VMCB.EXITINFO1", "vmcb.control.exit_info_1", 64, nullptr,
              FromC::read),
      in_vmcb(&VmcbV::rflags, "VMCB.RFLAGS", "vmcb.save.rflags", 64, &rflags::format()),
      moved_about(in_vmcb(&VmcbV::dr6, "VMCB.DR6", "vmcb.save.dr6", 64, &dr6::format()),
                  dr6::nothing_pending),
      moved_about(
          in_vmcb(&VmcbV::dbgctl, "VMCB.DBGCTL", "vmcb.save.dbgctl", 64, &debugctl::format()), 0),
      in_vmcb(&VmcbV::cpl, "VMCB.CPL", "vmcb.save.cpl", 2, nullptr, FromC::read),
  };
}

/// The processor's own memory, which C cannot see.
Register inside(Field field, std::string_view name, unsigned width, const Format* format, Role role,
                std::uint64_t reset = 0) {
  return {.field = field,
          .name = name,
          .path = "",
          .width = width,
          .reset = reset,
          .format = format,
          .role = role,
          .from_c = FromC::hidden};
}

std::vector<Register> svm_registers() {
  return {
      inside(&SvmV::host_rflags, "HSAVE.RFLAGS", 64, &rflags::format(), Role::host_save_area),
      inside(&SvmV::host_debugctl, "HSAVE.DEBUGCTL", 64, &debugctl::format(), Role::host_save_area),
      inside(&SvmV::cached_intercepts, "cached intercepts", 32, &intercepts, Role::vmcb),
      inside(&SvmV::cached_dr6, "cached DR6", 64, &dr6::format(), Role::vmcb, dr6::nothing_pending),
      inside(&SvmV::cached_dbgctl, "cached DBGCTL", 64, &debugctl::format(), Role::vmcb),
  };
}

}  // namespace

VarId& at(Registers& registers, Field field) {
  if (const auto* of_cpu = std::get_if<VarId CpuV::*>(&field)) {
    return registers.cpu.**of_cpu;
  }
  if (const auto* of_vmcb = std::get_if<VarId VmcbV::*>(&field)) {
    return registers.vmcb.**of_vmcb;
  }
  return registers.svm.*std::get<VarId SvmV::*>(field);
}

bool is_on_reference_host(const Register& each, const Features& features) {
  return each.host != nullptr &&
         (!each.host_with.has_value() || features.contains(*each.host_with));
}

std::span<const Register> registers_declared() {
  static const std::vector<Register> table = [] {
    std::vector<Register> all = cpu_registers();
    for (const std::vector<Register>& more : {vmcb_registers(), svm_registers()}) {
      all.insert(all.end(), more.begin(), more.end());
    }
    return all;
  }();
  return table;
}

std::vector<const Format*> formats_declared() {
  std::vector<const Format*> result;
  for (const Register& each : registers_declared()) {
    if (each.format != nullptr &&
        std::find(result.begin(), result.end(), each.format) == result.end()) {
      result.push_back(each.format);
    }
  }
  return result;
}

VarId add_variable(TransitionSystem& system, const Register& like, std::string name,
                   std::uint64_t reset, Owner owner) {
  const Sort sort = like.width == 0 ? Sort::boolean() : Sort::bits(like.width);
  return system.add_variable(std::move(name), sort, system.pool->constant(sort, reset),
                             like.format == nullptr ? Display{} : display_of(*like.format), owner);
}

}  // namespace airlock::machine
