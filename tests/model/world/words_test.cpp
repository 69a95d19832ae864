// Names that mean something to the world mean nothing else: beside each refused use, the use that
// is meant.
#include "model/world/words.hpp"

#include <doctest/doctest.h>
#include <set>

#include "model/system/input_error.hpp"
#include "model/world/compose.hpp"
#include "model/world/entries.hpp"
#include "model/world/platform.hpp"

using namespace airlock;

namespace {

const std::string header = "#include <airlock/svm.h>\n";
const std::string run = "\nvoid vcpu_run(void) { clgi(); vmrun(); stgi(); }\n";

/// The message for a program whose file w.c is `text`, with fixes on top; empty: it is accepted.
/// `entries` null: by name.
std::string error_of(const std::string& text, const std::vector<std::string>& fixes = {},
                     const Entries* entries = nullptr) {
  try {
    TransitionSystem skeleton;
    const Layout skeleton_layout = add_layout(skeleton, {});
    const MachinePlatform platform(skeleton_layout);
    std::vector<SourceFile> on_top;
    for (const std::string& fix : fixes) {
      on_top.push_back({"fix.c", fix});
    }
    const std::vector<SourceFile> base{{"w.c", text}};
    const Program program = Program::check(base, on_top, platform);
    TransitionSystem system;
    const Layout layout = add_layout(system, {});
    const std::set<std::string> actors;
    Composition what{program, actors};
    what.entries = entries;
    compose(system, layout, what);
  } catch (const InputError& error) {
    return error.what();
  }
  return {};
}

void check_refused(const std::string& text, const std::vector<std::string>& mentions,
                   const std::vector<std::string>& fixes = {}) {
  const std::string message = error_of(text, fixes);
  INFO("program: " << text << "\nmessage: " << message);
  for (const std::string& each : mentions) {
    CHECK(message.find(each) != std::string::npos);
  }
}

void check_taken(const std::string& text, const std::vector<std::string>& fixes = {}) {
  INFO(text);
  CHECK(error_of(text, fixes) == "");
}

}  // namespace

TEST_CASE("a parameter of the world is a const global of integer type, and nothing else") {
  for (const std::string name : {"cpu_has_lbrv", "guest_debugctl_bits"}) {
    const std::string is = "'" + name + "' is a parameter of the world, here it is ";
    check_refused(header + "u64 " + name + " = 0;" + run,
                  {"w.c:2:5: error: " + is + "a global that is not const"});
    check_refused(header + "enum { " + name + " };" + run, {"w.c:2:8", is + "an enumerator"});
    check_refused(header + "#define " + name + " 0" + run, {"w.c:2:1: ", is + "a macro"});
    check_refused(header + "#define " + name + "(x) 0" + run, {is + "a macro"});
    check_refused(header + "u64 " + name + "(void) { return 0; }" + run, {is + "a function"});
    check_refused(header + "typedef u64 " + name + ";" + run, {is + "a type"});
    check_refused(header + "const u64 " + name + "[2] = { 0, 1 };" + run,
                  {is + "a global of type"});
    check_taken(header + "const u64 " + name + " = 1;" + run);
    check_taken(header + "extern const u64 " + name + ";\nconst u64 " + name + " = 1;" + run);
    check_taken(header + "static int f(void) { int " + name + " = 2; return " + name + "; }" + run);
  }
}

TEST_CASE("an entry point is a function with a body") {
  for (const std::string name : {"boot", "vcpu_create", "vcpu_load", "vcpu_enter_guest", "irq_a",
                                 "nmi_a", "task_switch_a"}) {
    check_refused(header + "void " + name + "(void);" + run,
                  {"w.c:2:6: error: '" + name + "' is declared but has no body"});
    check_taken(header + "void " + name + "(void);\nvoid " + name + "(void) {}" + run);
  }
  check_refused(header + "u64 guest_dr6(void);" + run, {"'guest_dr6' is declared but has no body"});
  for (const std::string name : {"boot", "vcpu_create", "vcpu_load", "guest_dr6"}) {
    const std::string is = "'" + name + "' is a function that the world runs, here it is ";
    check_refused(header + "u8 " + name + ";" + run, {"w.c:2:4: ", is + "a global"});
    check_refused(header + "enum { " + name + " };" + run, {is + "an enumerator"});
    check_refused(header + "#define " + name + "() 0" + run, {is + "a macro"});
  }
}

TEST_CASE("a property that is declared without a body is an error") {
  for (const std::string name : {"always_p", "never_p", "reachable_p", "symptom_p"}) {
    check_refused(header + "bool " + name + "(void);" + run,
                  {"w.c:2:6: error: '" + name + "' is declared but has no body", "a property"});
  }
  check_taken(header + "bool never_p(void);\nbool never_p(void) { return false; }" + run);
  check_taken(header + "bool never_p(void);" + run, {"bool never_p(void) { return false; }"});
}

TEST_CASE("where a lens says what is entered, such names are functions like any other") {
  Entries entries;
  entries.run = "enter";
  entries.property_files = std::set<std::string>{"p.c"};
  const std::string enter = "void enter(void) { clgi(); stgi(); }\n";
  const std::string kernel = header + "int vcpu_load(int x);\nint boot;\nbool always_on(int x);\n" +
                             "static int vcpu_run(int x) { return x; }\n" + enter;
  CHECK(error_of(kernel, {}, &entries) == "");
  entries.property_files = std::set<std::string>{"w.c"};
  CHECK(error_of(kernel, {}, &entries).find("'always_on' is declared but has no body") !=
        std::string::npos);
  // The machine is the machine there, too.
  CHECK(error_of(header + "void clgi(void) {}\n" + enter, {}, &entries)
            .find("'clgi' is the machine's") != std::string::npos);
}

TEST_CASE("nobody defines one of the machine's operations") {
  check_refused(header + "void clgi(void) {}" + run, {"w.c:2:6: error: 'clgi' is the machine's"});
  check_refused(header + run, {"fix.c:2:6: error: 'clgi' is the machine's", "no fix may define it"},
                {header + "void clgi(void) {}"});
  check_refused(header + "#define clgi() stgi()" + run, {"w.c:2:1: ", "'clgi' is built in"});
  check_refused(header + "#define assume(c) 0" + run, {"'assume' is built in"});
  check_refused(header + "#define assert(c) 0" + run, {"'assert' is built in"});
  check_refused(header + "#define any_bits(m) 0" + run, {"'any_bits' is built in"});
  check_refused(header + run, {"fix.c:1:1: ", "'any_bool' is built in"},
                {"#define any_bool() true\n"});
  check_taken(header + "#define my_clgi() clgi()\n" + run);
}

TEST_CASE("the machine's operations are those of <airlock/svm.h>") {
  check_refused(
      "unsigned char get_debugctlmsr(void);\nunsigned long long a;\n"
      "void vcpu_run(void) { a = get_debugctlmsr(); }\n",
      {"w.c:1:15: error: 'get_debugctlmsr' is the machine's", "<airlock/svm.h>"});
  check_refused("void clgi(int x);\nvoid vcpu_run(void) { clgi(1); }\n",
                {"'clgi' is the machine's"});
  check_refused(header + "u8 get_debugctlmsr(void);" + run, {"w.c:2:4", "is declared as"});
  check_taken(header + "u64 get_debugctlmsr(void);" + run);  // the same again
}

TEST_CASE("the machine's objects are those of <airlock/svm.h>") {
  check_refused(header + "struct vmcb vmcb;" + run,
                {"w.c:2:13: error: 'vmcb.control.", "is the machine's"});
  check_refused(
      "struct c { unsigned char debugctl; };\nextern const struct c cpu;\n"
      "unsigned char a;\nvoid vcpu_run(void) { a = cpu.debugctl; }\n",
      {"w.c:2:23: error: 'cpu.debugctl' is the machine's"});
  check_refused(
      "struct c { unsigned char debugctl; } cpu;\nvoid vcpu_run(void) { cpu.debugctl = 1; }\n",
      {"'cpu.debugctl' is the machine's"});
  check_refused(header + "#define cpu vmcb" + run, {"w.c:2:1: ", "'cpu' is the machine's"});
  check_taken(header + "extern struct vmcb vmcb;" + run);
  check_taken("struct c { unsigned char number; } cpu;\nvoid vcpu_run(void) { cpu.number = 1; }\n");
}

TEST_CASE("guest_dr6() returns u64") {
  for (const std::string type : {"bool", "u32", "s64", "u8"}) {
    check_refused(header + type + " guest_dr6(void) { return 1; }" + run,
                  {"w.c:2:", "guest_dr6() has another type", "`u64 guest_dr6(void)`"});
  }
  check_refused(header + "u64 guest_dr6(u64 x) { return x; }" + run, {"has another type"});
  check_taken(header + "u64 guest_dr6(void) { return 1; }" + run);
  check_taken(header + "unsigned long guest_dr6(void) { return vmcb.save.dr6; }" + run);
}

TEST_CASE("guest_dr6() only looks") {
  const auto with = [](const std::string& body) {
    return header + "u64 a;\nstatic void add(u64 *to) { *to += 1; }\nu64 guest_dr6(void)\n{\n" +
           body + "\n}\n" + run;
  };
  check_refused(with("a++; return a;"), {"w.c:6:", "'a' is written in guest_dr6()"});
  check_refused(with("add(&a); return a;"), {"guest_dr6()", "'a'"});
  check_refused(with("stgi(); return a;"), {"w.c:6:1: ", "'stgi' is called in guest_dr6()"});
  check_refused(with("assume(a == 0); return a;"), {"w.c:6:1: ", "assume() in guest_dr6()"});
  check_refused(with("return any_bits(3);"), {"w.c:6:8: ", "a choice is made in guest_dr6()"});
  check_refused(with("vmcb.save.dr6 = 1; return a;"), {"'vmcb.save.dr6' is written"});
  check_refused(with("u64 x; return x;"), {"guest_dr6() makes a choice"});
  check_taken(with("u64 x = a; x++; return x;"));
  check_taken(with("u64 x = a; add(&x); return x;"));
  check_taken(with("return get_debugctlmsr();"));
}

TEST_CASE("a property only looks, and the place where it does more is shown") {
  const auto with = [](const std::string& body) {
    return header + "u64 a;\nbool never_p(void)\n{\n" + body + "\n}\n" + run;
  };
  check_refused(with("a++; a--; return false;"),
                {"w.c:5:", "'a' is written in property 'never_p'"});
  check_refused(with("stgi(); return false;"), {"w.c:5:1: ", "'stgi' is called in property"});
  check_refused(with("return any_bool();"), {"w.c:5:8: ", "a choice is made in property"});
  check_taken(with("u64 x = get_debugctlmsr(); x++; return x == 77;"));
}

TEST_CASE("a Trace: line names what there is, in braces that fit") {
  const auto with = [](const std::string& sentence) {
    return header +
           "u64 a;\nconst u64 limit = 3;\nstruct { u8 m; } s;\n/*\n * Says.\n *\n * Trace: " +
           sentence + "\n */\nbool never_p(void) { u64 local = a; return local == 4; }" + run;
  };
  for (const std::string path : {"aa", "cpu.debugctrl", "local", "limit", "s", "", "s.n"}) {
    const std::string says =
        "the Trace: line of 'never_p' names '" + path + "', which there is not";
    check_refused(with("Is {" + path + "}."), {"w.c:10:6: error: " + says});
    check_refused(with("{?" + path + ": text}"), {says});
    check_refused(with("{!a: {" + path + "}}"), {says});
  }
  check_refused(with("Is {a."), {"w.c:10:6: ", "has a '{' without its '}'"});
  check_refused(with("{?a: is {s.m}"), {"has a '{' without its '}'"});
  check_refused(with("Is a}."), {"has a '}' without its '{'"});
  check_refused(with("{?a}"), {"has '{?a}' without its text"});
  check_refused(with("{!a:}"), {"without its text"});
  check_taken(with("Is {a}, {s.m} and {cpu.debugctl}{?a: not {s.m}}{!vmcb.save.dr6: none}."));
}
