#include "checker/cli/interventions.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "checker/trace/names.hpp"

namespace airlock {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t max_edges = 64'000'000;  // some 2 GB with the search for cuts

/// "svm.c:14  clgi();", or the actor where there is no line: "guest  the guest executes RDMSR".
class Lines {
 public:
  Lines(const Interventions& explanation, const TransitionSystem& system)
      : explanation_(explanation), file_name_(system) {
    for (const ProgramStep& step : explanation.steps.steps) {
      width_ = std::max(width_, columns(place(step)));
    }
  }

  [[nodiscard]] std::string operator()(std::uint32_t number) const {
    const ProgramStep& step = explanation_.steps.steps[number];
    return pad(place(step), width_) + "  " + printable(step.cause.text);
  }

 private:
  [[nodiscard]] std::string place(const ProgramStep& step) const {
    const SourceLocation& at = step.cause.location;
    return at.line == 0 ? printable(step.actor)
                        : printable(file_name_(at.file)) + ":" + std::to_string(at.line);
  }

  const Interventions& explanation_;
  FileNames file_name_;
  std::size_t width_ = 0;
};

Json step_json(const ProgramStep& step) {
  return {{"actor", step.actor},
          {"file", step.cause.location.file},
          {"line", step.cause.location.line},
          {"text", step.cause.text},
          {"reference", step.cause.reference}};
}

}  // namespace

Interventions find_interventions(Subject& subject, const Decision& decision,
                                 const EngineContext& context) {
  ReduceOptions options;
  options.merge_rules = false;  // two lines that do the same are two places
  const std::vector<const Property*> one{decision.property};
  const Reduction reduction = subject.reduce(decision.pins, one, options);
  Interventions result;
  result.steps = steps_of(subject.pinned(decision.pins), reduction);
  StateGraphOptions graph_options;
  graph_options.stop_at_target = true;
  graph_options.max_edges = max_edges;
  StateGraph graph(reduction.system(), reduction.targets()[0], context, graph_options);
  if (!graph.complete()) {
    result.cuts.unknown = graph.reason();
    return result;
  }
  result.states = graph.states();
  result.cuts = find_cuts(graph, result.steps.of_rule, result.steps.steps.size(), context);
  return result;
}

std::string interventions_text(const Interventions& explanation, const Decision& decision) {
  const Cuts& cuts = explanation.cuts;
  if (!cuts.unknown.empty()) {
    return "\nWhere a fix could intervene: unknown: " + printable(cuts.unknown) + "\n";
  }
  const std::string run =
      seeks_witness(*decision.property) ? "run that gets there" : "violating run";
  if (cuts.at_once) {
    return "\nAn initial state is such a state already: no " + run + " takes a step.\n";
  }
  const Lines line(explanation, *decision.trace->system);
  std::string text = fmt::format(
      "\nSteps that every {} takes, each named by the line at which it begins\n({} steps change "
      "what the property depends on; exact, by {} states):\n",
      run, explanation.steps.steps.size(), explanation.states);
  for (const std::uint32_t step : cuts.one) {
    text += "  " + line(step) + "\n";
  }
  text += cuts.one.empty() ? "  none\n" : "";
  text += fmt::format(
      "\nPairs of other steps, neither of them on every {}, but always one or the other:\n", run);
  for (const auto& [a, b] : cuts.two) {
    text += "  " + line(a) + "\n  " + line(b) + "\n\n";
  }
  if (cuts.two.empty()) {
    return text + "  none\n";
  }
  text.pop_back();
  return text;
}

Json interventions_json(const Interventions& explanation) {
  const Cuts& cuts = explanation.cuts;
  if (!cuts.unknown.empty()) {
    return {{"unknown", cuts.unknown}};
  }
  const auto& steps = explanation.steps.steps;
  Json one = Json::array();
  for (const std::uint32_t step : cuts.one) {
    one.push_back(step_json(steps[step]));
  }
  Json two = Json::array();
  for (const auto& [a, b] : cuts.two) {
    two.push_back(Json::array({step_json(steps[a]), step_json(steps[b])}));
  }
  return {{"states", explanation.states},
          {"steps", steps.size()},
          {"initial_state_is_bad", cuts.at_once},
          {"every_run_takes", one},
          {"every_run_takes_one_of", two}};
}

}  // namespace airlock
