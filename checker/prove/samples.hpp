// States that are known to be reachable, per location and number of steps. Internal to
// checker/prove; knows nothing of solvers.
#pragma once

#include <cstdint>
#include <random>
#include <unordered_set>
#include <vector>

#include "checker/prove/frames.hpp"
#include "checker/prove/justify.hpp"

namespace airlock::prove {

/// A sample of the reachable states, breadth first from the initial ones. See samples.cpp.
class Samples {
 public:
  /// All references are borrowed.
  Samples(const TransitionSystem& system, const ControlGraph& graph, const BitMap& bits);

  /// Takes samples that are `depth` steps from an initial state. Called with 0, 1, 2, ...
  void extend(std::uint32_t depth);
  /// A state of `cube` is a sample of at most `level` steps. True is certain, false says nothing.
  [[nodiscard]] bool reach(LocationId location, const Cube& cube, std::uint32_t level) const;

 private:
  struct Place {
    std::vector<State> states;                        // by depth
    std::vector<std::vector<std::uint64_t>> columns;  // by bit number: one bit per state
    std::vector<std::size_t> until;                   // by depth: how many have at most that
  };

  void take_initial();
  void step_from(LocationId location, std::size_t index);
  void add(LocationId location, const State& state);
  void draw(const std::vector<InputId>& inputs);

  const TransitionSystem& system_;
  const ControlGraph& graph_;
  const BitMap& bits_;
  std::vector<std::vector<std::uint32_t>> edges_;  // by source
  std::vector<Place> places_;                      // by location
  std::unordered_set<std::uint64_t> seen_;         // hashes of states
  Justifier evaluator_;
  std::vector<std::uint64_t> inputs_;
  std::mt19937_64 random_;
};

}  // namespace airlock::prove
