// The control flow graph of a transition system: one location per combination of values of the
// control variables, and per location the rules that can fire there, with those values put in.
// Knows nothing of solvers: PDR, the exports and the pictures use it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "model/system/system.hpp"

namespace airlock::control {

using LocationId = std::uint32_t;

/// One rule from one location to one other. In the graph's pool, with the source's control values
/// put in for the control variables.
struct Edge {
  std::uint32_t rule;
  LocationId source;
  LocationId target;
  Expr guard;                   ///< the rule's, and that the control variables become `target`'s
  std::vector<Update> updates;  ///< of the other variables, without those that change nothing
};

struct Location {
  std::vector<std::uint64_t> values;  ///< parallel to ControlGraph::control
  bool initial = false;
  Expr initial_condition;      ///< over initial inputs: where `initial`, that this one is chosen
  std::uint32_t distance = 0;  ///< fewest edges from an initial location; all are reachable
  Expr bad;                    ///< the engine's target with the control values put in
};

struct ControlGraph {
  std::shared_ptr<ExprPool> pool;    ///< its own
  std::vector<VarId> control;        ///< may be fewer than the system's: see control_graph.cpp
  std::vector<Location> locations;   ///< in breadth-first order
  std::vector<Edge> edges;           ///< by source, then by rule
  std::vector<Expr> initial_values;  ///< per variable, over initial inputs
  Expr initial_constraint;           ///< over variables
};

/// Only reads the system.
ControlGraph control_graph(const TransitionSystem& system, Expr target);

}  // namespace airlock::control
