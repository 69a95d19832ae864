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
  CHECK(result.out.find("2/3 other values") != std::string::npos);
  CHECK(result.out.find("\"idle=0\"") != std::string::npos);
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

TEST_CASE("coverage says first what it found, and what has one cause once") {
  const Scratch scratch;  // a guest that never runs, and a function that nobody calls
  const std::string model =
      scratch.write("m.c",
                    "#include <airlock/svm.h>\n"
                    "u8 s;\n"
                    "void forgotten(void)\n{\n\ts = 1;\n\ts = 2;\n\ts = 3;\n}\n"
                    "void vcpu_run(void) { clgi(); stgi(); s = 0; }\n"
                    "bool always_small(void) { return s < 2; }\n");
  const Result result = airlock({"coverage", model});
  CHECK(result.status == 1);
  const std::string first = result.out.substr(0, result.out.find("\n\n"));
  CHECK(first.find("3 statements never run") != std::string::npos);
  CHECK(first.find("events of the hardware never happen") != std::string::npos);
  CHECK(result.out.find("\"the guest*\" ") != std::string::npos);
  CHECK(result.out.find("the guest executes") == std::string::npos);
  CHECK(result.out.find("\"m.c:5:2\", \"m.c:6:2\", \"m.c:7:2\" first: s = 1;") !=
        std::string::npos);
  std::size_t times = 0;
  for (std::size_t at = result.out.find("m.c:5:2"); at != std::string::npos;
       at = result.out.find("m.c:5:2", at + 1)) {
    ++times;
  }
  CHECK(times == 1);
  // What the group is called stands for all of it, and for nothing that happens.
  const std::string folder = scratch.path("m");
  scratch.write("m/m.c", slurp(model));
  scratch.write("m/airlock.toml",
                "files = [\"m.c\"]\n[unreached]\n\"the guest*\" = \"none\"\n"
                "\"a physical*\" = \"none\"\n\"*=*\" = \"none\"\n\"m.c:5:2\" = \"x\"\n"
                "\"m.c:6:2\" = \"x\"\n\"m.c:7:2\" = \"x\"\n");
  const Result excused = airlock({"coverage", folder});
  INFO(excused.out, excused.err);
  CHECK(excused.out.find("statements never run") == std::string::npos);
  CHECK(excused.out.find("(49 that never happen have a") != std::string::npos);
}

TEST_CASE("what no instruction of the guest does is one line, and a reason is said once") {
  const Scratch scratch;
  const std::string folder = scratch.path("m");
  REQUIRE(airlock({"init", folder}).status == 0);
  const Result excused = airlock({"coverage", folder});
  CHECK(excused.status == 0);
  const std::string pattern = "*, #DB intercepted after the instruction, #VMEXIT(#DB)";
  CHECK(excused.out.find(pattern + " ") != std::string::npos);
  CHECK(excused.out.find("POPF, #DB intercepted") == std::string::npos);
  const std::string reason = "#DB is not intercepted: it goes to the guest's handler";
  CHECK(excused.out.find(reason) == excused.out.rfind(reason));
  // The pattern is one that the manifest takes.
  std::string manifest = slurp(folder + "/airlock.toml");
  const std::string entry =
      "\"the guest executes *, #DB intercepted after the instruction, #VMEXIT(#DB)\"";
  REQUIRE(manifest.find(entry) != std::string::npos);
  manifest.replace(manifest.find(entry), entry.size(), "\"" + pattern + "\"");
  scratch.write("m/airlock.toml", manifest);
  CHECK(airlock({"coverage", folder}).status == 0);
}

}  // namespace airlock::test
