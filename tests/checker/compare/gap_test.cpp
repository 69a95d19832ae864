#include "checker/compare/gap.hpp"

#include <doctest/doctest.h>

#include "checker/compare/render.hpp"

namespace airlock {
namespace {

Coverage row(const std::string& fix, const std::string& file) {
  Coverage result;
  result.fix = fix;
  SourceLocation location;
  location.file = file;
  location.line = 7;
  result.points.push_back({PointKind::statement, "m.c:7:2", "x = 0;", location, false});
  result.points.push_back({PointKind::hardware, "the guest executes POPF", "", {}, false});
  return result;
}

Gap gap(const std::string& kind, const std::string& name, bool decided, const std::string& reason) {
  return {kind, name, "", {"a", "b"}, decided, reason};
}

}  // namespace

TEST_CASE("what the manifest has a reason for is no gap of a matrix") {
  CoverageReport report;
  report.rows = {row("a", "m.c"), row("b", "m.c")};
  report.gaps = {gap("hardware", "the guest executes POPF", true, "there is no guest")};
  CHECK(gaps_of(report).empty());
  CHECK(report.complete());
}

TEST_CASE("a gap has its line as its place where all of its rows agree about the file") {
  CoverageReport report;
  report.gaps = {gap("statement", "m.c:7:2", true, ""),
                 gap("hardware", "the guest executes POPF", true, "")};
  report.rows = {row("a", "one/m.c"), row("b", "one/m.c"), row("c", "two/m.c")};
  const auto found = gaps_of(report);
  REQUIRE(found.size() == 2);
  CHECK(found[0].place.file == "one/m.c");
  CHECK(found[0].place.line == 7);
  CHECK(rows_of(found[0]) == "in all of a, b");
  CHECK(found[1].place.line == 0);
  report.rows[1] = row("b", "two/m.c");
  CHECK(gaps_of(report)[0].place.line == 0);
}

TEST_CASE("what a longer search may find is not called never, nor to be accepted") {
  CoverageReport report;
  report.rows = {row("a", "m.c"), row("b", "m.c")};
  report.gaps = {gap("statement", "m.c:7:2", false, "")};
  report.rows[1].begun = false;
  report.rows[1].reason = "out of time";
  const auto found = gaps_of(report);
  REQUIRE(found.size() == 2);
  CHECK(problem_of(found[0]) == "not seen to run");
  CHECK(found[1].name == "b");
  CHECK(problem_of(found[1]) == "coverage not measured");
  CHECK(found[1].text == "out of time");
  CHECK(how_to_accept(found).empty());
  MatrixHeading heading;
  heading.gaps = found;
  const std::string junit = render_junit({}, heading);
  CHECK(junit.find("tests=\"2\" failures=\"0\" errors=\"2\"") != std::string::npos);
  const auto sarif = render_sarif({}, heading, "1");
  CHECK(sarif["runs"][0]["results"].size() == 2);
  for (const auto& result : sarif["runs"][0]["results"]) {
    CHECK(result["kind"] == "open");
    CHECK(result["level"] == "none");
  }
}

TEST_CASE("each kind of gap has words, decided or not") {
  for (const char* kind : {"statement", "condition", "hardware", "reading", "parameter", "property",
                           "vacuous", "unmeasured"}) {
    for (const bool decided : {true, false}) {
      MatrixGap one;
      one.kind = kind;
      one.decided = decided;
      CHECK_FALSE(problem_of(one).empty());
    }
  }
}

}  // namespace airlock
