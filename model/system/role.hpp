// Whose a variable is: what traces and statements about two runs may ask of it. The name of its
// group is for people.
#pragma once

#include <cstdint>
#include <string_view>

namespace airlock {

enum class Role : std::uint8_t {
  other,           ///< a system of a test
  cpu,             ///< a register of a physical CPU
  cpu_mode,        ///< the one that is not 0 while a guest runs
  vmcb,            ///< memory that the processor and the vCPU's thread share
  host_save_area,  ///< where VMRUN puts the host's state
  software,        ///< a global, or the software's bookkeeping
  guest_saw,       ///< what went wrong for the guest in the step just taken
  observation,     ///< what the guest observed in the step just taken
  guests_program,  ///< what the guest does next, where two copies run one program
  guest_view,      ///< what the guest's registers should be while it runs
  reference_guest,
  reference_host,
  choice,  ///< a point on which the manual is silent; no rule writes it
};

/// The group's name in traces and JSON: "cpu", "vmcb", "host save area", "kvm", "guest view",
/// "reference guest", "reference host", "reading", …; empty for `other`.
std::string_view group_name(Role role);

constexpr bool is_cpu(Role role) {
  return role == Role::cpu || role == Role::cpu_mode;
}
/// What the physical CPU's registers are compared with.
constexpr bool is_reference(Role role) {
  return role == Role::guest_view || role == Role::reference_guest || role == Role::reference_host;
}

/// Whose a variable is, and whether traces tell of it.
struct Owner {
  Role role = Role::other;
  bool hidden = false;
  constexpr Owner(Role whose = Role::other, bool never_shown = false)  // NOLINT: a role is enough
      : role(whose), hidden(never_shown) {}
};
/// Of two runs side by side, which one.
enum class Copy : std::uint8_t { a, b };

/// Bookkeeping that no trace tells of.
constexpr Owner hidden(Role role = Role::other) {
  return {role, true};
}

}  // namespace airlock
