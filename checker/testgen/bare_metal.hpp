// What a guest's program sees where there is no hypervisor.
#pragma once

#include <vector>

#include "checker/testgen/guest_program.hpp"
#include "model/system/pin.hpp"

namespace airlock {

/// The CPU that the guest takes its own to be.
struct BareCpu {
  std::uint64_t debugctl_bits = 1;  ///< DebugCtl bits that it implements, by KVM's convention
  Pins choices;  ///< the option of each hardware choice; one that is missing or "any" is the first
};

/// Runs the program on model/machine alone, from reset: CPL 0, TF=0, DebugCtl 0, nothing pending in
/// DR6. Throws std::invalid_argument for an instruction that needs CPL 0 and runs at CPL 3.
std::vector<Seen> on_bare_metal(const GuestProgram& program, const BareCpu& cpu);

/// CPL and TF as each instruction starts, on bare metal; parallel to the program (an entry for
/// db_handler, too: after it).
struct BareMoment {
  bool user = false;
  bool tf = false;
};
std::vector<BareMoment> moments_on_bare_metal(const GuestProgram& program, const BareCpu& cpu);

}  // namespace airlock
