// JSON: the transition system as Airlock has it, before any reduction. Expressions are
// S-expressions over the names of variables and choices, in bars as SMT-LIB has it; what several
// expressions share is defined once, under "definitions".
#include "checker/exchange/json.hpp"

#include <fmt/format.h>
#include <map>
#include <utility>

namespace airlock {
namespace {

using Json = nlohmann::ordered_json;

/// Prints expressions; a node with several users becomes a definition.
class Printer {
 public:
  explicit Printer(const TransitionSystem& system) : system_(system) {}

  /// All roots must be counted before the first is printed.
  void count(Expr root) {
    std::vector<Expr> stack{root};
    while (!stack.empty()) {
      const Expr e = stack.back();
      stack.pop_back();
      if (++uses_[e.id()] == 1) {
        for (unsigned i = 0; i < e.arity(); ++i) {
          stack.push_back(e.arg(i));
        }
      }
    }
  }

  std::string print(Expr e) {
    switch (e.op()) {
      case Op::constant:
        return e.is_bool() ? (e.value() != 0 ? "true" : "false")
                           : fmt::format("{}:{}", e.value(), e.width());
      case Op::variable: return "|" + system_.variables[e.index()].name + "|";
      case Op::choice: return "|" + system_.choices[e.index()].name + "|";
      default: break;
    }
    if (uses_[e.id()] < 2) {
      return print_node(e);
    }
    const std::string name = fmt::format("n{}", e.id());
    if (!definitions_.contains(name)) {
      definitions_[name] = print_node(e);  // arguments are defined first: children print before
    }
    return name;
  }

  [[nodiscard]] const Json& definitions() const { return definitions_; }

 private:
  std::string print_node(Expr e) {
    std::string result = std::string("(") + name_of(e.op());
    if (e.op() == Op::extract) {
      result += fmt::format(" {} {}", e.hi(), e.lo());
    }
    for (unsigned i = 0; i < e.arity(); ++i) {
      result += " " + print(e.arg(i));
    }
    return result + ")";
  }

  const TransitionSystem& system_;
  std::map<std::uint32_t, unsigned> uses_;
  Json definitions_ = Json::object();
};

std::string sort_text(Sort sort) {
  return sort.is_bool() ? "Bool" : fmt::format("BitVec {}", sort.width());
}

class Exporter {
 public:
  Exporter(const TransitionSystem& system, std::vector<const Property*> properties)
      : system_(system), properties_(std::move(properties)), printer_(system) {
    for (const Variable& variable : system_.variables) {
      printer_.count(variable.initial);
    }
    if (system_.initial_constraint.valid()) {
      printer_.count(system_.initial_constraint);
    }
    for (const Rule& rule : system_.rules) {
      printer_.count(rule.guard);
      for (const Update& update : rule.updates) {
        printer_.count(update.value);
      }
    }
    for (const Property* property : properties_) {
      printer_.count(property->predicate);
    }
  }

  Json document(Json head) {
    Json variables = Json::array();
    for (const Variable& variable : system_.variables) {
      variables.push_back({{"name", variable.name},
                           {"sort", sort_text(variable.sort)},
                           {"group", variable.group},
                           {"initial", printer_.print(variable.initial)}});
    }
    Json choices = Json::array();
    for (const Choice& choice : system_.choices) {
      choices.push_back(
          {{"name", choice.name}, {"sort", sort_text(choice.sort)}, {"argument", choice.argument}});
    }
    Json rules = Json::array();
    for (const Rule& rule : system_.rules) {
      rules.push_back(rule_json(rule));
    }
    Json properties = Json::array();
    for (const Property* property : properties_) {
      properties.push_back({{"name", property->name},
                            {"text", property->text},
                            {"predicate", printer_.print(property->predicate)}});
    }
    const std::string constraint =
        system_.initial_constraint.valid() ? printer_.print(system_.initial_constraint) : "true";
    head["definitions"] = printer_.definitions();
    head["variables"] = std::move(variables);
    head["choices"] = std::move(choices);
    head["initial_constraint"] = constraint;
    head["rules"] = std::move(rules);
    head["properties"] = std::move(properties);
    head["assumptions"] = system_.assumptions;
    return head;
  }

 private:
  Json rule_json(const Rule& rule) {
    Json updates = Json::object();
    for (const Update& update : rule.updates) {
      updates[system_.variables[update.variable].name] = printer_.print(update.value);
    }
    Json choices = Json::array();
    for (const ChoiceId choice : rule.choices) {
      choices.push_back(system_.choices[choice].name);
    }
    Json causes = Json::array();
    for (const Cause& cause : rule.causes) {
      causes.push_back({{"file", cause.location.file},
                        {"line", cause.location.line},
                        {"text", cause.text},
                        {"reference", cause.reference}});
    }
    return {{"name", rule.name},  {"actor", rule.actor}, {"guard", printer_.print(rule.guard)},
            {"updates", updates}, {"choices", choices},  {"causes", causes}};
  }

  const TransitionSystem& system_;
  std::vector<const Property*> properties_;
  Printer printer_;
};

}  // namespace

nlohmann::ordered_json export_json(const TransitionSystem& system,
                                   std::vector<const Property*> properties,
                                   nlohmann::ordered_json head) {
  return Exporter(system, std::move(properties)).document(std::move(head));
}

}  // namespace airlock
