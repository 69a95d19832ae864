// Whether two questions are one.
#pragma once

#include "model/system/reduce.hpp"

namespace airlock {

/// Whether two reduced systems and their targets are the same, but for names and the numbers of
/// nodes: what is reachable in one is in the other. May build nodes in the pool of `one`.
bool is_same(const Reduction& one, const Reduction& other);

}  // namespace airlock
