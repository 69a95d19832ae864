// What every engine answers: is a target reachable? In: a transition system and target predicates.
// Out: per target an outcome with its evidence.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/system/system.hpp"

namespace airlock {

class MemoryBudget;  // checker/support/memory_budget.hpp

enum class Reachability : std::uint8_t { reachable, unreachable, unknown };

struct Progress {
  std::string engine;        ///< "explore", "bmc", "pdr"
  std::uint64_t depth = 0;   ///< level, bound or frame being worked on
  std::uint64_t states = 0;  ///< states seen (explore) or clauses learned (pdr)
};

/// How an engine is told to stop, and how it tells where it is.
struct EngineContext {
  std::optional<std::chrono::steady_clock::time_point> deadline;
  const std::atomic<bool>* cancelled = nullptr;   ///< borrowed; may be null
  std::function<void(const Progress&)> progress;  ///< may be empty; called from the engine's thread
  unsigned jobs = 1;
  MemoryBudget* memory = nullptr;  ///< borrowed; null: what the machine has

  /// True when the engine should give up with Reachability::unknown.
  [[nodiscard]] bool should_stop() const {
    return (cancelled != nullptr && cancelled->load(std::memory_order_relaxed)) ||
           (deadline && std::chrono::steady_clock::now() >= *deadline);
  }
  /// The reason to give where should_stop() was true.
  [[nodiscard]] const char* why_stopped() const {
    return cancelled != nullptr && cancelled->load() ? "cancelled" : "out of time";
  }
};

/// These bits of a variable have these values.
struct FixedBits {
  VarId variable = 0;
  std::uint64_t mask = 0;   ///< which bits; not 0
  std::uint64_t value = 0;  ///< within `mask`
};

/// An invariant in the form in which programs have them: what is true at each location. A state
/// satisfies it if all of `constants` hold, and if it is at one of `places` (all of `at` hold) and
/// every clause of that place is true.
struct Invariant {
  struct Literal {
    VarId variable = 0;
    unsigned bit = 0;
    bool value = false;
  };
  using Clause = std::vector<Literal>;  ///< at least one of them is true; not empty
  struct Place {
    std::vector<FixedBits> at;  ///< the control variables' values; two places share no state
    std::vector<Clause> clauses;
  };
  std::vector<FixedBits> constants;  ///< ascending by variable, each variable once
  std::vector<Place> places;
};

/// How far an engine came that did not decide.
struct Covered {
  std::string engine;
  std::uint64_t steps = 0;    ///< every run of fewer steps was searched
  std::uint64_t states = 0;   ///< explore: seen
  std::uint64_t clauses = 0;  ///< pdr: in all frames
  std::string reason;         ///< why it went no further
};

struct Outcome {
  Reachability answer = Reachability::unknown;
  std::string engine;        ///< who found it
  std::optional<Path> path;  ///< reachable: a path to a target state
  bool shortest = false;     ///< no shorter path exists
  /// Unknown, from bounded search: it showed that no path of at most so many steps exists.
  std::optional<std::uint64_t> no_path_within;
  Expr invariant;  ///< unreachable, where the engine has one: inductive, excludes the
                   ///< target; over the variables of the system that was given
  std::optional<Invariant> by_place;  ///< the same in pieces, where the engine has it so
  std::string reason;                 ///< unknown: why
  std::vector<Covered> covered;       ///< unknown, from solve(): by each engine that was asked
  std::uint64_t states = 0;           ///< explore: states seen when this was decided
  std::uint64_t depth = 0;            ///< path length, levels explored, or frames
  std::uint64_t clauses = 0;          ///< pdr: clauses in all frames at the end
  std::uint64_t queries = 0;          ///< pdr: questions to the solver
  double seconds = 0;
};

}  // namespace airlock
