// Transition systems, steps, pinning, replay and messages.
#include <doctest/doctest.h>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/system/input_error.hpp"
#include "model/system/interpreter.hpp"
#include "model/system/pin.hpp"
#include "model/system/step.hpp"

namespace airlock::test {
namespace {

/// A 4-bit counter x that may start at 0 or 1, and a flag; "count" adds an input of one bit.
TransitionSystem counter() {
  TransitionSystem system;
  const InputId start = system.add_input("start", Sort::boolean(), "either");
  system.initial_inputs = {start};
  const VarId x =
      system.add_variable("x", Sort::bits(4), zero_extend(to_bits(system.input(start)), 4));
  system.add_variable("flag", Sort::boolean(), system.pool->boolean(false));
  Step step(system, "count", "cpu");
  step.assume(ult(step.get(x), system.pool->bits(4, 5)));
  step.set(x, step.get(x) + zero_extend(step.choose("by", Sort::bits(1), "0 or 1"), 4));
  step.finish();
  return system;
}

/// What validate says after `spoil`; empty if it is content.
std::string flaw_after(const std::function<void(TransitionSystem&)>& spoil) {
  TransitionSystem system = counter();
  spoil(system);
  try {
    validate(system);
  } catch (const std::logic_error& error) {
    return error.what();
  }
  return {};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TransitionSystem with_choice(const std::optional<std::string>& any_option) {
  TransitionSystem system;
  const InputId free = system.add_input("reading", Sort::bits(2), "any option");
  system.initial_inputs = {free};
  const VarId v = system.add_variable("reading.edge", Sort::bits(2), system.input(free));
  system.choices.push_back({"edge",
                            "Which edge?",
                            "APM",
                            v,
                            {{"rising", 0}, {"falling", 1}, {"each_time", 2}},
                            "falling",
                            any_option});
  return system;
}

template <typename Action>
std::string input_error(const Action& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("validate accepts a well-formed system") {
  CHECK(flaw_after([](TransitionSystem&) {}).empty());
}

TEST_CASE("validate names two variables of one name") {
  CHECK(contains(flaw_after([](TransitionSystem& s) { s.variables[1].name = "x"; }),
                 "two variables named 'x'"));
}

TEST_CASE("validate names a variable without an initial value of its sort") {
  CHECK(contains(flaw_after([](TransitionSystem& s) { s.variables[1].initial = Expr{}; }),
                 "'flag' has no initial value"));
  CHECK(
      contains(flaw_after([](TransitionSystem& s) { s.variables[1].initial = s.pool->bits(1, 0); }),
               "'flag' has no initial value"));
}

TEST_CASE("validate names an initial value that mentions a variable or another's choice") {
  CHECK(contains(
      flaw_after([](TransitionSystem& s) { s.variables[1].initial = bit(s.variable(0), 0); }),
      "initial value of 'flag' mentions a variable"));
  CHECK(contains(flaw_after([](TransitionSystem& s) { s.initial_inputs.clear(); }),
                 "mentions choice 'start' that it does not list"));
}

TEST_CASE("validate names an initial constraint that is not a Bool over variables") {
  CHECK(contains(flaw_after([](TransitionSystem& s) { s.initial_constraint = s.variable(0); }),
                 "initial constraint is not a Bool"));
  CHECK(contains(flaw_after([](TransitionSystem& s) { s.initial_constraint = s.input(0); }),
                 "initial constraint mentions choice"));
}

TEST_CASE("validate names rules whose guard or choices are wrong") {
  CHECK(contains(flaw_after([](TransitionSystem& s) { s.rules[0].guard = s.variable(0); }),
                 "rule 'count' has no Bool guard"));
  CHECK(contains(flaw_after([](TransitionSystem& s) {
                   s.rules[0].inputs = {1, 0};
                 }),
                 "lists its choices out of order"));
  CHECK(contains(flaw_after([](TransitionSystem& s) { s.rules[0].inputs.clear(); }),
                 "mentions choice 'by' that it does not list"));
}

TEST_CASE("validate names updates that are wrong") {
  CHECK(contains(flaw_after([](TransitionSystem& s) { s.rules[0].updates[0].variable = 9; }),
                 "updates an unknown variable"));
  CHECK(contains(
      flaw_after([](TransitionSystem& s) { s.rules[0].updates.push_back(s.rules[0].updates[0]); }),
      "updates 'x' twice"));
  CHECK(contains(flaw_after([](TransitionSystem& s) { s.rules[0].updates[0].variable = 1; }),
                 "gives 'flag' a value of another sort"));
}

TEST_CASE("validate names leaves that do not exist and expressions of another pool") {
  CHECK(contains(flaw_after([](TransitionSystem& s) {
                   s.rules[0].guard = s.pool->variable(Sort::boolean(), 7);
                 }),
                 "mentions an unknown variable"));
  ExprPool other;
  CHECK(contains(flaw_after([&](TransitionSystem& s) { s.rules[0].guard = other.boolean(true); }),
                 "of another pool"));
}

TEST_CASE("validate names properties, readings and control variables that are wrong") {
  const auto property = [](TransitionSystem& s, Expr predicate) {
    s.properties.push_back({"always_p", PropertyKind::always, predicate, {}, {}, {}});
  };
  CHECK(contains(flaw_after([&](TransitionSystem& s) { property(s, s.variable(0)); }),
                 "property 'always_p' is not a Bool"));
  CHECK(contains(flaw_after([&](TransitionSystem& s) {
                   property(s, s.variable(1));
                   property(s, s.variable(1));
                 }),
                 "two properties named 'always_p'"));
  CHECK(contains(flaw_after([](TransitionSystem& s) {
                   s.choices.push_back({"r", {}, {}, 0, {}, {}, {}});
                 }),
                 "a rule writes the variable of reading 'r'"));
  CHECK(contains(flaw_after([](TransitionSystem& s) { s.control = {9}; }),
                 "unknown control variable"));
}

TEST_CASE("a target is a violation of always, and a witness of never and reachable") {
  TransitionSystem system = counter();
  const Expr flag = system.variable(1);
  CHECK(target_of({"always_f", PropertyKind::always, flag, {}, {}, {}}) == !flag);
  CHECK(target_of({"never_f", PropertyKind::never, flag, {}, {}, {}}) == flag);
  CHECK(target_of({"reachable_f", PropertyKind::reachable, flag, {}, {}, {}}) == flag);
}

TEST_CASE("values print by name, as flags, or as numbers") {
  Variable mode{"mode", Sort::bits(2), {}, {Display::Kind::enumeration, {{1, "guest"}}}, {}};
  CHECK(format_value(mode, 1) == "guest");
  CHECK(format_value(mode, 2) == "2");
  Variable dr6{
      "DR6", Sort::bits(16), {}, {Display::Kind::flags, {{14, "BS"}, {11, "BLD", true}}}, {}};
  CHECK(format_value(dr6, 0x4800) == "BS");
  CHECK(format_value(dr6, 0x4000) == "BS|BLD=0");
  CHECK(format_value(dr6, 0x0800) == "800h");
  CHECK(format_value({"n", Sort::bits(8), {}, {}, {}}, 200) == "200");
}

TEST_CASE("a step reads what it wrote, and its rule updates what changed") {
  TransitionSystem system = counter();
  Step step(system, "step", "cpu");
  step.set(0, step.get(0) + system.pool->bits(4, 1));
  step.set(0, step.get(0) + system.pool->bits(4, 1));
  step.set(1, step.get(1));
  step.cause({{"a.c", 3, 1}, "x += 2;", {}});
  step.finish();
  const Rule& rule = system.rules.back();
  REQUIRE(rule.updates.size() == 1);
  CHECK(rule.updates[0].value == system.variable(0) + system.pool->bits(4, 2));
  CHECK(rule.causes.size() == 1);
}

TEST_CASE("a step gives the same choice for the same key, also after a fork") {
  TransitionSystem system = counter();
  Step step(system, "step", "cpu");
  const Expr first = step.choose("k", Sort::bits(4), "any");
  CHECK(step.choose("k", Sort::bits(4), "any") == first);
  CHECK(step.choose("l", Sort::bits(4), "any") != first);
  auto halves = fork(step, step.get(1));
  CHECK(halves.second.choose("k", Sort::bits(4), "any") == first);
}

TEST_CASE("forking on a condition that is settled leaves one feasible half, and only it a rule") {
  TransitionSystem system = counter();
  Step step(system, "step", "cpu");
  step.assume(step.get(1));
  const auto halves = fork(step, step.get(1));
  CHECK(halves.first.feasible());
  CHECK_FALSE(halves.second.feasible());
  const std::size_t before = system.rules.size();
  halves.second.finish();
  CHECK(system.rules.size() == before);
  halves.first.finish();
  CHECK(system.rules.size() == before + 1);
}

TEST_CASE("the interpreter computes initial states and successors") {
  TransitionSystem system = counter();
  const std::vector<std::uint64_t> one{1};
  const auto state = initial_state(system, one);
  REQUIRE(state.has_value());
  CHECK(*state == State{1, 0});
  CHECK(successor(system, *state, {0, {1}}) == State{2, 0});
  CHECK(successor(system, {5, 0}, {0, {1}}) == std::nullopt);
  system.initial_constraint = eq(system.variable(0), system.pool->bits(4, 0));
  CHECK_FALSE(initial_state(system, one).has_value());
}

TEST_CASE("all updates of a rule read the state before it") {
  TransitionSystem system;
  const VarId a = system.add_variable("a", Sort::bits(2), system.pool->bits(2, 1));
  const VarId b = system.add_variable("b", Sort::bits(2), system.pool->bits(2, 2));
  system.rules.push_back({"swap",
                          "cpu",
                          system.pool->boolean(true),
                          {{a, system.variable(b)}, {b, system.variable(a)}},
                          {},
                          {}});
  CHECK(successor(system, {1, 2}, {0, {}}) == State{2, 1});
}

TEST_CASE("replay gives all states, and names the step whose guard does not hold") {
  const TransitionSystem system = counter();
  const Path good{{0}, {{0, {1}}, {0, {0}}, {0, {1}}}};
  CHECK(replay(system, good) == std::vector<State>{{0, 0}, {1, 0}, {1, 0}, {2, 0}});
  Path bad{{1}, {}};
  bad.steps.assign(5, {0, {1}});
  try {
    replay(system, bad);
    FAIL("replayed a step that cannot be taken");
  } catch (const std::logic_error& error) {
    CHECK(contains(error.what(), "step 5"));
    CHECK(contains(error.what(), "'count'"));
  }
}

TEST_CASE("replay refuses steps that do not fit the system") {
  const TransitionSystem system = counter();
  CHECK_THROWS_AS(replay(system, {{}, {}}), std::logic_error);
  CHECK_THROWS_AS(replay(system, {{2}, {}}), std::logic_error);
  CHECK_THROWS_AS(replay(system, {{0}, {{0, {}}}}), std::logic_error);
  CHECK_THROWS_AS(replay(system, {{0}, {{0, {2}}}}), std::logic_error);
  CHECK_THROWS_AS(replay(system, {{0}, {{7, {}}}}), std::logic_error);
}

TEST_CASE("default pins are the readings' defaults, unless the user chose") {
  const TransitionSystem system = with_choice(std::nullopt);
  CHECK(default_pins(system) == Pins{{"edge", "falling"}});
  CHECK(default_pins(system, {{"edge", "rising"}}) == Pins{{"edge", "rising"}});
  CHECK(default_pins(system, {{"edge", "any"}}) == Pins{{"edge", "any"}});
}

TEST_CASE("pinning fixes a reading's initial value, and any leaves it as it is") {
  const TransitionSystem system = with_choice(std::nullopt);
  CHECK(pin(system, {{"edge", "falling"}}).variables[0].initial.is_value(1));
  CHECK(pin(system, {{"edge", "any"}}).variables[0].initial == system.variables[0].initial);
  CHECK(pin(system, {}).variables[0].initial == system.variables[0].initial);
}

TEST_CASE("any is the option that means a fresh choice each time, where there is one") {
  const TransitionSystem system = with_choice("each_time");
  CHECK(pin(system, {{"edge", "any"}}).variables[0].initial.is_value(2));
  CHECK(pin(system, {}).variables[0].initial.is_value(2));
}

TEST_CASE("unknown choices and options are refused with the known ones") {
  const TransitionSystem system = with_choice(std::nullopt);
  CHECK(input_error([&] {
          default_pins(system, {{"egde", "any"}});
        }) == "--choice: error: unknown choice 'egde'\nexpected: one of edge");
  CHECK(input_error([&] {
          pin(system, {{"edge", "up"}});
        }) ==
        "--choice: error: choice 'edge' has no option 'up'\n"
        "expected: one of rising, falling, each_time, any");
}

TEST_CASE("an input error shows the place, the line with a caret, and what was expected") {
  const InputError error({"a.c", 12, 5}, "unknown identifier 'foo'", "    foo(1);", "a variable");
  CHECK(std::string(error.what()) ==
        "a.c:12:5: error: unknown identifier 'foo'\n"
        "  12 |     foo(1);\n"
        "     |     ^\n"
        "expected: a variable");
}

TEST_CASE("an input error leaves out what is unknown") {
  CHECK(std::string(InputError({"nowhere", 0, 0}, "no such file").what()) ==
        "nowhere: error: no such file");
}

TEST_CASE("an input error's line is printable and short, its caret still under the column") {
  const std::string line = std::string(500, 'a') + "\x1b[31m!" + std::string(500, 'b');
  const std::string what = InputError({"a.c", 1, 506}, "bad", line).what();
  CHECK_FALSE(contains(what, "\x1b"));
  const std::size_t shown = what.find("1 | ");
  const std::size_t end = what.find('\n', shown);
  CHECK(end - shown < 200);
  const std::size_t caret = what.find('^') - (what.rfind('\n') + 1);
  CHECK(what[what.find('\n') + 1 + caret] == '!');
}

}  // namespace airlock::test
