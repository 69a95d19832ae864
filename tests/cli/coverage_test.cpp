// What coverage and compare say about values of parameters, through the real command.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

/// `used` decides what is written, `idle` does not, `alone` has no other value.
constexpr const char* source =
    "#include <airlock/svm.h>\n"
    "const u64 used = 1;\n"
    "const u64 idle = 1;\n"
    "const u64 alone = 1;\n"
    "u64 x;\n"
    "void vcpu_run(void)\n"
    "{\n"
    "\tclgi();\n"
    "\tx = used + (idle & 2) + (alone & 2);\n"
    "\tstgi();\n"
    "}\n"
    "/* x is never 5. */\n"
    "bool never_five(void) { return x == 5; }\n";

/// A model with these lines in its manifest.
class Model {
 public:
  explicit Model(const std::string& manifest) {
    scratch_.write("m/m.c", source);
    scratch_.write("m/airlock.toml", "files = [\"m.c\"]\n" + manifest);
  }
  [[nodiscard]] Result run(const std::string& command, const std::string& format = "text") const {
    return airlock({command, scratch_.path("m"), "--format", format});
  }

 private:
  Scratch scratch_;
};

const std::string values =
    "[values]\nused = [1, 0, 4]\nidle = [true, false]\n"
    "cpu_has_lbrv = [1]\n";

/// The names of the gaps that no reason excuses.
std::vector<std::string> gaps_of(const nlohmann::json& gaps) {
  std::vector<std::string> names;
  for (const auto& gap : gaps) {
    if (gap["kind"] == "parameter" && gap["reason"] == "") {
      names.push_back(gap["name"]);
    }
  }
  return names;
}

}  // namespace

TEST_CASE("a parameter's value that changes nothing is a gap, one that changes something is not") {
  const Result result = Model(values).run("coverage", "json");
  CHECK(result.status == 1);
  const auto found = nlohmann::json::parse(result.out);
  CHECK(gaps_of(found["gaps"]) == std::vector<std::string>{"idle=0"});
  std::vector<std::string> reached;
  for (const auto& point : found["rows"][0]["points"]) {
    if (point["kind"] == "parameter" && point["reached"]) {
      reached.push_back(point["name"]);
    }
  }
  CHECK(reached == std::vector<std::string>{"used=0", "used=4"});
}

TEST_CASE("coverage says for which parameters it knows no other value") {
  const Result result = Model(values).run("coverage");
  CHECK(result.out.find("2/3 other values of parameters") != std::string::npos);
  CHECK(result.out.find("never: idle=0") != std::string::npos);
  CHECK(result.out.find("not asked about: alone=1, guest_debugctl_bits=LBR, cpu_has_lbrv=1 (no") !=
        std::string::npos);
}

TEST_CASE("compare fails for a value that changes nothing, unless the manifest gives the reason") {
  const auto gaps = [](const std::string& unreached) {
    const Result result = Model(values + "[unreached]\n" + unreached).run("compare", "json");
    return gaps_of(nlohmann::json::parse(result.out)["coverage"]);
  };
  CHECK(gaps("") == std::vector<std::string>{"idle=0"});
  CHECK(gaps("\"idle=0\" = \"for a later version\"\n").empty());
}

TEST_CASE("a reason for a value that makes a difference is an error at its place") {
  const Result result =
      Model(values + "[unreached]\n\"used=0\" = \"nobody sets it\"\n").run("coverage");
  CHECK(result.status == 2);
  CHECK(result.err.find("airlock.toml:7:1: error: [unreached] names 'used=0', which is reached") !=
        std::string::npos);
}

TEST_CASE("a value with which there is no world is an error that names it") {
  const Result result = Model("[values]\nguest_debugctl_bits = [\"LBR\", 0x10]\n").run("coverage");
  CHECK(result.status == 2);
  CHECK(result.err.find("airlock.toml:3:1: error: with guest_debugctl_bits=16, ") !=
        std::string::npos);
  CHECK(result.err.find("which [values] names: 'guest_debugctl_bits' has a bit") !=
        std::string::npos);
}

TEST_CASE("coverage that a limit cuts short is undecided, whatever the manifest excuses") {
  const Scratch scratch;
  scratch.write("m/m.c", source);
  scratch.write("m/airlock.toml", "files = [\"m.c\"]\n");
  for (const std::vector<std::string>& limit :
       {std::vector<std::string>{"--timeout", "0"}, {"--memory", "1K"}}) {
    const Result result = airlock({"coverage", scratch.path("m"), limit[0], limit[1]});
    CHECK(result.status == 3);
    CHECK(result.out.find("to go on: raise " + limit[0]) != std::string::npos);
    CHECK(result.out.find("everything happens") == std::string::npos);
  }
}

}  // namespace airlock::test
