// Explicit search, and a proof of what it did not find.
#pragma once

#include "checker/engine.hpp"
#include "model/system/reduce.hpp"

namespace airlock {

/// Visits every reachable state of the reduced system, in which dead variables were left alone, and
/// reads an invariant off them: Outcome::by_place, lifted to the original system; made as small as
/// possible if it has at most 5000 clauses. Reachable, with the path (lifted), if the only target
/// is. Unknown, with the reason, if states or the proof take more time or memory than there is.
Outcome explored_proof(const Reduction& reduction, const EngineContext& context);

}  // namespace airlock
