#include "checker/testgen/retry.hpp"

#include <fmt/format.h>
#include <stdexcept>

#include "checker/testgen/guest_event.hpp"
#include "checker/trace/names.hpp"

namespace airlock {
namespace {

constexpr unsigned most_input_bits = 6;  // MOV to DR6 has 2, WRMSR 6

struct Gap {
  std::size_t exit;    ///< the step that exited
  std::size_t resume;  ///< the step after which the guest runs again
  machine::Instruction instruction;
};

/// The first exit whose instruction is not what the guest does next.
std::optional<Gap> first_gap(const Trace& trace) {
  std::optional<Gap> open;
  for (std::size_t step = 1; step <= trace.steps(); ++step) {
    const GuestEvent event = guest_event(rule_of(trace, step));
    if (open && open->resume == 0 && guest_runs(*trace.system, trace.states[step]) == true) {
      open->resume = step;
    }
    if (event.gp_delivered ||
        (event.instruction && open && event.instruction == open->instruction)) {
      open.reset();
    } else if (event.instruction && open) {
      return open;
    }
    if (event.exits) {
      open = Gap{step, 0, *event.instruction};
    }
  }
  return std::nullopt;
}

/// `trace` with a step of `rule` put in after step `after`, if that replays to the same end.
std::optional<Trace> inserted(const Trace& trace, std::size_t after, PathStep step) {
  Path path = trace.path;
  path.steps.insert(path.steps.begin() + static_cast<std::ptrdiff_t>(after), std::move(step));
  try {
    return make_trace(*trace.system, *trace.property, std::move(path));
  } catch (const std::logic_error&) {  // some guard does not hold, or the end is no violation
    return std::nullopt;
  }
}

/// A step in which the gap's instruction completes, with whichever operands lead to the end.
std::optional<Trace> filled(const Trace& trace, const Gap& gap) {
  const TransitionSystem& system = *trace.system;
  for (std::uint32_t rule = 0; rule < system.rules.size(); ++rule) {
    const GuestEvent event = guest_event(system.rules[rule]);
    if (system.rules[rule].agent != AgentKind::guest || event.instruction != gap.instruction ||
        !event.completes) {
      continue;
    }
    unsigned bits = 0;
    for (const InputId input : system.rules[rule].inputs) {
      bits += system.inputs[input].sort.width();
    }
    if (bits > most_input_bits) {
      continue;
    }
    for (std::uint64_t picked = 0; picked < std::uint64_t{1} << bits; ++picked) {
      PathStep step{rule, {}};
      std::uint64_t rest = picked;
      for (const InputId input : system.rules[rule].inputs) {
        step.inputs.push_back(rest & system.inputs[input].sort.mask());
        rest >>= system.inputs[input].sort.width();
      }
      if (auto result = inserted(trace, gap.resume, std::move(step))) {
        return result;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::variant<Trace, std::string> with_retries(const Trace& trace, std::vector<std::size_t>& added) {
  Trace result = trace;
  while (const std::optional<Gap> gap = first_gap(result)) {
    std::optional<Trace> next = gap->resume == 0 ? std::nullopt : filled(result, *gap);
    if (!next) {
      return fmt::format("in step {} {} exits and is not retried, and if it is the end is another",
                         gap->exit, machine::name_of(gap->instruction));
    }
    added.push_back(gap->resume + 1);
    result = std::move(*next);
  }
  return result;
}

}  // namespace airlock
