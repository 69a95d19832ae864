// Each reduction on a case made for it: that it does reduce, and what is left.
#include "model/system/reduce.hpp"

#include <doctest/doctest.h>
#include <stdexcept>
#include <vector>

#include "model/system/interpreter.hpp"
#include "model/system/step.hpp"
#include "tests/support/naive_search.hpp"

namespace airlock::test {
namespace {

constexpr ReduceOptions narrow_only{true, false, false};
constexpr ReduceOptions with_cone{true, true, false};
constexpr ReduceOptions everything{true, true, true};

VarId add(TransitionSystem& system, const std::string& name, unsigned width,
          std::uint64_t initial = 0) {
  return system.add_variable(name, Sort::bits(width), system.pool->bits(width, initial));
}

unsigned widest(Expr root) {
  unsigned result = root.width();
  for (unsigned i = 0; i < root.arity(); ++i) {
    result = std::max(result, widest(root.arg(i)));
  }
  return result;
}

/// A program of two locations: at 0 `local` takes any value, and at 1 `out` becomes 0 or 8
/// depending on it and control goes back to 0.
struct Program {
  TransitionSystem system;
  VarId pc;
  VarId local;
  VarId out;
};

Program load_and_store() {
  Program p;
  p.pc = add(p.system, "pc", 8);
  p.local = add(p.system, "local", 4);
  p.out = add(p.system, "out", 4);
  p.system.control = {p.pc};
  Step load(p.system, "load", "vcpu");
  load.assume(eq(load.get(p.pc), p.system.pool->bits(8, 0)));
  load.set(p.local, load.choose("value", Sort::bits(4), "any"));
  load.set(p.pc, p.system.pool->bits(8, 1));
  load.finish();
  Step store(p.system, "store", "vcpu");
  store.assume(eq(store.get(p.pc), p.system.pool->bits(8, 1)));
  const Expr rounded = store.get(p.local) + p.system.pool->bits(4, 7);
  store.set(p.out, rounded & p.system.pool->bits(4, 8));
  store.set(p.pc, p.system.pool->bits(8, 0));
  store.finish();
  return p;
}

}  // namespace

TEST_CASE("a 64-bit register of which two bits vary becomes two bits") {
  TransitionSystem system;
  const VarId r = add(system, "DEBUGCTL", 64, 0x100);
  Step write(system, "wrmsr", "cpu");
  const Expr value = write.choose("value", Sort::bits(2), "two bits");
  write.set(r, (write.get(r) & system.pool->bits(64, ~std::uint64_t{0x41})) |
                   zero_extend(extract(value, 0, 0), 64) |
                   shl(zero_extend(extract(value, 1, 1), 64), system.pool->bits(64, 6)));
  write.finish();
  const std::vector<Expr> targets{eq(system.variable(r), system.pool->bits(64, 0x141)),
                                  eq(system.variable(r), system.pool->bits(64, 0x41))};
  const Reduction reduction(system, targets, narrow_only);
  REQUIRE(reduction.system().variables.size() == 1);
  CHECK(reduction.system().variables[0].name == "DEBUGCTL");
  CHECK(reduction.system().variables[0].sort == Sort::bits(2));
  CHECK(reduction.origin(0, 0) == std::pair<VarId, unsigned>{r, 0});
  CHECK(reduction.origin(0, 1) == std::pair<VarId, unsigned>{r, 6});
  CHECK(widest(reduction.system().rules[0].updates[0].value) == 2);
  CHECK(widest(reduction.targets()[0]) <= 2);
  CHECK(reduction.targets()[1].is_false());
}

TEST_CASE("a variable that never changes vanishes, with the rules that it disables") {
  TransitionSystem system;
  const VarId feature = add(system, "feature", 1, 0);
  const VarId x = add(system, "x", 4);
  Step off(system, "off", "cpu");
  off.set(x, off.get(x) + system.pool->bits(4, 1));
  off.finish();
  Step on(system, "on", "cpu");
  on.assume(to_bool(on.get(feature)));
  on.set(x, system.pool->bits(4, 9));
  on.finish();
  const Reduction reduction(system, {}, narrow_only);
  REQUIRE(reduction.system().variables.size() == 1);
  CHECK(reduction.system().variables[0].name == "x");
  REQUIRE(reduction.system().rules.size() == 1);
  CHECK(reduction.system().rules[0].name == "off");
}

TEST_CASE("updates are simplified by what their guard says") {
  TransitionSystem system;
  const VarId mode = add(system, "mode", 2);
  const VarId x = add(system, "x", 8);
  Step step(system, "step", "cpu");
  step.set(mode, step.get(mode) + system.pool->bits(2, 1));
  step.finish();
  Step write(system, "write", "cpu");
  const Expr three = eq(write.get(mode), system.pool->bits(2, 3));
  write.assume(three);
  write.set(x, ite(three, system.pool->bits(8, 5), write.get(x) + system.pool->bits(8, 1)));
  write.finish();
  const Reduction reduction(system, {}, narrow_only);
  // x is 0 or 5.
  CHECK(reduction.system().variables[1].sort == Sort::bits(2));
  CHECK(reduction.system().rules[1].updates[0].value.is_value(3));
}

TEST_CASE("narrowing alone keeps rules that change nothing, and choices that nothing uses") {
  TransitionSystem system;
  const VarId x = add(system, "x", 2);
  Step step(system, "step", "cpu");
  step.set(x, step.get(x) + system.pool->bits(2, 1));
  step.finish();
  const InputId unused = system.add_input("unused", Sort::bits(3), "nothing");
  system.rules.push_back({"idle", "cpu", system.pool->boolean(true), {}, {unused}, {}});
  const Reduction narrow(system, {}, narrow_only);
  CHECK(naive_search(narrow.system(), {}).transitions == 4 * (1 + 8));
  const std::vector<Expr> targets{eq(system.variable(x), system.pool->bits(2, 3))};
  const Reduction cone(system, targets, with_cone);
  CHECK(cone.system().rules.size() == 1);
}

TEST_CASE("the cone of influence keeps the bits that a target depends on") {
  TransitionSystem system;
  const VarId x = add(system, "x", 8);
  const VarId y = add(system, "y", 8);
  const VarId z = add(system, "z", 8);
  Step copy(system, "copy", "cpu");
  copy.set(x, copy.get(y));
  copy.finish();
  Step count(system, "count", "cpu");
  count.set(y, count.get(y) + system.pool->bits(8, 1));
  count.set(z, count.get(x));
  count.finish();
  Step other(system, "other", "cpu");
  other.set(z, other.get(z) + system.pool->bits(8, 1));
  other.finish();
  const std::vector<Expr> targets{bit(system.variable(x), 1)};
  const Reduction reduction(system, targets, with_cone);
  REQUIRE(reduction.system().variables.size() == 2);
  CHECK(reduction.system().variables[0].sort == Sort::bits(1));  // bit 1 of x
  CHECK(reduction.system().variables[1].sort == Sort::bits(2));  // bits 1 and 0 of y
  CHECK(reduction.system().rules.size() == 2);
}

TEST_CASE("what the initial constraint mentions stays in the cone") {
  TransitionSystem system;
  const InputId any = system.add_input("any", Sort::bits(4), "any");
  system.initial_inputs = {any};
  const VarId x = system.add_variable("x", Sort::bits(4), system.input(any));
  const VarId y = system.add_variable("y", Sort::bits(4), ~system.input(any));
  system.initial_constraint = eq(system.variable(x), system.pool->bits(4, 5));
  const std::vector<Expr> targets{eq(system.variable(y), system.pool->bits(4, 10)),
                                  eq(system.variable(y), system.pool->bits(4, 11))};
  const Reduction reduction(system, targets, everything);
  const NaiveResult found = naive_search(reduction.system(), reduction.targets());
  CHECK(found.distances[0] == 0);
  CHECK_FALSE(found.distances[1]);
}

TEST_CASE("a choice of which few bits are used becomes those bits, and lifting puts them back") {
  TransitionSystem system;
  const VarId x = add(system, "x", 2);
  Step write(system, "write", "cpu");
  const Expr value = write.choose("value", Sort::bits(64), "a register");
  write.assume(bit(value, 9));
  write.set(x, extract(value, 41, 40));
  write.finish();
  const std::vector<Expr> targets{eq(system.variable(x), system.pool->bits(2, 2))};
  const Reduction reduction(system, targets, with_cone);
  REQUIRE(reduction.system().rules.size() == 1);
  const Rule& rule = reduction.system().rules[0];
  REQUIRE(rule.inputs.size() == 1);
  CHECK(reduction.system().inputs[rule.inputs[0]].sort == Sort::bits(3));
  const Path lifted = reduction.lift({{}, {{0, {0b101}}}});
  REQUIRE(lifted.steps.size() == 1);
  CHECK(lifted.steps[0].inputs == std::vector<std::uint64_t>{(std::uint64_t{1} << 41U) | 0x200});
  CHECK(replay(system, lifted).back()[x] == 2);
}

TEST_CASE("rules that became the same rule are kept once") {
  TransitionSystem system;
  const VarId x = add(system, "x", 2);
  const VarId noise = add(system, "noise", 2);
  for (unsigned i = 0; i < 3; ++i) {
    Step step(system, "step" + std::to_string(i), "cpu");
    step.set(x, step.choose("x", Sort::bits(2), "any"));
    step.set(noise, system.pool->bits(2, i));
    step.finish();
  }
  const std::vector<Expr> targets{eq(system.variable(x), system.pool->bits(2, 3))};
  CHECK(Reduction(system, targets, with_cone).system().rules.size() == 1);
}

TEST_CASE("a dead local is 0") {
  const Program p = load_and_store();
  const std::vector<Expr> targets{eq(p.system.variable(p.out), p.system.pool->bits(4, 8))};
  const Reduction without(p.system, targets, with_cone);
  const Reduction with(p.system, targets, everything);
  // `out` has 2 values, `local` 16; at 0 `local` still says what `out` was made from.
  CHECK(naive_search(without.system(), {}).states == 2 * 16 + 16);
  CHECK(naive_search(with.system(), {}).states == 2 * 16 + 2);
  const auto pc = with.system().find_variable("pc");
  const auto local = with.system().find_variable("local");
  REQUIRE(pc.has_value());
  REQUIRE(local.has_value());
  for (const State& state : naive_search(with.system(), {}).reached) {
    CHECK((state[*pc] != 0 || state[*local] == 0));
  }
}

TEST_CASE("a target that reads a variable at one location keeps it alive there only") {
  Program p = load_and_store();
  const Expr at_1 = eq(p.system.variable(p.pc), p.system.pool->bits(8, 1));
  const std::vector<Expr> targets{at_1 & eq(p.system.variable(p.local), p.system.pool->bits(4, 9))};
  const Reduction reduction(p.system, targets, everything);
  CHECK_FALSE(reduction.system().find_variable("out").has_value());
  // One state at 0, sixteen at 1.
  CHECK(naive_search(reduction.system(), {}).states == 17);
}

TEST_CASE("an interrupt that writes a register where it is dead leaves it 0 there") {
  Program p = load_and_store();
  Step irq(p.system, "irq", "irq");
  irq.set(p.local, irq.choose("noise", Sort::bits(4), "any"));
  irq.finish();
  const Expr at_1 = eq(p.system.variable(p.pc), p.system.pool->bits(8, 1));
  const std::vector<Expr> targets{at_1 & eq(p.system.variable(p.local), p.system.pool->bits(4, 9))};
  const Reduction reduction(p.system, targets, everything);
  CHECK(naive_search(reduction.system(), {}).states == 17);
}

TEST_CASE("a location may be several control variables") {
  Program p = load_and_store();
  const VarId guest =
      p.system.add_variable("guest", Sort::boolean(), p.system.pool->boolean(false));
  p.system.control.push_back(guest);
  Step enter(p.system, "enter", "vcpu");
  enter.set(guest, !enter.get(guest));
  enter.set(p.out, p.system.pool->bits(4, 0));
  enter.finish();
  const std::vector<Expr> targets{p.system.variable(guest) &
                                  eq(p.system.variable(p.out), p.system.pool->bits(4, 8))};
  const NaiveResult expected = naive_search(p.system, targets);
  const Reduction reduction(p.system, targets, everything);
  const NaiveResult found = naive_search(reduction.system(), reduction.targets());
  CHECK(found.distances == expected.distances);
  CHECK(found.states < expected.states);
}

TEST_CASE("the original's pool is not written to by a reduction") {
  const Program p = load_and_store();
  const std::vector<Expr> targets{eq(p.system.variable(p.out), p.system.pool->bits(4, 8))};
  const std::size_t before = p.system.pool->size();
  const Reduction reduction(p.system, targets, everything);
  CHECK(p.system.pool->size() == before);
  CHECK(reduction.system().pool != p.system.pool);
}

TEST_CASE("can_continue looks only at the choice bits that a guard depends on") {
  TransitionSystem system;
  const VarId x = add(system, "x", 4);
  Step step(system, "step", "cpu");
  const Expr value = step.choose("value", Sort::bits(64), "a register");
  step.assume(eq(extract(value, 33, 30), step.get(x)) & bit(step.get(x), 2));
  step.finish();
  CHECK(can_continue(system) == bit(system.variable(x), 2));
}

TEST_CASE("can_continue decides comparisons of choices of any width") {
  TransitionSystem system;
  const VarId x = add(system, "x", 1);
  Step step(system, "step", "cpu");
  const Expr value = step.choose("value", Sort::bits(64), "not initialised");
  step.assume(ult(same_sort(value, 3), value) & eq(step.get(x), same_sort(step.get(x), 1)));
  step.finish();
  CHECK(can_continue(system) == bit(system.variable(x), 0));
  Step above(system, "above", "cpu");
  const Expr number = above.choose("number", Sort::bits(32), "not initialised");
  above.assume(slt(same_sort(number, 3), number) & bit(step.get(x), 0));
  above.finish();
  CHECK(can_continue(system) == bit(system.variable(x), 0));
  Step never(system, "never", "cpu");
  const Expr other = never.choose("other", Sort::bits(32), "not initialised");
  never.assume(ult(same_sort(other, 7), other) & ult(other, same_sort(other, 8)));
  never.finish();
  CHECK(can_continue(system) == bit(system.variable(x), 0));
}

TEST_CASE("can_continue refuses guards that depend on their choices in too many ways") {
  TransitionSystem system;
  const VarId x = add(system, "x", 32);
  Step step(system, "step", "cpu");
  const Expr value = step.choose("value", Sort::bits(32), "many");
  step.assume(eq(value * value, step.get(x)));
  step.finish();
  CHECK_THROWS_AS(can_continue(system), std::length_error);
}

}  // namespace airlock::test
