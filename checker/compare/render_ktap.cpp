// The matrix as KTAP version 1, which the kernel's own tests write
// (Documentation/dev-tools/ktap.rst) and its CI reads: one test per row and property.
//
// A property that holds under some choices of the manual alone has subtests: one for the choices
// that it holds under, and one, skipped, for each choice that it needs, since what would be under
// another is no result of this row. What is undecided is skipped, with the reason: the exit status
// tells it from what holds. A symptom claims nothing: its test passes, and says whether it was
// seen.
// '#' begins a directive in KTAP, so that names and reasons have none.
#include <algorithm>
#include <fmt/format.h>

#include "checker/compare/render.hpp"
#include "checker/compare/render_alarm.hpp"
#include "checker/trace/render.hpp"

namespace airlock {
namespace {

std::string plain(const std::string& text) {
  std::string result = printable(text);
  std::replace(result.begin(), result.end(), '#', '_');
  std::replace(result.begin(), result.end(), '\n', ' ');
  return result;
}

/// "# text", a line of diagnosis for each line of the text.
std::string diagnosis(const std::string& indent, const std::string& text) {
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    result += indent + "# " + printable(text.substr(at, end - at)) + "\n";
    at = end + 1;
  }
  return result;
}

std::string result_line(const std::string& indent, bool passed, std::size_t number,
                        const std::string& name, const std::string& skipped) {
  return indent + (passed ? "ok " : "not ok ") + std::to_string(number) + " " + plain(name) +
         (skipped.empty() ? "" : " # SKIP " + plain(skipped)) + "\n";
}

/// The subtests of a property that does not hold under every choice.
std::string choices(const Decision& decision) {
  const std::string indent = "  ";
  std::string result = indent + "KTAP version 1\n" + indent +
                       fmt::format("1..{}\n", decision.assumes.size() + 1) +
                       result_line(indent, true, 1, "usual_readings", "");
  std::size_t number = 1;
  for (const std::string& choice : decision.assumes) {
    result += result_line(indent, true, ++number, "not_" + choice,
                          "it is proved for " + choice + " alone");
  }
  return result;
}

std::string test(const MatrixHeading& heading, const Row& row, const Cell& cell,
                 std::size_t number) {
  const Decision& decision = cell.decision;
  const std::string name = row.fix + "." + decision.property->name;
  if (!claims_something(*decision.property) && decision.verdict != Verdict::unknown) {
    const bool seen = decision.trace.has_value();
    return diagnosis("", seen ? "seen: " + plain(last_sentence(*decision.trace)) : "not seen") +
           result_line("", true, number, name, "");
  }
  switch (decision.verdict) {
    case Verdict::holds:
      return (decision.assumes.empty() ? "" : choices(decision)) +
             result_line("", true, number, name, "");
    case Verdict::unknown:
      return result_line("", true, number, name, "undecided: " + decision.reason);
    case Verdict::violated: break;
  }
  const std::string what =
      decision.trace ? last_sentence(*decision.trace)
                     : "not reachable" +
                           (decision.property->text.empty() ? "" : ": " + decision.property->text);
  const std::string steps =
      decision.trace ? fmt::format("\n{} steps: {}", decision.trace->steps(),
                                   heading.trace_command(row.fix, decision.property->name))
                     : "";
  const std::string doubt = doubt_of(cell);
  const std::string said =
      diagnosis("", plain(what) + steps + (doubt.empty() ? "" : "\n" + plain(doubt)));
  if (heading.is_known(row, cell)) {  // the kernel's kselftest calls this an expected failure
    return said + fmt::format("ok {} {} # XFAIL known\n", number, plain(name));
  }
  return said + result_line("", false, number, name, "");
}

}  // namespace

std::string render_ktap(const Matrix& matrix, const MatrixHeading& heading) {
  std::string tests;
  std::size_t number = 0;
  for (const Row& row : matrix.rows) {
    for (const Cell& cell : row.cells) {
      tests += test(heading, row, cell, ++number);
    }
  }
  for (const MatrixGap& gap : heading.gaps) {
    const std::string name = "coverage." + gap.kind + "." + full_name(gap);
    tests += diagnosis("", problem_of(gap) + ": " + gap.text);
    tests += gap.decided ? result_line("", false, ++number, name, "")
                         : result_line("", true, ++number, name, "not seen to happen");
  }
  return "KTAP version 1\n" + fmt::format("1..{}\n", number) + tests;
}

}  // namespace airlock
