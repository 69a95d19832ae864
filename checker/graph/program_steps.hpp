// The steps of a program, where a fix could intervene.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/system/reduce.hpp"

namespace airlock {

/// A place of the program or an event of the hardware.
struct ProgramStep {
  std::string actor;
  Cause cause;  ///< where its rules begin: the first cause they share
};

/// The steps of a reduced system that change a variable of the property's cone. Rules with the same
/// first cause and actor are one step. Rules that change control variables alone, and those that
/// run VMRUN, are none.
struct ProgramSteps {
  /// In program order: first what moves the program counter, as a run comes by; then what can
  /// happen between two such steps (actors and the guest), by file, line, column, text and actor.
  std::vector<ProgramStep> steps;
  std::vector<std::optional<std::uint32_t>> of_rule;  ///< per rule of the reduced system
};

/// `reduction` is of `original`, and was made without merging rules (ReduceOptions::merge_rules):
/// else a step could hide behind another. Only
/// reads both.
ProgramSteps steps_of(const TransitionSystem& original, const Reduction& reduction);

}  // namespace airlock
