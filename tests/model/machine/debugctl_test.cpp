#include <doctest/doctest.h>

#include "tests/model/machine/concrete.hpp"

using namespace airlock;
using namespace airlock::test;

TEST_CASE("APM 13.1.1.6: DebugCtl has LBR, BTF, BLCKDB, FLBRI and FPMCI at bits 0, 1, 2, 11, 12") {
  CHECK(LBR == 0x1);
  CHECK(BTF == 0x2);
  CHECK(BLCKDB == 0x4);
  CHECK(FLBRI == 0x800);
  CHECK(FPMCI == 0x1000);
  CHECK(machine::debugctl::implemented == (LBR | BTF | BLCKDB | FLBRI | FPMCI));
  CHECK(machine::debugctl::msr == 0x1D9);
}

TEST_CASE("APM 13.1.1.6: a write keeps the implemented bits of DebugCtl and no other") {
  Concrete c;
  CHECK(value(machine::implemented_bits(c.bits(~0ULL))) == 0x1807);
  for (const std::uint64_t one : {LBR, BTF, BLCKDB, FLBRI, FPMCI}) {
    CHECK(value(machine::implemented_bits(c.bits(one))) == one);
  }
  CHECK(value(machine::implemented_bits(c.bits(1ULL << 63 | 1ULL << 13 | 0x780))) == 0);
}

TEST_CASE("APM 13.1.6.1, 13.1.6.2: a #DB clears LBR and BTF, and leaves BLCKDB, FLBRI and FPMCI") {
  Concrete c;
  CHECK(value(machine::cleared_by_db(c.bits(0x1807))) == (BLCKDB | FLBRI | FPMCI));
  CHECK(value(machine::cleared_by_db(c.bits(LBR))) == 0);
  CHECK(value(machine::cleared_by_db(c.bits(BTF))) == 0);
}

TEST_CASE("DebugCtl prints by the manual's names") {
  const Variable v{
      "DEBUGCTL", Sort::bits(64), {}, display_of(machine::debugctl::format()), Role::cpu};
  CHECK(format_value(v, 0x1807) == "LBR|BTF|BLCKDB|FLBRI|FPMCI");
  CHECK(format_value(v, 0) == "0");
}
