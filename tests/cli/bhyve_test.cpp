// specs/bhyve: its matrix is the one in docs/findings.md, and nothing in it is vacuous.
#include <doctest/doctest.h>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/cli/command.hpp"

namespace airlock::test {

TEST_CASE("specs/bhyve keeps the host's guarantees, and its fixes mend the guest's") {
  const std::string model = std::string(AIRLOCK_SOURCE_DIR) + "/specs/bhyve";
  const Result result = airlock(
      {"compare", model, "--format", "json", "--no-certificates", "--no-explain", "--quiet"});
  INFO(result.err);
  CHECK(result.status == 1);
  const nlohmann::json json = nlohmann::json::parse(result.out);
  for (const auto& gap : json["coverage"]) {
    CHECK(gap["reason"] != "");
  }
  std::map<std::string, std::map<std::string, int>> violated;  // steps by fix, by property
  for (const auto& row : json["rows"]) {
    violated[row["fix"]];
    for (const auto& each : row["verdicts"]) {
      CHECK(each["verdict"] != "unknown");
      if (each["verdict"] == "violated") {
        violated[row["fix"]][each["property"]] = each["steps"];
      }
    }
  }
  const std::pair<const std::string, int> lost{"always_debug_exceptions_are_the_guests", 18};
  const std::pair<const std::string, int> lbr{"always_debugctl_is_the_guests", 7};
  CHECK(violated ==
        std::map<std::string, std::map<std::string, int>>{
            {"none", {lost, lbr}}, {"reset-value", {lost}}, {"single-step", {lbr}}, {"both", {}}});
}

TEST_CASE("specs/bhyve with both fixes keeps every guarantee where unknown MSRs read 0, too") {
  const std::string model = std::string(AIRLOCK_SOURCE_DIR) + "/specs/bhyve";
  CHECK(airlock({"prove", model, "--fix", "both", "--set", "strict_msr=0", "--quiet"}).status == 0);
}

}  // namespace airlock::test
