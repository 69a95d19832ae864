// In which ways runs end, and what is said where some never do.
#include "checker/outcomes/ends.hpp"

#include <doctest/doctest.h>

namespace airlock {
namespace {

/// x counts up from 0 by 1 or by 2, and may be reset at 3 while y is false.
struct Counter {
  TransitionSystem system;
  VarId x;
  VarId y;

  Counter() {
    x = system.add_variable("x", Sort::bits(4), system.pool->bits(4, 0));
    y = system.add_variable("y", Sort::boolean(), system.pool->boolean(false));
  }
  Expr is(std::uint64_t value) { return eq(system.variable(x), system.pool->bits(4, value)); }
  void rule(Expr guard, std::vector<Update> updates) {
    Rule rule;
    rule.name = "r" + std::to_string(system.rules.size());
    rule.actor = "counter";
    rule.guard = guard;
    rule.updates = std::move(updates);
    system.rules.push_back(std::move(rule));
  }
  void adds(std::uint64_t by, std::uint64_t below) {
    const Expr value = system.variable(x);
    rule(ult(value, same_sort(value, below)), {{x, value + same_sort(value, by)}});
  }
};

}  // namespace

TEST_CASE("all ways to end, each with its shortest run, and no state beyond an end") {
  Counter c;
  c.adds(1, 9);
  c.adds(2, 9);
  const Expr ended = ule(c.system.pool->bits(4, 4), c.system.variable(c.x));
  const Ends ends = find_ends(c.system, {ended, {c.x, c.y}, {}});
  REQUIRE(ends.complete());
  REQUIRE(ends.ends.size() == 2);  // 4, and 5 from 3; nothing goes on from there
  CHECK(ends.ends[0].values == std::vector<std::uint64_t>{4, 0});
  CHECK(ends.ends[0].steps == 2);
  CHECK(ends.ends[1].values == std::vector<std::uint64_t>{5, 0});
  CHECK(ends.ends[1].steps == 3);
  CHECK(ends.stuck.empty());
}

TEST_CASE("a bit that never changes is part of the values") {
  Counter c;
  c.system.variables[c.y].initial = c.system.pool->boolean(true);
  c.adds(1, 2);
  const Ends ends = find_ends(c.system, {c.is(2), {c.y, c.x}, {}});
  REQUIRE(ends.ends.size() == 1);
  CHECK(ends.ends[0].values == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("runs that never end are told, where they stay") {
  Counter c;
  c.adds(1, 3);
  c.rule(c.is(1), {{c.y, c.system.pool->boolean(true)}});  // from here on x goes no further than 3
  const Expr ended = c.is(3) && !c.system.variable(c.y);
  const Ends ends = find_ends(c.system, {ended, {c.x, c.y}, {c.x}});
  REQUIRE(ends.ends.size() == 1);
  REQUIRE(ends.stuck.size() == 1);
  CHECK(ends.stuck[0].values == std::vector<std::uint64_t>{3, 1});
  CHECK(ends.stuck[0].steps == 4);
}

TEST_CASE("where a run that never ends stays nowhere, its first hopeless state is told") {
  Counter c;
  c.rule(c.is(0), {{c.x, c.system.pool->bits(4, 5)}});
  c.rule(c.is(0), {{c.x, c.system.pool->bits(4, 1)}});
  c.rule(c.is(1), {{c.x, c.system.pool->bits(4, 2)}});
  c.rule(c.is(2), {{c.x, c.system.pool->bits(4, 1)}});
  const Ends ends = find_ends(c.system, {c.is(5), {c.x}, {c.x}});
  CHECK(ends.ends.size() == 1);
  REQUIRE(ends.stuck.size() == 1);
  CHECK(ends.stuck[0].values == std::vector<std::uint64_t>{1});
}

TEST_CASE("a search that does not come to its end has no ends at all") {
  Counter c;
  c.adds(1, 9);
  EngineContext late;
  late.deadline = std::chrono::steady_clock::now();
  const Ends ends = find_ends(c.system, {c.is(9), {c.x}, {}}, late);
  CHECK_FALSE(ends.complete());
  CHECK(ends.ends.empty());
  CHECK_FALSE(ends.reason.empty());
}

}  // namespace airlock
