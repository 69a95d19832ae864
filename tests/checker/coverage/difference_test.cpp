#include "checker/coverage/difference.hpp"

#include <algorithm>
#include <doctest/doctest.h>

#include "model/system/interpreter.hpp"
#include "model/system/marker.hpp"
#include "model/system/step.hpp"
#include "tests/support/naive_search.hpp"
#include "tests/support/random_system.hpp"

namespace airlock {
namespace {

/// Whether some reachable state enables a marker: the markers change nothing, so that any state of
/// the original is one of the marked system.
bool parts_company(TransitionSystem system, const TransitionSystem& other) {
  const test::NaiveResult found = test::naive_search(system, {});
  mark_differences(system, other, "other");
  return std::any_of(found.reached.begin(), found.reached.end(), [&](const State& state) {
    bool fires = false;
    for (std::uint32_t i = 0; i < system.rules.size(); ++i) {
      if (is_marker(system.rules[i])) {
        test::for_each_input(system, system.rules[i].inputs, [&](const auto& values) {
          fires = fires || successor(system, state, {i, values}).has_value();
        });
      }
    }
    return fires;
  });
}

std::size_t count_markers(TransitionSystem system, const TransitionSystem& other) {
  mark_differences(system, other, "other");
  return static_cast<std::size_t>(
      std::count_if(system.rules.begin(), system.rules.end(), is_marker));
}

// --- an oracle -----------------------------------------------------------------------------------

/// Whether some rule of `actor` leads from `state` to `next` with these values of inputs, whatever
/// it chooses beside them. Inputs correspond by number.
bool can_go(const TransitionSystem& system, const std::string& actor, const State& state,
            const State& next, const std::vector<InputId>& fixed,
            const std::vector<std::uint64_t>& fixed_values) {
  bool can = false;
  for (std::uint32_t i = 0; i < system.rules.size(); ++i) {
    const Rule& rule = system.rules[i];
    if (rule.actor != actor) {
      continue;
    }
    test::for_each_input(system, rule.inputs, [&](const auto& values) {
      for (std::size_t c = 0; c < rule.inputs.size(); ++c) {
        const auto at = std::find(fixed.begin(), fixed.end(), rule.inputs[c]);
        if (at != fixed.end() &&
            fixed_values[static_cast<std::size_t>(at - fixed.begin())] != values[c]) {
          return;
        }
      }
      can = can || successor(system, state, {i, values}) == std::optional<State>(next);
    });
  }
  return can;
}

/// Whether some step of `one` from a state in `states` is none of `two`.
bool has_step_of_its_own(const TransitionSystem& one, const TransitionSystem& two,
                         const std::set<State>& states) {
  bool own = false;
  for (const State& state : states) {
    for (std::uint32_t i = 0; i < one.rules.size() && !own; ++i) {
      const Rule& rule = one.rules[i];
      test::for_each_input(one, rule.inputs, [&](const auto& values) {
        const auto next = successor(one, state, {i, values});
        own = own || (next && !can_go(two, rule.actor, state, *next, rule.inputs, values));
      });
    }
  }
  return own;
}

/// So that every variable is read.
void read_everything(TransitionSystem& system) {
  Expr all = system.pool->boolean(false);
  for (VarId id = 0; id < system.variables.size(); ++id) {
    all = all | ne(system.variable(id), same_sort(system.variable(id), 0));
  }
  system.properties.push_back({"never_all", PropertyKind::never, all, "", "", {}});
}

/// Something about one rule becomes something else.
void change(TransitionSystem& system, std::uint64_t seed) {
  Rule& rule = system.rules[seed % system.rules.size()];
  const auto random = [&](Sort sort) {
    return test::random_expression(system, rule.inputs, sort, 2, seed);
  };
  if (seed % 3 == 0 || rule.updates.empty()) {
    rule.guard = random(Sort::boolean());
  } else if (seed % 3 == 1) {
    Update& update = rule.updates[seed % rule.updates.size()];
    update.value = random(system.variables[update.variable].sort);
  } else {
    rule.guard = rule.guard & random(Sort::boolean());
  }
}

/// An input that a rule lists and does not mention is none of its inputs.
void list_what_is_mentioned(TransitionSystem& system) {
  for (Rule& rule : system.rules) {
    std::vector<Expr> roots{rule.guard};
    for (const Update& update : rule.updates) {
      roots.push_back(update.value);
    }
    rule.inputs = inputs_of(roots);
  }
}

/// Counts n from 0 to 3 and stays there.
struct Counter {
  TransitionSystem system;
  VarId n;
  explicit Counter(std::uint64_t last = 3, std::uint64_t step = 1)
      : n(system.add_variable("n", Sort::bits(4), system.pool->bits(4, 0))) {
    const Expr value = system.variable(n);
    Step count(system, "count", "software");
    count.assume(ult(value, same_sort(value, last)));
    count.set(n, value + same_sort(value, step));
    count.finish();
  }
};

}  // namespace

TEST_CASE("two systems part company exactly where a step of one is no step of the other") {
  int parted = 0;
  int unlike_and_together = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    TransitionSystem one = test::random_system(seed);
    TransitionSystem two = test::random_system(seed);
    read_everything(one);
    read_everything(two);
    if (one.rules.empty()) {
      continue;
    }
    change(two, seed * 7 + 1);
    list_what_is_mentioned(one);
    list_what_is_mentioned(two);
    const std::set<State> states = test::naive_search(one, {}).reached;
    const bool expected =
        has_step_of_its_own(one, two, states) || has_step_of_its_own(two, one, states);
    CHECK(parts_company(one, two) == expected);
    parted += expected ? 1 : 0;
    unlike_and_together += !expected && count_markers(one, two) != 0 ? 1 : 0;
  }
  CHECK(parted > 50);
  CHECK(unlike_and_together > 20);
}

TEST_CASE("a system never parts from a copy of itself, whose places in the pool are others") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    TransitionSystem other;
    (void)other.pool->bits(9, 77);
    other = test::random_system(seed);
    CHECK(count_markers(test::random_system(seed), other) == 0);
  }
}

TEST_CASE("a difference beyond what is reached is none, one in a reached state is") {
  CHECK(!parts_company(Counter(3).system, Counter(3).system));
  CHECK(parts_company(Counter(3).system, Counter(4).system));
  CHECK(parts_company(Counter(4).system, Counter(3).system));
  Counter far(3);
  Step never(far.system, "never", "software");
  never.assume(eq(far.system.variable(far.n), far.system.pool->bits(4, 9)));
  never.set(far.n, far.system.pool->bits(4, 0));
  never.finish();
  CHECK(!parts_company(Counter(3).system, far.system));
  CHECK(!parts_company(far.system, Counter(3).system));
}

TEST_CASE("what nothing reads is no difference, until something reads it") {
  const auto with_log = [](std::uint64_t logged, bool read) {
    Counter counter(3);
    TransitionSystem& system = counter.system;
    const VarId log = system.add_variable("log", Sort::bits(4), system.pool->bits(4, 0));
    system.rules[0].updates.push_back({log, system.pool->bits(4, logged)});
    if (read) {
      system.properties.push_back({"never_two",
                                   PropertyKind::never,
                                   eq(system.variable(log), system.pool->bits(4, 2)),
                                   "",
                                   "",
                                   {}});
    }
    return system;
  };
  CHECK(!parts_company(with_log(1, false), with_log(2, false)));
  CHECK(parts_company(with_log(1, true), with_log(2, true)));
}

TEST_CASE("initial states, properties, and variables that one system lacks can differ") {
  Counter later(3);
  later.system.variables[later.n].initial = later.system.pool->bits(4, 1);
  CHECK(parts_company(Counter(3).system, later.system));

  const auto with_property = [](std::uint64_t bound) {
    Counter counter(3);
    TransitionSystem& system = counter.system;
    const Expr n = system.variable(counter.n);
    system.properties.push_back(
        {"always_low", PropertyKind::always, ult(n, same_sort(n, bound)), "", "", {"p.c", 1, 1}});
    return system;
  };
  CHECK(parts_company(with_property(2), with_property(3)));
  CHECK(!parts_company(with_property(7), with_property(8)));

  const auto with_flag = [](bool sets) {
    Counter counter(3);
    TransitionSystem& system = counter.system;
    const VarId flag = system.add_variable("flag", Sort::boolean(), system.pool->boolean(false));
    if (sets) {
      system.rules[0].updates.push_back({flag, system.pool->boolean(true)});
    }
    return system;
  };
  CHECK(parts_company(Counter(3).system, with_flag(true)));
  CHECK(!parts_company(Counter(3).system, with_flag(false)));
}

TEST_CASE("a step that a choice of the other system can also make is no difference") {
  // One counts by 1; the other by 1 or 2, as it chooses.
  const auto choosing = [](bool only_one) {
    Counter counter(3);
    TransitionSystem& system = counter.system;
    const InputId two = system.add_input("two", Sort::boolean(), "either");
    const Expr n = system.variable(counter.n);
    Expr by_two = system.input(two);
    by_two = only_one ? by_two & ult(same_sort(n, 9), n) : by_two;
    system.rules[0].updates[0].value = n + ite(by_two, same_sort(n, 2), same_sort(n, 1));
    system.rules[0].inputs = {two};
    return system;
  };
  CHECK(parts_company(Counter(3).system, choosing(false)));
  CHECK(!parts_company(Counter(3).system, choosing(true)));
}

TEST_CASE("two choices that other rules have given one name are not taken for one") {
  TransitionSystem system;
  const InputId one = system.add_input("any", Sort::boolean(), "");
  const InputId two = system.add_input("any", Sort::boolean(), "");
  const Expr either = system.input(one) | system.input(two);
  system.rules.push_back({"a", "vcpu_run", system.input(one), {}, {one}, {}});
  system.rules.push_back({"b", "vcpu_run", system.input(two), {}, {two}, {}});
  CHECK_NOTHROW(count_markers(system, system));
  system.rules.push_back({"both", "vcpu_run", either, {}, {one, two}, {}});
  CHECK_THROWS_AS(count_markers(system, system), std::logic_error);
}

}  // namespace airlock
