// Names that mean something to the world, and values of parameters, from the command line: exit
// status 2, the place, the line. (tests/model/world/words_test.cpp has every word.)
#include <algorithm>
#include <doctest/doctest.h>

#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

/// `text` in place of the property of the tiny model that says nothing.
std::string with(const std::string& text) {
  return std::string(tiny_model) + "\n" + text + "\n";
}

void check_refused(const std::vector<std::string>& arguments,
                   const std::vector<std::string>& mentions) {
  const Result result = airlock(arguments);
  INFO("standard error: " << result.err.substr(0, 2000));
  CHECK(result.status == 2);
  CHECK(result.out.empty());
  for (const std::string& each : mentions) {
    INFO("should mention: " << each);
    CHECK(result.err.find(each) != std::string::npos);
  }
}

/// At the line of `mark`, which is shown.
void check_file(const std::string& text, const std::string& mark,
                const std::vector<std::string>& mentions) {
  const Scratch scratch;
  const std::string path = scratch.write("bad.c", text);
  const std::size_t at = text.find(mark);
  REQUIRE(at != std::string::npos);
  const auto line =
      1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  std::vector<std::string> all{path + ":" + std::to_string(line) + ":", "error: ", mark};
  all.insert(all.end(), mentions.begin(), mentions.end());
  check_refused({"prove", path}, all);
}

}  // namespace

TEST_CASE("a word of the world that is something else is an error where it stands") {
  check_file(with("u64 cpu_has_lbrv = 0;"), "u64 cpu_has_lbrv = 0;",
             {"'cpu_has_lbrv' is a parameter of the world", "a global that is not const"});
  check_file(with("enum { cpu_has_lbrv };"), "enum { cpu_has_lbrv };", {"an enumerator"});
  check_file(with("#define guest_debugctl_bits 3"), "#define guest_debugctl_bits 3", {"a macro"});
  check_file(with("bool always_lost(void);"), "bool always_lost(void);",
             {"'always_lost' is declared but has no body"});
  check_file(with("void clgi(void) {}"), "void clgi(void) {}", {"'clgi' is the machine's"});
  check_file(with("struct vmcb vmcb;"), "struct vmcb vmcb;", {"is the machine's"});
  check_file(
      "unsigned char get_debugctlmsr(void);\nunsigned char a;\n"
      "void vcpu_run(void) { a = get_debugctlmsr(); }\n",
      "unsigned char get_debugctlmsr(void);", {"'get_debugctlmsr' is the machine's"});
}

TEST_CASE("guest_dr6() with another type, or with an effect, is an error where it stands") {
  check_file(with("bool guest_dr6(void) { return true; }"), "bool guest_dr6(void)",
             {"guest_dr6() has another type", "`u64 guest_dr6(void)`"});
  check_file(with("u64 n;\nu64 guest_dr6(void)\n{\n\treturn n++;\n}"), "return n++;",
             {"'n' is written in guest_dr6()"});
  check_file(with("u64 guest_dr6(void)\n{\n\tstgi(); /* no */\n\treturn 0;\n}"), "stgi(); /* no */",
             {"'stgi' is called in guest_dr6()"});
  check_file(with("u64 guest_dr6(void)\n{\n\tassume(false);\n\treturn 0;\n}"), "assume(false);",
             {"assume() in guest_dr6()"});
}

TEST_CASE("a Trace: line that cannot be told is an error at its property") {
  const std::string property = "bool always_told(void) { return true; }";
  for (const std::string line : {"{cpu.debugctrl}", "{cpu.debugctl", "cpu.gif}", "{?cpu.gif}"}) {
    check_file(with("/*\n * Says.\n *\n * Trace: " + line + "\n */\n" + property), property,
               {"the Trace: line of 'always_told'"});
  }
}

TEST_CASE("a fix that redefines one of the machine's operations is an error in the fix") {
  const Scratch scratch;
  const std::string base = scratch.write("tiny.c", tiny_model);
  const std::string fix =
      scratch.write("fix.c", "#include <airlock/svm.h>\nvoid clgi(void)\n{\n}\n");
  check_refused({"prove", base, "--fix", fix},
                {fix + ":2:6: error: 'clgi' is the machine's", "no fix may define it"});
}

TEST_CASE("a value that a parameter cannot have is an error, by one rule for all parameters") {
  const Scratch scratch;
  const std::string path =
      scratch.write("p.c", with("const u8 small = 1;\nconst s8 below = -3;\nconst bool flag = 0;"));
  const auto refused = [&](const std::string& set, const std::vector<std::string>& mentions) {
    check_refused({"explore", path, "--set", set}, mentions);
  };
  for (const std::string name : {"small", "below", "guest_debugctl_bits", "cpu_has_lbrv"}) {
    refused(name + "=010", {"'010' is neither a number nor a name", "without a 0 in front"});
    refused(name + "=maybe", {"'maybe' is neither"});
    refused(name + "=", {"'' is neither"});
  }
  refused("cpu_has_lbrv=2", {"cpu_has_lbrv=2 does not fit 'bool'", "0 to 1"});
  refused("small=-1", {"small=-1 does not fit 'unsigned char'", "0 to 255"});
  refused("guest_debugctl_bits=-1", {"guest_debugctl_bits=-1 does not fit 'u64'"});
  refused("small=256", {"small=256 does not fit 'unsigned char'", "0 to 255"});
  refused("below=128", {"below=128 does not fit 'signed char'", "-128 to 127"});
  refused("below=-129", {"below=-129 does not fit 'signed char'", "-128 to 127"});
  refused("flag=2", {"flag=2 does not fit 'bool'"});
  const Result taken = airlock({"list", path, "--set", "below=-1"});
  INFO(taken.out << taken.err);
  CHECK(taken.status == 0);
  CHECK(taken.out.find("-1") != std::string::npos);
}

TEST_CASE("cpu_has_lbrv is 0 or 1, also where a file gives it another type") {
  check_file(with("const u64 cpu_has_lbrv = 2;"), "const u64 cpu_has_lbrv = 2;",
             {"'cpu_has_lbrv' is neither 0 nor 1"});
  const Scratch scratch;
  const std::string path = scratch.write("p.c", with("const u64 cpu_has_lbrv = 1;"));
  check_refused({"explore", path, "--set", "cpu_has_lbrv=2"}, {"--set", "is neither 0 nor 1"});
  CHECK(
      airlock({"prove", path, "--set", "cpu_has_lbrv=0", "--property", "always_trivial"}).status ==
      0);
}

}  // namespace airlock::test
