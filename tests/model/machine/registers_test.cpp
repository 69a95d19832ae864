#include <doctest/doctest.h>
#include <map>

#include "tests/model/machine/concrete.hpp"

using namespace airlock;
using namespace airlock::test;

TEST_CASE("at reset DebugCtl is 0, DR6 has nothing pending, interrupts are on, the host runs") {
  TransitionSystem system;
  const machine::Registers r = machine::add_registers(system);
  const auto reset = [&](VarId id) { return value(system.variables[id].initial); };
  CHECK(reset(r.cpu.debugctl) == 0);
  CHECK(reset(r.cpu.dr6) == idle_dr6);
  CHECK(reset(r.cpu.rflags) == IF);
  CHECK(reset(r.cpu.cpl) == 0);
  CHECK(reset(r.cpu.gif) == 1);
  CHECK(reset(r.cpu.guest_mode) == 0);
  for (const VarId id : {r.vmcb.dr6, r.svm.cached_dr6}) {
    CHECK(reset(id) == idle_dr6);
  }
  for (const VarId id : {r.vmcb.intercepts, r.vmcb.msrpm_debugctl, r.vmcb.int_ctl, r.vmcb.clean,
                         r.vmcb.event_inj, r.vmcb.virt_ext, r.vmcb.exit_code, r.vmcb.exit_info_1,
                         r.vmcb.rflags, r.vmcb.dbgctl, r.vmcb.cpl, r.svm.host_rflags,
                         r.svm.host_debugctl, r.svm.cached_intercepts, r.svm.cached_dbgctl}) {
    CHECK(reset(id) == 0);
  }
}

TEST_CASE("load and store go between a step and each field of each register struct") {
  TransitionSystem system;
  const machine::Registers r = machine::add_registers(system);
  Step step(system, "step", "test");
  std::map<VarId, std::uint64_t> expected;
  std::uint64_t next = 0;
  const auto number = [&](auto& contents, const auto& ids) {
    machine::zip(contents, ids, [&](Expr& field, VarId id) {
      const std::uint64_t v = ++next & system.variables[id].sort.mask();
      field = system.pool->constant(system.variables[id].sort, v);
      expected[id] = v;
    });
  };
  machine::Cpu cpu;
  machine::Vmcb vmcb;
  machine::SvmState svm;
  number(cpu, r.cpu);
  number(vmcb, r.vmcb);
  number(svm, r.svm);
  CHECK(expected.size() == system.variables.size());
  machine::store(step, r.cpu, cpu);
  machine::store(step, r.vmcb, vmcb);
  machine::store(step, r.svm, svm);
  for (const auto& [id, v] : expected) {
    const std::string name = system.variables[id].name;
    CAPTURE(name);
    CHECK(value(step.get(id)) == v);
  }
  CHECK(value(machine::load(step, r.vmcb).cpl) == expected[r.vmcb.cpl]);
  CHECK(value(machine::load(step, r.cpu).dr6) == expected[r.cpu.dr6]);
}

TEST_CASE("the VMCB prints by the manual's names") {
  TransitionSystem system;
  const machine::Registers r = machine::add_registers(system);
  const auto shown = [&](VarId id, std::uint64_t v) {
    return format_value(system.variables[id], v);
  };
  CHECK(shown(r.vmcb.intercepts, 0x1F) == "INTR|NMI|#DB|DR6_READ|DR6_WRITE");
  CHECK(shown(r.vmcb.msrpm_debugctl, 3) == "READ|WRITE");
  CHECK(shown(r.vmcb.clean, 0x441) == "I|DRx|LBR");
  CHECK(shown(r.vmcb.event_inj, machine::vmcb::event_db) == "#DB");
  CHECK(shown(r.vmcb.virt_ext, 1) == "LBR_VIRTUALIZATION_ENABLE");
  CHECK(shown(r.vmcb.exit_code, 0x41) == "EXCP_DB");
  CHECK(shown(r.vmcb.exit_code, 0x26) == "READ_DR6");
  CHECK(shown(r.vmcb.exit_code, 0x36) == "WRITE_DR6");
  CHECK(shown(r.vmcb.exit_code, 0x60) == "INTR");
  CHECK(shown(r.vmcb.exit_code, 0x61) == "NMI");
  CHECK(shown(r.vmcb.exit_code, 0x7C) == "MSR");
  CHECK(shown(r.cpu.rflags, TF | IF) == "TF|IF");
  CHECK(shown(r.cpu.guest_mode, 1) == "guest");
}
