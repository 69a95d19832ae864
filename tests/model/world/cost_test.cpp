// What a row costs: DebugCtl accesses per entry, counted along small C models.
#include <doctest/doctest.h>
#include <set>

#include "model/software/program.hpp"
#include "model/world/compose.hpp"
#include "model/world/platform.hpp"
#include "tests/support/naive_search.hpp"

using namespace airlock;

namespace {

struct Counts {
  std::set<std::pair<std::uint64_t, std::uint64_t>> entry;  ///< {RDMSRs, WRMSRs}
  std::set<std::pair<std::uint64_t, std::uint64_t>> fastpath;
};

/// All measured stretches of all runs. The guest exits by NMI alone: nothing else is of interest.
Counts measure(const std::string& vcpu_enter_guest) {
  TransitionSystem skeleton;
  const Layout skeleton_layout = add_layout(skeleton, {});
  const MachinePlatform platform(skeleton_layout);
  const std::vector<SourceFile> base{{"model.c",
                                      "#include <airlock/svm.h>\n"
                                      "void vcpu_create(void) { set_intercept(INTERCEPT_NMI); }\n"
                                      "void vcpu_enter_guest(void) { " +
                                          vcpu_enter_guest +
                                          " }\nvoid vcpu_run(void) { vcpu_enter_guest(); }\n"}};
  const Program program = Program::check(base, {}, platform);
  TransitionSystem system;
  const Layout layout = add_layout(system, {.measure_cost = true});
  compose(system, layout, {program, {}});
  std::erase_if(system.rules, [](const Rule& rule) { return rule.actor == "guest"; });
  system.initial_constraint = {};
  for (const Choice& choice : system.choices) {
    system.variables[choice.variable].initial =
        system.pool->constant(system.variables[choice.variable].sort, 0);
  }
  system.initial_inputs.clear();
  Counts counts;
  const CostVariables& cost = *layout.cost;
  for (const State& state : test::naive_search(system, {}).reached) {
    const std::pair measured{state[cost.rdmsr], state[cost.wrmsr]};
    if (state[cost.entry_complete] != 0) {
      counts.entry.insert(measured);
    }
    if (state[cost.fastpath_complete] != 0) {
      counts.fastpath.insert(measured);
    }
  }
  return counts;
}

using Pairs = std::set<std::pair<std::uint64_t, std::uint64_t>>;

}  // namespace

TEST_CASE("an entry's cost is its DebugCtl accesses before and after the one VMRUN") {
  const Counts counts = measure(
      "u64 v = get_debugctlmsr(); update_debugctlmsr(v); vmrun();"
      "update_debugctlmsr(0); wrmsrl(MSR_IA32_DEBUGCTLMSR, 0); rdmsrl(MSR_IA32_DEBUGCTLMSR, v);");
  CHECK(counts.entry == Pairs{{2, 3}});
  CHECK(counts.fastpath.empty());
}

TEST_CASE("an entry that touches no DebugCtl costs nothing") {
  CHECK(measure("clgi(); vmrun(); stgi();").entry == Pairs{{0, 0}});
}

TEST_CASE("an entry's cost has as many values as ways to go") {
  CHECK(measure("if (any_bool()) update_debugctlmsr(0); vmrun();").entry == Pairs{{0, 0}, {0, 1}});
}

TEST_CASE("the fast path's cost is what happens from one VMRUN to the next") {
  const Counts counts = measure(
      "update_debugctlmsr(get_debugctlmsr()); do { update_debugctlmsr(0); vmrun(); } "
      "while (any_bool()); update_debugctlmsr(0);");
  CHECK(counts.entry == Pairs{{1, 3}});
  CHECK(counts.fastpath == Pairs{{0, 1}});
}

TEST_CASE("an entry without VMRUN, or with two, is no entry to measure") {
  CHECK(measure("update_debugctlmsr(0);").entry.empty());
  CHECK(measure("vmrun(); vmrun();").entry.empty());
  CHECK(measure("vmrun(); vmrun();").fastpath == Pairs{{0, 0}});
}
