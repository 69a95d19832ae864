// What a world switch costs: accesses of DebugCtl's MSR per stretch of the vCPU's loop.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "checker/engine.hpp"
#include "model/system/pin.hpp"

namespace airlock {

/// A system with counters. Wherever one of the two predicates is true, the counters hold the
/// accesses of one measured stretch.
struct CostSystem {
  TransitionSystem system;
  Expr entry_complete;
  Expr fastpath_complete;
  VarId rdmsr;
  VarId wrmsr;
};

struct CostRange {
  std::uint64_t low;
  std::uint64_t high;
  bool saturated = false;  ///< `high` is all that the counter can hold: there may be more
};

/// Nothing for a stretch that is never completed.
struct Cost {
  std::optional<CostRange> rdmsr;
  std::optional<CostRange> wrmsr;
};

struct Costs {
  Cost entry;
  Cost fastpath;
  std::string reason;  ///< why there is no answer, if there is none
  double seconds = 0;
};

/// The fewest and most accesses over every run in which the choices are as `pins` says.
Costs measure_cost(const CostSystem& cost, const Pins& pins, const EngineContext& context);

}  // namespace airlock
