#include <algorithm>
#include <map>
#include <set>

#include "checker/coverage/report.hpp"

namespace airlock {
namespace {

bool excused(const std::string& name, const CoverageQuestion& question) {
  return std::any_of(question.excuses.begin(), question.excuses.end(),
                     [&](const Excuse& excuse) { return is_about(excuse, name); });
}

/// Everything that was seen in some row or is not asked about, and what is excused, unless
/// `excused_too`.
std::set<std::string> settled(const std::vector<CoverageRun>& runs,
                              const CoverageQuestion& question, bool excused_too) {
  std::set<std::string> result;
  const auto is_excused = [&](const std::string& name) {
    return !excused_too && excused(name, question);
  };
  for (const CoverageRun& run : runs) {
    for (const CoveragePoint& point : run.coverage().points) {
      if (point.reached || question.points.count(point.kind) == 0 || is_excused(point.name)) {
        result.insert(point.name);
      }
    }
    for (const PropertyCheck& property : run.coverage().properties) {
      for (const ClauseCheck& clause : property.clauses) {
        if (clause.outcome.answer == Reachability::reachable || !question.properties ||
            is_excused(property.property)) {
          result.insert(key(property, clause));
        }
      }
    }
  }
  return result;
}

/// What this row has to show by itself, whatever others have shown.
std::set<std::string> own_task(const Coverage& row, const CoverageQuestion& question,
                               bool excused_too) {
  std::set<std::string> result;
  const auto asked = question.not_vacuous.find(row.fix);
  if (asked == question.not_vacuous.end()) {
    return result;
  }
  for (const PropertyCheck& property : row.properties) {
    const bool is_excused = excused(property.property, question) ||
                            excused(row.fix + ": " + property.property, question);
    if (asked->second.count(property.property) == 0 || (is_excused && !excused_too)) {
      continue;
    }
    for (const ClauseCheck& clause : property.clauses) {
      if (clause.kind == ClauseCheck::Kind::operand &&
          clause.outcome.answer != Reachability::reachable) {
        result.insert(key(property, clause));
      }
    }
  }
  return result;
}

/// The names of all that a row has: its points, and the parts of its properties.
std::set<std::string> names_of(const Coverage& row) {
  std::set<std::string> names;
  for (const CoveragePoint& point : row.points) {
    names.insert(point.name);
  }
  for (const PropertyCheck& property : row.properties) {
    for (const ClauseCheck& clause : property.clauses) {
      names.insert(key(property, clause));
    }
  }
  return names;
}

/// What more than one row has: any of them may show it.
std::set<std::string> shared_names(const std::vector<CoverageRun>& runs) {
  std::map<std::string, std::size_t> rows;
  for (const CoverageRun& run : runs) {
    for (const std::string& name : names_of(run.coverage())) {
      ++rows[name];
    }
  }
  std::set<std::string> shared;
  for (const auto& [name, count] : rows) {
    if (count > 1) {
      shared.insert(name);
    }
  }
  return shared;
}

/// Whether a search of the row, or of its parameters' other worlds, may still tell something.
bool awaits_something(const Coverage& row, const std::set<std::string>& not_awaited) {
  if (row.explored) {
    return !row.complete &&
           std::any_of(row.points.begin(), row.points.end(), [&](const CoveragePoint& point) {
             return point.kind == PointKind::parameter && not_awaited.count(point.name) == 0;
           });
  }
  const std::set<std::string> names = names_of(row);
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return not_awaited.count(name) == 0; });
}

/// One way through the rows.
struct Round {
  std::uint64_t max_states;  ///< 0: no limit
  bool shared;               ///< also for what other rows may show
  bool excused = false;      ///< also for what should not be there
};

}  // namespace

// What is excused is looked for in the first round only: a wrong excuse mostly shows at once, and a
// right one would make every search a complete one.
//
// What is seen late should be looked for in one row and not in ten. So: a short look everywhere,
// then each row for what it alone has, and only then row by row, far enough to matter, for the
// rest.
CoverageReport cover_together(std::vector<CoverageRun> runs, const CoverageQuestion& question,
                              const EngineContext& context) {
  const std::set<std::string> shared = shared_names(runs);
  for (const Round& round : {Round{20'000, true, question.excuses_from != ExcusesFrom::elsewhere},
                             Round{300'000, false}, Round{3'000'000, true}, Round{0, true}}) {
    for (CoverageRun& run : runs) {
      CoverageSearch search{settled(runs, question, round.excused), round.max_states};
      if (!round.shared) {
        search.not_awaited.insert(shared.begin(), shared.end());
      }
      for (const std::string& own : own_task(run.coverage(), question, round.excused)) {
        search.not_awaited.erase(own);
      }
      if (context.should_stop()) {
        break;
      }
      if (awaits_something(run.coverage(), search.not_awaited)) {
        run.explore(search, context);
      }
    }
  }
  std::vector<Coverage> rows;
  for (CoverageRun& run : runs) {
    rows.push_back(std::move(run).take());
  }
  return report_coverage(std::move(rows), question);
}

}  // namespace airlock
