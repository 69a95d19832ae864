// Relaxed worlds can do all that the world as written can, and more the more is relaxed.
#include <doctest/doctest.h>
#include <random>

#include "checker/explore/explore.hpp"
#include "model/system/pin.hpp"
#include "model/system/reduce.hpp"
#include "model/world/project.hpp"
#include "tests/cli/command.hpp"

namespace airlock {
namespace {

/// A world switch with a snapshot, its users and what may come between.
const char* const base =
    "#include <airlock/svm.h>\n"
    "u64 spare;\n"
    "u8 turn;\n"
    "void nmi_late(void) { assume(turn == 1); turn = 2; }\n"
    "void vcpu_create(void);\n"
    "void irq_flips(void) { update_debugctlmsr(get_debugctlmsr() ^ DEBUGCTLMSR_BTF); }\n"
    "void nmi_flips(void) { update_debugctlmsr(get_debugctlmsr() ^ DEBUGCTLMSR_BTF); }\n"
    "void save(void) {}\n"
    "void restore(void) {}\n"
    "void vcpu_run(void)\n"
    "{\n"
    "\tif (turn != 2)\n"
    "\t\tturn = 1;\n"
    "\tlocal_irq_disable();\n"
    "\tsave();\n"
    "\tclgi();\n"
    "\tupdate_debugctlmsr(spare);\n"
    "\trestore();\n"
    "\tstgi();\n"
    "\tlocal_irq_enable();\n"
    "}\n"
    "bool always_own(void) { return !cpu.gif || cpu.debugctl == reference_host.debugctl; }\n"
    "bool never_late(void) { return turn == 2; }\n"
    "bool never_lbr(void) { return cpu.debugctl & DEBUGCTLMSR_LBR; }\n";

const char* const fix =
    "#include <airlock/svm.h>\n"
    "extern u64 spare;\n"
    "u64 host;\n"
    "void vcpu_create(void)\n"
    "{\n"
    "\tspare = DEBUGCTLMSR_LBR;\n"
    "\tspare = 0;\n"
    "}\n"
    "void save(void)\n"
    "{\n"
    "\thost = get_debugctlmsr();\n"
    "\tif (!host)\n"
    "\t\tspare = 0;\n"
    "}\n"
    "void restore(void)\n"
    "{\n"
    "\tif (host || spare)\n"
    "\t\tupdate_debugctlmsr(host);\n"
    "}\n";

class RelaxedWorlds {
 public:
  RelaxedWorlds() {
    scratch_.write("base.c", base);
    scratch_.write("fix.c", fix);
    scratch_.write("airlock.toml",
                   "files = [\"base.c\"]\nfixes = [\"fix.c\"]\n[actors]\nnmi_flips = false\n"
                   "nmi_late = false\n");
    project_.emplace(Project::open({scratch_.path("")}, {}));
    fix_ = project_->fix("fix");
    count = project_->elements(fix_).size();
  }
  std::size_t count = 0;

  bool violates(const Relaxation& relaxation, const std::string& property) const {
    const TransitionSystem free = project_->build_relaxed(fix_, relaxation).system;
    const TransitionSystem system = pin(free, default_pins(free));
    const std::vector<Expr> targets{target_of(*system.find_property(property))};
    const Reduction reduction(system, targets);
    const Outcome outcome = explore(reduction.system(), reduction.targets()).outcomes.front();
    REQUIRE(outcome.answer != Reachability::unknown);
    return outcome.answer == Reachability::reachable;
  }

 private:
  test::Scratch scratch_;
  std::optional<Project> project_;
  Fix fix_;
};

}  // namespace

TEST_CASE("with nothing relaxed a world is as written, and an actor relaxed runs") {
  const RelaxedWorlds worlds;
  REQUIRE(worlds.count >= 10);
  for (const char* property : {"always_own", "never_lbr"}) {
    CHECK_FALSE(worlds.violates({}, property));
  }
  CHECK(worlds.violates({{}, {"nmi_flips"}}, "always_own"));
}

TEST_CASE("an actor relaxed runs where the reference host cannot follow it") {
  const RelaxedWorlds worlds;
  CHECK_FALSE(worlds.violates({}, "never_late"));
  CHECK(worlds.violates({{}, {"nmi_late"}}, "never_late"));
  CHECK_FALSE(worlds.violates({{}, {"nmi_late"}}, "always_own"));
}

TEST_CASE("what is violated with some pieces relaxed is violated with more") {
  const RelaxedWorlds worlds;
  std::mt19937 random(7);
  int violated = 0;
  for (int round = 0; round < 5; ++round) {
    std::vector<std::size_t> order(worlds.count);
    for (std::size_t i = 0; i < order.size(); ++i) {
      order[i] = i;
    }
    std::shuffle(order.begin(), order.end(), random);
    order.resize(4);  // more would be many inputs in one step
    Relaxation relaxation;
    bool before = false;
    for (const std::size_t element : order) {
      relaxation.elements.insert(element);
      const bool now = worlds.violates(relaxation, "always_own");
      CHECK((now || !before));
      before = now;
    }
    violated += before ? 1 : 0;
  }
  CHECK(violated >= 2);
}

TEST_CASE("a line of vcpu_create() that may be skipped is missing from some initial states") {
  const RelaxedWorlds worlds;
  // Elements come in the order of the text: the second line of vcpu_create() clears LBR again.
  CHECK(worlds.violates({{1}, {}}, "never_lbr"));
  CHECK_FALSE(worlds.violates({{0}, {}}, "never_lbr"));
}

}  // namespace airlock
