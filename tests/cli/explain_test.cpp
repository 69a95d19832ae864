// `prove --explain` on a fix whose needed lines are known by hand.
#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

/// DebugCtl is saved with interrupts off, changed, and put back before they are on again; an
/// interrupt changes it in between where it can.
const char* const base =
    "#include <airlock/svm.h>\n"
    "const bool noisy = false;\n"
    "u64 unused;\n"
    "void irq_flips(void) { update_debugctlmsr(get_debugctlmsr() ^ DEBUGCTLMSR_BTF); }\n"
    "void nmi_flips(void) { update_debugctlmsr(get_debugctlmsr() ^ DEBUGCTLMSR_BTF); }\n"
    "void save(void) {}\n"
    "void restore(void) {}\n"
    "void vcpu_run(void)\n"
    "{\n"
    "\tlocal_irq_disable();\n"
    "\tsave();\n"
    "\tif (noisy)\n"
    "\t\tupdate_debugctlmsr(DEBUGCTLMSR_LBR);\n"
    "\tclgi();\n"
    "\tupdate_debugctlmsr(0);\n"
    "\trestore();\n"
    "\tstgi();\n"
    "\tlocal_irq_enable();\n"
    "}\n"
    "bool always_own(void) { return !cpu.gif || cpu.debugctl == reference_host.debugctl; }\n";

const char* const fix =
    "#include <airlock/svm.h>\n"
    "extern u64 unused;\n"
    "u64 host;\n"
    "void save(void)\n"
    "{\n"
    "\tunused = 1;\n"
    "\thost = get_debugctlmsr();\n"
    "}\n"
    "void restore(void)\n"
    "{\n"
    "\tif (host || unused)\n"
    "\t\tupdate_debugctlmsr(host);\n"
    "}\n";

const char* const manifest =
    "files = [\"base.c\"]\nfixes = [\"fix.c\"]\n"
    "[actors]\nnmi_flips = false\n"
    "[values]\nnoisy = [false, true]\nguest_debugctl_bits = [\"LBR\", \"0\"]\n";

std::string model(const Scratch& scratch) {
  scratch.write("m/base.c", base);
  scratch.write("m/fix.c", fix);
  scratch.write("m/airlock.toml", manifest);
  return scratch.path("m");
}

}  // namespace

TEST_CASE("explain names the lines and the assumptions that a proof needs, and no others") {
  const Scratch scratch;
  const Result result = airlock({"prove", model(scratch), "--fix", "fix", "--property",
                                 "always_own", "--explain", "--format", "json"});
  INFO(result.err);
  REQUIRE(result.status == 0);
  const auto needs = nlohmann::json::parse(result.out).at("results").at(0).at("needs");
  std::vector<std::string> lines;
  for (const auto& line : needs.at("lines")) {
    lines.push_back(line.at("text"));
  }
  const auto has = [&](const std::string& text) {
    return std::find(lines.begin(), lines.end(), text) != lines.end();
  };
  INFO(needs.dump(1));
  CHECK(has("host = get_debugctlmsr();"));
  CHECK(has("update_debugctlmsr(host);"));
  CHECK(has("save() after local_irq_disable()"));
  CHECK(has("save() before clgi()") == false);
  CHECK(has("restore() before stgi()"));
  CHECK_FALSE(has("unused"));
  CHECK_FALSE(has("unused = 1;"));
  CHECK(needs.at("assumes") == nlohmann::json::array({"no nmi_flips", "noisy=0"}));
  CHECK(needs.at("minimal") == true);
}

TEST_CASE("explain says of a built-in property that its needs are not asked, and why") {
  const Scratch scratch;
  const std::string reason = "not asked: it is about every step of every line";
  for (const char* command : {"prove", "compare"}) {
    const std::vector<std::string> ask{command,      model(scratch),        "--fix",    "fix",
                                       "--property", "always_well_defined", "--explain"};
    CHECK(airlock(ask).out.find(reason) != std::string::npos);
    std::vector<std::string> as_json = ask;
    as_json.insert(as_json.end(), {"--format", "json"});
    const auto document = nlohmann::json::parse(airlock(as_json).out);
    const auto& verdict = std::string(command) == "prove" ? document["results"][0]
                                                          : document["rows"][0]["verdicts"][0];
    CHECK(verdict["needs"].is_null());
    CHECK(verdict["needs_reason"].get<std::string>().find(reason) == 0);
  }
}

TEST_CASE("compare says in JSON what proofs need, unless it is told not to") {
  const Scratch scratch;
  const std::string path = model(scratch);
  const auto cell = [&](std::vector<std::string> more) {
    std::vector<std::string> ask{"compare",    path,         "--fix",    "fix",
                                 "--property", "always_own", "--format", "json"};
    ask.insert(ask.end(), more.begin(), more.end());
    const Result result = airlock(ask);
    INFO(result.err);
    REQUIRE(result.status == 0);
    return nlohmann::json::parse(result.out)["rows"][0]["verdicts"][0];
  };
  auto needs = cell({})["needs"];
  CHECK(needs["assumes"] == nlohmann::json::array({"no nmi_flips", "noisy=0"}));
  CHECK(needs["lines"].size() == 6);
  auto same = cell({"--explain", "--jobs", "1"})["needs"];
  for (auto* each : {&needs, &same}) {
    CHECK((*each)["seconds"] > 0);
    each->erase("seconds");
  }
  CHECK(needs == same);
  CHECK_FALSE(cell({"--no-explain"}).contains("needs"));
}

TEST_CASE("compare says what proofs need in text only if it is asked, and in no other format") {
  const Scratch scratch;
  const std::vector<std::string> ask{"compare", model(scratch), "--fix",
                                     "fix",     "--property",   "always_own"};
  const auto with = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = ask;
    arguments.insert(arguments.end(), more.begin(), more.end());
    return airlock(arguments);
  };
  CHECK(with({"--explain"}).out.find("What each \"holds\" needs:") != std::string::npos);
  CHECK(with({}).out.find("needs") == std::string::npos);
  CHECK(with({"--no-explain"}).out.find("needs") == std::string::npos);
  for (const char* format : {"markdown", "junit", "sarif"}) {
    const Result refused = with({"--explain", "--format", format});
    CHECK(refused.status == 2);
    CHECK(refused.err.find("--explain: error: ") != std::string::npos);
  }
  const Result both = with({"--explain", "--no-explain"});
  CHECK(both.status == 2);
  CHECK(both.err.find("--explain") != std::string::npos);
}

TEST_CASE("what does not hold, and what no time was left for, says so instead of needs") {
  const Scratch scratch;
  const std::string path = model(scratch);
  const auto cell = [&](const std::vector<std::string>& more) {
    std::vector<std::string> ask{"compare", path, "--property", "always_own", "--format", "json"};
    ask.insert(ask.end(), more.begin(), more.end());
    return nlohmann::json::parse(airlock(ask).out)["rows"][0]["verdicts"][0];
  };
  const auto violated = cell({"--fix", "none"});
  CHECK(violated["verdict"] == "violated");
  CHECK_FALSE(violated.contains("needs"));
  const auto undecided = cell({"--fix", "fix", "--timeout", "0"});
  CHECK(undecided["verdict"] == "unknown");
  CHECK_FALSE(undecided.contains("needs"));
}

TEST_CASE("explain in words says needs, assumes, and what was not asked about") {
  const Scratch scratch;
  const Result result =
      airlock({"prove", model(scratch), "--fix", "fix", "--property", "always_own", "--explain"});
  for (const char* each : {"needs:", "fix.c:7: host = get_debugctlmsr();",
                           "base.c:11: save() after local_irq_disable()",
                           "assumes: no nmi_flips; noisy=0", "not asked about: cpu_has_lbrv=1"}) {
    INFO(each);
    CHECK(result.out.find(each) != std::string::npos);
  }
}

TEST_CASE("values in a manifest that are no list, or no values, are errors in the manifest") {
  const Scratch scratch;
  const std::string path = model(scratch);
  for (const char* wrong :
       {"noisy = true", "noisy = []", "noisy = [[1]]", "noisy = [\"x\"]", "noisy_no_more = [1]"}) {
    scratch.write("m/airlock.toml", "files = [\"base.c\"]\n[values]\n" + std::string(wrong) + "\n");
    const Result result = airlock({"list", path});
    CHECK(result.status == 2);
    CHECK(result.err.find("airlock.toml:3:") != std::string::npos);
    CHECK(result.err.find("noisy") != std::string::npos);
  }
}

}  // namespace airlock::test
