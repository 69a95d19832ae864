// Every trace of specs/kvm that a guest can see becomes a test, or it is said why not.
#include <doctest/doctest.h>

#include "checker/compare/decide.hpp"
#include "checker/testgen/constrain.hpp"
#include "checker/testgen/controls.hpp"
#include "checker/testgen/from_trace.hpp"
#include "checker/testgen/guest_event.hpp"
#include "checker/testgen/test_file.hpp"
#include "model/world/project.hpp"

namespace airlock {
namespace {

/// A fix's world and its decision about one property.
struct Found {
  Project project = Project::open({AIRLOCK_SOURCE_DIR "/specs/kvm"}, {});
  Subject subject;
  Decision decision;
  TraceHeading heading;

  Found(const std::string& fix, const std::string& property)
      : subject(project.build(project.fix(fix)).system) {
    const std::vector<const Property*> one{subject.system().find_property(property)};
    REQUIRE(one[0] != nullptr);
    EngineContext context;
    decision = decide(subject, one, [&](const Reduce& reduce) {
      return solve(reduce, Engine::explore, context);
    })[0];
    heading.model = "specs/kvm";
    heading.fix = fix;
    heading.parameters = {{"guest_debugctl_bits", "LBR"}};
  }
};

const char* const dr6 = "always_dr6_is_the_guests";
const char* const exceptions = "always_debug_exceptions_are_the_guests";

std::string text_of(const GuestProgram& program) {
  std::string text;
  for (const GuestStep& step : program) {
    text += (text.empty() ? "" : "; ") + to_text(step);
  }
  return text;
}

TEST_CASE("surprise 1 is a test of four instructions, with the controls that people ran by hand") {
  const Found found("merged", dr6);
  REQUIRE(found.decision.trace);
  const Trace& trace = *found.decision.trace;
  const auto made = test_from_trace(trace, found.heading);
  const GuestTest* test = std::get_if<GuestTest>(&made);
  REQUIRE(test != nullptr);
  CHECK(text_of(test->program) == "mov_from_dr6; popf TF; always_exits; db_handler; mov_from_dr6");
  CHECK(to_text(test->bare_metal) == "dr6=ffff0ff0@1 DB@3 dr6=ffff4ff0@4");
  CHECK(to_text(test->predicted) == "dr6=ffff0ff0@1 DB@3 dr6=ffff0ff0@4");
  CHECK(test->needs.empty());
  CHECK(test->host.empty());
  CHECK(test->not_by_a_guest.empty());

  std::size_t undecided = 0;
  const std::vector<Control> controls =
      controls_of(*test, *trace.system, reference_cpu(trace, found.heading), {}, undecided);
  CHECK(undecided == 0);
  std::string names;
  for (const Control& control : controls) {
    names += control.name + "\n";
  }
  CHECK(names ==
        "without instruction 1, mov_from_dr6\n"
        "without instruction 2, popf TF\n"
        "an exit before instruction 2, popf TF\n"
        "without instruction 3, always_exits\n"
        "nop instead of instruction 3, always_exits\n"
        "an exit before instruction 3, always_exits\n");
}

TEST_CASE("the fix for surprise 1 takes the difference away from the same guest") {
  const GuestProgram program{{GuestOp::mov_from_dr6},
                             {GuestOp::popf, true},
                             {GuestOp::always_exits},
                             {GuestOp::db_handler},
                             {GuestOp::mov_from_dr6}};
  Found merged("merged", dr6);
  CHECK(guest_sees_a_difference(merged.subject.pinned(merged.subject.pins()), program, {}).answer ==
        Reachability::reachable);
  const std::string idea = AIRLOCK_SOURCE_DIR "/specs/kvm/ideas/dr6-read-back.c";
  Found mended("merged+" + idea, dr6);
  CHECK(guest_sees_a_difference(mended.subject.pinned(mended.subject.pins()), program, {}).answer ==
        Reachability::unreachable);
}

TEST_CASE("held to a program, the guest retries what exits, and stops at #GP") {
  Found merged("merged", dr6);
  const TransitionSystem& system = merged.subject.pinned(merged.subject.pins());
  const auto differs = [&](const GuestProgram& program) {
    return guest_sees_a_difference(system, program, {}).answer == Reachability::reachable;
  };
  const GuestStep reads{GuestOp::mov_from_dr6};
  // The guest's own WRMSR of a bit that faults takes #GP, and what follows is never executed.
  CHECK_FALSE(differs({{GuestOp::wrmsr_debugctl, false, false, 0x800},
                       reads,
                       {GuestOp::popf, true},
                       {GuestOp::always_exits},
                       {GuestOp::db_handler},
                       reads}));
  // BLD=0 and BS as it was: operands are the program's.
  CHECK_FALSE(differs({{GuestOp::mov_to_dr6, false, false, 0xffff4ff0}, reads}));
  CHECK_FALSE(differs({reads, reads, {GuestOp::bus_lock}, {GuestOp::always_exits}, reads}));
  // At CPL 3, too: the handler that finds BS missing is at CPL 0.
  CHECK(differs(
      {reads, {GuestOp::iret, true, true}, {GuestOp::always_exits}, {GuestOp::db_handler}, reads}));
}

TEST_CASE("every trace about DR6 and #DBs of the ten rows is a test, or it is said why not") {
  struct Row {
    const char* fix;
    const char* property;
    const char* program;
    const char* condition;  ///< what keeps it from being run on any CPU, by any guest
  };
  const std::string spoilt_by_host = "step 2 is task_switch_block_step";
  const std::vector<Row> rows{
      {"none", dr6, "mov_from_dr6; mov_to_dr6 ffff07f0; mov_from_dr6", "host DEBUGCTL=BLCKDB"},
      {"none", exceptions, "iret CPL3 TF; popf; bus_lock", "not by a guest"},
      {"suppress-db", dr6, "mov_from_dr6; mov_to_dr6 ffff07f0; mov_from_dr6",
       "host DEBUGCTL=BLCKDB"},
      {"suppress-db", exceptions, "iret CPL3 TF; popf; bus_lock", "not by a guest"},
      {"virtualize-bld", dr6, "mov_from_dr6; mov_to_dr6 ffff07f0; mov_from_dr6",
       "host DEBUGCTL=BLCKDB"},
      {"virtualize-bld", exceptions, "iret CPL3 TF; popf; bus_lock", "not by a guest"},
      {"mask-bld", dr6, "wrmsr_debugctl 5; mov_from_dr6; mov_to_dr6 ffff07f0; mov_from_dr6",
       "needs DebugCtl"},
      {"mask-bld", exceptions, "popf TF; popf; nop", "not by a guest"},
      {"v1-early-snapshot", dr6,
       "wrmsr_debugctl 5; mov_from_dr6; mov_to_dr6 ffff07f0; mov_from_dr6", "needs DebugCtl"},
      {"v1-early-snapshot", exceptions, "wrmsr_debugctl 3; popf TF; nop; iret", "needs DebugCtl"},
      {"v1", dr6, "wrmsr_debugctl 5; mov_from_dr6; mov_to_dr6 ffff07f0; mov_from_dr6",
       "needs DebugCtl"},
      {"v1", exceptions, "wrmsr_debugctl 3; popf TF; popf; nop", "needs DebugCtl"},
      {"v2-as-posted", dr6, "mov_from_dr6; popf TF; always_exits; db_handler; mov_from_dr6", ""},
      {"v2-as-posted", exceptions, "wrmsr_debugctl 3; popf TF; popf; nop", "needs DebugCtl"},
      {"v2", dr6, "mov_from_dr6; popf TF; always_exits; db_handler; mov_from_dr6", ""},
      {"v2", exceptions, "wrmsr_debugctl 3; popf TF; popf; nop", "needs DebugCtl"},
      {"merged", dr6, "mov_from_dr6; popf TF; always_exits; db_handler; mov_from_dr6", ""},
      {"merged", exceptions, "", "holds"},
      {"always-lbrv", dr6, "wrmsr_debugctl 4; mov_from_dr6; mov_to_dr6 ffff07f0; mov_from_dr6",
       "host DEBUGCTL=BLCKDB"},
      {"always-lbrv", exceptions, "wrmsr_debugctl 2; popf TF; nop; iret", "host DEBUGCTL=BLCKDB"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.fix);
    CAPTURE(row.property);
    const Found found(row.fix, row.property);
    if (!found.decision.trace) {
      CHECK(row.condition == std::string("holds"));
      continue;
    }
    const auto made = test_from_trace(*found.decision.trace, found.heading);
    const GuestTest* test = std::get_if<GuestTest>(&made);
    REQUIRE(test != nullptr);
    CHECK(text_of(test->program) == row.program);
    CHECK(to_text(read_test("it", write_test(*test)).predicted) == to_text(test->predicted));
    const std::string condition = !test->not_by_a_guest.empty() ? "not by a guest"
                                  : !test->host.empty()         ? "host " + test->host.front()
                                  : !test->needs.empty()        ? "needs " + test->needs.front()
                                                                : "";
    CHECK(condition == row.condition);
    if (!test->not_by_a_guest.empty()) {
      CHECK(test->not_by_a_guest.front().starts_with(spoilt_by_host));
    }
    // The model, held to the program, can go wrong as the trace does.
    CHECK(guest_sees_a_difference(*found.decision.trace->system, test->program, {}).answer ==
          Reachability::reachable);
  }
}

TEST_CASE("a trace in which the guest sees nothing wrong is no test") {
  const Found found("none", "always_host_runs_with_its_own_debugctl");
  REQUIRE(found.decision.trace);
  const auto made = test_from_trace(*found.decision.trace, found.heading);
  REQUIRE(std::holds_alternative<NoTest>(made));
  CHECK(std::get<NoTest>(made).why.find("what is wrong is not seen by a guest") !=
        std::string::npos);
}

TEST_CASE("every rule of the guest's says which instruction it is and whether it completes") {
  const Project project = Project::open({AIRLOCK_SOURCE_DIR "/specs/kvm"}, {});
  const World world = project.build(project.fix("merged"));
  std::size_t completing = 0;
  std::size_t exiting = 0;
  std::size_t by_software = 0;
  std::size_t interrupts = 0;
  for (const Rule& rule : world.system.rules) {
    CAPTURE(rule.name);
    const GuestEvent event = guest_event(rule);
    if (rule.actor == "guest") {
      CHECK(event.instruction.has_value());
      CHECK(event.completes != event.exits);
      completing += event.completes ? 1 : 0;
      exiting += event.exits ? 1 : 0;
    } else {
      CHECK_FALSE(event.exits);
      by_software += event.completes ? 1 : 0;
      interrupts += event.interrupt ? 1 : 0;
    }
  }
  CHECK(completing >= machine::all_instructions.size() - 1);  // one always exits
  CHECK(exiting == 5);
  CHECK(by_software > 0);
  CHECK(interrupts == 2);
}

}  // namespace
}  // namespace airlock
