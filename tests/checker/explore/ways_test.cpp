// Rules taken apart into their ways: every value of the inputs goes exactly one of them.
#include "checker/explore/ways.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <map>

#include "checker/explore/explore.hpp"
#include "model/system/interpreter.hpp"
#include "tests/support/random_system.hpp"

namespace airlock {
namespace {

using explicit_state::Way;
using explicit_state::ways_of;

std::vector<Way> ways(const TransitionSystem& system, const Rule& rule,
                      std::size_t most = 1U << 12U) {
  const auto result = ways_of(*system.pool, system, rule.guard, rule.updates, rule.inputs, most);
  REQUIRE(result.has_value());
  return *result;
}

/// Successors, with how many values of the inputs lead there and the smallest of them.
using Counted = std::map<State, std::pair<std::uint64_t, std::vector<std::uint64_t>>>;

State after(std::span<const Update> updates, const State& from,
            const std::vector<std::uint64_t>& inputs) {
  State to = from;
  for (const Update& update : updates) {
    to[update.variable] = evaluate(update.value, from, inputs);
  }
  return to;
}

void count(Counted& to, const State& state, std::uint64_t values,
           const std::vector<std::uint64_t>& listed) {
  const auto [at, is_new] = to.emplace(state, std::pair{values, listed});
  if (!is_new) {
    at->second.first += values;
    at->second.second = std::min(at->second.second, listed);
  }
}

/// The rule's inputs, counted through; of `all` inputs of the system.
template <class F>
void for_each_value(const TransitionSystem& system, const Rule& rule, F each) {
  std::vector<std::uint64_t> listed(rule.inputs.size(), 0);
  for (;;) {
    std::vector<std::uint64_t> all(system.inputs.size(), 0);
    for (std::size_t i = 0; i < listed.size(); ++i) {
      all[rule.inputs[i]] = listed[i];
    }
    each(all, listed);
    std::size_t i = 0;
    while (i < listed.size() && listed[i] == system.inputs[rule.inputs[i]].sort.mask()) {
      listed[i++] = 0;
    }
    if (i == listed.size()) {
      return;
    }
    ++listed[i];
  }
}

void check_against_counting(const TransitionSystem& system, const Rule& rule, const State& from) {
  Counted expected;
  for_each_value(system, rule, [&](const auto& all, const auto& listed) {
    if (evaluate(rule.guard, from, all) == 1) {
      count(expected, after(rule.updates, from, all), 1, listed);
    }
  });
  Counted found;
  for (const Way& way : ways(system, rule)) {
    if (evaluate(way.guard, from) == 1) {
      count(found, after(way.updates, from, {}), way.values, way.inputs);
    }
  }
  CHECK(found == expected);
}

}  // namespace

TEST_CASE("the ways of a rule have its successors, as often and with the same smallest inputs") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    const TransitionSystem system = test::random_system(seed);
    State from(system.variables.size(), 0);
    for (std::size_t i = 0; i < from.size(); ++i) {
      from[i] = (seed * 0x9e3779b97f4a7c15U >> (7 * i % 50)) & system.variables[i].sort.mask();
    }
    for (const Rule& rule : system.rules) {
      check_against_counting(system, rule, from);
    }
  }
}

TEST_CASE("choices that most ways do not meet, and values only compared, make few ways") {
  TransitionSystem s;
  const VarId x = s.add_variable("x", Sort::bits(8), s.pool->bits(8, 0));
  const Expr msr = s.input(s.add_input("msr", Sort::bits(64), ""));
  const Expr first = s.input(s.add_input("first", Sort::boolean(), ""));
  const Expr second = s.input(s.add_input("second", Sort::boolean(), ""));
  const Expr known = eq(msr, s.pool->bits(64, 0x1d9));
  const Expr v = s.variable(x);
  const Rule rule{
      "exit",
      "vcpu",
      s.pool->boolean(true),
      {{x, ite(known, v + s.pool->bits(8, 1), ite(first | second, v + s.pool->bits(8, 2), v))}},
      {0, 1, 2},
      {},
      {}};
  const std::vector<Way> found = ways(s, rule);
  REQUIRE(found.size() == 3);
  CHECK(found[0].inputs == std::vector<std::uint64_t>{0, 0, 0});
  CHECK(found[1].inputs == std::vector<std::uint64_t>{0, 0, 1});
  CHECK(found[2].inputs == std::vector<std::uint64_t>{0x1d9, 0, 0});
  CHECK(found[2].values == 4);
  CHECK(found[1].values == ~std::uint64_t{0});  // more than can be counted
}

TEST_CASE("a rule with too many ways is not taken apart") {
  TransitionSystem s;
  const VarId x = s.add_variable("x", Sort::bits(64), s.pool->bits(64, 0));
  const InputId any = s.add_input("any", Sort::bits(64), "");
  const std::vector<Update> updates{{x, s.input(any)}};
  CHECK_FALSE(ways_of(*s.pool, s, s.pool->boolean(true), updates, std::vector{any}, 1000));
}

TEST_CASE("explore decides a rule with a hundred bits of choices and few ways") {
  TransitionSystem s;
  const VarId x = s.add_variable("x", Sort::bits(2), s.pool->bits(2, 0));
  const InputId data = s.add_input("data", Sort::bits(64), "");
  const InputId other = s.add_input("other", Sort::bits(40), "");
  const Expr wanted =
      eq(s.input(data), s.pool->bits(64, 0xfeed)) | eq(s.input(other), s.pool->bits(40, 0xbeef));
  Rule rule{"step",
            "vcpu",
            ult(s.variable(x), s.pool->bits(2, 2)),
            {{x, ite(wanted, s.variable(x) + s.pool->bits(2, 1), s.variable(x))}},
            {data, other},
            {},
            {}};
  s.rules.push_back(rule);
  const ExploreResult r = explore(
      s, std::array{eq(s.variable(x), s.pool->bits(2, 2)), eq(s.variable(x), s.pool->bits(2, 3))},
      {}, {.stop_when_decided = false});
  CHECK(r.complete);
  CHECK(r.states == 3);
  REQUIRE(r.outcomes[0].path.has_value());
  CHECK(r.outcomes[0].path->steps.at(0).inputs == std::vector<std::uint64_t>{0, 0xbeef});
  CHECK(r.outcomes[1].answer == Reachability::unreachable);
}

}  // namespace airlock
