#include "checker/coverage/report.hpp"

#include <algorithm>
#include <fnmatch.h>
#include <map>
#include <tuple>

#include "model/system/input_error.hpp"

namespace airlock {

namespace {

bool is_pattern(const Excuse& excuse) {
  return excuse.what.find('*') != std::string::npos;
}

/// '*' alone has a meaning.
std::string glob_of(const std::string& pattern) {
  std::string glob;
  for (const char c : pattern) {
    glob += (c == '?' || c == '[' || c == '\\' ? "\\" : "") + std::string(1, c);
  }
  return glob;
}

}  // namespace

bool is_about(const Excuse& excuse, const std::string& name) {
  if (is_pattern(excuse)) {
    return fnmatch(glob_of(excuse.what).c_str(), name.c_str(), 0) == 0;
  }
  if (excuse.what == name) {
    return true;
  }
  const std::size_t space = name.find(' ');
  const std::string place = name.substr(0, space);
  const std::size_t column = place.rfind(':');
  if (column == std::string::npos || place.find(':') == column) {
    return false;
  }
  const std::string line = place.substr(0, column);
  const std::string way = space == std::string::npos ? "" : name.substr(space);
  return excuse.what == line || excuse.what == line + way;
}

namespace {

/// Everything that rows have, each once.
class Union {
 public:
  Union(const std::vector<Coverage>& rows, const CoverageQuestion& question) {
    for (const Coverage& row : rows) {
      for (const CoveragePoint& point : row.points) {
        see(row, to_string(point.kind), point.name, point.text, point.reached,
            point.reached || row.complete || (row.explored && point.kind != PointKind::parameter),
            question.points.count(point.kind) != 0);
      }
      for (const PropertyCheck& property : row.properties) {
        for (const ClauseCheck& clause : property.clauses) {
          if (told_by_another(property, clause)) {
            continue;
          }
          see(row, "property", property.property, words(clause),
              clause.outcome.answer == Reachability::reachable,
              clause.outcome.answer != Reachability::unknown, question.properties);
        }
      }
    }
    for (const Coverage& row : rows) {
      add_vacuous(row, question);
    }
  }

  struct Entry {
    Gap gap;
    bool asked = true;
    bool reached = false;
  };
  std::vector<Entry> entries;  // in the order in which rows have them

 private:
  /// What is never evaluated is never true either, and one word about parts without an order is
  /// enough.
  static bool told_by_another(const PropertyCheck& property, const ClauseCheck& clause) {
    using Asks = PropertyOperand::Asks;
    if (clause.kind != ClauseCheck::Kind::operand || clause.asks == Asks::evaluated ||
        !clause.idle()) {
      return false;
    }
    return std::any_of(property.clauses.begin(), property.clauses.end(),
                       [&](const ClauseCheck& other) {
                         return other.kind == ClauseCheck::Kind::operand && other.idle() &&
                                (clause.asks == Asks::others
                                     ? other.asks != Asks::others
                                     : other.asks == Asks::evaluated && other.part == clause.part);
                       });
  }

  static std::string words(const ClauseCheck& clause) {
    if (clause.kind == ClauseCheck::Kind::part) {
      return "does not need " + clause.part;
    }
    if (clause.asks == PropertyOperand::Asks::others) {
      return "says nothing of " + clause.part + ": what stands beside it is never true";
    }
    if (clause.text.empty()) {
      return "says nothing: it is true whatever happens";
    }
    return (clause.asks == PropertyOperand::Asks::all_true ? "has an && that is never true, up to "
                                                           : "is not evaluated at ") +
           clause.part + ": " + clause.text;
  }

  void see(const Coverage& row, const std::string& kind, const std::string& name,
           const std::string& text, bool reached, bool decided, bool asked) {
    // A line may change its text from row to row, a property's part may not.
    const std::string part = kind == "property" || kind == "vacuous" ? text : "";
    const auto [at, fresh] = index_.try_emplace({kind, name, part}, entries.size());
    if (fresh) {
      entries.push_back({{kind, name, text, {}, true, {}}, asked, false});
    }
    Entry& entry = entries[at->second];
    entry.gap.fixes.push_back(row.fix);
    entry.gap.decided = entry.gap.decided && decided;
    entry.reached = entry.reached || reached;
  }

  /// What is evaluated nowhere is said once, and not for each row.
  void add_vacuous(const Coverage& row, const CoverageQuestion& question) {
    const auto asked = question.not_vacuous.find(row.fix);
    for (const PropertyCheck& property : row.properties) {
      for (const ClauseCheck& clause : property.clauses) {
        if (clause.kind == ClauseCheck::Kind::operand && !told_by_another(property, clause)) {
          const Entry& anywhere =
              entries[index_.at({"property", property.property, words(clause)})];
          const bool said = anywhere.asked && !anywhere.reached;
          see(row, "vacuous", row.fix + ": " + property.property, words(clause),
              clause.outcome.answer == Reachability::reachable,
              clause.outcome.answer != Reachability::unknown,
              !said && asked != question.not_vacuous.end() &&
                  asked->second.count(property.property) != 0);
        }
      }
    }
  }

  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> index_;
};

/// Whether the excuse is about that entry: of a property, also in a row of its own.
bool excuses(const Excuse& excuse, const Gap& gap) {
  return is_about(excuse, gap.name) ||
         (gap.kind == "vacuous" && gap.name == gap.fixes.front() + ": " + excuse.what);
}

void check_excuse(const Excuse& excuse, const Union& all, ExcusesFrom from) {
  bool known = false;
  bool needed = false;
  bool of_property = false;
  std::string reached = excuse.what;
  for (const Union::Entry& entry : all.entries) {
    const bool about = excuses(excuse, entry.gap);
    known = known || about;
    needed = needed || (about && !entry.reached);
    of_property = of_property || (about && entry.gap.kind == "property");
    if (about && entry.reached && is_pattern(excuse)) {
      reached = entry.gap.name;
    }
  }
  needed = needed && reached == excuse.what;  // of a pattern, nothing may be reached
  if (of_property && from == ExcusesFrom::more_rows) {
    return;  // it may be vacuous in another row
  }
  if (!known && from == ExcusesFrom::all_rows) {
    throw InputError(excuse.place,
                     "[unreached] names '" + excuse.what + "', and there is no such thing",
                     excuse.line, "a name that `airlock coverage` prints, or ROW: PROPERTY");
  }
  if (known && !needed && from != ExcusesFrom::elsewhere) {
    const bool one = reached == excuse.what;
    throw InputError(excuse.place,
                     "[unreached] names '" + excuse.what + "', " +
                         (one ? "which is reached" : "and '" + reached + "' is reached"),
                     excuse.line,
                     one ? "no entry: it would hide the day on which it is not reached any more"
                         : "a pattern for what is not reached, and nothing else");
  }
}

bool all_begun(const std::vector<Coverage>& rows) {
  return std::all_of(rows.begin(), rows.end(), [](const Coverage& row) { return row.begun; });
}

}  // namespace

bool CoverageReport::complete() const {
  return all_begun(rows) &&
         std::all_of(gaps.begin(), gaps.end(), [](const Gap& gap) { return !gap.reason.empty(); });
}

bool CoverageReport::lacks_something() const {
  return std::any_of(gaps.begin(), gaps.end(),
                     [](const Gap& gap) { return gap.reason.empty() && gap.decided; });
}

bool CoverageReport::undecided() const {
  return !all_begun(rows) || std::any_of(gaps.begin(), gaps.end(), [](const Gap& gap) {
    return gap.reason.empty() && !gap.decided;
  });
}

CoverageReport report_coverage(std::vector<Coverage> rows, const CoverageQuestion& question) {
  const Union all(rows, question);
  const bool begun = all_begun(rows);
  for (const Excuse& excuse : question.excuses) {
    if (begun) {
      check_excuse(excuse, all, question.excuses_from);
    }
  }
  CoverageReport report;
  for (const Union::Entry& entry : all.entries) {
    if (entry.reached || !entry.asked) {
      continue;
    }
    report.gaps.push_back(entry.gap);
    Gap& gap = report.gaps.back();
    gap.decided = entry.gap.decided && (begun || gap.kind == "vacuous");
    for (const Excuse& excuse : question.excuses) {
      if (excuses(excuse, gap)) {
        gap.reason = excuse.reason;
      }
    }
  }
  report.rows = std::move(rows);
  return report;
}

}  // namespace airlock
