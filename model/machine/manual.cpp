#include "model/machine/manual.hpp"

#include <stdexcept>

namespace airlock::machine {
namespace {

struct Entry {
  std::string_view number;
  std::string_view name;
};

Entry entry_of(Section section) {
  switch (section) {
    case Section::single_stepping: return {"13.1.4", "Single Stepping"};
    case Section::control_transfers: return {"13.1.6", "Control-Transfer Breakpoint Features"};
    case Section::vmrun: return {"15.5.1", "VMRUN: Basic Operation"};
    case Section::vmexit: return {"15.6", "#VMEXIT"};
    case Section::db_intercept: return {"15.12.2", "Exception Intercepts: #DB"};
    case Section::interrupt_intercepts: return {"15.13", "Interrupt Intercepts"};
    case Section::interrupts: return {"15.21", "Interrupt and Local APIC Support"};
    case Section::event_injection: return {"15.20", "Event Injection"};
  }
  throw std::logic_error("a section of the manual without a name");
}

}  // namespace

std::string_view number_of(Section section) {
  return entry_of(section).number;
}

std::string_view name_of(Section section) {
  return entry_of(section).name;
}

std::string cite(std::initializer_list<Section> sections) {
  std::string result;
  for (const Section section : sections) {
    result += result.empty() ? "APM, \"" : " and \"";
    result += std::string(name_of(section)) + "\"";
  }
  return result;
}

}  // namespace airlock::machine
