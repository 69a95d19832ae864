// Whether what is missing at the end of a trace comes after all. See late.cpp.
#pragma once

#include <string>

#include "checker/compare/subject.hpp"
#include "checker/trace/trace.hpp"

namespace airlock {

/// Where the trace of a violation ends with something missing (TransitionSystem::lateness) that can
/// still come although nobody waits for it by doing more: a sentence that says so and when. Else
/// empty, also where that was not found out within a limit of states: then nothing is claimed.
std::string comes_late(Subject& subject, const Pins& pins, const Trace& trace);

}  // namespace airlock
