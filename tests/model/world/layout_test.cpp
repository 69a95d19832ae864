#include <doctest/doctest.h>
#include <set>

#include "model/world/observe.hpp"
#include "tests/model/world/world_bench.hpp"

using namespace airlock;
using namespace airlock::test;

TEST_CASE("the guest starts at CPL 0 with TF=0, DR6 with nothing pending and DebugCtl 0") {
  WorldBench w;
  const auto& ref = w.layout.reference_guest;
  const auto& vmcb = w.layout.machine.vmcb;
  CHECK(w.at(ref.debugctl) == 0);
  CHECK(w.at(ref.dr6) == idle_dr6);
  CHECK(w.at(ref.rflags) == 0);
  CHECK(w.at(ref.cpl) == 0);
  CHECK(w.at(ref.step_pending) == 0);
  CHECK(w.at(ref.lock_pending) == 0);
  CHECK(w.at(vmcb.rflags) == 0);
  CHECK(w.at(vmcb.cpl) == 0);
  CHECK(w.at(vmcb.dbgctl) == 0);
}

TEST_CASE("the reference host starts as the host does: DebugCtl 0") {
  WorldBench w;
  CHECK(w.at(w.layout.reference_host.debugctl) == w.at(w.layout.machine.cpu.debugctl));
}

TEST_CASE(
    "what the guest read is compared with the register, and what it should have read with that") {
  WorldBench w;
  const auto& saw = w.layout.guest_saw;
  const auto& cpu = w.layout.machine.cpu;
  const auto counterpart = [&](VarId id) { return w.system.variables[id].counterpart; };
  CHECK(counterpart(saw.dr6_read) == cpu.dr6);
  CHECK(counterpart(saw.dr6_expected) == saw.dr6_read);
  CHECK(counterpart(saw.debugctl_read) == cpu.debugctl);
  CHECK(counterpart(saw.debugctl_expected) == saw.debugctl_read);
  CHECK(counterpart(w.layout.reference_host.debugctl) == cpu.debugctl);
  CHECK(counterpart(w.layout.reference_guest.dr6) == cpu.dr6);
}

TEST_CASE("what references and guest show to C code is shared, and not to be written") {
  WorldBench w;
  std::size_t count = 0;
  for (const auto& [path, leaf] : w.layout.objects) {
    for (const char* of : {"reference_guest.", "reference_host.", "guest_view.", "guest_saw."}) {
      if (path.rfind(of, 0) == 0) {
        CAPTURE(path);
        CHECK(leaf.shared);
        CHECK_FALSE(leaf.writable);
        ++count;
      }
    }
  }
  CHECK(count >= 15);
}

TEST_CASE("a step begins with every pulse down, whatever the step before raised") {
  WorldBench w{{.measure_cost = true}};
  begin_step(w.system, w.layout, "idle", "test").finish();
  const auto& saw = w.layout.guest_saw;
  const auto& cost = *w.layout.cost;
  const std::vector<VarId> pulses{saw.spurious_db,
                                  saw.lost_db,
                                  saw.wrong_dr6,
                                  saw.wrong_debugctl,
                                  saw.db_dr6,
                                  saw.dr6_read,
                                  saw.dr6_expected,
                                  saw.debugctl_read,
                                  saw.debugctl_expected,
                                  cost.entry_complete,
                                  cost.fastpath_complete,
                                  cost.rdmsr,
                                  cost.wrmsr};
  for (const VarId id : pulses) {
    w.at(id) = 1;
  }
  w.step("idle");
  for (const VarId id : pulses) {
    CAPTURE(w.system.variables[id].name);
    CHECK(w.at(id) == 0);
  }
}

TEST_CASE("the program counter and the mode are what engines may split by") {
  WorldBench w;
  CHECK(w.system.control == std::vector{w.layout.pc, w.layout.machine.cpu.guest_mode});
}

TEST_CASE("a world that measures costs has a variable of its own for each counter and flag") {
  WorldBench w{{.measure_cost = true}};
  const CostVariables& c = *w.layout.cost;
  const auto name = [&](VarId id) { return w.system.variables[id].name; };
  CHECK(name(c.active) == "cost.active");
  CHECK(name(c.vmruns) == "cost.vmruns");
  CHECK(name(c.rdmsr_before) == "cost.rdmsr_before");
  CHECK(name(c.wrmsr_before) == "cost.wrmsr_before");
  CHECK(name(c.rdmsr_since) == "cost.rdmsr_since");
  CHECK(name(c.wrmsr_since) == "cost.wrmsr_since");
  CHECK(name(c.entry_complete) == "cost.entry_complete");
  CHECK(name(c.fastpath_complete) == "cost.fastpath_complete");
  CHECK(name(c.rdmsr) == "cost.rdmsr");
  CHECK(name(c.wrmsr) == "cost.wrmsr");
}

TEST_CASE("the guest's rules make a valid transition system whose readings no rule writes") {
  WorldBench w;
  CHECK_NOTHROW(validate(w.system));
}

TEST_CASE("what a guest observes, and what it does next, has names") {
  WorldBench w{{.observe_guest = true, .follow_guest = true}};
  const auto names = [&](VarId id) {
    std::set<std::pair<std::uint64_t, std::string>> result;
    for (const auto& name : w.system.variables[id].display.names) {
      result.emplace(name.value, name.name);
    }
    return result;
  };
  const auto observed = names(w.layout.observed->event);
  const auto next = names(w.layout.next->instruction);
  for (const machine::Instruction instruction : machine::all_instructions) {
    const std::string name = machine::name_of(instruction);
    CHECK(observed.count({observed_completion(instruction), "completed " + name}) == 1);
    CHECK(next.count({observed_completion(instruction), name}) == 1);
  }
  CHECK(observed.count({observed_nothing, "nothing"}) == 1);
  CHECK(observed.count({observed_db, "took a #DB"}) == 1);
  CHECK(observed.count({observed_gp, "took a #GP"}) == 1);
}

TEST_CASE("steps leave markers where coverage is asked for, and nowhere else") {
  WorldBench plain;
  WorldBench marked{{.coverage = true}};
  CHECK_FALSE(begin_step(plain.system, plain.layout, "a", "test").marking(Marking::runs));
  CHECK(begin_step(marked.system, marked.layout, "a", "test").marking(Marking::runs));
}
