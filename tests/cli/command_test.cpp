#include "tests/cli/command.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

namespace airlock::test {
namespace {

using Json = nlohmann::json;

Result with_tiny(std::vector<std::string> arguments) {
  const Scratch scratch;
  arguments.insert(arguments.begin() + 1, scratch.write("tiny.c", tiny_model));
  return airlock(arguments);
}

Result with_host(std::vector<std::string> arguments) {
  const Scratch scratch;
  arguments.insert(arguments.begin() + 1, scratch.write("host.c", host_model));
  return airlock(arguments);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("help and version are no errors") {
  CHECK(airlock({"--help"}).status == 0);
  CHECK(contains(airlock({"--help"}).out, "compare"));
  CHECK(contains(airlock({"compare", "--help"}).out, "--choice"));
  CHECK(contains(airlock({"--version"}).out, "airlock"));
}

TEST_CASE("prove exits 0 if what is asked for holds and 1 if it is violated") {
  const Result holds = with_tiny({"prove", "--property", "always_trivial"});
  CHECK(holds.status == 0);
  CHECK(contains(holds.out, "holds"));
  const Result violated = with_tiny({"prove", "--property", "always_clean"});
  CHECK(violated.status == 1);
  CHECK(contains(violated.out, "VIOLATED"));
  CHECK(contains(violated.out, "airlock trace"));
  const Result both =
      with_tiny({"prove", "--property", "always_clean", "--property", "always_trivial"});
  CHECK(both.status == 1);
}

TEST_CASE("every engine gives the same verdicts through the command") {
  for (const char* engine : {"auto", "explore", "induction", "pdr"}) {
    CAPTURE(engine);
    CHECK(with_tiny({"prove", "--engine", engine, "--property", "always_trivial"}).status == 0);
    CHECK(with_tiny({"prove", "--engine", engine, "--property", "always_clean"}).status == 1);
    CHECK(with_tiny({"prove", "--engine", engine, "--property", "reachable_guest"}).status == 0);
  }
  CHECK(with_tiny({"prove", "--engine", "bmc", "--property", "always_clean"}).status == 1);
}

TEST_CASE("a question that runs out of time is undecided and exits 3") {
  const Result result = with_tiny({"prove", "--timeout", "0", "--property", "always_clean"});
  CHECK(result.status == 3);
  CHECK(contains(result.out, "unknown"));
  CHECK(contains(result.out, ": nothing was searched yet"));
  CHECK(contains(result.out, "to go on: raise --timeout"));
  const Json json = Json::parse(with_tiny({"prove", "--timeout", "0", "--property", "always_clean",
                                           "--engine", "pdr", "--format", "json"})
                                    .out);
  CHECK(json["results"][0]["covered"][0]["engine"] == "pdr");
  CHECK(json["results"][0]["to_go_on"] == "raise --timeout, or try --engine explore");
  const Result trace = with_tiny({"trace", "--timeout", "0", "--property", "always_clean"});
  CHECK(contains(trace.out, "to go on: raise --timeout"));
  const Result matrix = with_tiny({"compare", "--timeout", "0"});
  CHECK(matrix.status == 3);
  CHECK(contains(matrix.out, "to go on: raise --timeout"));
}

TEST_CASE("a choice that is free is called the same everywhere") {
  const std::string name = "use_clean_cache=either";
  CHECK(contains(with_tiny({"list"}).out, name + "|no|yes (default: either)"));
  for (const char* command : {"compare", "trace"}) {
    const Result result = with_tiny({command, "--property", "always_clean"});
    CHECK(result.status == 1);
    CHECK(contains(result.out, name));
    CHECK(!contains(result.out, "use_clean_cache=any"));
    // "any" is understood as well.
    CHECK(contains(with_tiny({command, "--property", "always_clean", "--choice",
                              "use_clean_cache=any", "--format", "json"})
                       .out,
                   "\"use_clean_cache\": \"either\""));
  }
}

TEST_CASE("compare says what its holds rest on: on what it was not asked, and only if any holds") {
  const std::string guard = "always_can_continue, which was not asked about, holds as well";
  const Result holds = with_tiny({"compare", "--property", "always_trivial"});
  CHECK(contains(holds.out, "Every \"holds\" assumes:"));
  CHECK(contains(holds.out, guard));
  const Result violated = with_tiny({"compare", "--property", "always_clean"});
  CHECK(!contains(violated.out, "Every \"holds\" assumes:"));
  CHECK(!contains(violated.out, guard));
  CHECK(!contains(with_tiny({"compare"}).out, "not asked about"));
}

TEST_CASE("the Promela export names the model's path as it is") {
  const Scratch scratch;
  const std::string path = scratch.write("tiny.c", tiny_model);
  CHECK(contains(airlock({"export", path, "--to", "promela"}).out, path));
}

TEST_CASE("the JSON of prove names verdict, engine and assumptions") {
  const Result result = with_tiny({"prove", "--format", "json"});
  CHECK(result.status == 1);
  const Json json = Json::parse(result.out);
  CHECK(json["parameters"].contains("wanted"));
  CHECK(json["actors"] == Json::array({"irq_toggle"}));
  bool seen = false;
  for (const Json& each : json["results"]) {
    if (each["property"] == "always_clean") {
      seen = true;
      CHECK(each["verdict"] == "violated");
      CHECK(each["steps"].get<int>() > 0);
      CHECK(each["fix"] == "none");
    }
  }
  CHECK(seen);
}

TEST_CASE("trace prints a violation and exits 1") {
  const Result result = with_tiny({"trace", "--property", "always_clean"});
  CHECK(result.status == 1);
  CHECK(contains(result.out, "always_clean is violated in"));
  CHECK(contains(result.out, "tiny.c:"));
  CHECK(contains(result.out, "wrmsrl"));
  CHECK(contains(result.out, "-> BLCKDB"));
  CHECK(!contains(result.out, "\033"));
}

TEST_CASE("trace prints a witness and exits 0") {
  const Result result = with_tiny({"trace", "--property", "reachable_guest"});
  CHECK(result.status == 0);
  CHECK(contains(result.out, "reachable_guest is reached in"));
}

TEST_CASE("trace of a property that holds says so and by whom") {
  const Result result = with_tiny({"trace", "--property", "always_trivial"});
  CHECK(result.status == 0);
  CHECK(contains(result.out, "holds"));
  CHECK(contains(result.out, "explore"));
}

TEST_CASE("the JSON of trace can be replayed from its values") {
  const Result result = with_tiny({"trace", "--property", "always_clean", "--format", "json"});
  const Json json = Json::parse(result.out);
  CHECK(json["verdict"] == "violated");
  CHECK(json["steps"] == json["trace"].size());
  std::map<std::string, std::string> values = json["initial"];
  for (const Json& step : json["trace"]) {
    for (const Json& change : step["changes"]) {
      CHECK(values.at(change["name"]) == change["from_value"]);
      values[change["name"]] = change["to_value"];
    }
  }
}

TEST_CASE("explore counts the whole system") {
  const Result text = with_host({"explore"});
  CHECK(text.status == 0);
  CHECK(contains(text.out, "states"));
  const Json json = Json::parse(with_host({"explore", "--format", "json"}).out);
  CHECK(json["states"].get<std::uint64_t>() > 3);
  CHECK(json["transitions"].get<std::uint64_t>() >= json["states"].get<std::uint64_t>() - 1);
  CHECK(json["depth"].get<std::uint64_t>() > 1);
  CHECK(with_host({"explore", "--timeout", "0"}).status == 3);
}

TEST_CASE("parameters, actors and choices change what is checked") {
  const std::vector<std::string> base{"prove", "--property", "always_quiet"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), base.begin(), base.end());
    return with_host(more).status;
  };
  CHECK(with({"--set", "wanted=BTF"}) == 0);
  CHECK(with({"--set", "wanted=BTF|BLCKDB"}) == 1);
  CHECK(with({"--no-actor", "irq_toggle"}) == 1);
  CHECK(with({"--choice", "db_clears_debugctl_at=any"}) == 1);
  const Json off =
      Json::parse(with_host({"explore", "--format", "json", "--no-actor", "irq_toggle"}).out);
  const Json on = Json::parse(with_host({"explore", "--format", "json"}).out);
  CHECK(off["states"] < on["states"]);
}

TEST_CASE("compare prints the matrix, the commands for its traces and what it rests on") {
  const Scratch scratch;
  const std::string model = scratch.write("tiny.c", tiny_model);
  const std::string fix = scratch.write("quiet.c",
                                        "/* The host wants nothing. */\n#include <airlock/svm.h>\n"
                                        "void boot(void) {}\n");
  const Result result =
      airlock({"compare", model, "--fix", "none", "--fix", fix, "--set", "wanted=BLCKDB|LBR"});
  CHECK(result.status == 1);
  CHECK(contains(result.out, "VIOLATED"));
  CHECK(contains(result.out, "airlock trace " + model + " --set 'wanted=BLCKDB|LBR' " +
                                 "--property always_clean"));
  CHECK(contains(result.out, "reachable_guest"));
  CHECK(contains(result.out, "wanted=BLCKDB|LBR"));
  CHECK(result.err.empty());
}

TEST_CASE("the command that compare prints for a trace prints that trace") {
  const Scratch scratch;
  const std::string model = scratch.write("ti ny.c", tiny_model);
  const Result result = airlock({"compare", model, "--property", "always_clean"});
  const std::size_t at = result.out.find("airlock trace");
  REQUIRE(at != std::string::npos);
  const std::string line = result.out.substr(at, result.out.find('\n', at) - at);
  const Result trace = shell(shell_quote(AIRLOCK_COMMAND) + line.substr(7));
  CHECK(trace.status == 1);
  CHECK(contains(trace.out, "always_clean is violated in"));
}

TEST_CASE("the JSON of compare has the documented shape") {
  const Json json = Json::parse(with_tiny({"compare", "--format", "json"}).out);
  for (const char* key : {"model", "parameters", "actors", "choices", "rows"}) {
    CHECK(json.contains(key));
  }
  const Json& row = json["rows"][0];
  CHECK(row["fix"] == "none");
  CHECK(row["cost"].contains("rdmsr"));
  CHECK(row["cost_fastpath"].contains("wrmsr"));
  for (const Json& verdict : row["verdicts"]) {
    for (const char* key :
         {"property", "verdict", "assumes", "engine", "steps", "states", "seconds"}) {
      CHECK(verdict.contains(key));
    }
  }
}

TEST_CASE("the same question gets the same answer, byte for byte") {
  const Scratch scratch;
  const std::string model = scratch.write("tiny.c", tiny_model);
  const std::string host = scratch.write("host.c", host_model);
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"compare", model},
                                             {"trace", model, "--property", "always_clean"},
                                             {"list", model},
                                             {"explore", host},
                                             {"export", model, "--to", "json"}}) {
    CHECK(airlock(arguments).out == airlock(arguments).out);
  }
}

TEST_CASE("list names everything that the options take") {
  const Result text = with_tiny({"list"});
  CHECK(text.status == 0);
  for (const char* name : {"always_clean", "base", "wanted", "irq_toggle (on)",
                           "db_clears_debugctl_at", "Bits that the host wants."}) {
    CHECK(contains(text.out, name));
  }
  const Json json = Json::parse(with_tiny({"list", "--format", "json"}).out);
  for (const char* key : {"properties", "fixes", "parameters", "actors", "choices"}) {
    CHECK(json[key].is_array());
    CHECK(!json[key].empty());
  }
}

TEST_CASE("export prints the transition system as JSON") {
  const Result result = with_tiny({"export", "--to", "json"});
  CHECK(result.status == 0);
  const Json json = Json::parse(result.out);
  CHECK(json["variables"].size() > 5);
  CHECK(json["rules"].size() > 5);
  CHECK(json["rules"][0].contains("guard"));
}

TEST_CASE("output goes without colour, progress and harm into pipes and files") {
  const Scratch scratch;
  const std::string model = scratch.write("tiny.c", tiny_model);
  const Result piped = shell(command_line({"compare", model}) + " | cat");
  CHECK(!contains(piped.out, "\033"));
  CHECK(piped.err.empty());
  // The reader goes away before anything is written.
  const Result closed =
      shell("{ sleep 0.2; " + command_line({"list", model}) + "; echo $? >&2; } | true");
  CHECK(closed.err == "141\n");
}

TEST_CASE("a full disk is an error, not a success") {
  const Result result = with_tiny({"list"});
  REQUIRE(result.status == 0);
  const Scratch scratch;
  const std::string model = scratch.write("tiny.c", tiny_model);
  CHECK(shell(command_line({"list", model}) + " >/dev/full").status == 74);
}

TEST_CASE("compare certifies what it proves, unless it is told not to") {
  const std::string certified = with_tiny({"compare", "--format", "json"}).out;
  CHECK(certified.find("\"accepted_by\": \"cvc5\"") != std::string::npos);
  const std::string quicker = with_tiny({"compare", "--format", "json", "--no-certificates"}).out;
  CHECK(quicker.find("\"rows\"") != std::string::npos);
  CHECK(quicker.find("accepted_by") == std::string::npos);
  CHECK(with_tiny({"compare", "--no-certificates", "--certificate", "x"}).status == 2);
}

}  // namespace airlock::test
