#include "model/machine/manual.hpp"

#include <doctest/doctest.h>

using namespace airlock::machine;

TEST_CASE("a section of the manual is cited in one way, and has a name of its own") {
  CHECK(cite({Section::vmrun}) == "APM 15.5.1");
  CHECK(cite({Section::single_stepping, Section::control_transfers}) == "APM 13.1.4, 13.1.6");
  CHECK(cite({}).empty());
  CHECK(name_of(Section::vmexit) == "#VMEXIT");
  CHECK(name_of(Section::event_injection) == "Event Injection");
}
