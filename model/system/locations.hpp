// The control flow of a transition system: which combinations of control values it can be in, and
// which rules lead from where to where. Internal to model/system.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "model/system/reduce_passes.hpp"

namespace airlock {

/// A rule at a location, with the control values put in.
struct Firing {
  std::uint32_t rule = 0;
  std::size_t from = 0;
  std::vector<std::size_t> to;     ///< ascending; where it may lead (a superset)
  std::vector<VarId> guard_reads;  ///< what guard and control updates read here
  std::vector<std::pair<VarId, std::vector<VarId>>> updates;  ///< what other updates read here
};

/// A location is a value of all control variables side by side, the first one highest.
struct Locations {
  std::vector<VarId> control;
  std::vector<std::uint64_t> words;              ///< by location
  std::vector<std::size_t> initial;              ///< where runs may start (a superset)
  std::vector<std::vector<VarId>> target_reads;  ///< by location: what the targets read there
  std::vector<Firing> firings;
};

/// Nothing where there are no control variables, or their values cannot be followed.
std::optional<Locations> find_locations(const ReductionState& state);

/// The control word as an expression: each control variable replaced by `value` of it.
Expr control_word(const std::vector<VarId>& control, const std::function<Expr(VarId)>& value);

}  // namespace airlock
