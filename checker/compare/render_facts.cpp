// What every rendering of a matrix asks of it.
#include <algorithm>
#include <fmt/format.h>

#include "checker/compare/render.hpp"
#include "checker/trace/names.hpp"
#include "checker/trace/render.hpp"

namespace airlock {

bool in_matrix(const Property& property) {
  return !seeks_witness(property);
}

Verdict overall(const Row& row) {
  Verdict result = Verdict::holds;
  for (const Cell& cell : row.cells) {
    if (!claims_something(*cell.decision.property)) {
      continue;
    }
    if (cell.decision.verdict == Verdict::violated) {
      return Verdict::violated;
    }
    const bool checked = cell.two_runs || cell.confirmed();
    const bool certified = !cell.certificate || !cell.certificate->text.empty();
    if (cell.decision.verdict == Verdict::unknown || !checked || !certified) {
      result = Verdict::unknown;
    }
  }
  return result;
}

Verdict overall(const Matrix& matrix) {
  Verdict result = Verdict::holds;
  for (const Row& row : matrix.rows) {
    const Verdict verdict = overall(row);
    if (verdict == Verdict::violated) {
      return verdict;
    }
    result = verdict == Verdict::unknown ? verdict : result;
  }
  return result;
}

namespace {

/// Verdicts that an exit status is about.
struct NotFine {
  std::size_t violated = 0;
  std::size_t unreached = 0;
  std::size_t unknown = 0;
  std::size_t alone = 0;

  void count(const Row& row) {
    for (const Cell& cell : row.cells) {
      const Property& property = *cell.decision.property;
      if (!claims_something(property)) {
        continue;
      }
      const bool certified = !cell.certificate || !cell.certificate->text.empty();
      const bool checked = (cell.two_runs || cell.confirmed()) && certified;
      const Verdict verdict = cell.decision.verdict;
      unreached += verdict == Verdict::violated && seeks_witness(property) ? 1 : 0;
      violated += verdict == Verdict::violated && !seeks_witness(property) ? 1 : 0;
      unknown += verdict == Verdict::unknown ? 1 : 0;
      alone += verdict != Verdict::unknown && !checked ? 1 : 0;
    }
  }

  [[nodiscard]] std::string in_words() const {
    std::vector<std::string> parts;
    const auto add = [&parts](std::size_t count, std::string_view one, std::string_view many) {
      if (count > 0) {
        parts.push_back(fmt::format("{} {}", count, count == 1 ? one : many));
      }
    };
    add(violated, "guarantee is violated", "guarantees are violated");
    add(unreached, "guard against vacuity is not reachable",
        "guards against vacuity are not reachable");
    add(unknown, "verdict is unknown", "verdicts are unknown");
    add(alone, "verdict lacks its second opinion or certificate",
        "verdicts lack their second opinion or certificate");
    return fmt::format("{}", fmt::join(parts, ", "));
  }
};

}  // namespace

std::string why_not(const Row& row) {
  NotFine all;
  all.count(row);
  return all.in_words();
}

std::string why_not(const Matrix& matrix) {
  NotFine all;
  for (const Row& row : matrix.rows) {
    all.count(row);
  }
  return all.in_words();
}

bool any_holds(const Matrix& matrix) {
  return std::any_of(matrix.rows.begin(), matrix.rows.end(), [](const Row& row) {
    return std::any_of(row.cells.begin(), row.cells.end(),
                       [](const Cell& cell) { return cell.decision.verdict == Verdict::holds; });
  });
}

std::vector<std::string> assumptions_of(const Matrix& matrix) {
  std::vector<std::string> result;
  const auto add = [&result](const std::vector<std::string>& sentences) {
    for (const std::string& sentence : sentences) {
      if (std::find(result.begin(), result.end(), sentence) == result.end()) {
        result.push_back(sentence);
      }
    }
  };
  for (const Row& row : matrix.rows) {
    add(row.subject->system().assumptions);
  }
  add(matrix.assumptions);
  return result;
}

std::string words_of(const Property& property) {
  std::string result = property.name;
  for (const std::string_view prefix : {"always_", "reachable_", "symptom_"}) {
    if (result.rfind(prefix, 0) == 0) {
      result = result.substr(prefix.size());
      break;
    }
  }
  std::replace(result.begin(), result.end(), '_', ' ');
  return printable(result);
}

std::string range_text(const std::optional<CostRange>& range) {
  if (!range) {
    return "-";
  }
  const std::string high = std::to_string(range->high) + (range->saturated ? "+" : "");
  return range->low == range->high ? high : fmt::format("{}-{}", range->low, high);
}

MatrixProperties properties_of(const Matrix& matrix) {
  MatrixProperties result;
  for (const Row& row : matrix.rows) {
    for (const Cell& cell : row.cells) {
      const Property& property = *cell.decision.property;
      auto& list = in_matrix(property)                      ? result.columns
                   : property.kind == PropertyKind::symptom ? result.symptoms
                                                            : result.guards;
      const bool known = std::any_of(list.begin(), list.end(), [&](const Property* each) {
        return each->name == property.name;
      });
      if (!known) {
        list.push_back(&property);
      }
    }
  }
  return result;
}

std::string shown_fix(const Matrix& matrix, const std::string& fix) {
  std::vector<std::string> all;
  for (const Row& row : matrix.rows) {
    all.push_back(row.fix);
  }
  return shown_fix(fix, all);
}

const Cell* find_cell(const Row& row, const std::string& property) {
  const auto found = std::find_if(row.cells.begin(), row.cells.end(), [&](const Cell& cell) {
    return cell.decision.property->name == property;
  });
  return found == row.cells.end() ? nullptr : &*found;
}

std::vector<std::pair<std::string, std::string>> choices_of(const Matrix& matrix) {
  std::vector<std::pair<std::string, std::string>> result;
  for (const Row& row : matrix.rows) {
    for (const auto& pair : shown_choices(row.subject->system(), row.subject->pins())) {
      if (std::find(result.begin(), result.end(), pair) == result.end()) {
        result.push_back(pair);
      }
    }
  }
  return result;
}

TraceHeading trace_heading(const MatrixHeading& heading, const Row& row, const Cell& cell) {
  return {heading.model,      row.fix,
          heading.parameters, heading.actors,
          cell.decision.pins, heading.untracked ? heading.untracked(row.fix) : nullptr};
}

}  // namespace airlock
