#include <algorithm>
#include <doctest/doctest.h>
#include <set>

#include "tests/model/machine/concrete.hpp"

using namespace airlock;
using namespace airlock::test;
using machine::Instruction;

namespace {

struct Before {
  std::uint64_t debugctl = 0;
  std::uint64_t dr6 = idle_dr6;
  std::uint64_t rflags = 0;
  std::uint64_t cpl = 0;
};

struct With {
  bool tf = false;
  bool user = false;
  std::uint64_t dr6 = idle_dr6;  ///< MOV to DR6's operand
  std::uint64_t debugctl = 0;    ///< what WRMSR makes of DebugCtl
};

struct After {
  std::uint64_t debugctl, dr6, rflags, cpl;
  bool single_step, bus_lock;
};

After run(Instruction instruction, const Before& before, const With& with = {},
          const Answers& answers = {}) {
  Concrete c;
  machine::GuestRegisters r = c.guest(before.debugctl, before.dr6, before.rflags, before.cpl);
  const machine::Operands operands{c.yes(with.tf), c.yes(with.user), c.bits(with.dr6)};
  const Expr written =
      instruction == Instruction::wrmsr_debugctl ? c.bits(with.debugctl) : r.debugctl;
  const machine::DbCauses causes =
      machine::execute(r, instruction, operands, written, c.choices(answers));
  return {value(r.debugctl),
          value(r.dr6),
          value(r.rflags),
          value(r.cpl),
          value(causes.single_step) != 0,
          value(causes.bus_lock) != 0};
}

constexpr std::array branches{Instruction::taken_branch, Instruction::syscall, Instruction::sysret,
                              Instruction::iret};

bool is_branch(Instruction i) {
  return std::find(branches.begin(), branches.end(), i) != branches.end();
}

}  // namespace

TEST_CASE("APM 13.1.4: TF=1 when an instruction starts traps after it, whatever the instruction") {
  for (const Instruction i : machine::all_instructions) {
    CAPTURE(machine::name_of(i));
    CHECK(run(i, {.rflags = TF}).single_step);
    CHECK(run(i, {.rflags = TF}, {.tf = true}).single_step);
  }
}

TEST_CASE("APM 13.1.4: without TF nothing single-steps") {
  for (const Instruction i : machine::all_instructions) {
    CAPTURE(machine::name_of(i));
    CHECK_FALSE(run(i, {.debugctl = 0x1807, .rflags = IF, .cpl = 3}).single_step);
  }
}

TEST_CASE("APM 13.1.6.2: with BTF, only control transfers single-step") {
  for (const Instruction i : machine::all_instructions) {
    CAPTURE(machine::name_of(i));
    CHECK(run(i, {.debugctl = BTF, .rflags = TF}).single_step == is_branch(i));
  }
}

TEST_CASE("APM 13.1.4: TF set by POPF traps after the next instruction, not after POPF") {
  const After after = run(Instruction::popf, {.rflags = IF}, {.tf = true});
  CHECK(after.rflags == (TF | IF));
  CHECK_FALSE(after.single_step);
  CHECK(run(Instruction::nothing_special, {.rflags = after.rflags}).single_step);
}

TEST_CASE("APM 13.1.4: POPF that clears TF still traps once, for it started with TF=1") {
  const After after = run(Instruction::popf, {.rflags = TF | IF}, {.tf = false});
  CHECK(after.rflags == IF);
  CHECK(after.single_step);
}

TEST_CASE("APM 13.1.4: TF set by IRET traps after the next instruction, not before its target") {
  const After after = run(Instruction::iret, {.rflags = IF}, {.tf = true});
  CHECK(after.rflags == (TF | IF));
  CHECK_FALSE(after.single_step);
  CHECK(run(Instruction::iret, {.rflags = TF | IF}, {.tf = false}).rflags == IF);
}

TEST_CASE("APM 13.1.4: TF set by SYSRET traps before its target, with BTF too") {
  for (const std::uint64_t debugctl : {std::uint64_t{0}, BTF}) {
    const After after =
        run(Instruction::sysret, {.debugctl = debugctl, .rflags = IF}, {.tf = true});
    CHECK(after.rflags == (TF | IF));
    CHECK(after.single_step);
  }
  CHECK(run(Instruction::sysret, {.rflags = TF | IF}, {.tf = false}).rflags == IF);
  CHECK_FALSE(run(Instruction::sysret, {.rflags = IF}, {.tf = false}).single_step);
}

TEST_CASE("SYSCALL goes to CPL 0, SYSRET to CPL 3, IRET to either") {
  CHECK(run(Instruction::syscall, {.cpl = 3}).cpl == 0);
  CHECK(run(Instruction::syscall, {.cpl = 0}).cpl == 0);
  CHECK(run(Instruction::sysret, {.cpl = 0}).cpl == 3);
  CHECK(run(Instruction::iret, {.cpl = 0}, {.user = true}).cpl == 3);
  CHECK(run(Instruction::iret, {.cpl = 0}, {.user = false}).cpl == 0);
}

TEST_CASE("SYSCALL leaves TF as it is: the guest's SFMASK.TF is 0") {
  CHECK(run(Instruction::syscall, {.rflags = TF | IF, .cpl = 3}).rflags == (TF | IF));
  CHECK(run(Instruction::syscall, {.rflags = IF, .cpl = 3}, {.tf = true}).rflags == IF);
}

TEST_CASE("APM 13.1.3.6: a bus lock traps with BLCKDB=1 and at CPL>0 only") {
  CHECK(run(Instruction::bus_lock, {.debugctl = BLCKDB, .cpl = 3}).bus_lock);
  CHECK_FALSE(run(Instruction::bus_lock, {.debugctl = BLCKDB, .cpl = 0}).bus_lock);
  CHECK_FALSE(run(Instruction::bus_lock, {.debugctl = 0x1807 ^ BLCKDB, .cpl = 3}).bus_lock);
}

TEST_CASE("APM 13.1.3.6: nothing but a bus-locking access raises a bus-lock trap") {
  for (const Instruction i : machine::all_instructions) {
    CAPTURE(machine::name_of(i));
    CHECK(run(i, {.debugctl = BLCKDB, .rflags = TF, .cpl = 3}).bus_lock ==
          (i == Instruction::bus_lock));
  }
}

TEST_CASE("APM 13.1.3.6: a stepped bus lock raises one #DB with both causes") {
  const After after = run(Instruction::bus_lock, {.debugctl = BLCKDB, .rflags = TF, .cpl = 3});
  CHECK(after.single_step);
  CHECK(after.bus_lock);
}

TEST_CASE("MOV to DR6 writes DR6 by the rules of dr6_written") {
  const std::uint64_t operand = (idle_dr6 ^ BLD) | BS;
  CHECK(run(Instruction::mov_to_dr6, {.debugctl = BLCKDB}, {.dr6 = operand}).dr6 == operand);
  CHECK(run(Instruction::mov_to_dr6, {}, {.dr6 = operand}).dr6 == (idle_dr6 | BS));
  CHECK(run(Instruction::mov_to_dr6, {}, {.dr6 = operand}, {.bld_write_ignored = false}).dr6 ==
        operand);
}

TEST_CASE("WRMSR of DebugCtl writes it, and turning BLCKDB off acts on BLD") {
  const After after = run(Instruction::wrmsr_debugctl, {.debugctl = BLCKDB, .dr6 = idle_dr6 ^ BLD},
                          {.debugctl = LBR});
  CHECK(after.debugctl == LBR);
  CHECK(after.dr6 == idle_dr6);
  CHECK(run(Instruction::wrmsr_debugctl, {.debugctl = BLCKDB, .dr6 = idle_dr6 ^ BLD},
            {.debugctl = LBR}, {.bld_one_after_trap_off = false})
            .dr6 == (idle_dr6 ^ BLD));
}

TEST_CASE("BTF is sampled as the instruction starts: WRMSR that changes it obeys the old value") {
  CHECK(run(Instruction::wrmsr_debugctl, {.rflags = TF}, {.debugctl = BTF}).single_step);
  CHECK_FALSE(run(Instruction::wrmsr_debugctl, {.debugctl = BTF, .rflags = TF}, {.debugctl = 0})
                  .single_step);
}

TEST_CASE("CPL is sampled as the instruction starts: no instruction changes what it is not about") {
  const Before before{0x1807, (idle_dr6 ^ BLD) | BS, TF | IF, 3};
  for (const Instruction i :
       {Instruction::nothing_special, Instruction::taken_branch, Instruction::bus_lock,
        Instruction::mov_from_dr6, Instruction::rdmsr_debugctl, Instruction::always_exits}) {
    CAPTURE(machine::name_of(i));
    const After after = run(i, before, {.tf = false, .user = false, .debugctl = 0});
    CHECK(after.debugctl == before.debugctl);
    CHECK(after.dr6 == before.dr6);
    CHECK(after.rflags == before.rflags);
    CHECK(after.cpl == before.cpl);
  }
  for (const Instruction i :
       {Instruction::popf, Instruction::syscall, Instruction::sysret, Instruction::iret}) {
    CAPTURE(machine::name_of(i));
    CHECK(run(i, before).debugctl == before.debugctl);
    CHECK(run(i, before).dr6 == before.dr6);
  }
  CHECK(run(Instruction::popf, before).cpl == 3);
  for (const Instruction i : {Instruction::mov_to_dr6, Instruction::wrmsr_debugctl}) {
    CAPTURE(machine::name_of(i));
    CHECK(run(i, before).rflags == before.rflags);
    CHECK(run(i, before).cpl == before.cpl);
  }
  CHECK(run(Instruction::mov_to_dr6, before).debugctl == before.debugctl);
}

TEST_CASE("APM 13.1.4: MOV DR6, RDMSR, WRMSR, SYSRET and IRET as modelled need CPL 0") {
  const std::set<Instruction> privileged{Instruction::sysret,         Instruction::iret,
                                         Instruction::mov_from_dr6,   Instruction::mov_to_dr6,
                                         Instruction::rdmsr_debugctl, Instruction::wrmsr_debugctl};
  for (const Instruction i : machine::all_instructions) {
    CAPTURE(machine::name_of(i));
    CHECK(machine::needs_cpl0(i) == (privileged.count(i) != 0));
  }
}

TEST_CASE("every instruction of DESIGN.md's list is there once, with a name of its own") {
  std::set<std::string> names;
  for (const Instruction i : machine::all_instructions) {
    names.insert(machine::name_of(i));
  }
  CHECK(names.size() == 12);
  CHECK(names.count("?") == 0);
}

TEST_CASE("KVM's convention: a guest's WRMSR with a bit outside 5:0 faults and changes nothing") {
  Concrete c;
  for (const std::uint64_t foreign :
       {FLBRI, FPMCI, std::uint64_t{1} << 6, std::uint64_t{1} << 63}) {
    CHECK(value(machine::virtual_debugctl_written(c.bits(BTF), c.bits(LBR | foreign), 0x7)) == BTF);
  }
}

TEST_CASE(
    "KVM's convention: a guest's WRMSR keeps what its virtual CPU implements, ignores the rest") {
  Concrete c;
  const auto write = [&](std::uint64_t operand, std::uint64_t implemented) {
    return value(machine::virtual_debugctl_written(c.bits(0), c.bits(operand), implemented));
  };
  CHECK(write(LBR | BTF | BLCKDB, LBR | BTF | BLCKDB) == (LBR | BTF | BLCKDB));
  CHECK(write(LBR | BTF | BLCKDB, LBR) == LBR);
  CHECK(write(LBR | BTF | BLCKDB, 0) == 0);
  CHECK(write(0x38, 0x3F) == 0);  // 5:3 are left out of the model
}

TEST_CASE("APM 13.1.4: delivery of a #DB clears TF and goes to CPL 0, and touches nothing else") {
  Concrete c;
  machine::GuestRegisters r = c.guest(0x1807, idle_dr6 ^ BLD, TF | IF, 3);
  machine::deliver_db(r);
  CHECK(value(r.rflags) == IF);
  CHECK(value(r.cpl) == 0);
  CHECK(value(r.debugctl) == 0x1807);
  CHECK(value(r.dr6) == (idle_dr6 ^ BLD));
}
