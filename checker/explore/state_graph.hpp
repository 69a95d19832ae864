// The reachable states with the edges between them, in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "checker/engine.hpp"

namespace airlock {

struct StateGraphOptions {
  std::uint64_t max_edges = 20'000'000;  ///< more than these: not complete, with the reason
  bool stop_at_target = false;           ///< states in the target are not expanded
};

/// States are numbered as they are found, breadth first: a state's number says nothing else, but is
/// the same in every run. Edges are (state, rule, state), each once, however many inputs make it.
class StateGraph {
 public:
  using Id = std::uint32_t;
  /// Explores on one thread. `target` may be empty. Takes memory of the context's budget for as
  /// long as the graph lives. Never throws for want of time or memory: see complete().
  StateGraph(const TransitionSystem& system, Expr target, const EngineContext& context = {},
             const StateGraphOptions& options = {});
  ~StateGraph();
  StateGraph(StateGraph&&) noexcept;
  StateGraph& operator=(StateGraph&&) noexcept;

  /// Every state and edge is there. Else nothing but reason() may be asked.
  [[nodiscard]] bool complete() const { return reason_.empty(); }
  [[nodiscard]] const std::string& reason() const { return reason_; }

  [[nodiscard]] std::size_t states() const { return in_target_.size(); }
  [[nodiscard]] std::size_t edges() const { return to_.size(); }
  [[nodiscard]] Id initial_states() const { return initial_; }  ///< they come first
  /// The edges of `state` are first(state) .. first(state + 1), by rule, then by where they lead.
  [[nodiscard]] std::uint32_t first(Id state) const { return first_[state]; }
  [[nodiscard]] Id to(std::uint32_t edge) const { return to_[edge]; }
  [[nodiscard]] std::uint32_t rule(std::uint32_t edge) const { return rule_[edge]; }
  [[nodiscard]] bool in_target(Id state) const { return in_target_[state]; }
  /// The values of the system's variables.
  [[nodiscard]] State state(Id id) const;
  /// For who builds more beside it: throws OverBudget where `bytes` are not to be had. Given back
  /// with the graph.
  void charge(std::uint64_t bytes);

 private:
  friend class StateGraphBuilder;
  struct Storage;
  std::unique_ptr<Storage> storage_;
  std::string reason_;
  Id initial_ = 0;
  std::vector<std::uint32_t> first_;
  std::vector<Id> to_;
  std::vector<std::uint32_t> rule_;
  std::vector<bool> in_target_;
};

}  // namespace airlock
