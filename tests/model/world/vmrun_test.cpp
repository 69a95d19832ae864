// VMRUN as software executes it: entry, and the delivery of an injected #DB in the same step.
#include <doctest/doctest.h>

#include "tests/model/world/world_bench.hpp"

using namespace airlock;
using namespace airlock::test;

namespace {

/// A host about to VMRUN; the reference has the DebugCtl that the VMCB holds.
class VmrunBench : public WorldBench {
 public:
  explicit VmrunBench(std::optional<std::uint64_t> software_dr6 = std::nullopt,
                      bool cpu_has_lbrv = true, const std::string& program = {})
      : WorldBench({.guest_debugctl_bits = LBR | BTF | BLCKDB, .cpu_has_lbrv = cpu_has_lbrv},
                   program) {
    const Step begin = begin_step(system, layout, "vmrun", "vcpu_run");
    const Expr dr6 = software_dr6 ? system.pool->bits(64, *software_dr6) : Expr{};
    for (const Step& way : run_vmrun(begin, layout, dr6)) {
      way.finish();
    }
    at(layout.machine.cpu.rflags) = IF;
    at(layout.machine.cpu.gif) = 0;
    at(layout.machine.cpu.debugctl) = BLCKDB;
    at(layout.machine.vmcb.intercepts) = 0x1F;
    at(layout.machine.vmcb.rflags) = TF | IF;
    at(layout.machine.vmcb.cpl) = 3;
  }
  void inject_db() { at(layout.machine.vmcb.event_inj) = machine::vmcb::event_db; }
  void reference_has_raised(bool single_step, bool bus_lock) {
    at(layout.reference_guest.rflags) = TF | IF;
    at(layout.reference_guest.cpl) = 3;
    at(layout.reference_guest.step_pending) = single_step ? 1 : 0;
    at(layout.reference_guest.lock_pending) = bus_lock ? 1 : 0;
  }
};

}  // namespace

TEST_CASE("APM 15.5.1: software's VMRUN enters guest mode with the VMCB's state") {
  VmrunBench w;
  const auto& m = w.layout.machine;
  const Outcome outcome = w.step("vmrun");
  CHECK(outcome.says("VMRUN"));
  CHECK(w.at(m.cpu.guest_mode) == 1);
  CHECK(w.at(m.cpu.gif) == 1);
  CHECK(w.at(m.cpu.rflags) == (TF | IF));
  CHECK(w.at(m.cpu.cpl) == 3);
  CHECK(w.at(m.cpu.debugctl) == BLCKDB);
  CHECK(w.at(m.svm.host_rflags) == IF);
  CHECK(w.at(m.svm.cached_intercepts) == 0x1F);
}

TEST_CASE("an injected #DB puts a guest that runs a program into its handler") {
  using machine::Instruction;
  const std::string program =
      "#include <airlock/guest.h>\nu64 seen;\nvoid db_handler(void)\n{\n\tseen = read_dr6();\n}\n"
      "void guest(void)\n{\n\tnop();\n}\n";
  for (const bool injects : {false, true}) {
    VmrunBench w(std::nullopt, true, program);
    if (injects) {
      w.inject_db();
    }
    w.step("vmrun");
    CHECK(w.can(Instruction::mov_from_dr6) == injects);
    CHECK(w.can(Instruction::nothing_special) == !injects);
  }
}

TEST_CASE("VMRUN without an event delivers nothing, to the guest or to its reference") {
  VmrunBench w;
  w.reference_has_raised(true, false);
  CHECK_FALSE(w.step("vmrun").says("delivered"));
  CHECK(w.at(w.layout.reference_guest.step_pending) == 1);
  CHECK(w.at(w.layout.reference_guest.rflags) == (TF | IF));
  w.check_nothing_wrong();
}

TEST_CASE("the guest view is the DebugCtl that the VMCB holds at VMRUN, in force or not") {
  for (const bool lbrv : {false, true}) {
    VmrunBench w;
    w.at(w.layout.machine.vmcb.virt_ext) = lbrv ? 1 : 0;
    w.at(w.layout.machine.vmcb.dbgctl) = LBR | 1ULL << 63;
    w.step("vmrun");
    CHECK(w.at(w.layout.guest_view.debugctl) == LBR);
    CHECK(w.at(w.layout.machine.cpu.debugctl) == (lbrv ? LBR : BLCKDB));
  }
}

TEST_CASE("the guest view is the VMCB's value even where VMRUN uses the cached copy") {
  VmrunBench w;
  const auto& m = w.layout.machine;
  w.at(m.vmcb.virt_ext) = 1;
  w.at(m.vmcb.dbgctl) = LBR;
  w.at(m.vmcb.clean) = machine::vmcb::all_clean;
  w.at(m.svm.cached_dbgctl) = BTF;
  w.step("vmrun", {{"use the cached copy: LBR", 1}});
  CHECK(w.at(w.layout.guest_view.debugctl) == LBR);
  CHECK(w.at(m.cpu.debugctl) == BTF);
}

TEST_CASE("APM 15.15.1: each VMRUN chooses anew, group by group, whether to use the cached copy") {
  const std::map<std::string, std::uint64_t> groups{{"intercepts", 1}, {"DRx", 2}, {"LBR", 3}};
  for (const auto& entry : groups) {
    const std::string group = entry.first;
    const std::uint64_t number = entry.second;
    CAPTURE(group);
    VmrunBench w;
    const auto& m = w.layout.machine;
    w.at(m.vmcb.virt_ext) = 1;
    w.at(m.vmcb.clean) = machine::vmcb::all_clean;
    w.at(m.svm.cached_dr6) = idle_dr6 | BS;
    w.at(m.svm.cached_dbgctl) = LBR;
    w.step("vmrun", {{"use the cached copy: " + group, 1}});
    CHECK((w.at(m.svm.cached_intercepts) == 0) == (number == 1));
    CHECK((w.at(m.cpu.dr6) == (idle_dr6 | BS)) == (number == 2));
    CHECK((w.at(m.cpu.debugctl) == LBR) == (number == 3));
  }
}

TEST_CASE("APM 15.20: an injected #DB is taken at VMRUN, before any guest instruction") {
  VmrunBench w;
  w.inject_db();
  w.reference_has_raised(true, false);
  const Outcome outcome = w.step("vmrun");
  CHECK(outcome.says("the injected #DB is delivered"));
  const auto& cpu = w.layout.machine.cpu;
  CHECK(w.at(cpu.guest_mode) == 1);
  CHECK(w.at(cpu.rflags) == IF);
  CHECK(w.at(cpu.cpl) == 0);
  CHECK(w.at(w.layout.reference_guest.step_pending) == 0);
  CHECK(w.at(w.layout.reference_guest.rflags) == IF);
  CHECK(w.at(w.layout.reference_guest.cpl) == 0);
  CHECK(w.at(w.layout.reference_guest.dr6) == (idle_dr6 | BS));
  w.check_nothing_wrong();
}

TEST_CASE("APM 15.20: an injected #DB is not subject to the #DB intercept") {
  VmrunBench w;
  w.inject_db();
  w.step("vmrun");
  CHECK((w.at(w.layout.machine.svm.cached_intercepts) & intercept_db) != 0);
  CHECK(w.at(w.layout.machine.cpu.guest_mode) == 1);
}

TEST_CASE("APM 15.20: an injected #DB changes nothing in DR6: software has done that") {
  VmrunBench w;
  w.inject_db();
  w.reference_has_raised(true, true);
  w.step("vmrun");
  CHECK(w.at(w.layout.machine.cpu.dr6) == idle_dr6);
}

TEST_CASE("reading db_clears_debugctl_at decides whether the injection clears LBR and BTF") {
  for (const bool clears : {false, true}) {
    for (const bool lbrv : {false, true}) {
      VmrunBench w;
      const auto& m = w.layout.machine;
      w.answer("db_clears_debugctl_at", clears ? "injection" : "intercept");
      w.inject_db();
      w.reference_has_raised(true, false);
      w.at(m.vmcb.virt_ext) = lbrv ? 1 : 0;
      w.at(m.cpu.debugctl) = BLCKDB | BTF;  // without LBR virtualisation, the host's: lost to it
      w.at(m.vmcb.dbgctl) = LBR | BTF;
      w.at(w.layout.reference_guest.debugctl) = LBR | BTF;
      w.step("vmrun");
      const std::uint64_t kept = lbrv ? LBR | BTF : BLCKDB | BTF;
      CHECK(w.at(m.cpu.debugctl) == (clears ? kept & BLCKDB : kept));
      CHECK(w.at(w.layout.guest_view.debugctl) == (clears ? 0 : LBR | BTF));
      CHECK(w.at(w.layout.reference_guest.debugctl) == 0);
    }
  }
}

TEST_CASE("a spurious injected #DB shows the DR6 on the hardware where the guest reads it there") {
  VmrunBench w(idle_dr6 | BS);
  w.at(w.layout.machine.vmcb.intercepts) = intercept_db;
  w.at(w.layout.machine.vmcb.dr6) = idle_dr6 ^ BLD;
  w.inject_db();
  w.step("vmrun");
  CHECK(w.at(w.layout.guest_saw.spurious_db) == 1);
  CHECK(w.at(w.layout.guest_saw.db_dr6) == (idle_dr6 ^ BLD));
  CHECK(w.at(w.layout.reference_guest.dr6) == (idle_dr6 ^ BLD));
}

TEST_CASE("a spurious injected #DB shows software's DR6 where a read of it is intercepted") {
  VmrunBench w(idle_dr6 | BS);
  w.at(w.layout.machine.vmcb.intercepts) = intercept_db | intercept_read;
  w.at(w.layout.machine.vmcb.dr6) = idle_dr6 ^ BLD;
  w.inject_db();
  w.step("vmrun");
  CHECK(w.at(w.layout.guest_saw.spurious_db) == 1);
  CHECK(w.at(w.layout.guest_saw.db_dr6) == (idle_dr6 | BS));
  CHECK(w.at(w.layout.reference_guest.dr6) == (idle_dr6 | BS));
}

TEST_CASE(
    "software's DR6 goes through VMRUN before the guest reads it: bld_loaded_by_vmrun applies") {
  for (const bool trap_on : {false, true}) {
    VmrunBench w(idle_dr6 ^ BLD);
    w.at(w.layout.machine.cpu.debugctl) = trap_on ? BLCKDB : 0;
    w.inject_db();
    w.step("vmrun");
    CHECK(w.at(w.layout.guest_saw.db_dr6) == (trap_on ? idle_dr6 ^ BLD : idle_dr6));
  }
}

TEST_CASE("a model without guest_dr6() shows the hardware's DR6 to a spurious #DB") {
  VmrunBench w;
  w.at(w.layout.machine.vmcb.dr6) = idle_dr6 | BS;
  w.inject_db();
  w.step("vmrun");
  CHECK(w.at(w.layout.guest_saw.db_dr6) == (idle_dr6 | BS));
}

TEST_CASE("VMRUN makes software forget the operand of the instruction that exited") {
  for (const bool injected : {false, true}) {
    VmrunBench w;
    w.at(w.layout.operand) = 7;
    w.at(w.layout.operand_known) = 1;
    if (injected) {
      w.inject_db();
    }
    w.step("vmrun");
    CHECK(w.at(w.layout.operand) == 0);
    CHECK(w.at(w.layout.operand_known) == 0);
  }
}

TEST_CASE("VMRUN obeys LbrVirt") {
  VmrunBench w(std::nullopt, false);
  w.at(w.layout.machine.vmcb.virt_ext) = 1;
  w.at(w.layout.machine.vmcb.dbgctl) = LBR;
  w.step("vmrun");
  CHECK(w.at(w.layout.machine.cpu.debugctl) == BLCKDB);
}
