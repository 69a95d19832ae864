// Controls: variations of a test in which, by the model, nothing goes wrong.
#pragma once

#include "checker/engine.hpp"
#include "checker/testgen/bare_metal.hpp"
#include "checker/testgen/guest_test.hpp"

namespace airlock {

/// Of the test's program without each of its instructions but the last, with a nop instead of one
/// that always exits, and with a page fault before each instruction: those in which no run of the
/// model shows the guest what bare metal would not, whatever host and hardware do. `system` is the
/// one that the test's trace is of. `undecided` counts those for which time or memory ran out.
std::vector<Control> controls_of(const GuestTest& test, const TransitionSystem& system,
                                 const BareCpu& cpu, const EngineContext& context,
                                 std::size_t& undecided);

}  // namespace airlock
