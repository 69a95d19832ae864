#include <fmt/format.h>

#include "checker/trace/render.hpp"
#include "model/system/pin.hpp"

namespace airlock {

std::vector<std::pair<std::string, std::string>> shown_choices(const TransitionSystem& system,
                                                               const Pins& pins,
                                                               const State* state) {
  std::vector<std::pair<std::string, std::string>> result;
  for (const Choice& choice : system.choices) {
    const auto pinned = pins.find(choice.name);
    const std::string free = free_name(choice);
    if (pinned != pins.end() && pinned->second != "any" && pinned->second != free) {
      result.emplace_back(choice.name, pinned->second + " (pinned)");
    } else {
      result.emplace_back(choice.name, state == nullptr ? free : option_in(choice, *state));
    }
  }
  return result;
}

std::string trace_verdict(const Trace& trace) {
  return seeks_witness(*trace.property) ? "holds" : "violated";
}

std::string hex(std::uint64_t value) {
  return fmt::format("0x{:x}", value);
}

std::string dump(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace airlock
