// Properties written in C, and the two that every world has.
#pragma once

#include <vector>

#include "model/software/lower.hpp"
#include "model/world/entries.hpp"
#include "model/world/layout.hpp"
#include "model/world/platform.hpp"

namespace airlock {

/// Adds a property for each function of the program that the entries say is one, plus
/// always_well_defined. The system's rules must be complete. A comment's
/// last paragraph may begin with "Trace:" and is then the sentence at the end of a trace, with
/// {cpu.debugctl} for values. `operands`, if not null, is told what the always_ and never_
/// functions among them look at in some states only.
void add_properties(TransitionSystem& system, const Layout& layout, const Program& program,
                    const Entries& entries, const MachinePlatform& platform,
                    const GlobalBindings& globals, std::vector<PropertyOperand>* operands);

/// Adds always_can_continue. The system's rules must be complete. Throws InputError if too many
/// values decide where the program goes. Takes about as long as all the rest of composing.
void add_can_continue(TransitionSystem& system);

}  // namespace airlock
