// --expect: CI is green on what is known, red on what got worse and on what got better without the
// file saying so.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

/// An interrupt sets s to `value`.
std::string model(const std::string& value) {
  return "#include <airlock/svm.h>\nu64 s;\nvoid irq_a(void) { s = " + value +
         "; }\nvoid vcpu_run(void) { local_irq_enable(); local_irq_disable(); clgi(); stgi(); }\n"
         "bool always_zero(void) { return s == 0; }\nbool never_two(void) { return s == 2; }\n";
}

Result compare(const Scratch& scratch, const std::string& value,
               const std::vector<std::string>& more) {
  std::vector<std::string> line{"compare", scratch.write("m.c", model(value)), "--quiet",
                                "--no-certificates"};
  line.insert(line.end(), more.begin(), more.end());
  return airlock(line);
}

nlohmann::json changes(const Scratch& scratch, const std::string& value,
                       const std::vector<std::string>& more, int status) {
  std::vector<std::string> line{"--expect", scratch.path("known.json"), "--format", "json"};
  line.insert(line.end(), more.begin(), more.end());
  const Result result = compare(scratch, value, line);
  CHECK(result.status == status);
  return nlohmann::json::parse(result.out)["expected"]["changes"];
}

}  // namespace

TEST_CASE("what is known to be violated is no failure, and nothing else is forgiven") {
  const Scratch scratch;
  CHECK(compare(scratch, "1", {"--write-expect", scratch.path("known.json")}).status == 1);

  CHECK(changes(scratch, "1", {}, 0).empty());
  const nlohmann::json worse = changes(scratch, "2", {}, 1);
  REQUIRE(worse.size() == 1);
  CHECK(worse[0]["kind"] == "worse");
  CHECK(worse[0]["property"] == "never_two");
  const nlohmann::json better = changes(scratch, "0", {}, 1);
  REQUIRE(better.size() == 1);
  CHECK(better[0]["kind"] == "better");
  CHECK(better[0]["text"] == "was violated, is holds");
  // What is not asked about is not missing.
  CHECK(changes(scratch, "1", {"--property", "never_two"}, 0).empty());

  const Result text = compare(scratch, "2", {"--expect", scratch.path("known.json")});
  CHECK(text.out.find("worse    none, never_two: was holds, is violated") != std::string::npos);
  CHECK(text.out.find("Exit status 1: 1 verdict is not as ") != std::string::npos);
}

TEST_CASE("verdicts that a file of expectations does not know, or alone knows, are differences") {
  const Scratch scratch;
  scratch.write("known.json",
                R"({"rows": {"none": {"always_zero": {"verdict": "violated"},
                                      "always_gone": {"verdict": "holds"},
                                      "never_two": {"verdict": "holds", "assumes": ["x=1"]}}}})");
  const nlohmann::json all = changes(scratch, "1", {}, 1);
  std::map<std::string, std::string> kinds;
  for (const nlohmann::json& each : all) {
    kinds[each["property"]] = each["kind"];
  }
  CHECK(kinds == std::map<std::string, std::string>{{"always_gone", "missing"},
                                                    {"never_two", "better"},
                                                    {"always_well_defined", "new"},
                                                    {"always_can_continue", "new"}});
}

TEST_CASE("a file that holds no expectations is an error at its place") {
  const Scratch scratch;
  const auto refused = [&](const std::string& text, const std::string& place,
                           const std::string& message) {
    const std::string path = scratch.write("known.json", text);
    const Result result = compare(scratch, "1", {"--expect", path});
    INFO(result.err);
    CHECK(result.status == 2);
    CHECK(result.err.find(path + place + ": error: ") == 0);
    CHECK(result.err.find(message) != std::string::npos);
  };
  refused("{\n \"rows\": {,", ":2:11", "not JSON");
  refused("[]", ":1:1", "no object with \"rows\"");
  refused("{\"rows\": {\"none\": 3}}", ":1:11", "row 'none' is no object");
  refused("{\"rows\": {\"none\": {\n\"p\": {\"verdict\": \"fine\"}}}}", ":2:1",
          "'fine' is no verdict");
  refused("{\"rows\": {\"none\": {\"p\": {\"verdict\": \"holds\", \"steps\": 3}}}}", ":1:46",
          "has 'steps'");
  const Result none = compare(scratch, "1", {"--expect", scratch.path("nothing.json")});
  CHECK(none.status == 2);
  CHECK(none.err.find("no such file") != std::string::npos);
}

}  // namespace airlock::test
