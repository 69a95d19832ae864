// Z3's engines: bounded search, k-induction and PDR. All answer for one target; none has a bound on
// bits, depth or steps unless the caller gives one.
//
// Each call has a Z3 context of its own, so calls may run side by side on systems with different
// pools. An invariant is built in the given system's pool: nobody else may change that pool during
// the call. Whatever keeps an engine from deciding (the context, Z3's "unknown", an exception of
// Z3) is Reachability::unknown with a reason. Paths are replayed by the reference interpreter and
// invariants checked by check_invariant before they are returned; std::logic_error says that one
// was wrong, which is a bug of the engine.
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

/// k-induction with simple paths. Paths are shortest. Complete, but may well need too long: give it
/// a deadline. Unreachable comes with an invariant only where the target's negation is nearly one.
Outcome k_induction(const TransitionSystem& system, Expr target, const EngineContext& context);

/// Property-directed reachability (IC3). Unreachable comes with an inductive invariant; paths are
/// shortest.
Outcome pdr(const TransitionSystem& system, Expr target, const EngineContext& context);

/// The conjuncts of `invariant` over the variables of `system`, in its pool: that the state is at
/// one of the places; each clause, at its place; each variable's constants.
std::vector<Expr> conjuncts_of(const TransitionSystem& system, const Invariant& invariant);
/// Their conjunction, by place.
Expr expression_of(const TransitionSystem& system, const Invariant& invariant);

/// The same with as few clauses as possible: those that are left are still inductive and exclude
/// `target`, and no subset of them does. `invariant` must be PDR's for the same system and target.
/// Throws std::runtime_error if the context says stop.
Invariant smallest(const TransitionSystem& system, Expr target, const Invariant& invariant,
                   const EngineContext& context);

/// An invariant that was found where constant bits had been taken out, and that is inductive in
/// `system` together with all of its constants. Returns it with as few of them as possible. Adds to
/// the system's pool. Throws std::logic_error if it is not inductive, std::runtime_error if the
/// context says stop.
Invariant with_needed_constants(const TransitionSystem& system, Expr target, Invariant invariant,
                                const EngineContext& context);

/// Whether `invariant` holds initially, is kept by every rule, and excludes `target`: three queries
/// to a fresh solver. Empty: it does; otherwise what fails, or "undecided: ..." with the reason.
/// Does not change the system's pool.
std::optional<std::string> check_invariant(const TransitionSystem& system, Expr target,
                                           Expr invariant, const EngineContext& context);

/// True while solvers that engines were told to abandon are still being freed, by threads of their
/// own and with the memory that they hold. A process that ends meanwhile should do it by
/// std::_Exit.
bool solvers_left_behind();

/// The solver behind all of this, "4.8.12.0".
std::string solver_version();

}  // namespace airlock
