// What `airlock certify` says that a certificate proves, and of which world.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

using Json = nlohmann::json;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A certificate for always_quiet of the host model in a world that is not the default one.
struct Written {
  Scratch scratch;
  std::string model = scratch.write("host.c", host_model);
  std::string file = scratch.path("always_quiet.smt2");
  Written() {
    const Result proved =
        airlock({"prove", model, "--set", "wanted=0", "--no-actor", "irq_toggle", "--property",
                 "always_quiet", "--certificate", scratch.path("")});
    CAPTURE(proved.out + proved.err);
    REQUIRE(proved.status == 0);
  }
};

}  // namespace

TEST_CASE("certify names the model and whatever differs from its defaults") {
  const Written written;
  const Result text = airlock({"certify", written.file});
  CAPTURE(text.out + text.err);
  CHECK(text.status == 0);
  CHECK(has(text.out, "accepted"));
  CHECK(has(text.out, "host.c, fix none, "));
  CHECK(has(text.out, "--set wanted=0"));
  CHECK(has(text.out, "--no-actor irq_toggle"));
  CHECK(has(text.out, "Every \"accepted\" assumes:"));
  const Json json = Json::parse(airlock({"certify", written.file, "--format", "json"}).out);
  const Json& result = json["results"][0];
  CHECK(result["answer"] == "accepted");
  CHECK(result["model"] == Json::array({written.model}));
  CHECK(result["differs_from_defaults"] ==
        Json::array({"--set wanted=0", "--no-actor irq_toggle"}));
  CHECK(has(result["assumptions"].dump(), "always_well_defined"));
}

TEST_CASE("with --model, certify reports the model that it read, not the one that a file names") {
  const Written written;
  std::string forged = slurp(written.file);
  const std::string line = "; model: " + written.model;
  REQUIRE(has(forged, line));
  forged.replace(forged.find(line), line.size(), "; model: a much better model");
  const std::string path = written.scratch.write("forged.smt2", forged);
  CHECK(airlock({"certify", path}).status == 2);
  const Result text = airlock({"certify", path, "--model", written.model});
  CHECK(text.status == 0);
  CHECK(has(text.out, "host.c, fix none, "));
  CHECK(has(text.out, "a much better model"));
  const Json json =
      Json::parse(airlock({"certify", path, "--model", written.model, "--format", "json"}).out);
  CHECK(json["results"][0]["model"] == Json::array({written.model}));
  CHECK(json["results"][0]["model_named"] == Json::array({"a much better model"}));
}

}  // namespace airlock::test
