// A run's outcome is what the program's globals hold when it ends, and the #DBs it took, in order,
// with the places that they interrupted. Two outcomes that differ in nothing of that are one.
//
// Runs that stop early (#GP, a #DB in the handler) have outcomes too, and runs that never end make
// one: an expectation about all runs cannot hold where some never come to what it is about.
#include "checker/cli/guest_outcomes.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

#include "checker/cli/engine_progress.hpp"
#include "checker/cli/exit_status.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/explore/explore.hpp"
#include "checker/outcomes/ends.hpp"
#include "checker/trace/render.hpp"
#include "model/system/counted.hpp"
#include "model/system/input_error.hpp"
#include "model/system/interpreter.hpp"
#include "model/system/suggest.hpp"

namespace airlock {
namespace {

/// A system with a program, and what is looked at in it.
class Asked {
 public:
  Asked(GuestWorld world, const Pins& chosen)
      : outcome_(std::move(world.outcome)), subject_(std::move(world.system), chosen) {
    question_.ended = outcome_.ended;
    question_.seen = outcome_.observed;
    question_.seen.push_back(outcome_.place);
    question_.seen.push_back(outcome_.dbs);
    for (const GuestVariables::Db& each : outcome_.log) {
      question_.seen.push_back(each.at);
      question_.seen.push_back(each.dr6);
    }
    question_.stuck = {outcome_.place};
    if (const std::optional<VarId> undefined =
            subject_.system().find_variable("undefined behaviour")) {
      question_.seen.push_back(*undefined);
      question_.stuck.push_back(*undefined);
    }
  }

  [[nodiscard]] const GuestOutcome& outcome() const { return outcome_; }
  [[nodiscard]] const EndsQuestion& question() const { return question_; }
  [[nodiscard]] Subject& subject() { return subject_; }
  [[nodiscard]] const TransitionSystem& pinned() { return subject_.pinned(subject_.pins()); }

  [[nodiscard]] State state(const RunEnd& end) {
    return state_of(subject_.system(), question_.seen, end.values);
  }

  [[nodiscard]] GuestSeen seen(const RunEnd& end, bool ends) {
    const TransitionSystem& system = subject_.system();
    const State at = state(end);
    GuestSeen result;
    result.steps = end.steps;
    result.ends = ends;
    result.raw = end.values;
    for (const VarId id : outcome_.observed) {
      const std::string& name = system.variables[id].name;
      result.values.push_back(
          {name.substr(name.rfind("::") + 2), shown_value(system.variables[id], at[id]), at[id]});
    }
    for (std::uint64_t i = 0; i < at[outcome_.dbs]; ++i) {
      const GuestVariables::Db& db = outcome_.log[i];
      result.dbs.push_back({format_value(system.variables[db.at], at[db.at]), at[db.dr6]});
    }
    const std::string place = format_value(system.variables[outcome_.place], at[outcome_.place]);
    if (!ends) {
      result.stopped = "never comes to its end: it stays before " + place;
      if (const auto undefined = system.find_variable("undefined behaviour");
          undefined && at[*undefined] != 0) {
        result.stopped = "software's behaviour is undefined: " +
                         format_value(system.variables[*undefined], at[*undefined]);
      }
    } else if (at[outcome_.place] < static_cast<std::uint64_t>(GuestPlace::first)) {
      result.stopped = place;
    }
    return result;
  }

 private:
  GuestOutcome outcome_;
  EndsQuestion question_;
  Subject subject_;
};

Verdict judge(const GuestExpectation& expectation, bool known, bool some, bool all,
              bool some_never_ends) {
  if (!known) {
    return Verdict::unknown;
  }
  switch (expectation.kind) {
    case GuestExpectation::Kind::forall:
      return all && !some_never_ends ? Verdict::holds : Verdict::violated;
    case GuestExpectation::Kind::exists: return some ? Verdict::holds : Verdict::violated;
    case GuestExpectation::Kind::never: break;
  }
  return some ? Verdict::violated : Verdict::holds;
}

GuestRow ask(const Session& session, Asked& asked, const GuestSource& source,
             const std::string& name) {
  ProgressLine line(session.options().quiet);
  const Ends ends = find_ends(asked.pinned(), asked.question(),
                              with_progress(session.context(), line, source.entry + " " + name));
  check_interrupted();
  GuestRow row{name, ends.reason, {}, ends.states, {}};
  for (const RunEnd& end : ends.ends) {
    row.outcomes.push_back(asked.seen(end, true));
  }
  for (const RunEnd& end : ends.stuck) {
    row.outcomes.push_back(asked.seen(end, false));
  }
  for (std::size_t i = 0; i < source.expectations.size(); ++i) {
    if (!is_about(source, source.expectations[i], name)) {
      continue;
    }
    bool some = false;
    bool all = true;
    for (const RunEnd& end : ends.ends) {
      const bool is = evaluate(asked.outcome().expectations[i], asked.state(end)) != 0;
      some = some || is;
      all = all && is;
    }
    row.expectations.push_back(
        {&source.expectations[i],
         judge(source.expectations[i], ends.complete(), some, all, !ends.stuck.empty())});
  }
  return row;
}

/// What is expected of a row that nobody will ever ask about would look like a test and be none.
void check_rows(const Session& session, const GuestSource& source) {
  std::vector<std::string> known{bare_metal_row};
  for (const Fix& fix : session.project().fixes()) {
    known.push_back(fix.name);
  }
  for (const std::string& fix : session.options().fixes) {
    known.push_back(fix);
  }
  for (const GuestExpectation& each : source.expectations) {
    for (const std::string& row : each.rows) {
      std::error_code ignored;
      if (std::find(known.begin(), known.end(), row) == known.end() &&
          row.find('+') == std::string::npos && !std::filesystem::exists(row, ignored)) {
        throw InputError(each.location, "no fix is called '" + printable(row) + "'", {},
                         suggestion(row, known));
      }
    }
  }
}

std::string dr6_text(std::uint64_t dr6) {
  return dr6 == 0 ? std::string("not read") : fmt::format("{:x}", dr6);
}

std::string line_of(const GuestSeen& seen) {
  std::string text;
  for (const GuestSeen::Value& each : seen.values) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", each.name, each.shown);
  }
  for (const GuestSeen::Db& each : seen.dbs) {
    text += fmt::format("{}#DB before {} (DR6 {})", text.empty() ? "" : ", ", each.at,
                        dr6_text(each.dr6));
  }
  if (!seen.stopped.empty()) {
    text += (text.empty() ? "" : ", ") + seen.stopped;
  }
  return text.empty() ? "it sees nothing and comes to its end" : text;
}

std::string row_text(const GuestRow& row, const TextStyle& style) {
  std::string text = "  " + style.paint(Ink::bold, printable(row.name)) + ": ";
  if (!row.reason.empty()) {
    text += "not all outcomes are known: " + printable(row.reason) + "\n";
  } else {
    text += counted(row.outcomes.size(), "outcome") + " (" + counted(row.states, "state") + ")\n";
  }
  std::size_t number = 0;
  for (const GuestSeen& seen : row.outcomes) {
    const std::string head = fmt::format("    {:>2} {} ", ++number, seen.on_bare_metal ? " " : "!");
    text += hanging(head,
                    line_of(seen) + fmt::format("  [{}]", counted(seen.steps, "step")) +
                        (seen.on_bare_metal ? "" : "  never on bare metal"),
                    style.width);
  }
  for (const GuestExpectationResult& each : row.expectations) {
    const bool good = each.verdict == Verdict::holds;
    text += "    " +
            style.paint(good ? Ink::green : Ink::red, good ? "as expected"
                                                      : each.verdict == Verdict::violated
                                                          ? "NOT AS EXPECTED"
                                                          : "UNDECIDED") +
            ": " + to_string(each.expectation->kind) + " " +
            printable(each.expectation->condition) +
            fmt::format("  (line {})\n", each.expectation->location.line);
  }
  return text;
}

}  // namespace

GuestReport guest_report(const Session& session, const GuestSource& source,
                         const std::vector<Fix>& fixes) {
  GuestReport report{source, {}};
  check_rows(session, report.source);
  {
    Asked alone(session.project().build_guest_alone(fixes.front(), source), session.chosen());
    report.rows.push_back(ask(session, alone, report.source, bare_metal_row));
    for (const GuestSeen& seen : report.rows.front().outcomes) {
      if (!seen.ends) {
        throw InputError({source.file.path, 0, 0},
                         source.entry + "() " + seen.stopped + ", on bare metal", {},
                         "a program that ends, and that is at CPL 0 where an instruction needs it: "
                         "iret() and sysret() leave it, syscall() and a #DB come back to it");
      }
    }
  }
  for (const Fix& fix : fixes) {
    Asked asked(session.project().build_with_guest(fix, source), session.chosen());
    GuestRow row = ask(session, asked, report.source, fix.name);
    // What the guest's virtual CPU implements is the fix's to say: each has a bare metal of its
    // own.
    Asked alone(session.project().build_guest_alone(fix, source), session.chosen());
    const GuestRow bare = ask(session, alone, report.source, bare_metal_row);
    for (GuestSeen& seen : row.outcomes) {
      seen.on_bare_metal = !bare.reason.empty() ||
                           std::any_of(bare.outcomes.begin(), bare.outcomes.end(),
                                       [&](const GuestSeen& each) { return each.same(seen); });
    }
    report.rows.push_back(std::move(row));
  }
  return report;
}

Verdict verdict_of(const GuestRow& row) {
  Verdict result = row.reason.empty() ? Verdict::holds : Verdict::unknown;
  for (const GuestExpectationResult& each : row.expectations) {
    result = worse(result, each.verdict);
  }
  return result;
}

Verdict verdict_of(const GuestReport& report) {
  Verdict result = Verdict::holds;
  for (const GuestRow& row : report.rows) {
    result = worse(result, verdict_of(row));
  }
  return result;
}

std::string render_text(const GuestReport& report, const TextStyle& style) {
  std::string text = printable(report.source.file.path) + ", " + report.source.entry + "()\n";
  for (const GuestRow& row : report.rows) {
    text += "\n" + row_text(row, style);
  }
  return text;
}

nlohmann::ordered_json render_json(const GuestReport& report) {
  using Json = nlohmann::ordered_json;
  Json rows = Json::array();
  for (const GuestRow& row : report.rows) {
    Json outcomes = Json::array();
    for (const GuestSeen& seen : row.outcomes) {
      Json values = Json::object();
      for (const GuestSeen::Value& each : seen.values) {
        values[each.name] = fmt::format("{:#x}", each.value);
      }
      Json dbs = Json::array();
      for (const GuestSeen::Db& each : seen.dbs) {
        dbs.push_back(
            {{"at", each.at},
             {"dr6", each.dr6 == 0 ? Json(nullptr) : Json(fmt::format("{:#x}", each.dr6))}});
      }
      outcomes.push_back({{"values", values},
                          {"dbs", dbs},
                          {"stopped", seen.stopped.empty() ? Json(nullptr) : Json(seen.stopped)},
                          {"on_bare_metal", seen.on_bare_metal},
                          {"steps", seen.steps}});
    }
    Json expectations = Json::array();
    for (const GuestExpectationResult& each : row.expectations) {
      expectations.push_back({{"kind", to_string(each.expectation->kind)},
                              {"condition", each.expectation->condition},
                              {"line", each.expectation->location.line},
                              {"verdict", to_string(each.verdict)}});
    }
    Json entry{{"row", row.name}, {"complete", row.reason.empty()}, {"states", row.states}};
    if (!row.reason.empty()) {
      entry["reason"] = row.reason;
    }
    entry["outcomes"] = outcomes;
    entry["expectations"] = expectations;
    rows.push_back(std::move(entry));
  }
  return {{"file", report.source.file.path}, {"guest", report.source.entry}, {"rows", rows}};
}

std::string outcome_trace(const Session& session, const GuestReport& report, const Fix& fix,
                          std::size_t number) {
  const auto row = std::find_if(report.rows.begin(), report.rows.end(),
                                [&](const GuestRow& each) { return each.name == fix.name; });
  if (row == report.rows.end() || number == 0 || number > row->outcomes.size()) {
    throw InputError({"--trace", 0, 0},
                     fmt::format("there is no outcome {} under {}", number, printable(fix.name)),
                     {}, "the number of one of the outcomes that are listed without --trace");
  }
  const GuestSeen& seen = row->outcomes[number - 1];
  Asked asked(session.project().build_with_guest(fix, report.source), session.chosen());
  const TransitionSystem& system = asked.pinned();
  Expr is = seen.ends ? asked.question().ended : system.pool->boolean(true);
  for (std::size_t i = 0; i < asked.question().seen.size(); ++i) {
    const Expr value = system.variable(asked.question().seen[i]);
    is = is && eq(value, same_sort(value, seen.raw[i]));
  }
  const Property property{.name = fmt::format("outcome {}", number),
                          .kind = PropertyKind::reachable,
                          .predicate = is,
                          .text = line_of(seen) + ".",
                          .sentence = {},
                          .location = {}};
  const std::vector<Expr> targets{is};
  const Reduction reduction(system, targets);
  ProgressLine line(session.options().quiet);
  const ExploreResult found = explore(reduction.system(), reduction.targets(),
                                      with_progress(session.context(), line, property.name));
  check_interrupted();
  if (!found.outcomes.front().path) {
    throw InputError({"--trace", 0, 0}, "no trace was found: " + found.outcomes.front().reason, {},
                     "more of --timeout or --memory");
  }
  const Trace trace = make_trace(system, property, reduction.lift(*found.outcomes.front().path));
  const TraceHeading heading = session.heading(fix, asked.subject().pins());
  return session.options().format == Format::json ? dump(render_json(trace, heading))
                                                  : render_text(trace, heading, output_style());
}

}  // namespace airlock
