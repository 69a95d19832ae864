// One question, put to one engine or to several at once.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "checker/engine.hpp"
#include "model/system/reduce.hpp"

namespace airlock {

/// Which engine answers. `automatic`: whichever decides first.
enum class Engine : std::uint8_t { automatic, explore, bmc, induction, pdr };

/// By the name on the command line: auto, explore, bmc, induction, pdr.
std::optional<Engine> engine_by_name(std::string_view name);

/// Makes a reduced copy of the system in question, in a pool of its own, with its targets. Called
/// once per engine, from one thread.
using Reduce = std::function<Reduction()>;

/// Per target of the reduction, what `engine` found. Paths are lifted to the original system, not
/// yet replayed; invariants have been checked by a fresh solver. Outcome::invariant is not handed
/// on, since it speaks of the reduced copy; Outcome::by_place, made as small as possible, is,
/// lifted to the original system, where no dead variables were set to 0. Engines with Z3 take the
/// targets one by one; explore takes all in one search; `automatic` runs both kinds side by side
/// where `context.jobs` allows it. If the time is over before the system is reduced, a single
/// outcome, unknown, stands for all. Throws std::logic_error if an invariant does not pass its
/// check.
std::vector<Outcome> solve(const Reduce& reduce, Engine engine, const EngineContext& context);

/// An invariant of the reduced system as one of the original: the bits under their old names, with
/// the constants that narrowing found. The reduction must have left dead variables alone.
Invariant lifted(const Invariant& invariant, const Reduction& reduction);

/// Z3's shortest path of at most `steps` steps to the only target of the reduction, lifted; unknown
/// if there is none.
Outcome search_within(const Reduction& reduction, std::uint64_t steps,
                      const EngineContext& context);

}  // namespace airlock
