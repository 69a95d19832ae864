// A trace becomes a test.
#pragma once

#include <string>
#include <variant>

#include "checker/testgen/bare_metal.hpp"
#include "checker/testgen/guest_test.hpp"
#include "checker/trace/trace.hpp"

namespace airlock {

/// Why a trace is no test at all, in one sentence.
struct NoTest {
  std::string why;
};

/// The test that `trace` is, without controls; or why there is none. Replays what it adds to the
/// trace (an instruction that exited is retried), so it builds no expressions in the trace's pool.
std::variant<GuestTest, NoTest> test_from_trace(const Trace& trace, const TraceHeading& heading);

/// The CPU that the trace's reference guest has.
BareCpu reference_cpu(const Trace& trace, const TraceHeading& heading);

}  // namespace airlock
