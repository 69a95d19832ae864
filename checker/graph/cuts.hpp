// Which steps every violating run takes, and which two steps no violating run avoids both.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checker/explore/state_graph.hpp"
#include "model/system/reduce.hpp"

namespace airlock {

/// A place of the program or an event of the hardware, where a fix could intervene.
struct ProgramStep {
  std::string actor;
  Cause cause;  ///< where its rules begin: the first cause they share
};

/// The steps of a reduced system that change a variable of the property's cone. Rules with the same
/// first cause and actor are one step. Rules that change control variables alone, and those that
/// run VMRUN, are none.
struct ProgramSteps {
  std::vector<ProgramStep> steps;  ///< in program order: by file, line, column, then text
  std::vector<std::optional<std::uint32_t>> of_rule;  ///< per rule of the reduced system
};

/// `reduction` is of `original`, and was made without merging rules (ReduceOptions::merge_rules):
/// else a step could hide behind another.
ProgramSteps steps_of(const TransitionSystem& original, const Reduction& reduction);

struct Cuts {
  std::string unknown;             ///< why nothing is known; empty: what follows is exact
  bool at_once = false;            ///< an initial state is bad: no step is needed
  std::vector<std::uint32_t> one;  ///< steps, ascending
  std::vector<std::pair<std::uint32_t, std::uint32_t>> two;  ///< pairs of others, ascending
};

/// `graph` is complete, has the bad states as its target, some of them reachable. A set of steps is
/// a cut if no path from an initial to a bad state is left without the edges of these steps. `one`:
/// all cuts of one step, which are the steps that every violating run takes. `two`: all cuts of two
/// steps neither of which is a cut. Unknown where time or memory runs out.
Cuts find_cuts(StateGraph& graph, const std::vector<std::optional<std::uint32_t>>& step_of_rule,
               std::size_t steps, const EngineContext& context = {});

}  // namespace airlock
