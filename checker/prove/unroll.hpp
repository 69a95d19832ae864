// A transition system unrolled in a solver: states s_0, s_1, ... with one step between neighbours.
// Internal to checker/prove.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "checker/control/control_graph.hpp"
#include "checker/prove/smt.hpp"

namespace airlock::prove {

using control::control_graph;
using control::ControlGraph;
using control::Edge;
using control::Location;
using control::LocationId;

class Unrolling {
 public:
  enum class Start { initial, anywhere };

  /// Starts with s_0: an initial state, or a state at any location of the graph. Borrows all.
  Unrolling(const TransitionSystem& system, const ControlGraph& graph, z3::solver& solver,
            const Gates& gates, Start start);

  /// Steps so far.
  [[nodiscard]] std::uint64_t depth() const { return frames_.size() - 1; }
  /// Appends a step. False if the graph shows that there is none.
  bool extend();
  /// `e`, over variables, in s_depth. `depth` <= this->depth().
  z3::expr at(std::uint64_t depth, Expr e);
  /// Assumption: s_depth() is a target state, so that all locations on the way can still reach one.
  z3::expr target_here(Expr target);
  [[nodiscard]] Path read_path(const z3::model& model) const;
  [[nodiscard]] State read_state(const z3::model& model, std::uint64_t depth) const;
  /// "s_a and s_b differ."
  [[nodiscard]] z3::expr different(std::uint64_t a, std::uint64_t b) const;

 private:
  struct Frame {
    std::vector<Bits> state;            // by variable
    std::vector<bool> possible;         // by location
    std::map<LocationId, z3::expr> at;  // possible locations
    std::map<InputId, Bits> inputs;     // of the step into this state, or of the initial state
    std::vector<std::pair<std::uint32_t, z3::expr>> selectors;  // rules of the step into this state
    std::unique_ptr<Translator> translate;  // over this state and the inputs of the step out of it
    std::map<InputId, Bits> outgoing;       // those inputs
  };

  void start_initially(Frame& first);
  void start_anywhere(Frame& first);
  void finish(Frame& frame, std::uint64_t depth);
  Bits input_bits(std::map<InputId, Bits>& known, Expr input, const std::string& prefix);
  std::vector<std::uint32_t> rules_from(const std::vector<bool>& possible,
                                        std::vector<bool>& next) const;
  void select_one(Frame& next, const std::vector<std::uint32_t>& rules);
  void define_next_state(Frame& here, Frame& next);
  Bits define_variable(Frame& here, const Frame& next, VarId variable);
  void add(const z3::expr& formula);

  const TransitionSystem& system_;
  const ControlGraph& graph_;
  z3::solver& solver_;
  const Gates& gates_;
  std::vector<std::uint32_t> to_target_;  // by location: fewest edges to a location with a target
  std::vector<std::unique_ptr<Frame>> frames_;
  std::string name_;
};

}  // namespace airlock::prove
