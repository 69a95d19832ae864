// The matrix as warnings of a compiler, as sparse and smatch print them under `make C=2`: what
// editors and the kernel's build know how to read. A warning stands at the line that SARIF would
// name: the last that could have helped.
#include <fmt/format.h>

#include "checker/compare/render.hpp"
#include "checker/compare/render_alarm.hpp"
#include "checker/trace/divergence.hpp"
#include "checker/trace/names.hpp"
#include "checker/trace/render.hpp"

namespace airlock {
namespace {

SourceLocation place_of(const Cell& cell) {
  const Decision& decision = cell.decision;
  if (decision.verdict == Verdict::violated && decision.trace) {
    const Divergence divergence = find_divergence(*decision.trace);
    if (const auto line = last_line_that_could_help(*decision.trace, divergence)) {
      return rule_of(*decision.trace, line->step).causes.at(line->cause).location;
    }
  }
  return decision.property->location;
}

std::string warning(const SourceLocation& place, const MatrixHeading& heading,
                    const std::string& text) {
  const std::string where =
      !is_in_a_file(place) ? heading.model + ":1" : place.file + ":" + std::to_string(place.line);
  std::string line = text;
  for (char& c : line) {
    c = c == '\n' ? ' ' : c;
  }
  return printable(where) + ": warning: " + printable(line) + "\n";
}

}  // namespace

std::string render_kbuild(const Matrix& matrix, const MatrixHeading& heading) {
  std::string result;
  for (const Row& row : matrix.rows) {
    for (const Cell& cell : row.cells) {
      const Decision& decision = cell.decision;
      if (decision.verdict == Verdict::holds || !claims_something(*decision.property)) {
        continue;
      }
      std::string text =
          decision.verdict == Verdict::unknown ? "undecided: " + decision.reason
          : decision.trace
              ? last_sentence(*decision.trace)
              : "not reachable" +
                    (decision.property->text.empty() ? "" : ": " + decision.property->text);
      if (decision.trace) {
        text += fmt::format(" ({} steps)", decision.trace->steps());
      }
      if (const std::string doubt = doubt_of(cell); !doubt.empty()) {
        text += ": " + doubt;
      }
      const std::string of_row = matrix.rows.size() > 1 ? ", " + row.fix : "";
      result +=
          warning(place_of(cell), heading, text + " [" + decision.property->name + of_row + "]");
    }
  }
  for (const MatrixGap& gap : heading.gaps) {
    result += warning(gap.place, heading,
                      problem_of(gap) + ": " + gap.text + " [" + full_name(gap) + "]");
  }
  return result;
}

}  // namespace airlock
