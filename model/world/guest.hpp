// Guest mode: what may happen between VMRUN and #VMEXIT.
#pragma once

#include "model/world/layout.hpp"

namespace airlock {

/// Adds the rules of the guest's instructions and of physical INTR and NMI in guest mode.
void add_guest_rules(TransitionSystem& system, const Layout& layout);

/// VMRUN as software executes it: entry, and the delivery of an injected #DB. `software_dr6` is the
/// DR6 that software would give the guest if it reads DR6 through an intercept (invalid: what the
/// VMCB holds). Returns the ways it can go.
std::vector<Step> run_vmrun(Step step, const Layout& layout, Expr software_dr6);

/// The values that a guest may write: to DebugCtl or to DR6. Few bits, every behaviour: see the
/// argument in guest.cpp.
Expr any_debugctl_operand(Step& step);
Expr any_dr6_operand(Step& step);

}  // namespace airlock
