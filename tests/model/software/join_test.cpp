// Ways through a step, joined where they meet: fewer rules that do the same.
#include <doctest/doctest.h>
#include <set>
#include <tuple>

#include "fake_platform.hpp"

using namespace airlock;
using airlock::testing::World;

namespace {

constexpr std::size_t apart = 100000;

using Outcomes = std::set<std::tuple<std::string, std::uint64_t, State>>;

/// Calls `f` with each combination of values for the inputs, all others being 0.
template <typename F>
void for_each_input(const TransitionSystem& system, const std::vector<InputId>& inputs, F f) {
  unsigned bits = 0;
  for (const InputId id : inputs) {
    bits += system.inputs[id].sort.width();
  }
  REQUIRE(bits <= 16);
  for (std::uint64_t all = 0; all < (std::uint64_t{1} << bits); ++all) {
    InputValues values(system.inputs.size(), 0);
    std::uint64_t rest = all;
    for (const InputId id : inputs) {
      const unsigned width = system.inputs[id].sort.width();
      values[id] = rest & ((std::uint64_t{1} << width) - 1);
      rest >>= width;
    }
    f(values);
  }
}

State after(const TransitionSystem& system, const Step& step, const State& from,
            const InputValues& values) {
  State to = from;
  for (VarId id = 0; id < system.variables.size(); ++id) {
    to[id] = evaluate(step.get(id), from, values);
  }
  return to;
}

/// All that f() can come to: why it is undefined, what it returns, the state after it.
Outcomes outcomes(const std::string& text, std::size_t ways_apart, std::size_t& ways) {
  World world(text);
  const Step start(world.system, "f", "test");
  const std::vector<AtomicPath> paths =
      run_atomically(world.program, "f", start, world.platform, world.globals, {false, ways_apart});
  ways = paths.size();
  Outcomes result;
  for (std::uint64_t quiet = 0; quiet < 4; ++quiet) {
    State from = world.initial();
    from[*world.system.find_variable("quiet")] = quiet;
    for (const AtomicPath& path : paths) {
      std::vector<Expr> roots{path.step.guard()};
      for (VarId id = 0; id < world.system.variables.size(); ++id) {
        roots.push_back(path.step.get(id));
      }
      if (path.result.valid()) {
        roots.push_back(path.result);
      }
      for_each_input(world.system, inputs_of(roots), [&](const InputValues& values) {
        if (evaluate(path.step.guard(), from, values) != 0) {
          result.insert({path.undefined ? path.reason : "",
                         path.result.valid() ? evaluate(path.result, from, values) : 0,
                         path.undefined ? from : after(world.system, path.step, from, values)});
        }
      });
    }
  }
  return result;
}

/// Joined and apart come to the same; joined are `expected` ways.
void check_same(const std::string& text, std::size_t expected) {
  CAPTURE(text);
  std::size_t ways = 0;
  const Outcomes forked = outcomes(text, apart, ways);
  const std::size_t ways_apart = ways;
  const Outcomes joined = outcomes(text, 0, ways);
  CHECK(forked == joined);
  CHECK(ways == expected);
  CHECK(ways <= ways_apart);
}

std::string times(int count, const std::string& text) {
  std::string result;
  for (int i = 0; i < count; ++i) {
    result += text;
  }
  return result;
}

}  // namespace

TEST_CASE("the sides of an if meet behind it, and behind a call that returns in two places") {
  check_same("u64 a, b;\nvoid f(void) { if (any_bool()) a = 1; else b = 2; if (a) b += 4; }\n", 1);
  check_same(
      "u64 a;\nint g(void) { if (any_bool()) return 1; a = 7; if (cpu.quiet) return 2;\n"
      "  a++; return 3; }\n"
      "int f(void) { int r = g(); if (r == 2) a += 16; return r; }\n",
      1);
}

TEST_CASE("a ladder of gotos, a switch and a loop's exits meet") {
  check_same("u64 a;\nint f(void) { int r = 0;\n" +
                 times(6, "if (any_bool()) { r = 1; goto out; }\n a++;\n") +
                 "out: a += 16; return r; }\n",
             1);
  check_same(
      "u64 a;\nvoid f(void) { switch (cpu.quiet) { case 0: a = 5; break; case 1: a = 6; "
      "case 2: a += 8; break; default: a = 9; } a++; }\n",
      1);
  check_same(
      "u64 a;\nvoid f(void) { for (int i = 0; i < 5; i++) { if (any_bool()) continue; "
      "if (any_bool()) break; a += i; } a += 100; }\n",
      1);
}

TEST_CASE("an assume(), an assert() or undefined behaviour on one side holds on that side") {
  check_same(
      "u64 a;\nvoid f(void) { if (any_bool()) { a = any_bits(3); assume(a != 2); } else a = 2; }\n",
      1);
  check_same(
      "u64 a;\nvoid f(void) { if (any_bool()) { a = any_bits(3); assert(a != 2); } else a = 2; }\n",
      2);
  check_same(
      "u64 a;\nvoid f(void) { u64 n = any_bits(3); if (cpu.quiet) { a = 8 / n; } a++; "
      "if (n == 3) a = 1 << (n + 30); }\n",
      3);
}

TEST_CASE("the machine's own ways meet like software's") {
  check_same("u64 a;\nvoid f(void) { if (any_bool()) a = either(); a += either(); note(1); }\n", 1);
}

TEST_CASE("what cannot be one value stays two ways until it can") {
  check_same(
      "u64 a, b;\nvoid f(void) { u64 *p = &a; if (any_bool()) p = &b; if (any_bool()) *p = 3; "
      "a += 8; }\n",
      1);
  check_same(
      "u64 a;\nvoid f(void) { u64 x; if (cpu.quiet == 1) x = 3; if (any_bool()) a = 1; "
      "if (cpu.quiet == 1) a += x; }\n",
      1);
}

TEST_CASE("an uninitialised local has one value, on ways that are joined too") {
  check_same(
      "u64 a, b;\nvoid f(void) { bool x; if (any_bool()) { a = x; } else { b = x; } "
      "if (a | b) note(3); }\n",
      1);
}

TEST_CASE("twelve independent branches are one rule of a thread, a ladder of a hundred is one") {
  World branches("u64 a;\nvoid run(void) { vmrun();\n" +
                 times(12, " if (any_bool()) a = a * 2 + 1;\n") + "}\n");
  branches.thread("run");
  CHECK(branches.system.rules.size() == 2);
  World ladder("u64 a;\nvoid run(void) { int r = 0; vmrun();\n" +
               times(100, " if (any_bool()) { r = 1; goto out; }\n") + "out: a = r; }\n");
  ladder.thread("run");
  CHECK(ladder.system.rules.size() == 2);
}

TEST_CASE("branches that do nothing are no choice where ways are joined") {
  World world("u64 a;\nvoid run(void) { vmrun();\n" + times(8, " if (any_bool()) ;\n") +
              " a = 3; }\n");
  world.thread("run");
  REQUIRE(world.system.rules.size() == 2);
  CHECK(world.system.rules[1].inputs.empty());
}

TEST_CASE("each cause of a joined rule says where it happens") {
  World world(
      "u64 a;\nvoid f(void) {\n if (cpu.quiet & 1)\n  a = 1;\n if (cpu.quiet & 2)\n  a += 2;\n"
      " a += 4;\n}\n");
  const auto paths = run_atomically(world.program, "f", Step(world.system, "f", "test"),
                                    world.platform, world.globals, {false, 0});
  REQUIRE(paths.size() == 1);
  paths.front().step.finish();
  for (std::uint64_t quiet = 0; quiet < 4; ++quiet) {
    State from = world.initial();
    from[*world.system.find_variable("quiet")] = quiet;
    std::vector<unsigned> told;
    for (const Cause& cause : world.system.rules.back().causes) {
      if (!cause.when.valid() || evaluate(cause.when, from) != 0) {
        told.push_back(cause.location.line);
      }
    }
    std::vector<unsigned> expected{3};
    if ((quiet & 1U) != 0) {
      expected.push_back(4);
    }
    expected.push_back(5);
    if ((quiet & 2U) != 0) {
      expected.push_back(6);
    }
    expected.push_back(7);
    CHECK(told == expected);
  }
}
