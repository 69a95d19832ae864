// --feature host_dr6: the reference host has a DR6, and what the guest leaves in the register is
// seen.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

using Json = nlohmann::ordered_json;

const std::string specs = std::string(AIRLOCK_SOURCE_DIR) + "/specs";
const std::string kvm = specs + "/kvm";
const std::string own_dr6 = "always_host_runs_with_its_own_dr6";
const std::string symptom = "symptom_watchpoint_taken_for_a_step";

bool contains(const std::string& whole, const std::string& part) {
  return whole.find(part) != std::string::npos;
}

/// The verdicts of `merged`, stacked with `more`, by property.
Json prove(const std::string& more) {
  const Result result = airlock({"prove", kvm, specs + "/linux/debug_exception.c", "--feature",
                                 "host_dr6", "--fix", "merged" + more, "--property", own_dr6,
                                 "--property", symptom, "--quiet", "--format", "json"});
  INFO(result.err);
  return Json::parse(result.out);
}

const Json& cell(const Json& answer, const std::string& property) {
  for (const Json& each : answer["results"]) {
    if (each["property"] == property) {
      return each;
    }
  }
  throw std::logic_error("no " + property);
}

}  // namespace

TEST_CASE("the host's DR6 is the guest's after an exit, but under a fix that resets it") {
  const Json merged = prove("");
  CHECK(cell(merged, own_dr6)["verdict"] == "violated");
  CHECK(cell(merged, symptom)["steps"].is_number());  // reached
  CHECK(merged["parameters"]["feature host_dr6"] == "on");
  const Json mended = prove("+" + kvm + "/ideas/reset-host-dr6.c");
  CHECK(cell(mended, own_dr6)["verdict"] == "holds");
  CHECK(cell(mended, own_dr6)["assumes"].empty());
  CHECK(cell(mended, symptom)["steps"].is_null());
}

TEST_CASE("a feature is off unless it is asked for, and names what it is") {
  const Json without = Json::parse(airlock({"list", kvm, "--format", "json"}).out);
  const Json with =
      Json::parse(airlock({"list", kvm, "--feature", "host_dr6", "--format", "json"}).out);
  CHECK(without["features"][0]["enabled"] == false);
  CHECK(with["features"][0]["enabled"] == true);
  CHECK(with["properties"].size() == without["properties"].size() + 1);
  CHECK(contains(airlock({"list", kvm}).out, "host_dr6 (off)"));
}

TEST_CASE("a manifest turns a feature on, and the command line off again") {
  const Scratch scratch;
  scratch.write("m/m.c",
                "#include <airlock/svm.h>\nvoid vcpu_run(void)\n{\n\tclgi();\n\tvmrun();\n"
                "\tset_debugreg(DR6_ACTIVE_LOW, 6);\n\tstgi();\n}\n");
  scratch.write("m/airlock.toml", "files = [\"m.c\"]\n[features]\nhost_dr6 = true\n");
  const Result on = airlock({"prove", scratch.path("m"), "--quiet"});
  INFO(on.out << on.err);
  CHECK(contains(on.out, own_dr6));
  CHECK_FALSE(contains(on.out, "VIOLATED"));
  CHECK_FALSE(contains(
      airlock({"prove", scratch.path("m"), "--quiet", "--no-feature", "host_dr6"}).out, own_dr6));
  scratch.write("m/airlock.toml", "files = [\"m.c\"]\n[features]\nhost_dr = true\n");
  const Result unknown = airlock({"list", scratch.path("m")});
  CHECK(unknown.status == 2);
  CHECK(contains(unknown.err, "airlock.toml:3:1: error: there is no feature 'host_dr'"));
  CHECK(contains(unknown.err, "host_dr6"));
}

TEST_CASE("a proof with a feature says so, and is checked with it") {
  const Scratch scratch;
  const std::string fix = "merged+" + kvm + "/ideas/reset-host-dr6.c";
  const Result proved = airlock({"prove", kvm, "--quiet", "--feature", "host_dr6", "--fix", fix,
                                 "--property", own_dr6, "--certificate", scratch.path("out")});
  INFO(proved.out << proved.err);
  REQUIRE(proved.status == 0);
  const std::string file = scratch.path("out/" + own_dr6 + ".smt2");
  CHECK(contains(slurp(file), "; feature: host_dr6"));
  const Result certified = airlock({"certify", file});
  INFO(certified.out << certified.err);
  CHECK(certified.status == 0);
  CHECK(contains(certified.out, "host_dr6"));  // after --feature, or on the next line
}

TEST_CASE("what cannot be is an error with what there is") {
  const Result unknown = airlock({"list", kvm, "--feature", "host_dr7"});
  CHECK(unknown.status == 2);
  CHECK(contains(unknown.err, "there is no feature 'host_dr7'"));
  const Result both = airlock({"list", kvm, "--feature", "host_dr6", "--no-feature", "host_dr6"});
  CHECK(both.status == 2);
  CHECK(contains(both.err, "both name 'host_dr6'"));
  const Result read = airlock({"prove", kvm, specs + "/linux/debug_exception.c", "--quiet"});
  CHECK(read.status == 2);
  CHECK(contains(read.err, "error: boot() or an actor reads DR6"));
  CHECK(contains(read.err, "--feature host_dr6"));
}

}  // namespace airlock::test
