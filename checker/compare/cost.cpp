// Costs by reachability. "The fewest and most accesses per entry" is a question about all runs, and
// one search answers it: for each value that a counter can have, is a state reachable in which the
// stretch is complete and the counter has that value? Whatever does not feed the counters is out of
// the cone, so the search is small.
#include "checker/compare/cost.hpp"

#include <chrono>
#include <stdexcept>
#include <vector>

#include "checker/explore/explore.hpp"
#include "checker/support/stopwatch.hpp"
#include "model/system/reduce.hpp"
#include "model/system/stop.hpp"

namespace airlock {
namespace {

std::uint64_t count_of_values(const TransitionSystem& system, VarId counter) {
  const unsigned width = system.variables.at(counter).sort.width();
  if (width > 8) {
    throw std::length_error("a cost counter has more than 8 bits");
  }
  return std::uint64_t{1} << width;
}

void ask(const TransitionSystem& system, Expr complete, VarId counter, std::vector<Expr>& targets) {
  const Expr variable = system.variable(counter);
  for (std::uint64_t value = 0; value < count_of_values(system, counter); ++value) {
    targets.push_back(complete && eq(variable, same_sort(variable, value)));
  }
}

/// Takes the outcomes of one ask().
std::optional<CostRange> answer(const TransitionSystem& system, VarId counter,
                                std::vector<Outcome>::const_iterator& next) {
  std::optional<CostRange> range;
  const std::uint64_t values = count_of_values(system, counter);
  for (std::uint64_t value = 0; value < values; ++value, ++next) {
    if (next->answer == Reachability::reachable) {
      range = CostRange{range ? range->low : value, value, value + 1 == values};
    }
  }
  return range;
}

}  // namespace

namespace {

Costs explored_costs(const CostSystem& cost, const Pins& pins, const EngineContext& context) {
  const TransitionSystem system = pin(cost.system, pins);
  std::vector<Expr> targets;
  for (const Expr complete : {cost.entry_complete, cost.fastpath_complete}) {
    ask(system, complete, cost.rdmsr, targets);
    ask(system, complete, cost.wrmsr, targets);
  }
  const Reduction reduction(system, targets);
  const ExploreResult result = explore(reduction.system(), reduction.targets(), context);
  Costs costs;
  for (const Outcome& outcome : result.outcomes) {
    if (outcome.answer == Reachability::unknown) {
      costs.reason = outcome.reason.empty() ? "no answer" : outcome.reason;
    }
  }
  if (costs.reason.empty()) {
    std::vector<Outcome>::const_iterator next = result.outcomes.begin();
    for (Cost* stretch : {&costs.entry, &costs.fastpath}) {
      stretch->rdmsr = answer(system, cost.rdmsr, next);
      stretch->wrmsr = answer(system, cost.wrmsr, next);
    }
  }
  return costs;
}

/// Reducing the system takes longer than exploring it, and has no engine that hears of the time.
Costs stopped_or_explored(const CostSystem& cost, const Pins& pins, const EngineContext& context) {
  const StopScope scope([&context] { return context.should_stop(); });
  try {
    return explored_costs(cost, pins, context);
  } catch (const Stopped&) {
    Costs costs;
    costs.reason = context.why_stopped();
    return costs;
  }
}

}  // namespace

Costs measure_cost(const CostSystem& cost, const Pins& pins, const EngineContext& context) {
  const auto start = std::chrono::steady_clock::now();
  Costs costs = stopped_or_explored(cost, pins, context);
  costs.seconds = seconds_since(start);
  return costs;
}

}  // namespace airlock
