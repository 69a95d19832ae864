// "Some rule can fire": guards with their inputs quantified away.
#include "model/system/marker.hpp"
#include "model/system/quantify.hpp"
#include "model/system/reduce.hpp"

namespace airlock {

Expr can_continue(const TransitionSystem& system) {
  Expr result = system.pool->boolean(false);
  for (const Rule& rule : system.rules) {
    if (!is_marker(rule)) {
      const auto all = [](InputId) { return true; };
      result =
          result | for_some_input(system, rule.guard, all, "the guard of rule '" + rule.name + "'");
    }
  }
  return result;
}

}  // namespace airlock
