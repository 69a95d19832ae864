// trace --explain: where a fix could intervene.
#pragma once

#include <string>

#include "checker/compare/decide.hpp"
#include "checker/graph/cuts.hpp"
#include "checker/graph/program_steps.hpp"
#include "checker/trace/render.hpp"

namespace airlock {

struct Interventions {
  ProgramSteps steps;
  Cuts cuts;
  std::uint64_t states = 0;  ///< of the graph that was looked at
};

/// The cuts of the property that `decision`, which has a trace, is about. The graph is that of the
/// system reduced to the property's cone, under the decision's pins.
Interventions find_interventions(Subject& subject, const Decision& decision,
                                 const EngineContext& context);

/// After the trace.
std::string interventions_text(const Interventions& explanation, const Decision& decision);
nlohmann::ordered_json interventions_json(const Interventions& explanation);

}  // namespace airlock
