#include "checker/testgen/guest_event.hpp"

#include "model/machine/dr6.hpp"

namespace airlock {
namespace {

using machine::Instruction;

Instruction subject_of(const Cause& cause) {
  return machine::all_instructions.at(cause.subject);
}

}  // namespace

GuestEvent guest_event(const Rule& rule) {
  GuestEvent event;
  bool begun = false;
  bool exit = false;
  bool db_exit = false;
  for (const Cause& cause : rule.causes) {
    switch (cause.event) {
      case Event::guest_executes:
        event.instruction = subject_of(cause);
        begun = true;
        break;
      case Event::guest_completes:
        event.instruction = subject_of(cause);
        event.completes = true;
        break;
      case Event::vmexit_db: db_exit = true; [[fallthrough]];
      case Event::vmexit: exit = true; break;
      case Event::db_delivered:
      case Event::db_injected: event.db_delivered = true; break;
      case Event::guest_takes_gp: event.gp_delivered = true; break;
      default: break;
    }
  }
  event.exits = begun && exit && !db_exit;
  event.completes = event.completes || (begun && !event.exits);
  event.interrupt = !begun && exit;
  return event;
}

std::optional<std::uint64_t> chosen(const TransitionSystem& system, const Rule& rule,
                                    const PathStep& step, std::string_view name) {
  for (std::size_t i = 0; i < rule.inputs.size(); ++i) {
    if (system.inputs[rule.inputs[i]].name == name) {
      return step.inputs[i];
    }
  }
  return std::nullopt;
}

std::uint64_t debugctl_operand(std::uint64_t picked) {
  return (picked & 7U) | (picked >> 3U & 3U) << 11U | (picked >> 5U & 1U) << 63U;
}

std::uint64_t dr6_operand(bool bld, bool bs) {
  const std::uint64_t neither =
      machine::dr6::nothing_pending & ~(std::uint64_t{1} << machine::dr6::BLD);
  return neither | std::uint64_t{bld} << machine::dr6::BLD | std::uint64_t{bs} << machine::dr6::BS;
}

}  // namespace airlock
