#include <doctest/doctest.h>

#include "tests/model/machine/concrete.hpp"

using namespace airlock;
using namespace airlock::test;

namespace {

constexpr std::uint64_t clean_intercepts = 1U << machine::vmcb::CLEAN_INTERCEPTS;
constexpr std::uint64_t clean_dr = 1U << machine::vmcb::CLEAN_DR;
constexpr std::uint64_t clean_lbr = 1U << machine::vmcb::CLEAN_LBR;

/// One CPU about to run a guest, everything different from everything else.
struct Bench {
  Concrete c;
  machine::Cpu cpu = c.at_reset(&machine::Registers::cpu);
  machine::Vmcb vmcb = c.at_reset(&machine::Registers::vmcb);
  machine::SvmState svm = c.at_reset(&machine::Registers::svm);
  bool has_lbrv = true;
  Answers answers;

  Bench() {
    cpu.debugctl = c.bits(BLCKDB);
    cpu.gif = c.no();
    vmcb.intercepts = c.bits(0x1F, 32);
    vmcb.msrpm_debugctl = c.bits(3, 32);
    vmcb.int_ctl = c.bits(1U << 24, 32);
    vmcb.rflags = c.bits(TF);
    vmcb.dr6 = c.bits(idle_dr6 | BS);
    vmcb.dbgctl = c.bits(LBR | BTF);
    vmcb.cpl = c.bits(3, 2);
    svm.host_debugctl = c.bits(FPMCI);
    svm.cached_intercepts = c.bits(0x4, 32);
    svm.cached_dr6 = c.bits(idle_dr6 ^ BLD);
    svm.cached_dbgctl = c.bits(BTF);
  }
  void enable_lbrv() { vmcb.virt_ext = c.bits(1); }
  void run(bool wish = false) { run(wish, wish, wish); }
  void run(bool intercepts, bool dr6, bool lbr) {
    machine::vmrun(cpu, vmcb, svm, {c.yes(intercepts), c.yes(dr6), c.yes(lbr)}, has_lbrv,
                   c.choices(answers));
  }
  void exit(machine::ExitCode code = machine::ExitCode::msr, std::uint64_t info = 1) {
    machine::vmexit(cpu, vmcb, svm, code, info, has_lbrv, c.choices(answers));
  }
};

}  // namespace

TEST_CASE("APM 15.5.1: VMRUN loads DR6, rFLAGS with TF, and CPL from the VMCB, and sets GIF") {
  Bench b;
  b.run();
  CHECK(value(b.cpu.dr6) == (idle_dr6 | BS));
  CHECK(value(b.cpu.rflags) == TF);
  CHECK(value(b.cpu.cpl) == 3);
  CHECK(value(b.cpu.gif) == 1);
  CHECK(value(b.cpu.guest_mode) == 1);
}

TEST_CASE("APM 15.5.1: VMRUN saves the host's rFLAGS in the host save area") {
  Bench b;
  b.run();
  CHECK(value(b.svm.host_rflags) == IF);
}

TEST_CASE("APM 15.5.1: VMRUN without LBR virtualisation neither saves nor loads DebugCtl") {
  Bench b;
  b.run();
  CHECK(value(b.cpu.debugctl) == BLCKDB);
  CHECK(value(b.svm.host_debugctl) == FPMCI);
}

TEST_CASE(
    "APM 15.23.1: VMRUN with LBR virtualisation saves the host's DebugCtl and loads the guest's") {
  Bench b;
  b.enable_lbrv();
  b.run();
  CHECK(value(b.svm.host_debugctl) == BLCKDB);
  CHECK(value(b.cpu.debugctl) == (LBR | BTF));
}

TEST_CASE("APM 13.1.1.6: VMRUN loads of the VMCB's DBGCTL the implemented bits only") {
  Bench b;
  b.enable_lbrv();
  b.vmcb.dbgctl = b.c.bits(~0ULL);
  b.run();
  CHECK(value(b.cpu.debugctl) == 0x1807);
  CHECK(value(b.svm.cached_dbgctl) == 0x1807);
}

TEST_CASE("Fn8000_000A_EDX[LbrVirt]=0: LBR_VIRTUALIZATION_ENABLE has no effect") {
  Bench b;
  b.enable_lbrv();
  b.has_lbrv = false;
  CHECK(value(machine::lbr_virtualization_on(b.vmcb, false)) == 0);
  CHECK(value(machine::lbr_virtualization_on(b.vmcb, true)) == 1);
  b.run();
  CHECK(value(b.cpu.debugctl) == BLCKDB);
  b.exit();
  CHECK(value(b.cpu.debugctl) == BLCKDB);
  CHECK(value(b.vmcb.dbgctl) == (LBR | BTF));
}

TEST_CASE("VMCB offset 0B8h: LBR_VIRTUALIZATION_ENABLE is bit 0 and no other") {
  Bench b;
  b.vmcb.virt_ext = b.c.bits(~1ULL);
  CHECK(value(machine::lbr_virtualization_on(b.vmcb, true)) == 0);
}

TEST_CASE("VMRUN judges the BLD that it loads by the DebugCtl that the guest runs with") {
  for (const bool lbrv : {false, true}) {
    Bench b;  // the host has BLCKDB, the guest has not
    b.vmcb.dr6 = b.c.bits(idle_dr6 ^ BLD);
    if (lbrv) {
      b.enable_lbrv();
    }
    b.run();
    CHECK(value(b.cpu.dr6) == (lbrv ? idle_dr6 : idle_dr6 ^ BLD));
  }
}

TEST_CASE("APM 15.15.1: a clear clean bit is always honoured") {
  Bench b;
  b.enable_lbrv();
  b.run(true);
  CHECK(value(b.svm.cached_intercepts) == 0x1F);
  CHECK(value(b.cpu.dr6) == (idle_dr6 | BS));
  CHECK(value(b.cpu.debugctl) == (LBR | BTF));
}

TEST_CASE("APM 15.15.1: a set clean bit lets VMRUN use the cached copy, group by group") {
  for (unsigned group = 0; group < 3; ++group) {
    CAPTURE(group);
    Bench b;
    b.enable_lbrv();
    b.cpu.debugctl = b.c.bits(0);
    b.svm.cached_dbgctl = b.c.bits(BLCKDB);
    b.vmcb.clean = b.c.bits(machine::vmcb::all_clean, 32);
    b.run(group == 0, group == 1, group == 2);
    CHECK(value(b.svm.cached_intercepts) == (group == 0 ? 0x4 : 0x1F));
    CHECK(value(b.cpu.dr6) == (group == 1 ? idle_dr6 : idle_dr6 | BS));  // cached BLD=0, BLCKDB=0
    CHECK(value(b.cpu.debugctl) == (group == 2 ? BLCKDB : LBR | BTF));
  }
}

TEST_CASE("APM 15.15.3: clean bits 0, 6 and 10 are the intercepts, DR6 and the LBR group") {
  CHECK(clean_intercepts == 0x1);
  CHECK(clean_dr == 0x40);
  CHECK(clean_lbr == 0x400);
  CHECK(machine::vmcb::all_clean == 0x441);
  for (const std::uint64_t clean : {clean_intercepts, clean_dr, clean_lbr}) {
    CAPTURE(clean);
    Bench b;
    b.enable_lbrv();
    b.svm.cached_dr6 = b.c.bits(idle_dr6);
    b.vmcb.clean = b.c.bits(clean, 32);
    b.run(true);
    CHECK((value(b.svm.cached_intercepts) == 0x4) == (clean == clean_intercepts));
    CHECK((value(b.cpu.dr6) == idle_dr6) == (clean == clean_dr));
    CHECK((value(b.cpu.debugctl) == BTF) == (clean == clean_lbr));
  }
}

TEST_CASE("reading use_clean_cache: a processor may be pinned to never or always use its cache") {
  for (const bool always : {false, true}) {
    Bench b;
    b.vmcb.clean = b.c.bits(clean_dr, 32);
    b.answers.may_use_cache = always;
    b.answers.must_use_cache = always;
    b.svm.cached_dr6 = b.c.bits(idle_dr6);
    b.run(!always);  // the wish does not matter
    CHECK(value(b.cpu.dr6) == (always ? idle_dr6 : idle_dr6 | BS));
  }
}

TEST_CASE("APM 15.15: what VMRUN loads becomes the cached copy") {
  Bench b;
  b.enable_lbrv();
  b.run();
  CHECK(value(b.svm.cached_intercepts) == 0x1F);
  CHECK(value(b.svm.cached_dr6) == (idle_dr6 | BS));
  CHECK(value(b.svm.cached_dbgctl) == (LBR | BTF));
}

TEST_CASE("reading lbr_group_cached_while_off: the LBR group's copy follows the VMCB or stays") {
  for (const bool follows : {false, true}) {
    Bench b;
    b.answers.lbr_group_cached_while_off = follows;
    b.run();
    CHECK(value(b.svm.cached_dbgctl) == (follows ? LBR | BTF : BTF));
    b.exit();  // with LBR virtualisation off there is nothing of the guest's to write back
    CHECK(value(b.svm.cached_dbgctl) == (follows ? LBR | BTF : BTF));
  }
}

TEST_CASE("APM 15.15: VMRUN leaves the VMCB as it is") {
  Bench b;
  b.enable_lbrv();
  b.vmcb.event_inj = b.c.bits(machine::vmcb::event_db, 32);
  b.vmcb.clean = b.c.bits(clean_dr, 32);
  const machine::Vmcb before = b.vmcb;
  b.run(true);
  machine::zip(b.vmcb, before, [](Expr now, Expr then) { CHECK(value(now) == value(then)); });
}

TEST_CASE("APM 15.6: #VMEXIT writes the guest's DR6, rFLAGS and CPL back to the VMCB") {
  Bench b;
  b.run();
  b.cpu.dr6 = b.c.bits((idle_dr6 ^ BLD) | BS);
  b.cpu.rflags = b.c.bits(TF | IF);
  b.cpu.cpl = b.c.bits(0, 2);
  b.exit();
  CHECK(value(b.vmcb.dr6) == ((idle_dr6 ^ BLD) | BS));
  CHECK(value(b.vmcb.rflags) == (TF | IF));
  CHECK(value(b.vmcb.cpl) == 0);
}

TEST_CASE("APM 15.6: #VMEXIT clears GIF and goes back to the host's rFLAGS, at CPL 0") {
  Bench b;
  b.run();
  b.exit();
  CHECK(value(b.cpu.gif) == 0);
  CHECK(value(b.cpu.guest_mode) == 0);
  CHECK(value(b.cpu.rflags) == IF);
  CHECK(value(b.cpu.cpl) == 0);
}

TEST_CASE("APM 15.6: #VMEXIT stores the exit code and EXITINFO1") {
  Bench b;
  b.run();
  b.exit(machine::ExitCode::msr, 1);
  CHECK(value(b.vmcb.exit_code) == 0x7C);
  CHECK(value(b.vmcb.exit_info_1) == 1);
}

TEST_CASE("APM volume 3, VMRUN: #VMEXIT clears EVENTINJ") {
  Bench b;
  b.vmcb.event_inj = b.c.bits(machine::vmcb::event_db, 32);
  b.run();
  b.exit();
  CHECK(value(b.vmcb.event_inj) == 0);
}

TEST_CASE("APM 15.6: DR6 is not reloaded at #VMEXIT: the host runs on with the guest's") {
  Bench b;
  b.run();
  b.cpu.dr6 = b.c.bits(idle_dr6 ^ BLD);
  b.exit();
  CHECK(value(b.cpu.dr6) == (idle_dr6 ^ BLD));
}

TEST_CASE("APM 15.6: without LBR virtualisation DebugCtl stays as the guest left it") {
  Bench b;
  b.run();
  b.cpu.debugctl = b.c.bits(LBR | FLBRI);
  b.exit();
  CHECK(value(b.cpu.debugctl) == (LBR | FLBRI));
  CHECK(value(b.vmcb.dbgctl) == (LBR | BTF));
}

TEST_CASE(
    "APM 15.23.1: #VMEXIT with LBR virtualisation saves the guest's DebugCtl, restores the "
    "host's") {
  Bench b;
  b.enable_lbrv();
  b.run();
  b.cpu.debugctl = b.c.bits(LBR);
  b.exit();
  CHECK(value(b.vmcb.dbgctl) == LBR);
  CHECK(value(b.cpu.debugctl) == BLCKDB);
}

TEST_CASE("APM 15.15: the guest's own execution keeps the cached copy current") {
  Bench b;
  b.enable_lbrv();
  b.run();
  b.cpu.dr6 = b.c.bits(idle_dr6);
  b.cpu.debugctl = b.c.bits(BLCKDB);
  b.exit();
  CHECK(value(b.svm.cached_dr6) == idle_dr6);
  CHECK(value(b.svm.cached_dbgctl) == BLCKDB);
  CHECK(value(b.svm.cached_intercepts) == 0x1F);
}

TEST_CASE("#VMEXIT that turns BLCKDB off acts on the host's BLD, after the guest's DR6 is saved") {
  Bench b;
  b.enable_lbrv();
  b.cpu.debugctl = b.c.bits(0);
  b.run();
  b.cpu.debugctl = b.c.bits(BLCKDB);
  b.cpu.dr6 = b.c.bits(idle_dr6 ^ BLD);
  b.exit();
  CHECK(value(b.cpu.dr6) == idle_dr6);
  CHECK(value(b.vmcb.dr6) == (idle_dr6 ^ BLD));
  CHECK(value(b.svm.cached_dr6) == (idle_dr6 ^ BLD));
}

TEST_CASE(
    "APM 15.6: #VMEXIT leaves the VMCB's intercepts, permission map, clean bits and LBR enable") {
  Bench b;
  b.enable_lbrv();
  b.vmcb.clean = b.c.bits(clean_lbr, 32);
  b.run();
  b.exit();
  CHECK(value(b.vmcb.intercepts) == 0x1F);
  CHECK(value(b.vmcb.msrpm_debugctl) == 3);
  CHECK(value(b.vmcb.int_ctl) == 1U << 24);
  CHECK(value(b.vmcb.clean) == clean_lbr);
  CHECK(value(b.vmcb.virt_ext) == 1);
}

TEST_CASE("APM 15.20: an event is pending when EVENTINJ's V bit, 31, is set") {
  Bench b;
  b.vmcb.event_inj = b.c.bits(machine::vmcb::event_db, 32);
  CHECK(value(machine::event_pending(b.vmcb)) == 1);
  b.vmcb.event_inj = b.c.bits(machine::vmcb::event_db & 0x7FFFFFFF, 32);
  CHECK(value(machine::event_pending(b.vmcb)) == 0);
  CHECK((machine::vmcb::event_db & 0xFF) == 1);      // vector 1
  CHECK(((machine::vmcb::event_db >> 8) & 7) == 3);  // type: exception
}

TEST_CASE("APM 15.15: marking a group dirty clears its clean bit and no other") {
  Concrete c;
  const Expr all = c.bits(machine::vmcb::all_clean, 32);
  CHECK(value(machine::clean_without(all, c.bits(machine::vmcb::CLEAN_DR, 32))) ==
        (clean_intercepts | clean_lbr));
  CHECK(value(machine::clean_without(c.bits(0, 32), c.bits(10, 32))) == 0);
}
