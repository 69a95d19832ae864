// The matrix as people and programs read it.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checker/compare/gap.hpp"
#include "checker/compare/matrix.hpp"
#include "checker/trace/text.hpp"
#include "checker/trace/trace.hpp"
#include "checker/trace/untracked.hpp"

namespace airlock {

/// What a matrix does not know about itself.
struct MatrixHeading {
  std::string model;
  std::vector<std::pair<std::string, std::string>> parameters;
  std::vector<std::string> actors;  ///< those that are on
  /// The command that prints the trace of a cell.
  std::function<std::string(const std::string& fix, const std::string& property)> trace_command;
  bool stats = false;  ///< also say where the time went
  /// Of rows that are slices: what each does not follow. May be empty.
  std::function<std::shared_ptr<const UntrackedTexts>(const std::string& fix)> untracked = {};
  /// The files of a fix, for who asks whether a line is the fix's own. May be empty.
  std::function<std::vector<std::string>(const std::string& fix)> fix_files = {};
  /// For which the command fails, whatever the verdicts. (Text and JSON are followed by them, from
  /// the coverage report itself.)
  std::vector<MatrixGap> gaps = {};
  /// Violations that --expect knows: no failures to a CI. May be empty.
  std::function<bool(const std::string& fix, const std::string& property)> known = {};
  [[nodiscard]] bool is_known(const Row& row, const Cell& cell) const {
    return known && known(row.fix, cell.decision.property->name);
  }
};

/// At most as wide as `style` says, commands to copy excepted. The same input gives the same text,
/// unless `stats` is on.
std::string render_text(const Matrix& matrix, const MatrixHeading& heading, const TextStyle& style);

/// DESIGN.md, "The command", with some further fields.
nlohmann::ordered_json render_json(const Matrix& matrix, const MatrixHeading& heading);

/// For commit messages and issues: a table in GitHub's Markdown, then what is violated and how to
/// see it, then the gaps, then what every "holds" rests on.
std::string render_markdown(const Matrix& matrix, const MatrixHeading& heading);

/// JUnit XML: a test suite per fix, a test case per property. Violated is a failure with the trace
/// in it; unknown is an error, since what was not decided has not passed. If there are gaps, a last
/// test suite has them as its cases, which fail likewise.
std::string render_junit(const Matrix& matrix, const MatrixHeading& heading);

/// SARIF 2.1.0: a rule per property, a result per violated or undecided cell, at the C line that
/// last_line_that_could_help() names, with the trace as its code flow. A rule per kind of gap, a
/// result per gap. See render_sarif.cpp.
nlohmann::ordered_json render_sarif(const Matrix& matrix, const MatrixHeading& heading,
                                    const std::string& version);

/// KTAP version 1: a test per row and property; what is undecided is skipped, with the reason. See
/// render_ktap.cpp.
std::string render_ktap(const Matrix& matrix, const MatrixHeading& heading);

/// "file:line: warning: ..." for what is violated or undecided, and for gaps; empty if nothing is.
std::string render_kbuild(const Matrix& matrix, const MatrixHeading& heading);

/// "always_dr6_is_the_guests" as words: "dr6 is the guests"; "never_" keeps its word.
std::string words_of(const Property& property);

/// "1-3", "15+" where there may be more, "-" for nothing.
std::string range_text(const std::optional<CostRange>& range);

/// The properties that the matrix is about, the guards and the symptoms of known bugs, each once,
/// in the rows' order.
struct MatrixProperties {
  std::vector<const Property*> columns;
  std::vector<const Property*> guards;
  std::vector<const Property*> symptoms;
};
MatrixProperties properties_of(const Matrix& matrix);

/// The row's cell for the property of that name; null if it has none.
const Cell* find_cell(const Row& row, const std::string& property);

/// The row as people read it, told apart from the others. See checker/trace/names.hpp.
std::string shown_fix(const Matrix& matrix, const std::string& fix);

/// The choices of all rows under their pins, each pair once.
std::vector<std::pair<std::string, std::string>> choices_of(const Matrix& matrix);

/// The heading of the trace of a cell.
TraceHeading trace_heading(const MatrixHeading& heading, const Row& row, const Cell& cell);

/// True for the properties that the matrix is about, false for guards against vacuity and symptoms.
bool in_matrix(const Property& property);

/// The verdict of everything together, symptoms excepted: violated if anything is, else unknown if
/// anything is, or lacks its second opinion or a certificate that was wanted.
Verdict overall(const Matrix& matrix);
/// The same of one row.
Verdict overall(const Row& row);

/// Why overall() is not "holds", in a few words; empty if it is.
std::string why_not(const Matrix& matrix);
std::string why_not(const Row& row);

/// True where there is a "holds" that can rest on something.
bool any_holds(const Matrix& matrix);

/// Sentences under which every "holds" is meant: the systems' assumptions, then the matrix's own,
/// each once.
std::vector<std::string> assumptions_of(const Matrix& matrix);

}  // namespace airlock
