// Coverage of several worlds together: what happens in none of them, and what the manifest says
// about it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "checker/coverage/coverage.hpp"
#include "checker/trace/text.hpp"

namespace airlock {

/// What may stay unreached, and why.
struct Excuse {
  std::string what;  ///< "svm.c:42", "svm.c:42:6 true", an event, "choice=option", a property
  std::string reason;
  SourceLocation place;  ///< in the manifest
};

/// A point that is reached in no row, or a part of a property that is idle in every row.
struct Gap {
  std::string kind;  ///< of the point, or "property"
  std::string name;
  std::string text;                ///< the line, or the part
  std::vector<std::string> fixes;  ///< the rows that have it
  bool decided = true;             ///< false: some row was not explored to its end
  std::string reason;              ///< the manifest's, if it names this; else empty
};

struct CoverageReport {
  std::vector<Coverage> rows;
  std::vector<Gap> gaps;
  /// Nothing is missing that is not named, and every row was begun.
  [[nodiscard]] bool complete() const;
  /// Something is missing, not named, and no search would find it.
  [[nodiscard]] bool lacks_something() const;
  /// Something is missing that a longer search might find.
  [[nodiscard]] bool undecided() const;
};

/// Puts rows together. An excuse for what is reached, or for what no row has, is an InputError: it
/// would hide the next thing of that name. With `all_rows` false, only excuses for what is reached
/// in one of these rows and missing in none are let pass, since other rows may need them. Where a
/// row was not begun, nothing is known about excuses.
CoverageReport report_coverage(std::vector<Coverage> rows, const std::vector<Excuse>& excuses,
                               bool all_rows);

/// The same question about all rows together, as cheaply as it can be had: no row is explored
/// further than something awaited may still be seen in it and in no other. What no row shows is
/// unreachable in all. The report's rows tell only what was seen on the way. Ends when the context
/// says so; what was not seen is then undecided.
CoverageReport cover_together(std::vector<CoverageRun> runs, const std::vector<Excuse>& excuses,
                              const EngineContext& context);

/// For people.
std::string render_text(const CoverageReport& report, const TextStyle& style);

/// The gaps alone: the last part of render_text, and of render_json.
std::string render_gaps(const CoverageReport& report, const TextStyle& style);
nlohmann::ordered_json render_gaps_json(const CoverageReport& report);

/// {"rows": [{"fix", "states", "complete", "points": [...], "properties": [...], "not_asked":
/// [...]}], "gaps": [...]}.
nlohmann::ordered_json render_json(const CoverageReport& report);

}  // namespace airlock
