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

TEST_CASE("a statement about two runs has two certificates, each of which certify accepts") {
  const Scratch scratch;
  const std::string model = scratch.write("m.c",
                                          "#include <airlock/svm.h>\n"
                                          "void irq_toggle(void)\n{\n"
                                          "\tupdate_debugctlmsr(get_debugctlmsr() ^ 2);\n}\n"
                                          "void vcpu_run(void)\n{\n\tu64 host;\n\tclgi();\n"
                                          "\thost = get_debugctlmsr();\n\tvmrun();\n"
                                          "\tupdate_debugctlmsr(host);\n\tstgi();\n}\n");
  const std::string statement = "noninterference_guest_to_host";
  const std::string support = "host_without_a_guest_can_follow";
  const Result proved = airlock(
      {"prove", model, "--property", statement, "--certificate", scratch.path("certificates")});
  CAPTURE(proved.out + proved.err);
  REQUIRE(proved.status == 0);
  CHECK(has(proved.out, statement + ".smt2"));
  CHECK(has(proved.out, support + ".smt2"));
  const std::string first = scratch.path("certificates/" + statement + ".smt2");
  const std::string second = scratch.path("certificates/" + support + ".smt2");
  const Result answer = airlock({"certify", first, second});
  CAPTURE(answer.out + answer.err);
  CHECK(answer.status == 0);
  CHECK(has(answer.out, support + ", of which this is no proof, holds as well"));
  CHECK(has(answer.out, "always_well_defined, of which this is no proof, holds as well"));
  // The support's proof under the statement's name is not the statement's.
  std::string forged = slurp(second);
  const std::string line = "; property: " + support;
  forged.replace(forged.find(line), line.size(), "; property: " + statement);
  CHECK(airlock({"certify", scratch.write("forged.smt2", forged)}).status == 1);
  const Result matrix = airlock({"compare", model, "--noninterference", "--format", "json"});
  const Json json = Json::parse(matrix.out);
  bool seen = false;
  for (const Json& verdict : json["rows"][0]["verdicts"]) {
    if (verdict["property"] == statement) {
      seen = true;
      CHECK(verdict["verdict"] == "holds");
      CHECK(verdict["certificate"]["accepted_by"] == "cvc5");
      CHECK(verdict["certificate"]["support"]["accepted_by"] == "cvc5");
      CHECK(verdict["certificate"]["support"]["property"] == support);
    }
  }
  CHECK(seen);
}

}  // namespace airlock::test
