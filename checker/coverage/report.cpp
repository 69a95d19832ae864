#include "checker/coverage/report.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <tuple>

#include "model/system/input_error.hpp"

namespace airlock {
namespace {

using Json = nlohmann::ordered_json;

/// "svm.c:42" is about all of the line, "svm.c:42 true" about its conditions coming out so.
bool is_about(const Excuse& excuse, const std::string& name) {
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

class Union {
 public:
  explicit Union(const std::vector<Coverage>& rows) {
    for (const Coverage& row : rows) {
      for (const CoveragePoint& point : row.points) {
        see(row, to_string(point.kind), point.name, point.text, point.reached,
            row.complete || point.reached);
      }
      for (const PropertyCheck& property : row.properties) {
        for (const ClauseCheck& clause : property.clauses) {
          see(row, "property", property.property, clause.part,
              clause.outcome.answer == Reachability::reachable,
              clause.outcome.answer != Reachability::unknown);
        }
      }
    }
  }

  struct Entry {
    Gap gap;
    bool reached = false;
  };
  std::vector<Entry> entries;  // in the order in which rows have them

 private:
  void see(const Coverage& row, const std::string& kind, const std::string& name,
           const std::string& text, bool reached, bool decided) {
    // A line may change its text from row to row, a property's part may not.
    const std::string part = kind == "property" ? text : "";
    const auto [at, fresh] = index_.try_emplace({kind, name, part}, entries.size());
    if (fresh) {
      entries.push_back({{kind, name, text, {}, true, {}}, false});
    }
    Entry& entry = entries[at->second];
    entry.gap.fixes.push_back(row.fix);
    entry.gap.decided = entry.gap.decided && decided;
    entry.reached = entry.reached || reached;
  }

  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> index_;
};

void check_excuse(const Excuse& excuse, const Union& all, bool all_rows) {
  bool known = false;
  bool needed = false;
  for (const Union::Entry& entry : all.entries) {
    const bool about = is_about(excuse, entry.gap.name);
    known = known || about;
    needed = needed || (about && !entry.reached);
  }
  if (!known && all_rows) {
    throw InputError(excuse.place,
                     "[unreached] names '" + excuse.what + "', and there is no such thing", {},
                     "a name that `airlock coverage` prints");
  }
  if (known && !needed) {
    throw InputError(excuse.place, "[unreached] names '" + excuse.what + "', which is reached", {},
                     "no entry: it would hide the day on which it is not reached any more");
  }
}

std::string joined(const std::vector<std::string>& names) {
  std::string result;
  for (const std::string& name : names) {
    result += (result.empty() ? "" : ", ") + name;
  }
  return result;
}

struct Tally {
  std::size_t reached = 0;
  std::size_t total = 0;
};

std::string row_text(const Coverage& row) {
  if (!row.begun) {
    return fmt::format("{}: not measured ({})\n", printable(row.fix), row.reason);
  }
  std::map<PointKind, Tally> tallies;
  for (const CoveragePoint& point : row.points) {
    Tally& tally = tallies[point.kind];
    ++tally.total;
    tally.reached += point.reached ? 1U : 0U;
  }
  std::string counts;
  for (const PointKind kind : {PointKind::statement, PointKind::condition, PointKind::hardware,
                               PointKind::reading, PointKind::parameter}) {
    static constexpr const char* many[] = {"statements", "ways of conditions", "hardware events",
                                           "choices", "other values of parameters"};
    counts += fmt::format("{}{}/{} {}", counts.empty() ? "" : ", ", tallies[kind].reached,
                          tallies[kind].total, many[static_cast<std::size_t>(kind)]);
  }
  std::size_t parts = 0;
  std::size_t alive = 0;
  for (const PropertyCheck& property : row.properties) {
    for (const ClauseCheck& clause : property.clauses) {
      ++parts;
      alive += clause.outcome.answer == Reachability::reachable ? 1U : 0U;
    }
  }
  return fmt::format("{}: {}, {}/{} parts of properties{}\n", printable(row.fix), counts, alive,
                     parts, row.complete ? "" : " (not complete: " + row.reason + ")");
}

std::string single_in_row(const Coverage& row, const TextStyle& style) {
  return row.single.empty() ? ""
                            : hanging("    ",
                                      "not asked about: " + printable(joined(row.single)) +
                                          " (no other [values] in the manifest)",
                                      style.width);
}

std::string missing_in_row(const Coverage& row, const TextStyle& style) {
  std::string result;
  const char* verb = row.complete ? "never" : "not seen";
  for (const CoveragePoint& point : row.points) {
    if (!point.reached) {
      result += hanging("    ",
                        fmt::format("{}: {}{}", verb, printable(point.name),
                                    point.text.empty() ? "" : "  " + printable(point.text)),
                        style.width);
    }
  }
  for (const PropertyCheck& property : row.properties) {
    for (const ClauseCheck& clause : property.clauses) {
      if (clause.outcome.answer != Reachability::reachable) {
        result += hanging("    ",
                          fmt::format("{}: {} needs {}", clause.idle() ? "never" : "not seen",
                                      printable(property.property), printable(clause.part)),
                          style.width);
      }
    }
  }
  return result;
}

Json row_json(const Coverage& row) {
  Json points = Json::array();
  for (const CoveragePoint& point : row.points) {
    points.push_back({{"kind", to_string(point.kind)},
                      {"name", point.name},
                      {"text", point.text},
                      {"reached", point.reached}});
  }
  Json properties = Json::array();
  for (const PropertyCheck& property : row.properties) {
    Json parts = Json::array();
    for (const ClauseCheck& clause : property.clauses) {
      Json part{{"part", clause.part},
                {"needed", clause.outcome.answer == Reachability::reachable ? Json(true)
                           : clause.idle()                                  ? Json(false)
                                                                            : Json()}};
      if (clause.outcome.path) {
        part["witness_steps"] = clause.outcome.path->steps.size();
      }
      parts.push_back(std::move(part));
    }
    properties.push_back({{"property", property.property}, {"parts", std::move(parts)}});
  }
  return {{"fix", row.fix},         {"states", row.states}, {"complete", row.complete},
          {"reason", row.reason},   {"points", points},     {"properties", properties},
          {"not_asked", row.single}};
}

bool all_begun(const std::vector<Coverage>& rows) {
  return std::all_of(rows.begin(), rows.end(), [](const Coverage& row) { return row.begun; });
}

/// The rows that were not begun, and why.
std::string not_measured(const std::vector<Coverage>& rows, const TextStyle& style) {
  std::vector<std::string> fixes;
  std::string reason;
  for (const Coverage& row : rows) {
    if (!row.begun) {
      fixes.push_back(row.fix);
      reason = row.reason;
    }
  }
  return fixes.empty() ? ""
                       : "\n" + hanging("  coverage not measured: ",
                                        printable(joined(fixes)) + ": " + reason +
                                            "; to go on: raise --timeout",
                                        style.width);
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

CoverageReport report_coverage(std::vector<Coverage> rows, const std::vector<Excuse>& excuses,
                               bool all_rows) {
  const Union all(rows);
  const bool begun = all_begun(rows);
  for (const Excuse& excuse : excuses) {
    if (begun) {
      check_excuse(excuse, all, all_rows);
    }
  }
  CoverageReport report;
  for (const Union::Entry& entry : all.entries) {
    if (entry.reached) {
      continue;
    }
    report.gaps.push_back(entry.gap);
    report.gaps.back().decided = entry.gap.decided && begun;
    for (const Excuse& excuse : excuses) {
      if (is_about(excuse, entry.gap.name)) {
        report.gaps.back().reason = excuse.reason;
      }
    }
  }
  report.rows = std::move(rows);
  return report;
}

namespace {

/// Everything that was seen in some row, and everything that is excused.
std::set<std::string> settled(const std::vector<CoverageRun>& runs,
                              const std::vector<Excuse>& excuses) {
  std::set<std::string> result;
  const auto add = [&](const std::string& name, const std::string& excused_as, bool seen) {
    if (seen || std::any_of(excuses.begin(), excuses.end(),
                            [&](const Excuse& e) { return is_about(e, excused_as); })) {
      result.insert(name);
    }
  };
  for (const CoverageRun& run : runs) {
    for (const CoveragePoint& point : run.coverage().points) {
      add(point.name, point.name, point.reached);
    }
    for (const PropertyCheck& property : run.coverage().properties) {
      for (const ClauseCheck& clause : property.clauses) {
        add(key(property, clause), property.property,
            clause.outcome.answer == Reachability::reachable);
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

bool awaits_something(const Coverage& row, const std::set<std::string>& not_awaited) {
  const std::set<std::string> names = names_of(row);
  return !row.complete && std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return not_awaited.count(name) == 0;
  });
}

/// One way through the rows.
struct Round {
  std::uint64_t max_states;  ///< 0: no limit
  bool shared;               ///< also for what other rows may show
};

}  // namespace

// What is seen late should be looked for in one row and not in ten. So: a short look everywhere,
// then each row for what it alone has, and only then row by row, far enough to matter, for the
// rest.
CoverageReport cover_together(std::vector<CoverageRun> runs, const std::vector<Excuse>& excuses,
                              const EngineContext& context) {
  const std::set<std::string> shared = shared_names(runs);
  for (const Round& round :
       {Round{20'000, true}, Round{300'000, false}, Round{3'000'000, true}, Round{0, true}}) {
    for (CoverageRun& run : runs) {
      CoverageSearch search{settled(runs, excuses), round.max_states};
      if (!round.shared) {
        search.not_awaited.insert(shared.begin(), shared.end());
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
  return report_coverage(std::move(rows), excuses, true);
}

std::string render_text(const CoverageReport& report, const TextStyle& style) {
  std::string out;
  for (const Coverage& row : report.rows) {
    out += "  " + row_text(row) + missing_in_row(row, style) + single_in_row(row, style);
  }
  return out + render_gaps(report, style);
}

std::string render_gaps(const CoverageReport& report, const TextStyle& style) {
  std::string out;
  std::string missing;
  std::string named;
  bool all_decided = true;
  for (const Gap& gap : report.gaps) {
    const std::string what = fmt::format(
        "{}{}  ({}{})", printable(gap.name), gap.text.empty() ? "" : "  " + printable(gap.text),
        gap.fixes.size() == 1 ? "in " : "in all of ", printable(joined(gap.fixes)));
    all_decided = all_decided && (gap.decided || gap.reason.empty());
    std::string& list = gap.reason.empty() ? missing : named;
    list += hanging("    ", what, style.width);
    if (!gap.reason.empty()) {
      list += hanging("        ", printable(gap.reason), style.width);
    }
  }
  if (!missing.empty()) {
    out += style.paint(Ink::red,
                       report.undecided() ? "\n  not seen anywhere:\n" : "\n  never, anywhere:\n") +
           missing;
  }
  if (!named.empty()) {
    out += (all_decided ? "\n  never, as the manifest says:\n"
                        : "\n  not seen, for which the manifest has a reason:\n") +
           named;
  }
  out += not_measured(report.rows, style);
  if (report.gaps.empty() && all_begun(report.rows)) {
    out += "\n  everything happens somewhere, and every part of every property is needed\n";
  }
  return out;
}

Json render_json(const CoverageReport& report) {
  Json rows = Json::array();
  for (const Coverage& row : report.rows) {
    rows.push_back(row_json(row));
  }
  return {{"rows", rows}, {"gaps", render_gaps_json(report)}};
}

Json render_gaps_json(const CoverageReport& report) {
  Json gaps = Json::array();
  for (const Gap& gap : report.gaps) {
    gaps.push_back({{"kind", gap.kind},
                    {"name", gap.name},
                    {"text", gap.text},
                    {"fixes", gap.fixes},
                    {"decided", gap.decided},
                    {"reason", gap.reason}});
  }
  return gaps;
}

}  // namespace airlock
