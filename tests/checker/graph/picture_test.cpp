// Pictures of state graphs: what is drawn, and that names cannot break out.
#include "checker/graph/picture.hpp"

#include <doctest/doctest.h>

namespace airlock {
namespace {

const std::string nasty = "a\"]; x\\\" <b> & 'c'\nnode";

Picture nasty_picture() {
  Picture picture;
  picture.nodes = {{nasty, true, 1}, {"node", false, 1}};
  picture.edges = {{0, 1, nasty, 1}};
  return picture;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the format goes by the extension") {
  CHECK(graph_format("a.dot") == GraphFormat::dot);
  CHECK(graph_format("a/b.gv") == GraphFormat::dot);
  CHECK(graph_format("a.graphml") == GraphFormat::graphml);
  CHECK_FALSE(graph_format("a.png"));
  CHECK_FALSE(graph_format(".dot"));
  CHECK_FALSE(graph_format("dot"));
}

TEST_CASE("quotes, backslashes, newlines and keywords stay inside of labels in DOT") {
  const std::string dot = write_picture(nasty_picture(), GraphFormat::dot);
  CHECK(has(dot, R"(0[label="a\"]; x\\\" <b> & 'c'\nnode", peripheries=2];)"));
  CHECK(has(dot, R"(1[label="node"];)"));
  CHECK(has(dot, R"(0->1 [label="a\"]; x\\\" <b> & 'c'\nnode"];)"));
}

TEST_CASE("markup stays text in GraphML") {
  const std::string xml = write_picture(nasty_picture(), GraphFormat::graphml);
  CHECK(has(xml, "&lt;b&gt; &amp; "));
  CHECK_FALSE(has(xml, "<b>"));
}

TEST_CASE("states are drawn with what differs from the start, and locations count theirs") {
  TransitionSystem system;
  ExprPool& pool = *system.pool;
  const VarId pc = system.add_variable("pc", Sort::bits(2), pool.bits(2, 0));
  const VarId x = system.add_variable("x", Sort::bits(8), pool.bits(8, 64));
  system.control = {pc};
  const Expr at = system.variable(pc);
  const Expr value = system.variable(x);
  system.rules.push_back({"go", "a", eq(at, pool.bits(2, 0)), {{pc, pool.bits(2, 1)}}, {}, {}});
  system.rules.push_back(
      {"flip", "a", eq(at, pool.bits(2, 1)), {{x, value ^ pool.bits(8, 3)}}, {}, {}});
  validate(system);
  ReduceOptions narrow;
  narrow.cone = narrow.dead_variables = false;
  const Reduction reduction(system, {}, narrow);
  const StateGraph graph(reduction.system(), {});
  REQUIRE(graph.complete());

  const Picture states = picture_of_states(graph, system, reduction);
  REQUIRE(states.nodes.size() == 3);
  CHECK(states.nodes[0].label == "pc=0");
  CHECK(states.nodes[0].initial);
  CHECK(states.nodes[1].label == "pc=1");
  CHECK(states.nodes[2].label == "pc=1\nx=67");
  REQUIRE(states.edges.size() == 3);
  CHECK(states.edges[0].label == "go");

  ExploreOptions options;
  options.control_quotient = true;
  const ExploreResult explored = explore(reduction.system(), {}, {}, options);
  REQUIRE(explored.quotient);
  const Picture locations = picture_of_locations(*explored.quotient, system, reduction);
  REQUIRE(locations.nodes.size() == 2);
  CHECK(locations.nodes[0].label == "pc=0");
  CHECK(locations.nodes[1].states == 2);
  REQUIRE(locations.edges.size() == 2);
  CHECK(locations.edges[1].label == "flip");
  CHECK(locations.edges[1].transitions == 2);
}

}  // namespace airlock
