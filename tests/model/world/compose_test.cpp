// How events are ordered: small C models, composed, and walked step by step.
#include "model/world/compose.hpp"

#include <doctest/doctest.h>
#include <set>

#include "model/software/program.hpp"
#include "model/system/input_error.hpp"
#include "model/world/platform.hpp"
#include "tests/model/world/world_bench.hpp"

using namespace airlock;
using namespace airlock::test;

namespace {

/// A composed world and one of its states.
class Walk {
 public:
  Walk(const std::string& text, const std::set<std::string>& actors,
       const WorldOptions& options = {}) {
    TransitionSystem skeleton;
    const Layout skeleton_layout = add_layout(skeleton, {});
    const MachinePlatform platform(skeleton_layout);
    const std::vector<SourceFile> base{{"model.c", "#include <airlock/svm.h>\n" + text}};
    const Program program = Program::check(base, {}, platform);
    layout = add_layout(system, options);
    compose(system, layout, {program, actors});
    const std::vector<std::uint64_t> zeros(system.initial_inputs.size(), 0);
    const auto initial = initial_state(system, zeros);
    REQUIRE(initial);
    state = *initial;
  }

  /// The actors of the rules that can fire here, for some inputs.
  std::set<std::string> who() {
    std::set<std::string> result;
    for_each_enabled([&](const Rule& rule, const State&) { result.insert(rule.actor); });
    return result;
  }
  /// The distinct states that `actor` can lead to from here.
  std::set<State> successors(const std::string& actor) {
    std::set<State> result;
    for_each_enabled([&](const Rule& rule, const State& next) {
      if (rule.actor == actor) {
        result.insert(next);
      }
    });
    return result;
  }
  /// Goes where `actor` leads; there must be one such place.
  void go(const std::string& actor) {
    const std::set<State> next = successors(actor);
    REQUIRE(next.size() == 1);
    state = *next.begin();
  }
  std::uint64_t at(const std::string& name) const {
    const auto id = system.find_variable(name);
    REQUIRE_MESSAGE(id, "no variable " << name);
    return state.at(*id);
  }
  std::uint64_t at(VarId id) const { return state.at(id); }
  bool holds(const std::string& property) const {
    const Property* found = system.find_property(property);
    REQUIRE_MESSAGE(found, "no property " << property);
    return evaluate(found->predicate, state) != 0;
  }

  TransitionSystem system;
  Layout layout;
  State state;

 private:
  template <typename F>
  void for_each_enabled(F f) {
    for (std::uint32_t i = 0; i < system.rules.size(); ++i) {
      const Rule& rule = system.rules[i];
      unsigned bits = 0;
      for (const InputId input : rule.inputs) {
        bits += system.inputs[input].sort.width();
      }
      REQUIRE(bits <= 10);
      for (std::uint64_t picks = 0; picks < (std::uint64_t{1} << bits); ++picks) {
        PathStep step{i, {}};
        std::uint64_t rest = picks;
        for (const InputId input : rule.inputs) {
          step.inputs.push_back(rest & system.inputs[input].sort.mask());
          rest >>= system.inputs[input].sort.width();
        }
        if (const auto next = successor(system, state, step)) {
          f(rule, *next);
        }
      }
    }
  }
};

using Names = std::set<std::string>;

std::string error_of(const std::string& text, const std::set<std::string>& actors = {}) {
  try {
    const Walk walk(text, actors);
  } catch (const InputError& e) {
    return e.what();
  }
  return "no error";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("boot() runs once, alone, before anything else") {
  Walk w(
      "void boot(void) { update_debugctlmsr(4); }\n"
      "void irq_a(void) { update_debugctlmsr(1); }\n"
      "void vcpu_run(void) { clgi(); stgi(); }\n",
      {"irq_a"});
  CHECK(w.who() == Names{"boot"});
  w.go("boot");
  CHECK(w.at("DEBUGCTL") == 4);
  CHECK(w.who() == Names{"irq_a", "vcpu_run"});
  for (int i = 0; i < 4; ++i) {
    w.go("vcpu_run");
    CHECK(w.who().count("boot") == 0);
  }
}

TEST_CASE("without boot() the vCPU's thread starts at once") {
  Walk w("void vcpu_run(void) { clgi(); stgi(); }\n", {});
  CHECK(w.who() == Names{"vcpu_run"});
}

TEST_CASE("actors come only where nothing masks them: IF, GIF and preemption") {
  Walk w(
      "void irq_a(void) { update_debugctlmsr(1); }\n"
      "void nmi_a(void) { update_debugctlmsr(1); }\n"
      "void task_switch_a(void) { update_debugctlmsr(1); }\n"
      "void vcpu_run(void) {\n"
      "  local_irq_disable(); clgi(); local_irq_enable(); stgi();\n"
      "  preempt_disable(); preempt_enable(); }\n",
      {"irq_a", "nmi_a", "task_switch_a"});
  const Names all{"irq_a", "nmi_a", "task_switch_a", "vcpu_run"};
  CHECK(w.who() == all);
  w.go("vcpu_run");  // IF=0
  CHECK(w.who() == Names{"nmi_a", "vcpu_run"});
  w.go("vcpu_run");  // IF=0, GIF=0
  CHECK(w.who() == Names{"vcpu_run"});
  w.go("vcpu_run");  // GIF=0
  CHECK(w.who() == Names{"vcpu_run"});
  w.go("vcpu_run");
  CHECK(w.who() == all);
  w.go("vcpu_run");  // preemption off
  CHECK(w.who() == Names{"irq_a", "nmi_a", "vcpu_run"});
  w.go("vcpu_run");
  CHECK(w.who() == all);
}

TEST_CASE("an actor that is not enabled never comes") {
  Walk w(
      "void irq_a(void) { update_debugctlmsr(1); }\n"
      "void irq_b(void) { update_debugctlmsr(2); }\n"
      "void vcpu_run(void) { clgi(); stgi(); }\n",
      {"irq_b"});
  CHECK(w.who() == Names{"irq_b", "vcpu_run"});
}

TEST_CASE("in guest mode there is the guest alone, until an exit") {
  Walk w(
      "void irq_a(void) { update_debugctlmsr(1); }\n"
      "void nmi_a(void) { update_debugctlmsr(1); }\n"
      "void vcpu_create(void) { set_intercept(INTERCEPT_NMI); }\n"
      "void vcpu_run(void) { vmrun(); stgi(); }\n",
      {"irq_a", "nmi_a"});
  w.go("vcpu_run");
  CHECK(w.at(w.layout.machine.cpu.guest_mode) == 1);
  CHECK(w.who() == Names{"guest", "hardware"});
  w.go("hardware");
  CHECK(w.at(w.layout.machine.cpu.guest_mode) == 0);
  CHECK(w.who() == Names{"vcpu_run"});  // GIF=0
  w.go("vcpu_run");
  CHECK(w.who() == Names{"irq_a", "nmi_a", "vcpu_run"});
}

TEST_CASE("a task switch ends with vcpu_load(), which the reference host never runs") {
  Walk w(
      "int loads;\n"
      "void vcpu_load(void) { loads = loads + 1; update_debugctlmsr(get_debugctlmsr() | 1); }\n"
      "void task_switch_a(void) { update_debugctlmsr(get_debugctlmsr() ^ 2); }\n"
      "void vcpu_run(void) { clgi(); stgi(); }\n",
      {"task_switch_a"});
  w.go("task_switch_a");
  CHECK(w.at("loads") == 1);
  CHECK(w.at("DEBUGCTL") == 3);
  CHECK(w.at("reference_host.DEBUGCTL") == 2);
}

TEST_CASE("an interrupt does not load the vCPU again") {
  Walk w(
      "int loads;\n"
      "void vcpu_load(void) { loads = loads + 1; }\n"
      "void irq_a(void) { update_debugctlmsr(2); }\n"
      "void vcpu_run(void) { clgi(); stgi(); }\n",
      {"irq_a"});
  w.go("irq_a");
  CHECK(w.at("loads") == 0);
}

TEST_CASE("the reference host runs boot() with the same choices, in the same step") {
  Walk w(
      "void boot(void) { u64 v = any_bits(7); if (any_bool()) v &= 4; update_debugctlmsr(v); }\n"
      "void vcpu_run(void) { clgi(); stgi(); }\n",
      {});
  const std::set<State> next = w.successors("boot");
  CHECK(next.size() == 8);
  for (const State& s : next) {
    CHECK(s[w.layout.machine.cpu.debugctl] == s[w.layout.reference_host.debugctl]);
  }
}

TEST_CASE("the reference host runs actors with the same choices, on its own DebugCtl") {
  Walk w(
      "void irq_a(void) { update_debugctlmsr(get_debugctlmsr() ^ any_bits(6)); }\n"
      "void vcpu_run(void) { update_debugctlmsr(1); clgi(); }\n",
      {"irq_a"});
  w.go("vcpu_run");
  const std::set<State> next = w.successors("irq_a");
  CHECK(next.size() == 4);
  for (const State& s : next) {
    CHECK(s[w.layout.machine.cpu.debugctl] == (s[w.layout.reference_host.debugctl] ^ 1U));
  }
}

TEST_CASE("an actor's globals exist twice: the machine's and the reference host's") {
  Walk w(
      "u64 seen;\n"
      "void irq_a(void) { seen = get_debugctlmsr(); update_debugctlmsr(seen ^ 4); }\n"
      "void vcpu_run(void) { update_debugctlmsr(1); clgi(); }\n",
      {"irq_a"});
  w.go("vcpu_run");
  w.go("irq_a");
  CHECK(w.at("seen") == 1);
  CHECK(w.at("reference_host.seen") == 0);
  CHECK(w.at("DEBUGCTL") == 5);
  CHECK(w.at("reference_host.DEBUGCTL") == 4);
}

TEST_CASE("vcpu_run never touches the reference host") {
  Walk w(
      "void boot(void) { update_debugctlmsr(4); }\n"
      "void vcpu_run(void) {\n"
      "  wrmsrl(MSR_IA32_DEBUGCTLMSR, 1); update_debugctlmsr(2); clgi(); vmrun(); stgi(); }\n",
      {});
  w.go("boot");
  for (int i = 0; i < 4; ++i) {
    w.go("vcpu_run");
    CHECK(w.at("reference_host.DEBUGCTL") == 4);
  }
  CHECK(w.at("DEBUGCTL") == 2);
}

TEST_CASE("a spurious #DB pulses for exactly one step of the world") {
  Walk w(
      "void boot(void) { update_debugctlmsr(4); }\n"
      "void vcpu_run(void) { vmrun(); stgi(); }\n"
      "bool reachable_spurious(void) { return guest_saw.spurious_db; }\n",
      {});
  w.go("boot");
  w.go("vcpu_run");
  const auto go_where = [&](VarId id, std::uint64_t value) {
    for (const State& s : w.successors("guest")) {
      if (s[id] == value && s[w.layout.machine.cpu.guest_mode] == 1 &&
          (s[w.layout.machine.cpu.rflags] & TF) == 0) {
        w.state = s;
        return;
      }
    }
    FAIL("the guest cannot");
  };
  go_where(w.layout.machine.cpu.cpl, 3);
  CHECK_FALSE(w.holds("reachable_spurious"));
  go_where(w.layout.guest_saw.spurious_db, 1);
  CHECK(w.holds("reachable_spurious"));
  for (const State& s : w.successors("guest")) {
    CHECK(s[w.layout.guest_saw.spurious_db] == 0);
  }
}

TEST_CASE("vcpu_create()'s effect is part of the initial state") {
  Walk w(
      "int created;\n"
      "void vcpu_create(void) { set_intercept(INTERCEPT_DB); vmcb.save.dr6 = 5; created = 7; }\n"
      "void vcpu_run(void) { clgi(); stgi(); }\n",
      {});
  CHECK(w.at("VMCB.intercepts") == 4);
  CHECK(w.at("VMCB.DR6") == 5);
  CHECK(w.at("created") == 7);
}

TEST_CASE(
    "what vcpu_create() chooses is chosen initially, once and with all that follows from it") {
  Walk w(
      "int x; int y;\n"
      "void vcpu_create(void) { if (any_bool()) { x = 3; y = 4; } if (any_bool()) y = 5; }\n"
      "void vcpu_run(void) { clgi(); stgi(); }\n",
      {});
  std::set<std::pair<std::uint64_t, std::uint64_t>> seen;
  const VarId x = *w.system.find_variable("x");
  const VarId y = *w.system.find_variable("y");
  std::vector<std::uint64_t> picks(w.system.initial_inputs.size(), 0);
  std::vector<std::size_t> bits;
  for (std::size_t i = 0; i < picks.size(); ++i) {
    if (w.system.inputs[w.system.initial_inputs[i]].name.find("any_bool()") == 0) {
      bits.push_back(i);
    }
  }
  for (unsigned values = 0; values < 1U << bits.size(); ++values) {
    for (std::size_t i = 0; i < bits.size(); ++i) {
      picks[bits[i]] = values >> i & 1U;
    }
    const auto state = initial_state(w.system, picks);
    REQUIRE(state);
    seen.insert({state->at(x), state->at(y)});
  }
  CHECK(seen == std::set<std::pair<std::uint64_t, std::uint64_t>>{{0, 0}, {0, 5}, {3, 4}, {3, 5}});
}

TEST_CASE("vcpu_create() that can go more than one way, or leaves a value open, is an error") {
  CHECK(contains(error_of("void vcpu_create(void) { assert(any_bool()); }\n"
                          "void vcpu_run(void) { stgi(); }\n"),
                 "model.c:2"));
  CHECK(contains(error_of("int x;\nvoid vcpu_create(void) { x = any_bool(); assume(x); }\n"
                          "void vcpu_run(void) { stgi(); }\n"),
                 "vcpu_create()"));
}

TEST_CASE("a model without vcpu_run() is an error that says so") {
  CHECK(contains(error_of("void boot(void) { stgi(); }\n"), "no function 'vcpu_run'"));
}

TEST_CASE("an actor that touches the VMCB is an error") {
  CHECK(contains(error_of("void irq_a(void) { vmcb.save.dr6 = 0; }\n"
                          "void vcpu_run(void) { stgi(); }\n",
                          {"irq_a"}),
                 "vmcb.save.dr6"));
  CHECK(contains(error_of("void irq_a(void) { vmcb_mark_all_dirty(); }\n"
                          "void vcpu_run(void) { stgi(); }\n",
                          {"irq_a"}),
                 "'vmcb_mark_all_dirty' called by an actor"));
}

TEST_CASE("a failed assert() violates always_well_defined, and after it nothing more happens") {
  for (const char* actor : {"vcpu_run", "irq_a"}) {
    Walk w(
        "void irq_a(void) { assert(cpu.debugctl == 0); update_debugctlmsr(1); }\n"
        "void vcpu_run(void) { stgi(); assert(cpu.debugctl == 0); clgi(); clgi(); }\n",
        {"irq_a"});
    CHECK(w.holds("always_well_defined"));
    w.go("irq_a");
    CHECK(w.holds("always_well_defined"));
    while (w.holds("always_well_defined")) {
      w.go(actor);
    }
    CHECK(w.at(w.layout.pc) == pc_undefined);
    CHECK(w.who() == Names{"hardware"});
    CHECK(w.holds("always_can_continue"));
    const State before = w.state;
    w.go("hardware");
    CHECK(w.state == before);
  }
}

TEST_CASE("always_can_continue fails where an assume() is a dead end") {
  Walk w("void vcpu_run(void) { clgi(); assume(cpu.gif); stgi(); }\n", {});
  CHECK(w.holds("always_can_continue"));
  w.go("vcpu_run");
  CHECK(w.holds("always_can_continue") == !w.who().empty());
  while (!w.who().empty()) {
    REQUIRE(w.holds("always_can_continue"));
    w.go("vcpu_run");
  }
  CHECK_FALSE(w.holds("always_can_continue"));
}

TEST_CASE("a property has its kind by its prefix, its text and its sentence by its comment") {
  Walk w(
      "/* The guest runs.\n * Really.\n *\n * Trace: DEBUGCTL={cpu.debugctl}, x={x}. */\n"
      "bool reachable_guest(void) { return cpu.guest_mode; }\n"
      "bool never_guest(void) { return cpu.guest_mode; }\n"
      "u64 x;\n"
      "bool always_x(void) { return x == 0; }\n"
      "void vcpu_run(void) { x = 0; vmrun(); stgi(); }\n",
      {});
  const Property* p = w.system.find_property("reachable_guest");
  REQUIRE(p != nullptr);
  CHECK(p->kind == PropertyKind::reachable);
  CHECK(p->text == "The guest runs. Really.");
  CHECK(p->sentence == "DEBUGCTL={DEBUGCTL}, x={x}.");
  CHECK(w.system.find_property("never_guest")->kind == PropertyKind::never);
  CHECK(w.system.find_property("always_x")->kind == PropertyKind::always);
  CHECK_FALSE(w.holds("reachable_guest"));
  w.go("vcpu_run");
  CHECK(w.holds("reachable_guest"));
}

TEST_CASE("a property that writes, chooses, or has another type is an error") {
  const std::string run = "void vcpu_run(void) { stgi(); }\n";
  CHECK(contains(error_of("bool always_a(void) { clgi(); return true; }\n" + run),
                 "'clgi' is called in property 'always_a'"));
  CHECK(contains(error_of("bool always_a(void) { return any_bool(); }\n" + run),
                 "a choice is made in property 'always_a'"));
  CHECK(contains(error_of("int always_a(void) { return 1; }\n" + run),
                 "property 'always_a' has another type"));
}

TEST_CASE("a property whose evaluation is undefined somewhere violates always_well_defined there") {
  Walk w(
      "bool always_a(void) { u64 x = 1; return (x << cpu.debugctl) != 0; }\n"
      "void vcpu_run(void) { update_debugctlmsr(DEBUGCTLMSR_FREEZE_LBRS_ON_PMI); clgi(); }\n",
      {});
  CHECK(w.holds("always_well_defined"));
  w.go("vcpu_run");
  CHECK_FALSE(w.holds("always_well_defined"));
}

TEST_CASE("where a property's C code evaluates what, also in functions that it calls") {
  const std::string text =
      "#include <airlock/svm.h>\n"
      "u64 x;\n"
      "const bool on = false;\n"
      "static bool small(void) { return x < 5 || x > 6; }\n"
      "bool always_a(void) { return x != 1 || cpu.gif; }\n"
      "bool always_b(void) { if (x == 2) return cpu.gif; return x < 9 && small(); }\n"
      "bool never_c(void) { return on && x == 3; }\n"
      "u64 far(u64 a) { return a > 5 ? a - 5 : 5 - a; }\n"
      "bool always_e(void) { bool ok = true; if (x == 6) ok = cpu.gif; return ok || far(x) < 9; }\n"
      "bool reachable_d(void) { return x == 4 && cpu.gif; }\n"
      "void vcpu_run(void) { x = any_bits(3); stgi(); }\n";
  TransitionSystem skeleton;
  const Layout skeleton_layout = add_layout(skeleton, {});
  const MachinePlatform platform(skeleton_layout);
  const std::vector<SourceFile> base{{"model.c", text}};
  const Program program = Program::check(base, {}, platform);
  TransitionSystem system;
  const Layout layout = add_layout(system, {});
  std::vector<PropertyOperand> operands;
  compose(system, layout, {program, {}, nullptr, &operands});
  const VarId x = *system.find_variable("x");
  State state(system.variables.size(), 0);
  std::map<std::string, std::set<std::uint64_t>> where;
  for (const PropertyOperand& operand : operands) {
    std::set<std::uint64_t>& values =
        where[operand.property + " line " + std::to_string(operand.location.line) + ":" +
              std::to_string(operand.location.column)];
    for (state[x] = 0; state[x] < 8; ++state[x]) {
      if (evaluate(operand.evaluated, state) != 0) {
        values.insert(state[x]);
      }
    }
  }
  using Where = decltype(where);
  CHECK(where == Where{{"always_a line 5:40", {1}},                    // behind ||
                       {"always_b line 6:35", {2}},                    // the result under if
                       {"always_b line 6:51", {0, 1, 3, 4, 5, 6, 7}},  // the other result
                       {"always_b line 6:67", {0, 1, 3, 4, 5, 6, 7}},  // behind &&
                       {"always_b line 4:27", {0, 1, 3, 4, 5, 6, 7}},  // the called function's
                       {"always_b line 4:43", {5, 6, 7}},              // behind its ||
                       {"always_e line 9:51", {6}},                    // an assignment
                       {"always_e line 9:78", {6}}});
}

TEST_CASE("guest_dr6() is what a spurious #DB's handler reads where DR6 reads are intercepted") {
  Walk w(
      "u64 dr6 = 0xffff4ff0;\n"
      "u64 guest_dr6(void) { return dr6; }\n"
      "void vcpu_create(void) { set_intercept(INTERCEPT_DR6_READ); }\n"
      "void vcpu_run(void) { vmcb.control.event_inj = 0x80000301; vmrun(); stgi(); }\n",
      {});
  w.go("vcpu_run");
  CHECK(w.at(w.layout.guest_saw.spurious_db) == 1);
  CHECK(w.at(w.layout.guest_saw.db_dr6) == (idle_dr6 | BS));
}

TEST_CASE("a vcpu_create() whose assume() is never true is an error") {
  CHECK(contains(error_of("u64 x;\nvoid vcpu_create(void) { assume(x == 1); }\n"
                          "void vcpu_run(void) { stgi(); }\n"),
                 "vcpu_create() never ends"));
}

TEST_CASE("an event that is computed is judged by its value, where VMRUN would inject it") {
  const auto world = [](const std::string& written) {
    return Walk("void vcpu_run(void) { u32 vector = any_bool() ? DB_VECTOR : 14;\n" + written +
                    "  vmrun(); stgi(); }\n",
                {});
  };
  const auto ends = [](Walk w) {  // with and without defined behaviour, over all inputs
    std::set<bool> result;
    std::vector<State> todo{w.state};
    for (std::set<State> seen{w.state}; !todo.empty();) {
      w.state = todo.back();
      todo.pop_back();
      result.insert(w.holds("always_well_defined"));
      for (const State& next : w.successors("vcpu_run")) {
        if (seen.insert(next).second) {
          todo.push_back(next);
        }
      }
    }
    return result;
  };
  const std::string inject =
      "vmcb.control.event_inj = vector | SVM_EVTINJ_TYPE_EXEPT | SVM_EVTINJ_VALID;\n";
  const std::set<bool> both{false, true};
  const std::set<bool> defined{true};
  CHECK(ends(world(inject)) == both);
  CHECK(ends(world("if (vector == DB_VECTOR) " + inject)) == defined);
  CHECK(ends(world(inject + "vmcb.control.event_inj = 0;\n")) == defined);  // never used
  CHECK(ends(world("vmcb.control.event_inj = vector | SVM_EVTINJ_TYPE_EXEPT;\n")) == defined);
  Walk wrong = world("assume(vector == 14); clgi();" + inject + "clgi();\n");
  for (int step = 0; step < 4 && wrong.holds("always_well_defined"); ++step) {
    wrong.state = *wrong.successors("vcpu_run").begin();
  }
  CHECK_FALSE(wrong.holds("always_well_defined"));
  const Variable& why = wrong.system.variables[wrong.layout.undefined];
  CHECK(contains(format_value(why, wrong.at(wrong.layout.undefined)),
                 "VMRUN injects an event that the model does not have"));
}

TEST_CASE("every world prints what its verdicts assume") {
  const Walk w("void vcpu_run(void) { stgi(); }\n", {});
  REQUIRE(w.system.assumptions.size() == 3);
  CHECK(contains(w.system.assumptions[0], "no NMI falls inside"));
  CHECK(contains(w.system.assumptions[1], "EXITINTINFO"));
  CHECK(contains(w.system.assumptions[2], "docs/hardware.md"));
}
