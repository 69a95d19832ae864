// A #DB's way: raised by an instruction, then delivered directly, or intercepted and injected.
#include <doctest/doctest.h>

#include "tests/model/world/world_bench.hpp"

using namespace airlock;
using namespace airlock::test;
using machine::Instruction;

TEST_CASE(
    "APM 13.1.4: an unintercepted #DB is delivered in the same step, to guest and reference") {
  WorldBench w;
  w.enter_guest(LBR | BLCKDB, idle_dr6, TF | IF, 3);
  const Outcome outcome = w.guest(Instruction::bus_lock);
  CHECK(outcome.says("#DB delivered to the guest"));
  const auto& cpu = w.layout.machine.cpu;
  CHECK(w.at(cpu.guest_mode) == 1);
  CHECK(w.at(cpu.dr6) == ((idle_dr6 ^ BLD) | BS));
  CHECK(w.at(cpu.rflags) == IF);
  CHECK(w.at(cpu.cpl) == 0);
  CHECK(w.at(w.layout.reference_guest.step_pending) == 0);
  CHECK(w.at(w.layout.reference_guest.lock_pending) == 0);
  w.check_agreement();
  w.check_nothing_wrong();
}

TEST_CASE("APM 13.1.6: a delivered #DB clears LBR and BTF, in hardware, guest view and reference") {
  WorldBench w;
  w.enter_guest(LBR | BTF | BLCKDB, idle_dr6, TF, 3);
  w.guest(Instruction::taken_branch);
  CHECK(w.at(w.layout.machine.cpu.debugctl) == BLCKDB);
  CHECK(w.at(w.layout.guest_view.debugctl) == BLCKDB);
  CHECK(w.at(w.layout.reference_guest.debugctl) == BLCKDB);
}

TEST_CASE(
    "APM 13.1.6: a delivered #DB clears LBR and BTF on every reading: it is not intercepted") {
  for (const char* option : {"intercept", "injection", "both"}) {
    WorldBench w;
    w.answer("db_clears_debugctl_at", option);
    w.enter_guest(LBR, idle_dr6, TF, 0);
    w.guest(Instruction::nothing_special);
    CHECK(w.at(w.layout.machine.cpu.debugctl) == 0);
    CHECK(w.at(w.layout.guest_view.debugctl) == 0);
  }
}

TEST_CASE("APM 15.12.2: an intercepted #DB exits after its instruction, with the handler's DR6") {
  WorldBench w;
  const auto& m = w.layout.machine;
  w.enter_guest(BLCKDB, idle_dr6, TF | IF, 3);
  w.at(m.svm.cached_intercepts) = intercept_db;
  const Outcome outcome = w.guest(Instruction::bus_lock);
  CHECK(outcome.says("#DB intercepted after the instruction"));
  CHECK(outcome.says("#VMEXIT(#DB)"));
  CHECK(w.at(m.cpu.guest_mode) == 0);
  CHECK(w.at(m.vmcb.exit_code) == 0x41);
  CHECK(w.at(m.vmcb.dr6) == ((idle_dr6 ^ BLD) | BS));
  CHECK(w.at(m.vmcb.cpl) == 3);
  w.check_nothing_wrong();
}

TEST_CASE("APM 13.1.4: an intercepted #DB leaves TF set in the VMCB, and what POPF has set") {
  WorldBench w;
  const auto& m = w.layout.machine;
  w.enter_guest(0, idle_dr6, TF | IF, 0);
  w.at(m.svm.cached_intercepts) = intercept_db;
  w.guest(Instruction::popf, {{"new TF", 1}});
  CHECK(w.at(m.vmcb.rflags) == (TF | IF));
}

TEST_CASE(
    "APM 15.12.2: the #DB intercept in force is the cached copy, and no other intercept counts") {
  WorldBench w;
  w.enter_guest(0, idle_dr6, TF, 0);
  w.at(w.layout.machine.svm.cached_intercepts) = 0x1F & ~intercept_db;
  w.at(w.layout.machine.vmcb.intercepts) = 0x1F;
  CHECK_FALSE(w.guest(Instruction::nothing_special).says("#VMEXIT"));
}

TEST_CASE("reading db_clears_debugctl_at decides whether the intercept clears LBR and BTF") {
  for (const bool clears : {false, true}) {
    for (const bool lbrv : {false, true}) {
      WorldBench w;
      const auto& m = w.layout.machine;
      w.answer("db_clears_debugctl_at", clears ? "intercept" : "injection");
      w.enter_guest(LBR | BTF | BLCKDB, idle_dr6, TF, 3);
      w.at(m.svm.cached_intercepts) = intercept_db;
      w.at(m.vmcb.virt_ext) = lbrv ? 1 : 0;
      w.at(m.svm.host_debugctl) = FLBRI;
      w.guest(Instruction::taken_branch);
      const std::uint64_t expected = clears ? BLCKDB : LBR | BTF | BLCKDB;
      // With LBR virtualisation it shows in the VMCB; without it, in what the host is left with.
      CHECK(w.at(lbrv ? m.vmcb.dbgctl : m.cpu.debugctl) == expected);
      CHECK(w.at(lbrv ? m.cpu.debugctl : m.vmcb.dbgctl) == (lbrv ? FLBRI : 0));
    }
  }
}

TEST_CASE("the reference waits with its #DB until the guest takes it") {
  WorldBench w;
  w.enter_guest(LBR | BLCKDB, idle_dr6, TF | IF, 3);
  w.at(w.layout.machine.svm.cached_intercepts) = intercept_db;
  w.guest(Instruction::bus_lock);
  const auto& ref = w.layout.reference_guest;
  CHECK(w.at(ref.step_pending) == 1);
  CHECK(w.at(ref.lock_pending) == 1);
  CHECK(w.at(ref.dr6) == idle_dr6);
  CHECK(w.at(ref.debugctl) == (LBR | BLCKDB));
  CHECK(w.at(ref.rflags) == (TF | IF));
  CHECK(w.at(ref.cpl) == 3);
}

TEST_CASE("each cause of a pending #DB is remembered apart") {
  WorldBench w;
  const auto& ref = w.layout.reference_guest;
  w.enter_guest(0, idle_dr6, TF, 3);
  w.at(w.layout.machine.svm.cached_intercepts) = intercept_db;
  const State before = w.state;
  w.guest(Instruction::nothing_special);
  CHECK(w.at(ref.step_pending) == 1);
  CHECK(w.at(ref.lock_pending) == 0);
  w.state = before;
  w.enter_guest(BLCKDB, idle_dr6, 0, 3);
  w.guest(Instruction::bus_lock);
  CHECK(w.at(ref.step_pending) == 0);
  CHECK(w.at(ref.lock_pending) == 1);
}

TEST_CASE(
    "a host's BLCKDB left on under the guest raises a #DB that the reference does not raise") {
  WorldBench w;
  w.enter_guest(0, idle_dr6, IF, 3);
  w.at(w.layout.machine.cpu.debugctl) = BLCKDB;
  w.guest(Instruction::bus_lock);
  const auto& saw = w.layout.guest_saw;
  CHECK(w.at(saw.spurious_db) == 1);
  CHECK(w.at(saw.db_dr6) == (idle_dr6 ^ BLD));
  CHECK(w.at(saw.lost_db) == 0);
}

TEST_CASE("a guest that lost its BTF traps on every instruction: the #DB is spurious") {
  WorldBench w;
  w.enter_guest(BTF, idle_dr6, TF, 0);
  w.at(w.layout.machine.cpu.debugctl) = 0;
  w.guest(Instruction::nothing_special);
  CHECK(w.at(w.layout.guest_saw.spurious_db) == 1);
}
