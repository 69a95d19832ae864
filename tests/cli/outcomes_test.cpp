// airlock outcomes, airlock test, and --guest of the commands about properties.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

const std::string kvm = std::string(AIRLOCK_SOURCE_DIR) + "/specs/kvm";

const char* const step_over_nop = R"(/* A single step over a nop. */
#include <airlock/guest.h>

u64 dr6;
u32 came;

void db_handler(void)
{
	dr6 = read_dr6();
	db_frame.tf = false;
	came++;
}

/* Expect:
 *   forall dr6 == (DR6_ACTIVE_LOW | DR6_BS) && came == 1
 *   under none: exists came == 0
 */
void guest(void)
{
	popf(X86_EFLAGS_TF);
	nop();
	nop();
}
)";

nlohmann::json outcomes(const std::vector<std::string>& more, int status) {
  std::vector<std::string> line{"outcomes", kvm, "--quiet", "--format", "json"};
  line.insert(line.end(), more.begin(), more.end());
  const Result result = airlock(line);
  INFO(result.out << result.err);
  REQUIRE(result.status == status);
  return nlohmann::json::parse(result.out);
}

}  // namespace

TEST_CASE("outcomes of a program, under fixes and on bare metal, and what that never shows") {
  const Scratch scratch;
  const std::string file = scratch.write("step.c", step_over_nop);
  const nlohmann::json all = outcomes({"--guest", file, "--fix", "none", "--fix", "merged"}, 0);
  const nlohmann::json& rows = all["guests"][0]["rows"];
  REQUIRE(rows.size() == 3);
  CHECK(rows[0]["row"] == "bare-metal");
  REQUIRE(rows[0]["outcomes"].size() == 1);
  CHECK(rows[0]["outcomes"][0]["values"]["dr6"] == "0xffff4ff0");
  CHECK(rows[0]["outcomes"][0]["dbs"][0]["at"] == "step.c:22 nop");
  CHECK(rows[0]["outcomes"][0]["dbs"][0]["dr6"] == "0xffff4ff0");
  bool lost = false;
  for (const nlohmann::json& each : rows[1]["outcomes"]) {
    lost = lost || (each["values"]["came"] == "0x0" && each["on_bare_metal"] == false);
  }
  CHECK(lost);  // the host's BTF, while the guest steps
  REQUIRE(rows[2]["outcomes"].size() == 1);
  CHECK(rows[2]["outcomes"][0]["values"] == rows[0]["outcomes"][0]["values"]);
  CHECK(rows[2]["outcomes"][0]["on_bare_metal"] == true);
  CHECK(rows[2]["complete"] == true);
}

TEST_CASE("an expectation that fails is status 1, a search without an end is undecided") {
  const Scratch scratch;
  std::string text = step_over_nop;
  text.replace(text.find("   under none: exists came == 0"), 31, "   never dbs == 1");
  const std::string file = scratch.write("step.c", text);
  const nlohmann::json all = outcomes({"--guest", file, "--fix", "merged"}, 1);
  CHECK(all["guests"][0]["rows"][1]["expectations"][0]["verdict"] == "holds");
  CHECK(all["guests"][0]["rows"][1]["expectations"][1]["verdict"] == "violated");
  const nlohmann::json late = outcomes({"--guest", file, "--fix", "merged", "--timeout", "0"}, 3);
  const nlohmann::json& row = late["guests"][0]["rows"][1];
  CHECK(row["complete"] == false);
  CHECK(row["outcomes"].empty());
  CHECK(row["expectations"][0]["verdict"] == "unknown");
}

TEST_CASE("a shortest trace to one outcome ends with what the program saw") {
  const Scratch scratch;
  const std::string file = scratch.write("step.c", step_over_nop);
  const Result result = airlock({"outcomes", kvm, "--quiet", "--guest", file, "--fix", "none",
                                 "--trace", "1", "--format", "json"});
  INFO(result.out << result.err);
  REQUIRE(result.status == 0);
  const nlohmann::json all = outcomes({"--guest", file, "--fix", "none"}, 0);
  CHECK(nlohmann::json::parse(result.out)["steps"] ==
        all["guests"][0]["rows"][1]["outcomes"][0]["steps"]);
  CHECK(airlock({"outcomes", kvm, "--quiet", "--guest", file, "--trace", "99"}).status == 2);
}

TEST_CASE("programs that no machine runs to their end are errors") {
  const Scratch scratch;
  const std::string head = "#include <airlock/guest.h>\n";
  for (const char* text : {"void guest(void) { iret(0, 3); read_dr6(); }\n",
                           "void guest(void) { for (;;) nop(); }\n"}) {
    const std::string file = scratch.write("g.c", head + text);
    const Result result = airlock({"outcomes", kvm, "--quiet", "--guest", file});
    INFO(result.out << result.err);
    CHECK(result.status == 2);
  }
  const std::string fix = scratch.write(
      "f.c", head + "/* Expect:\n * under mreged: forall 1\n */\nvoid guest(void) { nop(); }\n");
  const Result result = airlock({"outcomes", kvm, "--quiet", "--guest", fix});
  CHECK(result.status == 2);
  CHECK(result.err.find("f.c:3:") != std::string::npos);
}

TEST_CASE(
    "an expectation may stand on the line of its word, and a comment without one is an error") {
  const Scratch scratch;
  const auto status = [&](const std::string& comment) {
    const std::string file = scratch.write(
        "g.c", "#include <airlock/guest.h>\n" + comment + "\nvoid guest(void) { nop(); }\n");
    return airlock({"outcomes", kvm, "--quiet", "--guest", file, "--fix", "merged"}).status;
  };
  CHECK(status("/* Expect: forall dbs == 0 */") == 0);
  CHECK(status("/* Expect: exists dbs == 1 */") == 1);
  CHECK(status("/* Expect: forall dbs == 0\n * never dbs == 0 */") == 1);
  CHECK(status("/* Expect: */") == 2);
  CHECK(status("/* Expected: nothing */") == 2);
  const std::string first = scratch.write(
      "g.c",
      "/* Expect: forall dbs == 0 */\n#include <airlock/guest.h>\nvoid guest(void) { nop(); }\n");
  CHECK(airlock({"outcomes", kvm, "--quiet", "--guest", first}).status == 2);
}

TEST_CASE(
    "a #DB in the handler and one too many are outcomes of their own, on bare metal as under a "
    "fix") {
  const Scratch scratch;
  const auto stops = [&](const std::string& text, const std::string& why) {
    const std::string file = scratch.write("g.c", "#include <airlock/guest.h>\n" + text);
    const nlohmann::json all = outcomes({"--guest", file, "--fix", "merged"}, 0);
    for (const nlohmann::json& row : all["guests"][0]["rows"]) {
      REQUIRE(row["outcomes"].size() == 1);
      CHECK(row["outcomes"][0]["stopped"] == why);
    }
  };
  stops(
      "void db_handler(void) { popf(X86_EFLAGS_TF); nop(); }\n"
      "void guest(void) { popf(X86_EFLAGS_TF); nop(); nop(); }\n",
      "#DB in db_handler()");
  stops(
      "void db_handler(void) { }\n"
      "void guest(void) { popf(X86_EFLAGS_TF); for (int i = 0; i < 20; i++) nop(); nop(); }\n",
      "more than 16 #DBs");
}

TEST_CASE("what is expected of all runs fails where one never ends, and that has a trace") {
  const Scratch scratch;
  const std::string minimal = std::string(AIRLOCK_SOURCE_DIR) + "/specs/svm-minimal";
  const std::string fix = scratch.write(
      "forgets.c",
      "#include <airlock/svm.h>\nstatic void complete_instruction(u64 result)\n{\n}\n");
  const std::string guest = scratch.write("g.c",
                                          "#include <airlock/guest.h>\n/* Expect: forall dbs == 0 "
                                          "*/\nvoid guest(void) { cpuid(); nop(); }\n");
  const auto run = [&](const std::string& with, const std::vector<std::string>& more = {}) {
    std::vector<std::string> line{"outcomes", minimal, "--quiet",  "--guest", guest,
                                  "--fix",    with,    "--format", "json"};
    line.insert(line.end(), more.begin(), more.end());
    return airlock(line);
  };
  CHECK(run("none").status == 0);
  CHECK(run(fix).status == 1);
  CHECK(run(fix, {"--trace", "1"}).status == 0);
}

TEST_CASE("a guest takes #GP, leaves CPL 0 and comes back, and goes round loops") {
  const Scratch scratch;
  const std::string file = scratch.write("g.c", R"(#include <airlock/guest.h>
u32 rounds;
void guest_gp(void) { wrmsr(MSR_IA32_DEBUGCTLMSR, 1ULL << 40); rounds = 7; }
void guest_loop(void)
{
	for (int i = 0; i < 3; i++) {
		if (i == 1)
			iret(0, 3);
		else
			syscall();
		rounds++;
	}
	(void)read_dr6();
}
)");
  const nlohmann::json gp = outcomes({"--guest", file + ":gp", "--fix", "merged"}, 0);
  for (const nlohmann::json& row : gp["guests"][0]["rows"]) {
    REQUIRE(row["outcomes"].size() == 1);
    CHECK(row["outcomes"][0]["stopped"] == "#GP");
    CHECK(row["outcomes"][0]["values"]["rounds"] == "0x0");
  }
  const nlohmann::json loop = outcomes({"--guest", file + ":guest_loop", "--fix", "merged"}, 0);
  for (const nlohmann::json& row : loop["guests"][0]["rows"]) {
    REQUIRE(row["outcomes"].size() == 1);
    CHECK(row["outcomes"][0]["values"]["rounds"] == "0x3");
  }
}

TEST_CASE("test runs folders and prints KTAP") {
  const Scratch scratch;
  const std::string file = scratch.write("tests/step.c", step_over_nop);
  const std::vector<std::string> line{
      "test", scratch.path("tests"), "--model", kvm, "--fix", "none", "--fix", "merged", "--quiet"};
  const Result good = airlock(line);
  INFO(good.out << good.err);
  CHECK(good.status == 0);
  CHECK(good.out ==
        "KTAP version 1\n1..3\nok 1 step.guest.bare-metal\nok 2 step.guest.none\n"
        "ok 3 step.guest.merged\n");
  std::string text = step_over_nop;
  text.replace(text.find("came == 1\n"), 9, "came == 2");
  scratch.write("tests/step.c", text);
  const Result bad = airlock(line);
  CHECK(bad.status == 1);
  CHECK(bad.out.find("not ok 1 step.guest.bare-metal\n") != std::string::npos);
  CHECK(airlock({"test", scratch.path("tests")}).status == 2);  // of no model
}

TEST_CASE("what is published of specs/guests is so: on bare metal, and under each fix") {
  const Result result =
      airlock({"test", std::string(AIRLOCK_SOURCE_DIR) + "/specs/guests", "--quiet"});
  INFO(result.out << result.err);
  CHECK(result.status == 0);
  CHECK(result.out.find("\n1..66\n") != std::string::npos);
  CHECK(result.out.find("not ok") == std::string::npos);
  CHECK(result.out.find("SKIP") == std::string::npos);
}

TEST_CASE("the guest of a property's world can run a program") {
  const Scratch scratch;
  const std::string file = scratch.write("step.c", step_over_nop);
  const std::string calm =
      scratch.write("calm.c", "#include <airlock/guest.h>\nvoid guest(void) { nop(); }\n");
  const std::vector<std::string> line{
      "prove", kvm, "--quiet", "--property", "reachable_guest_takes_db", "--guest"};
  const auto status = [&](const std::string& guest) {
    std::vector<std::string> whole = line;
    whole.push_back(guest);
    return airlock(whole).status;
  };
  CHECK(status(file) == 0);
  CHECK(status(calm) == 1);
}

}  // namespace airlock::test
