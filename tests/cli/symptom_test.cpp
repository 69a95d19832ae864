// A symptom_ property shows a known bug at work: it is reported with trace or proof like any other,
// and no exit status counts it, so that a fix that makes it unreachable ends with 0.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

/// s is 1 between clgi() and stgi(), and never 2.
constexpr const char* model =
    "#include <airlock/svm.h>\n"
    "u8 s;\n"
    "void vcpu_run(void) { s = 1; clgi(); stgi(); s = 0; }\n"
    "/* It shows. */\n"
    "bool symptom_shows(void) { return s == 1; }\n"
    "/* It is mended. */\n"
    "bool symptom_mended(void) { return s == 2; }\n"
    "bool always_small(void) { return s < 2; }\n";

class Model {
 public:
  explicit Model(const std::string& more = "") { scratch_.write("m.c", model + more); }
  [[nodiscard]] Result run(std::vector<std::string> line) const {
    line.insert(line.begin() + 1, scratch_.path("m.c"));
    return airlock(line);
  }

 private:
  Scratch scratch_;
};

nlohmann::json verdict_of(const nlohmann::json& list, const std::string& property) {
  for (const nlohmann::json& each : list) {
    if (each["property"] == property) {
      return each;
    }
  }
  return {};
}

TEST_CASE("prove reports symptoms, reached or not, and ends with 0") {
  const Result result = Model().run({"prove", "--format", "json"});
  CHECK(result.status == 0);
  const nlohmann::json json = nlohmann::json::parse(result.out)["results"];
  const nlohmann::json shows = verdict_of(json, "symptom_shows");
  CHECK(shows["kind"] == "symptom");
  CHECK(shows["verdict"] == "holds");
  CHECK(shows["steps"] == 1);
  const nlohmann::json mended = verdict_of(json, "symptom_mended");
  CHECK(mended["verdict"] == "violated");
  CHECK(mended["steps"].is_null());
  CHECK(verdict_of(json, "always_small")["kind"] == "always");
}

TEST_CASE("What is violated beside a symptom is counted") {
  CHECK(Model("bool always_zero(void) { return s == 0; }\n").run({"prove"}).status == 1);
  CHECK(Model("bool reachable_two(void) { return s == 2; }\n").run({"prove"}).status == 1);
}

TEST_CASE("compare counts no symptom, whatever is found of it") {
  const Result result = Model().run({"compare", "--format", "json"});
  CHECK(result.status == 0);
  const nlohmann::json verdicts = nlohmann::json::parse(result.out)["rows"][0]["verdicts"];
  CHECK(verdict_of(verdicts, "symptom_shows")["verdict"] == "holds");
  CHECK(verdict_of(verdicts, "symptom_mended")["verdict"] == "violated");
}

TEST_CASE("A symptom that is not reachable ends a trace with 0, one that is shows its trace") {
  CHECK(Model().run({"trace", "--property", "symptom_mended"}).status == 0);
  const Result shown = Model().run({"trace", "--property", "symptom_shows", "--format", "json"});
  CHECK(shown.status == 0);
  CHECK(nlohmann::json::parse(shown.out)["steps"] == 1);
}

TEST_CASE("For JUnit a symptom is a test that passes, for SARIF a remark when it shows") {
  const std::string junit = Model().run({"compare", "--format", "junit"}).out;
  CHECK(junit.find("failures=\"0\" errors=\"0\"") != std::string::npos);
  CHECK(junit.find("<failure") == std::string::npos);
  const Result sarif = Model().run({"compare", "--format", "sarif"});
  const nlohmann::json results = nlohmann::json::parse(sarif.out)["runs"][0]["results"];
  REQUIRE(results.size() == 1);
  CHECK(results[0]["ruleId"] == "symptom_shows");
  CHECK(results[0]["kind"] == "informational");
  CHECK(results[0]["level"] == "none");
}

TEST_CASE("The proof that a symptom is gone has a certificate") {
  const Scratch out;
  const Model made;
  const Result result = made.run(
      {"prove", "--property", "symptom_mended", "--certificate", out.path("certificates")});
  CHECK(result.status == 0);
  CHECK(airlock({"certify", out.path("certificates/symptom_mended.smt2")}).status == 0);
}

}  // namespace
}  // namespace airlock::test
