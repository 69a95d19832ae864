// Cuts and components, against brute force and by hand.
#include "checker/graph/cuts.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <map>
#include <set>

#include "checker/graph/components.hpp"
#include "model/system/interpreter.hpp"
#include "model/system/reduce.hpp"
#include "tests/support/naive_search.hpp"
#include "tests/support/random_system.hpp"

namespace airlock {
namespace {

using Ids = std::vector<std::uint32_t>;
using Pairs = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

/// A program counter and the edges of its control flow, each a rule of its own.
struct Flow {
  TransitionSystem system;
  VarId pc = system.add_variable("pc", Sort::bits(4), system.pool->bits(4, 0));

  void edge(unsigned from, unsigned to) {
    const Expr at = system.variable(pc);
    system.rules.push_back({"",
                            "actor",
                            eq(at, system.pool->bits(4, from)),
                            {{pc, system.pool->bits(4, to)}},
                            {},
                            {}});
  }
  [[nodiscard]] Expr at(unsigned place) const {
    return eq(system.variable(pc), system.pool->bits(4, place));
  }
  /// The cuts where rule i is step i.
  [[nodiscard]] Cuts cuts(unsigned bad) const {
    StateGraph graph(system, at(bad));
    REQUIRE(graph.complete());
    std::vector<std::optional<std::uint32_t>> steps;
    for (std::uint32_t i = 0; i < system.rules.size(); ++i) {
      steps.emplace_back(i);
    }
    return find_cuts(graph, steps, steps.size());
  }
};

/// The state graph by the interpreter: edges as (state, rule, state).
struct Naive {
  std::set<State> states;
  std::set<std::tuple<State, std::uint32_t, State>> edges;
  std::set<State> initial;

  explicit Naive(const TransitionSystem& system) {
    states = test::naive_search(system, {}).reached;
    for (const State& state : states) {
      for (std::uint32_t rule = 0; rule < system.rules.size(); ++rule) {
        test::for_each_input(system, system.rules[rule].inputs, [&](const auto& values) {
          if (const auto to = successor(system, state, {rule, values})) {
            edges.insert({state, rule, *to});
          }
        });
      }
    }
    test::for_each_input(system, system.initial_inputs, [&](const auto& values) {
      if (const auto state = initial_state(system, values)) {
        initial.insert(*state);
      }
    });
  }

  /// What is reached from `from` without the rules `masked`; bad states are not left.
  [[nodiscard]] std::set<State> reach(std::set<State> from, const std::set<std::uint32_t>& masked,
                                      Expr bad = {}) const {
    for (std::size_t before = 0; before != from.size();) {
      before = from.size();
      for (const auto& [a, rule, b] : edges) {
        if (from.count(a) != 0 && masked.count(rule) == 0 &&
            (!bad.valid() || evaluate(bad, a) == 0)) {
          from.insert(b);
        }
      }
    }
    return from;
  }
  [[nodiscard]] bool is_cut(const std::set<std::uint32_t>& masked, Expr bad) const {
    const std::set<State> reached = reach(initial, masked, bad);
    return std::none_of(reached.begin(), reached.end(),
                        [&](const State& state) { return evaluate(bad, state) != 0; });
  }
};

void check_components(const TransitionSystem& system, const Naive& naive) {
  StateGraph graph(system, {});
  REQUIRE(graph.complete());
  CHECK(graph.states() == naive.states.size());
  CHECK(graph.edges() == naive.edges.size());
  CHECK(graph.initial_states() == naive.initial.size());
  std::map<State, std::set<State>> reached;
  for (const State& state : naive.states) {
    reached[state] = naive.reach({state}, {});
  }
  std::set<std::set<State>> components;
  for (const State& state : naive.states) {
    std::set<State> mine;
    for (const State& other : reached[state]) {
      if (reached[other].count(state) != 0) {
        mine.insert(other);
      }
    }
    components.insert(mine);
  }
  std::size_t largest = 0;
  for (const auto& component : components) {
    largest = std::max(largest, component.size());
  }
  const Components found = components_of(graph);
  CHECK(found.count == components.size());
  CHECK(found.largest == largest);
}

/// Rule i is step i, but every third rule is none.
bool check_cuts(const TransitionSystem& system, const Naive& naive, Expr bad) {
  if (naive.is_cut({}, bad)) {
    return false;
  }
  StateGraphOptions options;
  options.stop_at_target = true;
  StateGraph graph(system, bad, {}, options);
  REQUIRE(graph.complete());
  std::vector<std::optional<std::uint32_t>> steps;
  Ids all;
  for (std::uint32_t i = 0; i < system.rules.size(); ++i) {
    if (i % 3 != 2) {
      all.push_back(i);
    }
    steps.push_back(i % 3 != 2 ? std::optional(i) : std::nullopt);
  }
  Ids one;
  Pairs two;
  for (const std::uint32_t a : all) {
    if (naive.is_cut({a}, bad)) {
      one.push_back(a);
    }
  }
  for (const std::uint32_t a : all) {
    for (const std::uint32_t b : all) {
      const bool alone =
          std::count(one.begin(), one.end(), a) + std::count(one.begin(), one.end(), b) > 0;
      if (a < b && !alone && naive.is_cut({a, b}, bad)) {
        two.emplace_back(a, b);
      }
    }
  }
  const Cuts cuts = find_cuts(graph, steps, steps.size());
  CHECK(cuts.unknown.empty());
  CHECK(cuts.one == one);
  CHECK(cuts.two == two);
  return !one.empty() || !two.empty();
}

}  // namespace

TEST_CASE("a line of steps: each is on every run") {
  Flow flow;
  flow.edge(0, 1);
  flow.edge(1, 2);
  flow.edge(2, 3);
  flow.edge(1, 4);  // leads nowhere
  CHECK(flow.cuts(3).one == Ids{0, 1, 2});
  CHECK(flow.cuts(3).two.empty());
}

TEST_CASE("two ways round: what they share is on every run, one step of each is a cut of two") {
  Flow flow;
  flow.edge(0, 1);
  flow.edge(1, 2);
  flow.edge(2, 5);
  flow.edge(1, 3);
  flow.edge(3, 4);
  flow.edge(4, 5);
  flow.edge(4, 1);  // a way back changes nothing
  const Cuts cuts = flow.cuts(5);
  CHECK(cuts.one == Ids{0});
  CHECK(cuts.two == Pairs{{1, 3}, {1, 4}, {1, 5}, {2, 3}, {2, 4}, {2, 5}});
}

TEST_CASE("three ways round have no cut of two, and a bad initial state has none at all") {
  Flow flow;
  for (unsigned way = 1; way <= 3; ++way) {
    flow.edge(0, way);
    flow.edge(way, 4);
  }
  CHECK(flow.cuts(4).one.empty());
  CHECK(flow.cuts(4).two.empty());
  CHECK_FALSE(flow.cuts(4).at_once);
  CHECK(flow.cuts(0).at_once);
  CHECK(flow.cuts(0).one.empty());
}

TEST_CASE("two circles and a bridge are two components, the larger one of three states") {
  Flow flow;
  flow.edge(0, 1);
  flow.edge(1, 0);
  flow.edge(1, 2);
  flow.edge(2, 3);
  flow.edge(3, 4);
  flow.edge(4, 2);
  StateGraph graph(flow.system, {});
  CHECK(components_of(graph).count == 2);
  CHECK(components_of(graph).largest == 3);
}

TEST_CASE("graph, components and cuts of random systems are those of brute force") {
  test::RandomSystemOptions small;
  small.max_state_bits = 5;
  small.rules = 7;
  unsigned interesting = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    CAPTURE(seed);
    const TransitionSystem system = test::random_system(seed, small);
    const Naive naive(system);
    check_components(system, naive);
    for (const Property& property : system.properties) {
      interesting += check_cuts(system, naive, target_of(property)) ? 1U : 0U;
    }
  }
  CHECK(interesting >= 20);
}

TEST_CASE("cuts of a reduced system are those of the whole one") {
  test::RandomSystemOptions small;
  small.max_state_bits = 5;
  small.rules = 7;
  unsigned interesting = 0;
  for (std::uint64_t seed = 1000; seed < 1100; ++seed) {
    CAPTURE(seed);
    const TransitionSystem system = test::random_system(seed, small);
    const Naive naive(system);
    for (const Property& property : system.properties) {
      const std::vector<Expr> targets{target_of(property)};
      if (naive.is_cut({}, targets[0])) {
        continue;
      }
      ReduceOptions options;
      options.merge_rules = false;
      const Reduction reduction(system, targets, options);
      std::vector<std::optional<std::uint32_t>> steps;
      for (std::uint32_t r = 0; r < reduction.system().rules.size(); ++r) {
        steps.emplace_back(reduction.rule_origin(r));
      }
      StateGraph graph(reduction.system(), reduction.targets()[0]);
      const Cuts cuts = find_cuts(graph, steps, system.rules.size());
      Ids one;
      for (std::uint32_t rule = 0; rule < system.rules.size(); ++rule) {
        if (naive.is_cut({rule}, targets[0])) {
          one.push_back(rule);
        }
      }
      CHECK(cuts.one == one);
      interesting += one.empty() ? 0U : 1U;
      for (const auto& [a, b] : cuts.two) {
        CHECK(naive.is_cut({a, b}, targets[0]));
      }
    }
  }
  CHECK(interesting >= 10);
}

TEST_CASE("a graph that does not fit says so") {
  Flow flow;
  for (unsigned i = 0; i < 15; ++i) {
    flow.edge(i, i + 1);
  }
  StateGraphOptions options;
  options.max_edges = 14;
  const StateGraph graph(flow.system, {}, {}, options);
  CHECK_FALSE(graph.complete());
  CHECK(graph.reason() == "more than 14 transitions");
  options.max_edges = 15;
  CHECK(StateGraph(flow.system, {}, {}, options).complete());
  const std::atomic<bool> cancelled{true};
  EngineContext context;
  context.cancelled = &cancelled;
  CHECK_FALSE(StateGraph(flow.system, {}, context).complete());
}

}  // namespace airlock
