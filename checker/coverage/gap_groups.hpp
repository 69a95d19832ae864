// Gaps that have one cause, so that people read it once. See gap_groups.cpp.
#pragma once

#include <string>
#include <vector>

#include "checker/coverage/report.hpp"

namespace airlock {

/// Gaps of one kind, in the same rows, for which the manifest has the same reason or none.
struct GapGroup {
  /// What an excuse calls them: their names, or one pattern that is about all of them and about
  /// nothing that is reached.
  std::vector<std::string> names;
  std::string text;            ///< of the first
  std::vector<Gap> gaps = {};  ///< one at least
};

/// The gaps of the report, each in one group, in the report's order.
std::vector<GapGroup> grouped(const CoverageReport& report);

/// "2 lines never run, 1 property holds vacuously": what is missing and has no reason; empty if
/// nothing is.
std::string what_is_missing(const CoverageReport& report);

}  // namespace airlock
