// Reductions against the naive search on the original, over random systems.
#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "model/system/interpreter.hpp"
#include "model/system/reduce.hpp"
#include "tests/support/naive_search.hpp"
#include "tests/support/random_system.hpp"

namespace airlock::test {
namespace {

constexpr std::uint64_t systems = 1500;

std::vector<Expr> targets_of(const TransitionSystem& system) {
  std::vector<Expr> targets;
  for (const Property& property : system.properties) {
    targets.push_back(target_of(property));
  }
  return targets;
}

unsigned bits_of(const TransitionSystem& system) {
  unsigned bits = 0;
  for (const Variable& variable : system.variables) {
    bits += variable.sort.width();
  }
  return bits;
}

/// A path to the nearest state where `target` holds, by breadth-first search with parents.
std::optional<Path> naive_path(const TransitionSystem& system, Expr target) {
  struct Found {
    State state;
    Path path;
  };
  std::set<State> seen;
  std::vector<Found> level;
  for_each_input(system, system.initial_inputs, [&](const auto& values) {
    if (auto state = initial_state(system, values); state && seen.insert(*state).second) {
      level.push_back({*state, {values, {}}});
    }
  });
  while (!level.empty()) {
    std::vector<Found> following;
    for (const Found& found : level) {
      if (evaluate(target, found.state) != 0) {
        return found.path;
      }
      for (std::uint32_t rule = 0; rule < system.rules.size(); ++rule) {
        for_each_input(system, system.rules[rule].inputs, [&](const auto& values) {
          const PathStep step{rule, values};
          if (auto next = successor(system, found.state, step); next && seen.insert(*next).second) {
            Path path = found.path;
            path.steps.push_back(step);
            following.push_back({*next, std::move(path)});
          }
        });
      }
    }
    level = std::move(following);
  }
  return std::nullopt;
}

/// Each target is as far away as in the original, and a shortest path to it lifts to one of the
/// same length that the original's interpreter accepts.
void check_reduction(const TransitionSystem& original, std::span<const Expr> targets,
                     const ReduceOptions& options, const NaiveResult& expected) {
  const Reduction reduction(original, targets, options);
  REQUIRE_NOTHROW(validate(reduction.system()));
  REQUIRE(reduction.targets().size() == targets.size());
  const NaiveResult found = naive_search(reduction.system(), reduction.targets());
  REQUIRE(found.distances == expected.distances);
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (const auto path = naive_path(reduction.system(), reduction.targets()[i])) {
      const Path lifted = reduction.lift(*path);
      REQUIRE(lifted.steps.size() == path->steps.size());
      REQUIRE(evaluate(targets[i], replay(original, lifted).back()) == 1);
    }
  }
}

}  // namespace

TEST_CASE("every combination of reductions keeps the distance of every target of random systems") {
  for (std::uint64_t seed = 0; seed < systems; ++seed) {
    CAPTURE(seed);
    const TransitionSystem original = random_system(seed);
    const std::vector<Expr> targets = targets_of(original);
    const NaiveResult expected = naive_search(original, targets);
    for (unsigned mode = 0; mode < 8; ++mode) {
      CAPTURE(mode);
      const ReduceOptions options{(mode & 1U) != 0, (mode & 2U) != 0, (mode & 4U) != 0};
      check_reduction(original, targets, options, expected);
    }
  }
}

TEST_CASE("one target at a time is reduced as exactly as all together") {
  for (std::uint64_t seed = systems; seed < 2 * systems; ++seed) {
    CAPTURE(seed);
    const TransitionSystem original = random_system(seed);
    for (const Expr target : targets_of(original)) {
      const std::vector<Expr> targets{target};
      check_reduction(original, targets, {}, naive_search(original, targets));
    }
  }
}

TEST_CASE("narrowing alone keeps states, transitions, deadlocks and depth of random systems") {
  std::uint64_t narrower = 0;
  for (std::uint64_t seed = 0; seed < systems; ++seed) {
    CAPTURE(seed);
    const TransitionSystem original = random_system(seed);
    const Reduction reduction(original, {}, {true, false, false});
    const NaiveResult expected = naive_search(original, {});
    const NaiveResult found = naive_search(reduction.system(), {});
    REQUIRE(found.states == expected.states);
    REQUIRE(found.transitions == expected.transitions);
    REQUIRE(found.deadlocks == expected.deadlocks);
    REQUIRE(found.depth == expected.depth);
    narrower += bits_of(reduction.system()) < bits_of(original) ? 1 : 0;
  }
  CHECK(narrower > systems / 4);  // there was something to do
}

TEST_CASE("narrowing alone maps every bit to the bit of the original that it stands for") {
  for (std::uint64_t seed = 0; seed < systems / 5; ++seed) {
    CAPTURE(seed);
    const TransitionSystem original = random_system(seed);
    const Reduction reduction(original, {}, {true, false, false});
    const NaiveResult expected = naive_search(original, {});
    const NaiveResult found = naive_search(reduction.system(), {});
    if (expected.reached.empty()) {
      continue;
    }
    std::set<State> projected;
    for (const State& state : expected.reached) {
      State reduced;
      for (VarId id = 0; id < reduction.system().variables.size(); ++id) {
        std::uint64_t value = 0;
        for (unsigned b = 0; b < reduction.system().variables[id].sort.width(); ++b) {
          const auto origin = reduction.origin(id, b);
          value |= ((state[origin.first] >> origin.second) & 1U) << b;
        }
        reduced.push_back(value);
      }
      projected.insert(reduced);
    }
    REQUIRE(projected == found.reached);
  }
}

TEST_CASE("the other reductions find something to do in random systems") {
  std::uint64_t cone_states = 0;
  std::uint64_t live_states = 0;
  std::uint64_t narrow_states = 0;
  for (std::uint64_t seed = 0; seed < systems / 5; ++seed) {
    const TransitionSystem original = random_system(seed);
    for (const Expr target : targets_of(original)) {
      const std::vector<Expr> targets{target};
      const auto states = [&](const ReduceOptions& options) {
        const Reduction reduction(original, targets, options);
        return naive_search(reduction.system(), {}).states;
      };
      narrow_states += states({true, false, false});
      cone_states += states({true, true, false});
      live_states += states({true, true, true});
    }
  }
  CHECK(cone_states < narrow_states);
  CHECK(live_states < cone_states);
}

TEST_CASE("can_continue holds exactly in the states where some rule fires") {
  for (std::uint64_t seed = 0; seed < systems; ++seed) {
    CAPTURE(seed);
    const TransitionSystem system = random_system(seed);
    const std::vector<Expr> stuck{!can_continue(system)};
    REQUIRE(inputs_of(stuck).empty());
    const NaiveResult found = naive_search(system, stuck);
    REQUIRE((found.deadlocks != 0) == found.distances[0].has_value());
    std::uint64_t deadlocks = 0;
    for (const State& state : found.reached) {
      deadlocks += evaluate(stuck[0], state);
    }
    REQUIRE(deadlocks == found.deadlocks);
  }
}

}  // namespace airlock::test
