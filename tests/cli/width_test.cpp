// How wide text is, and what people read in place of long names.
#include <doctest/doctest.h>
#include <sstream>

#include "model/system/printable.hpp"
#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

const std::string kvm = std::string(AIRLOCK_SOURCE_DIR) + "/specs/kvm";

/// Columns of the widest line that is no command to copy.
std::size_t widest(const std::string& text) {
  std::size_t result = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("airlock ") == std::string::npos) {
      result = std::max(result, columns(line));
    }
  }
  return result;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("--width and COLUMNS are heard where output is piped, --width first") {
  const std::vector<std::string> trace{"trace", kvm, "--property", "always_dr6_is_the_guests"};
  const std::size_t usual = widest(airlock(trace).out);
  CHECK(usual > 72);
  CHECK(usual <= 100);
  std::vector<std::string> narrow = trace;
  narrow.insert(narrow.end(), {"--width", "72"});
  CHECK(widest(airlock(narrow).out) <= 72);
  CHECK(shell("COLUMNS=72 " + command_line(trace)).out == airlock(narrow).out);
  CHECK(shell("COLUMNS=60 " + command_line(narrow)).out == airlock(narrow).out);
  for (const char* nonsense : {"", "0", "7x", "-72", "99999999999"}) {
    CAPTURE(nonsense);
    CHECK(widest(shell("COLUMNS=" + std::string(nonsense) + " " + command_line(trace)).out) ==
          usual);
  }
  for (const char* bad : {"39", "1001", "wide", "-1"}) {
    CHECK(
        airlock({"trace", kvm, "--property", "always_dr6_is_the_guests", "--width", bad}).status ==
        2);
  }
}

TEST_CASE("a matrix with a fix that is given by its path fits in 72 columns") {
  const Scratch scratch;
  const std::string model = scratch.write("m.c", host_model);
  const std::string fix = scratch.write(
      "a/folder/with/a/long/name/quiet.c",
      "#include <airlock/svm.h>\nvoid boot(void) { wrmsrl(MSR_IA32_DEBUGCTLMSR, 0); }\n");
  const Result result =
      airlock({"compare", model, "--fix", "base", "--fix", fix, "--width", "72", "--quiet"});
  INFO(result.err);
  CHECK(widest(result.out.substr(0, result.out.find("\nUnder"))) <= 72);
  CHECK(has(result.out, "\nbase   VIOLATED"));
  CHECK(has(result.out, "\nquiet  holds"));
  CHECK_FALSE(has(result.out, "under none"));
}

TEST_CASE("two fixes of one name are told apart by their paths") {
  const Scratch scratch;
  const std::string model = scratch.write("m.c", host_model);
  const std::string text =
      "#include <airlock/svm.h>\nvoid boot(void) { wrmsrl(MSR_IA32_DEBUGCTLMSR, 0); }\n";
  const std::string one = scratch.write("a/f.c", text);
  const std::string other = scratch.write("b/f.c", text);
  const Result result = airlock({"compare", model, "--fix", one, "--fix", other, "--quiet"});
  CHECK(has(result.out, "\n" + one + " "));
  CHECK(has(result.out, "\n" + other + " "));
}

TEST_CASE("the base is called so, and commands need not name it") {
  const Scratch scratch;
  const std::string model = scratch.write("m.c", host_model);
  const Result named = airlock({"prove", model, "--fix", "base", "--property", "always_quiet"});
  CHECK(named.status == 1);
  CHECK(has(named.out, model + ", the base\n"));
  CHECK(has(named.out, "airlock trace " + model + " --property always_quiet\n"));
  CHECK(named.out == airlock({"prove", model, "--property", "always_quiet"}).out);
  CHECK(named.out == airlock({"prove", model, "--fix", "none", "--property", "always_quiet"}).out);
}

}  // namespace airlock::test
