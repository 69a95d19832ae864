// The matrix as SARIF 2.1.0 (OASIS, 2020), so that a violation shows in a pull request at the C
// line that causes it.
//
// Which line is that? A property breaks in a state, not at a line, and the line that is wrong is
// the one that somebody has yet to write. So a result is placed where there is a fact to state
// about the trace: at the last C line that could have kept real and reference together
// (last_line_that_could_help): the last that wrote a diverging register since they part company, or
// else the last that ran before they did. The line that wrote the register last, whenever that was,
// is a related location; the whole trace is the code flow. A violation in which no C line runs is
// placed at the property itself.
//
// Under a fix the place is the fix's own, so that the pull request that adds it shows the result:
// its last line that runs, or its first line where none runs. The line above is then the first of
// the related locations.
//
// A gap is placed at the line that never runs, or at the property that claims nothing. What has no
// place in C (an event of the hardware, always_well_defined) is placed at the first property that
// has one: GitHub refuses a whole file for one result without a location.
//
// Paths are URIs relative to where the command ran (uriBaseId SRCROOT), as CI systems expect.
#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <map>
#include <string_view>

#include "checker/compare/render.hpp"
#include "checker/trace/divergence.hpp"
#include "checker/trace/names.hpp"
#include "checker/trace/render.hpp"

namespace airlock {
namespace {

using Json = nlohmann::ordered_json;

/// A path as a URI reference (RFC 3986): relative, unless the path is absolute.
std::string uri_of(const std::string& path) {
  std::string result = path.rfind('/', 0) == 0 ? "file://" : "";
  for (const char c : path) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    result += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return result;
}

Json text_of(const std::string& text) {
  const std::string line = printable(text);
  return {{"text", line.empty() ? "-" : line}};
}

Json location_of(const SourceLocation& location, const std::string& message) {
  Json artifact{{"uri", uri_of(location.file)}};
  if (location.file.rfind('/', 0) != 0) {
    artifact["uriBaseId"] = "SRCROOT";
  }
  Json physical{{"artifactLocation", artifact}};
  if (location.line != 0) {
    physical["region"] = {{"startLine", location.line}};  // the whole line
  }
  Json result{{"physicalLocation", physical}};
  if (!message.empty()) {
    result["message"] = text_of(message);
  }
  return result;
}

const Cause& cause_at(const Trace& trace, const TraceLine& line) {
  return rule_of(trace, line.step).causes.at(line.cause);
}

/// Every cause of every step, in order; what the hardware does has a message and no place.
Json code_flow(const Trace& trace) {
  Json locations = Json::array();
  for (std::size_t step = 1; step <= trace.steps(); ++step) {
    const Rule& rule = rule_of(trace, step);
    std::string changed;
    for (const Change& change : changes(trace, step)) {
      const Variable& variable = trace.system->variables[change.variable];
      changed += "; " + variable.name + ": " + shown_value(variable, change.from) + " -> " +
                 shown_value(variable, change.to);
    }
    const auto add = [&](const Cause& cause, bool last) {
      const std::string message = fmt::format("step {}, {}: {}", step, rule.actor, cause.text) +
                                  (cause.reference.empty() ? "" : " [" + cause.reference + "]") +
                                  (last ? changed : "");
      locations.push_back(
          {{"executionOrder", locations.size() + 1},
           {"location", cause.location.line == 0 ? Json{{"message", text_of(message)}}
                                                 : location_of(cause.location, message)}});
    };
    for (std::size_t i = 0; i < rule.causes.size(); ++i) {
      add(rule.causes[i], i + 1 == rule.causes.size());
    }
    if (rule.causes.empty()) {
      add({{}, rule.name, ""}, true);
    }
  }
  return Json::array({{{"threadFlows", Json::array({{{"locations", locations}}})}}});
}

bool is_among(const std::string& file, const std::vector<std::string>& files) {
  return std::find(files.begin(), files.end(), file) != files.end();
}

const SourceLocation& or_else(const SourceLocation& location, const SourceLocation& anchor) {
  return is_in_a_file(location) ? location : anchor;
}

/// The last line of the fix that runs, else the fix as a whole; nothing without a fix's file.
std::optional<SourceLocation> fixes_own_place(const Trace& trace,
                                              const std::vector<std::string>& files) {
  for (std::size_t step = trace.steps(); step >= 1; --step) {
    const std::vector<Cause>& causes = rule_of(trace, step).causes;
    for (auto cause = causes.rbegin(); cause != causes.rend(); ++cause) {
      if (cause->location.line != 0 && is_among(cause->location.file, files)) {
        return cause->location;
      }
    }
  }
  return files.empty() ? std::nullopt : std::optional(SourceLocation{files.back(), 1, 1});
}

void place(Json& result, const Property& property, const Trace& trace,
           const std::vector<std::string>& fix_files, const SourceLocation& anchor) {
  const Divergence divergence = find_divergence(trace);
  Json related = Json::array();
  SourceLocation first = or_else(property.location, anchor);
  if (const auto line = last_line_that_could_help(trace, divergence)) {
    first = cause_at(trace, *line).location;
  }
  if (const auto own = fixes_own_place(trace, fix_files); own && !is_among(first.file, fix_files)) {
    related.push_back(location_of(first, "the last line that could have helped"));
    first = *own;
  }
  result["locations"] = Json::array({location_of(first, "")});
  if (const auto line = last_writer(trace, divergence)) {
    related.push_back(
        location_of(cause_at(trace, *line).location,
                    fmt::format("step {} wrote the register that differs", line->step)));
  }
  if (is_in_a_file(property.location)) {
    related.push_back(location_of(property.location, "the property"));
  }
  result["relatedLocations"] = related;
  if (trace.steps() > 0) {
    result["codeFlows"] = code_flow(trace);
  }
}

std::string message_of(const Row& row, const Cell& cell, const MatrixHeading& heading) {
  const Decision& decision = cell.decision;
  const std::string where = row.fix == "none" ? " The base." : " Fix " + row.fix + ".";
  if (decision.verdict == Verdict::unknown) {
    return "Undecided: " + decision.reason + "." + where;
  }
  if (!decision.trace) {
    return "Not reachable: " + decision.property->text + where;
  }
  std::string differences;
  for (const Difference& difference : find_divergence(*decision.trace).differences) {
    differences += " " + sentence_of(*decision.trace->system, difference) + ".";
  }
  return last_sentence(*decision.trace) + differences + where +
         fmt::format(" {} steps: ", decision.trace->steps()) +
         heading.trace_command(row.fix, decision.property->name);
}

Json result_of(const Row& row, const Cell& cell, std::size_t rule, const MatrixHeading& heading,
               const SourceLocation& anchor) {
  const Decision& decision = cell.decision;
  const Property& property = *decision.property;
  const bool symptom = !claims_something(property);
  const bool violated = !symptom && decision.verdict == Verdict::violated;
  const bool open = decision.verdict == Verdict::unknown;
  const char* kind = open ? "open" : symptom ? "informational" : "fail";
  Json result{{"ruleId", property.name},
              {"ruleIndex", rule},
              {"kind", kind},
              {"level", violated ? (heading.is_known(row, cell) ? "note" : "error") : "none"},
              {"message", text_of(message_of(row, cell, heading))}};
  if ((violated || symptom) && decision.trace) {
    const std::vector<std::string> files =
        heading.fix_files ? heading.fix_files(row.fix) : std::vector<std::string>{};
    place(result, property, *decision.trace, files, anchor);
  } else {
    result["locations"] = Json::array({location_of(or_else(property.location, anchor), "")});
  }
  if (heading.known) {
    result["baselineState"] = heading.is_known(row, cell) ? "unchanged" : "new";
  }
  result["partialFingerprints"] = {{"fixAndProperty/v1", row.fix + "/" + property.name}};
  result["properties"] = {{"fix", row.fix}};
  return result;
}

/// What is wrong or open, and symptoms that were seen.
bool worth_a_result(const Decision& decision) {
  const Verdict fine = claims_something(*decision.property) ? Verdict::holds : Verdict::violated;
  return decision.verdict != fine;
}

Json rule_json(const Property& property) {
  return {{"id", property.name},
          {"shortDescription", text_of(words_of(property))},
          {"fullDescription", text_of(property.text.empty() ? property.name : property.text)}};
}

/// Names of properties are C identifiers: they have no slash.
std::string rule_of(const MatrixGap& gap) {
  return "coverage/" + gap.kind;
}

Json result_of(const MatrixGap& gap, std::size_t rule, const SourceLocation& anchor) {
  const std::string rows = rows_of(gap);
  const std::string message = problem_of(gap) + ": " + gap.name +
                              (gap.text.empty() ? "" : ": " + gap.text) +
                              (rows.empty() ? "" : " (" + rows + ")");
  Json result{{"ruleId", rule_of(gap)},
              {"ruleIndex", rule},
              {"kind", gap.decided ? "fail" : "open"},
              {"level", gap.decided ? "error" : "none"},
              {"message", text_of(message)}};
  result["locations"] = Json::array({location_of(or_else(gap.place, anchor), "")});
  result["partialFingerprints"] = {{"gap/v1", gap.kind + "/" + full_name(gap)}};
  result["properties"] = {{"fixes", gap.fixes}};
  return result;
}

void add_gaps(Json& rules, Json& results, const std::vector<MatrixGap>& gaps,
              const SourceLocation& anchor) {
  std::map<std::string, std::size_t> numbers;
  for (const MatrixGap& gap : gaps) {
    const auto [rule, fresh] = numbers.try_emplace(rule_of(gap), rules.size());
    if (fresh) {
      rules.push_back(
          {{"id", rule->first},
           {"shortDescription", text_of("gap in what the model shows (" + gap.kind + ")")}});
    }
    results.push_back(result_of(gap, rule->second, anchor));
  }
}

/// Where to place what has no place of its own; the model as a whole if no property is C code.
SourceLocation anchor_of(const MatrixProperties& properties, const MatrixHeading& heading) {
  for (const auto* const list : {&properties.columns, &properties.guards, &properties.symptoms}) {
    for (const Property* property : *list) {
      if (is_in_a_file(property->location)) {
        return property->location;
      }
    }
  }
  SourceLocation model;
  model.file = heading.model;
  return model;
}

}  // namespace

Json render_sarif(const Matrix& matrix, const MatrixHeading& heading, const std::string& version) {
  const MatrixProperties properties = properties_of(matrix);
  Json rules = Json::array();
  std::map<std::string, std::size_t> numbers;
  for (const auto* const list : {&properties.columns, &properties.guards, &properties.symptoms}) {
    for (const Property* property : *list) {
      numbers[property->name] = rules.size();
      rules.push_back(rule_json(*property));
    }
  }
  const SourceLocation anchor = anchor_of(properties, heading);
  Json results = Json::array();
  for (const Row& row : matrix.rows) {
    for (const Cell& cell : row.cells) {
      if (worth_a_result(cell.decision)) {
        results.push_back(
            result_of(row, cell, numbers.at(cell.decision.property->name), heading, anchor));
      }
    }
  }
  add_gaps(rules, results, heading.gaps, anchor);
  const Json driver{{"name", "airlock"}, {"semanticVersion", version}, {"rules", rules}};
  return {{"version", "2.1.0"},
          {"runs", Json::array({{{"tool", {{"driver", driver}}}, {"results", results}}})}};
}

}  // namespace airlock
