// The strongly connected components of a state graph.
#pragma once

#include <cstddef>

#include "checker/explore/state_graph.hpp"

namespace airlock {

struct Components {
  std::size_t count = 0;
  std::size_t largest = 0;  ///< states in the largest one; 0 if there are no states
};

/// `graph` is complete. Throws OverBudget or std::bad_alloc where there is no memory for it.
Components components_of(StateGraph& graph);

}  // namespace airlock
