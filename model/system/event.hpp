// What happens in a step beside lines of C: what the rest of the program may ask of a cause. Its
// text is for people.
#pragma once

#include <cstdint>

namespace airlock {

enum class Event : std::uint8_t {
  none,               ///< a line of C, or something that nobody asks about
  guest_executes,     ///< the guest begins an instruction (Cause::subject)
  guest_completes,    ///< software completes the guest's intercepted instruction (Cause::subject)
  guest_takes_gp,     ///< software gives the guest a #GP instead
  guest_enters_db,    ///< the guest is in the #DB handler after an instruction's own #DB
  db_delivered,       ///< a #DB goes straight to the guest's handler
  db_injected,        ///< a #DB that software injects is delivered to the guest
  db_intercepted,     ///< a #DB is intercepted after the guest's instruction
  interrupt_arrives,  ///< a physical interrupt while the guest runs
  vmrun,
  vmexit,
  vmexit_db,  ///< a #VMEXIT because of a #DB
  meeting,    ///< two copies have come equally far
  following,  ///< after a fault the reference does as the guest does: told in traces, in no rule
};

constexpr bool is_vmexit(Event event) {
  return event == Event::vmexit || event == Event::vmexit_db;
}

}  // namespace airlock
