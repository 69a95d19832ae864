// The CPU of a trace's reference guest, from what the trace's heading and last state say.
#include <algorithm>
#include <cstdlib>

#include "checker/testgen/from_trace.hpp"
#include "model/machine/debugctl.hpp"

namespace airlock {
namespace {

/// "LBR|BTF" or "3" as a number.
std::uint64_t debugctl_bits(const std::string& text) {
  const Display names = display_of(machine::debugctl::format());
  std::uint64_t bits = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bar = std::min(text.find('|', at), text.size());
    const std::string word = text.substr(at, bar - at);
    at = bar + 1;
    const auto named = std::find_if(names.names.begin(), names.names.end(),
                                    [&](const Display::Name& each) { return each.name == word; });
    bits |= named != names.names.end() ? std::uint64_t{1} << named->value
                                       : std::strtoull(word.c_str(), nullptr, 0);
  }
  return bits;
}

}  // namespace

BareCpu reference_cpu(const Trace& trace, const TraceHeading& heading) {
  BareCpu cpu;
  for (const auto& [name, value] : heading.parameters) {
    if (name == "guest_debugctl_bits") {
      cpu.debugctl_bits = debugctl_bits(value);
    }
  }
  for (const Choice& choice : trace.system->choices) {
    cpu.choices[choice.name] = option_in(choice, trace.states.back());
  }
  return cpu;
}

}  // namespace airlock
