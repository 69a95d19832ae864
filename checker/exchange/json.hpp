// The transition system as JSON, for programs that want all of it.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "model/system/system.hpp"

namespace airlock {

/// `head` with the system's definitions, variables, inputs, rules and assumptions added, and the
/// given properties, which are the system's.
nlohmann::ordered_json export_json(const TransitionSystem& system,
                                   std::vector<const Property*> properties,
                                   nlohmann::ordered_json head);

}  // namespace airlock
