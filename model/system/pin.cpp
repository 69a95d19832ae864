// Pinning settles a reading by changing its variable's initial value to a constant. No rule writes
// that variable, so it keeps the value for ever, and narrowing removes it together with every rule
// and branch of the other options. Nothing else changes: a path of the pinned system is a path of
// the free one, with the reading's initial choice taken accordingly.
#include "model/system/pin.hpp"

#include <algorithm>

#include "model/system/input_error.hpp"

namespace airlock {
namespace {

constexpr const char* free_option = "any";

const Reading* find_reading(const TransitionSystem& system, const std::string& name) {
  const auto found = std::find_if(system.readings.begin(), system.readings.end(),
                                  [&](const Reading& reading) { return reading.name == name; });
  return found == system.readings.end() ? nullptr : &*found;
}

const Reading::Option* find_option(const Reading& reading, const std::string& name) {
  const auto found =
      std::find_if(reading.options.begin(), reading.options.end(),
                   [&](const Reading::Option& option) { return option.name == name; });
  return found == reading.options.end() ? nullptr : &*found;
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
  const Reading* reading = find_reading(system, name);
  if (reading == nullptr) {
    const std::string known = names_of(system.readings);
    throw InputError(place, "unknown choice '" + name + "'", {},
                     known.empty() ? "nothing: this model has no choices" : "one of " + known);
  }
  if (option != free_option && find_option(*reading, option) == nullptr) {
    throw InputError(place, "choice '" + name + "' has no option '" + option + "'", {},
                     "one of " + names_of(reading->options) + ", " + free_option);
  }
}

/// The value that `reading` is fixed to; nothing if it stays as it is.
const Reading::Option* chosen_option(const Reading& reading, const std::string& name) {
  if (name != free_option) {
    return find_option(reading, name);
  }
  return reading.any_option ? find_option(reading, *reading.any_option) : nullptr;
}

}  // namespace

std::string free_name(const Reading& reading) {
  return reading.any_option.value_or(free_option);
}

Pins default_pins(const TransitionSystem& system, const Pins& chosen) {
  Pins pins = chosen;
  for (const auto& [name, option] : chosen) {
    check(system, name, option);
  }
  for (const Reading& reading : system.readings) {
    if (reading.default_option) {
      pins.emplace(reading.name, *reading.default_option);
    }
  }
  return pins;
}

TransitionSystem pin(const TransitionSystem& system, const Pins& pins) {
  for (const auto& [name, option] : pins) {
    check(system, name, option);
  }
  TransitionSystem result = system;
  for (const Reading& reading : system.readings) {
    const auto found = pins.find(reading.name);
    const std::string name = found == pins.end() ? free_option : found->second;
    if (const Reading::Option* option = chosen_option(reading, name); option != nullptr) {
      Variable& variable = result.variables.at(reading.variable);
      variable.initial = result.pool->constant(variable.sort, option->value);
    }
  }
  return result;
}

}  // namespace airlock
