// What programs see on bare metal: the machine's rules, seen from a guest (APM volume 2, 13.1).
#include "checker/testgen/bare_metal.hpp"

#include <doctest/doctest.h>
#include <stdexcept>

namespace airlock {
namespace {

std::string seen(const GuestProgram& program, const BareCpu& cpu = {}) {
  return to_text(on_bare_metal(program, cpu));
}

const GuestStep popf_tf{GuestOp::popf, true};
const GuestStep nop{GuestOp::nop};
const GuestStep read_dr6{GuestOp::mov_from_dr6};
const GuestStep handler{GuestOp::db_handler};

TEST_CASE("TF set by POPF traps after the next instruction, and the handler reads BS") {
  CHECK(seen({popf_tf, nop, handler, read_dr6}) == "DB@2 dr6=ffff4ff0@3");
}

TEST_CASE("POPF that clears TF still traps once") {
  CHECK(seen({popf_tf, {GuestOp::popf}, nop, nop}) == "DB@2");
}

TEST_CASE("a #DB that the program does not wait for ends the stepping and leaves the CPL") {
  CHECK(seen({{GuestOp::iret, true, true}, nop, nop, {GuestOp::syscall}, read_dr6}) ==
        "DB@2 dr6=ffff4ff0@5");
}

TEST_CASE("SYSRET that sets TF traps before its target") {
  CHECK(seen({{GuestOp::sysret, true}, nop}) == "DB@1");
}

TEST_CASE("with BTF only a taken branch traps, and the #DB clears BTF") {
  BareCpu cpu;
  cpu.debugctl_bits = 3;
  const GuestProgram program{{GuestOp::wrmsr_debugctl, false, false, 2},
                             popf_tf,
                             nop,
                             {GuestOp::taken_branch},
                             handler,
                             {GuestOp::rdmsr_debugctl}};
  CHECK(seen(program, cpu) == "DB@4 debugctl=0@5");
  CHECK(seen(program) == "DB@3 debugctl=0@5");  // a CPU without BTF
}

TEST_CASE("a DebugCtl bit that faults by KVM's convention ends the program with #GP") {
  CHECK(seen({{GuestOp::wrmsr_debugctl, false, false, 0x800}, read_dr6}) == "GP@1");
}

TEST_CASE("BLD=0 is written or not, as the hardware choice says") {
  BareCpu cpu;
  const GuestProgram program{{GuestOp::mov_to_dr6, false, false, 0xffff07f0}, read_dr6};
  cpu.choices["bld_write_while_trap_off"] = "ignored";
  CHECK(seen(program, cpu) == "dr6=ffff0ff0@2");
  cpu.choices["bld_write_while_trap_off"] = "taken";
  CHECK(seen(program, cpu) == "dr6=ffff07f0@2");
}

TEST_CASE("what needs CPL 0 is no program at CPL 3") {
  CHECK_THROWS_AS(seen({{GuestOp::iret, false, true}, read_dr6}), std::invalid_argument);
}

TEST_CASE("CPL and TF as each instruction starts") {
  const auto moments = moments_on_bare_metal({{GuestOp::iret, true, true}, nop, handler, nop}, {});
  REQUIRE(moments.size() == 4);
  CHECK_FALSE(moments[0].tf);
  CHECK(moments[1].tf);
  CHECK(moments[1].user);
  CHECK_FALSE(moments[3].tf);
  CHECK_FALSE(moments[3].user);
}

}  // namespace
}  // namespace airlock
