#include "checker/cli/stored_cell.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "checker/compare/late.hpp"

namespace airlock {
namespace {

using Json = nlohmann::ordered_json;

// Stands for a certificate that cvc5 has accepted. Who wants it in a file does not ask the cache.
constexpr const char* accepted_before = "; accepted by cvc5 when this was decided\n";

Json json_of(const Outcome& outcome) {
  return {{"answer", static_cast<int>(outcome.answer)},
          {"engine", outcome.engine},
          {"shortest", outcome.shortest},
          {"states", outcome.states},
          {"depth", outcome.depth},
          {"clauses", outcome.clauses},
          {"queries", outcome.queries},
          {"seconds", outcome.seconds}};
}

Outcome outcome_of(const Json& json) {
  Outcome outcome;
  outcome.answer = static_cast<Reachability>(json.at("answer").get<int>());
  outcome.engine = json.at("engine");
  outcome.shortest = json.at("shortest");
  outcome.states = json.at("states");
  outcome.depth = json.at("depth");
  outcome.clauses = json.at("clauses");
  outcome.queries = json.at("queries");
  outcome.seconds = json.at("seconds");
  return outcome;
}

Json json_of(const Path& path) {
  Json steps = Json::array();
  for (const PathStep& step : path.steps) {
    steps.push_back({step.rule, step.inputs});
  }
  return {{"initial", path.initial_inputs}, {"steps", steps}};
}

Path path_of(const Json& json) {
  Path path;
  path.initial_inputs = json.at("initial").get<std::vector<std::uint64_t>>();
  for (const Json& step : json.at("steps")) {
    path.steps.push_back({step.at(0), step.at(1).get<std::vector<std::uint64_t>>()});
  }
  return path;
}

AlarmCheck alarm_of(const Json& json, const Trace& trace, const UntrackedTexts& texts) {
  AlarmCheck alarm;
  for (const Json& each : json) {
    const std::size_t step = each.at(0);
    const std::size_t index = each.at(1);
    alarm.needed.push_back(
        {step, index, untracked_in(trace, step, &texts).at(index), each.at(2).get<bool>()});
  }
  return alarm;
}

Cell cell_of(const Json& json, Subject& subject, const Property& property,
             const UntrackedTexts& texts) {
  Cell cell;
  Decision& decision = cell.decision;
  decision.property = &property;
  decision.verdict = json.at("holds").get<bool>() ? Verdict::holds : Verdict::violated;
  decision.assumes = json.at("assumes").get<std::vector<std::string>>();
  decision.assumes_minimal = json.at("assumes_minimal");
  decision.assumes_reason = json.at("assumes_reason");
  decision.pins = json.at("pins").get<Pins>();
  decision.outcome = outcome_of(json.at("outcome"));
  decision.seconds = json.at("seconds");
  if (!json.at("freed").is_null()) {
    decision.freed = outcome_of(json.at("freed"));
  }
  cell.check = outcome_of(json.at("check"));
  if (!json.at("path").is_null()) {
    decision.trace = make_trace(subject.pinned(decision.pins), property, path_of(json.at("path")));
    decision.trace->afterwards = comes_late(subject, decision.pins, *decision.trace);
  }
  if (!json.at("alarm").is_null()) {
    cell.alarm = alarm_of(json.at("alarm"), decision.trace.value(), texts);
  }
  if (!json.at("certificate").is_null()) {
    Certified& certificate = cell.certificate.emplace();
    certificate.property = property.name;
    certificate.text = accepted_before;
    certificate.clauses = json.at("certificate").at("clauses");
    certificate.seconds = json.at("certificate").at("seconds");
  }
  cell.remembered = true;
  return cell;
}

}  // namespace

std::string stored_text(const Cell& cell) {
  const Decision& decision = cell.decision;
  const bool certified = !cell.certificate || !cell.certificate->text.empty();
  if (decision.verdict == Verdict::unknown || cell.two_runs || !cell.confirmed() || !certified ||
      (cell.alarm && !cell.alarm->unknown.empty())) {
    return {};
  }
  Json json{{"holds", decision.verdict == Verdict::holds},
            {"assumes", decision.assumes},
            {"assumes_minimal", decision.assumes_minimal},
            {"assumes_reason", decision.assumes_reason},
            {"pins", decision.pins},
            {"outcome", json_of(decision.outcome)},
            {"seconds", decision.seconds}};
  json["freed"] = decision.freed ? json_of(*decision.freed) : Json();
  json["check"] = json_of(cell.check);
  json["path"] = decision.trace ? json_of(decision.trace->path) : Json();
  json["alarm"] = Json();
  if (cell.alarm) {
    json["alarm"] = Json::array();
    for (const NeededGuess& guess : cell.alarm->needed) {
      json["alarm"].push_back({guess.step, guess.index, guess.to_run_a_guest});
    }
  }
  json["certificate"] = Json();
  if (cell.certificate) {
    json["certificate"] = {{"clauses", cell.certificate->clauses},
                           {"seconds", cell.certificate->seconds}};
  }
  return json.dump();
}

std::optional<Cell> restored_cell(const std::string& text, Subject& subject,
                                  const Property& property, const UntrackedTexts& texts) {
  try {
    return cell_of(Json::parse(text), subject, property, texts);
  } catch (const Json::exception&) {
    return std::nullopt;
  } catch (const std::bad_optional_access&) {
    return std::nullopt;
  } catch (const std::logic_error&) {  // a path that does not replay, or a value out of range
    return std::nullopt;
  }
}

}  // namespace airlock
