// What is said of a question that was not decided: what was covered, and how to go on.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "checker/compare/matrix.hpp"

namespace airlock {

/// A line per engine that was asked: "explore: every run of fewer than 12 steps was searched; 3456
/// states seen". `decision` is unknown.
std::vector<std::string> covered_lines(const Decision& decision);

/// Which limit to raise, which engine to ask that was not: "raise --timeout, or try --engine pdr".
/// `ask`: the words before an engine's name.
std::string how_to_go_on(const Decision& decision, const std::string& ask = "try --engine");

/// The same where there is only a reason: "raise --timeout".
std::string how_to_go_on(const std::string& reason);

/// Something about a row that is open though no verdict is unknown.
struct LooseEnd {
  std::string what;  ///< a property, or "cost"
  std::string why;   ///< "no certificate: out of time"
  std::string to_go_on;
};

/// Verdicts by one engine alone, proofs without a certificate, costs that were not measured.
std::vector<LooseEnd> loose_ends(const Row& row);

/// Adds both to `result`, as "covered" and "to_go_on"; nothing for a decision that is not unknown.
void add_undecided(nlohmann::ordered_json& result, const Decision& decision,
                   const std::string& ask = "try --engine");

/// For `ask` where the command has no option for the engine.
inline constexpr const char* ask_prove = "ask `airlock prove` with --engine";

}  // namespace airlock
