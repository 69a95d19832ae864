#include "checker/compare/render.hpp"
#include "checker/compare/render_alarm.hpp"
#include "checker/compare/undecided.hpp"
#include "checker/trace/render.hpp"

namespace airlock {
namespace {

using Json = nlohmann::ordered_json;

Json range_json(const std::optional<CostRange>& range) {
  return range ? Json::array({range->low, range->high}) : Json();
}

Json cost_json(const Cost& cost) {
  return {{"rdmsr", range_json(cost.rdmsr)}, {"wrmsr", range_json(cost.wrmsr)}};
}

/// "accepted_by" is null where there is no certificate; then "reason" says why.
Json certificate_json(const Certified& certificate) {
  const bool accepted = !certificate.text.empty();
  Json result{{"accepted_by", accepted ? Json("cvc5") : Json()},
              {"file", certificate.file.empty() ? Json() : Json(certificate.file)},
              {"clauses", certificate.clauses},
              {"seconds", certificate.seconds}};
  if (!accepted) {
    result["reason"] = certificate.reason;
    result["to_go_on"] = how_to_go_on(certificate.reason);
  }
  if (certificate.support) {
    result["support"] = certificate_json(*certificate.support);
    result["support"]["property"] = certificate.support->property;
  }
  return result;
}

Json verdict_json(const Cell& cell) {
  const Decision& decision = cell.decision;
  Json result{{"property", decision.property->name},
              {"kind", kind_name(decision.property->kind)},
              {"verdict", to_string(decision.verdict)},
              {"assumes", decision.assumes},
              {"engine", decision.outcome.engine},
              {"steps", decision.trace ? Json(decision.trace->steps()) : Json()},
              {"states", decision.outcome.states},
              {"seconds", decision.outcome.seconds},
              {"confirmed_by", cell.confirmed() ? Json(cell.check.engine) : Json()},
              {"confirmed_seconds", cell.check.seconds}};
  if (cell.remembered) {
    result["remembered"] = true;
  }
  if (cell.certificate) {
    result["certificate"] = certificate_json(*cell.certificate);
  }
  if (cell.alarm) {
    result["needed_guesses"] = needed_guesses_json(*cell.alarm);
    result["may_be_false_alarm"] = cell.alarm->doubtful();
  }
  if (!decision.assumes_minimal) {
    result["assumes_minimal"] = false;
    result["assumes_reason"] = decision.assumes_reason;
  }
  if (!decision.reason.empty()) {
    result["reason"] = decision.reason;
  }
  add_undecided(result, decision, ask_prove);
  return result;
}

Json row_json(const Row& row) {
  Json result{{"fix", row.fix}, {"summary", row.summary}};
  const Costs costs = row.costs.value_or(Costs{});
  result["cost"] = cost_json(costs.entry);
  result["cost_fastpath"] = cost_json(costs.fastpath);
  if (!costs.reason.empty()) {
    result["cost_undecided"] = {{"reason", costs.reason}, {"to_go_on", how_to_go_on(costs.reason)}};
  }
  result["verdicts"] = Json::array();
  for (const Cell& cell : row.cells) {
    result["verdicts"].push_back(verdict_json(cell));
  }
  return result;
}

}  // namespace

nlohmann::ordered_json render_json(const Matrix& matrix, const MatrixHeading& heading) {
  Json result{{"model", heading.model}};
  result["parameters"] = Json::object();
  for (const auto& [name, value] : heading.parameters) {
    result["parameters"][name] = value;
  }
  result["actors"] = heading.actors;
  result["choices"] = Json::object();
  for (const auto& [name, value] : choices_of(matrix)) {
    result["choices"][name] = value;
  }
  result["assumptions"] = assumptions_of(matrix);
  result["seconds"] = matrix.seconds;
  result["rows"] = Json::array();
  for (const Row& row : matrix.rows) {
    result["rows"].push_back(row_json(row));
  }
  return result;
}

}  // namespace airlock
