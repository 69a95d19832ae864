// Z3's engines: bounded search, k-induction and PDR. All answer for one target; none has a bound on
// bits, depth or steps unless the caller gives one.
#pragma once

#include <cstdint>
#include <optional>

#include "checker/engine.hpp"

namespace airlock {

/// Bounded search: unrolls the rules step by step. Finds a shortest path; answers unreachable
/// never, unknown when `max_depth` (steps) is passed or the context says stop. The invariant-free
/// cousin of the other two.
Outcome bounded_search(const TransitionSystem& system, Expr target, const EngineContext& context,
                       std::optional<std::uint64_t> max_depth = {});

/// k-induction with simple paths.
Outcome k_induction(const TransitionSystem& system, Expr target, const EngineContext& context);

/// Property-directed reachability (IC3). Unreachable comes with an inductive invariant; paths are
/// shortest.
Outcome pdr(const TransitionSystem& system, Expr target, const EngineContext& context);

/// Whether `invariant` holds initially, is kept by every rule, and excludes `target`: three queries
/// to a fresh solver. Empty: it does; otherwise what fails.
std::optional<std::string> check_invariant(const TransitionSystem& system, Expr target,
                                           Expr invariant, const EngineContext& context);

}  // namespace airlock
