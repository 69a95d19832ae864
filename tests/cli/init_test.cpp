// `airlock init`: what it writes is a model, complete and the user's own.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

/// Without where things lie.
void forget_places(nlohmann::json& json) {
  if (json.is_object()) {
    json.erase("file");
    json.erase("files");
    json.erase("model");
  }
  if (json.is_structured()) {
    for (nlohmann::json& each : json) {
      forget_places(each);
    }
  }
}

nlohmann::json list(const std::string& model) {
  const Result result = airlock({"list", model, "--format", "json"});
  INFO(result.err);
  REQUIRE(result.status == 0);
  nlohmann::json json = nlohmann::json::parse(result.out);
  forget_places(json);
  return json;
}

}  // namespace

namespace {
const std::string specs = std::string(AIRLOCK_SOURCE_DIR) + "/specs/";
}  // namespace

TEST_CASE("each model to begin with is the one under specs/") {
  for (const std::string name : {"svm-minimal", "kvm", "bhyve"}) {
    CAPTURE(name);
    const Scratch scratch;
    const std::string folder = scratch.path("mine/model");
    const Result result = airlock({"init", folder, "--from", name});
    INFO(result.err);
    CHECK(result.status == 0);
    CHECK(result.out.find("airlock compare " + folder) != std::string::npos);
    CHECK(list(folder) == list(specs + name));
  }
}

TEST_CASE("the smallest hypervisor needs LBR virtualisation, and with it keeps every guarantee") {
  const Scratch scratch;
  const std::string folder = scratch.path("model");
  REQUIRE(airlock({"init", folder}).status == 0);
  const std::string foreign = "always_guest_runs_with_no_foreign_debugctl_bits";
  CHECK(airlock({"prove", folder, "--property", foreign, "--quiet"}).status == 1);
  const Result fixed =
      airlock({"prove", folder, "--fix", "lbrv", "--property", "always_*", "--quiet"});
  INFO(fixed.out);
  CHECK(fixed.status == 0);
}

TEST_CASE("init writes over nothing, and knows what there is to begin with") {
  const Scratch scratch;
  const std::string there = scratch.write("model/mine.c", "mine");
  const Result result = airlock({"init", scratch.path("model")});
  CHECK(result.status == 2);
  CHECK(result.err.find("is there already") != std::string::npos);
  CHECK(slurp(there) == "mine");
  const Result unknown = airlock({"init", scratch.path("new"), "--from", "kwm"});
  CHECK(unknown.status == 2);
  CHECK(unknown.err.find("perhaps kvm?") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(scratch.path("new")));
}

}  // namespace airlock::test
