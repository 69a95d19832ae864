#include <doctest/doctest.h>

#include "tests/model/machine/concrete.hpp"

using namespace airlock;
using namespace airlock::test;

TEST_CASE("APM 13.1.1.3: BLD is bit 11 and BS bit 14 of DR6, nothing pending is FFFF0FF0h") {
  CHECK(BLD == 0x800);
  CHECK(BS == 0x4000);
  CHECK(machine::dr6::nothing_pending == 0xFFFF0FF0);
}

TEST_CASE("APM 13.1.1.3: DR6's reserved bits read as they must, whatever BLD and BS are") {
  Concrete c;
  CHECK(value(machine::make_dr6(c.yes(), c.no())) == 0xFFFF0FF0);
  CHECK(value(machine::make_dr6(c.no(), c.no())) == 0xFFFF07F0);
  CHECK(value(machine::make_dr6(c.yes(), c.yes())) == 0xFFFF4FF0);
  CHECK(value(machine::make_dr6(c.no(), c.yes())) == 0xFFFF47F0);
}

TEST_CASE("APM 13.1.3.6: a bus-lock #DB clears BLD, every other #DB leaves it alone") {
  Concrete c;
  CHECK(value(machine::dr6_after_db(c.bits(idle_dr6), c.causes(false, true))) == (idle_dr6 ^ BLD));
  for (const std::uint64_t before : {idle_dr6, idle_dr6 ^ BLD}) {
    const Expr after = machine::dr6_after_db(c.bits(before), c.causes(true, false));
    CHECK((value(after) & BLD) == (before & BLD));
  }
}

TEST_CASE("APM 13.1.1.3, 13.1.4: a single-step #DB sets BS, every other #DB leaves it alone") {
  Concrete c;
  CHECK(value(machine::dr6_after_db(c.bits(idle_dr6), c.causes(true, false))) == (idle_dr6 | BS));
  for (const std::uint64_t before : {idle_dr6, idle_dr6 | BS}) {
    const Expr after = machine::dr6_after_db(c.bits(before), c.causes(false, true));
    CHECK((value(after) & BS) == (before & BS));
  }
}

TEST_CASE("APM 13.1.3.6: a single step and a bus lock in one #DB both show in DR6") {
  Concrete c;
  const Expr after = machine::dr6_after_db(c.bits(idle_dr6), c.causes(true, true));
  CHECK(value(after) == ((idle_dr6 ^ BLD) | BS));
}

TEST_CASE("APM 13.1.3.6: the processor never puts BLD back to 1 and never clears BS") {
  Concrete c;
  const std::uint64_t sticky = (idle_dr6 ^ BLD) | BS;
  CHECK(value(machine::dr6_after_db(c.bits(sticky), c.causes(true, false))) == sticky);
  CHECK(value(machine::dr6_after_db(c.bits(sticky), c.causes(false, true))) == sticky);
}

TEST_CASE("MOV to DR6 writes BLD and BS while BLCKDB=1") {
  Concrete c;
  const auto write = [&](std::uint64_t old, std::uint64_t operand) {
    return value(machine::dr6_written(c.bits(old), c.bits(operand), c.bits(BLCKDB), c.choices()));
  };
  for (const std::uint64_t old : {idle_dr6, (idle_dr6 ^ BLD) | BS}) {
    CHECK(write(old, 0) == (idle_dr6 ^ BLD));
    CHECK(write(old, idle_dr6) == idle_dr6);
    CHECK(write(old, idle_dr6 | BS) == (idle_dr6 | BS));
  }
}

TEST_CASE("reading bld_write_while_trap_off: a write of BLD=0 is ignored or taken while BLCKDB=0") {
  Concrete c;
  const auto write = [&](std::uint64_t old, std::uint64_t operand, bool ignored) {
    return value(machine::dr6_written(c.bits(old), c.bits(operand), c.bits(~BLCKDB & 0x1807),
                                      c.choices({.bld_write_ignored = ignored})));
  };
  CHECK(write(idle_dr6, 0, true) == idle_dr6);
  CHECK(write(idle_dr6, 0, false) == (idle_dr6 ^ BLD));
  // Ignored is not "forced": a BLD that is 0 stays so, and a write of 1 is never ignored.
  CHECK(write(idle_dr6 ^ BLD, 0, true) == (idle_dr6 ^ BLD));
  CHECK(write(idle_dr6 ^ BLD, BLD, true) == idle_dr6);
  // BS has nothing to do with the question.
  CHECK(write(idle_dr6, BLD | BS, true) == (idle_dr6 | BS));
  CHECK(write(idle_dr6 | BS, BLD, true) == idle_dr6);
}

TEST_CASE("reading bld_when_trap_turns_off: BLD reads 1 or stays when BLCKDB goes from 1 to 0") {
  Concrete c;
  const std::uint64_t shown = (idle_dr6 ^ BLD) | BS;
  const auto change = [&](std::uint64_t before, std::uint64_t after, bool one) {
    return value(machine::dr6_after_debugctl_change(c.bits(shown), c.bits(before), c.bits(after),
                                                    c.choices({.bld_one_after_trap_off = one})));
  };
  CHECK(change(BLCKDB | LBR, LBR, true) == (shown | BLD));
  CHECK(change(BLCKDB | LBR, LBR, false) == shown);
  // Only turning it off counts.
  CHECK(change(BLCKDB, BLCKDB | LBR, true) == shown);
  CHECK(change(0, BLCKDB, true) == shown);
  CHECK(change(LBR, 0, true) == shown);
}

TEST_CASE("reading bld_loaded_by_vmrun: BLD=0 is loaded as it is, or forced to 1 while BLCKDB=0") {
  Concrete c;
  const std::uint64_t shown = (idle_dr6 ^ BLD) | BS;
  const auto load = [&](std::uint64_t dr6, std::uint64_t debugctl, bool forced) {
    return value(machine::dr6_loaded_by_vmrun(c.bits(dr6), c.bits(debugctl),
                                              c.choices({.bld_load_forced = forced})));
  };
  CHECK(load(shown, LBR, true) == (shown | BLD));
  CHECK(load(shown, LBR, false) == shown);
  CHECK(load(shown, BLCKDB, true) == shown);
  CHECK(load(idle_dr6, 0, false) == idle_dr6);
}

TEST_CASE("DR6 prints BLD when it is 0, because it is active low") {
  const Variable v{"DR6", Sort::bits(64), {}, display_of(machine::dr6::format()), Role::cpu};
  CHECK(format_value(v, idle_dr6) == "FFFF0FF0h");
  CHECK(format_value(v, (idle_dr6 ^ BLD) | BS) == "BLD=0|BS");
}
