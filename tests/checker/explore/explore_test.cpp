// The explicit-state search on small systems whose answers can be counted by hand.
#include "checker/explore/explore.hpp"

#include <array>
#include <doctest/doctest.h>
#include <set>

#include "checker/explore/search.hpp"
#include "model/system/interpreter.hpp"

namespace airlock {
namespace {

VarId add_bits(TransitionSystem& s, const std::string& name, unsigned width,
               std::uint64_t initial = 0) {
  return s.add_variable(name, Sort::bits(width), s.pool->bits(width, initial));
}

void add_rule(TransitionSystem& s, const std::string& name, Expr guard,
              std::vector<Update> updates) {
  Rule rule;
  rule.name = name;
  rule.guard = guard;
  std::vector<Expr> roots{guard};
  for (const Update& update : updates) {
    roots.push_back(update.value);
  }
  rule.inputs = inputs_of(roots);
  rule.updates = std::move(updates);
  s.rules.push_back(std::move(rule));
}

/// Counts from 0 to 9 and stays there.
TransitionSystem counter() {
  TransitionSystem s;
  const VarId x = add_bits(s, "x", 4);
  const Expr v = s.variable(x);
  add_rule(s, "count", ult(v, same_sort(v, 9)), {{x, v + same_sort(v, 1)}});
  validate(s);
  return s;
}

State last_state(const TransitionSystem& s, const Outcome& outcome) {
  REQUIRE(outcome.path.has_value());
  return replay(s, *outcome.path).back();
}

}  // namespace

TEST_CASE("explore counts the states, transitions, depth and deadlock of a counter") {
  const TransitionSystem s = counter();
  const ExploreResult r = explore(s, {});
  CHECK(r.complete);
  CHECK(r.states == 10);
  CHECK(r.transitions == 9);
  CHECK(r.depth == 9);
  CHECK(r.deadlocks == 1);
  CHECK(r.reason.empty());
}

TEST_CASE("explore finds a shortest path to what is reachable and says when nothing is") {
  const TransitionSystem s = counter();
  const Expr v = s.variable(0);
  const std::array targets{eq(v, same_sort(v, 7)), eq(v, same_sort(v, 12)), eq(v, same_sort(v, 0))};
  const ExploreResult r = explore(s, targets);
  REQUIRE(r.outcomes.size() == 3);
  CHECK(r.outcomes[0].answer == Reachability::reachable);
  CHECK(r.outcomes[0].engine == "explore");
  CHECK(r.outcomes[0].shortest);
  CHECK(r.outcomes[0].depth == 7);
  CHECK(r.outcomes[0].states == 8);
  CHECK(r.outcomes[0].path->steps.size() == 7);
  CHECK(last_state(s, r.outcomes[0]) == State{7});
  CHECK(r.outcomes[1].answer == Reachability::unreachable);
  CHECK(r.outcomes[1].states == 10);
  CHECK_FALSE(r.outcomes[1].path.has_value());
  CHECK(r.outcomes[2].answer == Reachability::reachable);
  CHECK(r.outcomes[2].path->steps.empty());
}

TEST_CASE("explore stops after the level of the last target unless told to go on") {
  const TransitionSystem s = counter();
  const Expr v = s.variable(0);
  const std::array targets{eq(v, same_sort(v, 3))};
  const ExploreResult stopped = explore(s, targets);
  CHECK_FALSE(stopped.complete);
  CHECK_FALSE(stopped.reason.empty());
  CHECK(stopped.states == 4);
  const ExploreResult whole = explore(s, targets, {}, {.stop_when_decided = false});
  CHECK(whole.complete);
  CHECK(whole.states == 10);
  CHECK(whole.outcomes[0].path->steps.size() == 3);
}

TEST_CASE("explore interleaves two processes") {
  TransitionSystem s;
  const VarId a = add_bits(s, "a", 2);
  const VarId b = add_bits(s, "b", 2);
  for (const VarId pc : {a, b}) {
    const Expr v = s.variable(pc);
    add_rule(s, "step", ne(v, same_sort(v, 3)), {{pc, v + same_sort(v, 1)}});
  }
  s.control = {a, b};
  const ExploreResult r = explore(s, {});
  CHECK(r.states == 16);
  CHECK(r.transitions == 24);
  CHECK(r.depth == 6);
  CHECK(r.deadlocks == 1);
}

TEST_CASE("explore tries every value of a rule's choices") {
  TransitionSystem s;
  const VarId x = add_bits(s, "x", 8);
  const InputId c = s.add_input("c", Sort::bits(8), "");
  const InputId d = s.add_input("d", Sort::boolean(), "");
  const Expr value = s.input(c);
  add_rule(s, "pick", eq(s.variable(x), same_sort(value, 0)) & ult(value, same_sort(value, 200)),
           {{x, ite(s.input(d), value, same_sort(value, 255))}});
  const Expr target = eq(s.variable(x), same_sort(value, 131));
  const ExploreResult r = explore(s, std::array{target}, {}, {.stop_when_decided = false});
  CHECK(r.states == 201);
  CHECK(r.transitions == 400);
  CHECK(r.deadlocks == 200);
  CHECK(r.outcomes[0].path->steps.at(0).inputs == std::vector<std::uint64_t>{131, 1});
}

TEST_CASE("explore counts transitions for choice bits that no expression looks at") {
  TransitionSystem s;
  const VarId x = add_bits(s, "x", 5);
  const InputId c = s.add_input("c", Sort::bits(40), "");
  const Expr value = s.input(c);
  add_rule(s, "pick", s.pool->boolean(true),
           {{x, concat(extract(value, 33, 32), extract(value, 6, 4))}});
  const ExploreResult r = explore(s, std::array{eq(s.variable(x), s.pool->bits(5, 0b10011))}, {},
                                  {.stop_when_decided = false});
  CHECK(r.complete);
  CHECK(r.states == 32);
  CHECK(r.transitions == (std::uint64_t{32} << 40U));
  CHECK(r.outcomes[0].path->steps.at(0).inputs ==
        std::vector<std::uint64_t>{(std::uint64_t{2} << 32U) | (3U << 4U)});
}

TEST_CASE("explore gives up on a rule with 64 bits of choices, naming it") {
  TransitionSystem s;
  const VarId x = add_bits(s, "x", 64);
  const VarId go = add_bits(s, "go", 1);
  const InputId c = s.add_input("c", Sort::bits(64), "");
  add_rule(s, "start", to_bool(~s.variable(go)), {{go, s.pool->bits(1, 1)}});
  add_rule(s, "wrmsr anything", to_bool(s.variable(go)), {{x, s.input(c)}});
  const std::array targets{to_bool(s.variable(go)), eq(s.variable(x), s.pool->bits(64, 5))};
  const ExploreResult r = explore(s, targets);
  CHECK_FALSE(r.complete);
  CHECK(r.reason.find("'wrmsr anything'") != std::string::npos);
  CHECK(r.outcomes[0].answer == Reachability::reachable);
  CHECK(r.outcomes[1].answer == Reachability::unknown);
  CHECK(r.outcomes[1].reason.find("'wrmsr anything'") != std::string::npos);
}

TEST_CASE("explore does not mind 64 bits of choices in a rule that never fires") {
  TransitionSystem s = counter();
  const InputId c = s.add_input("c", Sort::bits(64), "");
  const Expr v = s.variable(0);
  add_rule(s, "never", eq(v, same_sort(v, 15)), {{0, extract(s.input(c) * s.input(c), 63, 60)}});
  CHECK(explore(s, {}).complete);
}

TEST_CASE("explore tries choices beside each other when the frontier is a single state") {
  TransitionSystem s;
  const VarId x = add_bits(s, "x", 20);
  const InputId c = s.add_input("c", Sort::bits(18), "");
  const Expr value = zero_extend(s.input(c), 20);
  add_rule(s, "spread", eq(s.variable(x), same_sort(value, 0)), {{x, value * same_sort(value, 3)}});
  const ExploreResult r = explore(s, {});
  CHECK(r.states == (1U << 18U));
  CHECK(r.transitions == (1U << 18U));
  CHECK(r.deadlocks == (1U << 18U) - 1);
}

TEST_CASE("explore starts from every value of the initial choices that the constraint allows") {
  TransitionSystem s;
  const InputId c = s.add_input("any", Sort::bits(6), "");
  s.initial_inputs = {c};
  const VarId x = s.add_variable("x", Sort::bits(6), s.input(c));
  const VarId y = s.add_variable("y", Sort::bits(6), s.input(c) ^ s.pool->bits(6, 63));
  s.initial_constraint = ult(s.variable(x), s.variable(y)) & bit(s.variable(x), 0);
  add_rule(s, "swap", s.pool->boolean(true), {{x, s.variable(y)}, {y, s.variable(x)}});
  const Expr target = eq(s.variable(y), s.pool->bits(6, 5));
  const ExploreResult r = explore(s, std::array{target}, {}, {.stop_when_decided = false});
  CHECK(r.states == 32);  // 1, 3, ..., 31 and their swaps
  CHECK(r.depth == 1);
  CHECK(r.transitions == 32);
  CHECK(r.outcomes[0].path->initial_inputs == std::vector<std::uint64_t>{5});
  CHECK(last_state(s, r.outcomes[0]) == State{58, 5});
}

TEST_CASE("explore finds nothing where the initial constraint excludes everything") {
  TransitionSystem s = counter();
  s.initial_constraint = eq(s.variable(0), s.pool->bits(4, 3));
  const ExploreResult r = explore(s, std::array{s.pool->boolean(true)});
  CHECK(r.complete);
  CHECK(r.states == 0);
  CHECK(r.outcomes[0].answer == Reachability::unreachable);
}

TEST_CASE("explore gives up on more initial states than it can enumerate") {
  TransitionSystem s;
  const InputId c = s.add_input("any", Sort::bits(64), "");
  s.initial_inputs = {c};
  s.add_variable("x", Sort::bits(64), s.input(c));
  const ExploreResult r = explore(s, std::array{s.pool->boolean(true)});
  CHECK_FALSE(r.complete);
  CHECK(r.outcomes[0].answer == Reachability::unknown);
  CHECK(r.reason.find("initial") != std::string::npos);
}

TEST_CASE("explore handles states wider than two words") {
  TransitionSystem s;
  std::vector<VarId> ids;
  for (unsigned i = 0; i < 5; ++i) {
    ids.push_back(add_bits(s, "w" + std::to_string(i), 61, i));
  }
  const VarId turn = add_bits(s, "turn", 3);
  // A rotation of five distinct wide values, and a count of the turns.
  std::vector<Update> updates{{turn, s.variable(turn) + s.pool->bits(3, 1)}};
  for (unsigned i = 0; i < 5; ++i) {
    updates.push_back({ids[i], s.variable(ids[(i + 1) % 5])});
  }
  add_rule(s, "rotate", s.pool->boolean(true), updates);
  validate(s);
  const Expr target =
      eq(s.variable(ids[0]), s.pool->bits(61, 2)) & eq(s.variable(turn), s.pool->bits(3, 7));
  for (const unsigned jobs : {1U, 3U}) {
    EngineContext context;
    context.jobs = jobs;
    const ExploreResult r = explore(s, std::array{target}, context, {.stop_when_decided = false});
    CHECK(r.states == 40);
    CHECK(r.depth == 39);
    CHECK(r.deadlocks == 0);
    CHECK(last_state(s, r.outcomes[0]) == State{2, 3, 4, 0, 1, 7});
  }
}

TEST_CASE("explore agrees with itself whether control values are specialised, shared or capped") {
  TransitionSystem s;
  const VarId pc = add_bits(s, "pc", 10);
  const VarId x = add_bits(s, "x", 4);
  const Expr p = s.variable(pc);
  add_rule(s, "next", s.pool->boolean(true), {{pc, p + same_sort(p, 1)}});
  for (unsigned i = 0; i < 64; ++i) {
    add_rule(s, "at " + std::to_string(i), eq(p, same_sort(p, i * 16)),
             {{x, s.variable(x) + s.pool->bits(4, i % 5)}});
  }
  s.control = {pc};
  const Expr target = eq(s.variable(x), s.pool->bits(4, 13)) & eq(p, same_sort(p, 700));
  for (const auto& tuning :
       {explicit_state::RuleTable::Tuning{0, 4096}, explicit_state::RuleTable::Tuning{512, 4096},
        explicit_state::RuleTable::Tuning{0, 7}, explicit_state::RuleTable::Tuning{0, 0}}) {
    const ExploreResult r =
        explicit_state::search(s, std::array{target}, {}, {.stop_when_decided = false}, {}, tuning);
    CHECK(r.states == 1024 * 16);
    CHECK(r.transitions == 1024 * 16 + 64 * 16);
    CHECK(r.outcomes[0].depth == 704);
    CHECK(last_state(s, r.outcomes[0]) == State{700, 13});
  }
}

TEST_CASE("explore with a cancelled context answers unknown and says so") {
  const TransitionSystem s = counter();
  const std::atomic<bool> cancelled{true};
  EngineContext context;
  context.cancelled = &cancelled;
  const ExploreResult r = explore(s, std::array{eq(s.variable(0), s.pool->bits(4, 7))}, context);
  CHECK_FALSE(r.complete);
  CHECK(r.outcomes[0].answer == Reachability::unknown);
  CHECK(r.outcomes[0].reason == "cancelled");
}

TEST_CASE("explore keeps to its deadline in a huge state space, and to what it found before") {
  TransitionSystem s;
  const VarId x = add_bits(s, "x", 60);
  const InputId c = s.add_input("c", Sort::bits(10), "");
  add_rule(s, "mix", s.pool->boolean(true),
           {{x, s.variable(x) * s.pool->bits(60, 0x12345) + zero_extend(s.input(c), 60)}});
  const std::array targets{
      eq(s.variable(x), s.pool->bits(60, 77)),
      eq(s.variable(x) & s.pool->bits(60, 0xFFFFFFFFFFFFULL), s.pool->bits(60, 0x123456789ABCULL))};
  for (const unsigned jobs : {1U, 2U}) {
    EngineContext context;
    context.jobs = jobs;
    const auto begin = std::chrono::steady_clock::now();
    context.deadline = begin + std::chrono::milliseconds(200);
    const ExploreResult r = explore(s, targets, context);
    const auto took = std::chrono::steady_clock::now() - begin;
    CHECK(took < std::chrono::seconds(2));
    CHECK_FALSE(r.complete);
    CHECK(r.outcomes[0].answer == Reachability::reachable);
    CHECK(r.outcomes[0].path->steps.size() == 1);
    CHECK(r.outcomes[1].answer == Reachability::unknown);
    CHECK(r.outcomes[1].reason == "out of time");
  }
}

TEST_CASE("explore shows every state to the visitor once") {
  const TransitionSystem s = counter();
  for (const unsigned jobs : {1U, 2U}) {
    EngineContext context;
    context.jobs = jobs;
    std::multiset<State> seen;
    explore(s, {}, context, {}, [&](const State& state) { seen.insert(state); });
    CHECK(seen.size() == 10);
    CHECK(std::set<State>(seen.begin(), seen.end()).size() == 10);
  }
}

TEST_CASE("explore takes the smallest of several equally short ways") {
  TransitionSystem s;
  const VarId x = add_bits(s, "x", 3);
  const InputId c = s.add_input("c", Sort::bits(3), "");
  const Expr v = s.variable(x);
  const Expr at_zero = eq(v, same_sort(v, 0));
  add_rule(s, "unused", s.pool->boolean(false), {});
  add_rule(s, "leave", at_zero, {{x, s.input(c)}});
  add_rule(s, "leave too", at_zero, {{x, s.input(c)}});
  add_rule(s, "arrive", ult(same_sort(v, 2), v) & ult(v, same_sort(v, 7)), {{x, same_sort(v, 7)}});
  const Expr six_or_seven = ult(same_sort(v, 5), v);
  const ExploreResult r = explore(s, std::array{six_or_seven});
  REQUIRE(r.outcomes[0].path->steps.size() == 1);
  CHECK(r.outcomes[0].path->steps[0].rule == 1);
  CHECK(r.outcomes[0].path->steps[0].inputs == std::vector<std::uint64_t>{6});
}

TEST_CASE("explore visits a system without variables") {
  TransitionSystem s;
  add_rule(s, "idle", s.pool->boolean(true), {});
  const ExploreResult r = explore(s, std::array{s.pool->boolean(false)});
  CHECK(r.complete);
  CHECK(r.states == 1);
  CHECK(r.transitions == 1);
  CHECK(r.deadlocks == 0);
}

}  // namespace airlock
