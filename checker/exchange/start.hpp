// The initial states, one by one, for formats that count states. Internal to checker/exchange.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "checker/exchange/exchange.hpp"

namespace airlock::exchange {

/// Distinct, ascending. Throws NotExportable if there are none or too many.
std::vector<State> initial_states(const TransitionSystem& system);

/// Calls `use` with every combination of values of `inputs`, the last one fastest. Throws
/// NotExportable, naming `what`, for more than `max_bits` bits.
void for_each_combination(const TransitionSystem& system, const std::vector<InputId>& inputs,
                          unsigned max_bits, const std::string& what,
                          const std::function<void(const std::vector<std::uint64_t>&)>& use);

}  // namespace airlock::exchange
