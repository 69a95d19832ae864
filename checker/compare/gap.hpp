// What a comparison fails for besides its verdicts: things that never happen, and properties that
// hold vacuously.
#pragma once

#include <string>
#include <vector>

#include "checker/coverage/report.hpp"
#include "model/system/system.hpp"

namespace airlock {

/// A gap that no reason excuses, as every rendering of a matrix shows it.
struct MatrixGap {
  std::string kind;  ///< Gap::kind; or "unmeasured": time ran out before a row could be asked
  std::string name;  ///< Gap::name; of what is unmeasured, the fix
  std::string text;  ///< the line, the part, or why nothing was measured
  std::vector<std::string> fixes;  ///< the rows that have it
  bool decided = true;             ///< false: a longer search might find it
  SourceLocation place;            ///< the line, or the property; line 0: neither, or several
};

/// None if and only if the report is complete().
std::vector<MatrixGap> gaps_of(const CoverageReport& report);

/// "never runs", "holds vacuously", "not seen to happen".
std::string problem_of(const MatrixGap& gap);

/// Its name, with the part that is meant if it is a property's: different for different gaps.
std::string full_name(const MatrixGap& gap);

/// "in none", "in all of none, v1"; empty where the name says it.
std::string rows_of(const MatrixGap& gap);

/// A sentence: how gaps are accepted. Empty if none of these can be: what is undecided wants more
/// time.
std::string how_to_accept(const std::vector<MatrixGap>& gaps);

}  // namespace airlock
