#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "checker/cli/commands.hpp"
#include "checker/cli/coverage_input.hpp"
#include "checker/cli/engine_progress.hpp"
#include "checker/cli/needs_input.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/cli/time_shares.hpp"
#include "checker/compare/prove_certificate.hpp"
#include "checker/compare/undecided.hpp"
#include "checker/trace/names.hpp"
#include "checker/trace/render.hpp"
#include "model/system/counted.hpp"

namespace airlock {
namespace {

using Json = nlohmann::ordered_json;

/// What PDR did, for --stats.
std::string effort(const Decision& decision) {
  const Outcome& outcome = decision.freed ? *decision.freed : decision.outcome;
  return outcome.queries == 0 ? ""
                              : fmt::format(", {}, {}, {} queries", counted(outcome.depth, "frame"),
                                            counted(outcome.clauses, "clause"), outcome.queries);
}

std::string evidence(const Decision& decision) {
  const Outcome& outcome = decision.freed ? *decision.freed : decision.outcome;
  if (decision.trace) {
    return fmt::format("{}: {} in {}", outcome.engine,
                       seeks_witness(*decision.property) ? "reached" : "violated",
                       counted(decision.trace->steps(), "step"));
  }
  if (decision.verdict == Verdict::unknown) {
    return decision.reason;
  }
  if (outcome.engine == "explore") {
    return fmt::format("explore: none of {}", counted(outcome.states, "state"));
  }
  return fmt::format("{}: proof at depth {}", outcome.engine, outcome.depth);
}

const char* what_is_wrong(const Decision& decision) {
  if (decision.verdict == Verdict::unknown) {
    return "unknown";
  }
  return seeks_witness(*decision.property) ? "not reachable" : "violated";
}

/// Where the evidence is that nothing is reachable.
bool is_proof(const Decision& decision) {
  return decision.verdict != Verdict::unknown && !decision.trace;
}

Json result_json(const Fix& fix, const Decision& decision) {
  Json result{{"fix", fix.name},
              {"property", decision.property->name},
              {"kind", kind_name(decision.property->kind)},
              {"verdict", to_string(decision.verdict)},
              {"assumes", decision.assumes},
              {"engine", decision.outcome.engine},
              {"steps", decision.trace ? Json(decision.trace->steps()) : Json()},
              {"states", decision.outcome.states},
              {"depth", decision.outcome.depth},
              {"clauses", decision.outcome.clauses},
              {"queries", decision.outcome.queries},
              {"seconds", decision.seconds}};
  if (!decision.assumes_minimal) {
    result["assumes_minimal"] = false;
    result["assumes_reason"] = decision.assumes_reason;
  }
  if (!decision.reason.empty()) {
    result["reason"] = decision.reason;
  }
  add_undecided(result, decision);
  return result;
}

class Prove {
 public:
  explicit Prove(const Session& session)
      : session_(session),
        style_(output_style()),
        show_time_(session.options().stats || output_is_terminal()),
        progress_(session.options().quiet) {}

  ExitStatus run() {
    const std::vector<Fix> fixes = session_.fixes({session_.project().fixes().front()});
    shares_ = TimeShares(session_.context().deadline, fixes.size());
    for (const Fix& fix : fixes) {
      prove(fix);
    }
    if (json()) {
      print(dump(document()));
    } else {
      print_basis();
      print(closing_line(status_of(verdict_), fmt::format("{}", fmt::join(not_fine_, ", ")),
                         style_.width));
    }
    return status_of(verdict_);
  }

 private:
  [[nodiscard]] bool json() const { return session_.options().format == Format::json; }

  void prove(const Fix& fix) {
    const std::unique_ptr<Subject> subject = session_.build(fix);
    const std::vector<const Property*> properties =
        session_.properties_beside_two_runs(subject->system());
    remember(*subject);
    if (!json()) {
      print((first_ ? "" : "\n") +
            style_.paint(Ink::bold, printable(session_.project().name()) + ", " +
                                        printable(of_fix(fix.name))) +
            "\n");
      first_ = false;
    }
    for (const std::string& guard : assumed_guards(subject->system(), properties)) {
      remember(guard);
    }
    const std::vector<std::string> two_runs = session_.two_run_properties();
    shares_.begin(properties.size() + two_runs.size());
    std::vector<const Property*> put_off;
    for (const Property* property : properties) {
      const std::optional<Clock::time_point> until = shares_.next();
      Decision decision = ask(fix, *subject, *property, until);
      if (decision.verdict == Verdict::unknown && shares_.may_ask_again(until)) {
        put_off.push_back(property);
      } else {
        answered(fix, *subject, *property, decision);
      }
    }
    for (std::size_t i = 0; i < put_off.size(); ++i) {
      const auto until = shares_.of(put_off.size() - i);
      answered(fix, *subject, *put_off[i], ask(fix, *subject, *put_off[i], until));
    }
    tell_what_is_vacuous(fix);
    for (const std::string& name : two_runs) {
      prove_about_two_runs(fix, name, shares_.next());
    }
  }

  /// A guarantee that claims nothing holds as well: that is said, and is no violation.
  void tell_what_is_vacuous(const Fix& fix) {
    const std::set<std::string> held = std::exchange(held_, {});
    if (held.empty() || !session_.trees().empty()) {
      return;  // of a kernel tree, `slice --receipt` says what is assumed
    }
    const CoverageReport report = vacuity_of(
        session_, fix, held,
        with_progress(session_.context(), progress_, fix.name + ": what claims nothing"));
    progress_.clear();
    check_interrupted();
    for (const Gap& gap : report.gaps) {
      if (gap.reason.empty() && gap.decided) {
        tell_vacuous(fix, gap);
      }
    }
  }

  void tell_vacuous(const Fix& fix, const Gap& gap) {
    const std::string property = gap.name.substr(gap.name.find(": ") + 2);
    if (!json()) {
      print(hanging(
          "  warning: ", printable(property) + " holds vacuously: it " + printable(gap.text),
          style_.width));
      return;
    }
    for (Json& result : results_) {
      if (result["fix"] == fix.name && result["property"] == property) {
        result["vacuous"].push_back(gap.text);
      }
    }
  }

  /// The engines' answer, with the time until `until`.
  Decision ask(const Fix& fix, Subject& subject, const Property& property,
               std::optional<Clock::time_point> until) {
    EngineContext context =
        with_progress(session_.context(), progress_, fix.name + ": " + property.name);
    context.deadline = until;
    const std::vector<const Property*> one{&property};
    return decide(subject, one, [&](const Reduce& reduce) {
      return solve(reduce, session_.options().engine, context);
    })[0];
  }

  /// What there is to say of the answer, and to show for it.
  void answered(const Fix& fix, Subject& subject, const Property& property,
                const Decision& decision) {
    const EngineContext context =
        with_progress(session_.context(), progress_, fix.name + ": " + property.name);
    std::optional<Certified> certified;
    if (wants_proof() && is_proof(decision)) {
      certified = certificate(fix, property, subject, decision, context);
    }
    std::optional<ShownNeeds> needs;
    if (session_.options().explain && rests_on_lines(decision)) {
      needs = needs_of(session_, {{fix, {&decision}, subject.pins()}})[0][0];
    }
    report(fix, decision);
    if (needs) {
      show(*needs);
    } else if (session_.options().explain && rests_on_every_line(decision)) {
      show_every_line();
    }
    if (certified) {
      show(fix, *certified);
    }
  }

  void remember(const std::string& assumption) {
    if (std::find(assumptions_.begin(), assumptions_.end(), assumption) == assumptions_.end()) {
      assumptions_.push_back(assumption);
    }
  }

  void prove_about_two_runs(const Fix& fix, const std::string& name,
                            std::optional<Clock::time_point> until) {
    TwoRunsSubject runs(session_.build_two_runs(fix, name), session_.chosen());
    remember(runs.subject());
    EngineContext context = with_progress(session_.context(), progress_, fix.name + ": " + name);
    context.deadline = until;
    const Decision decision = runs.decide(session_.options().engine, context);
    report(fix, decision);
    if (wants_proof() && is_proof(decision)) {
      const Certified certified = certify_two_runs(
          session_.build_two_runs(fix, name), decision.pins, runs.support_pins(),
          [&](const Property& property, const TransitionSystem& system, const Pins& pins) {
            return session_.certificate_heading(fix, property, system, pins);
          },
          with_progress(session_.context(), progress_, fix.name + ": " + name + ", certificate"));
      progress_.clear();
      check_interrupted();
      show(fix, certified);
    }
  }

  void report(const Fix& fix, const Decision& decision) {
    progress_.clear();
    check_interrupted();
    if (decision.verdict == Verdict::holds && !seeks_witness(*decision.property) &&
        decision.property->location.line != 0) {
      held_.insert(decision.property->name);
    }
    if (claims_something(*decision.property)) {
      verdict_ = worse(verdict_, decision.verdict);
      if (decision.verdict != Verdict::holds) {
        not_fine_.push_back(printable(decision.property->name) + " is " + what_is_wrong(decision));
      }
    }
    if (json()) {
      results_.push_back(result_json(fix, decision));
    } else {
      print(line(fix, decision));
    }
  }

  [[nodiscard]] bool wants_proof() const {
    return !session_.options().certificate_folder.empty() || session_.options().explain;
  }

  [[nodiscard]] Certified certificate(const Fix& fix, const Property& property,
                                      const Subject& subject, const Decision& decision,
                                      const EngineContext& context) const {
    const Outcome& evidence = decision.freed ? *decision.freed : decision.outcome;
    return certify(
        session_.project().build(fix).system, property.name, decision.pins, evidence.by_place,
        session_.certificate_heading(fix, property, subject.system(), decision.pins), context);
  }

  void show(const Fix& fix, const Certified& certified) {
    if (certified.text.empty()) {
      verdict_ = worse(verdict_, Verdict::unknown);
      not_fine_.emplace_back("a certificate is missing");
      tell("certificate", nullptr,
           "no certificate: " + certified.reason + "; to go on: " + how_to_go_on(certified.reason));
      return;
    }
    if (session_.options().explain) {
      show(certified.explanation);
    }
    if (session_.options().certificate_folder.empty()) {
      return;
    }
    const char* field = "certificate";
    for (const Certified* each = &certified; each != nullptr; each = each->support.get()) {
      const std::string path = session_.write_certificate(fix.name, each->property, each->text,
                                                          session_.options().fixes.size() > 1);
      tell(field, path,
           fmt::format("certificate: {} ({}; accepted by cvc5)", printable(path),
                       counted(each->clauses, "clause")));
      field = "support_certificate";
    }
  }

  void show_every_line() {
    if (json()) {
      results_.back()["needs"] = nullptr;
      results_.back()["needs_reason"] = why_every_line;
    } else {
      print(hanging(std::string(17, ' ') + "needs: ", why_every_line, style_.width));
    }
  }

  void show(const ShownNeeds& needs) {
    if (json()) {
      results_.back()["needs"] = render_json(needs);
    } else {
      print(render_text(needs, style_.width) +
            (show_time_
                 ? fmt::format("{:12}{} questions, {:.2f} s\n", "", needs.questions, needs.seconds)
                 : ""));
    }
  }

  void show(const Explanation& explanation) {
    Json groups = Json::array();
    std::string text;
    for (const ExplainedGroup& group : explanation.groups) {
      groups.push_back({{"at", group.places}, {"sentences", group.sentences}});
      std::string places;
      for (const std::string& place : group.places) {
        places += (places.empty() ? "" : "; ") + printable(place);
      }
      text += hanging(std::string(4, ' '), places + ":", style_.width);
      for (const std::string& sentence : group.sentences) {
        text += hanging("      - ", printable(sentence), style_.width);
      }
    }
    if (!explanation.everywhere.empty()) {
      text += "    always:\n";
      for (const std::string& sentence : explanation.everywhere) {
        text += hanging("      - ", printable(sentence), style_.width);
      }
    }
    if (json()) {
      results_.back()["explanation"] = {{"places", groups}, {"always", explanation.everywhere}};
    } else {
      print(text);
    }
  }

  /// A line below the verdict, or a field of it.
  void tell(const char* field, const Json& value, const std::string& text) {
    if (json()) {
      results_.back()[field] = value;
      if (value.is_null()) {
        results_.back()["reason"] = text;
      }
    } else {
      print(hanging(std::string(17, ' '), text, style_.width));
    }
  }

  void remember(const Subject& subject) {
    for (const std::string& sentence : subject.system().assumptions) {
      remember(sentence);
    }
    for (const auto& pair : shown_choices(subject.system(), subject.pins())) {
      if (std::find(choices_.begin(), choices_.end(), pair) == choices_.end()) {
        choices_.push_back(pair);
      }
    }
  }

  std::string line(const Fix& fix, const Decision& decision) {
    std::string word = to_string(decision.verdict);
    Ink ink = Ink::yellow;
    if (!claims_something(*decision.property) && decision.verdict != Verdict::unknown) {
      word = decision.trace ? "reached" : "not reachable";
      ink = Ink::plain;
    } else if (decision.verdict == Verdict::violated) {
      word = seeks_witness(*decision.property) ? "NOT REACHABLE" : "VIOLATED";
      ink = Ink::red;
    } else if (decision.verdict == Verdict::holds) {
      word = seeks_witness(*decision.property) ? "reached"
             : decision.assumes.empty()        ? "holds"
                                               : "holds*";
      ink = Ink::green;
      any_holds_ = any_holds_ || !seeks_witness(*decision.property);
    }
    std::string out = "  " + style_.paint(ink, pad(word, 13)) + "  " +
                      printable(decision.property->name) + "  " +
                      style_.paint(Ink::dim, evidence(decision) + time(decision)) + "\n";
    const std::string indent(17, ' ');
    if (!decision.assumes.empty()) {
      out += hanging(
          indent,
          fmt::format("holds* (assumes {}){}", fmt::join(decision.assumes, ", "),
                      decision.assumes_minimal ? "" : "; fewer may do: " + decision.assumes_reason),
          style_.width);
    }
    if (decision.verdict == Verdict::unknown) {
      for (const std::string& covered : covered_lines(decision)) {
        out += hanging(indent, covered, style_.width);
      }
      out += hanging(indent + "to go on: ", how_to_go_on(decision), style_.width);
    }
    const bool shown =
        decision.verdict == Verdict::violated || !claims_something(*decision.property);
    if (shown && decision.trace) {
      out += indent + trace_command(session_.options(), fix.name, decision.property->name) + "\n";
    }
    return out;
  }

  [[nodiscard]] std::string time(const Decision& decision) const {
    return (show_time_ ? fmt::format(", {:.2f} s", decision.seconds) : "") +
           (session_.options().stats ? effort(decision) : "");
  }

  [[nodiscard]] Json document() const {
    Json result{{"model", session_.project().name()}};
    result["parameters"] = Json::object();
    for (const auto& [name, value] : session_.parameters()) {
      result["parameters"][name] = value;
    }
    result["actors"] = session_.enabled_actors();
    result["choices"] = Json::object();
    for (const auto& [name, value] : choices_) {
      result["choices"][name] = value;
    }
    result["assumptions"] = assumptions_;
    result["results"] = results_;
    return result;
  }

  void print_basis() const {
    if (!any_holds_ || assumptions_.empty()) {
      return;
    }
    std::string out = "\n" + style_.paint(Ink::bold, "Every \"holds\" assumes:") + "\n";
    for (const std::string& sentence : assumptions_) {
      out += hanging("  - ", sentence, style_.width);
    }
    print(out);
  }

  const Session& session_;
  TextStyle style_;
  bool show_time_;
  ProgressLine progress_;
  Verdict verdict_ = Verdict::holds;
  TimeShares shares_;
  std::set<std::string> held_;  ///< guarantees of the model's own that hold under this fix
  bool first_ = true;
  bool any_holds_ = false;
  std::vector<std::string> not_fine_;  ///< what the exit status is about
  Json results_ = Json::array();
  std::vector<std::string> assumptions_;
  std::vector<std::pair<std::string, std::string>> choices_;
};

}  // namespace

ExitStatus run_prove(const Session& session) {
  return Prove(session).run();
}

}  // namespace airlock
