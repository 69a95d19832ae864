// `airlock mutate` on worlds whose mutants can be judged by hand.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

const char* const base =
    "#include <airlock/svm.h>\n"
    "u64 n;\n"
    "void hook(void) {}\n"
    "void vcpu_run(void) { hook(); clgi(); stgi(); }\n"
    "bool never_btf(void) { return cpu.debugctl & DEBUGCTLMSR_BTF; }\n"
    "bool never_freezes(void) { return cpu.debugctl & DEBUGCTLMSR_FREEZE_LBRS_ON_PMI; }\n";

const char* const fix =
    "#include <airlock/svm.h>\n"
    "extern u64 n;\n"
    "void hook(void)\n"
    "{\n"
    "\tn = 3;\n"
    "\tupdate_debugctlmsr(DEBUGCTLMSR_LBR);\n"
    "\tupdate_debugctlmsr(DEBUGCTLMSR_FREEZE_LBRS_ON_PMI);\n"
    "}\n";

Result mutate(const Scratch& scratch, const std::string& fix_text,
              const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments{"mutate", scratch.write("base.c", base), "--fix",
                                     scratch.write("fix.c", fix_text)};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return airlock(arguments);
}

/// The verdict of the mutant whose diff ends like this.
std::string verdict_of(const nlohmann::json& document, const std::string& diff_end) {
  for (const auto& mutant : document.at("mutants")) {
    if (mutant.at("diff").get<std::string>().ends_with(diff_end)) {
      return mutant.at("verdict");
    }
  }
  return "no such mutant";
}

}  // namespace

TEST_CASE("mutants are caught, equivalent, stronger or survive, each as it should") {
  const Scratch scratch;
  const Result result = mutate(scratch, fix, {"--format", "json"});
  CHECK(result.status == 1);
  const auto document = nlohmann::json::parse(result.out);
  CHECK(verdict_of(document, "+\tupdate_debugctlmsr(DEBUGCTLMSR_BTF);\n") == "caught");
  CHECK(verdict_of(document, "@@\n-\tn = 3;\n") == "equivalent");
  CHECK(verdict_of(document, "+\tn = 4;\n") == "equivalent");
  CHECK(verdict_of(document, "@@\n-\tupdate_debugctlmsr(DEBUGCTLMSR_FREEZE_LBRS_ON_PMI);\n") ==
        "stronger");
  // The two writes swapped: the host ends with another DebugCtl, and no property minds.
  CHECK(verdict_of(document,
                   "@@\n-\tupdate_debugctlmsr(DEBUGCTLMSR_LBR);\n"
                   "-\tupdate_debugctlmsr(DEBUGCTLMSR_FREEZE_LBRS_ON_PMI);\n"
                   "+\tupdate_debugctlmsr(DEBUGCTLMSR_FREEZE_LBRS_ON_PMI);\n"
                   "+\tupdate_debugctlmsr(DEBUGCTLMSR_LBR);\n") == "survived");
  for (const auto& mutant : document.at("mutants")) {
    CHECK(mutant.at("line").get<int>() >= 4);
    CHECK((mutant.at("verdict") == "caught") == mutant.contains("steps"));
    CHECK((mutant.at("verdict") == "equivalent") == mutant.contains("cost"));
  }
}

TEST_CASE("survivors are shown with their diff, and the exit status says that there are some") {
  const Scratch scratch;
  const Result result = mutate(scratch, fix);
  CHECK(result.status == 1);
  CHECK(result.out.find("Survived") != std::string::npos);
  CHECK(result.out.find("+    update_debugctlmsr(DEBUGCTLMSR_LBR);") != std::string::npos);
}

TEST_CASE("a fix of which nothing survives exits with 0") {
  const Scratch scratch;
  const Result result = mutate(scratch,
                               "#include <airlock/svm.h>\nextern u64 n;\n"
                               "void hook(void)\n{\n\tn = 3;\n}\n");
  CHECK(result.status == 0);
  CHECK(result.out.find("0 survived") != std::string::npos);
}

TEST_CASE("mutate needs a fix") {
  const Result result = airlock({"mutate", "specs/kvm"});
  CHECK(result.status == 2);
  CHECK(result.err.find("--fix") != std::string::npos);
}

}  // namespace airlock::test
