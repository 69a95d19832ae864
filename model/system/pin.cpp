// Pinning settles a choice by changing its variable's initial value to a constant. No rule writes
// that variable, so it keeps the value for ever, and narrowing removes it together with every rule
// and branch of the other options. Nothing else changes: a path of the pinned system is a path of
// the free one, with the choice's initial input taken accordingly.
#include "model/system/pin.hpp"

#include <algorithm>

#include "model/system/input_error.hpp"

namespace airlock {
namespace {

constexpr const char* free_option = "any";

const Choice* find_choice(const TransitionSystem& system, const std::string& name) {
  const auto found = std::find_if(system.choices.begin(), system.choices.end(),
                                  [&](const Choice& choice) { return choice.name == name; });
  return found == system.choices.end() ? nullptr : &*found;
}

const Choice::Option* find_option(const Choice& choice, const std::string& name) {
  const auto found =
      std::find_if(choice.options.begin(), choice.options.end(),
                   [&](const Choice::Option& option) { return option.name == name; });
  return found == choice.options.end() ? nullptr : &*found;
}

template <typename Named>
std::string names_of(const std::vector<Named>& items) {
  std::string result;
  for (const Named& item : items) {
    result += (result.empty() ? "" : ", ") + item.name;
  }
  return result;
}

void check(const TransitionSystem& system, const std::string& name, const std::string& option) {
  const SourceLocation place{"--choice", 0, 0};
  const Choice* choice = find_choice(system, name);
  if (choice == nullptr) {
    const std::string known = names_of(system.choices);
    throw InputError(place, "unknown choice '" + name + "'", {},
                     known.empty() ? "nothing: this model has no choices" : "one of " + known);
  }
  if (option != free_option && find_option(*choice, option) == nullptr) {
    throw InputError(place, "choice '" + name + "' has no option '" + option + "'", {},
                     "one of " + names_of(choice->options) + ", " + free_option);
  }
}

/// The value that `choice` is fixed to; nothing if it stays as it is.
const Choice::Option* chosen_option(const Choice& choice, const std::string& name) {
  if (name != free_option) {
    return find_option(choice, name);
  }
  return choice.any_option ? find_option(choice, *choice.any_option) : nullptr;
}

}  // namespace

std::string free_name(const Choice& choice) {
  return choice.any_option.value_or(free_option);
}

Pins default_pins(const TransitionSystem& system, const Pins& chosen) {
  Pins pins = chosen;
  for (const auto& [name, option] : chosen) {
    check(system, name, option);
  }
  for (const Choice& choice : system.choices) {
    if (choice.default_option) {
      pins.emplace(choice.name, *choice.default_option);
    }
  }
  return pins;
}

TransitionSystem pin(const TransitionSystem& system, const Pins& pins) {
  for (const auto& [name, option] : pins) {
    check(system, name, option);
  }
  TransitionSystem result = system;
  for (const Choice& choice : system.choices) {
    const auto found = pins.find(choice.name);
    const std::string name = found == pins.end() ? free_option : found->second;
    if (const Choice::Option* option = chosen_option(choice, name); option != nullptr) {
      Variable& variable = result.variables.at(choice.variable);
      variable.initial = result.pool->constant(variable.sort, option->value);
    }
  }
  return result;
}

}  // namespace airlock
