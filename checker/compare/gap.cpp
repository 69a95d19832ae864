#include "checker/compare/gap.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <utility>

namespace airlock {
namespace {

/// Of a point, its line; of a property, where it is defined. Gaps have names only, with which a
/// place is looked up in the rows that have the gap.
SourceLocation place_in(const Coverage& row, const Gap& gap) {
  for (const CoveragePoint& point : row.points) {
    if (point.name == gap.name && to_string(point.kind) == gap.kind) {
      return point.location;
    }
  }
  const bool vacuous = gap.kind == "vacuous";
  for (const PropertyCheck& property : row.properties) {
    if (gap.name == (vacuous ? row.fix + ": " : "") + property.property &&
        !property.clauses.empty()) {
      return property.clauses.front().witness.location;
    }
  }
  return {};
}

/// Where all rows agree: two files may have the same last name.
SourceLocation place_of(const CoverageReport& report, const Gap& gap) {
  SourceLocation result;
  for (const Coverage& row : report.rows) {
    if (std::find(gap.fixes.begin(), gap.fixes.end(), row.fix) == gap.fixes.end()) {
      continue;
    }
    const SourceLocation place = place_in(row, gap);
    const bool same = place.file == result.file && place.line == result.line;
    if (place.line == 0 || (result.line != 0 && !same)) {
      return {};
    }
    result = place;
  }
  return result;
}

/// What a kind of gap is called when it is decided, and when it is not.
using Words = std::pair<const char*, const char*>;

Words words_of(const std::string& kind) {
  static const std::map<std::string, Words> words{
      {"statement", {"never runs", "not seen to run"}},
      {"condition", {"never comes out so", "not seen to come out so"}},
      {"hardware", {"never happens", "not seen to happen"}},
      {"reading", {"makes no difference", "not seen to make a difference"}},
      {"parameter", {"makes no difference", "not seen to make a difference"}},
      {"property", {"never matters", "not seen to matter"}},
      {"vacuous", {"holds vacuously", "holds, but was not seen to claim anything"}},
      {"unmeasured", {"coverage not measured", "coverage not measured"}}};
  return words.at(kind);
}

}  // namespace

std::vector<MatrixGap> gaps_of(const CoverageReport& report) {
  std::vector<MatrixGap> result;
  for (const Gap& gap : report.gaps) {
    if (gap.reason.empty()) {
      result.push_back(
          {gap.kind, gap.name, gap.text, gap.fixes, gap.decided, place_of(report, gap)});
    }
  }
  for (const Coverage& row : report.rows) {
    if (!row.begun) {
      result.push_back({"unmeasured", row.fix, row.reason, {row.fix}, false, {}});
    }
  }
  return result;
}

std::string problem_of(const MatrixGap& gap) {
  const Words words = words_of(gap.kind);
  return gap.decided ? words.first : words.second;
}

std::string full_name(const MatrixGap& gap) {
  const bool of_property = gap.kind == "property" || gap.kind == "vacuous";
  return of_property ? gap.name + ": " + gap.text : gap.name;
}

std::string rows_of(const MatrixGap& gap) {
  if (gap.kind == "vacuous" || gap.kind == "unmeasured") {
    return "";
  }
  return fmt::format("{}{}", gap.fixes.size() == 1 ? "in " : "in all of ",
                     fmt::join(gap.fixes, ", "));
}

std::string how_to_accept(const std::vector<MatrixGap>& gaps) {
  const bool any =
      std::any_of(gaps.begin(), gaps.end(), [](const MatrixGap& gap) { return gap.decided; });
  return any ? "To accept one, name it in airlock.toml under [unreached], with the reason." : "";
}

}  // namespace airlock
