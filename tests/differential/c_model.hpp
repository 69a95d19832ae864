// Random spec files: small hypervisors without a guest, in C, with actors, a boot() and properties.
// c_program.hpp makes programs for what C means; these are for what becomes of it: steps, where
// actors come between them, undefined behaviour as a property, and the engines on all that.
#pragma once

#include <string>

#include "tests/differential/decisions.hpp"

namespace airlock::test {

/// A whole spec file. All its variables stay small, so that its states can be counted; it may be
/// beyond a limit of the language (a loop without a step).
std::string random_c_model(Decisions& decisions);

}  // namespace airlock::test
