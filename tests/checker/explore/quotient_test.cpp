// The quotient by location, counted during the search, against the state graph.
#include <doctest/doctest.h>
#include <map>
#include <tuple>

#include "checker/explore/explore.hpp"
#include "checker/explore/state_graph.hpp"
#include "tests/support/random_system.hpp"

namespace airlock::test {
namespace {

ExploreResult with_quotient(const TransitionSystem& system, unsigned jobs) {
  ExploreOptions options;
  options.control_quotient = true;
  EngineContext context;
  context.jobs = jobs;
  return explore(system, {}, context, options);
}

State location_of(const TransitionSystem& system, const State& state) {
  State values;
  for (const VarId id : system.control) {
    values.push_back(state[id]);
  }
  return values;
}

using Step = std::tuple<State, State, std::uint32_t>;

std::map<Step, std::uint64_t> steps_of(const ControlQuotient& quotient) {
  std::map<Step, std::uint64_t> result;
  for (const ControlQuotient::Edge& edge : quotient.edges) {
    result[{quotient.locations[edge.from].values, quotient.locations[edge.to].values, edge.rule}] +=
        edge.transitions;
  }
  return result;
}

}  // namespace

TEST_CASE(
    "the quotient has the locations and the edges of the state graph, and counts everything") {
  unsigned with_control = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const TransitionSystem system = random_system(seed);
    const ExploreResult result = with_quotient(system, 1);
    const StateGraph graph(system, {});
    REQUIRE(result.complete);
    REQUIRE(result.quotient);
    REQUIRE(graph.complete());
    with_control += system.control.empty() ? 0 : 1;
    std::map<State, std::uint64_t> states;
    std::map<Step, std::uint64_t> steps;
    for (StateGraph::Id s = 0; s < graph.states(); ++s) {
      const State from = location_of(system, graph.state(s));
      ++states[from];
      for (std::uint32_t e = graph.first(s); e < graph.first(s + 1); ++e) {
        ++steps[{from, location_of(system, graph.state(graph.to(e))), graph.rule(e)}];
      }
    }
    INFO("seed " << seed);
    std::uint64_t transitions = 0;
    for (const auto& [step, count] : steps_of(*result.quotient)) {
      REQUIRE(steps.contains(step));
      CHECK(count >= steps[step]);  // several inputs may lead to one state
      transitions += count;
    }
    CHECK(steps_of(*result.quotient).size() == steps.size());
    CHECK(transitions == result.transitions);
    REQUIRE(result.quotient->locations.size() == states.size());
    for (const ControlLocation& location : result.quotient->locations) {
      CHECK(location.states == states[location.values]);
    }
  }
  CHECK(with_control > 50);
}

TEST_CASE("the quotient does not depend on the number of threads") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    RandomSystemOptions wide;
    wide.max_state_bits = 16;
    wide.variables = 6;
    const TransitionSystem system = random_system(seed, wide);
    const ExploreResult one = with_quotient(system, 1);
    const ExploreResult two = with_quotient(system, 2);
    INFO("seed " << seed);
    REQUIRE(one.quotient);
    REQUIRE(two.quotient);
    CHECK(steps_of(*one.quotient) == steps_of(*two.quotient));
    REQUIRE(one.quotient->locations.size() == two.quotient->locations.size());
    for (std::size_t i = 0; i < one.quotient->locations.size(); ++i) {
      CHECK(one.quotient->locations[i].values == two.quotient->locations[i].values);
      CHECK(one.quotient->locations[i].states == two.quotient->locations[i].states);
    }
  }
}

TEST_CASE("nobody is given a quotient of half a search") {
  const TransitionSystem system = random_system(3);
  CHECK_FALSE(explore(system, {}).quotient);
  EngineContext late;
  late.deadline = std::chrono::steady_clock::now();
  ExploreOptions options;
  options.control_quotient = true;
  const ExploreResult stopped = explore(system, {}, late, options);
  CHECK_FALSE(stopped.complete);
  CHECK_FALSE(stopped.quotient);
}

}  // namespace airlock::test
