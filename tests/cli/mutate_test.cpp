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

/// The mutant whose diff ends like this; its verdict is "no such mutant" if there is none.
nlohmann::json mutant_of(const nlohmann::json& document, const std::string& diff_end) {
  for (const auto& mutant : document.at("mutants")) {
    if (mutant.at("diff").get<std::string>().ends_with(diff_end)) {
      return mutant;
    }
  }
  return {{"verdict", "no such mutant"}};
}
std::string verdict_of(const nlohmann::json& document, const std::string& diff_end) {
  return mutant_of(document, diff_end).at("verdict");
}
/// A survivor's reason.
bool has_reason(const nlohmann::json& mutant, const std::string& part) {
  return mutant.at("verdict") == "survived" &&
         mutant.at("reason").get<std::string>().find(part) != std::string::npos;
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

namespace {

/// A guest that writes DebugCtl under a host that notices; the fix runs it.
nlohmann::json mutate_run(const Scratch& scratch, const std::string& body,
                          const std::string& more = "") {
  const std::string model =
      "#include <airlock/svm.h>\n" + more +
      "void vcpu_create(void) { vmcb.save.dr6 = DR6_ACTIVE_LOW; set_intercept(INTERCEPT_INTR);\n"
      "  set_intercept(INTERCEPT_NMI); set_intercept(INTERCEPT_DB);\n"
      "  vmcb.control.int_ctl = V_INTR_MASKING_MASK; vmcb_mark_all_dirty(); }\n"
      "u64 n;\n"
      "void run(void) {}\n"
      "void vcpu_run(void) { run(); vmcb_mark_all_dirty(); }\n"
      "bool always_host_has_its_own(void) {\n"
      "  return cpu.guest_mode || !cpu.gif || cpu.debugctl == reference_host.debugctl; }\n";
  const std::string fix_text =
      "#include <airlock/svm.h>\nextern u64 n;\nvoid run(void)\n{\n" + body + "}\n";
  const Result result = airlock({"mutate", scratch.write("base.c", model), "--fix",
                                 scratch.write("fix.c", fix_text), "--format", "json"});
  INFO(result.err);
  CHECK(result.status <= 1);
  return nlohmann::json::parse(result.out);
}

const char* const plain_run = "\tclgi();\n\tvmrun();\n\tstgi();\n";

}  // namespace

TEST_CASE("a mutant under which the guest never runs is caught, whatever it keeps") {
  const Scratch scratch;
  const auto document = mutate_run(scratch, plain_run);
  CHECK(document.at("violated") == nlohmann::json{"always_host_has_its_own"});
  CHECK(verdict_of(document, "@@\n-\tvmrun();\n") == "caught");
}

TEST_CASE("a mutant that keeps a property by never coming to where it matters is not stronger") {
  const Scratch scratch;
  const auto document = mutate_run(scratch, plain_run);
  // GIF stays 0 once the guest has run.
  const nlohmann::json mutant = mutant_of(document, "@@\n-\tstgi();\n");
  CHECK(has_reason(mutant, "keeps always_host_has_its_own, perhaps in vain"));
  CHECK(has_reason(mutant, "DEBUGCTL == reference_host.DEBUGCTL, once the guest has run"));
}

TEST_CASE("a mutant that mends what the fix breaks is stronger") {
  const Scratch scratch;
  const auto document = mutate_run(scratch,
                                   "\tclgi();\n\tvmrun();\n"
                                   "\tif (cpu.debugctl & DEBUGCTLMSR_LBR)\n"
                                   "\t\tupdate_debugctlmsr(0);\n\tstgi();\n");
  CHECK(verdict_of(document, "+\tif (true)\n") == "stronger");
}

TEST_CASE("a mutant that hangs without a sound on some hosts is no equivalent") {
  const Scratch scratch;
  // BTF is never set, BLCKDB is on some hosts: there a loop that waits for its end never ends.
  const auto document = mutate_run(scratch,
                                   "\tdo {\n\t\tn = get_debugctlmsr();\n"
                                   "\t} while (n & DEBUGCTLMSR_BTF);\n"
                                   "\tclgi();\n\tvmrun();\n\tupdate_debugctlmsr(n);\n\tstgi();\n",
                                   "void boot(void) { if (any_bool())\n"
                                   "  update_debugctlmsr(DEBUGCTLMSR_BUS_LOCK_DETECT); }\n");
  CHECK(has_reason(mutant_of(document, "+\t} while (n & DEBUGCTLMSR_BUS_LOCK_DETECT);\n"),
                   "for ever"));
  CHECK(verdict_of(document, "+\t} while (n & DEBUGCTLMSR_LBR);\n") == "equivalent");
}

TEST_CASE("mutate says in which world it judged") {
  const Scratch scratch;
  const Result result = mutate(scratch, fix);
  for (const char* each :
       {"Judged under", "cpu_has_lbrv=1", "actors: none", "db_clears_debugctl_at="}) {
    CHECK(result.out.find(each) != std::string::npos);
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

TEST_CASE("mutants that nobody had the time or memory to judge are undecided, with exit status 3") {
  const Scratch scratch;
  for (const std::vector<std::string>& limit :
       {std::vector<std::string>{"--timeout", "0"}, {"--memory", "1K"}}) {
    const Result result = mutate(scratch, fix, limit);
    CHECK(result.status == 3);
    CHECK(result.err.find("internal error") == std::string::npos);
    CHECK(result.out.find("Undecided: no mutant was judged") != std::string::npos);
    CHECK(result.out.find("to go on: raise " + limit[0]) != std::string::npos);
    CHECK(result.out.find("Survived") == std::string::npos);
  }
}

TEST_CASE("JSON says of a mutant that is undecided that it survived, that it is open, and why") {
  const Scratch scratch;
  const Result result = mutate(scratch, fix, {"--timeout", "0", "--format", "json"});
  CHECK(result.status == 3);
  const auto document = nlohmann::json::parse(result.out);
  CHECK(document.at("reason").get<std::string>().find("out of time") != std::string::npos);
  REQUIRE(!document.at("mutants").empty());
  for (const auto& mutant : document.at("mutants")) {
    CHECK(mutant.at("undecided") == true);
    CHECK(mutant.at("to_go_on") == "raise --timeout");
    CHECK(has_reason(mutant, "out of time"));
  }
}

TEST_CASE("a fix that chooses among 2^64 values is undecided, not an internal error") {
  const Scratch scratch;
  const std::string model =
      scratch.write("wild.c", std::string(base) + "bool never_big(void) { return n * n == 3; }\n");
  const std::string wild = scratch.write("wild_fix.c",
                                         "#include <airlock/svm.h>\nextern u64 n;\n"
                                         "void hook(void) { n = any_bits(~0ULL); }\n");
  const Result result = airlock({"mutate", model, "--fix", wild});
  CHECK(result.status == 3);
  CHECK(result.out.find("undecided about never_big") != std::string::npos);
  CHECK(result.out.find("to go on: ") != std::string::npos);
}

}  // namespace airlock::test
