// The guest's program on bare metal: the reference guest by itself, without a host, exits and
// interrupts.
#pragma once

#include "model/world/layout.hpp"

namespace airlock {

/// Fills `system`, whose layout with its program is already there, with rules by which the
/// reference guest runs the program. Every #DB is taken where it is raised. The machine and the
/// host stay as they are at reset and mean nothing.
void compose_guest_alone(TransitionSystem& system, const Layout& layout);

}  // namespace airlock
