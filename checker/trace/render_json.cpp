#include "checker/trace/names.hpp"
#include "checker/trace/render.hpp"

namespace airlock {
namespace {

using Json = nlohmann::ordered_json;

Json cause_json(const Cause& cause) {
  return {{"file", cause.location.file},
          {"line", cause.location.line},
          {"text", cause.text},
          {"reference", cause.reference}};
}

Json change_json(const TransitionSystem& system, const Change& change) {
  const Variable& variable = system.variables[change.variable];
  return {{"name", variable.name},
          {"group", group_of(variable)},
          {"from", shown_value(variable, change.from)},
          {"to", shown_value(variable, change.to)},
          {"from_value", hex(change.from)},
          {"to_value", hex(change.to)}};
}

Json untracked_json(const UntrackedChoice& choice) {
  return {{"file", choice.place.file},
          {"line", choice.place.line},
          {"text", choice.text},
          {"value", shown_value(choice)}};
}

Json step_json(const Trace& trace, std::size_t number, const UntrackedTexts* texts) {
  const TransitionSystem& system = *trace.system;
  const PathStep& step = trace.path.steps[number - 1];
  const Rule& rule = rule_of(trace, number);
  Json causes = Json::array();
  for (const Cause& cause : rule.causes) {
    causes.push_back(cause_json(cause));
  }
  Json inputs = Json::object();
  for (std::size_t i = 0; i < rule.inputs.size(); ++i) {
    inputs[system.inputs[rule.inputs[i]].name] = hex(step.inputs[i]);
  }
  Json changed = Json::array();
  for (const Change& change : changes(trace, number)) {
    changed.push_back(change_json(system, change));
  }
  Json result{{"step", number},   {"actor", rule.actor}, {"rule", rule.name},
              {"causes", causes}, {"choices", inputs},   {"changes", changed}};
  for (const UntrackedChoice& choice : untracked_in(trace, number, texts)) {
    result["untracked"].push_back(untracked_json(choice));
  }
  return result;
}

}  // namespace

Json render_json(const Trace& trace, const TraceHeading& heading) {
  const TransitionSystem& system = *trace.system;
  Json result{{"model", heading.model},
              {"fix", heading.fix},
              {"property", trace.property->name},
              {"verdict", trace_verdict(trace)},
              {"steps", trace.steps()}};
  result["parameters"] = Json::object();
  for (const auto& [name, value] : heading.parameters) {
    result["parameters"][name] = value;
  }
  result["actors"] = heading.actors;
  result["choices"] = Json::object();
  for (const auto& [name, value] : shown_choices(system, heading.pins, &trace.states.back())) {
    result["choices"][name] = value;
  }
  result["initial"] = Json::object();
  for (VarId id = 0; id < system.variables.size(); ++id) {
    if (!system.variables[id].owner.hidden) {
      result["initial"][system.variables[id].name] = hex(trace.states.front()[id]);
    }
  }
  result["trace"] = Json::array();
  for (std::size_t number = 1; number <= trace.steps(); ++number) {
    result["trace"].push_back(step_json(trace, number, heading.untracked.get()));
  }
  result["sentence"] = last_sentence(trace);
  return result;
}

}  // namespace airlock
