#include "model/machine/manual.hpp"

#include <doctest/doctest.h>
#include <fstream>
#include <iterator>
#include <string>

using namespace airlock::machine;

TEST_CASE("a section of the manual is cited in one way, and has a name of its own") {
  CHECK(cite({Section::vmrun}) == "APM, \"VMRUN: Basic Operation\"");
  CHECK(cite({Section::single_stepping, Section::control_transfers}) ==
        "APM, \"Single Stepping\" and \"Control-Transfer Breakpoint Features\"");
  CHECK(cite({}).empty());
  std::ifstream file(std::string(AIRLOCK_SOURCE_DIR) + "/docs/hardware.md");
  const std::string hardware{std::istreambuf_iterator<char>(file), {}};
  for (const Section each : {Section::single_stepping, Section::control_transfers, Section::vmrun,
                             Section::vmexit, Section::db_intercept, Section::interrupt_intercepts,
                             Section::interrupts, Section::event_injection}) {
    // The one place for numbers.
    CHECK(hardware.find(number_of(each)) != std::string::npos);
    CHECK(cite({each}).find_first_of("0123456789") == std::string::npos);
  }
  CHECK(name_of(Section::vmexit) == "#VMEXIT");
  CHECK(name_of(Section::event_injection) == "Event Injection");
}
