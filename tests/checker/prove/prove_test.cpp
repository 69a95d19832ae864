#include "checker/prove/prove.hpp"

#include <array>
#include <doctest/doctest.h>

#include "model/system/interpreter.hpp"
#include "tests/checker/prove/lockstep.hpp"

namespace airlock {
namespace {

struct Made {
  TransitionSystem system;
  Expr target;
};

Expr number(const TransitionSystem& system, VarId id, std::uint64_t value) {
  return same_sort(system.variable(id), value);
}

void add_rule(TransitionSystem& system, const std::string& name, Expr guard,
              std::vector<Update> updates, std::vector<InputId> inputs = {}) {
  system.rules.push_back({name, "test", guard, std::move(updates), std::move(inputs), {}});
}

/// Counts 0, 2, 4, ... modulo 2^width; `bad` is the value asked for.
Made even_counter(unsigned width, std::uint64_t bad) {
  Made made;
  TransitionSystem& system = made.system;
  const VarId x = system.add_variable("x", Sort::bits(width), system.pool->bits(width, 0));
  add_rule(system, "count", system.pool->boolean(true),
           {{x, system.variable(x) + number(system, x, 2)}});
  made.target = eq(system.variable(x), number(system, x, bad));
  return made;
}

/// Two counters that advance together: that they differ is excluded, but only step by step through
/// a copy that lags behind.
Made delayed_copies() {
  Made made;
  TransitionSystem& system = made.system;
  ExprPool& pool = *system.pool;
  const VarId a = system.add_variable("a", Sort::bits(4), pool.bits(4, 3));
  const VarId b = system.add_variable("b", Sort::bits(4), pool.bits(4, 3));
  const VarId c = system.add_variable("c", Sort::bits(4), pool.bits(4, 3));
  const VarId d = system.add_variable("d", Sort::bits(4), pool.bits(4, 3));
  const InputId pick = system.add_input("pick", Sort::bits(4), "any");
  add_rule(system, "shift", pool.boolean(true),
           {{a, system.input(pick)},
            {b, system.input(pick)},
            {c, system.variable(a)},
            {d, system.variable(b)}},
           {pick});
  made.target = ne(system.variable(c), system.variable(d));
  return made;
}

/// A program of three locations. x starts as an initial input other than 0 and is decremented
/// by 1 or 2 per round; the target is x = 1 at location 2.
Made program(bool constraint) {
  Made made;
  TransitionSystem& system = made.system;
  ExprPool& pool = *system.pool;
  const InputId start = system.add_input("start", Sort::bits(4), "any");
  system.initial_inputs = {start};
  const VarId pc = system.add_variable("pc", Sort::bits(2), pool.bits(2, 0));
  const VarId x = system.add_variable("x", Sort::bits(4), system.input(start));
  system.initial_constraint = constraint ? eq(system.variable(x), number(system, x, 9))
                                         : eq(extract(system.variable(x), 0, 0), pool.bits(1, 0));
  system.control = {pc};
  const InputId twice = system.add_input("twice", Sort::boolean(), "any");
  const auto at = [&](std::uint64_t value) {
    return eq(system.variable(pc), number(system, pc, value));
  };
  add_rule(system, "enter", at(0), {{pc, pool.bits(2, 1)}});
  add_rule(system, "decrement", at(1) & ult(number(system, x, 1), system.variable(x)),
           {{pc, pool.bits(2, 2)},
            {x, system.variable(x) - ite(constraint ? system.input(twice) : pool.boolean(true),
                                         pool.bits(4, 2), pool.bits(4, 1))}},
           {twice});
  add_rule(system, "again", at(2), {{pc, pool.bits(2, 0)}});
  if (!constraint) {
    system.rules[1].inputs.clear();
  }
  made.target = at(2) & eq(system.variable(x), number(system, x, 1));
  return made;
}

using Engine = Outcome (*)(const TransitionSystem&, Expr, const EngineContext&);
Outcome bmc(const TransitionSystem& system, Expr target, const EngineContext& context) {
  return bounded_search(system, target, context, 64);
}
constexpr std::array<Engine, 3> all_engines{bmc, k_induction, pdr};
constexpr std::array<Engine, 2> provers{k_induction, pdr};

void check_path(const Made& made, const Outcome& outcome, std::size_t steps) {
  REQUIRE(outcome.answer == Reachability::reachable);
  REQUIRE(outcome.path.has_value());
  CHECK(outcome.shortest);
  CHECK(outcome.path->steps.size() == steps);
  CHECK(outcome.depth == steps);
  CHECK(evaluate(made.target, replay(made.system, *outcome.path).back()) == 1);
}

}  // namespace

TEST_CASE("every engine finds the shortest path of a counter") {
  const Made made = even_counter(5, 18);
  for (const Engine engine : all_engines) {
    check_path(made, engine(made.system, made.target, {}), 9);
  }
}

TEST_CASE("a target that holds initially is a path of no steps") {
  const Made made = even_counter(5, 0);
  for (const Engine engine : all_engines) {
    check_path(made, engine(made.system, made.target, {}), 0);
  }
}

TEST_CASE("values that a counter skips are proved unreachable") {
  const Made made = even_counter(5, 17);
  for (const Engine engine : provers) {
    CHECK(engine(made.system, made.target, {}).answer == Reachability::unreachable);
  }
}

TEST_CASE("bounded search never claims that a target is unreachable") {
  const Made made = even_counter(3, 1);
  const Outcome outcome = bounded_search(made.system, made.target, {}, 20);
  CHECK(outcome.answer == Reachability::unknown);
  CHECK(outcome.depth == 20);
  CHECK(outcome.reason == "no path of up to 20 steps");
}

TEST_CASE("pdr finds invariants that the property itself does not have") {
  const Made made = delayed_copies();
  const Outcome outcome = pdr(made.system, made.target, {});
  REQUIRE(outcome.answer == Reachability::unreachable);
  REQUIRE(outcome.invariant.valid());
  CHECK(check_invariant(made.system, made.target, outcome.invariant, {}) == std::nullopt);
  CHECK(check_invariant(made.system, made.target, !made.target, {}).has_value());
}

TEST_CASE("choices of rules and of the initial state come back in the path") {
  const Made made = program(true);
  for (const Engine engine : all_engines) {
    const Outcome outcome = engine(made.system, made.target, {});
    check_path(made, outcome, 11);
    CHECK(outcome.path->initial_inputs == std::vector<std::uint64_t>{9});
  }
}

TEST_CASE("the initial constraint is part of what is proved from") {
  const Made made = program(false);
  for (const Engine engine : provers) {
    CHECK(engine(made.system, made.target, {}).answer == Reachability::unreachable);
  }
}

TEST_CASE("a control variable that may take any value is treated as data") {
  Made made = even_counter(20, 33);
  made.system.control = {0};
  CHECK(pdr(made.system, made.target, {}).answer == Reachability::unreachable);
}

TEST_CASE("a system without rules has its initial states only") {
  Made made = even_counter(4, 2);
  made.system.rules.clear();
  for (const Engine engine : provers) {
    CHECK(engine(made.system, made.target, {}).answer == Reachability::unreachable);
  }
  CHECK(bmc(made.system, made.target, {}).answer == Reachability::unknown);
  made.target = eq(made.system.variable(0), number(made.system, 0, 0));
  for (const Engine engine : all_engines) {
    check_path(made, engine(made.system, made.target, {}), 0);
  }
}

TEST_CASE("a contradictory initial constraint leaves nothing to reach") {
  Made made = even_counter(4, 2);
  made.system.initial_constraint = made.system.pool->boolean(false);
  for (const Engine engine : provers) {
    CHECK(engine(made.system, made.target, {}).answer == Reachability::unreachable);
  }
  CHECK(bmc(made.system, made.target, {}).answer == Reachability::unknown);
}

TEST_CASE("a deadline and a cancellation end an engine with unknown and the reason") {
  const Made made = even_counter(40, 1);
  EngineContext late;
  late.deadline = std::chrono::steady_clock::now();
  std::atomic<bool> cancelled = true;
  EngineContext stopped;
  stopped.cancelled = &cancelled;
  for (const Engine engine : all_engines) {
    const Outcome first = engine(made.system, made.target, late);
    CHECK(first.answer == Reachability::unknown);
    CHECK(first.reason == "out of time");
    const Outcome second = engine(made.system, made.target, stopped);
    CHECK(second.answer == Reachability::unknown);
    CHECK(second.reason == "cancelled");
  }
  CHECK(check_invariant(made.system, made.target, !made.target, late) == "undecided: out of time");
}

TEST_CASE("a deadline interrupts a query that is running") {
  Made made;
  TransitionSystem& system = made.system;
  ExprPool& pool = *system.pool;
  const VarId n = system.add_variable("n", Sort::bits(64), pool.bits(64, 0));
  const InputId a = system.add_input("a", Sort::bits(32), "any");
  const InputId b = system.add_input("b", Sort::bits(32), "any");
  add_rule(system, "multiply",
           ult(pool.bits(32, 1), system.input(a)) & ult(pool.bits(32, 1), system.input(b)),
           {{n, zero_extend(system.input(a), 64) * zero_extend(system.input(b), 64)}}, {a, b});
  made.target = eq(system.variable(n), pool.bits(64, 0xFFFFFFEA00000055));  // hard to factor
  for (const Engine engine : all_engines) {
    EngineContext context;
    context.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
    const Outcome outcome = engine(system, made.target, context);
    CHECK(outcome.seconds < 10);
    if (outcome.answer == Reachability::unknown) {
      CHECK(outcome.reason == "out of time");
    }
  }
}

TEST_CASE("engines report their progress") {
  const Made made = even_counter(4, 6);
  for (const Engine engine : all_engines) {
    std::vector<std::uint64_t> depths;
    EngineContext context;
    context.progress = [&](const Progress& progress) { depths.push_back(progress.depth); };
    engine(made.system, made.target, context);
    CHECK(depths == std::vector<std::uint64_t>{0, 1, 2, 3});
  }
}

TEST_CASE("check_invariant says which of the three conditions fails") {
  const Made made = even_counter(4, 5);
  const TransitionSystem& system = made.system;
  const Expr x = system.variable(0);
  const Expr even = eq(extract(x, 0, 0), system.pool->bits(1, 0));
  const auto flaw = [&](Expr invariant) {
    return check_invariant(system, made.target, invariant, {}).value_or("");
  };
  CHECK(flaw(even).empty());
  CHECK(flaw(!even) == "an initial state does not satisfy the invariant");
  CHECK(flaw(system.pool->boolean(true)) == "the invariant does not exclude the target");
  CHECK(flaw(ult(x, number(system, 0, 4))) == "rule 'count' does not keep the invariant");
}

TEST_CASE("check_invariant looks at every value of the control variables") {
  const Made made = program(false);
  const TransitionSystem& system = made.system;
  const Expr pc = system.variable(0);
  const Expr even = eq(extract(system.variable(1), 0, 0), system.pool->bits(1, 0));
  CHECK(check_invariant(system, made.target, even, {}) == std::nullopt);
  CHECK(check_invariant(system, made.target, even & ne(pc, number(system, 0, 1)), {}) ==
        "rule 'enter' does not keep the invariant");
  CHECK(check_invariant(system, made.target, even | eq(pc, number(system, 0, 3)), {}) ==
        std::nullopt);
}

TEST_CASE("a register that agrees with its reference is proved to, however it is passed around") {
  test::LockstepOptions options;
  options.locations = 24;
  const test::Lockstep made = test::lockstep(options);
  CHECK(pdr(made.system, made.target, {}).answer == Reachability::unreachable);
}

TEST_CASE("a bit forgotten at the end of a loop is found on a shortest path") {
  test::LockstepOptions options;
  options.locations = 16;
  options.bug = true;
  options.locals = 3;
  const test::Lockstep made = test::lockstep(options);
  const Outcome searched = bounded_search(made.system, made.target, {});
  const Outcome found = pdr(made.system, made.target, {});
  REQUIRE(searched.answer == Reachability::reachable);
  REQUIRE(found.answer == Reachability::reachable);
  CHECK(searched.path->steps.size() == found.path->steps.size());
}

}  // namespace airlock
