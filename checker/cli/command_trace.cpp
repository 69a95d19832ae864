#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>

#include "checker/cli/commands.hpp"
#include "checker/cli/engine_progress.hpp"
#include "checker/cli/export_input.hpp"
#include "checker/cli/interventions.hpp"
#include "checker/cli/report_heading.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/cli/trace_as_test.hpp"
#include "checker/compare/undecided.hpp"
#include "checker/exchange/witness.hpp"
#include "checker/report/report.hpp"
#include "checker/support/atomic_file.hpp"
#include "checker/trace/names.hpp"
#include "checker/trace/render.hpp"
#include "model/system/counted.hpp"
#include "model/system/input_error.hpp"

namespace airlock {
namespace {

using Json = nlohmann::ordered_json;

/// Left to itself, the command asks explicit search first and Z3 only if that gives up: both find
/// a shortest trace, but explicit search always the same one, and output is to be diff-able.
Decision find_out(const Session& session, Subject& subject, const Property* property) {
  ProgressLine line(session.options().quiet);
  const EngineContext context = with_progress(session.context(), line, property->name);
  const std::vector<const Property*> one{property};
  const auto ask = [&](Engine engine) {
    return decide(subject, one,
                  [&](const Reduce& reduce) { return solve(reduce, engine, context); })[0];
  };
  const Engine engine = session.options().engine;
  if (engine != Engine::automatic) {
    return ask(engine);
  }
  Decision decision = ask(Engine::explore);
  if (decision.verdict == Verdict::unknown && !context.should_stop()) {
    const std::vector<Covered> first = decision.outcome.covered;
    decision = ask(Engine::pdr);
    decision.outcome.covered.insert(decision.outcome.covered.begin(), first.begin(), first.end());
  }
  return decision;
}

std::string without_trace(const Decision& decision, const Fix& fix) {
  const Property& property = *decision.property;
  const std::string where = " under " + printable(of_fix(fix.name));
  if (decision.verdict == Verdict::unknown) {
    std::string text =
        printable(property.name) + " is undecided" + where + ": " + decision.reason + "\n";
    for (const std::string& line : covered_lines(decision)) {
      text += "  " + line + "\n";
    }
    return text + "  to go on: " + how_to_go_on(decision) + "\n";
  }
  const std::string by = fmt::format(" ({}, {})", decision.outcome.engine,
                                     decision.outcome.engine == "explore"
                                         ? counted(decision.outcome.states, "state")
                                         : fmt::format("depth {}", decision.outcome.depth));
  if (seeks_witness(property)) {
    return printable(property.name) + " is not reachable" + where + ": there is no trace" + by +
           "\n";
  }
  const std::string assumes =
      decision.assumes.empty() ? ""
                               : fmt::format("it assumes {}\n", fmt::join(decision.assumes, ", "));
  return printable(property.name) + " holds" + where + ": there is no trace" + by + "\n" + assumes;
}

Json json_without_trace(const Session& session, const Fix& fix, const Decision& decision) {
  Json result{{"model", session.project().name()},
              {"fix", fix.name},
              {"property", decision.property->name},
              {"verdict", to_string(decision.verdict)},
              {"steps", nullptr},
              {"assumes", decision.assumes},
              {"engine", decision.outcome.engine},
              {"trace", nullptr}};
  if (!decision.reason.empty()) {
    result["reason"] = decision.reason;
  }
  add_undecided(result, decision);
  return result;
}

/// A statement about two runs; where both directions are asked for, the first that is violated.
/// Keeps the product alive in `runs`, since traces borrow from it.
Decision find_out_about_two_runs(const Session& session, const Fix& fix,
                                 std::unique_ptr<TwoRunsSubject>& runs) {
  ProgressLine line(session.options().quiet);
  Decision decision;
  for (const std::string& name : session.two_run_properties()) {
    auto subject =
        std::make_unique<TwoRunsSubject>(session.build_two_runs(fix, name), session.chosen());
    Decision next =
        subject->decide(session.options().engine, with_progress(session.context(), line, name));
    if (runs && next.verdict == Verdict::holds) {
      continue;  // what the first one said stands
    }
    runs = std::move(subject);
    decision = std::move(next);
    if (decision.trace) {
      break;
    }
  }
  return decision;
}

/// What --explain adds to the trace, if it was asked for.
struct Addition {
  std::string text;
  Json json;
};

std::string rendered(const Trace& trace, const TraceHeading& heading, Format format,
                     const Addition& addition, bool brief) {
  switch (format) {
    case Format::json: {
      Json json = render_json(trace, heading);
      if (!addition.json.is_null()) {
        json["explanation"] = addition.json;
      }
      return dump(json);
    }
    case Format::vcd: return render_vcd(trace, heading);
    case Format::svg: return render_svg(trace, heading);
    default: {
      TextStyle style = output_style();
      style.brief = brief;
      return render_text(trace, heading, style) + addition.text;
    }
  }
}

std::string read_witness(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file || !std::filesystem::is_regular_file(path)) {
    throw InputError({path, 0, 0}, "the witness cannot be read", {}, "a readable file");
  }
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The witness's run on the exported reduction, lifted and replayed on the whole system.
Trace replayed_witness(const Session& session, const Fix& fix, Subject& subject,
                       const Property& property) {
  const std::string& path = session.options().witness;
  const std::string text = read_witness(path);
  const ExportedReduction exported(session, fix, subject);
  try {
    Path found = read_aiger_witness(text, exported.input());
    return make_trace(subject.pinned(subject.pins()), property, exported.reduction().lift(found));
  } catch (const BadWitness& bad) {
    throw InputError({path, bad.line, bad.line == 0 ? 0U : 1U}, bad.what(), printable(bad.text),
                     bad.expected);
  }
}

/// On standard output, and as a report where one is asked for.
void print_trace(const Session& session, const Fix& fix, const Trace& trace, const Pins& pins,
                 const Addition& addition = {}) {
  const TraceHeading heading = session.heading(fix, pins);
  print(rendered(trace, heading, session.options().format, addition, session.options().brief));
  if (const std::string& report = session.options().report; !report.empty()) {
    write_report(session.options(), render_report(trace, heading, report_heading(session, {fix})));
  }
}

ExitStatus trace_of_witness(const Session& session, const Fix& fix, Subject& subject,
                            const Property& property) {
  const Trace trace = replayed_witness(session, fix, subject, property);
  print_trace(session, fix, trace, subject.pins());
  return seeks_witness(property) ? ExitStatus::holds : ExitStatus::violated;
}

/// Whether --explain can be done with the rest of the command line.
void check_explain(const Options& options) {
  if (!options.explain) {
    return;
  }
  if (options.format != Format::text && options.format != Format::json) {
    throw InputError({"--explain", 0, 0}, "an explanation has no place in this format", {},
                     "--format text or json");
  }
  if (!options.witness.empty()) {
    throw InputError({"--explain", 0, 0}, "an explanation is about all runs, a witness is one", {},
                     "--explain or --witness");
  }
}

/// Whether --as can be done with the rest of the command line.
void check_as(const Options& options) {
  if (!options.as.empty() &&
      (options.format != Format::text || options.explain || !options.witness.empty())) {
    throw InputError({"--as", 0, 0}, "a test is not shown in another way", {},
                     "--as test without --format, --explain and --witness");
  }
}

/// Prints the trace with its explanation.
ExitStatus explained_trace(const Session& session, const Fix& fix, Subject& subject,
                           const Decision& decision) {
  std::optional<Interventions> explanation;
  {
    ProgressLine line(session.options().quiet);
    explanation = find_interventions(
        subject, decision, with_progress(session.context(), line, decision.property->name));
  }
  check_interrupted();
  print_trace(session, fix, *decision.trace, decision.pins,
              {interventions_text(*explanation, decision), interventions_json(*explanation)});
  return explanation->cuts.unknown.empty() ? status_of(decision.verdict) : ExitStatus::undecided;
}

}  // namespace

ExitStatus run_trace(const Session& session) {
  check_report_path(session.options());
  check_explain(session.options());
  check_as(session.options());
  const Fix fix = session.fix();
  const std::unique_ptr<Subject> subject = session.build(fix);
  if (!session.options().witness.empty()) {
    return trace_of_witness(session, fix, *subject, *session.properties(subject->system()).front());
  }
  const std::vector<const Property*> properties =
      session.properties_beside_two_runs(subject->system());
  if (properties.empty() && session.options().explain) {
    throw InputError({"--explain", 0, 0}, "statements about two runs are not explained", {},
                     "a property of one run");
  }
  std::unique_ptr<TwoRunsSubject> runs;
  const Decision decision = properties.empty() ? find_out_about_two_runs(session, fix, runs)
                                               : find_out(session, *subject, properties.front());
  check_interrupted();
  if (decision.trace && session.options().explain) {
    return explained_trace(session, fix, *subject, decision);
  }
  if (decision.trace && !session.options().as.empty()) {
    if (!print_trace_as_test(session, fix, decision, find_out)) {
      return ExitStatus::undecided;
    }
  } else if (decision.trace) {
    print_trace(session, fix, *decision.trace, decision.pins);
  } else if (const bool json = session.options().format == Format::json;
             json || session.options().format == Format::text) {
    print(json ? dump(json_without_trace(session, fix, decision)) : without_trace(decision, fix));
  } else {  // a picture of nothing would be taken for one
    print_error(without_trace(decision, fix));
  }
  const bool open = decision.verdict == Verdict::unknown;  // the question was not answered
  return claims_something(*decision.property) || open ? status_of(decision.verdict)
                                                      : ExitStatus::holds;
}

}  // namespace airlock
