#include "model/system/role.hpp"

namespace airlock {

std::string_view group_name(Role role) {
  switch (role) {
    case Role::cpu:
    case Role::cpu_mode: return "cpu";
    case Role::vmcb: return "vmcb";
    case Role::host_save_area: return "host save area";
    case Role::software: return "kvm";
    case Role::guest_saw: return "guest saw";
    case Role::observation: return "guest's observation";
    case Role::guests_program: return "guest's program";
    case Role::guest_view: return "guest view";
    case Role::reference_guest: return "reference guest";
    case Role::reference_host: return "reference host";
    case Role::choice: return "reading";
    case Role::other: break;
  }
  return "";
}

}  // namespace airlock
