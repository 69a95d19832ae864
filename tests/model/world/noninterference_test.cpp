// Products of two worlds: what follows whom, and which worlds leak.
#include "model/world/noninterference.hpp"

#include <doctest/doctest.h>
#include <set>

#include "checker/explore/explore.hpp"
#include "checker/prove/prove.hpp"
#include "model/software/program.hpp"
#include "model/system/interpreter.hpp"
#include "model/system/pin.hpp"
#include "model/system/reduce.hpp"
#include "model/world/compose.hpp"
#include "model/world/equivalence.hpp"
#include "model/world/observe.hpp"
#include "model/world/platform.hpp"
#include "model/world/twin.hpp"

using namespace airlock;

namespace {

LaidOutWorld make_world(const std::string& text, const WorldOptions& options) {
  TransitionSystem skeleton;
  const Layout skeleton_layout = add_layout(skeleton, {});
  const MachinePlatform platform(skeleton_layout);
  const std::vector<SourceFile> base{{"model.c", "#include <airlock/svm.h>\n" + text}};
  const Program program = Program::check(base, {}, platform);
  std::set<std::string> actors;
  for (const ActorEntry& actor : entries_by_name(program).actors) {
    actors.insert(actor.function);
  }
  LaidOutWorld world;
  world.layout = add_layout(world.system, options);
  compose(world.system, world.layout, {program, actors});
  return world;
}

WorldOptions followed() {
  WorldOptions options;
  options.observe_guest = true;
  options.follow_guest = true;
  return options;
}

TwinSystem to_guest(const std::string& text) {
  return host_to_guest(make_world(text, followed()));
}
TwinSystem to_host(const std::string& text) {
  return guest_to_host(make_world(text, {}));
}

/// Whether the system's property is violated, by exhaustive search; paths are replayed.
bool violated(const TransitionSystem& system) {
  const TransitionSystem pinned = pin(system, default_pins(system));
  const std::vector<Expr> targets{target_of(pinned.properties.front())};
  const Reduction reduction(pinned, targets);
  const ExploreResult found = explore(reduction.system(), reduction.targets());
  REQUIRE(found.outcomes.front().answer != Reachability::unknown);
  if (found.outcomes.front().path) {
    const std::vector<State> states = replay(pinned, reduction.lift(*found.outcomes.front().path));
    CHECK(evaluate(targets.front(), states.back()) == 1);
  }
  return found.outcomes.front().answer == Reachability::reachable;
}

/// Whether one of the events can be seen by both guests together.
bool both_can_see(const TwinSystem& twin, std::uint64_t event) {
  TransitionSystem system = twin.system;
  const auto sees = [&](const char* name) {
    const Expr e = system.variable(*system.find_variable(name));
    return eq(e, same_sort(e, event));
  };
  system.properties.front().predicate = !(sees("A.observed") && sees("B.observed"));
  return violated(system);
}

const std::string guest_alone =
    "void vcpu_create(void) { vmcb.save.dr6 = DR6_ACTIVE_LOW; set_intercept(INTERCEPT_INTR);\n"
    "  set_intercept(INTERCEPT_NMI); vmcb.control.int_ctl = V_INTR_MASKING_MASK;\n"
    "  set_intercept(INTERCEPT_DB); vmcb_mark_all_dirty(); }\n";
/// The guest's DebugCtl is what the hardware has; a #DB is injected again.
const std::string run =
    "void vcpu_run(void) {\n"
    "  clgi(); BEFORE vmrun(); AFTER stgi();\n"
    "  if (vmcb.control.exit_code == SVM_EXIT_EXCP_DB)\n"
    "    vmcb.control.event_inj = SVM_EVTINJ_VALID | SVM_EVTINJ_TYPE_EXEPT | DB_VECTOR;\n"
    "  if (vmcb.control.exit_code == SVM_EXIT_CPUID) guest_instruction_completes(0);\n"
    "  vmcb_mark_all_dirty();\n"
    "}\n";

std::string with(const std::string& before, const std::string& after,
                 const std::string& more = "") {
  std::string text = more + guest_alone + run;
  text.replace(text.find("BEFORE"), 6, before);
  text.replace(text.find("AFTER"), 5, after);
  return text;
}

const std::string boot_blckdb =
    "void boot(void) { if (any_bool()) update_debugctlmsr(DEBUGCTLMSR_BUS_LOCK_DETECT); }\n";

/// A world switch as it should be: DebugCtl is saved and restored, the guest's value kept.
const std::string closed_switch = with("host = get_debugctlmsr(); update_debugctlmsr(guest);",
                                       "guest = get_debugctlmsr(); update_debugctlmsr(host);",
                                       "u64 host; u64 guest;\n" + boot_blckdb);
const std::string open_switch = with("", "", boot_blckdb);

}  // namespace

TEST_CASE("a guest that runs with the host's DebugCtl sees which host it has") {
  CHECK(violated(to_guest(open_switch).system));
}

TEST_CASE("a guest whose DebugCtl is switched does not see the host, and its host not the guest") {
  const TwinSystem twin = to_guest(closed_switch);
  CHECK_FALSE(violated(twin.system));
  CHECK_FALSE(violated(twin.support));
  const TwinSystem back = to_host(closed_switch);
  CHECK_FALSE(violated(back.system));
  CHECK_FALSE(violated(back.support));
}

TEST_CASE(
    "two guests that see the same really meet: at RDMSR, at a completion by software, at #DB") {
  const TwinSystem twin = to_guest(closed_switch);
  CHECK(both_can_see(twin, observed_completion(machine::Instruction::rdmsr_debugctl)));
  CHECK(both_can_see(twin, observed_completion(machine::Instruction::always_exits)));
  CHECK(both_can_see(twin, observed_db));
}

TEST_CASE("a host that the guest's WRMSR reaches is a leak to the host") {
  CHECK(violated(to_host(open_switch).system));
}

TEST_CASE("a lost #DB differs from one taken") {
  std::string world = with("", "");
  const std::string test = "SVM_EXIT_EXCP_DB)";
  world.replace(world.find(test), test.size(), "SVM_EXIT_EXCP_DB && !any_bool())");
  CHECK_FALSE(violated(to_guest(with("", "")).system));
  CHECK(violated(to_guest(world).system));
}

TEST_CASE("software that asks for an operand after another exit does not settle what comes next") {
  // With a secret bit, the #DB of the first instruction after an NMI is lost if that went to CPL 3
  // with TF: an IRET. Looking at the operand of an instruction that nobody began must not fix the
  // operands of that IRET.
  const std::string world =
      "u64 seen; bool secret; bool armed;\n"
      "void boot(void) { secret = any_bool(); }\n" +
      guest_alone +
      "void vcpu_run(void) {\n"
      "  clgi(); vmrun(); stgi();\n"
      "  if (vmcb.control.exit_code == SVM_EXIT_EXCP_DB &&\n"
      "      !(armed && vmcb.save.cpl == 3 && (vmcb.save.rflags & X86_EFLAGS_TF)))\n"
      "    vmcb.control.event_inj = SVM_EVTINJ_VALID | SVM_EVTINJ_TYPE_EXEPT | DB_VECTOR;\n"
      "  armed = false;\n"
      "  if (vmcb.control.exit_code == SVM_EXIT_NMI) {\n"
      "    seen = ASKED;\n"
      "    armed = secret && vmcb.save.cpl == 0 && (vmcb.save.rflags & X86_EFLAGS_TF);\n"
      "  }\n"
      "  if (vmcb.control.exit_code == SVM_EXIT_CPUID) guest_instruction_completes(0);\n"
      "  vmcb_mark_all_dirty();\n"
      "}\n";
  for (const std::string asked : {"0", "guest_operand()"}) {
    std::string text = world;
    CHECK(violated(to_guest(text.replace(text.find("ASKED"), 5, asked)).system));
  }
}

TEST_CASE("#GP instead of completion is seen") {
  std::string world = with("", "");
  world.replace(world.find("guest_instruction_completes(0);"), 31,
                "{ if (any_bool()) guest_takes_gp(); else guest_instruction_completes(0); }");
  CHECK(violated(to_guest(world).system));
}

TEST_CASE("a quiet host that never brings its guest on supports nothing") {
  const std::string stuck = "void vcpu_run(void) { clgi(); if (any_bool()) vmrun(); stgi(); }\n";
  const TwinSystem twin = to_guest(stuck);
  CHECK_FALSE(violated(twin.system));
  CHECK(violated(twin.support));
}

TEST_CASE("an actor that a host without a guest cannot follow supports nothing") {
  const std::string world =
      "bool seen;\nvoid task_switch_a(void) {}\nvoid vcpu_load(void) { assume(seen); }\n" +
      with("", "seen = true;");
  CHECK(violated(to_host(world).support));
  CHECK_FALSE(violated(to_host(closed_switch).support));
}

TEST_CASE("calmer products have the same rules, and their paths are paths of the whole") {
  const TwinSystem twin = to_guest(open_switch);
  REQUIRE(twin.calmer.size() == 2);
  for (const TransitionSystem& calm : twin.calmer) {
    REQUIRE(calm.rules.size() == twin.system.rules.size());
    const TransitionSystem pinned = pin(calm, default_pins(calm));
    const std::vector<Expr> targets{target_of(pinned.properties.front())};
    const Reduction reduction(pinned, targets);
    const ExploreResult found = explore(reduction.system(), reduction.targets());
    REQUIRE(found.outcomes.front().path);
    const TransitionSystem whole = pin(twin.system, default_pins(twin.system));
    CHECK_NOTHROW(replay(whole, reduction.lift(*found.outcomes.front().path)));
  }
}

TEST_CASE("exhaustive search and PDR agree about the products of small worlds") {
  for (const std::string& world : {open_switch, closed_switch}) {
    const TwinSystem twin = to_host(world);
    const TransitionSystem pinned = pin(twin.system, default_pins(twin.system));
    const std::vector<Expr> targets{target_of(pinned.properties.front())};
    const Reduction reduction(pinned, targets);
    const Outcome proof = pdr(reduction.system(), reduction.targets().front(), {});
    REQUIRE(proof.answer != Reachability::unknown);
    CHECK((proof.answer == Reachability::reachable) == violated(twin.system));
  }
}

TEST_CASE("a direct #DB comes after its instruction's completion, as one that is injected does") {
  // Without the #DB intercept the hardware delivers in the instruction's own step.
  std::string direct = with("", "");
  direct.replace(direct.find("set_intercept(INTERCEPT_DB);"), 28, "");
  const TwinSystem twin = to_guest(direct);
  CHECK(both_can_see(twin, observed_db));
  CHECK_FALSE(violated(twin.system));
  // Intercepted or not, as the host likes: the guest sees the same events.
  std::string either = with(
      "if (any_bool()) set_intercept(INTERCEPT_DB); else "
      "clr_intercept(INTERCEPT_DB); vmcb.save.dr6 = DR6_ACTIVE_LOW;",
      "");
  CHECK(both_can_see(to_guest(either), observed_db));
}

TEST_CASE("choices of one kind are the same in joint steps, whatever lines they are on") {
  CHECK(kind_of_input({"any_bool() a.c:3:7", Sort::boolean(), ""}) == "any_bool()");
  CHECK(kind_of_input({"any_bool() a.c:3:7 #2", Sort::boolean(), ""}) == "any_bool()");
  CHECK(kind_of_input({"use the cached copy: DRx", Sort::boolean(), ""}) ==
        "use the cached copy: DRx");
  CHECK(kind_of_input({"DR6 operand: BLD", Sort::boolean(), ""}) == "DR6 operand: BLD");
}

namespace {

bool equivalent(const std::string& original, const std::string& changed) {
  WorldOptions options;
  options.observe_guest = true;
  return !violated(equivalence(make_world(original, options), make_world(changed, options)));
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  REQUIRE(text.find(what) != std::string::npos);
  return text.replace(text.find(what), what.size(), with);
}

}  // namespace

TEST_CASE("a world is equivalent to itself, whatever it leaks") {
  CHECK(equivalent(closed_switch, closed_switch));
  CHECK(equivalent(open_switch, open_switch));
  const std::string writes =
      "void vcpu_run(void) { update_debugctlmsr(1); update_debugctlmsr(2); }\n";
  CHECK(equivalent(writes, writes));
  CHECK(equivalent(writes, replaced(writes, "(1);", "(1); update_debugctlmsr(1);")));
  CHECK_FALSE(equivalent(writes, replaced(writes, "(1);", "(1); update_debugctlmsr(0);")));
}

TEST_CASE("one more write of the same value is equivalent, of another one is not") {
  CHECK(equivalent(closed_switch, replaced(closed_switch, "update_debugctlmsr(guest);",
                                           "update_debugctlmsr(0); update_debugctlmsr(guest);")));
  CHECK_FALSE(equivalent(closed_switch, replaced(closed_switch, "update_debugctlmsr(guest);",
                                                 "update_debugctlmsr(0);")));
  CHECK_FALSE(equivalent(closed_switch, open_switch));
  CHECK_FALSE(equivalent(open_switch, closed_switch));
}

TEST_CASE("a #DB that is not injected, and a completion that becomes #GP, are no equivalents") {
  const std::string plain = with("", "");
  CHECK_FALSE(equivalent(plain, replaced(plain, "SVM_EXIT_EXCP_DB)", "SVM_EXIT_INTR)")));
  CHECK_FALSE(
      equivalent(plain, replaced(plain, "guest_instruction_completes(0)", "guest_takes_gp()")));
}

namespace {

bool silent_for_ever(const std::string& text) {
  WorldOptions options;
  options.observe_guest = true;
  return violated(silence_ends(make_world(text, options)));
}

}  // namespace

TEST_CASE("a loop that shows nothing is found, in host code and after a guest's run") {
  // A step of its own in each turn (STGI at GIF=1 shows nothing): the front end wants one.
  CHECK_FALSE(silent_for_ever(closed_switch));
  CHECK_FALSE(
      silent_for_ever(with("guest = 2; while (guest) guest = guest - 1;", "", "u64 guest;\n")));
  CHECK(silent_for_ever(
      with("while (guest) guest = get_debugctlmsr();", "", "u64 guest = 1;\n" + boot_blckdb)));
  CHECK(silent_for_ever(with("", "while (cpu.dr6 & DR6_BS) ;")));
}

TEST_CASE("a loop that chooses, or that ends, is not silent for ever") {
  CHECK_FALSE(
      silent_for_ever(with("while (any_bool()) guest = get_debugctlmsr();", "", "u64 guest;\n")));
  CHECK_FALSE(silent_for_ever(
      with("guest = 20; while (guest) { seen = get_debugctlmsr(); guest = guest - 1; }", "",
           "u64 guest; u64 seen;\n")));
}

TEST_CASE("a moment in which an actor may come is no equivalent of none") {
  const std::string actor = "void irq_a(void) { update_debugctlmsr(get_debugctlmsr() ^ 1); }\n";
  const std::string masked =
      actor + replaced(with("", ""), "clgi();", "local_irq_disable(); clgi();");
  CHECK(equivalent(masked, masked));
  CHECK_FALSE(equivalent(
      masked, replaced(masked, "local_irq_disable(); clgi();", "clgi(); local_irq_disable();")));
}

TEST_CASE("a dead end and undefined behaviour are no equivalents of going on") {
  const std::string plain = with("", "");
  CHECK_FALSE(equivalent(plain, replaced(plain, "stgi();", "stgi(); assume(false);")));
  CHECK_FALSE(equivalent(plain, replaced(plain, "stgi();", "stgi(); assert(false);")));
}
