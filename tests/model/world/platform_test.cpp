// What svm.h's functions do to the machine.
#include "model/world/platform.hpp"

#include <doctest/doctest.h>

#include "model/system/input_error.hpp"
#include "model/world/observe.hpp"
#include "tests/model/world/world_bench.hpp"

using namespace airlock;
using namespace airlock::test;
using machine::ExitCode;

namespace {

/// Calls intrinsics on concrete states.
class PlatformBench : public WorldBench {
 public:
  explicit PlatformBench(const WorldOptions& options = {.guest_debugctl_bits = LBR})
      : WorldBench(options), machine_platform(layout), reference_host(layout) {
    for (MachinePlatform* p : {&machine_platform, static_cast<MachinePlatform*>(&reference_host)}) {
      p->undefined = [this](Step& step, const std::string&) {
        step.set(layout.undefined, step.pool().bits(8, 1));
      };
    }
    at(layout.pc) = pc_first;
  }

  /// Calls it and goes on; returns its result, 0 for void.
  std::uint64_t call(const std::string& name, const std::vector<std::uint64_t>& arguments = {},
                     const Picks& picks = {}) {
    return call_on(machine_platform, name, arguments, picks);
  }
  std::uint64_t call_on(const MachinePlatform& platform, const std::string& name,
                        const std::vector<std::uint64_t>& arguments, const Picks& picks = {}) {
    const std::string unique = name + " " + std::to_string(system.rules.size());
    std::vector<Expr> exprs;
    for (const std::uint64_t argument : arguments) {
      const bool wide = name == "wrmsrl" || name == "set_debugreg" || arguments.size() == 1;
      const bool narrow = name == "vmcb_mark_dirty" || name == "set_intercept" ||
                          name == "clr_intercept" || name == "__rdmsrl" ||
                          (name == "wrmsrl" && exprs.empty()) ||
                          (name == "set_debugreg" && !exprs.empty());
      exprs.push_back(system.pool->bits(wide && !narrow ? 64 : 32, argument));
    }
    const State before = state;
    const Step begin = begin_step(system, layout, unique, "test");
    Expr result;
    for (const auto& [way, value] : platform.call({name, exprs, {}, {"t.c", 3, 5}, "k"}, begin)) {
      way.finish();
      result = value;
    }
    const Outcome outcome = step(unique, picks);
    remarked = remarks_of(system, *outcome.rule, before, picks);
    told.clear();
    for (const Cause& cause : outcome.rule->causes) {
      told += cause.text + "\n";
    }
    if (!result.valid()) {
      return 0;
    }
    InputValues values(system.inputs.size(), 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto picked = picks.find(system.inputs[i].name);
      values[i] = picked == picks.end() ? 0 : picked->second;
    }
    return evaluate(result, before, values);
  }

  std::string told;      ///< the causes of the last call
  std::string remarked;  ///< and what is remarked of them
  MachinePlatform machine_platform;
  ReferenceHostPlatform reference_host;
};

}  // namespace

TEST_CASE(
    "software's RDMSR and WRMSR of DebugCtl act on the physical register, implemented bits only") {
  PlatformBench w;
  const VarId debugctl = w.layout.machine.cpu.debugctl;
  for (const char* name : {"wrmsrl", "update_debugctlmsr"}) {
    w.at(debugctl) = BTF;
    if (std::string(name) == "wrmsrl") {
      w.call(name, {0x1D9, ~0ULL});
    } else {
      w.call(name, {~0ULL});
    }
    CHECK(w.at(debugctl) == 0x1807);
  }
  CHECK(w.call("get_debugctlmsr") == 0x1807);
  CHECK(w.call("__rdmsrl", {0x1D9}) == 0x1807);
  CHECK(w.at(w.layout.reference_host.debugctl) == 0);
}

TEST_CASE("software's WRMSR that turns BLCKDB off acts on BLD") {
  PlatformBench w;
  w.at(w.layout.machine.cpu.debugctl) = BLCKDB;
  w.at(w.layout.machine.cpu.dr6) = idle_dr6 ^ BLD;
  w.call("update_debugctlmsr", {BLCKDB | LBR});
  CHECK(w.at(w.layout.machine.cpu.dr6) == (idle_dr6 ^ BLD));
  w.call("update_debugctlmsr", {LBR});
  CHECK(w.at(w.layout.machine.cpu.dr6) == idle_dr6);
}

TEST_CASE("any other MSR or debug register is an error at the call, with what the model has") {
  PlatformBench w;
  const auto error_of = [&](const std::string& name, const std::vector<std::uint64_t>& arguments) {
    try {
      w.call(name, arguments);
    } catch (const InputError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(error_of("__rdmsrl", {0x1DB}).find("t.c:3:5: error: '__rdmsrl'") == 0);
  CHECK(error_of("wrmsrl", {0x10, 0}).find("expected: MSR_IA32_DEBUGCTLMSR") != std::string::npos);
  CHECK(error_of("set_debugreg", {0, 7}).find("expected: 6, for DR6") != std::string::npos);
  CHECK(error_of("__get_debugreg", {7}).find("expected: 6, for DR6") != std::string::npos);
}

TEST_CASE("software's MOV to and from DR6 acts on the physical register") {
  PlatformBench w;
  w.at(w.layout.machine.cpu.debugctl) = BLCKDB;
  w.call("set_debugreg", {(idle_dr6 ^ BLD) | BS, 6});
  CHECK(w.at(w.layout.machine.cpu.dr6) == ((idle_dr6 ^ BLD) | BS));
  CHECK(w.call("__get_debugreg", {6}) == ((idle_dr6 ^ BLD) | BS));
  w.at(w.layout.machine.cpu.debugctl) = 0;
  w.call("set_debugreg", {idle_dr6, 6});
  w.call("set_debugreg", {idle_dr6 ^ BLD, 6});
  CHECK(w.at(w.layout.machine.cpu.dr6) == idle_dr6);
}

TEST_CASE("local_irq_disable and local_irq_enable act on rFLAGS.IF alone") {
  PlatformBench w;
  const VarId rflags = w.layout.machine.cpu.rflags;
  w.at(rflags) = TF | IF;
  w.call("local_irq_disable");
  CHECK(w.at(rflags) == TF);
  w.call("local_irq_enable");
  CHECK(w.at(rflags) == (TF | IF));
}

TEST_CASE("APM 15.17: CLGI clears GIF and STGI sets it") {
  PlatformBench w;
  w.call("clgi");
  CHECK(w.at(w.layout.machine.cpu.gif) == 0);
  w.call("stgi");
  CHECK(w.at(w.layout.machine.cpu.gif) == 1);
}

TEST_CASE("preempt_disable nests up to 15 deep, and only what was disabled can be enabled") {
  PlatformBench w;
  for (int i = 0; i < 15; ++i) {
    w.call("preempt_disable");
  }
  CHECK(w.at(w.layout.preempt_count) == 15);
  CHECK(w.at(w.layout.undefined) == 0);
  w.call("preempt_disable");
  CHECK(w.at(w.layout.undefined) == 1);
  w.at(w.layout.undefined) = 0;
  for (int i = 0; i < 15; ++i) {
    w.call("preempt_enable");
  }
  CHECK(w.at(w.layout.preempt_count) == 0);
  CHECK(w.at(w.layout.undefined) == 0);
  w.call("preempt_enable");
  CHECK(w.at(w.layout.undefined) == 1);
}

TEST_CASE("vmrun() enters guest mode") {
  PlatformBench w;
  w.call("vmrun");
  CHECK(w.at(w.layout.machine.cpu.guest_mode) == 1);
}

TEST_CASE("vmrun() asks for software's DR6 before it enters the guest") {
  PlatformBench w;
  w.machine_platform.software_dr6 = [&](const Step& step) {
    return ite(step.get(w.layout.machine.cpu.guest_mode), step.pool().bits(64, 0),
               step.pool().bits(64, idle_dr6 | BS));
  };
  w.at(w.layout.machine.vmcb.event_inj) = machine::vmcb::event_db;
  w.at(w.layout.machine.vmcb.intercepts) = intercept_read;
  w.call("vmrun");
  CHECK(w.at(w.layout.guest_saw.db_dr6) == (idle_dr6 | BS));
}

TEST_CASE("clean bits: all set, one cleared, all cleared") {
  PlatformBench w;
  const VarId clean = w.layout.machine.vmcb.clean;
  w.call("vmcb_mark_all_clean");
  CHECK(w.at(clean) == 0x441);
  w.call("vmcb_mark_dirty", {10});
  CHECK(w.at(clean) == 0x41);
  w.call("vmcb_mark_all_dirty");
  CHECK(w.at(clean) == 0);
}

TEST_CASE("set_intercept and clr_intercept change one intercept and mark the intercepts dirty") {
  PlatformBench w;
  const auto& vmcb = w.layout.machine.vmcb;
  w.at(vmcb.clean) = 0x441;
  w.call("set_intercept", {3});
  CHECK(w.at(vmcb.intercepts) == 0x8);
  CHECK(w.at(vmcb.clean) == 0x440);
  w.call("set_intercept", {0});
  CHECK(w.at(vmcb.intercepts) == 0x9);
  w.at(vmcb.clean) = 0x441;
  w.call("clr_intercept", {3});
  CHECK(w.at(vmcb.intercepts) == 0x1);
  CHECK(w.at(vmcb.clean) == 0x440);
}

TEST_CASE("guest_operand() is the guest's choice, and the same until the instruction is done") {
  PlatformBench w;
  w.at(w.layout.machine.vmcb.exit_code) = std::uint64_t(ExitCode::msr);
  w.at(w.layout.machine.vmcb.exit_info_1) = 1;
  CHECK(w.call("guest_operand", {}, {{"WRMSR operand", 5}, {"DR6 operand: BS", 1}}) == 5);
  CHECK(w.call("guest_operand", {}, {{"WRMSR operand", 2}}) == 5);
  w.call("guest_instruction_completes", {0}, {{"WRMSR operand", 2}});
  CHECK(w.at(w.layout.reference_guest.debugctl) == LBR);  // 5, of which the guest has LBR
  CHECK(w.at(w.layout.operand_known) == 0);
  CHECK(w.call("guest_operand", {}, {{"WRMSR operand", 2}}) == 2);
}

TEST_CASE("guest_operand() after an exit for MOV to DR6 is a DR6 value") {
  PlatformBench w;
  w.at(w.layout.machine.vmcb.exit_code) = std::uint64_t(ExitCode::write_dr6);
  CHECK(w.call("guest_operand", {}, {{"WRMSR operand", 5}, {"DR6 operand: BS", 1}}) ==
        ((idle_dr6 ^ BLD) | BS));
  w.at(w.layout.reference_guest.debugctl) = BLCKDB;
  w.call("guest_instruction_completes", {0});
  CHECK(w.at(w.layout.reference_guest.dr6) == ((idle_dr6 ^ BLD) | BS));
}

TEST_CASE("software that completes a write without looking still writes some operand") {
  PlatformBench w;
  w.at(w.layout.machine.vmcb.exit_code) = std::uint64_t(ExitCode::msr);
  w.at(w.layout.machine.vmcb.exit_info_1) = 1;
  w.call("guest_instruction_completes", {0}, {{"WRMSR operand", 1}});
  CHECK(w.at(w.layout.reference_guest.debugctl) == LBR);
}

TEST_CASE("guest_instruction_completes() runs on the reference the instruction that exited") {
  struct Case {
    ExitCode code;
    std::uint64_t info;
    VarId GuestSawVariables::*wrong;  // what a result of 1 is wrong for; null: nothing
  };
  for (const Case& k :
       {Case{ExitCode::msr, 0, &GuestSawVariables::wrong_debugctl}, Case{ExitCode::msr, 1, nullptr},
        Case{ExitCode::read_dr6, 0, &GuestSawVariables::wrong_dr6},
        Case{ExitCode::write_dr6, 0, nullptr}, Case{ExitCode::cpuid, 0, nullptr}}) {
    CAPTURE(int(k.code));
    CAPTURE(k.info);
    PlatformBench w;
    w.at(w.layout.machine.vmcb.exit_code) = std::uint64_t(k.code);
    w.at(w.layout.machine.vmcb.exit_info_1) = k.info;
    w.at(w.layout.reference_guest.rflags) = TF;
    w.call("guest_instruction_completes", {1});
    CHECK(w.at(w.layout.undefined) == 0);
    CHECK(w.told.find(" is complete") != std::string::npos);
    CHECK(w.at(w.layout.reference_guest.step_pending) == 1);
    for (VarId GuestSawVariables::*wrong :
         {&GuestSawVariables::wrong_debugctl, &GuestSawVariables::wrong_dr6}) {
      CHECK((w.at(w.layout.guest_saw.*wrong) != 0) == (wrong == k.wrong));
    }
  }
}

TEST_CASE("guest_instruction_completes() after an exit that is no instruction's is undefined") {
  for (const ExitCode code :
       {ExitCode::none, ExitCode::intr, ExitCode::nmi, ExitCode::exception_db}) {
    PlatformBench w;
    w.at(w.layout.machine.vmcb.exit_code) = std::uint64_t(code);
    w.call("guest_instruction_completes", {0});
    CHECK(w.at(w.layout.undefined) == 1);
  }
}

TEST_CASE("guest_takes_gp() after an exit that is no instruction's is undefined") {
  for (const ExitCode code :
       {ExitCode::none, ExitCode::intr, ExitCode::nmi, ExitCode::exception_db}) {
    PlatformBench w;
    w.at(w.layout.machine.vmcb.exit_code) = std::uint64_t(code);
    w.call("guest_takes_gp");
    CHECK(w.at(w.layout.undefined) == 1);
  }
}

TEST_CASE("guest_takes_gp() sends guest and reference to the handler, and forgets the operand") {
  PlatformBench w;
  const auto& vmcb = w.layout.machine.vmcb;
  const auto& ref = w.layout.reference_guest;
  w.at(vmcb.rflags) = w.at(ref.rflags) = TF | IF;
  w.at(vmcb.cpl) = w.at(ref.cpl) = 3;
  w.at(w.layout.operand) = 9;
  w.at(w.layout.operand_known) = 1;
  w.at(vmcb.exit_code) = std::uint64_t(ExitCode::msr);
  w.call("guest_takes_gp");
  CHECK(w.told == "the guest takes #GP\n");
  CHECK(w.at(vmcb.rflags) == IF);
  CHECK(w.at(vmcb.cpl) == 0);
  CHECK(w.at(ref.rflags) == IF);
  CHECK(w.at(ref.cpl) == 0);
  CHECK(w.at(w.layout.operand_known) == 0);
  CHECK(w.at(w.layout.operand) == 0);
}

TEST_CASE("guest_takes_gp() tells what the write would have written, where software has looked") {
  const std::string follows =
      "the guest takes #GP|the reference guest follows: it takes the #GP, whether it would raise "
      "one "
      "or not\n";
  struct Case {
    ExitCode code;
    std::uint64_t operand;
    std::string told;
  };
  for (const Case& k :
       {Case{
            ExitCode::msr, LBR | BTF | std::uint64_t{1} << 63U,
            "the guest takes #GP|: its WRMSR DebugCtl would write LBR|BTF|a bit that no CPU has\n"},
        Case{ExitCode::write_dr6, idle_dr6 ^ BLD,
             "the guest takes #GP|: its MOV to DR6 would write BLD=0\n"},
        Case{ExitCode::read_dr6, 0, ""}, Case{ExitCode::cpuid, 0, ""}}) {
    CAPTURE(int(k.code));
    for (const std::uint64_t known : {0, 1}) {
      PlatformBench w;
      w.at(w.layout.machine.vmcb.exit_code) = std::uint64_t(k.code);
      w.at(w.layout.operand) = k.operand;
      w.at(w.layout.operand_known) = known;
      w.call("guest_takes_gp");
      CHECK(w.remarked == (known != 0 ? k.told : "") + follows);
    }
  }
}

TEST_CASE("guest_instruction_completes() tells what was written, and what was read") {
  PlatformBench w;
  w.at(w.layout.machine.vmcb.exit_code) = std::uint64_t(ExitCode::msr);
  w.at(w.layout.machine.vmcb.exit_info_1) = 1;
  w.at(w.layout.operand) = LBR;
  w.at(w.layout.operand_known) = 1;
  w.call("guest_instruction_completes", {0});
  CHECK(w.remarked == "the guest's WRMSR DebugCtl is complete|: it writes LBR\n");
  w.at(w.layout.machine.vmcb.exit_info_1) = 0;
  w.at(w.layout.reference_guest.debugctl) = BTF;
  w.call("guest_instruction_completes", {BTF});
  CHECK(w.remarked == "the guest's RDMSR DebugCtl is complete|: it reads BTF\n");
  w.at(w.layout.machine.vmcb.exit_code) = std::uint64_t(ExitCode::cpuid);
  w.call("guest_instruction_completes", {0});
  CHECK(w.remarked.empty());
  CHECK(w.told == "the guest's instruction that always exits is complete\n");
}

TEST_CASE("the reference host has a DebugCtl of its own and leaves everything else alone") {
  PlatformBench w;
  w.at(w.layout.machine.cpu.debugctl) = BTF;
  const State before = w.state;
  w.call_on(w.reference_host, "update_debugctlmsr", {BLCKDB | 1ULL << 40});
  CHECK(w.at(w.layout.reference_host.debugctl) == BLCKDB);
  CHECK(w.call_on(w.reference_host, "get_debugctlmsr", {}) == BLCKDB);
  for (const char* name : {"local_irq_disable", "local_irq_enable", "preempt_disable", "clgi"}) {
    w.call_on(w.reference_host, name, {});
  }
  w.call_on(w.reference_host, "set_debugreg", {0, 6});
  w.at(w.layout.reference_host.debugctl) = 0;
  CHECK(w.state == before);
}

TEST_CASE(
    "on the reference host cpu.debugctl is the reference's, and other objects are as they are") {
  PlatformBench w;
  CHECK(w.reference_host.object("cpu.debugctl")->variable == w.layout.reference_host.debugctl);
  CHECK(w.reference_host.object("cpu.debugctl")->shared);
  CHECK_FALSE(w.reference_host.object("cpu.debugctl")->writable);
  CHECK(w.machine_platform.object("cpu.debugctl")->variable == w.layout.machine.cpu.debugctl);
  CHECK(w.reference_host.object("cpu.gif")->variable == w.layout.machine.cpu.gif);
  CHECK_THROWS_AS((void)w.reference_host.object("vmcb.save.dr6"), InputError);
}

TEST_CASE("an actor cannot VMRUN or touch the VMCB by a function") {
  for (const char* name : {"vmrun", "vmcb_mark_all_dirty", "guest_operand", "guest_takes_gp"}) {
    PlatformBench w;
    CHECK_THROWS_AS(w.call_on(w.reference_host, name, {}), InputError);
  }
}

TEST_CASE("objects: CPU registers are shared and read-only, the VMCB is vcpu_run's and writable") {
  PlatformBench w;
  CHECK(w.machine_platform.object("cpu.debugctl")->shared);
  CHECK_FALSE(w.machine_platform.object("cpu.debugctl")->writable);
  CHECK_FALSE(w.machine_platform.object("vmcb.save.dbgctl")->shared);
  for (const char* field :
       {"control.intercepts", "control.msrpm_debugctl", "control.int_ctl", "control.clean",
        "control.event_inj", "control.virt_ext", "save.rflags", "save.dr6", "save.dbgctl"}) {
    CAPTURE(field);
    CHECK(w.machine_platform.object(std::string("vmcb.") + field)->writable);
  }
  for (const char* field : {"control.exit_code", "control.exit_info_1", "save.cpl"}) {
    CHECK_FALSE(w.machine_platform.object(std::string("vmcb.") + field)->writable);
  }
  CHECK_FALSE(w.machine_platform.object("cpu.no_such_register"));
}

TEST_CASE("intrinsics: CPU accesses are steps of their own, memory is not, vmrun ends its step") {
  PlatformBench w;
  for (const char* name :
       {"__rdmsrl", "wrmsrl", "get_debugctlmsr", "update_debugctlmsr", "__get_debugreg",
        "set_debugreg", "local_irq_disable", "local_irq_enable", "preempt_disable",
        "preempt_enable", "clgi", "stgi", "boundary", "vmrun"}) {
    CAPTURE(name);
    CHECK(w.machine_platform.intrinsic(name)->shared);
    CHECK(w.machine_platform.intrinsic(name)->ends_step == (std::string(name) == "vmrun"));
  }
  for (const char* name : {"vmcb_mark_dirty", "set_intercept", "guest_operand"}) {
    CHECK_FALSE(w.machine_platform.intrinsic(name)->shared);
  }
  CHECK_FALSE(w.machine_platform.intrinsic("cpuid"));
}

TEST_CASE("a VMRUN that judges what it injects enters the guest all the same") {
  PlatformBench w;
  w.machine_platform.judges_events = true;
  w.at(w.layout.machine.cpu.gif) = 0;
  w.call("vmrun");
  CHECK(w.at(w.layout.machine.cpu.guest_mode) == 1);
  CHECK(w.at(w.layout.undefined) == 0);
  PlatformBench other;
  other.machine_platform.judges_events = true;
  other.at(other.layout.machine.vmcb.event_inj) = machine::vmcb::event_db + 1;  // another vector
  other.call("vmrun");
  CHECK(other.at(other.layout.machine.cpu.guest_mode) == 0);
  CHECK(other.at(other.layout.undefined) == 1);
}

TEST_CASE("boundary() is a step that changes nothing") {
  PlatformBench w;
  const State before = w.state;
  w.call("boundary");
  CHECK(w.state == before);
}

TEST_CASE("what switches the vCPU's thread in runs no guest") {
  PlatformBench w;
  SwitchedInPlatform switched_in(w.layout);
  const Step begin = begin_step(w.system, w.layout, "load", "test");
  for (const char* name : {"vmrun", "guest_instruction_completes", "guest_takes_gp"}) {
    CAPTURE(name);
    CHECK_THROWS_AS((void)switched_in.call({name, {}, {}, {"t.c", 3, 5}, "k"}, begin), InputError);
  }
  CHECK(switched_in.call({"clgi", {}, {}, {"t.c", 3, 5}, "k"}, begin).size() == 1);
}

TEST_CASE("bit names are the manual's and Linux's") {
  PlatformBench w;
  const auto bit = [&](const char* name) { return w.machine_platform.bit_name(name); };
  CHECK(bit("LBR") == LBR);
  CHECK(bit("DEBUGCTLMSR_LBR") == LBR);
  CHECK(bit("BTF") == BTF);
  CHECK(bit("DEBUGCTLMSR_BTF") == BTF);
  CHECK(bit("BLCKDB") == BLCKDB);
  CHECK(bit("DEBUGCTLMSR_BUS_LOCK_DETECT") == BLCKDB);
  CHECK(bit("FLBRI") == FLBRI);
  CHECK(bit("DEBUGCTLMSR_FREEZE_LBRS_ON_PMI") == FLBRI);
  CHECK(bit("FPMCI") == 0x1000);
  CHECK(bit("DEBUGCTLMSR_FREEZE_PERFMON_ON_PMI") == 0x1000);
  CHECK(bit("BLD") == BLD);
  CHECK(bit("DR6_BUS_LOCK") == BLD);
  CHECK(bit("BS") == BS);
  CHECK(bit("DR6_BS") == BS);
  CHECK(bit("TF") == TF);
  CHECK(bit("X86_EFLAGS_TF") == TF);
  CHECK(bit("IF") == IF);
  CHECK(bit("X86_EFLAGS_IF") == IF);
  CHECK_FALSE(bit("LBRS"));
}

TEST_CASE("where the guest is observed, ends of its instructions are steps of their own") {
  PlatformBench plain;
  PlatformBench observed({.guest_debugctl_bits = LBR, .observe_guest = true});
  for (const char* name : {"guest_instruction_completes", "guest_takes_gp"}) {
    CAPTURE(name);
    CHECK_FALSE(plain.machine_platform.intrinsic(name)->shared);
    CHECK(observed.machine_platform.intrinsic(name)->shared);
  }
  for (const char* name : {"guest_operand", "vmcb_mark_dirty"}) {
    CHECK_FALSE(observed.machine_platform.intrinsic(name)->shared);
  }
}

TEST_CASE("the operand of an intercepted WRMSR is the one that the guest's program says") {
  const auto operand = [](ExitCode code, std::uint64_t info) {
    PlatformBench w({.guest_debugctl_bits = LBR, .observe_guest = true, .follow_guest = true});
    w.at(w.layout.machine.vmcb.exit_code) = static_cast<std::uint64_t>(code);
    w.at(w.layout.machine.vmcb.exit_info_1) = info;
    w.at(w.layout.next->instruction) = observed_completion(machine::Instruction::wrmsr_debugctl);
    w.at(w.layout.next->operands_known) = 1;
    w.at(w.layout.next->value) = LBR;
    return w.call("guest_operand");
  };
  CHECK(operand(ExitCode::msr, 1) == LBR);
  CHECK(operand(ExitCode::msr, 0) == 0);  // RDMSR: some operand, of no instruction
  CHECK(operand(ExitCode::cpuid, 1) == 0);
}

TEST_CASE("bits of the VMCB's 32-bit fields are below 32") {
  PlatformBench w;
  for (const char* name : {"vmcb_mark_dirty", "set_intercept", "clr_intercept"}) {
    CAPTURE(name);
    CHECK_THROWS_WITH_AS(w.call(name, {32}), doctest::Contains("a bit that there is not"),
                         InputError);
    CHECK_NOTHROW(w.call(name, {31}));
  }
}

TEST_CASE(
    "with the feature host_dr6 the reference host has a DR6, which follows its own DebugCtl") {
  WorldOptions options;
  options.features.insert(machine::Feature::host_dr6);
  PlatformBench w(options);
  const auto& cpu = w.layout.machine.cpu;
  const auto& host = w.layout.reference_host;
  CHECK(w.at(host.dr6) == idle_dr6);
  CHECK(w.system.variables[host.dr6].counterpart == cpu.dr6);
  CHECK(w.reference_host.object("cpu.dr6")->variable == host.dr6);
  w.at(cpu.dr6) = idle_dr6 | BS;
  CHECK(w.call_on(w.reference_host, "__get_debugreg", {6}) == idle_dr6);
  // BLD stays 1 where the trap is off (choice bld_write_while_trap_off), whatever the machine's is.
  w.at(cpu.debugctl) = BLCKDB;
  w.call_on(w.reference_host, "set_debugreg", {idle_dr6 ^ BLD, 6});
  CHECK(w.at(host.dr6) == idle_dr6);
  w.call_on(w.reference_host, "update_debugctlmsr", {BLCKDB});
  w.call_on(w.reference_host, "set_debugreg", {(idle_dr6 ^ BLD) | BS, 6});
  CHECK(w.at(host.dr6) == ((idle_dr6 ^ BLD) | BS));
  CHECK(w.at(cpu.dr6) == (idle_dr6 | BS));
  // bld_when_trap_turns_off.
  w.call_on(w.reference_host, "update_debugctlmsr", {0});
  CHECK(w.at(host.dr6) == (idle_dr6 | BS));
}

TEST_CASE("the reference host has no DR6, and says so") {
  PlatformBench w;
  CHECK_THROWS_WITH_AS(static_cast<void>(w.reference_host.object("cpu.dr6")),
                       doctest::Contains("reads DR6"), InputError);
  CHECK_THROWS_WITH_AS(w.call_on(w.reference_host, "__get_debugreg", {6}),
                       doctest::Contains("reads DR6"), InputError);
  CHECK_THROWS_WITH_AS(w.call_on(w.reference_host, "vmrun", {}),
                       doctest::Contains("called by an actor"), InputError);
}
