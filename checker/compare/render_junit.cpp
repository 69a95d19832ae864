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
  std::size_t skipped = 0;

  void count(Verdict verdict, bool known = false) {
    ++tests;
    failures += verdict == Verdict::violated && !known ? 1 : 0;
    skipped += verdict == Verdict::violated && known ? 1 : 0;
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

std::string element(const char* tag, const char* type, const std::string& message,
                    const std::string& text) {
  return fmt::format("<{0} type=\"{1}\" message=\"{2}\">{3}</{0}>", tag, type,
                     escape_markup(printable(message)), escape_markup(text));
}

/// What went wrong with a test case: nothing for a property that holds.
std::string problem(const MatrixHeading& heading, const Row& row, const Cell& cell) {
  const Decision& decision = cell.decision;
  if (!claims_something(*decision.property)) {
    return "";
  }
  switch (decision.verdict) {
    case Verdict::holds: return "";
    case Verdict::unknown: return element("error", "unknown", decision.reason, decision.reason);
    case Verdict::violated: break;
  }
  if (heading.is_known(row, cell)) {
    return "<skipped message=\"violated, as is known\"/>";
  }
  return element("failure", decision.trace ? "violated" : "not reachable",
                 decision.trace ? last_sentence(*decision.trace) : "not reachable",
                 decision.trace ? story(heading, row, cell) : decision.property->text);
}

/// A symptom's case passes whatever was found, and says it.
std::string finding(const Decision& decision) {
  if (decision.verdict == Verdict::unknown) {
    return "undecided: " + decision.reason;
  }
  return decision.trace ? "symptom reached: " + last_sentence(*decision.trace)
                        : "symptom not reachable";
}

/// What the case passes by: under which assumptions.
std::string remark(const Decision& decision) {
  if (!claims_something(*decision.property)) {
    return fmt::format("<system-out>{}</system-out>", escape_markup(printable(finding(decision))));
  }
  return decision.assumes.empty()
             ? ""
             : fmt::format("<system-out>holds, assuming {}</system-out>",
                           escape_markup(fmt::format("{}", fmt::join(decision.assumes, ", "))));
}

std::string test_case(const std::string& class_name, const std::string& name,
                      const std::string& inside) {
  const std::string attributes =
      fmt::format("classname=\"{}\" name=\"{}\"", escape_markup(printable(class_name)),
                  escape_markup(printable(name)));
  return inside.empty() ? fmt::format("    <testcase {}/>\n", attributes)
                        : fmt::format("    <testcase {}>{}</testcase>\n", attributes, inside);
}

std::string suite(const std::string& name, const Counts& counts, const std::string& cases) {
  return fmt::format("  <testsuite name=\"{}\" {} skipped=\"{}\">\n{}  </testsuite>\n",
                     escape_markup(printable(name)), counts.attributes(), counts.skipped, cases);
}

/// A gap as a test case that has not passed.
std::string gap_case(const MatrixHeading& heading, const MatrixGap& gap) {
  std::string text;
  for (const std::string& line : {gap.text, rows_of(gap), how_to_accept({gap})}) {
    text += line.empty() ? "" : line + "\n";
  }
  const char* failed = gap.kind == "vacuous" ? "vacuous" : "never happens";
  return test_case(heading.model + ".coverage", full_name(gap),
                   element(gap.decided ? "failure" : "error", gap.decided ? failed : "unknown",
                           problem_of(gap), text));
}

/// Nothing if there are no gaps.
std::string gap_suite(const MatrixHeading& heading, Counts& all) {
  Counts counts;
  std::string cases;
  for (const MatrixGap& gap : heading.gaps) {
    const Verdict verdict = gap.decided ? Verdict::violated : Verdict::unknown;
    counts.count(verdict);
    all.count(verdict);
    cases += gap_case(heading, gap);
  }
  return cases.empty() ? "" : suite("coverage", counts, cases);
}

}  // namespace

std::string render_junit(const Matrix& matrix, const MatrixHeading& heading) {
  Counts all;
  std::string suites;
  for (const Row& row : matrix.rows) {
    Counts counts;
    std::string cases;
    for (const Cell& cell : row.cells) {
      const Verdict verdict =
          claims_something(*cell.decision.property) ? cell.decision.verdict : Verdict::holds;
      counts.count(verdict, heading.is_known(row, cell));
      all.count(verdict, heading.is_known(row, cell));
      cases += test_case(heading.model + "." + row.fix, cell.decision.property->name,
                         problem(heading, row, cell) + remark(cell.decision));
    }
    suites += suite(row.fix, counts, cases);
  }
  suites += gap_suite(heading, all);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"airlock compare {}\" {}>\n{}</testsuites>\n",
      escape_markup(printable(heading.model)), all.attributes(), suites);
}

}  // namespace airlock
