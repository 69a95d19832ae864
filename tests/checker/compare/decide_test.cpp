#include "checker/compare/decide.hpp"

#include <bit>
#include <doctest/doctest.h>
#include <random>

#include "checker/compare/pin_search.hpp"
#include "model/system/input_error.hpp"
#include "tests/checker/compare/choices_system.hpp"

namespace airlock {
namespace {

using test::choices_system;

Solver solver_of(Engine engine, unsigned jobs = 1) {
  return [engine, jobs](const Reduce& reduce) {
    EngineContext context;
    context.jobs = jobs;
    return solve(reduce, engine, context);
  };
}

Decision decide_one(Subject& subject, const std::string& property,
                    const Solver& solver = solver_of(Engine::explore)) {
  const std::vector<const Property*> one{subject.system().find_property(property)};
  return decide(subject, one, solver)[0];
}

std::vector<std::string> assumed(PinSet set) {
  std::vector<std::string> result;
  for (unsigned i = 0; i < 64; ++i) {
    if ((set >> i & 1U) != 0) {
      result.push_back("r" + std::to_string(i) + "=good");
    }
  }
  return result;
}

}  // namespace

TEST_CASE("what holds on every reading assumes nothing") {
  Subject subject(choices_system(3, [](std::uint64_t) { return false; }));
  const Decision decision = decide_one(subject, "always_fine");
  CHECK(decision.verdict == Verdict::holds);
  CHECK(decision.assumes.empty());
  CHECK(decision.pins.empty());
  CHECK(!decision.trace);
}

TEST_CASE("what is violated under the pins is violated, with a replayed shortest trace") {
  Subject subject(choices_system(2, [](std::uint64_t) { return true; }));
  const Decision decision = decide_one(subject, "always_fine");
  CHECK(decision.verdict == Verdict::violated);
  REQUIRE(decision.trace);
  CHECK(decision.trace->steps() == 2);
  CHECK(decision.trace->states.size() == 3);
}

TEST_CASE("a verdict assumes the one reading that it needs and no other") {
  Subject subject(choices_system(3, [](std::uint64_t bad) { return (bad & 2U) != 0; }));
  const Decision decision = decide_one(subject, "always_fine");
  CHECK(decision.verdict == Verdict::holds);
  CHECK(decision.assumes == assumed(0b010));
  CHECK(decision.pins == Pins{{"r1", "good"}});
  CHECK(decision.assumes_minimal);
}

TEST_CASE("where either of two readings suffices, one is assumed") {
  Subject subject(choices_system(3, [](std::uint64_t bad) { return (bad & 5U) == 5U; }));
  CHECK(decide_one(subject, "always_fine").assumes.size() == 1);
}

TEST_CASE("where every reading is needed, all are assumed") {
  Subject subject(choices_system(3, [](std::uint64_t bad) { return bad != 0; }));
  CHECK(decide_one(subject, "always_fine").assumes == assumed(0b111));
}

TEST_CASE("assumptions are smallest, checked against every subset") {
  std::mt19937 random(11);
  for (int round = 0; round < 60; ++round) {
    const std::uint64_t table = (std::uint64_t{random()} << 32U | random()) & ~std::uint64_t{1};
    const auto breaks = [table](std::uint64_t bad) { return (table >> bad & 1U) != 0; };
    int smallest = 9;  // a set S suffices if no set of bad choices disjoint from it breaks
    for (std::uint64_t set = 0; set < 16; ++set) {
      bool suffices = true;
      for (std::uint64_t bad = 0; bad < 16; ++bad) {
        suffices = suffices && ((bad & set) != 0 || !breaks(bad));
      }
      smallest = suffices ? std::min(smallest, std::popcount(set)) : smallest;
    }
    Subject subject(choices_system(4, breaks));
    const Decision decision = decide_one(subject, "always_fine");
    REQUIRE(decision.verdict == Verdict::holds);
    CHECK(static_cast<int>(decision.assumes.size()) == smallest);
  }
}

TEST_CASE("a reading whose freedom is an option of its own is freed by that option") {
  Subject subject(choices_system(
      2, [](std::uint64_t bad) { return bad == 3; }, true));
  const Decision decision = decide_one(subject, "always_fine");
  CHECK(decision.verdict == Verdict::holds);
  CHECK(decision.assumes.size() == 1);
}

TEST_CASE("a reading unpinned by the user is no assumption but must be survived") {
  const auto breaks = [](std::uint64_t bad) { return (bad & 1U) != 0; };
  Subject free(choices_system(2, breaks), {{"r0", "any"}});
  CHECK(decide_one(free, "always_fine").verdict == Verdict::violated);
  Subject pinned(choices_system(2, breaks), {{"r1", "any"}});
  CHECK(decide_one(pinned, "always_fine").assumes == assumed(0b01));
}

TEST_CASE("a reading that the user pins elsewhere is named with that option") {
  const auto breaks = [](std::uint64_t bad) { return (bad & 1U) == 0; };
  Subject subject(choices_system(2, breaks), {{"r0", "bad"}});
  const Decision decision = decide_one(subject, "always_fine");
  CHECK(decision.verdict == Verdict::holds);
  CHECK(decision.assumes == std::vector<std::string>{"r0=bad"});
}

TEST_CASE("unknown readings and options are the user's errors") {
  const auto never = [](std::uint64_t) { return false; };
  CHECK_THROWS_AS(Subject(choices_system(1, never), {{"r9", "good"}}), InputError);
  CHECK_THROWS_AS(Subject(choices_system(1, never), {{"r0", "worse"}}), InputError);
}

TEST_CASE("a reachable property holds with a witness and is violated without one") {
  Subject subject(choices_system(1, [](std::uint64_t) { return false; }));
  const Decision reached = decide_one(subject, "reachable_step");
  CHECK(reached.verdict == Verdict::holds);
  REQUIRE(reached.trace);
  CHECK(reached.trace->steps() == 1);
  CHECK(reached.assumes.empty());
  const Decision missed = decide_one(subject, "reachable_three");
  CHECK(missed.verdict == Verdict::violated);
  CHECK(!missed.trace);
}

TEST_CASE("never properties are violated where their predicate is true") {
  Subject subject(choices_system(1, [](std::uint64_t) { return false; }));
  CHECK(decide_one(subject, "never_three").verdict == Verdict::holds);
}

TEST_CASE("properties decided together get the verdicts that they get alone") {
  Subject subject(choices_system(3, [](std::uint64_t bad) { return bad == 5; }));
  std::vector<const Property*> all;
  for (const Property& property : subject.system().properties) {
    all.push_back(&property);
  }
  const std::vector<Decision> together = decide(subject, all, solver_of(Engine::explore));
  REQUIRE(together.size() == all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Decision alone = decide_one(subject, all[i]->name);
    CHECK(together[i].verdict == alone.verdict);
    CHECK(together[i].assumes == alone.assumes);
  }
  for (const unsigned threads : {1U, 3U}) {
    for (const bool certified : {false, true}) {
      const std::vector<Decision> apart = decide(subject, all, solver_of(Engine::explore),
                                                 {solver_of(Engine::pdr), threads, certified});
      for (std::size_t i = 0; i < all.size(); ++i) {
        CAPTURE(all[i]->name);
        CHECK(apart[i].property == all[i]);
        CHECK(apart[i].verdict == together[i].verdict);
        CHECK(apart[i].assumes == together[i].assumes);
        CHECK((apart[i].freed && apart[i].freed->by_place) ==
              (certified && apart[i].freed.has_value()));
      }
    }
  }
}

TEST_CASE("every engine that can decide comes to the same verdict") {
  Subject subject(choices_system(3, [](std::uint64_t bad) { return (bad & 6U) == 6U; }));
  for (const Engine engine : {Engine::explore, Engine::pdr, Engine::induction, Engine::automatic}) {
    for (const unsigned jobs : {1U, 2U, 3U}) {
      CHECK(decide_one(subject, "always_fine", solver_of(engine, jobs)).assumes.size() == 1);
      CHECK(decide_one(subject, "always_short", solver_of(engine, jobs)).trace->steps() == 1);
    }
  }
}

TEST_CASE("bounded search finds violations and never says that something holds") {
  Subject subject(choices_system(1, [](std::uint64_t) { return false; }));
  CHECK(decide_one(subject, "always_short", solver_of(Engine::bmc)).verdict == Verdict::violated);
  const Solver bounded = [](const Reduce& reduce) {
    return std::vector<Outcome>{search_within(reduce(), 4, {})};
  };
  const Decision decision = decide_one(subject, "never_three", bounded);
  CHECK(decision.verdict == Verdict::unknown);
  CHECK(!decision.reason.empty());
}

TEST_CASE("an engine that is told to stop leaves the verdict unknown with a reason") {
  Subject subject(choices_system(1, [](std::uint64_t) { return false; }));
  const std::atomic<bool> stop{true};
  for (const unsigned jobs : {1U, 2U}) {
    const Decision decision = decide_one(subject, "never_three", [&](const Reduce& reduce) {
      EngineContext context;
      context.cancelled = &stop;
      context.jobs = jobs;
      return solve(reduce, Engine::automatic, context);
    });
    CHECK(decision.verdict == Verdict::unknown);
    CHECK(!decision.reason.empty());
  }
}

TEST_CASE("time running out in the search for fewer pins leaves a verdict that says so") {
  Subject subject(choices_system(2, [](std::uint64_t bad) { return bad == 3; }));
  int questions = 0;
  const Decision decision = decide_one(subject, "always_fine", [&](const Reduce& reduce) {
    if (questions++ == 0) {
      return solve(reduce, Engine::explore, {});
    }
    Outcome outcome;
    outcome.reason = "timeout";
    return std::vector<Outcome>{outcome};
  });
  CHECK(decision.verdict == Verdict::holds);
  CHECK(!decision.assumes_minimal);
  CHECK(decision.assumes == assumed(0b11));
}

TEST_CASE("an engine that claims a path without one is called wrong") {
  Subject subject(choices_system(1, [](std::uint64_t) { return false; }));
  const Solver lying = [](const Reduce&) {
    Outcome outcome;
    outcome.answer = Reachability::reachable;
    return std::vector<Outcome>{outcome};
  };
  CHECK_THROWS_AS(decide_one(subject, "never_three", lying), std::logic_error);
  const Solver wrong = [](const Reduce&) {
    Outcome outcome;
    outcome.answer = Reachability::reachable;
    outcome.path = Path{{0}, {{0, {}}}};
    return std::vector<Outcome>{outcome};
  };
  CHECK_THROWS_AS(decide_one(subject, "never_three", wrong), std::logic_error);
}

}  // namespace airlock
