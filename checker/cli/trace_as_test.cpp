#include "checker/cli/trace_as_test.hpp"

#include <fmt/format.h>

#include "checker/cli/engine_progress.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/testgen/controls.hpp"
#include "checker/testgen/from_trace.hpp"
#include "checker/testgen/test_file.hpp"

namespace airlock {

bool print_trace_as_test(const Session& session, const Fix& fix, const Decision& decision) {
  const Trace& trace = *decision.trace;
  const TraceHeading heading = session.heading(fix, decision.pins);
  std::variant<GuestTest, NoTest> made = test_from_trace(trace, heading);
  if (const NoTest* none = std::get_if<NoTest>(&made)) {
    print_error("no test can be made of this trace: " + none->why + "\n");
    return false;
  }
  GuestTest& test = std::get<GuestTest>(made);
  std::size_t undecided = 0;
  {
    ProgressLine line(session.options().quiet);
    test.controls = controls_of(test, *trace.system, reference_cpu(trace, heading),
                                with_progress(session.context(), line, "controls"), undecided);
  }
  check_interrupted();
  if (undecided != 0) {
    print_error(
        fmt::format("{} possible controls are left out: out of time or memory\n", undecided));
  }
  print(write_test(test));
  return true;
}

}  // namespace airlock
