// Where a thread's steps begin and end, and what is kept between them.
#include <algorithm>
#include <doctest/doctest.h>

#include "fake_platform.hpp"

using namespace airlock;
using airlock::testing::World;

namespace {

std::vector<std::string> locations_of(World& world, const std::string& function = "run") {
  world.thread(function);
  std::vector<std::string> names;
  for (const ThreadLocation& location : world.locations) {
    names.push_back(location.name);
  }
  return names;
}

/// Follows the thread from the initial state, all inputs 0, for `steps` steps.
State after_steps(const World& world, unsigned steps) {
  State state = world.initial();
  for (unsigned i = 0; i < steps; ++i) {
    std::optional<State> next;
    for (std::uint32_t rule = 0; rule < world.system.rules.size(); ++rule) {
      const std::vector<std::uint64_t> zeros(world.system.rules[rule].inputs.size(), 0);
      if (const auto state_after = successor(world.system, state, {rule, zeros})) {
        REQUIRE_MESSAGE(!next, "two rules for one state");
        next = state_after;
      }
    }
    REQUIRE_MESSAGE(next, "no rule for the state");
    state = *next;
  }
  return state;
}

std::uint64_t value(const World& world, const State& state, const std::string& name) {
  const auto id = world.system.find_variable(name);
  REQUIRE_MESSAGE(id, name);
  return state.at(*id);
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a step ends before the next shared access") {
  World world("void run(void) {\n wr(1);\n quietly();\n wr(2);\n}\n");
  CHECK(locations_of(world) == Names{"t.c:1 run", "t.c:4 wr"});
  const State first = after_steps(world, 1);
  CHECK(value(world, first, "reg") == 1);
  CHECK(value(world, first, "pc") == 1);
  const State second = after_steps(world, 2);
  CHECK(value(world, second, "reg") == 2);
  CHECK(value(world, second, "pc") == 0);
}

TEST_CASE("two shared accesses in one expression are two steps, from left to right") {
  World world("u64 sum;\nvoid run(void) {\n sum = cpu.reg + cpu.flag;\n}\n");
  CHECK(locations_of(world) == Names{"t.c:2 run", "t.c:3 cpu.flag"});
}

TEST_CASE("a read-modify-write of a shared register is a read step and a write step") {
  World world("void run(void) {\n cpu.reg |= 4;\n}\n");
  CHECK(locations_of(world) == Names{"t.c:1 run", "t.c:2 cpu.reg"});
  CHECK(value(world, after_steps(world, 2), "reg") == 4);
}

TEST_CASE("memory that nobody else touches needs no step of its own") {
  World world("u64 a, b;\nvoid run(void) {\n a = 1; b = a + 1; cpu.quiet = b; wr(b);\n}\n");
  CHECK(locations_of(world).size() == 1);
}

TEST_CASE("a global that another actor touches is a shared access") {
  World world("u64 a, b;\nvoid run(void) {\n a = 1;\n b = 2;\n a = 3;\n}\n");
  world.shared = {"a"};
  CHECK(locations_of(world) == Names{"t.c:2 run", "t.c:5 a"});
}

TEST_CASE("an intrinsic that ends its step is followed by a location") {
  World world("u64 a;\nvoid run(void) {\n vmrun();\n a = 1;\n}\n");
  CHECK(locations_of(world) == Names{"t.c:2 run", "t.c:3 after vmrun"});
  CHECK(value(world, after_steps(world, 1), "a") == 0);
  CHECK(value(world, after_steps(world, 2), "a") == 1);
}

TEST_CASE("a local that is read later lives in a variable named after its function") {
  World world("void run(void) {\n u64 host = rd();\n wr(0);\n wr(host + 1);\n}\n");
  locations_of(world);
  CHECK(value(world, after_steps(world, 3), "reg") == 1);
  CHECK(world.system.find_variable("run.host"));
}

TEST_CASE("a local that is not read any more is 0") {
  World world("u64 g = 7;\nvoid run(void) {\n u64 host = g;\n wr(1);\n wr(host);\n wr(2);\n}\n");
  locations_of(world);
  CHECK(value(world, after_steps(world, 1), "run.host") == 7);
  CHECK(value(world, after_steps(world, 2), "run.host") == 0);
  CHECK(value(world, after_steps(world, 2), "reg") == 7);
}

TEST_CASE("branches fork the step into rules") {
  World world("void run(void) {\n if (cpu.quiet) {\n wr(1);\n } else {\n wr(2);\n }\n}\n");
  locations_of(world);
  CHECK(world.system.rules.size() == 2);
  CHECK(value(world, after_steps(world, 1), "reg") == 2);
}

TEST_CASE("a loop passes through its steps") {
  World world("void run(void) {\n for (int i = 1; i < 4; i++)\n  wr(cpu.quiet + i);\n}\n");
  locations_of(world);
  CHECK(value(world, after_steps(world, 1), "reg") == 1);
  CHECK(value(world, after_steps(world, 2), "reg") == 2);
  CHECK(value(world, after_steps(world, 3), "reg") == 3);
  CHECK(value(world, after_steps(world, 4), "reg") == 3);
}

TEST_CASE("a loop with a step on some ways only is cut at its head") {
  World world("u64 g;\nvoid run(void) {\n while (any_bool()) {\n if (g) wr(1);\n }\n}\n");
  const Names names = locations_of(world);
  CHECK(std::find(names.begin(), names.end(), "t.c:3 loop") != names.end());
}

TEST_CASE("a loop without a step in it is an error unless it is known to end") {
  World bounded("void run(void) { for (int i = 0; i < 3; i++) quietly(); wr(1); }");
  CHECK_NOTHROW(locations_of(bounded));
  World endless("u64 g;\nvoid run(void) {\n while (!g) quietly(); }");
  CHECK_THROWS_WITH_AS(locations_of(endless), doctest::Contains("a loop without a step in it"),
                       InputError);
}

TEST_CASE("a function called twice shares its locals' variables") {
  World world(
      "void put(u64 x) {\n wr(x);\n wr(x + 1);\n}\nvoid run(void) {\n put(1);\n put(5);\n}\n");
  const Names names = locations_of(world);
  CHECK(names.size() == 4);
  CHECK(value(world, after_steps(world, 2), "reg") == 2);
  CHECK(value(world, after_steps(world, 4), "reg") == 6);
  CHECK(world.system.find_variable("put.x"));
}

TEST_CASE("a pointer that lives across a step keeps its target") {
  World world(
      "struct s { u64 v; } a, b;\nvoid run(void) {\n struct s *p = cpu.quiet ? &a : &b;\n wr(1);\n "
      "wr(2);\n p->v = 9;\n}\n");
  locations_of(world);
  const State state = after_steps(world, 2);
  CHECK(value(world, state, "b.v") == 9);
  CHECK(value(world, state, "a.v") == 0);
}

TEST_CASE("a pointer to a local dangles across a step that leaves the local's block") {
  for (const char* left :
       {"{ u32 k = 1; p = &k; wr(1); } wr(2);", "{ u32 k = 1; p = &k; vmrun(); }",
        "for (u32 k = 1; k < 2; k++) { p = &k; wr(1); }",
        "do { u32 k = 1; p = &k; wr(1); } while (rd() != 1);"}) {
    World world("u64 g; void run(void) { u32 *p = 0; " + std::string(left) + " g = *p; wr(3); }");
    world.thread("run");
    CHECK_MESSAGE(world.reasons.size() == 1, left);
    CHECK(world.reasons.front().find("a pointer to 'k' outlives its block") != std::string::npos);
  }
}

TEST_CASE("an uninitialised local gets its value when it is read, and keeps it") {
  World world("u64 a, b;\nvoid run(void) {\n u64 x;\n wr(1);\n a = x;\n wr(2);\n b = x;\n}\n");
  locations_of(world);
  CHECK(world.system.inputs.size() == 1);
  CHECK(world.system.inputs[0].sort == Sort::bits(64));
}

TEST_CASE("an uninitialised local that is never read is no choice") {
  World world("void run(void) {\n u64 x;\n wr(1);\n x = 3;\n wr(x);\n}\n");
  locations_of(world);
  CHECK(world.system.inputs.empty());
}

TEST_CASE("undefined behaviour ends the step as the world wishes") {
  World world("u64 g = 64;\nvoid run(void) {\n wr(1ULL << g);\n}\n");
  locations_of(world);
  CHECK(value(world, after_steps(world, 1), "pc") == 999);
}

TEST_CASE("rules are named after their location and their causes are the lines executed") {
  World world("u64 g;\nvoid run(void) {\n g = 1;\n if (g == 1)\n  wr(2);\n}\n");
  locations_of(world);
  REQUIRE(world.system.rules.size() == 1);
  const Rule& rule = world.system.rules[0];
  CHECK(rule.name == "run: t.c:2 run");
  REQUIRE(rule.causes.size() == 3);
  CHECK(rule.causes[0].text == "g = 1;");
  CHECK(rule.causes[1].text == "if (g == 1)");
  CHECK(rule.causes[2].text == "wr(2);");
  CHECK(rule.causes[2].location.line == 5);
}

TEST_CASE("operands that can be computed again are not kept between steps") {
  World world("u64 g = 5;\nvoid run(void) {\n wr(1);\n wr((g & ~4ULL) | 8);\n}\n");
  locations_of(world);
  CHECK(world.system.variables.back().name == "pc");
  CHECK(value(world, after_steps(world, 2), "reg") == 9);
}
