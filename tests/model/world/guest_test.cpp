// How each instruction of the guest can end, on the hardware and on the reference beside it.
#include <doctest/doctest.h>

#include "tests/model/world/world_bench.hpp"

using namespace airlock;
using namespace airlock::test;
using machine::Instruction;

namespace {

/// DebugCtl operands by their five bits and one for all others, as any_debugctl_operand picks them.
constexpr std::uint64_t pick_flbri = 1U << 3;
constexpr std::uint64_t pick_fpmci = 1U << 4;
constexpr std::uint64_t pick_other = 1U << 5;

}  // namespace

TEST_CASE("the guest executes nothing while the host runs") {
  WorldBench w;
  for (const Instruction i : machine::all_instructions) {
    CAPTURE(machine::name_of(i));
    CHECK_FALSE(w.can(i));
  }
}

TEST_CASE("a guest that runs a program executes what comes next in it, and nothing else") {
  using machine::Instruction;
  WorldBench w({},
               "#include <airlock/guest.h>\nvoid guest(void)\n{\n\tnop();\n\ttaken_branch();\n}\n");
  w.enter_guest(0, idle_dr6, 0, 0);
  CHECK(w.can(Instruction::nothing_special));
  CHECK_FALSE(w.can(Instruction::taken_branch));
  w.guest(Instruction::nothing_special);
  CHECK_FALSE(w.can(Instruction::nothing_special));
  CHECK(w.can(Instruction::taken_branch));
}

TEST_CASE("at CPL 3 the guest executes unprivileged instructions only") {
  WorldBench w;
  w.enter_guest(0, idle_dr6, IF, 3);
  for (const Instruction i : machine::all_instructions) {
    CAPTURE(machine::name_of(i));
    CHECK(w.can(i) == !machine::needs_cpl0(i));
  }
  w.enter_guest(0, idle_dr6, IF, 0);
  for (const Instruction i : machine::all_instructions) {
    CAPTURE(machine::name_of(i));
    CHECK(w.can(i));
  }
}

TEST_CASE("an instruction that completes without a trap does the same to the reference") {
  WorldBench w;
  for (const std::uint64_t debugctl : {std::uint64_t{0}, LBR | BTF, BLCKDB}) {
    for (const Instruction i : machine::all_instructions) {
      if (i == Instruction::always_exits) {
        continue;
      }
      CAPTURE(machine::name_of(i));
      w.enter_guest(debugctl, idle_dr6, IF, 0);
      const Outcome outcome = w.guest(i, {{"to CPL 3", 1},
                                          {"DR6 operand: BS", 1},
                                          {"DR6 operand: BLD", 0},
                                          {"WRMSR operand", LBR | BTF}});
      CHECK(w.at(w.layout.machine.cpu.guest_mode) == 1);
      CHECK(outcome.says("the guest executes " + machine::name_of(i)));
      w.check_agreement();
      w.check_nothing_wrong();
    }
  }
}

TEST_CASE("a guest's instruction has the effect that the machine's instruction has") {
  WorldBench w;
  const auto& cpu = w.layout.machine.cpu;
  w.enter_guest(BLCKDB, idle_dr6, IF, 0);
  w.guest(Instruction::mov_to_dr6, {{"DR6 operand: BS", 1}});
  CHECK(w.at(cpu.dr6) == ((idle_dr6 ^ BLD) | BS));
  w.guest(Instruction::mov_to_dr6, {{"DR6 operand: BLD", 1}});
  CHECK(w.at(cpu.dr6) == idle_dr6);
  w.guest(Instruction::popf, {{"new TF", 1}});
  CHECK(w.at(cpu.rflags) == (TF | IF));
  w.enter_guest(0, idle_dr6, IF, 0);
  w.guest(Instruction::iret, {{"to CPL 3", 1}, {"new TF", 1}});
  CHECK(w.at(cpu.rflags) == (TF | IF));
  CHECK(w.at(cpu.cpl) == 3);
  w.check_agreement();
}

TEST_CASE(
    "WRMSR without intercept writes hardware, guest view and reference, each by its own rules") {
  WorldBench w{{.guest_debugctl_bits = LBR | BTF}};
  w.enter_guest(0, idle_dr6, IF, 0);
  w.guest(Instruction::wrmsr_debugctl, {{"WRMSR operand", LBR | BTF | BLCKDB}});
  CHECK(w.at(w.layout.machine.cpu.debugctl) == (LBR | BTF | BLCKDB));
  CHECK(w.at(w.layout.guest_view.debugctl) == (LBR | BTF | BLCKDB));
  CHECK(w.at(w.layout.reference_guest.debugctl) == (LBR | BTF));
  // With a bit outside 5:0 the reference faults and keeps its value.
  w.guest(Instruction::wrmsr_debugctl, {{"WRMSR operand", pick_flbri | LBR}});
  CHECK(w.at(w.layout.machine.cpu.debugctl) == (FLBRI | LBR));
  CHECK(w.at(w.layout.reference_guest.debugctl) == (LBR | BTF));
}

TEST_CASE("RDMSR leaves the guest view alone") {
  WorldBench w;
  w.enter_guest(LBR, idle_dr6, IF, 0);
  w.at(w.layout.guest_view.debugctl) = 0;
  w.guest(Instruction::rdmsr_debugctl);
  CHECK(w.at(w.layout.guest_view.debugctl) == 0);
}

TEST_CASE("a WRMSR operand reaches each of the five bits, and a bit outside them and 5:0") {
  TransitionSystem system;
  Step step(system, "step", "test");
  const Expr operand = any_debugctl_operand(step);
  const auto picked = [&](std::uint64_t v) { return evaluate(operand, {}, {v}); };
  CHECK(picked(0) == 0);
  CHECK(picked(7) == (LBR | BTF | BLCKDB));
  CHECK(picked(pick_flbri) == FLBRI);
  CHECK(picked(pick_fpmci) == 0x1000);
  CHECK(picked(pick_other) != 0);
  CHECK((picked(pick_other) & (0x3F | machine::debugctl::implemented)) == 0);
}

TEST_CASE("a DR6 operand reaches both modelled bits") {
  TransitionSystem system;
  Step step(system, "step", "test");
  const Expr operand = any_dr6_operand(step);
  CHECK(evaluate(operand, {}, {0, 0}) == (idle_dr6 ^ BLD));
  CHECK(evaluate(operand, {}, {1, 0}) == idle_dr6);
  CHECK(evaluate(operand, {}, {1, 1}) == (idle_dr6 | BS));
}

TEST_CASE("APM 15.9, 15.12: each intercepted instruction exits with its code and changes nothing") {
  struct Case {
    Instruction instruction;
    std::uint64_t intercepts, msrpm, code, info;
  };
  const std::uint64_t others = 0x1F;
  for (const Case& k : {Case{Instruction::mov_from_dr6, intercept_read, 0, 0x26, 0},
                        Case{Instruction::mov_to_dr6, intercept_write, 0, 0x36, 0},
                        Case{Instruction::rdmsr_debugctl, 0, 1, 0x7C, 0},
                        Case{Instruction::wrmsr_debugctl, 0, 2, 0x7C, 1},
                        Case{Instruction::always_exits, 0, 0, 0x72, 0}}) {
    CAPTURE(machine::name_of(k.instruction));
    const std::string name = "guest: " + machine::name_of(k.instruction);
    WorldBench w;
    const auto& m = w.layout.machine;
    w.enter_guest(BTF, idle_dr6 | BS, TF | IF, 0);
    w.at(m.svm.cached_intercepts) = k.intercepts;
    w.at(m.vmcb.msrpm_debugctl) = k.msrpm;
    const State before = w.state;
    const Outcome exit = w.step(name, {{"WRMSR operand", 7}});
    CHECK(exit.says("#VMEXIT"));
    CHECK(w.at(m.cpu.guest_mode) == 0);
    CHECK(w.at(m.vmcb.exit_code) == k.code);
    CHECK(w.at(m.vmcb.exit_info_1) == k.info);
    CHECK(w.at(m.vmcb.dr6) == (idle_dr6 | BS));
    CHECK(w.at(m.vmcb.rflags) == (TF | IF));
    for (const VarId id : {w.layout.reference_guest.debugctl, w.layout.reference_guest.dr6,
                           w.layout.reference_guest.rflags, w.layout.reference_guest.step_pending,
                           m.cpu.debugctl, w.layout.guest_view.debugctl}) {
      CHECK(w.at(id) == before[id]);
    }
    w.check_nothing_wrong();
    if (k.instruction == Instruction::always_exits) {
      continue;
    }
    // The other intercepts do not matter, nor does what the VMCB says since: the copy is in force.
    w.state = before;
    w.at(m.svm.cached_intercepts) = others & ~k.intercepts;
    w.at(m.vmcb.intercepts) = others;
    w.at(m.vmcb.msrpm_debugctl) = 3U & ~k.msrpm;
    w.at(m.cpu.rflags) = w.at(w.layout.reference_guest.rflags) = IF;
    CHECK_FALSE(w.step(name).says("#VMEXIT"));
  }
}

TEST_CASE("APM 15.13, 15.21: a physical INTR exits with V_INTR_MASKING where the host's IF was 1") {
  const std::string name = "hardware: physical INTR in guest mode";
  WorldBench w;
  const auto& m = w.layout.machine;
  w.enter_guest(LBR, idle_dr6, 0, 3);
  w.at(m.svm.cached_intercepts) = intercept_intr;
  w.at(m.vmcb.int_ctl) = 1U << machine::vmcb::V_INTR_MASKING;
  w.at(m.svm.host_rflags) = 0;
  CHECK_FALSE(w.try_step(name));
  w.at(m.svm.host_rflags) = TF;
  CHECK_FALSE(w.try_step(name));
  w.at(m.svm.host_rflags) = IF;
  const Outcome outcome = w.step(name);
  CHECK(outcome.says("a physical INTR arrives"));
  CHECK(outcome.says("#VMEXIT(INTR)"));
  CHECK(w.at(m.vmcb.exit_code) == 0x60);
  CHECK(w.at(m.cpu.guest_mode) == 0);
  CHECK(w.at(m.vmcb.exit_info_1) == 0);
}

TEST_CASE("APM 15.21: without V_INTR_MASKING the host's IF does not hold a physical INTR back") {
  WorldBench w;
  w.enter_guest(0, idle_dr6, IF, 0);
  w.at(w.layout.machine.svm.host_rflags) = 0;
  w.at(w.layout.machine.svm.cached_intercepts) = intercept_intr;
  CHECK(w.try_step("hardware: physical INTR in guest mode"));
}

TEST_CASE("APM 15.13: a physical NMI exits whatever IF is, where NMI is intercepted") {
  const std::string name = "hardware: physical NMI in guest mode";
  WorldBench w;
  const auto& m = w.layout.machine;
  w.enter_guest(0, idle_dr6, 0, 0);
  w.at(m.vmcb.int_ctl) = 1U << machine::vmcb::V_INTR_MASKING;
  w.at(m.svm.host_rflags) = 0;
  w.at(m.svm.cached_intercepts) = intercept_nmi;
  CHECK_FALSE(w.try_step("hardware: physical INTR in guest mode"));
  CHECK(w.step(name).says("#VMEXIT(NMI)"));
  CHECK(w.at(m.vmcb.exit_code) == 0x61);
}

TEST_CASE("unintercepted INTR and NMI are left out, and there are none in host mode") {
  WorldBench w;
  w.at(w.layout.machine.svm.host_rflags) = IF;
  w.at(w.layout.machine.svm.cached_intercepts) = 0x1F;
  CHECK_FALSE(w.try_step("hardware: physical INTR in guest mode"));
  CHECK_FALSE(w.try_step("hardware: physical NMI in guest mode"));
  w.enter_guest(0, idle_dr6, IF, 0);
  w.at(w.layout.machine.svm.cached_intercepts) = intercept_nmi;
  CHECK_FALSE(w.try_step("hardware: physical INTR in guest mode"));
  w.at(w.layout.machine.svm.cached_intercepts) = intercept_intr;
  CHECK_FALSE(w.try_step("hardware: physical NMI in guest mode"));
}

TEST_CASE("an interrupt's exit touches the reference guest no more than it touches the guest") {
  WorldBench w;
  w.enter_guest(BTF, idle_dr6, TF, 3);
  w.at(w.layout.machine.svm.cached_intercepts) = intercept_nmi;
  w.at(w.layout.reference_guest.step_pending) = 1;
  w.step("hardware: physical NMI in guest mode");
  CHECK(w.at(w.layout.reference_guest.step_pending) == 1);
  CHECK(w.at(w.layout.reference_guest.debugctl) == BTF);
  w.check_nothing_wrong();
}

TEST_CASE("LBR virtualisation at #VMEXIT follows the CPU's feature, not the VMCB's bit alone") {
  for (const bool has_lbrv : {false, true}) {
    WorldBench w{{.guest_debugctl_bits = LBR, .cpu_has_lbrv = has_lbrv}};
    w.enter_guest(LBR, idle_dr6, 0, 0);
    w.at(w.layout.machine.vmcb.virt_ext) = 1;
    w.at(w.layout.machine.svm.host_debugctl) = BLCKDB;
    w.guest(Instruction::always_exits);
    CHECK(w.at(w.layout.machine.cpu.debugctl) == (has_lbrv ? BLCKDB : LBR));
  }
}

TEST_CASE("an exit for #DB is told from every other") {
  WorldBench w;
  std::size_t count = 0;
  for (const Rule& rule : w.system.rules) {
    for (const Cause& cause : rule.causes) {
      if (cause.text.rfind("#VMEXIT(", 0) == 0) {
        CAPTURE(cause.text);
        CHECK((cause.event == Event::vmexit_db) == (cause.text == "#VMEXIT(#DB)"));
        CHECK((cause.event == Event::vmexit) == (cause.text != "#VMEXIT(#DB)"));
        ++count;
      }
    }
  }
  CHECK(count > 10);
}
