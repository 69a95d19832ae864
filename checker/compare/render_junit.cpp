// The matrix as JUnit XML, the dialect that CI systems read: testsuites > testsuite > testcase with
// failure, error or system-out. There is no standard; this keeps to the elements and attributes
// that Ant's JUnit task wrote and everybody since accepts. Times are left out, so that the same
// input gives the same file.
#include <fmt/format.h>

#include "checker/compare/render.hpp"
#include "checker/trace/markup.hpp"
#include "checker/trace/render.hpp"

namespace airlock {
namespace {

struct Counts {
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;

  void count(Verdict verdict) {
    ++tests;
    failures += verdict == Verdict::violated ? 1 : 0;
    errors += verdict == Verdict::unknown ? 1 : 0;
  }
  [[nodiscard]] std::string attributes() const {
    return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\"", tests, failures, errors);
  }
};

std::string story(const MatrixHeading& heading, const Row& row, const Cell& cell) {
  if (!cell.decision.trace) {
    return "";
  }
  return heading.trace_command(row.fix, cell.decision.property->name) + "\n\n" +
         render_text(*cell.decision.trace, trace_heading(heading, row, cell), TextStyle{});
}

/// What went wrong with a test case: nothing for a property that holds.
std::string problem(const MatrixHeading& heading, const Row& row, const Cell& cell) {
  const Decision& decision = cell.decision;
  const auto element = [](const char* tag, const char* type, const std::string& message,
                          const std::string& text) {
    return fmt::format("<{0} type=\"{1}\" message=\"{2}\">{3}</{0}>", tag, type,
                       escape_markup(printable(message)), escape_markup(text));
  };
  switch (decision.verdict) {
    case Verdict::holds: return "";
    case Verdict::unknown: return element("error", "unknown", decision.reason, decision.reason);
    case Verdict::violated: break;
  }
  return element("failure", "violated",
                 decision.trace ? last_sentence(*decision.trace) : "not reachable",
                 decision.trace ? story(heading, row, cell) : decision.property->text);
}

/// What the case passes by: under which assumptions.
std::string remark(const Decision& decision) {
  return decision.assumes.empty()
             ? ""
             : fmt::format("<system-out>holds, assuming {}</system-out>",
                           escape_markup(fmt::format("{}", fmt::join(decision.assumes, ", "))));
}

std::string test_case(const MatrixHeading& heading, const Row& row, const Cell& cell) {
  const std::string inside = problem(heading, row, cell) + remark(cell.decision);
  const std::string attributes = fmt::format(
      "classname=\"{}\" name=\"{}\"", escape_markup(printable(heading.model + "." + row.fix)),
      escape_markup(printable(cell.decision.property->name)));
  return inside.empty() ? fmt::format("    <testcase {}/>\n", attributes)
                        : fmt::format("    <testcase {}>{}</testcase>\n", attributes, inside);
}

}  // namespace

std::string render_junit(const Matrix& matrix, const MatrixHeading& heading) {
  Counts all;
  std::string suites;
  for (const Row& row : matrix.rows) {
    Counts counts;
    std::string cases;
    for (const Cell& cell : row.cells) {
      counts.count(cell.decision.verdict);
      all.count(cell.decision.verdict);
      cases += test_case(heading, row, cell);
    }
    suites += fmt::format("  <testsuite name=\"{}\" {} skipped=\"0\">\n{}  </testsuite>\n",
                          escape_markup(printable(row.fix)), counts.attributes(), cases);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"airlock compare {}\" {}>\n{}</testsuites>\n",
      escape_markup(printable(heading.model)), all.attributes(), suites);
}

}  // namespace airlock
