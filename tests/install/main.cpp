// A counter that goes 0, 1, 2 and stays: what a stranger's first program with Airlock would be.
// Exits 0 when exploration reaches 2 and PDR proves that 3 is never reached.
#include <array>

#include "checker/explore/explore.hpp"
#include "checker/prove/prove.hpp"
#include "model/system/system.hpp"

int main() {
  airlock::TransitionSystem system;
  airlock::ExprPool& pool = *system.pool;
  const auto id = system.add_variable("counter", airlock::Sort::bits(2), pool.bits(2, 0));
  const airlock::Expr counter = system.variable(id);
  system.rules.push_back({.name = "count",
                          .actor = "counter",
                          .guard = ult(counter, pool.bits(2, 2)),
                          .updates = {{id, counter + pool.bits(2, 1)}},
                          .inputs = {},
                          .causes = {}});
  validate(system);

  const std::array targets{eq(counter, pool.bits(2, 2))};
  const airlock::Outcome two = airlock::explore(system, targets).outcomes.front();
  const airlock::Outcome three = airlock::pdr(system, eq(counter, pool.bits(2, 3)), {});
  const bool right = two.answer == airlock::Reachability::reachable && two.path &&
                     two.path->steps.size() == 2 &&
                     three.answer == airlock::Reachability::unreachable;
  return right ? 0 : 1;
}
