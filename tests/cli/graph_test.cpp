// explore --stats and --graph, trace --explain.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/command.hpp"

namespace airlock {
namespace {

using Json = nlohmann::json;
using test::airlock;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("explore --stats counts components, and says when it does not") {
  const test::Scratch scratch;
  const std::string model = scratch.write("host.c", test::host_model);
  const Json json = Json::parse(airlock({"explore", model, "--stats", "--format", "json"}).out);
  CHECK(json["components"] >= 1);
  CHECK(json["components"] <= json["states"]);
  CHECK(json["largest_component"] >= 1);
  CHECK(json["largest_component"] <= json["states"]);
  CHECK(has(airlock({"explore", model, "--stats"}).out, " strongly connected, the largest of "));
  const test::Result stopped = airlock({"explore", model, "--stats", "--timeout", "0"});
  CHECK(stopped.status == 3);
  CHECK(has(stopped.out, "components   not computed: "));
}

TEST_CASE("explore --graph writes DOT and GraphML, and refuses other names before it searches") {
  const test::Scratch scratch;
  const std::string model = scratch.write("host.c", test::host_model);
  const test::Result dot = airlock({"explore", model, "--graph", scratch.path("g.dot")});
  CHECK(dot.status == 0);
  CHECK(has(dot.out, "g.dot"));
  CHECK(test::slurp(scratch.path("g.dot")).rfind("digraph G {", 0) == 0);
  CHECK(has(test::slurp(scratch.path("g.dot")), "label="));
  CHECK(airlock({"explore", model, "--graph", scratch.path("g.graphml")}).status == 0);
  CHECK(has(test::slurp(scratch.path("g.graphml")), "</graphml>"));
  for (const char* name : {"g.png", "no/such/folder/g.dot"}) {
    const test::Result refused = airlock({"explore", model, "--graph", scratch.path(name)});
    CHECK(refused.status == 2);
    CHECK(has(refused.err, "expected: "));
    CHECK(refused.out.empty());
  }
  const test::Result unfinished =
      airlock({"explore", model, "--timeout", "0", "--graph", scratch.path("late.dot")});
  CHECK(unfinished.status == 3);
  CHECK(has(unfinished.out, "not written: "));
  CHECK_FALSE(std::filesystem::exists(scratch.path("late.dot")));
}

TEST_CASE("trace --explain names the step that every violating run takes") {
  const test::Scratch scratch;
  const std::string model = scratch.write("host.c", test::host_model);
  const std::vector<std::string> arguments{"trace", model, "--property", "always_quiet",
                                           "--explain"};
  const test::Result text = airlock(arguments);
  CHECK(text.status == 1);
  CHECK(has(text.out, "Steps that every violating run takes"));
  CHECK(has(text.out,
            "Pairs of other steps, neither of them on every violating run, but always one or the "
            "other:\n  none\n"));
  std::vector<std::string> as_json = arguments;
  as_json.insert(as_json.end(), {"--format", "json"});
  const Json json = Json::parse(airlock(as_json).out);
  REQUIRE(json["explanation"]["every_run_takes"].size() == 1);
  CHECK(json["explanation"]["every_run_takes"][0]["actor"] == "boot");
  CHECK(json["explanation"]["every_run_takes_one_of"].empty());
}

TEST_CASE("trace --explain refuses what it cannot be put into") {
  const test::Scratch scratch;
  const std::string model = scratch.write("host.c", test::host_model);
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--format", "vcd"}, {"--witness", "w"}}) {
    std::vector<std::string> arguments{"trace", model, "--property", "always_quiet", "--explain"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const test::Result refused = airlock(arguments);
    CHECK(refused.status == 2);
    CHECK(has(refused.err, "--explain: error: "));
  }
}

}  // namespace airlock
