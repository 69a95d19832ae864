// The reference host beside the machine: what it does never adds a run of the machine or takes one
// away, and what rests on it is not claimed where it cannot follow.
#include "model/world/both_hosts.hpp"

#include <doctest/doctest.h>
#include <limits>
#include <set>

#include "checker/explore/explore.hpp"
#include "checker/prove/prove.hpp"
#include "checker/trace/trace.hpp"
#include "model/software/program.hpp"
#include "model/system/input_error.hpp"
#include "model/system/interpreter.hpp"
#include "model/system/marker.hpp"
#include "model/system/pin.hpp"
#include "model/system/reduce.hpp"
#include "model/world/compose.hpp"
#include "model/world/entries.hpp"
#include "model/world/equivalence.hpp"
#include "model/world/noninterference.hpp"
#include "model/world/platform.hpp"

using namespace airlock;

namespace {

constexpr unsigned holds = std::numeric_limits<unsigned>::max();

/// What users say of the host.
const std::string own_debugctl =
    "/* Trace: {cpu.debugctl} against {reference_host.debugctl}. */\n"
    "bool always_own(void) { return cpu.guest_mode || !cpu.gif ||\n"
    "  cpu.debugctl == reference_host.debugctl; }\n";

LaidOutWorld world_of(const std::string& text, const WorldOptions& options = {}) {
  TransitionSystem skeleton;
  const Layout skeleton_layout = add_layout(skeleton, {});
  const MachinePlatform platform(skeleton_layout);
  const std::vector<SourceFile> base{{"dir/f.c", "#include <airlock/svm.h>\n" + text}};
  const Program program = Program::check(base, {}, platform);
  std::set<std::string> actors;
  for (const ActorEntry& actor : entries_by_name(program).actors) {
    actors.insert(actor.name);
  }
  LaidOutWorld world;
  world.layout = add_layout(world.system, options);
  compose(world.system, world.layout, {program, actors});
  return world;
}

bool can_be_lost(const LaidOutWorld& world) {
  return world.system.find_variable(lost_name).has_value();
}

struct Answer {
  unsigned length = holds;  ///< of a shortest violation (of a reachable_: of a shortest witness)
  std::string sentence;
};

/// By exhaustive search and by PDR, which must agree.
Answer ask(const TransitionSystem& world, const std::string& property) {
  const TransitionSystem system = pin(world, default_pins(world));
  const Property* asked = system.find_property(property);
  REQUIRE_MESSAGE(asked, "no property " << property);
  const std::vector<Expr> targets{target_of(*asked)};
  const Reduction reduction(system, targets);
  const ExploreResult found = explore(reduction.system(), reduction.targets());
  REQUIRE(found.outcomes[0].answer != Reachability::unknown);
  const Outcome proved = pdr(reduction.system(), reduction.targets()[0], {});
  CHECK(proved.answer == found.outcomes[0].answer);
  if (!found.outcomes[0].path) {
    return {};
  }
  const Trace trace = make_trace(system, *asked, reduction.lift(*found.outcomes[0].path));
  return {static_cast<unsigned>(trace.path.steps.size()), last_sentence(trace)};
}

Answer ask(const std::string& text, const std::string& property) {
  return ask(world_of(text).system, property);
}

bool says(const Answer& answer, const std::string& words) {
  return answer.sentence.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("an assume() that is false on the reference host takes no run from the machine") {
  const std::string text =
      "u8 s;\nvoid irq_b(void) { assume(s == 1); s = 3; }\n"
      "void vcpu_run(void) { if (s != 3) s = 1; clgi(); stgi(); }\n"
      "bool never_q(void) { return s == 3; }\n" +
      own_debugctl;
  CHECK(ask(text, "never_q").length == 3);
  CHECK(ask(text, "always_well_defined").length == holds);
  CHECK(ask(text, "always_can_continue").length == holds);
  // DebugCtl cannot depend on whether irq_b ran: nobody misses it.
  CHECK(ask(text, "always_own").length == holds);
}

TEST_CASE("undefined behaviour of the reference host's copy alone is none of the machine's") {
  const auto run = [](const std::string& body) {
    return "u8 n;\nvoid irq_b(void) { " + body +
           " }\nvoid vcpu_create(void) { local_irq_disable(); }\n"
           "void vcpu_run(void) { n = 4; local_irq_enable(); local_irq_disable(); }\n"
           "bool never_two(void) { return n == 2; }\n" +
           own_debugctl;
  };
  const std::string checked = run("assert(n > 0); n--;");
  CHECK(ask(checked, "never_two").length == 4);
  const Answer undefined = ask(checked, "always_well_defined");
  CHECK(undefined.length == 7);  // the machine's own, after four interrupts
  CHECK_FALSE(says(undefined, "reference"));
  const Answer host = ask(checked, "always_own");
  CHECK(host.length == 3);
  CHECK(says(host, "The reference host cannot follow irq_b at f.c:3 (there assertion failed"));

  const std::string divides = run("u8 x = 4 / n;");
  CHECK(ask(divides, "always_well_defined").length == holds);
  CHECK(ask(divides, "always_own").length == 3);
}

TEST_CASE("the machine's own undefined behaviour and assume() are what they were") {
  const std::string text =
      "u8 n;\nvoid irq_b(void) { assume(n == 1); assert(n != 1); }\n"
      "void vcpu_run(void) { n = 1; clgi(); stgi(); n = 2; }\n" +
      own_debugctl;
  CHECK(ask(text, "always_well_defined").length == 2);
  CHECK(ask(text, "always_own").length == holds);
  const std::string never =
      "u8 n;\nvoid irq_b(void) { assume(n == 2); n = 3; }\n"
      "void vcpu_run(void) { clgi(); stgi(); }\nbool never_three(void) { return n == 3; }\n" +
      own_debugctl;
  CHECK(ask(never, "never_three").length == holds);
  CHECK(ask(never, "always_own").length == holds);
}

TEST_CASE("a host whose reference is lost is not said to have its own DebugCtl") {
  const std::string text =
      "u8 s;\nvoid irq_b(void) { assume(s == 1);\n update_debugctlmsr(DEBUGCTLMSR_BTF); }\n"
      "void vcpu_run(void) { s = 1; clgi(); stgi(); s = 0; }\n";
  const Answer own = ask(text + own_debugctl, "always_own");
  CHECK(own.length == 2);
  CHECK(says(own, "The reference host cannot follow irq_b at f.c:3 (there its assume() is false)"));
  // Whatever its kind, and through a function: what counts is what is looked at.
  const std::string look = "u64 own(void) { return reference_host.debugctl; }\n";
  CHECK(ask(text + look + "bool never_x(void) { return own() == 77; }\n", "never_x").length == 2);
  CHECK(
      ask(text + look + "bool never_x(void) { return cpu.debugctl == 77; }\n", "never_x").length ==
      holds);
  CHECK(
      ask(text + look + "bool reachable_x(void) { return cpu.debugctl != own(); }\n", "reachable_x")
          .length == holds);
  CHECK(ask(text + look + "bool always_x(void) { return own() < 77; }\n", "always_x").length == 2);
}

TEST_CASE("where an assume() is false on the reference, it is lost only if that can matter") {
  const std::string run = "void vcpu_run(void) { s = 1; clgi(); stgi(); s = 0; }\n" + own_debugctl;
  // irq_b decides for irq_c, which writes DebugCtl.
  const std::string through =
      "u8 s; u8 t;\nvoid irq_b(void) { assume(s == 1); t = 1; }\n"
      "void irq_c(void) { update_debugctlmsr(t); }\n";
  CHECK(can_be_lost(world_of(through + run)));
  CHECK(ask(through + run, "always_own").length == 2);
  const std::string apart =
      "u8 s; u8 t; u8 v;\nvoid irq_b(void) { assume(s == 1); t = 1; }\n"
      "void irq_c(void) { update_debugctlmsr(v); v = 2; }\n";
  CHECK(ask(apart + run, "always_own").length == holds);
}

TEST_CASE("once lost, the reference stays as it was, and the machine goes on") {
  const std::string text =
      "u8 s;\nvoid irq_b(void) { assume(s == 1); update_debugctlmsr(DEBUGCTLMSR_BTF); }\n"
      "void irq_c(void) { update_debugctlmsr(get_debugctlmsr() | DEBUGCTLMSR_LBR); }\n"
      "void vcpu_run(void) { s = 1; clgi(); stgi(); }\n"
      "bool never_three(void) { return cpu.debugctl == 3; }\n";
  CHECK(ask(text, "never_three").length == 3);
  LaidOutWorld world = world_of(text);
  TransitionSystem& system = world.system;
  const Expr lost = system.variable(*system.find_variable(lost_name));
  const Expr reference = system.variable(world.layout.reference_host.debugctl);
  system.properties = {{"never_lost_with_lbr",
                        PropertyKind::never,
                        ne(lost, same_sort(lost, 0)) && bit(reference, 1),
                        "",
                        "",
                        {}}};
  CHECK(ask(system, "never_lost_with_lbr").length == holds);
}

TEST_CASE(
    "save and restore of DebugCtl in an actor's own global follows, in vcpu_run's it does not") {
  const std::string actors =
      "u64 saved; bool have;\n"
      "void irq_save(void) { assume(!have); saved = get_debugctlmsr(); have = true;\n"
      "  update_debugctlmsr(0); }\n"
      "void irq_restore(void) { assume(have);\n update_debugctlmsr(saved); have = false; }\n"
      "void boot(void) { update_debugctlmsr(DEBUGCTLMSR_BTF); }\n" +
      own_debugctl;
  const std::string alone = actors + "void vcpu_run(void) { clgi(); stgi(); }\n";
  CHECK(ask(alone, "always_own").length == holds);
  const std::string with_vcpu =
      actors + "void vcpu_run(void) { clgi(); if (!have) { saved = 0; have = true; } stgi(); }\n";
  const Answer lost = ask(with_vcpu, "always_own");
  CHECK(lost.length != holds);
  CHECK(says(lost, "cannot follow irq_restore at f.c:5"));
}

TEST_CASE("the reference's own choices: an assume() says which there are") {
  const auto text = [](const std::string& what) {
    return "u8 s;\nvoid irq_b(void) { if (s == 0) { u64 v = any_bits(7); assume(" + what +
           "); update_debugctlmsr(0); } }\n"
           "void vcpu_run(void) { s = 1; clgi(); stgi(); }\n" +
           own_debugctl;
  };
  CHECK(ask(text("v > 4"), "always_own").length == holds);
  const Answer none_left = ask(text("v > s + 7"), "always_own");
  CHECK(none_left.length == 2);
  CHECK(says(none_left, "its assume() is false"));
}

TEST_CASE("choices of vcpu_load() are not those of the actor before it") {
  const std::string text =
      "bool a; bool b;\nbool any(void) { return any_bool(); }\n"
      "void vcpu_load(void) { b = any(); }\n"
      "void task_switch_t(void) { a = any(); }\n"
      "void vcpu_run(void) { clgi(); stgi(); }\nvoid vcpu_create(void) { local_irq_enable(); }\n"
      "bool never_differ(void) { return a != b; }\n";
  CHECK(ask(text, "never_differ").length == 1);
}

TEST_CASE("a reference that always follows needs no variable") {
  const LaidOutWorld plain = world_of(
      "void irq_b(void) { u64 v = any_bits(3); assume(v != 0); update_debugctlmsr(v); }\n"
      "void boot(void) { if (any_bool()) update_debugctlmsr(2); }\n"
      "void vcpu_run(void) { clgi(); stgi(); }\n");
  CHECK_FALSE(can_be_lost(plain));
}

TEST_CASE("boot() is followed, too") {
  const std::string text =
      "void vcpu_create(void) { update_debugctlmsr(DEBUGCTLMSR_BTF); }\n"
      "void boot(void) { assume(get_debugctlmsr() == DEBUGCTLMSR_BTF);\n update_debugctlmsr(0); }\n"
      "void vcpu_run(void) { clgi(); stgi(); }\n"
      "bool never_zero(void) { return cpu.debugctl == 0; }\n" +
      own_debugctl;
  CHECK(ask(text, "never_zero").length == 1);
  CHECK(ask(text, "always_own").length <= 1);
}

TEST_CASE("software that looks at a reference that can be lost is an error") {
  const std::string actor = "u8 s;\nvoid irq_b(void) { assume(s == 1); update_debugctlmsr(s); }\n";
  const auto run = [](const std::string& looks) {
    return "void vcpu_run(void) { s = 1; " + looks + " clgi(); stgi(); s = 0; }\n";
  };
  CHECK_NOTHROW(world_of(actor + run("")));
  const std::string looks = "assert(cpu.debugctl == reference_host.debugctl);";
  CHECK_THROWS_WITH_AS(world_of(actor + run(looks)), doctest::Contains("reads reference_host"),
                       InputError);
  CHECK_NOTHROW(world_of("u8 s;\n" + run(looks)));
}

TEST_CASE("a parked host that is undefined is compared with nothing, and supports nothing") {
  const std::string text =
      "u8 n;\nvoid irq_b(void) { assert(n > 0); update_debugctlmsr(DEBUGCTLMSR_BTF); }\n"
      "void vcpu_create(void) { local_irq_disable(); }\n"
      "void vcpu_run(void) { n = 4; local_irq_enable(); local_irq_disable(); }\n";
  const TwinSystem twin = guest_to_host(world_of(text));
  CHECK(ask(twin.system, guest_to_host_name).length == holds);
  CHECK(ask(twin.support, guest_to_host_support_name).length != holds);
}

TEST_CASE("a world is equivalent to itself where its reference gets lost, and goes on silently") {
  WorldOptions options;
  options.observe_guest = true;
  options.two_runs = true;
  const auto text = [](const std::string& value) {
    return "u8 s;\nvoid irq_b(void) { if (s == 0) { u64 v = any_bits(7); assume(v > 4); }\n"
           "  assume(s == 1); update_debugctlmsr(" +
           value +
           "); }\n"
           "void vcpu_run(void) { s = 1; clgi(); stgi(); s = 0; }\n";
  };
  const LaidOutWorld one = world_of(text("2"), options);
  CHECK_FALSE(can_be_lost(one));
  CHECK(ask(equivalence(one, one), "equivalent").length == holds);
  CHECK(ask(equivalence(one, world_of(text("3"), options)), "equivalent").length != holds);
  CHECK(ask(silence_ends(one), "silence_ends").length == holds);
}

TEST_CASE("costs are counted on runs that the reference cannot follow") {
  WorldOptions options;
  options.measure_cost = true;
  const LaidOutWorld world = world_of(
      "u8 s;\nvoid irq_b(void) { assume(s == 1); s = 2; update_debugctlmsr(1); }\n"
      "void vcpu_create(void) { set_intercept(INTERCEPT_DB); }\n"
      "void vcpu_run(void) { s = 1; if (s == 2) update_debugctlmsr(0); clgi(); vmrun(); stgi(); "
      "}\n",
      options);
  TransitionSystem system = world.system;
  const Expr writes = system.variable(world.layout.cost->wrmsr);
  system.properties = {
      {"never_counted", PropertyKind::never, eq(writes, same_sort(writes, 1)), "", "", {}}};
  CHECK(ask(system, "never_counted").length != holds);
}

TEST_CASE("what runs on the reference host alone is not covered, what it cannot follow is") {
  WorldOptions options;
  options.coverage = true;
  TransitionSystem system =
      world_of(
          "u8 n; u8 t;\nvoid irq_b(void) {\n  if (n == 0)\n    t = 1;\n"
          "  assume(n > 2);\n  t = 2;\n}\n"
          "void vcpu_create(void) { local_irq_disable(); }\n"
          "void vcpu_run(void) { n = 4; local_irq_enable(); local_irq_disable(); }\n",
          options)
          .system;
  const auto covered = [&](unsigned line) {
    Expr anywhere = system.pool->boolean(false);
    for (const Rule& rule : system.rules) {
      if (is_marker(rule) && rule.name == name_of(Happened::ran) &&
          rule.causes.front().location.line == line) {
        anywhere = anywhere || rule.guard;
      }
    }
    system.properties = {{"never_covered", PropertyKind::never, anywhere, "", "", {}}};
    return ask(system, "never_covered").length != holds;
  };
  CHECK_FALSE(covered(5));  // t = 1
  CHECK(covered(7));        // t = 2
}
