// The model's guest, held to a program.
#pragma once

#include "checker/engine.hpp"
#include "checker/testgen/guest_program.hpp"

namespace airlock {

/// `system` with a guest that executes `program` and then one instruction that does nothing
/// special, and that does nothing after a #DB that no db_handler waits for, or after a #GP. Host,
/// hardware and actors do what they always may. Builds expressions in the system's pool. The
/// system must be a world with one guest.
TransitionSystem constrained(const TransitionSystem& system, const GuestProgram& program);

/// Whether some run of constrained(system, program) shows the guest what bare metal would not: a
/// wrong value read, a #DB lost or spurious. Unknown where time or memory runs out.
Outcome guest_sees_a_difference(const TransitionSystem& system, const GuestProgram& program,
                                const EngineContext& context);

}  // namespace airlock
