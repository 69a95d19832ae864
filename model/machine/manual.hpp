// The sections of the AMD64 Architecture Programmer's Manual, volume 2, that traces cite. The one
// place that says how: numbers change from one edition to the next, names stay.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace airlock::machine {

enum class Section : std::uint8_t {
  single_stepping,
  control_transfers,
  vmrun,
  vmexit,
  db_intercept,
  interrupt_intercepts,
  interrupts,
  event_injection,
};

/// "15.5.1", as of revision 3.4x of the manual.
std::string_view number_of(Section section);
/// The section's heading, shortened where it is long.
std::string_view name_of(Section section);

/// How a trace cites them: by name, since numbers do not last. "APM, "Single Stepping"".
std::string cite(std::initializer_list<Section> sections);

}  // namespace airlock::machine
