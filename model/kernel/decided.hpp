// What the configuration and the lens decide: conditions that always come out the same way, and the
// lines that never run for it.
#pragma once

#include <vector>

#include "model/kernel/analysis.hpp"

namespace airlock::kernel {

/// A fact per condition of the reached functions that is always true or always false, in the order
/// of reaching, then one per function with lines that nothing comes to. `analysis` has run. Only
/// what stands in the tree: the lens' own functions are not told about.
std::vector<Fact> decided_facts(Analysis& analysis);

}  // namespace airlock::kernel
