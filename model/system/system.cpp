#include "model/system/system.hpp"

#include <algorithm>
#include <cassert>
#include <set>
#include <sstream>
#include <stdexcept>

namespace airlock {

std::string_view kind_name(PropertyKind kind) {
  switch (kind) {
    case PropertyKind::always: return "always";
    case PropertyKind::never: return "never";
    case PropertyKind::reachable: return "reachable";
    case PropertyKind::symptom: break;
  }
  return "symptom";
}

std::string_view group_of(const Variable& variable) {
  return variable.owner.hidden ? "hidden" : group_name(variable.owner.role);
}

Expr target_of(const Property& property) {
  return property.kind == PropertyKind::always ? !property.predicate : property.predicate;
}

VarId TransitionSystem::add_variable(std::string name, Sort sort, Expr initial, Display display,
                                     Owner owner) {
  variables.push_back({std::move(name), sort, initial, std::move(display), owner});
  return static_cast<VarId>(variables.size() - 1);
}

InputId TransitionSystem::add_input(std::string name, Sort sort, std::string argument,
                                    AgentKind by) {
  inputs.push_back({std::move(name), sort, std::move(argument), by});
  return static_cast<InputId>(inputs.size() - 1);
}

Expr TransitionSystem::variable(VarId id) const {
  return pool->variable(variables.at(id).sort, id);
}

Expr TransitionSystem::input(InputId id) const {
  return pool->input(inputs.at(id).sort, id);
}

std::optional<VarId> TransitionSystem::find_variable(std::string_view name) const {
  for (VarId id = 0; id < variables.size(); ++id) {
    if (variables[id].name == name) {
      return id;
    }
  }
  return std::nullopt;
}

const Property* TransitionSystem::find_property(std::string_view name) const {
  const auto found = std::find_if(properties.begin(), properties.end(),
                                  [&](const Property& p) { return p.name == name; });
  return found == properties.end() ? nullptr : &*found;
}

namespace {

[[noreturn]] void flaw(const std::string& what) {
  throw std::logic_error("ill-formed transition system: " + what);
}

/// Every leaf of `e` exists with the sort it claims, and its inputs are among `allowed`.
void check_leaves(const TransitionSystem& system, Expr e, const std::vector<InputId>& allowed,
                  bool variables_allowed, const std::string& where) {
  const std::vector<Expr> roots{e};
  if (&e.pool() != system.pool.get()) {
    flaw(where + " is of another pool");
  }
  for (const VarId id : variables_of(roots)) {
    if (!variables_allowed) {
      flaw(where + " mentions a variable");
    }
    if (id >= system.variables.size()) {
      flaw(where + " mentions an unknown variable");
    }
  }
  for (const InputId id : inputs_of(roots)) {
    if (id >= system.inputs.size()) {
      flaw(where + " mentions an unknown choice");
    }
    if (std::find(allowed.begin(), allowed.end(), id) == allowed.end()) {
      flaw(where + " mentions choice '" + system.inputs[id].name + "' that it does not list");
    }
  }
}

}  // namespace

void validate(const TransitionSystem& system) {
  std::set<std::string> names;
  for (const Variable& variable : system.variables) {
    if (!names.insert(variable.name).second) {
      flaw("two variables named '" + variable.name + "'");
    }
    if (!variable.initial.valid() || variable.initial.sort() != variable.sort) {
      flaw("'" + variable.name + "' has no initial value of its sort");
    }
    check_leaves(system, variable.initial, system.initial_inputs, false,
                 "initial value of '" + variable.name + "'");
  }
  if (system.initial_constraint.valid()) {
    if (!system.initial_constraint.is_bool()) {
      flaw("the initial constraint is not a Bool");
    }
    check_leaves(system, system.initial_constraint, {}, true, "the initial constraint");
  }
  std::vector<bool> written(system.variables.size(), false);
  for (const Rule& rule : system.rules) {
    const std::string where = "rule '" + rule.name + "'";
    if (!rule.guard.valid() || !rule.guard.is_bool()) {
      flaw(where + " has no Bool guard");
    }
    if (!std::is_sorted(rule.inputs.begin(), rule.inputs.end())) {
      flaw(where + " lists its choices out of order");
    }
    check_leaves(system, rule.guard, rule.inputs, true, where);
    std::set<VarId> updated;
    for (const Update& update : rule.updates) {
      if (update.variable >= system.variables.size()) {
        flaw(where + " updates an unknown variable");
      }
      const Variable& variable = system.variables[update.variable];
      if (!updated.insert(update.variable).second) {
        flaw(where + " updates '" + variable.name + "' twice");
      }
      if (update.value.sort() != variable.sort) {
        flaw(where + " gives '" + variable.name + "' a value of another sort");
      }
      check_leaves(system, update.value, rule.inputs, true, where);
      written[update.variable] = true;
    }
  }
  std::set<std::string> property_names;
  for (const Property& property : system.properties) {
    if (!property_names.insert(property.name).second) {
      flaw("two properties named '" + property.name + "'");
    }
    if (!property.predicate.valid() || !property.predicate.is_bool()) {
      flaw("property '" + property.name + "' is not a Bool");
    }
    check_leaves(system, property.predicate, {}, true, "property '" + property.name + "'");
  }
  for (const Choice& choice : system.choices) {
    if (choice.variable >= system.variables.size()) {
      flaw("reading '" + choice.name + "' has no variable");
    }
    if (written[choice.variable]) {
      flaw("a rule writes the variable of reading '" + choice.name + "'");
    }
  }
  for (const VarId id : system.control) {
    if (id >= system.variables.size()) {
      flaw("an unknown control variable");
    }
  }
}

std::string format_value(const Variable& variable, std::uint64_t value) {
  const Display& display = variable.display;
  if (display.kind == Display::Kind::enumeration) {
    for (const Display::Name& name : display.names) {
      if (name.value == value) {
        return name.name;
      }
    }
  }
  if (display.kind == Display::Kind::flags) {
    std::string result;
    bool zero_when_idle = true;
    for (const Display::Name& flag : display.names) {
      const bool set = ((value >> flag.value) & 1U) != 0;
      if (set != flag.active_low) {
        result += (result.empty() ? "" : "|") + flag.name + (flag.active_low ? "=0" : "");
      }
      zero_when_idle = zero_when_idle && !flag.active_low;
    }
    if (!result.empty() || zero_when_idle) {
      return result.empty() ? "0" : result;
    }
    // A register with active-low bits is not 0 when nothing is pending (DR6: FFFF0FF0h).
    std::ostringstream hex;
    hex << std::uppercase << std::hex << value << 'h';
    return hex.str();
  }
  return std::to_string(value);
}

}  // namespace airlock
