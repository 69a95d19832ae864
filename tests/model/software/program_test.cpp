// Programs as a whole: fixes, parameters, globals, comments, inputs.
#include <doctest/doctest.h>

#include "fake_platform.hpp"

using namespace airlock;
using airlock::testing::error_of;
using airlock::testing::World;

TEST_CASE("a fix's function replaces the base's, and is called by the base") {
  World world("u64 hook(void) { return 1; }\nu64 f(void) { return hook(); }",
              {"u64 extra = 5;\nu64 hook(void) { return extra; }"});
  CHECK(world.evaluate_run("f").result == 5);
  CHECK(world.program.functions()[0].name == "hook");
  CHECK(world.program.functions()[0].location.file == "fix1.c");
}

TEST_CASE("the last of several fixes wins") {
  World world("u64 f(void) { return 1; }",
              {"u64 f(void) { return 2; }", "u64 f(void) { return 3; }"});
  CHECK(world.evaluate_run("f").result == 3);
}

TEST_CASE("a fix must keep the signature and may not define anything twice") {
  CHECK(error_of("void f(int x) {}", {"void f(void) {}"})
            .find("fix1.c:1:6: error: 'f' is declared as") == 0);
  CHECK(error_of("int g = 1;", {"int g = 2;"}).find("'g' is already defined at t.c:1") !=
        std::string::npos);
  CHECK(error_of("", {"void f(void) {} void f(void) {}"}).find("one definition per fix") !=
        std::string::npos);
}

TEST_CASE("const globals are parameters that can be set") {
  World world(
      "/* How many. */\nconst u8 count = 3;\nenum { FOUR = 4 };\n#define EIGHT BIT(3)\n"
      "u64 f(void) { return count; }");
  REQUIRE(world.program.parameters().size() == 1);
  CHECK(world.program.parameters()[0].comment == "How many.");
  CHECK(world.program.parameters()[0].shown == "3");
  CHECK(world.evaluate_run("f").result == 3);
  world.program.set_parameter("count", "0x10");
  CHECK(world.evaluate_run("f").result == 16);
  CHECK(world.program.parameters()[0].shown == "16");
  world.program.set_parameter("count", "LBR|BTF|EIGHT|FOUR");
  CHECK(world.evaluate_run("f").result == 15);
  CHECK(world.program.parameters()[0].shown == "LBR|BTF|EIGHT|FOUR");
  CHECK_THROWS_WITH_AS(world.program.set_parameter("counts", "1"),
                       doctest::Contains("unknown parameter 'counts'"), InputError);
  CHECK_THROWS_WITH_AS(world.program.set_parameter("count", "NOPE"),
                       doctest::Contains("'NOPE' is neither a number nor a name"), InputError);
  CHECK_THROWS_WITH_AS(world.program.set_parameter("count", "256"),
                       doctest::Contains("does not fit"), InputError);
  CHECK_THROWS_AS(world.program.set_parameter("count", ""), InputError);
  CHECK_THROWS_AS(world.program.set_parameter("count", "1|"), InputError);
  CHECK_THROWS_AS(world.program.set_parameter("count", "99999999999999999999"), InputError);
}

TEST_CASE("any_bits takes a mask that a parameter gives") {
  World world("const u64 mask = 0x43;\nu64 f(void) { return any_bits(mask); }");
  const auto paths = world.run("f");
  REQUIRE(paths.size() == 1);
  CHECK(world.system.inputs.at(0).sort == Sort::bits(3));
  CHECK(evaluate(paths[0].result, world.initial(), {7}) == 0x43);
  CHECK(evaluate(paths[0].result, world.initial(), {4}) == 0x40);
}

TEST_CASE("a mask that is not constant is an error") {
  World world("u64 g; u64 f(void) { return any_bits(g); }");
  CHECK_THROWS_WITH_AS(world.run("f"), doctest::Contains("the mask of any_bits() is not constant"),
                       InputError);
}

TEST_CASE("a second run from the same step meets the same choices") {
  World world(
      "u64 g, h;\nu64 f(void) { u64 x; u64 sum = x;\n"
      "for (int i = 0; i < 2; i++) sum += any_bits(3) + any_bool(); return sum; }");
  const Step start(world.system, "f", "test");
  auto first = run_atomically(world.program, "f", start, world.platform, world.globals);
  REQUIRE(first.size() == 1);
  const std::size_t inputs = world.system.inputs.size();
  CHECK(inputs == 5);
  const auto second =
      run_atomically(world.program, "f", first[0].step, world.platform, world.globals);
  REQUIRE(second.size() == 1);
  CHECK(world.system.inputs.size() == inputs);
  CHECK(second[0].result == first[0].result);
}

TEST_CASE("globals are listed leaf by leaf with their initial values") {
  World world(
      "enum mode { OFF, ON = 3 };\nstruct s { bool a; u16 b[2]; } s = { true, { 1, 2 } };\n"
      "enum mode mode = ON;\nstatic u64 *p = 0;\nu64 f(void) { static int n = 4; return n; }");
  std::vector<std::string> lines;
  for (const GlobalLeaf& leaf : world.program.globals()) {
    lines.push_back(leaf.path + ":" +
                    (leaf.sort.is_bool() ? "bool" : std::to_string(leaf.sort.width())) + "=" +
                    std::to_string(leaf.initial));
  }
  CHECK(lines == std::vector<std::string>{"s.a:bool=1", "s.b[0]:16=1", "s.b[1]:16=2", "mode:32=3",
                                          "f.n:32=4"});
  CHECK(world.program.globals()[3].display.names[1].name == "ON");
}

TEST_CASE("what a function touches includes its callees and what pointers may reach") {
  World world(
      "struct s { u64 a; u64 b; } one, two; u64 g, h, i;\n"
      "static void leaf(struct s *p) { p->a = g; }\n"
      "void f(void) { leaf(&one); h++; }\nvoid k(void) { two.b = i; }");
  using Names = std::set<std::string>;
  CHECK(world.program.globals_touched("f") == Names{"one.a", "g", "h"});
  CHECK(world.program.globals_written("f") == Names{"one.a", "h"});
  CHECK(world.program.globals_touched("k") == Names{"two.b", "i"});
}

TEST_CASE("the comment right above a function is kept without its stars") {
  World world(
      "/* Not this one. */\n\n/*\n * What f does.\n *\n * More.\n */\nbool f(void) { return true; "
      "}\n"
      "int x; /* about x */\nvoid g(void) {}\n// line one\n// line two\nvoid h(void) {}\n");
  CHECK(world.program.find_function("f")->comment == "What f does.\n\nMore.");
  CHECK(world.program.find_function("f")->returns_bool);
  CHECK(world.program.find_function("g")->comment == "");
  CHECK(world.program.find_function("h")->comment == "line one\nline two");
  CHECK(world.program.find_function("x") == nullptr);
}

TEST_CASE("the platform hears of functions entered and left") {
  World world("static void inner(void) {} void f(void) { inner(); }");
  world.run("f");
  CHECK(world.platform.entered_ == std::vector<std::string>{"f", "inner"});
  CHECK(world.platform.left_ == std::vector<std::string>{"inner", "f"});
}

TEST_CASE("#if 0 leaves out, #if 1 keeps") {
  World world(
      "#if 0\nu64 a = 9;\n#else\nu64 a = 1;\n#endif\n#if 1\nu64 b = 2;\n#endif\n"
      "u64 f(void) { return a + b; }");
  CHECK(world.evaluate_run("f").result == 3);
}

TEST_CASE("many branches in a row are joined when the ways become too many") {
  std::string text = "u64 g, n;\nvoid f(void) {\n";
  for (int i = 0; i < 20; ++i) {
    text += "if (g & BIT(" + std::to_string(i) + ")) n++;\n";
  }
  World world(text + "}\n");
  CHECK(world.run("f").size() < 1000);
  auto state = world.initial();
  state[*world.system.find_variable("g")] = 0x1F0F0;
  CHECK(world.evaluate_run("f", state).state[*world.system.find_variable("n")] == 9);
}
