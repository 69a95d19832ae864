// Messages that were seen to mislead, each as it should be.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A model of one file.
Result run(const std::string& command, const std::string& text,
           const std::vector<std::string>& more = {}) {
  const Scratch scratch;
  std::vector<std::string> line{command, scratch.write("m.c", "#include <airlock/svm.h>\n" + text)};
  line.insert(line.end(), more.begin(), more.end());
  return airlock(line);
}

constexpr const char* idle = "void vcpu_run(void) { clgi(); stgi(); }\n";

}  // namespace

TEST_CASE("what comes with Airlock is called by its name, and is no place in the user's folder") {
  const Result text = run("compare", idle, {"--guarantees"});
  CHECK(has(text.out, "is not evaluated at <airlock/guarantees.c>:"));
  const Result sarif = run("compare", idle, {"--guarantees", "--format", "sarif"});
  const nlohmann::json log = nlohmann::json::parse(sarif.out);
  REQUIRE_FALSE(log["runs"][0]["results"].empty());
  for (const auto& result : log["runs"][0]["results"]) {
    for (const auto& location : result["locations"]) {
      const std::string uri = location["physicalLocation"]["artifactLocation"]["uri"];
      CHECK_FALSE(has(uri, "guarantees"));
      CHECK_FALSE(has(uri, "airlock/"));
    }
  }
  const std::string kbuild = run("compare", idle, {"--guarantees", "--format", "kbuild"}).out;
  CHECK(has("\n" + kbuild, "m.c:1: warning: "));
  CHECK_FALSE(has("\n" + kbuild, "\n<"));
}

TEST_CASE("a parameter's own value is blamed on the line that has it") {
  const Result result = run("prove", std::string("const int guest_debugctl_bits = -1;\n") + idle);
  CHECK(result.status == 2);
  CHECK(has(result.err, "m.c:2:11: error: 'guest_debugctl_bits' has a bit"));
  CHECK_FALSE(has(result.err, "--set"));
}

TEST_CASE("undefined behaviour in vcpu_create() is called so") {
  for (const char* source : {"const u64 z = 0;\nu64 y;\nvoid vcpu_create(void) { y = 1 / z; }\n",
                             "u64 z;\nu64 y;\nvoid vcpu_create(void) { y = 1 / z; }\n"}) {
    const Result result = run("prove", std::string(source) + idle);
    CHECK(result.status == 2);
    CHECK(has(result.err, "undefined behaviour in vcpu_create(): division by zero"));
    CHECK_FALSE(has(result.err, "more than one way"));
  }
}

TEST_CASE("an include by an absolute path opens that path") {
  const Scratch scratch;
  const std::string header = scratch.write("h.h", "u8 from_header;\n");
  const std::string model =
      scratch.write("m/m.c", "#include <airlock/svm.h>\n#include \"" + header + "\"\n" + idle);
  CHECK(airlock({"list", model}).status == 0);
  const std::string missing =
      scratch.write("m/n.c", "#include <airlock/svm.h>\n#include \"/no/such.h\"\n");
  CHECK(has(airlock({"list", missing}).err, "n.c:2:1: error: cannot open '/no/such.h'"));
}

TEST_CASE("a format that is like none is answered with all, not with a guess") {
  CHECK(has(run("export", idle, {"--to", "smv"}).err,
            "one of json, aiger, btor2, chc, murphi, promela, smt2"));
  CHECK(has(run("export", idle, {"--to", "smt"}).err, "perhaps smt2?"));
}

TEST_CASE("smt2 needs a number of steps, and says so where none is given") {
  CHECK(has(run("export", idle, {"--to", "smt2", "--property", "always_can_continue"}).err,
            "smt2 is a question about a number of steps, which is not given"));
}

TEST_CASE("no property spends the time of those after it") {
  // Bounded search never ends on the first, and needs no time for the second.
  const char* source =
      "u64 x;\nvoid vcpu_run(void) { clgi(); stgi(); x = x * 2862933555777941757 + 3037000493; }\n"
      "bool always_a(void) { return x != 0x1234567812345678; }\n"
      "bool always_b(void) { return x != 3037000493; }\n";
  for (const char* engine : {"bmc", "induction"}) {
    CAPTURE(engine);
    const Result result = run("prove", source,
                              {"--engine", engine, "--timeout", "4", "--format", "json",
                               "--property", "always_a", "--property", "always_b"});
    CHECK(result.status == 1);
    const nlohmann::json told = nlohmann::json::parse(result.out);
    REQUIRE_FALSE(told["results"].empty());
    for (const auto& each : told["results"]) {
      CHECK(each["verdict"] == (each["property"] == "always_a" ? "unknown" : "violated"));
    }
  }
}

}  // namespace airlock::test
