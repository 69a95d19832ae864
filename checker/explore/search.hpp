// The search behind explore(), with the knobs that only tests and benchmarks turn.
#pragma once

#include "checker/explore/explore.hpp"
#include "checker/explore/rules.hpp"

namespace airlock::explicit_state {

/// As airlock::explore. No result depends on `tuning`.
ExploreResult search(const TransitionSystem& system, std::span<const Expr> targets,
                     const EngineContext& context, const ExploreOptions& options,
                     const std::function<void(const State&)>& visit,
                     const RuleTable::Tuning& tuning);

}  // namespace airlock::explicit_state
