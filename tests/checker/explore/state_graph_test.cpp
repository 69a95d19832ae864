// A state graph that is not whole says so. (What whole ones are good for: tests/checker/graph.)
#include "checker/explore/state_graph.hpp"

#include <atomic>
#include <doctest/doctest.h>

namespace airlock {

TEST_CASE("a state graph that is stopped among the initial states is not complete") {
  // Most initial inputs are ruled out by the constraint, so that none has been seen yet.
  TransitionSystem system;
  const Sort wide = Sort::bits(20);
  const InputId any = system.add_input("any", wide, "any value");
  const VarId x = system.add_variable("x", wide, system.input(any));
  system.initial_inputs = {any};
  system.initial_constraint = eq(system.variable(x), same_sort(system.variable(x), wide.mask()));
  CHECK(StateGraph(system, {}).states() == 1);
  const std::atomic<bool> cancelled{true};
  EngineContext context;
  context.cancelled = &cancelled;
  const StateGraph graph(system, {}, context);
  CHECK_FALSE(graph.complete());
  CHECK(graph.reason() == "out of time");
}

}  // namespace airlock
