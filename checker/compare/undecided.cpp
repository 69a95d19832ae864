#include "checker/compare/undecided.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "model/system/counted.hpp"

namespace airlock {
namespace {

/// Nothing where the engine has nothing to count.
std::string effort(const Covered& covered) {
  if (covered.engine.rfind("explore", 0) == 0) {
    return "; " + counted(covered.states, "state") + " seen";
  }
  if (covered.engine.rfind("pdr", 0) == 0) {
    return "; " + counted(covered.clauses, "clause") + " in " + counted(covered.steps + 1, "frame");
  }
  return "";
}

constexpr const char* ask_about_less = "ask about less, with --no-actor or --choice";

/// Limits to raise, where `says` of the words for them is true.
template <typename Says>
std::vector<std::string> limits_to_raise(const Says& says) {
  std::vector<std::string> ways;
  if (says("out of time")) {
    ways.emplace_back("raise --timeout");
  }
  if (says("memory")) {
    ways.emplace_back("raise --memory");
  }
  return ways;
}

/// Whether some reason of the decision's mentions `word`.
bool says(const Decision& decision, const char* word) {
  const auto& covered = decision.outcome.covered;
  return decision.reason.find(word) != std::string::npos ||
         std::any_of(covered.begin(), covered.end(), [word](const Covered& each) {
           return each.reason.find(word) != std::string::npos;
         });
}

bool asked(const Decision& decision, const std::string& engine) {
  const auto& covered = decision.outcome.covered;
  return std::any_of(covered.begin(), covered.end(),
                     [&engine](const Covered& each) { return each.engine.rfind(engine, 0) == 0; });
}

}  // namespace

std::vector<std::string> covered_lines(const Decision& decision) {
  std::vector<std::string> result;
  for (const Covered& covered : decision.outcome.covered) {
    const std::string runs =
        covered.steps == 0
            ? "nothing was searched yet"
            : "every run of fewer than " + counted(covered.steps, "step") + " was searched";
    result.push_back(covered.engine + ": " + runs + effort(covered));
  }
  return result;
}

std::string how_to_go_on(const Decision& decision, const std::string& ask) {
  std::vector<std::string> ways =
      limits_to_raise([&](const char* word) { return says(decision, word); });
  for (const char* engine : {"pdr", "explore"}) {
    if (!asked(decision, engine)) {
      ways.push_back(ask + " " + engine);
      break;
    }
  }
  if (ways.empty()) {
    ways.emplace_back(ask_about_less);
  }
  return fmt::format("{}", fmt::join(ways, ", or "));
}

std::string how_to_go_on(const std::string& reason) {
  const std::vector<std::string> ways =
      limits_to_raise([&](const char* word) { return reason.find(word) != std::string::npos; });
  return ways.empty() ? ask_about_less : fmt::format("{}", fmt::join(ways, ", or "));
}

std::vector<LooseEnd> loose_ends(const Row& row) {
  std::vector<LooseEnd> result;
  for (const Cell& cell : row.cells) {
    const Decision& decision = cell.decision;
    if (decision.verdict != Verdict::unknown && !cell.confirmed() && !cell.two_runs) {
      result.push_back({decision.property->name,
                        to_string(decision.verdict) + " by " + decision.outcome.engine +
                            " alone, no second opinion",
                        how_to_go_on(cell.check.reason)});
    }
    if (cell.certificate && cell.certificate->text.empty()) {
      result.push_back({decision.property->name, "no certificate: " + cell.certificate->reason,
                        how_to_go_on(cell.certificate->reason)});
    }
  }
  if (row.costs && !row.costs->reason.empty()) {
    result.push_back({"cost", row.costs->reason, how_to_go_on(row.costs->reason)});
  }
  return result;
}

void add_undecided(nlohmann::ordered_json& result, const Decision& decision,
                   const std::string& ask) {
  if (decision.verdict != Verdict::unknown) {
    return;
  }
  result["covered"] = nlohmann::ordered_json::array();
  for (const Covered& covered : decision.outcome.covered) {
    result["covered"].push_back({{"engine", covered.engine},
                                 {"runs_of_fewer_steps_than", covered.steps},
                                 {"states", covered.states},
                                 {"clauses", covered.clauses},
                                 {"reason", covered.reason}});
  }
  result["to_go_on"] = how_to_go_on(decision, ask);
}

}  // namespace airlock
