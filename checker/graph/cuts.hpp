// Which steps every violating run takes, and which two steps no violating run avoids both.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "checker/explore/state_graph.hpp"

namespace airlock {

struct Cuts {
  std::string unknown;             ///< why nothing is known; empty: what follows is exact
  bool at_once = false;            ///< an initial state is bad: no step is needed
  std::vector<std::uint32_t> one;  ///< steps, ascending
  std::vector<std::pair<std::uint32_t, std::uint32_t>> two;  ///< pairs of others, ascending
};

/// `graph` is complete, has the bad states as its target, some of them reachable. A set of steps is
/// a cut if no path from an initial to a bad state is left without the edges of these steps. `one`:
/// all cuts of one step, which are the steps that every violating run takes. `two`: all cuts of two
/// steps neither of which is a cut. Unknown where time or memory runs out.
Cuts find_cuts(StateGraph& graph, const std::vector<std::optional<std::uint32_t>>& step_of_rule,
               std::size_t steps, const EngineContext& context = {});

}  // namespace airlock
