// The explicit-state search against the naive one, on random systems.
#include <doctest/doctest.h>
#include <set>

#include "checker/explore/search.hpp"
#include "model/system/interpreter.hpp"
#include "tests/support/naive_search.hpp"
#include "tests/support/random_system.hpp"

namespace airlock {
namespace {

std::vector<Expr> targets_of(const TransitionSystem& system) {
  std::vector<Expr> targets;
  for (const Property& property : system.properties) {
    targets.push_back(target_of(property));
  }
  return targets;
}

ExploreResult run(const TransitionSystem& system, std::span<const Expr> targets, unsigned jobs,
                  std::uint64_t specialise_after, std::set<State>* reached = nullptr) {
  EngineContext context;
  context.jobs = jobs;
  const auto visit = [&](const State& state) {
    if (reached != nullptr) {
      CHECK(reached->insert(state).second);
    }
  };
  return explicit_state::search(system, targets, context, {.stop_when_decided = false}, visit,
                                {specialise_after, 4096});
}

void check_path(const TransitionSystem& system, Expr target, const Path& path) {
  const std::vector<State> states = replay(system, path);
  CHECK(evaluate(target, states.back()) == 1);
}

void check_equal(const ExploreResult& a, const ExploreResult& b) {
  CHECK(a.states == b.states);
  CHECK(a.transitions == b.transitions);
  CHECK(a.depth == b.depth);
  CHECK(a.deadlocks == b.deadlocks);
  for (std::size_t t = 0; t < a.outcomes.size(); ++t) {
    const Outcome& x = a.outcomes[t];
    const Outcome& y = b.outcomes[t];
    CHECK(x.answer == y.answer);
    CHECK(x.depth == y.depth);
    CHECK(x.states == y.states);
    REQUIRE(x.path.has_value() == y.path.has_value());
    if (x.path) {
      CHECK(x.path->initial_inputs == y.path->initial_inputs);
      REQUIRE(x.path->steps.size() == y.path->steps.size());
      for (std::size_t i = 0; i < x.path->steps.size(); ++i) {
        CHECK(x.path->steps[i].rule == y.path->steps[i].rule);
        CHECK(x.path->steps[i].inputs == y.path->steps[i].inputs);
      }
    }
  }
}

void check_against_oracle(const TransitionSystem& system) {
  const std::vector<Expr> targets = targets_of(system);
  const test::NaiveResult expected = test::naive_search(system, targets);
  std::set<State> reached;
  const ExploreResult r = run(system, targets, 1, 0, &reached);
  CHECK(r.complete);
  CHECK(r.states == expected.states);
  CHECK(r.transitions == expected.transitions);
  CHECK(r.depth == expected.depth);
  CHECK(r.deadlocks == expected.deadlocks);
  CHECK(reached == expected.reached);
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const Outcome& outcome = r.outcomes[t];
    REQUIRE(outcome.answer != Reachability::unknown);
    REQUIRE((outcome.answer == Reachability::reachable) == expected.distances[t].has_value());
    if (outcome.path) {
      CHECK(outcome.path->steps.size() == *expected.distances[t]);
      CHECK(outcome.depth == *expected.distances[t]);
      check_path(system, targets[t], *outcome.path);
    }
  }
  check_equal(r, run(system, targets, 1, 512));
  check_equal(r, run(system, targets, 2, 3));
  check_equal(r, run(system, targets, 3, 0));
}

}  // namespace

TEST_CASE("explore agrees with the naive search on a thousand random systems") {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    CAPTURE(seed);
    check_against_oracle(test::random_system(seed));
  }
}

TEST_CASE("explore agrees with the naive search on larger random systems") {
  test::RandomSystemOptions options;
  options.variables = 7;
  options.max_width = 3;
  options.rules = 12;
  for (std::uint64_t seed = 5000; seed < 5150; ++seed) {
    CAPTURE(seed);
    check_against_oracle(test::random_system(seed, options));
  }
}

}  // namespace airlock
