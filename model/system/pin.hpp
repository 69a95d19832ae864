// Pinning readings: making a system in which silent points of the manual are settled.
#pragma once

#include <map>
#include <string>

#include "model/system/system.hpp"

namespace airlock {

/// Option by reading name; "any" leaves the reading free (its `any_option` where it has one).
/// Readings that are not named are left free.
using Pins = std::map<std::string, std::string>;

/// What a reading that is left free is said to be: "any", or its `any_option`.
std::string free_name(const Reading& reading);

/// The options that hold unless the user says otherwise, overridden by `chosen`.
/// Throws InputError for an unknown reading or option.
Pins default_pins(const TransitionSystem& system, const Pins& chosen = {});

/// The same system (same variables, rules, choices and properties, in the same order, sharing the
/// pool) with the readings' initial values fixed.
TransitionSystem pin(const TransitionSystem& system, const Pins& pins);

}  // namespace airlock
