// Worlds with more places, or more kinds of undefined behaviour, than the usual widths number.
#include <algorithm>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "model/system/input_error.hpp"
#include "model/world/project.hpp"

using namespace airlock;

namespace {

World build(const std::string& text) {
  ModelSources model;
  model.name = "wide";
  model.rows = {{"base", "", {{"w.c", "#include <airlock/svm.h>\n" + text}}, {}, {}}};
  const Project project = Project::of(model, {});
  return project.build(project.fixes().front());
}

unsigned width_of(const World& world, const std::string& name) {
  const auto id = world.system.find_variable(name);
  REQUIRE(id);
  return world.system.variables[*id].sort.width();
}

/// A thread that may go wrong in `count` places.
std::string many_asserts(unsigned count) {
  std::string text = "u32 n;\nvoid vcpu_run(void) { clgi(); n = any_bits(0xffff);\n";
  for (unsigned i = 0; i < count; ++i) {
    text += fmt::format("assert(n != {});\n", i);
  }
  return text + "stgi(); }\n";
}

}  // namespace

TEST_CASE("255 kinds of undefined behaviour have 8 bits, one more has 16, and each has its name") {
  CHECK(width_of(build(many_asserts(255)), "undefined behaviour") == 8);
  const World world = build(many_asserts(256));
  CHECK(width_of(world, "undefined behaviour") == 16);
  CHECK(width_of(world, "pc") == 32);
  const auto id = world.system.find_variable("undefined behaviour");
  const Display& display = world.system.variables[*id].display;
  CHECK(display.names.size() == 257);
  const auto last = std::find_if(display.names.begin(), display.names.end(), [](const auto& each) {
    return each.name.find("w.c:259") != std::string::npos;
  });
  REQUIRE(last != display.names.end());
  CHECK(last->value >= 1);
  CHECK(last->value <= 256);
}

TEST_CASE("a thread with more than 65,534 places has a program counter that numbers them") {
  std::string text;
  std::string calls;
  for (unsigned function = 0; function < 7; ++function) {  // of 5,000 places, called twice
    text += fmt::format("static void part_{}(void) {{\n", function);
    calls += fmt::format("part_{0}();\npart_{0}();\n", function);
    for (unsigned i = 0; i < 2'500; ++i) {
      text += "clgi();\nstgi();\n";
    }
    text += "}\n";
  }
  const World world = build(text + "void vcpu_run(void) {\n" + calls + "}\n");
  CHECK(width_of(world, "pc") == 32);
  const auto id = world.system.find_variable("pc");
  CHECK(world.system.variables[*id].display.names.back().value > 65'535);
}
