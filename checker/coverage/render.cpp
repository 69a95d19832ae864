#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "checker/coverage/gap_groups.hpp"
#include "checker/coverage/report.hpp"
#include "checker/trace/names.hpp"

namespace airlock {
namespace {

using Json = nlohmann::ordered_json;

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

std::string row_text(const std::string& name, const Coverage& row) {
  if (!row.begun) {
    return fmt::format("{}: not measured ({})", name, row.reason);
  }
  std::map<PointKind, Tally> tallies;
  for (const CoveragePoint& point : row.points) {
    Tally& tally = tallies[point.kind];
    ++tally.total;
    tally.reached += point.reached ? 1U : 0U;
  }
  std::string counts;
  for (const PointKind kind : {PointKind::statement, PointKind::condition, PointKind::hardware,
                               PointKind::choice, PointKind::parameter}) {
    static constexpr const char* many[] = {"statements", "ways of conditions", "hardware events",
                                           "choices", "other values of parameters"};
    counts += fmt::format("{}{}/{} {}", counts.empty() ? "" : ", ", tallies[kind].reached,
                          tallies[kind].total, many[static_cast<std::size_t>(kind)]);
  }
  std::map<ClauseCheck::Kind, Tally> needed;
  for (const PropertyCheck& property : row.properties) {
    for (const ClauseCheck& clause : property.clauses) {
      Tally& tally = needed[clause.kind];
      ++tally.total;
      tally.reached += clause.outcome.answer == Reachability::reachable ? 1U : 0U;
    }
  }
  const Tally& parts = needed[ClauseCheck::Kind::part];
  const Tally& operands = needed[ClauseCheck::Kind::operand];
  return fmt::format("{}: {}, {}/{} parts and {}/{} operands of properties{}", name, counts,
                     parts.reached, parts.total, operands.reached, operands.total,
                     row.complete ? "" : " (not complete: " + row.reason + ")");
}

std::string single_in_row(const Coverage& row, const TextStyle& style) {
  return row.single.empty() ? ""
                            : hanging("    ",
                                      "not asked about: " + printable(joined(row.single)) +
                                          " (no other [values] in the manifest)",
                                      style.width);
}

std::string in_words(const PropertyCheck& property, const ClauseCheck& clause) {
  if (clause.kind == ClauseCheck::Kind::part) {
    return property.property + " needs " + clause.part;
  }
  return clause.text.empty() ? property.property + " depends on what happens"
                             : property.property + " evaluates " + clause.part + "  " + clause.text;
}

/// What this row does not show although another does: what none shows is told once, above.
std::string missing_in_row(const CoverageReport& report, const Coverage& row,
                           const TextStyle& style) {
  const auto told = [&](const std::string& kind, const std::string& name) {
    return std::any_of(report.gaps.begin(), report.gaps.end(),
                       [&](const Gap& gap) { return gap.kind == kind && gap.name == name; });
  };
  std::string result;
  const char* verb = row.complete ? "never here" : "not seen here";
  for (const CoveragePoint& point : row.points) {
    if (!point.reached && !told(to_string(point.kind), point.name)) {
      result += hanging("    ",
                        fmt::format("{}: {}{}", verb, printable(point.name),
                                    point.text.empty() ? "" : "  " + printable(point.text)),
                        style.width);
    }
  }
  for (const PropertyCheck& property : row.properties) {
    for (const ClauseCheck& clause : property.clauses) {
      if (clause.outcome.answer != Reachability::reachable &&
          !told("property", property.property) &&
          !told("vacuous", row.fix + ": " + property.property)) {
        result += hanging("    ",
                          fmt::format("{}: {}", clause.idle() ? "never here" : "not seen here",
                                      printable(in_words(property, clause))),
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
    Json operands = Json::array();
    for (const ClauseCheck& clause : property.clauses) {
      const Json answer = clause.outcome.answer == Reachability::reachable ? Json(true)
                          : clause.idle()                                  ? Json(false)
                                                                           : Json();
      const bool is_part = clause.kind == ClauseCheck::Kind::part;
      Json one = is_part
                     ? Json{{"part", clause.part}, {"needed", answer}}
                     : Json{{"place", clause.part}, {"text", clause.text}, {"evaluated", answer}};
      if (clause.outcome.path) {
        one["witness_steps"] = clause.outcome.path->steps.size();
      }
      (is_part ? parts : operands).push_back(std::move(one));
    }
    properties.push_back({{"property", property.property},
                          {"parts", std::move(parts)},
                          {"operands", std::move(operands)}});
  }
  return {{"fix", row.fix},         {"states", row.states}, {"complete", row.complete},
          {"reason", row.reason},   {"points", points},     {"properties", properties},
          {"not_asked", row.single}};
}

bool all_begun(const CoverageReport& report) {
  return std::all_of(report.rows.begin(), report.rows.end(),
                     [](const Coverage& row) { return row.begun; });
}

/// The row as people read it; what JSON and the manifest call it is its whole name.
std::string shown_in(const CoverageReport& report, const std::string& fix) {
  std::vector<std::string> all;
  for (const Coverage& row : report.rows) {
    all.push_back(row.fix);
  }
  return printable(shown_fix(fix, all));
}

/// What was found, in a line: it comes before the lists.
std::string summary(const CoverageReport& report) {
  const std::string missing = what_is_missing(report);
  const auto excused = std::count_if(report.gaps.begin(), report.gaps.end(),
                                     [](const Gap& gap) { return !gap.reason.empty(); });
  std::string out = missing;
  if (missing.empty()) {
    const char* nothing = excused > 0 ? "nothing else is missing, and every part of every property "
                                        "is needed"
                                      : "everything happens somewhere, and every part of every "
                                        "property is needed";
    out = all_begun(report) ? nothing : "what never happens was not measured";
  }
  if (excused > 0) {
    out += fmt::format(" ({} that never happen{} {} a reason in the manifest)", excused,
                       excused == 1 ? "s" : "", excused == 1 ? "has" : "have");
  }
  return out;
}

/// "NAME"  TEXT  (in ROWS): names are quoted where they are to be copied into a manifest. Rows are
/// said where it is not all.
std::string text_of(const CoverageReport& report, const GapGroup& group) {
  const Gap& gap = group.gaps.front();
  std::string names;
  for (const std::string& name : group.names) {
    const std::string shown = printable(name);
    names += (names.empty() ? "" : ", ") + (gap.reason.empty() ? "\"" + shown + "\"" : shown);
  }
  std::string out = names;
  if (!gap.text.empty()) {
    out += (group.gaps.size() == 1 ? "  " : "  first: ") + printable(gap.text);
  } else if (group.names.size() < group.gaps.size()) {
    out += fmt::format("  {} events", group.gaps.size());
  }
  if (gap.kind != "vacuous" && gap.fixes.size() < report.rows.size()) {
    std::vector<std::string> rows;
    for (const std::string& fix : gap.fixes) {
      rows.push_back(shown_in(report, fix));
    }
    out += fmt::format("  ({}{})", rows.size() == 1 ? "in " : "in all of ", joined(rows));
  }
  return out;
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

/// What stopped the search of rows.
std::string why_undecided(const std::vector<Coverage>& rows, const TextStyle& style) {
  std::string out;
  for (const Coverage& row : rows) {
    if (row.begun && !row.complete && !row.reason.empty()) {
      out += hanging("  ", "not followed to the end: " + printable(row.fix) + ": " + row.reason,
                     style.width);
    }
  }
  return out;
}

}  // namespace

std::string render_text(const CoverageReport& report, const TextStyle& style) {
  std::string out = hanging("  ", summary(report), style.width) + render_gaps(report, style);
  out += "\n";
  for (const Coverage& row : report.rows) {
    out += hanging("  ", row_text(shown_in(report, row.fix), row), style.width) +
           missing_in_row(report, row, style) + single_in_row(row, style);
  }
  return out;
}

namespace {

/// What is listed under the reason.
std::string& of_reason(std::vector<std::pair<std::string, std::string>>& lists,
                       const std::string& reason) {
  const auto found = std::find_if(lists.begin(), lists.end(),
                                  [&](const auto& each) { return each.first == reason; });
  return found == lists.end() ? lists.emplace_back(reason, std::string()).second : found->second;
}

}  // namespace

std::string render_gaps(const CoverageReport& report, const TextStyle& style, bool excused) {
  std::string missing;
  std::string vacuous;
  std::vector<std::pair<std::string, std::string>> named;  // reasons, with what has each
  bool all_decided = true;
  for (const GapGroup& group : grouped(report)) {
    const Gap& gap = group.gaps.front();
    const bool vacuous_there = gap.kind == "vacuous";
    all_decided = all_decided && (gap.decided || gap.reason.empty());
    std::string& list =
        gap.reason.empty() ? (vacuous_there ? vacuous : missing) : of_reason(named, gap.reason);
    list += hanging(gap.reason.empty() ? "    " : "        ", text_of(report, group), style.width);
  }
  const auto in_red = [&](const char* heading, const std::string& list) {
    return list.empty() ? "" : style.paint(Ink::red, heading) + list;
  };
  const bool undecided = report.undecided();
  const std::string failing =
      in_red(undecided ? "\n  not seen anywhere:\n" : "\n  never, anywhere:\n", missing) +
      in_red(
          undecided ? "\n  holds, but was not seen to claim anything:\n" : "\n  holds vacuously:\n",
          vacuous);
  std::string out = failing;
  if (!failing.empty() && undecided) {
    out += why_undecided(report.rows, style);
  } else if (!failing.empty()) {
    out += hanging("  ",
                   "to accept one, in the airlock.toml that lists these files, under [unreached]: "
                   "\"NAME\" = \"REASON\" (* in a name stands for any text)",
                   style.width);
  }
  if (!named.empty() && excused) {
    out += (all_decided ? "\n  never, as the manifest says:\n"
                        : "\n  not seen, for which the manifest has a reason:\n");
    for (const auto& [reason, list] : named) {
      out += hanging("    ", printable(reason), style.width) + list;
    }
  }
  return out + not_measured(report.rows, style);
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
