#include "checker/cli/trace_as_test.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "checker/cli/engine_progress.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/testgen/c_program.hpp"
#include "checker/testgen/controls.hpp"
#include "checker/testgen/from_trace.hpp"
#include "checker/testgen/test_file.hpp"

namespace airlock {

namespace {

bool print_in_form(const GuestTest& test, const std::string& form) {
  if (form == "test") {
    print(write_test(test));
    return true;
  }
  if (!test.not_by_a_guest.empty()) {
    print_error("no C file can be made of this trace: not reproducible by a guest alone: " +
                test.not_by_a_guest.front() + "\n");
    return false;
  }
  try {
    std::vector<std::string> left_out;
    const std::string text =
        form == "selftest" ? write_selftest(test, left_out) : write_kvm_unit_test(test, left_out);
    for (const std::string& each : left_out) {
      print_error("a control is left out: " + each + "\n");
    }
    print(text);
    return true;
  } catch (const NotInC& not_in_c) {
    print_error(std::string("no C file can be made of this trace: ") + not_in_c.what() +
                "; --as test has it\n");
    return false;
  }
}

/// The test with its controls, in its form. Whether it has one.
bool print_with_controls(const Session& session, GuestTest test, const Trace& trace,
                         const TraceHeading& heading) {
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
  return print_in_form(test, session.options().as);
}

/// The same question where nobody acts but the guest, the vCPU's thread and boot().
Options without_actors(const Session& session) {
  Options options = session.options();
  options.actors.clear();
  options.no_actors.clear();
  for (const Actor& actor : session.project().actors()) {
    options.no_actors.push_back(actor.name);
  }
  return options;
}

/// A trace that a guest alone can make, if there is one. Whether it has the form that is asked for;
/// nothing: there is no such trace.
std::optional<bool> print_of_guest_alone(const Session& session, const std::string& property,
                                         const FindTrace& find_trace) {
  const std::vector<std::string> actors = session.enabled_actors();
  if (actors.empty()) {
    return std::nullopt;
  }
  const Session alone(without_actors(session));
  const Fix fix = alone.fix();
  const std::unique_ptr<Subject> subject = alone.build(fix);
  const Decision decision = find_trace(alone, *subject, subject->system().find_property(property));
  check_interrupted();
  if (!decision.trace) {
    return std::nullopt;
  }
  const TraceHeading heading = alone.heading(fix, decision.pins);
  std::variant<GuestTest, NoTest> made = test_from_trace(*decision.trace, heading);
  GuestTest* const test = std::get_if<GuestTest>(&made);
  if (test == nullptr || !test->not_by_a_guest.empty()) {
    return std::nullopt;
  }
  print_error(
      fmt::format("this is not the shortest trace, but one of {} steps without {}, which no "
                  "guest can cause\n",
                  decision.trace->steps(), fmt::join(actors, " and ")));
  return print_with_controls(alone, std::move(*test), *decision.trace, heading);
}

}  // namespace

bool print_trace_as_test(const Session& session, const Fix& fix, const Decision& decision,
                         const FindTrace& find_trace) {
  const Trace& trace = *decision.trace;
  const TraceHeading heading = session.heading(fix, decision.pins);
  std::variant<GuestTest, NoTest> made = test_from_trace(trace, heading);
  GuestTest* const test = std::get_if<GuestTest>(&made);
  if (test != nullptr && !test->not_by_a_guest.empty()) {
    const std::optional<bool> printed =
        print_of_guest_alone(session, trace.property->name, find_trace);
    if (printed) {
      return *printed;
    }
  }
  if (test == nullptr) {
    print_error("no test can be made of this trace: " + std::get<NoTest>(made).why + "\n");
    return false;
  }
  return print_with_controls(session, std::move(*test), trace, heading);
}

}  // namespace airlock
