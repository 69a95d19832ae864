// The guest that runs a program against the free guest.
//
// checker/testgen holds the free guest to a straight line from outside, by what the rules' causes
// say. That is another way to the same runs, and it shares no code with guest_code.cpp. So for
// programs that raise no #DB the reachable states must be the same, whatever the host does: no run
// is added, and no interleaving lost.
#include <algorithm>
#include <doctest/doctest.h>
#include <map>
#include <random>
#include <set>

#include "checker/explore/explore.hpp"
#include "checker/testgen/constrain.hpp"
#include "checker/testgen/guest_event.hpp"
#include "model/system/pin.hpp"
#include "model/world/project.hpp"

namespace airlock {
namespace {

const std::string specs = std::string(AIRLOCK_SOURCE_DIR) + "/specs/";

/// The reachable states, seen through the variables of these names.
std::set<State> reachable(const TransitionSystem& system, const std::vector<std::string>& names) {
  std::vector<VarId> seen;
  for (const std::string& name : names) {
    seen.push_back(system.find_variable(name).value());
  }
  std::set<State> result;
  const TransitionSystem pinned = pin(system, default_pins(system));
  const ExploreResult all = explore(pinned, {}, {}, {}, [&](const State& state) {
    State part;
    for (const VarId id : seen) {
      part.push_back(state[id]);
    }
    result.insert(std::move(part));
  });
  REQUIRE(all.complete);
  return result;
}

std::vector<std::string> names_of(const TransitionSystem& system) {
  std::vector<std::string> result;
  for (const Variable& variable : system.variables) {
    result.push_back(variable.name);
  }
  return result;
}

std::string in_c(const GuestStep& step) {
  const auto value = [&] { return std::to_string(step.value) + "ULL"; };
  switch (step.op) {
    case GuestOp::taken_branch: return "taken_branch();";
    case GuestOp::syscall: return "syscall();";
    case GuestOp::popf: return "popf(0);";
    case GuestOp::iret: return step.user ? "iret(0, 3);" : "iret(0, 0);";
    case GuestOp::mov_from_dr6: return "x = read_dr6();";
    case GuestOp::mov_to_dr6: return "write_dr6(" + value() + ");";
    case GuestOp::rdmsr_debugctl: return "x = rdmsr(MSR_IA32_DEBUGCTLMSR);";
    case GuestOp::wrmsr_debugctl: return "wrmsr(MSR_IA32_DEBUGCTLMSR, " + value() + ");";
    case GuestOp::always_exits: return "cpuid();";
    default: return "nop();";
  }
}

GuestProgram random_program(unsigned seed, std::size_t length) {
  const std::vector<GuestStep> steps{{.op = GuestOp::nop},
                                     {.op = GuestOp::taken_branch},
                                     {.op = GuestOp::popf},
                                     {.op = GuestOp::iret},
                                     {.op = GuestOp::mov_from_dr6},
                                     {.op = GuestOp::mov_to_dr6, .value = 0xffff0ff0},
                                     {.op = GuestOp::mov_to_dr6, .value = 0xffff07f0},
                                     {.op = GuestOp::rdmsr_debugctl},
                                     {.op = GuestOp::wrmsr_debugctl, .value = seed % 2},
                                     {.op = GuestOp::always_exits}};
  std::mt19937 random(seed);
  GuestProgram program;
  for (std::size_t i = 0; i < length; ++i) {
    program.push_back(steps[random() % steps.size()]);
  }
  return program;
}

/// Without the rules by which software raises #GP: no program here writes what faults. (Held from
/// outside, the free guest may have written something else by then.)
TransitionSystem without_gp(TransitionSystem system) {
  std::erase_if(system.rules, [](const Rule& rule) { return guest_event(rule).gp_delivered; });
  return system;
}

/// Held from outside, the guest's choice of what it writes is bounded where the instruction
/// completes. Where software has looked at another value before, the run is at a dead end: these
/// states are none of the program's.
std::set<State> without_other_operands(const std::set<State>& states,
                                       const std::vector<std::string>& names, std::uint64_t value) {
  const auto index = [&](const std::string& name) {
    return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  };
  const std::size_t known = index("guest operand known");
  const std::size_t operand = index("guest operand");
  REQUIRE(std::max(known, operand) < names.size());
  std::set<State> result;
  for (const State& each : states) {
    if (each[known] == 0 || each[operand] == value) {
      result.insert(each);
    }
  }
  return result;
}

}  // namespace

TEST_CASE("a program's world has the states of the free guest held to the program, and no others") {
  for (const char* fix : {"none", "merged"}) {
    const Project project = Project::open({specs + "kvm"}, {});
    const TransitionSystem free = project.build(project.fix(fix)).system;
    const std::vector<std::string> names = names_of(free);
    for (unsigned seed = 1; seed <= 6; ++seed) {
      const GuestProgram program = random_program(seed, 3);
      std::string text = "#include <airlock/guest.h>\nvoid guest(void)\n{\n\tu64 x;\n";
      for (const GuestStep& step : program) {
        text += "\t" + in_c(step) + "\n";
      }
      text += "\tnop();\n}\n";
      INFO(fix << ", " << seed << ":\n" << text);
      const GuestSource source = guests_of({"program.c", text}).front();
      const std::set<State> ours =
          reachable(project.build_with_guest(project.fix(fix), source).system, names);
      CHECK(ours.size() > 100);
      const std::set<State> theirs = reachable(without_gp(constrained(free, program)), names);
      CHECK(ours == without_other_operands(theirs, names, seed % 2));
    }
  }
}

TEST_CASE("every state of a program's world is one of the free guest's world, with #DBs too") {
  const Project project = Project::open({specs + "svm-minimal"}, {});
  const TransitionSystem free = project.build(project.fix("none")).system;
  const std::vector<std::string> names = names_of(free);
  const std::set<State> all = reachable(free, names);
  const std::string text = R"(#include <airlock/guest.h>
u64 dr6;
void db_handler(void) { dr6 = read_dr6(); write_dr6(DR6_ACTIVE_LOW); }
void guest(void)
{
	int i;
	popf(X86_EFLAGS_TF);
	for (i = 0; i < 2; i++)
		nop();
	if (dr6 & DR6_BS)
		taken_branch();
	popf(0);
	iret(0, 3);
	bus_lock();
	syscall();
	wrmsr(MSR_IA32_DEBUGCTLMSR, DEBUGCTLMSR_LBR);
}
)";
  const GuestSource source = guests_of({"program.c", text}).front();
  const std::set<State> ours =
      reachable(project.build_with_guest(project.fix("none"), source).system, names);
  CHECK(ours.size() > 50);
  CHECK(std::includes(all.begin(), all.end(), ours.begin(), ours.end()));
}

}  // namespace airlock
