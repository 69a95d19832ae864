#include "checker/testgen/guest_event.hpp"

#include "model/machine/dr6.hpp"

namespace airlock {
namespace {

using machine::Instruction;

/// The instruction named between `before` and `after` in `text`.
std::optional<Instruction> instruction_in(const std::string& text, const std::string& before,
                                          const std::string& after) {
  for (const Instruction each : machine::all_instructions) {
    if (text == before + machine::name_of(each) + after) {
      return each;
    }
  }
  return std::nullopt;
}

}  // namespace

GuestEvent guest_event(const Rule& rule) {
  GuestEvent event;
  bool begun = false;
  bool exit = false;
  bool db_exit = false;
  for (const Cause& cause : rule.causes) {
    if (cause.location.line != 0) {
      continue;  // a line of C may say anything
    }
    if (const auto starts = instruction_in(cause.text, "the guest executes ", "")) {
      event.instruction = starts;
      begun = true;
    } else if (const auto done = instruction_in(cause.text, "the guest's ", " is complete")) {
      event.instruction = done;
      event.completes = true;
    }
    exit = exit || cause.text.starts_with("#VMEXIT(");
    db_exit = db_exit || cause.text == "#VMEXIT(#DB)";
    event.db_delivered = event.db_delivered || cause.text == "#DB delivered to the guest" ||
                         cause.text == "the injected #DB is delivered to the guest";
    event.gp_delivered = event.gp_delivered || cause.text == "the guest takes #GP";
  }
  event.exits = begun && exit && !db_exit;
  event.completes = event.completes || (begun && !event.exits);
  event.interrupt = !begun && exit;
  return event;
}

std::optional<std::uint64_t> chosen(const TransitionSystem& system, const Rule& rule,
                                    const PathStep& step, std::string_view name) {
  for (std::size_t i = 0; i < rule.choices.size(); ++i) {
    if (system.choices[rule.choices[i]].name == name) {
      return step.choices[i];
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
