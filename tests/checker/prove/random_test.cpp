// Every answer of the Z3 engines on random systems against a search of all states. The
// environment's AIRLOCK_RANDOM_SYSTEMS says how many systems each test takes
// (scripts/random-engines: 10,000).
#include <cstdlib>
#include <doctest/doctest.h>

#include "checker/prove/prove.hpp"
#include "model/system/interpreter.hpp"
#include "tests/support/naive_search.hpp"
#include "tests/support/random_system.hpp"

namespace airlock {
namespace {

struct Question {
  const TransitionSystem& system;
  Expr target;
  std::optional<std::uint64_t> distance;  ///< of the nearest target state
  std::uint64_t depth;                    ///< of the deepest state
};

std::uint64_t number_of_systems() {
  const char* wanted = std::getenv("AIRLOCK_RANDOM_SYSTEMS");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 300;
}

/// Calls `ask` for every property of random systems, from seed `first` on.
template <typename Ask>
void for_random_questions(std::uint64_t first, const Ask& ask, std::uint64_t divisor = 1) {
  const std::uint64_t end = first + number_of_systems() / divisor;
  for (std::uint64_t seed = first; seed < end; ++seed) {
    CAPTURE(seed);
    const TransitionSystem system = test::random_system(seed);
    std::vector<Expr> targets;
    for (const Property& property : system.properties) {
      targets.push_back(target_of(property));
    }
    const test::NaiveResult truth = test::naive_search(system, targets);
    for (std::size_t i = 0; i < targets.size(); ++i) {
      CAPTURE(i);
      ask(Question{system, targets[i], truth.distances[i], truth.depth});
    }
  }
}

void check_answer(const Question& question, const Outcome& outcome) {
  if (outcome.answer == Reachability::reachable) {
    REQUIRE(question.distance.has_value());
    CHECK(outcome.shortest);
    CHECK(outcome.path->steps.size() == *question.distance);
    const std::vector<State> states = replay(question.system, *outcome.path);
    CHECK(evaluate(question.target, states.back()) == 1);
  } else if (outcome.answer == Reachability::unreachable) {
    CHECK(!question.distance);
    if (outcome.invariant.valid()) {
      CHECK(check_invariant(question.system, question.target, outcome.invariant, {}) ==
            std::nullopt);
    }
  }
}

}  // namespace

TEST_CASE("pdr agrees with a search of all states on random systems, distances included") {
  for_random_questions(0, [](const Question& question) {
    const Outcome outcome = pdr(question.system, question.target, {});
    CHECK(outcome.answer != Reachability::unknown);
    check_answer(question, outcome);
  });
}

TEST_CASE("bounded search finds a path as short as a search of all states does") {
  for_random_questions(100000, [](const Question& question) {
    const Outcome outcome =
        bounded_search(question.system, question.target, {}, question.distance.value_or(3));
    CHECK((outcome.answer == Reachability::reachable) == question.distance.has_value());
    CHECK(outcome.answer != Reachability::unreachable);
    check_answer(question, outcome);
  });
}

TEST_CASE("whatever k-induction decides agrees with a search of all states") {
  for_random_questions(200000, [](const Question& question) {
    EngineContext context;
    context.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
    check_answer(question, k_induction(question.system, question.target, context));
  });
}

TEST_CASE("whatever pdr proves needs no clause that a smaller invariant leaves out") {
  for_random_questions(
      300000,
      [](const Question& question) {
        if (question.distance || question.depth > 6) {
          return;  // some of them are enough
        }
        const Outcome outcome = pdr(question.system, question.target, {});
        REQUIRE(outcome.by_place);
        const Invariant small = smallest(question.system, question.target, *outcome.by_place, {});
        CHECK(check_invariant(question.system, question.target,
                              expression_of(question.system, small), {}) == std::nullopt);
        for (std::size_t place = 0; place < small.places.size(); ++place) {
          for (std::size_t i = 0; i < small.places[place].clauses.size(); ++i) {
            Invariant less = small;
            auto& clauses = less.places[place].clauses;
            clauses.erase(clauses.begin() + static_cast<std::ptrdiff_t>(i));
            CHECK(check_invariant(question.system, question.target,
                                  expression_of(question.system, less), {}) != std::nullopt);
          }
        }
      },
      20);
}

}  // namespace airlock
