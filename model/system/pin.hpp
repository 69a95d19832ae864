// Pinning choices: making a system in which silent points of the manual are settled.
#pragma once

#include <map>
#include <string>

#include "model/system/system.hpp"

namespace airlock {

/// Option by choice name; "any" leaves the choice free (its `any_option` where it has one).
/// Readings that are not named are left free.
using Pins = std::map<std::string, std::string>;

/// What a choice that is left free is said to be: "any", or its `any_option`.
std::string free_name(const Choice& choice);

/// The options that hold unless the user says otherwise, overridden by `chosen`.
/// Throws InputError for an unknown choice or option.
Pins default_pins(const TransitionSystem& system, const Pins& chosen = {});

/// The same system (same variables, rules, inputs and properties, in the same order, sharing the
/// pool) with the choices' initial values fixed.
TransitionSystem pin(const TransitionSystem& system, const Pins& pins);

}  // namespace airlock
