// PDR's frames: what is known not to be reachable, per location and number of steps. Internal to
// checker/prove; knows nothing of solvers.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "checker/control/control_graph.hpp"
#include "checker/engine.hpp"

namespace airlock::prove {

using control::control_graph;
using control::ControlGraph;
using control::Edge;
using control::Location;
using control::LocationId;

/// A number for each bit of each data variable (those that are not control variables).
class BitMap {
 public:
  BitMap(const TransitionSystem& system, const ControlGraph& graph);
  struct Place {
    VarId variable;
    unsigned bit;
  };
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(places_.size()); }
  [[nodiscard]] bool is_data(VarId variable) const { return first_[variable].has_value(); }
  [[nodiscard]] std::uint32_t number(VarId variable, unsigned bit) const {
    return *first_[variable] + bit;
  }
  [[nodiscard]] Place place(std::uint32_t number) const { return places_[number]; }

 private:
  std::vector<std::optional<std::uint32_t>> first_;  // by variable
  std::vector<Place> places_;
};

/// 2 * bit number + the bit's value.
using Literal = std::uint32_t;
inline std::uint32_t bit_of(Literal literal) {
  return literal >> 1U;
}
inline bool sign_of(Literal literal) {
  return (literal & 1U) != 0;
}

/// A conjunction of literals of different bits, ascending. The empty cube is all states.
using Cube = std::vector<Literal>;

/// Values of the data bits.
using BitState = std::vector<bool>;
bool contains(const Cube& cube, const BitState& state);

/// Why a lemma could not be moved to the next level: a state of its frame that steps into the cube.
struct Witness {
  LocationId source;
  BitState state;
};

/// "No state of `cube` is reachable within `level` steps (at this location)."
struct Lemma {
  static constexpr std::uint32_t forever = 0xFFFFFFFF;  ///< a level above all others

  Cube cube;
  std::uint32_t level;
  std::uint64_t signature;  ///< of the cube's literals, for quick subsumption
  std::optional<Witness> witness;
};

class Frames {
 public:
  /// Nothing is known but the distances in the graph.
  explicit Frames(const ControlGraph& graph);

  /// No state at all is reachable at `location` within `level` steps.
  [[nodiscard]] bool closed(LocationId location, std::uint32_t level) const {
    return level < open_from_[location];
  }
  /// The first level at which `location` is not closed.
  [[nodiscard]] std::uint32_t open_from(LocationId location) const { return open_from_[location]; }
  [[nodiscard]] const std::vector<Lemma>& lemmas(LocationId location) const {
    return lemmas_[location];
  }
  [[nodiscard]] std::vector<Lemma>& lemmas(LocationId location) { return lemmas_[location]; }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Some lemma of this level or a higher one excludes all of `cube`.
  [[nodiscard]] bool blocks(LocationId location, const Cube& cube, std::uint32_t level) const;
  [[nodiscard]] bool excludes(LocationId location, const BitState& state,
                              std::uint32_t level) const;
  /// Drops the lemmas that the new one makes superfluous.
  void add(LocationId location, const Cube& cube, std::uint32_t level);
  /// Frames `level` and `level + 1` are the same.
  [[nodiscard]] bool converged(std::uint32_t level) const;

 private:
  std::vector<std::vector<Lemma>> lemmas_;
  std::vector<std::uint32_t> open_from_;
  std::size_t size_ = 0;
};

/// The states of frame `level`.
Invariant frame_invariant(const TransitionSystem& system, const ControlGraph& graph,
                          const BitMap& bits, const Frames& frames, std::uint32_t level);

}  // namespace airlock::prove
