// Checking invariants before they are returned. Internal to checker/prove.
#pragma once

#include "checker/engine.hpp"

namespace airlock::prove {

/// Throws std::logic_error if `invariant` is none that excludes `target`, Undecided if the context
/// says stop before that is known.
void require_invariant(const TransitionSystem& system, Expr target, Expr invariant,
                       const EngineContext& context);

}  // namespace airlock::prove
