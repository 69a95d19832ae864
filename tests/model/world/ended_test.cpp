// What ends in undefined behaviour has ended: no later statement, of the same step or another, is
// executed. Beside each case, the same without the mistake goes on.
#include <doctest/doctest.h>
#include <set>

#include "checker/explore/explore.hpp"
#include "model/software/program.hpp"
#include "model/system/input_error.hpp"
#include "model/system/pin.hpp"
#include "model/system/reduce.hpp"
#include "model/world/compose.hpp"
#include "model/world/entries.hpp"
#include "model/world/platform.hpp"

using namespace airlock;

namespace {

TransitionSystem world_of(const std::string& text) {
  TransitionSystem skeleton;
  const Layout skeleton_layout = add_layout(skeleton, {});
  const MachinePlatform platform(skeleton_layout);
  const std::vector<SourceFile> base{{"f.c", "#include <airlock/svm.h>\nu32 a;\n" + text +
                                                 "\nbool reachable_a1(void) { return a == 1; }\n"
                                                 "bool reachable_a2(void) { return a == 2; }\n"}};
  const Program program = Program::check(base, {}, platform);
  std::set<std::string> actors;
  for (const ActorEntry& actor : entries_by_name(program).actors) {
    actors.insert(actor.name);
  }
  TransitionSystem system;
  const Layout layout = add_layout(system, {});
  compose(system, layout, {program, actors});
  return pin(system, default_pins(system));
}

bool reached(const TransitionSystem& system, const std::string& property) {
  const std::vector<Expr> targets{target_of(*system.find_property(property))};
  const Reduction reduction(system, targets);
  const ExploreResult found = explore(reduction.system(), reduction.targets());
  REQUIRE(found.outcomes[0].answer != Reachability::unknown);
  return found.outcomes[0].path.has_value();
}

/// Undefined, and neither `a = 1` nor `a = 2` after it is reached.
void ends(const std::string& text) {
  CAPTURE(text);
  const TransitionSystem system = world_of(text);
  CHECK(reached(system, "always_well_defined"));
  CHECK_FALSE(reached(system, "reachable_a1"));
  CHECK_FALSE(reached(system, "reachable_a2"));
}

void goes_on(const std::string& text) {
  CAPTURE(text);
  const TransitionSystem system = world_of(text);
  CHECK_FALSE(reached(system, "always_well_defined"));
  CHECK(reached(system, "reachable_a2"));
}

const std::string up_15 =
    "static void up(void) { for (int i = 0; i < 15; i++) preempt_disable(); }\n";
const std::string down_15 =
    "static void down(void) { for (int i = 0; i < 15; i++) preempt_enable(); }\n";

}  // namespace

TEST_CASE("preempt_enable() below zero ends vcpu_run(), also in functions and loops") {
  ends("void vcpu_run(void) { preempt_enable(); a = 1; clgi(); a = 2; stgi(); }");
  ends(
      "static void f(void) { preempt_enable(); a = 1; }\n"
      "void vcpu_run(void) { f(); a = 1; clgi(); a = 2; stgi(); }");
  ends("void vcpu_run(void) { for (int i = 0; i < 2; i++) { preempt_enable(); a = 1; } a = 2; }");
  ends(
      "void vcpu_run(void) { while (any_bool()) { preempt_enable(); a = 1; clgi(); a = 2; } "
      "stgi(); }");
  goes_on(
      "void vcpu_run(void) { preempt_disable(); preempt_enable(); a = 1; clgi(); a = 2; "
      "stgi(); }");
}

TEST_CASE("preempt_disable() beyond 15 ends vcpu_run()") {
  ends(up_15 + "void vcpu_run(void) { up(); preempt_disable(); a = 1; clgi(); a = 2; stgi(); }");
  goes_on(up_15 + down_15 + "void vcpu_run(void) { up(); a = 1; clgi(); a = 2; stgi(); down(); }");
}

TEST_CASE("completing an instruction that did not exit ends vcpu_run()") {
  for (const char* call : {"guest_instruction_completes(0)", "guest_takes_gp()"}) {
    const std::string completes(call);
    ends("void vcpu_run(void) { " + completes + "; a = 1; clgi(); a = 2; stgi(); }");
    ends("static void f(void) { " + completes +
         "; a = 1; }\n"
         "void vcpu_run(void) { f(); clgi(); a = 2; stgi(); }");
    ends(
        "void vcpu_create(void) { set_intercept(INTERCEPT_INTR); }\n"
        "void vcpu_run(void) { clgi(); vmrun(); if (vmcb.control.exit_code == SVM_EXIT_INTR) { " +
        completes + "; a = 1; stgi(); a = 2; } stgi(); }");
    goes_on(
        "void vcpu_run(void) { clgi(); vmrun(); if (vmcb.control.exit_code == SVM_EXIT_CPUID) "
        "{ " +
        completes + "; a = 1; stgi(); a = 2; } stgi(); }");
  }
}

TEST_CASE("it ends actors, boot() and vcpu_load(), and whatever would come after them") {
  const std::string run = "void vcpu_run(void) { clgi(); stgi(); }\n";
  ends("void nmi_n(void) { preempt_enable(); a = 1; }\n" + run);
  ends("static void f(void) { preempt_enable(); a = 1; }\nvoid nmi_n(void) { f(); a = 2; }\n" +
       run);
  ends(
      "void boot(void) { preempt_enable(); a = 1; }\n"
      "void vcpu_run(void) { a = 2; clgi(); a = 2; stgi(); }\n");
  const std::string switches = "void vcpu_create(void) { local_irq_enable(); }\n" + run;
  ends("void vcpu_load(void) { preempt_enable(); a = 1; }\nvoid task_switch_t(void) {}\n" +
       switches);
  ends("void vcpu_load(void) { a = 2; }\nvoid task_switch_t(void) { preempt_enable(); a = 1; }\n" +
       switches);
  goes_on(
      "void vcpu_load(void) { preempt_disable(); preempt_enable(); a = 1; }\n"
      "void task_switch_t(void) {}\nvoid nmi_n(void) { a = 2; }\n" +
      switches);
}

TEST_CASE("in vcpu_create() and guest_dr6() it is an error") {
  const std::string run = "void vcpu_run(void) { clgi(); vmrun(); stgi(); }\n";
  for (const char* call :
       {"preempt_enable()", "guest_instruction_completes(0)", "guest_takes_gp()"}) {
    CHECK_THROWS_WITH_AS(world_of("void vcpu_create(void) { " + std::string(call) + "; }\n" + run),
                         doctest::Contains("undefined behaviour in vcpu_create()"), InputError);
  }
  CHECK_THROWS_WITH_AS(world_of("u64 guest_dr6(void) { preempt_enable(); return 0; }\n" + run),
                       doctest::Contains("guest_dr6()"), InputError);
}

TEST_CASE("a step that has ended refuses what would change it") {
  TransitionSystem system;
  const VarId x = system.add_variable("x", Sort::bits(4), system.pool->bits(4, 0));
  Step step(system, "step", "actor");
  step.set(x, system.pool->bits(4, 3));
  step.end("enough");
  CHECK(*step.ended() == "enough");
  CHECK_THROWS_AS(step.set(x, system.pool->bits(4, 1)), std::logic_error);
  CHECK_THROWS_AS(step.assume(system.pool->boolean(false)), std::logic_error);
  CHECK_THROWS_AS((void)step.choose("c", Sort::boolean(), ""), std::logic_error);
  CHECK_THROWS_AS(step.cause({}), std::logic_error);
  CHECK_THROWS_AS(step.end("again"), std::logic_error);
  step.finish();
  REQUIRE(system.rules.size() == 1);
  CHECK(system.rules[0].updates.at(0).value.is_value(3));
}
