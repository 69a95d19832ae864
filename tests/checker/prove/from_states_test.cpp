// Proofs read off the reachable states of random systems.
#include "checker/prove/from_states.hpp"

#include <atomic>
#include <cstdlib>
#include <doctest/doctest.h>

#include "checker/prove/prove.hpp"
#include "tests/support/naive_search.hpp"
#include "tests/support/random_system.hpp"

namespace airlock {
namespace {

/// The system counts x up by two, from 0, modulo 256; y is x's copy of the step before.
struct Counter {
  TransitionSystem system;
  VarId x = 0;
  VarId y = 0;
  Counter() {
    const Sort word = Sort::bits(8);
    x = system.add_variable("x", word, system.pool->constant(word, 0));
    y = system.add_variable("y", word, system.pool->constant(word, 0));
    const Expr now = system.variable(x);
    system.rules.push_back({"count",
                            "test",
                            system.pool->boolean(true),
                            {{x, now + same_sort(now, 2)}, {y, now}},
                            {},
                            {}});
  }
  [[nodiscard]] Expr odd() const { return bit(system.variable(y), 0); }
};

void fill(StateColumns& columns, const std::set<State>& states) {
  for (const State& state : states) {
    columns.add(state);
  }
  columns.finish();
}

}  // namespace

TEST_CASE("what a search of all states does not reach has a proof that can be read off them") {
  unsigned proofs = 0;
  const char* wanted = std::getenv("AIRLOCK_RANDOM_SYSTEMS");
  const std::uint64_t systems = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 100;
  for (std::uint64_t seed = 0; seed < systems; ++seed) {
    CAPTURE(seed);
    const TransitionSystem system = test::random_system(seed);
    std::vector<Expr> targets;
    for (const Property& property : system.properties) {
      targets.push_back(target_of(property));
    }
    const test::NaiveResult truth = test::naive_search(system, targets);
    StateColumns states(system, nullptr, 1U << 20U);
    fill(states, truth.reached);
    CHECK(states.size() == truth.states);
    for (std::size_t i = 0; i < targets.size(); ++i) {
      if (!truth.distances[i]) {
        ++proofs;
        const Outcome outcome = prove_from_states(system, targets[i], states, {});
        CHECK(outcome.answer == Reachability::unreachable);
        REQUIRE(outcome.by_place);
        CHECK(check_invariant(system, targets[i], expression_of(system, *outcome.by_place), {}) ==
              std::nullopt);
        const Invariant small = smallest(system, targets[i], *outcome.by_place, {});
        CHECK(check_invariant(system, targets[i], expression_of(system, small), {}) ==
              std::nullopt);
      }
    }
  }
  CHECK(proofs > systems / 2);
}

TEST_CASE("a proof is short where the states are many") {
  const Counter counter;
  const test::NaiveResult truth = test::naive_search(counter.system, {});
  CHECK(truth.states == 129);
  StateColumns states(counter.system, nullptr, 1U << 20U);
  fill(states, truth.reached);
  const Outcome outcome = prove_from_states(counter.system, counter.odd(), states, {});
  REQUIRE(outcome.by_place);
  CHECK(outcome.clauses == 2);  // neither x nor y is ever odd
}

TEST_CASE("states that are not all of the reachable ones prove nothing") {
  const Counter counter;
  test::NaiveResult truth = test::naive_search(counter.system, {});
  truth.reached.erase(State{8, 6});
  StateColumns states(counter.system, nullptr, 1U << 20U);
  fill(states, truth.reached);
  const Expr y = counter.system.variable(counter.y);
  const Expr missing =
      eq(y, same_sort(y, 6)) & eq(counter.system.variable(counter.x), same_sort(y, 8));
  CHECK_THROWS_AS(static_cast<void>(prove_from_states(counter.system, missing, states, {})),
                  std::logic_error);
  // Nor does a target that is reached.
  StateColumns all(counter.system, nullptr, 1U << 20U);
  fill(all, test::naive_search(counter.system, {}).reached);
  CHECK_THROWS_AS(static_cast<void>(prove_from_states(counter.system, missing, all, {})),
                  std::logic_error);
}

TEST_CASE("columns take no more memory than they may, and give it back") {
  const Counter counter;
  MemoryBudget budget(1U << 20U);
  {
    StateColumns states(counter.system, &budget, 1024);
    const auto many = [&] {
      for (std::uint64_t i = 0; i < 1000; ++i) {
        states.add({i % 256, i / 256});
      }
    };
    CHECK_THROWS_AS(many(), OverBudget);
    CHECK(budget.used() > 0);
    CHECK(budget.used() <= 1024);
  }
  CHECK(budget.used() == 0);
}

TEST_CASE("a proof that is stopped is none") {
  const Counter counter;
  StateColumns states(counter.system, nullptr, 1U << 20U);
  fill(states, test::naive_search(counter.system, {}).reached);
  const std::atomic<bool> cancelled{true};
  EngineContext context;
  context.cancelled = &cancelled;
  const Outcome outcome = prove_from_states(counter.system, counter.odd(), states, context);
  CHECK(outcome.answer == Reachability::unknown);
  CHECK(outcome.reason == "cancelled");
  CHECK_FALSE(outcome.by_place.has_value());
}

}  // namespace airlock
