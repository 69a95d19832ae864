// The cuts of a real property, confirmed by searches that know nothing of state graphs.
#include <algorithm>
#include <doctest/doctest.h>

#include "checker/compare/subject.hpp"
#include "checker/explore/explore.hpp"
#include "checker/graph/cuts.hpp"
#include "checker/graph/program_steps.hpp"
#include "model/world/project.hpp"

namespace airlock {
namespace {

struct Kvm {
  Project project = Project::open({AIRLOCK_SOURCE_DIR "/specs/kvm"}, {});
  World world = project.build({"none", {}, {}});
  const char* property;
  std::vector<Expr> targets;
  ProgramSteps steps;
  std::vector<std::uint32_t> origins;
  Cuts cuts;
  TransitionSystem pinned;

  explicit Kvm(const char* name) : property(name) {
    Subject subject(world.system);
    pinned = subject.pinned(subject.pins());
    const Property* which = subject.system().find_property(name);
    REQUIRE(which != nullptr);
    ReduceOptions options;
    options.merge_rules = false;
    const std::vector<const Property*> one{which};
    const Reduction reduction = subject.reduce(subject.pins(), one, options);
    targets = {target_of(*pinned.find_property(name))};
    steps = steps_of(pinned, reduction);
    for (std::uint32_t r = 0; r < reduction.system().rules.size(); ++r) {
      origins.push_back(reduction.rule_origin(r));
    }
    StateGraphOptions graph_options;
    graph_options.stop_at_target = true;
    StateGraph graph(reduction.system(), reduction.targets()[0], {}, graph_options);
    REQUIRE(graph.complete());
    cuts = find_cuts(graph, steps.of_rule, steps.steps.size());
  }

  /// Whether the target is reached without the rules of these steps.
  [[nodiscard]] Reachability without(const std::vector<std::uint32_t>& removed) const {
    TransitionSystem rest = pinned;
    std::vector<bool> gone(rest.rules.size(), false);
    for (std::uint32_t r = 0; r < origins.size(); ++r) {
      const auto step = steps.of_rule[r];
      gone[origins[r]] = step && std::find(removed.begin(), removed.end(), *step) != removed.end();
    }
    rest.rules.clear();
    for (std::uint32_t r = 0; r < gone.size(); ++r) {
      if (!gone[r]) {
        rest.rules.push_back(pinned.rules[r]);
      }
    }
    const Reduction reduction(rest, targets);
    return explore(reduction.system(), reduction.targets()).outcomes[0].answer;
  }
};

}  // namespace

TEST_CASE(
    "without a step that is a cut, search finds no violation in specs/kvm, without any other it "
    "does") {
  const Kvm kvm("symptom_spurious_bus_lock_db");
  REQUIRE_FALSE(kvm.cuts.one.empty());
  for (std::uint32_t step = 0; step < kvm.steps.steps.size(); ++step) {
    CAPTURE(kvm.steps.steps[step].cause.text);
    const bool cut = std::count(kvm.cuts.one.begin(), kvm.cuts.one.end(), step) != 0;
    CHECK(kvm.without({step}) == (cut ? Reachability::unreachable : Reachability::reachable));
  }
  for (const auto& [a, b] : kvm.cuts.two) {
    CHECK(kvm.without({a, b}) == Reachability::unreachable);
  }
}

TEST_CASE("cuts in specs/kvm are told in program order, not in the order of files and lines") {
  const Kvm kvm("symptom_spurious_bus_lock_db");
  std::vector<std::string> told;
  for (const std::uint32_t step : kvm.cuts.one) {
    told.push_back(kvm.steps.steps[step].actor + ": " + kvm.steps.steps[step].cause.text);
  }
  const std::vector<std::string> expected{"boot: ",
                                          "vcpu_run: vcpu_load();",
                                          "vcpu_run: clgi();",
                                          "vcpu_run: local_irq_enable();",
                                          "vcpu_run: local_irq_disable();",
                                          "vcpu_run: stgi();",
                                          "vcpu_run: local_irq_enable();"};
  REQUIRE(told.size() == expected.size());
  for (std::size_t i = 0; i < told.size(); ++i) {
    CHECK(told[i].rfind(expected[i], 0) == 0);
  }
  const auto is_irq = [](const ProgramStep& step) { return step.actor.rfind("irq_", 0) == 0; };
  const auto& steps = kvm.steps.steps;
  const auto first_irq = std::find_if(steps.begin(), steps.end(), is_irq);
  CHECK(first_irq != steps.end());
  CHECK(std::none_of(first_irq, steps.end(),
                     [](const ProgramStep& step) { return step.actor == "vcpu_run"; }));
}

}  // namespace airlock
