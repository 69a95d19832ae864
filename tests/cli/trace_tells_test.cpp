// A trace says why: what the guest writes and reads, where the reference follows it after a fault,
// and whether a #DB that is missing comes after all. In every format.
#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

const std::string kvm = std::string(AIRLOCK_SOURCE_DIR) + "/specs/kvm";

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// The smallest hypervisor, its text changed.
class Minimal {
 public:
  Minimal() {
    REQUIRE(airlock({"init", scratch_.path("m")}).status == 0);
    text_ = slurp(scratch_.path("m/hypervisor.c"));
  }
  Minimal& with(const std::string& from, const std::string& to) {
    text_ = replaced(text_, from, to);
    scratch_.write("m/hypervisor.c", text_);
    return *this;
  }
  [[nodiscard]] Result trace(const std::string& property,
                             const std::vector<std::string>& more = {}) const {
    std::vector<std::string> line{"trace", scratch_.path("m"), "--fix",
                                  "lbrv",  "--property",       property};
    line.insert(line.end(), more.begin(), more.end());
    return airlock(line);
  }

 private:
  Scratch scratch_;
  std::string text_;
};

}  // namespace

TEST_CASE("what the guest writes to DR6 and reads from it is in every format") {
  const std::vector<std::string> line{"trace", kvm, "--property", "always_dr6_is_the_guests",
                                      "--format"};
  for (const std::string format : {"text", "json", "vcd", "svg"}) {
    CAPTURE(format);
    std::vector<std::string> arguments = line;
    arguments.push_back(format);
    std::string out = airlock(arguments).out;
    for (std::size_t at = 0; format == "vcd" && (at = out.find("\\040")) != std::string::npos;) {
      out.replace(at, 4, " ");  // spaces, as GTKWave reads them
    }
    CHECK(has(out, "the guest executes MOV to DR6: it writes BLD=0"));
    CHECK(has(out, "the guest executes MOV from DR6: it reads BLD=0"));
    CHECK(has(out, "the reference guest follows: its DR6 becomes what the guest has"));
  }
}

TEST_CASE("what the guest's WRMSR would have written is told with the #GP that it takes") {
  Minimal model;  // a #GP for every bit, which the reference does not expect
  model.with("if (data & ~GENMASK(5, 0)) {", "refused = true;\n\tif (data) {")
      .with("static void msr_exit", "bool refused;\n\nstatic void msr_exit")
      .with("\tguest_takes_gp();", "\tguest_takes_gp();\n\t\trefusals = data;")
      .with("bool refused;", "u64 refusals;\nbool refused;")
      .with("#include <airlock/svm.h>\n",
            "#include <airlock/svm.h>\n\nextern u64 refusals;\n\n/* Two bits are refused. */\n"
            "bool reachable_refusal(void) { return refusals == 3; }\n");
  const Result result = model.trace("reachable_refusal");
  INFO(result.err);
  CHECK(result.status == 0);
  CHECK(has(result.out, "the guest takes #GP: its WRMSR DebugCtl would write LBR|BTF"));
  CHECK(has(result.out, "the reference guest follows: it takes the #GP"));
}

TEST_CASE("what software has completed tells its operand and its result") {
  const Result result = airlock(
      {"trace", kvm, "--fix", "v1", "--property", "always_debug_exceptions_are_the_guests"});
  CHECK(has(result.out, "the guest's WRMSR DebugCtl is complete: it writes LBR|BTF"));
  CHECK(has(result.out, "the reference guest follows: it raised a #DB, and goes on without it"));
}

TEST_CASE("a #DB that comes one instruction late is called late, one that never comes is not") {
  const std::string injects =
      "vmcb.control.event_inj = SVM_EVTINJ_VALID | SVM_EVTINJ_TYPE_EXEPT | DB_VECTOR;";
  const std::string begins = "void vcpu_run(void)\n{\n";
  Minimal lost;
  lost.with(injects, "(void)0;");
  const std::string property = "always_debug_exceptions_are_the_guests";
  const Result gone = lost.trace(property);
  INFO(gone.err);
  CHECK(gone.status == 1);
  CHECK(has(gone.out, "goes on without the #DB that its own CPU raises"));
  CHECK_FALSE(has(gone.out, "It is late"));

  Minimal late;
  late.with(injects, "owed = 1;")
      .with("static void complete_instruction", "u8 owed;\n\nstatic void complete_instruction");
  late.with(begins, begins + "\tif (owed == 2) {\n\t\t" + injects +
                        "\n\t\towed = 0;\n\t} else if (owed == 1) {\n\t\towed = 2;\n\t}\n");
  const Result delayed = late.trace(property);
  INFO(delayed.err);
  CHECK(delayed.status == 1);
  CHECK(has(delayed.out, "It is late, not lost: "));
  std::string words = delayed.out;
  std::replace(words.begin(), words.end(), '\n', ' ');
  CHECK(has(words, "steps on, the guest takes a #DB with DR6=BS"));
  const auto json = nlohmann::json::parse(late.trace(property, {"--format", "json"}).out);
  CHECK(has(json["sentence"], "It is late, not lost: "));
}

TEST_CASE("--brief leaves out steps after which nothing is different, and says how many") {
  const std::vector<std::string> line{
      "trace", kvm, "--fix", "v1", "--property", "always_debug_exceptions_are_the_guests"};
  const Result whole = airlock(line);
  std::vector<std::string> shorter = line;
  shorter.emplace_back("--brief");
  const Result brief = airlock(shorter);
  CHECK(has(brief.out, "in which nothing changes"));
  CHECK(has(brief.out, "VMCB.DBGCTL: 0 -> LBR|BTF"));
  CHECK(brief.out.size() < whole.out.size());
  // The last step and the sentence are always there.
  CHECK(brief.out.substr(brief.out.rfind("\n  18   ")) ==
        whole.out.substr(whole.out.rfind("\n  18   ")));
}

}  // namespace airlock::test
