// What compare says about properties that hold and claim nothing, and about lines that never run.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

/// x is 0 or 1, with the fix also 2; y is the same.
constexpr const char* base =
    "#include <airlock/svm.h>\n"
    "u64 x, y;\n"
    "u64 flipped(void) { return x ^ 1; }\n"
    "void vcpu_run(void)\n"
    "{\n"
    "\tclgi();\n"
    "\tx = flipped(), y = x;\n"
    "\tif (x == 3)\n"
    "\t\tx = 0;\n"
    "\tstgi();\n"
    "}\n";
constexpr const char* alive = "bool always_alive(void) { return x != 1 || y == 1; }\n";
constexpr const char* empty = "bool always_empty(void) { return x != 2 || y == 2; }\n";
constexpr const char* fix =
    "#include <airlock/svm.h>\n"
    "extern u64 x;\n"
    "u64 flipped(void)\n"
    "{\n"
    "\treturn x == 1 ? 2 : 1;\n"
    "}\n";

constexpr const char* no_guest =
    "\"the guest executes *\" = \"there is no guest\"\n"
    "\"a physical *\" = \"there is no guest\"\n"
    "\"*=*\" = \"nothing depends on the hardware\"\n";

class Model {
 public:
  /// With a manifest, in which `unreached` are the entries that excuse.
  Model(const std::string& properties, const std::string& unreached) {
    scratch_.write("m/m.c", base + properties);
    scratch_.write("m/two.c", fix);
    scratch_.write("m/airlock.toml",
                   "files = [\"m.c\"]\nfixes = [\"two.c\"]\n[unreached]\n"
                   "\"m.c:9\" = \"x is small\"\n\"m.c:8 true\" = \"x is small\"\n" +
                       std::string(no_guest) + unreached);
  }
  [[nodiscard]] Result run(std::vector<std::string> more = {},
                           const std::string& command = "compare",
                           const std::string& file = "") const {
    std::vector<std::string> line{command, scratch_.path(file.empty() ? "m" : "m/" + file),
                                  "--format", "json"};
    line.insert(line.end(), more.begin(), more.end());
    return airlock(line);
  }

 private:
  Scratch scratch_;
};

/// "kind name" of the gaps that no reason excuses.
std::vector<std::string> gaps_of(const Result& result) {
  std::vector<std::string> names;
  const auto found = nlohmann::json::parse(result.out);
  for (const auto& gap : found["coverage"]) {
    if (gap["reason"] == "") {
      names.push_back(std::string(gap["kind"]) + " " + std::string(gap["name"]));
    }
  }
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("compare fails where a property holds because its antecedent is never true") {
  const Model model(std::string(alive) + empty, "");
  const Result all = model.run();
  CHECK(all.status == 1);
  CHECK(gaps_of(all) == Names{"vacuous none: always_empty"});
  const auto json = nlohmann::json::parse(all.out);
  CHECK(json["coverage"].back()["text"] ==
        "is not evaluated at m.c:13:44: bool always_empty(void) { return x != 2 || y == 2; }");
  CHECK(gaps_of(model.run({"--fix", "none"})) == Names{"vacuous none: always_empty"});
  CHECK(gaps_of(model.run({"--fix", "two"})).empty());
  CHECK(model.run({"--fix", "two"}).status == 0);
}

TEST_CASE("a vacuous property is excused by its name, or in one row by the row's and its name") {
  CHECK(Model(empty, "\"none: always_empty\" = \"x stays below 2\"\n").run().status == 0);
  const Result wrong = Model(empty, "\"two: always_empty\" = \"no reason\"\n").run();
  CHECK(wrong.status == 2);
  CHECK(wrong.err.find("airlock.toml:9:1: error: [unreached] names 'two: always_empty', which is "
                       "reached") != std::string::npos);
  const std::string never = "bool always_empty(void) { return x != 9 || y == 9; }\n";
  CHECK(Model(never, "\"always_empty\" = \"one day x is 9\"\n").run().status == 0);
  CHECK(gaps_of(Model(never, "").run()) ==
        Names{"property always_empty", "property always_empty"});  // the part, the operand
}

TEST_CASE("vacuity is asked about what holds, whichever properties and world were asked about") {
  const Model model(std::string(alive) + empty, "");
  CHECK(gaps_of(model.run({"--property", "always_alive"})).empty());
  CHECK(gaps_of(model.run({"--property", "always_empty"})) == Names{"vacuous none: always_empty"});
  CHECK(gaps_of(model.run({"--set", "cpu_has_lbrv=0"})) == Names{"vacuous none: always_empty"});
  const std::string violated = "bool always_x(void) { return x == 0 && (x != 2 || cpu.gif); }\n";
  const Result result = Model(violated, "").run({"--fix", "none"});
  CHECK(result.status == 1);
  CHECK(gaps_of(result).empty());
}

TEST_CASE(
    "an && that is never true is found whatever the order of its parts and of what is beside") {
  // x is 0 or 1, never 3, while the guest never runs.
  for (const char* antecedent : {"x == 1 && y == 3 || cpu.gif", "y == 3 && x == 1 || cpu.gif",
                                 "cpu.gif || x == 1 && y == 3", "cpu.gif || y == 3 && x == 1"}) {
    CAPTURE(antecedent);
    const std::string said = std::string("bool always_or(void) { return !(") + antecedent +
                             ") || cpu.guest_mode == 0; }\n";
    const std::string by_if = std::string("bool always_or(void) { if (") + antecedent +
                              ") return cpu.guest_mode == 0; return true; }\n";
    for (const std::string& text : {said, by_if}) {
      CHECK(gaps_of(Model(text, "").run({"--fix", "none"})) == Names{"vacuous none: always_or"});
    }
  }
  for (const char* never : {"bool never_both(void) { return x == 1 && y == 3; }\n",
                            "bool never_both(void) { return y == 3 && x == 1; }\n",
                            "bool always_apart(void) { return !(x == 1 && y == 3); }\n",
                            "bool always_apart(void) { return !(y == 3 && x == 1); }\n"}) {
    CAPTURE(never);
    CHECK(gaps_of(Model(never, "").run({"--fix", "none"})).size() == 1);
  }
  // What is only never true together is what such a property is for; and a claim is no antecedent.
  for (const char* fine : {"bool never_both(void) { return x == 1 && y == 0; }\n",
                           "bool always_small(void) { return x == 0 || y < 3; }\n",
                           "bool always_one(void) { return !(x == 1 && !cpu.gif) || y == 1; }\n"}) {
    CAPTURE(fine);
    CHECK(gaps_of(Model(fine, "").run({"--fix", "none"})).empty());
  }
}

TEST_CASE("prove says so, too, once for each") {
  const Result result = Model("bool never_both(void) { return y == 1 && x == 3; }\n", "")
                            .run({"--property", "never_both"}, "prove");
  const auto json = nlohmann::json::parse(result.out);
  CHECK(json["results"][0]["vacuous"] ==
        nlohmann::json::array({"says nothing of y == 1: what stands beside it is never true"}));
}

TEST_CASE("a property that says the same in every state is vacuous") {
  CHECK(gaps_of(Model("bool always_yes(void) { return true; }\n", "").run({"--fix", "none"})) ==
        Names{"vacuous none: always_yes"});
}

/// A helper that nothing calls is a gap of its own.
std::string if_used(const std::string& call, const std::string& body, const std::string& text) {
  return body.find(call) == std::string::npos ? "" : text;
}

TEST_CASE("each way to write an antecedent is understood") {
  for (const char* body :
       {"return !(x == 2 && y != 2);", "if (x == 2) return y == 2; return true;",
        "return x == 2 ? y == 2 : x < 2;", "if (x == 2) { if (y != 2) return false; } return true;",
        "switch (x) { case 2: return y == 2; default: return x < 2; }",
        "return x != 2 || (cpu.gif ? true : y == 2);",
        "bool ok = true; if (x == 2) ok = y == 2; return ok;",
        "return y < 4 && IMPLIES(x == 2, y == 2);",
        "return IMPLIES(x == 1, y == 1) && IMPLIES(x == 2, y == 2);",
        "return implies(x == 1, y == 1) && implies(x == 2, y == 2);",
        "bool r; if (x == 2) r = y == 2; else r = true; return r;"}) {
    CAPTURE(body);
    const Result result =
        Model("#define IMPLIES(a, b) (!(a) || (b))\n" +
                  if_used("implies(", body,
                          "static bool implies(bool a, bool b) { return !a || b; }\n") +
                  (std::string("bool always_x(void) { ") + body + " }\n"),
              "")
            .run({"--fix", "none"});
    CHECK(result.status == 1);
    const Names gaps = gaps_of(result);
    CHECK_FALSE(gaps.empty());
    for (const std::string& gap : gaps) {
      CHECK(gap == "vacuous none: always_x");
    }
  }
}

TEST_CASE("what only computes a value is no claim, and need not happen") {
  for (const char* body : {"return x < (on ? 7 : 5);", "return distance(3, x) < 5;",
                           "return reg(0) < 5 || y == 9;", "return x < (u64)(x < 9 ? 9 : x);"}) {
    CAPTURE(body);
    const Result result =
        Model("const bool on = true;\n" +
                  if_used(
                      "reg(", body,
                      "u64 reg(u32 n) { switch (n) { case 0: return x; default: return y; } }\n") +
                  if_used("distance(", body,
                          "u64 distance(u64 a, u64 b) { return a > b ? a - b : b - a; }\n") +
                  (std::string("bool always_x(void) { ") + body + " }\n"),
              "")
            .run({"--fix", "none"});
    for (const std::string& gap : gaps_of(result)) {
      CHECK(std::string(body).find("||") != std::string::npos);  // y == 9 is never looked at
      CHECK(gap == "vacuous none: always_x");
    }
  }
}

TEST_CASE("a user's fix may do what no row does, and what the manifest says of rows is not asked") {
  const Scratch scratch;
  const std::string mine = scratch.write("mine.c",
                                         "#include <airlock/svm.h>\nextern u64 x;\n"
                                         "u64 flipped(void) { return x == 1 ? 3 : 1; }\n");
  const Model model(alive, "\"two: always_alive\" = \"no reason\"\n");
  const Result result = model.run({"--fix", mine});
  CHECK(result.status == 0);
  CHECK(gaps_of(result).empty());
}

TEST_CASE("a wrong reason is an error after the matrix, however much is excused") {
  for (const std::string all : {"\"*\" = \"whatever\"", "\"always_alive\" = \"r\""}) {
    const Result result = Model(alive, all + "\n").run();
    CHECK(result.status == 2);
    CHECK(result.err.find("airlock.toml:9:1: error: [unreached] names ") != std::string::npos);
    CHECK(result.err.find("9 | " + all) != std::string::npos);
    CHECK(result.out.find("\"verdict\": \"holds\"") != std::string::npos);
  }
}

TEST_CASE("files of one name are told apart") {
  const Scratch scratch;
  scratch.write("m/m.c", std::string(base) + alive);
  scratch.write("m/fixes/m.c",
                "#include <airlock/svm.h>\nextern u64 x;\nu64 flipped(void)\n{\n\tif (x == 7)\n"
                "\t\treturn 7;\n\treturn x ^ 1;\n\n\n}\n");
  scratch.write("m/airlock.toml",
                "files = [\"m.c\"]\nfixes = [\"fixes/m.c\"]\n[unreached]\n\"m.c:9\" = \"x is "
                "small\"\n\"m.c:8 true\" = \"x is small\"\n" +
                    std::string(no_guest));
  const Result result = airlock({"compare", scratch.path("m"), "--format", "json"});
  const std::string file = scratch.path("m/fixes/m.c");
  CHECK(gaps_of(result) == Names{"condition " + file + ":5:2 true", "statement " + file + ":6:3"});
}

TEST_CASE("a line of the user's own fix that never runs fails compare, as does one of a sketch") {
  const Scratch scratch;
  const std::string mine = scratch.write(
      "mine.c", std::string("#include <airlock/svm.h>\nextern u64 x;\nu64 flipped(void)\n{\n"
                            "\tif (x == 7)\n\t\tx = 3;\n\treturn x ^ 1;\n}\n"));
  const Result result = Model(alive, "").run({"--fix", mine});
  CHECK(result.status == 1);
  CHECK(gaps_of(result) == Names{"statement mine.c:6:3"});
  const Result sketch = Model(alive, "").run({}, "compare", "m.c");
  CHECK(sketch.status == 1);
  CHECK(gaps_of(sketch) == Names{"statement m.c:9:3"});
}

TEST_CASE("a manifest is asked about lines, ways and the hardware, with or without reasons") {
  const Scratch scratch;
  scratch.write("m/m.c", base + std::string(alive));
  scratch.write("m/airlock.toml", "files = [\"m.c\"]\n[unreached]\n" + std::string(no_guest));
  const Result result = airlock({"compare", scratch.path("m"), "--format", "json"});
  CHECK(result.status == 1);
  CHECK(gaps_of(result) == Names{"condition m.c:8:2 true", "statement m.c:9:3"});
  scratch.write("m/airlock.toml", "files = [\"m.c\"]\n");
  const Result bare = airlock({"compare", scratch.path("m"), "--format", "json"});
  CHECK(bare.status == 1);
  CHECK(gaps_of(bare).size() > 40);
}

TEST_CASE("a pattern excuses what it matches, none of which may be reached") {
  const Result wrong = Model(alive, "\"m.c:* true\" = \"all small\"\n").run();
  CHECK(wrong.status == 0);
  const Result reached = Model(alive, "\"m.c:7*\" = \"all small\"\n").run();
  CHECK(reached.status == 2);
  CHECK(reached.err.find("airlock.toml:9:1: error: [unreached] names 'm.c:7*', and 'm.c:7:2' is "
                         "reached") != std::string::npos);
  const Result nothing = Model(alive, "\"no such *\" = \"it is not there\"\n").run();
  CHECK(nothing.status == 2);
  CHECK(nothing.err.find("names 'no such *', and there is no such thing") != std::string::npos);
}

TEST_CASE("coverage tells of every operand whether it is evaluated") {
  const Result result = Model(empty, "").run({"--fix", "none"}, "coverage");
  const auto property = nlohmann::json::parse(result.out)["rows"][0]["properties"][0];
  CHECK(property["property"] == "always_empty");
  REQUIRE(property["operands"].size() == 1);
  CHECK(property["operands"][0]["place"] == "m.c:12:44");
  CHECK(property["operands"][0]["evaluated"] == false);
}

TEST_CASE("prove says of a property that holds whether it claims anything") {
  const Scratch scratch;
  const std::string model = scratch.write(
      "m.c",
      "#include <airlock/svm.h>\nu8 s;\nvoid vcpu_run(void) { s = 1; clgi(); stgi(); s = 0; }\n"
      "bool always_vacuous(void) { return s != 7 || cpu.gif; }\n"
      "bool never_either(void)\n{\n\treturn s == 7 && !cpu.gif;\n}\n"
      "bool always_real(void) { return s != 1 || s < 2; }\n");
  const Result text = airlock({"prove", model});
  CHECK(text.status == 0);
  CHECK(text.out.find("warning: always_vacuous holds vacuously: it is not evaluated at m.c:4:46") !=
        std::string::npos);
  CHECK(text.out.find("warning: never_either holds vacuously") != std::string::npos);
  CHECK(text.out.find("always_real holds vacuously") == std::string::npos);
  const auto json = nlohmann::json::parse(airlock({"prove", model, "--format", "json"}).out);
  for (const auto& each : json["results"]) {
    const std::string name = each["property"];
    CHECK(each.contains("vacuous") == (name == "always_vacuous" || name == "never_either"));
  }
}

}  // namespace airlock::test
