// JSON: the transition system as Airlock has it, before any reduction. Expressions are
// S-expressions over the names of variables and inputs, in bars as SMT-LIB has it; what several
// expressions share is defined once, under "definitions".
#include "checker/exchange/json.hpp"

#include <fmt/format.h>
#include <utility>

#include "checker/notation/terms.hpp"

namespace airlock {
namespace {

using Json = nlohmann::ordered_json;

std::string leaf_text(const TransitionSystem& system, Expr e) {
  switch (e.op()) {
    case Op::constant:
      return e.is_bool() ? (e.value() != 0 ? "true" : "false")
                         : fmt::format("{}:{}", e.value(), e.width());
    case Op::variable: return "|" + system.variables[e.index()].name + "|";
    default: return "|" + system.inputs[e.index()].name + "|";
  }
}

std::string node_text(const TransitionSystem& system, Expr e,
                      const std::vector<std::string>& arguments) {
  if (e.arity() == 0) {
    return leaf_text(system, e);
  }
  const std::string parameters = e.op() == Op::extract ? fmt::format(" {} {}", e.hi(), e.lo()) : "";
  return fmt::format("({}{} {})", name_of(e.op()), parameters, fmt::join(arguments, " "));
}

std::string sort_text(Sort sort) {
  return sort.is_bool() ? "Bool" : fmt::format("BitVec {}", sort.width());
}

class Exporter {
 public:
  Exporter(const TransitionSystem& system, std::vector<const Property*> properties)
      : system_(system),
        properties_(std::move(properties)),
        print_(
            [&system](Expr e, const std::vector<std::string>& arguments) {
              return node_text(system, e, arguments);
            },
            roots()) {}

  Json document(Json head) {
    Json variables = Json::array();
    for (const Variable& variable : system_.variables) {
      variables.push_back({{"name", variable.name},
                           {"sort", sort_text(variable.sort)},
                           {"group", group_of(variable)},
                           {"initial", print_(variable.initial)}});
    }
    Json inputs = Json::array();
    for (const Input& input : system_.inputs) {
      inputs.push_back(
          {{"name", input.name}, {"sort", sort_text(input.sort)}, {"argument", input.argument}});
    }
    Json rules = Json::array();
    for (const Rule& rule : system_.rules) {
      rules.push_back(rule_json(rule));
    }
    Json properties = Json::array();
    for (const Property* property : properties_) {
      properties.push_back({{"name", property->name},
                            {"text", property->text},
                            {"predicate", print_(property->predicate)}});
    }
    const std::string constraint =
        system_.initial_constraint.valid() ? print_(system_.initial_constraint) : "true";
    head["definitions"] = Json::object();
    for (const notation::Terms::Definition& each : print_.definitions()) {
      head["definitions"][each.name] = each.text;
    }
    head["variables"] = std::move(variables);
    head["choices"] = std::move(inputs);
    head["initial_constraint"] = constraint;
    head["rules"] = std::move(rules);
    head["properties"] = std::move(properties);
    head["assumptions"] = system_.assumptions;
    return head;
  }

 private:
  [[nodiscard]] std::vector<Expr> roots() const {
    std::vector<Expr> result;
    for (const Variable& variable : system_.variables) {
      result.push_back(variable.initial);
    }
    if (system_.initial_constraint.valid()) {
      result.push_back(system_.initial_constraint);
    }
    for (const Rule& rule : system_.rules) {
      result.push_back(rule.guard);
      for (const Update& update : rule.updates) {
        result.push_back(update.value);
      }
    }
    for (const Property* property : properties_) {
      result.push_back(property->predicate);
    }
    return result;
  }

  Json rule_json(const Rule& rule) {
    Json updates = Json::object();
    for (const Update& update : rule.updates) {
      updates[system_.variables[update.variable].name] = print_(update.value);
    }
    Json inputs = Json::array();
    for (const InputId input : rule.inputs) {
      inputs.push_back(system_.inputs[input].name);
    }
    Json causes = Json::array();
    for (const Cause& cause : rule.causes) {
      causes.push_back({{"file", cause.location.file},
                        {"line", cause.location.line},
                        {"text", cause.text},
                        {"reference", cause.reference}});
    }
    return {{"name", rule.name},  {"actor", rule.actor}, {"guard", print_(rule.guard)},
            {"updates", updates}, {"choices", inputs},   {"causes", causes}};
  }

  const TransitionSystem& system_;
  std::vector<const Property*> properties_;
  notation::Terms print_;
};

}  // namespace

nlohmann::ordered_json export_json(const TransitionSystem& system,
                                   std::vector<const Property*> properties,
                                   nlohmann::ordered_json head) {
  return Exporter(system, std::move(properties)).document(std::move(head));
}

}  // namespace airlock
