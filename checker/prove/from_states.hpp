// Proofs that are read off the reachable states, all of which are known: see from_states.cpp.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "checker/engine.hpp"
#include "checker/support/memory_budget.hpp"
#include "model/system/system.hpp"

namespace airlock {

/// A set of states, kept by bits: for each combination of values of the control variables, one
/// column per bit of a state with one entry per state.
class StateColumns {
 public:
  /// `system` is borrowed, and so is `budget`, which may be null. At most `max_bytes` are taken.
  StateColumns(const TransitionSystem& system, MemoryBudget* budget, std::uint64_t max_bytes);
  ~StateColumns();
  StateColumns(const StateColumns&) = delete;
  StateColumns& operator=(const StateColumns&) = delete;

  /// Once per state. Throws OverBudget.
  void add(const State& state);
  [[nodiscard]] std::uint64_t size() const { return size_; }

  /// States with the same control values. Their number may exceed what the columns hold by what
  /// add() has not yet put there: see finish().
  struct Group {
    std::uint64_t states = 0;
    std::vector<std::vector<std::uint64_t>> columns;  ///< by column(); 64 states a word
    std::vector<State> waiting;                       ///< to be put into the columns, at most 64
  };
  /// After the last add() and before the first groups().
  void finish();
  /// By the values of the system's control variables.
  [[nodiscard]] const std::map<std::vector<std::uint64_t>, Group>& groups() const {
    return groups_;
  }
  [[nodiscard]] unsigned column(VarId variable, unsigned bit) const {
    return first_column_[variable] + bit;
  }

 private:
  void flush(Group& group);

  const TransitionSystem& system_;
  MemoryBudget* budget_;
  std::uint64_t max_bytes_;
  std::uint64_t charged_ = 0;
  std::vector<unsigned> first_column_;  // by variable
  unsigned columns_ = 0;
  std::map<std::vector<std::uint64_t>, Group> groups_;
  std::uint64_t size_ = 0;
};

/// `states` are all reachable states of `system`, finished, and no target state is among them: an
/// inductive invariant that excludes `target`. Unknown, with the reason, where the context says
/// stop or Z3 fails. Adds expressions to the system's pool. The invariant has passed
/// check_invariant; throws std::logic_error if it does not, or if a step leaves the states.
Outcome prove_from_states(const TransitionSystem& system, Expr target, const StateColumns& states,
                          const EngineContext& context);

}  // namespace airlock
