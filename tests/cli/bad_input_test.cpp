// Whatever is wrong with what the user gives, the answer is one screen that says where and what, on
// standard error, and exit status 2.
#include <algorithm>
#include <doctest/doctest.h>

#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

constexpr long screen = 24;

void check_error(const Result& result, const std::vector<std::string>& mentions) {
  INFO("standard error: " << result.err.substr(0, 2000));
  CHECK(result.status == 2);
  CHECK(result.out.empty());
  CHECK(result.err.find("error: ") != std::string::npos);
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') <= screen);
  CHECK(result.err.size() < 4000);
  for (const std::string& each : mentions) {
    INFO("should mention: " << each);
    CHECK(result.err.find(each) != std::string::npos);
  }
}

/// The tiny model with `from` replaced by `to`.
std::string broken(const std::string& from, const std::string& to) {
  std::string text = tiny_model;
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// Position as messages show it: the line on which `mark` stands in `text`.
std::string at_line(const std::string& text, const std::string& mark) {
  const std::size_t at = text.find(mark);
  REQUIRE(at != std::string::npos);
  return ":" +
         std::to_string(1 + std::count(text.begin(), text.begin() + static_cast<long>(at), '\n')) +
         ":";
}

/// `text` as a model gives an error at the line of `mark`.
void check_file(const std::string& text, const std::string& mark,
                const std::vector<std::string>& mentions) {
  const Scratch scratch;
  const std::string path = scratch.write("bad.c", text);
  const Result result = airlock({"explore", path});
  check_error(result, mentions);
  CHECK(result.err.find(path + at_line(text, mark)) != std::string::npos);
}

Result with_tiny(std::vector<std::string> arguments) {
  const Scratch scratch;
  arguments.insert(arguments.begin() + 1, scratch.write("tiny.c", tiny_model));
  return airlock(arguments);
}

}  // namespace

TEST_CASE("a syntax error is shown where it is") {
  check_file(broken("vmrun();", "vmrun(;"), "vmrun(;", {"vmrun(;"});
}

TEST_CASE("an unknown identifier is named where it stands") {
  check_file(broken("vmrun();", "vmrum();"), "vmrum();", {"vmrum"});
  check_file(broken("return cpu.guest_mode;", "return cpu.gest_mode;"), "gest_mode", {"gest_mode"});
}

TEST_CASE("a type error is shown where it is") {
  check_file(broken("return cpu.gif || !cpu.gif;", "return cpu;"), "return cpu;", {});
}

TEST_CASE("recursion is an error") {
  check_file(broken("void vcpu_run(void)\n{",
                    "void again(void)\n{\n\tagain();\n}\n\n"
                    "void vcpu_run(void)\n{\n\tagain();"),
             "\tagain();", {"recurs"});
}

TEST_CASE("a loop without a step in it is an error") {
  check_file(broken("vmrun();", "while (true) {\n\t}\n\tvmrun();"), "while", {"loop"});
}

TEST_CASE("an empty file is no model") {
  const Scratch scratch;
  check_error(airlock({"explore", scratch.write("empty.c", "")}), {"empty.c:1:1: ", "vcpu_run"});
}

TEST_CASE("a binary file is no model") {
  const Scratch scratch;
  std::string bytes;
  for (int i = 0; i < 4096; ++i) {
    bytes += static_cast<char>(i * 37 % 256);
  }
  check_error(airlock({"explore", scratch.write("binary.c", bytes)}), {"binary.c"});
}

TEST_CASE("a file of ten megabytes is refused in seconds") {
  const Scratch scratch;
  std::string text = tiny_model;
  while (text.size() < 10'000'000) {
    text += "int x" + std::to_string(text.size()) + ";\n";
  }
  check_error(airlock({"explore", scratch.write("large.c", text)}), {"large.c"});
}

TEST_CASE("a path that does not exist is named") {
  for (const char* command : {"prove", "explore", "compare", "list"}) {
    check_error(airlock({command, "/no/such/model"}), {"/no/such/model"});
  }
}

TEST_CASE("a manifest without its files is an error in the manifest") {
  const Scratch scratch;
  scratch.write("airlock.toml", "properties = []\n");
  check_error(airlock({"list", scratch.path("")}), {"airlock.toml:1", "files"});
}

TEST_CASE("a directory without a manifest is an error") {
  const Scratch scratch;
  check_error(airlock({"list", scratch.path("")}), {"airlock.toml"});
}

TEST_CASE("an unknown property is an error that offers the nearest name") {
  check_error(with_tiny({"prove", "--property", "always_claen"}), {"always_claen", "always_clean"});
  check_error(with_tiny({"trace", "--property", "always_claen"}), {"always_claen", "always_clean"});
  check_error(with_tiny({"compare", "--property", "nothing_like_it"}), {"nothing_like_it"});
}

TEST_CASE("an unknown fix is an error") {
  check_error(with_tiny({"explore", "--fix", "no-such-fix"}), {"no-such-fix"});
}

TEST_CASE("an unknown parameter or a value that it cannot have is an error") {
  check_error(with_tiny({"explore", "--set", "no_such=1"}), {"no_such", "wanted"});
  check_error(with_tiny({"explore", "--set", "wanted=maybe"}), {"wanted", "maybe"});
  check_error(with_tiny({"explore", "--set", "wanted"}), {"--set", "NAME=VALUE"});
  check_error(with_tiny({"explore", "--set", "=1"}), {"--set", "NAME=VALUE"});
}

TEST_CASE("an unknown actor is an error") {
  check_error(with_tiny({"explore", "--actor", "irq_none"}), {"irq_none", "irq_toggle"});
  check_error(with_tiny({"explore", "--no-actor", "irq_none"}), {"irq_none", "irq_toggle"});
}

TEST_CASE("an unknown choice or option is an error that lists those that there are") {
  check_error(with_tiny({"explore", "--choice", "no_such=any"}),
              {"no_such", "db_clears_debugctl_at"});
  check_error(with_tiny({"compare", "--choice", "db_clears_debugctl_at=never"}),
              {"never", "db_clears_debugctl_at"});
  check_error(with_tiny({"compare", "--choice", "db_clears_debugctl_at"}),
              {"--choice", "NAME=VALUE"});
}

TEST_CASE("an unknown export format is an error that lists those that there are") {
  check_error(with_tiny({"export", "--to", "paper"}), {"paper", "json"});
}

TEST_CASE("wrong usage is an error with a hint") {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {},
           {"frobnicate"},
           {"prove"},
           {"trace", "x.c"},
           {"prove", "x.c", "--engine", "guess"},
           {"prove", "x.c", "--format", "xml"},
           {"prove", "x.c", "--jobs", "0"},
           {"prove", "x.c", "--jobs", "many"},
           {"prove", "x.c", "--timeout", "-1"},
           {"prove", "x.c", "--timeout", "nan"},
           {"prove", "x.c", "--timeout", "inf"},
           {"prove", "x.c", "--memory", "-5"},
           {"prove", "x.c", "x.c"},
           {"prove", "x.c", "./x.c"},
           {"compare", "x.c", "--fix", "f", "--fix", "f"},
           {"prove", "x.c", "--property", "p", "--property", "p"},
           {"prove", "x.c", "--set", "a=1", "--set", "a=2"},
           {"prove", "x.c", "--choice", "r=a", "--choice", "r=b"},
           {"prove", "x.c", "--actor", "a", "--actor", "a"},
           {"prove", "x.c", "--no-actor", "a", "--no-actor", "a"},
           {"prove", "x.c", "--actor", "a", "--no-actor", "a"},
           {"prove", "x.c", "--no-such-option"},
           {"prove", "x.c", "--property"},
       }) {
    check_error(airlock(arguments), {"--help"});
  }
}

TEST_CASE("what contradicts itself or is said twice is an error that says what") {
  check_error(airlock({"prove", "x.c", "--actor", "a", "--no-actor", "a"}),
              {"--actor and --no-actor both name 'a'"});
  check_error(airlock({"prove", "x.c", "--choice", "r=a", "--choice", "r=b"}),
              {"--choice: 'r' is given twice"});
  check_error(airlock({"compare", "x.c", "--fix", "f", "--fix", "f"}),
              {"--fix: 'f' is given twice"});
  check_error(airlock({"prove", "x.c", "./x.c"}), {"MODEL: ", "x.c' is given twice"});
}

TEST_CASE("names of any length are shortened to a screen") {
  const std::string name(100000, 'y');
  check_file(broken("vmrun();", name + " = 1;"), name + " = 1;", {"unknown identifier 'yyy"});
  check_file(broken("vmrun();", name + "();"), name + "();", {"yyy"});
  check_error(with_tiny({"prove", "--property", name}), {"yyy"});
  check_error(with_tiny({"prove", "--fix", name}), {"yyy"});
  check_error(with_tiny({"prove", "--set", name + "=1"}), {"yyy"});
  check_error(with_tiny({"prove", "--timeout", name}), {"yyy"});
}

TEST_CASE("a step with more ways, instructions or nodes than fit is an error where it is") {
  // Ways that differ in a pointer are not joined.
  std::string many = "u64 a = 0, b = 0;";
  std::string uses;
  for (int i = 0; i < 40; ++i) {
    const std::string p = "p" + std::to_string(i);
    many += " u64 *" + p + " = &a; if (any_bool()) " + p + " = &b;";
    uses += " *" + p + " = 1;";
  }
  check_file(broken("vmrun();", many + uses + "\n\tvmrun();"), "void vcpu_run",
             {"one step", "expected: "});
  check_file(broken("vmrun();",
                    "u64 x = 0;\n\tfor (int i = 0; i < 200; i++)\n\tfor (int j = 0; j < "
                    "200; j++)\n\tfor (int k = 0; k < 200; k++) x += k;\n\tvmrun();"),
             "for (int k", {"instructions in one step", "expected: "});
}

TEST_CASE("names that a terminal would obey are printed harmlessly") {
  const Result result = with_tiny({"prove", "--property", "a\033[31mb"});
  CHECK(result.status == 2);
  CHECK(result.err.find('\033') == std::string::npos);
}

TEST_CASE("an actor that touches the VMCB or DR6 is shown where it does") {
  const std::string start = "void vcpu_run(void)";
  check_file(
      broken(start, "u64 seen;\nvoid irq_x(void)\n{\n\tseen = vmcb.save.dbgctl;\n}\n\n" + start),
      "seen = vmcb", {"vmcb.save.dbgctl", "vcpu_run's alone", "seen = "});
  check_file(broken(start, "u64 seen;\nvoid irq_x(void)\n{\n\tseen = cpu.dr6;\n}\n\n" + start),
             "seen = cpu", {"reads DR6", "seen = "});
}

TEST_CASE("what only the vCPU's thread may do is an error in a vcpu_load() of a task switch") {
  for (const std::string call :
       {"guest_instruction_completes(0);", "guest_takes_gp();", "vmrun();"}) {
    const std::string text =
        "#include <airlock/svm.h>\nvoid task_switch_a(void) {}\n"
        "void vcpu_load(void)\n{\n\t" +
        call +
        "\n}\n"
        "void vcpu_run(void) { clgi(); vmrun(); stgi(); }\n";
    check_file(text, call, {"vcpu_load()", call.substr(0, call.find('(')), "expected"});
  }
}

TEST_CASE("an MSR that the model does not have is named, with its line") {
  check_file(broken("vmrun();", "wrmsrl(0x1d8, 1);\n\tvmrun();"), "wrmsrl(0x1d8",
             {"(0x1d8)", "MSR_IA32_DEBUGCTLMSR", "wrmsrl(0x1d8, 1);"});
}

TEST_CASE("assume() in a property is an error") {
  check_file(broken("return cpu.gif || !cpu.gif;", "assume(cpu.gif);\n\treturn true;"),
             "assume(cpu.gif)", {"assume()"});
}

TEST_CASE("a device that never ends is too large a file") {
  check_error(airlock({"explore", "/dev/zero"}), {"/dev/zero:1:1: ", "too large"});
}

TEST_CASE("a branch on a variable without a value is decided") {
  const Scratch scratch;
  const std::string path =
      scratch.write("any.c", broken("vmrun();", "int x;\n\tif (x > 3)\n\t\tvmrun();"));
  const Result result = airlock({"prove", path, "--engine", "pdr"});
  CHECK(result.out.find("holds          always_can_continue") != std::string::npos);
}

}  // namespace airlock::test
