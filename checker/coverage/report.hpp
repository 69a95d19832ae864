// Coverage of several worlds together: what happens in none of them, and what the manifest says
// about it.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "checker/coverage/coverage.hpp"
#include "checker/trace/text.hpp"

namespace airlock {

/// What may stay unreached, and why.
struct Excuse {
  /// "svm.c:42", "svm.c:42:6 true", an event, "choice=option", a property; "FIX: PROPERTY" for a
  /// property that is vacuous in that row; with '*' for any text, all of which is unreached.
  std::string what;
  std::string reason;
  SourceLocation place;   ///< in the manifest
  std::string line = {};  ///< the manifest's, for messages
};

/// "svm.c:42" is about all of the line, "svm.c:42 true" about its conditions coming out so.
bool is_about(const Excuse& excuse, const std::string& name);

/// Where excuses come from, and so which of them are wrong.
enum class ExcusesFrom : std::uint8_t {
  all_rows,   ///< of these very rows: each must be about something, and needed
  more_rows,  ///< these rows are among them: others may have what an excuse is about
  elsewhere,  ///< of rows or a world that these are not: none is wrong
};

/// What is to happen, or to be excused.
struct CoverageQuestion {
  /// Such points must be reached in some row.
  std::set<PointKind> points{PointKind::statement, PointKind::condition, PointKind::hardware,
                             PointKind::choice, PointKind::parameter};
  /// Each part and operand of each property must be needed in some row.
  bool properties = true;
  /// By row, properties that are not to be vacuous there: each operand must be evaluated.
  std::map<std::string, std::set<std::string>> not_vacuous = {};
  std::vector<Excuse> excuses = {};
  ExcusesFrom excuses_from = ExcusesFrom::all_rows;
};

/// A point that is reached in no row, a part of a property that is idle in every row, or a property
/// that is vacuous in one.
struct Gap {
  std::string kind;                ///< of the point, "property", or "vacuous"
  std::string name;                ///< what an Excuse calls it
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

/// Puts rows together. An excuse for what is reached, or for what no row has, is an InputError (see
/// ExcusesFrom): it would hide the next thing of that name. Where a row was not begun, nothing is
/// known about excuses.
CoverageReport report_coverage(std::vector<Coverage> rows, const CoverageQuestion& question);

/// The same, as cheaply as it can be had: no row is explored further than something awaited may
/// still be seen in it and in no other. What no row shows is unreachable in all. The report's rows
/// tell only what was seen on the way. Ends when the context says so; what was not seen is then
/// undecided.
CoverageReport cover_together(std::vector<CoverageRun> runs, const CoverageQuestion& question,
                              const EngineContext& context);

/// For people.
std::string render_text(const CoverageReport& report, const TextStyle& style);

/// The gaps alone: the last part of render_text, and of render_json. Without `excused`, those that
/// have a reason are not listed.
std::string render_gaps(const CoverageReport& report, const TextStyle& style, bool excused = true);
nlohmann::ordered_json render_gaps_json(const CoverageReport& report);

/// {"rows": [{"fix", "states", "complete", "points": [...], "properties": [...], "not_asked":
/// [...]}], "gaps": [...]}.
nlohmann::ordered_json render_json(const CoverageReport& report);

}  // namespace airlock
