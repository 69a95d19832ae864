// Small worlds whose verdicts are known by hand, through the real command.
#include <doctest/doctest.h>

#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

const std::string head = "#include <airlock/svm.h>\n";

/// Exit status of `prove` for one property of a model.
int prove(const std::string& text, const std::string& property) {
  const Scratch scratch;
  return airlock({"prove", scratch.write("m.c", head + text), "--property", property}).status;
}

std::string error_of(const std::string& text) {
  const Scratch scratch;
  const Result result = airlock({"prove", scratch.write("m.c", head + text)});
  CHECK(result.status == 2);
  return result.err;
}

}  // namespace

TEST_CASE("an interrupt handler runs with IF=0, and what it does to IF ends with it") {
  const std::string world =
      "u8 n; bool on;\n"
      "void irq_a(void) { if (cpu.rflags & X86_EFLAGS_IF) on = true; local_irq_disable();\n"
      "  if (n < 3) n++; }\n"
      "void vcpu_run(void) { clgi(); stgi(); }\n"
      "bool never_on(void) { return on; }\n"
      "bool reachable_twice(void) { return n == 2; }\n";
  CHECK(prove(world, "never_on") == 0);
  CHECK(prove(world, "reachable_twice") == 0);
}

TEST_CASE("an assume() that stops the vCPU is a dead end, whatever actors go on doing") {
  const std::string world =
      "void irq_a(void) { update_debugctlmsr(get_debugctlmsr() ^ 1); }\n"
      "void vcpu_run(void) { clgi(); stgi(); assume(false); }\n";
  CHECK(prove(world, "always_can_continue") == 1);
}

TEST_CASE("an actor comes between RDMSR and WRMSR in one expression, but not under IF=0") {
  const auto world = [](const char* before, const char* after) {
    return std::string("bool hit;\nvoid irq_a(void) { hit = true; }\n") + "void vcpu_run(void) { " +
           before + " hit = false; update_debugctlmsr(get_debugctlmsr() | (hit ? 1 : 0)); " +
           after + " }\nbool never_lbr(void) { return cpu.debugctl & 1; }\n";
  };
  CHECK(prove(world("", ""), "never_lbr") == 1);
  CHECK(prove(world("local_irq_disable();", "local_irq_enable();"), "never_lbr") == 0);
}

TEST_CASE("what a never_ property cannot evaluate is not claimed") {
  const std::string world =
      "u8 n;\nvoid vcpu_run(void) { clgi(); n = 40; stgi(); }\n"
      "bool never_u(void) { return (1 << n) == 0; }\n";
  CHECK(prove(world, "never_u") == 1);
  CHECK(prove(world, "always_well_defined") == 1);
}

TEST_CASE("an actor cannot read the DR6 that a guest left") {
  CHECK(error_of("void irq_a(void) { if (cpu.dr6 & DR6_BS) update_debugctlmsr(0); }\n"
                 "void vcpu_run(void) { clgi(); vmrun(); stgi(); }\n")
            .find("reads DR6") != std::string::npos);
}

TEST_CASE("an event that is not #DB is refused, not delivered as one") {
  CHECK(error_of("void vcpu_run(void) { clgi(); vmcb.control.event_inj = SVM_EVTINJ_VALID | 14;\n"
                 "  vmrun(); stgi(); }\n")
            .find("EVENTINJ") != std::string::npos);
}

TEST_CASE("guest bits that the model's DebugCtl does not have are refused") {
  const Result result = airlock({"list", "specs/kvm", "--set", "guest_debugctl_bits=0x18"});
  CHECK(result.status == 2);
  CHECK(result.err.find("guest_debugctl_bits") != std::string::npos);
}

}  // namespace airlock::test
