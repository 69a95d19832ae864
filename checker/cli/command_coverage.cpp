#include <algorithm>
#include <fmt/format.h>

#include "checker/cli/commands.hpp"
#include "checker/cli/coverage_input.hpp"
#include "checker/cli/engine_progress.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/compare/undecided.hpp"
#include "checker/trace/render.hpp"

namespace airlock {
namespace {

/// The run that shows why each part of each property is needed.
std::string witnesses(const Session& session, const Fix& fix, const Coverage& row) {
  std::string out;
  const Pins pins = default_pins(row.pinned, session.chosen());
  for (const PropertyCheck& property : row.properties) {
    for (const ClauseCheck& clause : property.clauses) {
      if (!clause.outcome.path) {
        continue;
      }
      const Trace trace = make_trace(row.pinned, clause.witness, *clause.outcome.path);
      out += "\n" + render_text(trace, session.heading(fix, pins), output_style());
    }
  }
  return out;
}

/// A row that a limit has cut short. What the manifest says is never reached may be reached there.
const Coverage* cut_short(const CoverageReport& report) {
  const auto found = std::find_if(report.rows.begin(), report.rows.end(),
                                  [](const Coverage& row) { return !row.complete; });
  return found == report.rows.end() ? nullptr : &*found;
}

}  // namespace

ExitStatus run_coverage(const Session& session) {
  const std::vector<Fix> fixes = session.fixes(session.project().fixes());
  std::vector<Coverage> rows;
  std::string stories;
  {
    ProgressLine line(session.options().quiet);
    for (const Fix& fix : fixes) {
      CoverageRun run = begin_coverage(session, fix, session.options().properties);
      run.explore({}, with_progress(session.context(), line, fix.name));
      check_interrupted();
      rows.push_back(std::move(run).take());
      if (rows.back().begun && !session.options().properties.empty()) {
        stories += witnesses(session, fix, rows.back());
      }
    }
  }
  const CoverageReport report = report_coverage(std::move(rows), coverage_question(session));
  const Coverage* open = cut_short(report);
  if (session.options().format == Format::json) {
    nlohmann::ordered_json json{{"model", session.project().name()}};
    json.update(render_json(report));
    print(dump(json));
  } else {
    print(printable(session.project().name()) + "\n" + render_text(report, output_style()) +
          stories);
    if (open != nullptr && open->begun) {
      print(hanging("\n  not complete, to go on: ", how_to_go_on(open->reason),
                    output_style().width));
    }
  }
  if (report.complete() && open == nullptr) {
    return ExitStatus::holds;
  }
  return report.lacks_something() ? ExitStatus::violated : ExitStatus::undecided;
}

}  // namespace airlock
