// The kernel's own words in spec files: <airlock/kernel.h>, #ifdef with names that are given, print
// macros, features of the CPU, actors that say that they are off.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Answer {
  Result airlock;
  Result cc;  ///< what a C compiler says of the same text
};

Answer ask(const std::string& text, const std::vector<std::string>& line,
           const std::string& header = "#include <airlock/kernel.h>\n") {
  const Scratch scratch;
  const std::string model = scratch.write("m.c", header + text);
  std::vector<std::string> arguments = line;
  arguments.insert(arguments.begin() + 1, model);
  return {airlock(arguments), shell("cc -fsyntax-only -Wall -Wno-unused -I " +
                                    std::string(AIRLOCK_SOURCE_DIR) + "/specs/include " + model)};
}

/// The verdict about always_p.
int status(const std::string& text) {
  const Answer answer = ask(text, {"prove", "--property", "always_p", "--quiet"});
  INFO(answer.airlock.out, answer.airlock.err, answer.cc.err);
  CHECK(answer.cc.status == 0);
  return answer.airlock.status;
}

std::string error(const std::string& text) {
  const Answer answer = ask(text, {"prove"});
  CHECK(answer.airlock.status == 2);
  return answer.airlock.err;
}

}  // namespace

TEST_CASE("rdmsrq and wrmsrq are RDMSR and WRMSR") {
  const std::string model =
      "u64 seen;\n"
      "void vcpu_run(void)\n{\n\twrmsrq(MSR_IA32_DEBUGCTLMSR, DEBUGCTLMSR_BTF);\n"
      "\trdmsrq(MSR_IA32_DEBUGCTLMSR, seen);\n\tclgi();\n\tstgi();\n}\n";
  CHECK(status(model + "bool always_p(void) { return seen == 0; }\n") == 1);
  CHECK(status(model + "bool always_p(void) { return !(seen & ~DEBUGCTLMSR_BTF); }\n") == 0);
}

TEST_CASE("who forgets the header is told of it") {
  const Answer answer = ask("void vcpu_run(void) { wrmsrq(MSR_IA32_DEBUGCTLMSR, 0); }\n", {"prove"},
                            "#include <airlock/svm.h>\n");
  CHECK(has(answer.airlock.err, "unknown function 'wrmsrq'"));
  CHECK(has(answer.airlock.err, "expected: #include <airlock/kernel.h>, which has it"));
}

TEST_CASE("a feature of the CPU is a parameter") {
  const std::string model =
      "const bool cpu_has_lbrv = true;\nconst bool cpu_has_x = false;\n"
      "#define X86_FEATURE_X cpu_has_x\nu8 s;\n"
      "void vcpu_run(void)\n{\n\tclgi();\n\ts = boot_cpu_has(X86_FEATURE_LBRV);\n"
      "\tif (cpu_feature_enabled(X86_FEATURE_X))\n\t\ts = 2;\n\tstgi();\n}\n"
      "bool always_p(void) { return s < 2; }\n";
  CHECK(status(model) == 0);
  CHECK(ask(model, {"prove", "--property", "always_p", "--set", "cpu_has_x=1"}).airlock.status ==
        1);
  CHECK(ask(model + "bool never_one(void) { return s == 1; }\n",
            {"prove", "--property", "never_one", "--set", "cpu_has_lbrv=0"})
            .airlock.status == 0);
}

TEST_CASE("printing does nothing, and a warning is its condition") {
  const std::string model =
      "u8 s;\nvoid vcpu_run(void)\n{\n\tclgi();\n\tpr_debug(\"s is %d, %s\\n\", s, \"so\");\n"
      "\tif (WARN_ON_ONCE(s > 1))\n\t\ts = 5;\n\tWARN_ONCE(s, \"s is %d\\n\", s);\n"
      "\tprintk(\"plain\");\n\ts = 1;\n\tstgi();\n}\n";
  CHECK(status(model + "bool always_p(void) { return s < 2; }\n") == 0);
  CHECK(ask("void vcpu_run(void) { BUG_ON(1); clgi(); stgi(); }\n", {"prove"}).airlock.status == 1);
}

TEST_CASE("what a print's arguments would do is an error, or done") {
  const auto model = [](const std::string& statement) {
    return "u8 s = 1;\nint *nobody;\nint next(void) { return ++s; }\nvoid "
           "vcpu_run(void)\n{\n\tclgi();\n\t" +
           statement + "\n\tstgi();\n}\n";
  };
  CHECK(has(error(model("pr_info(\"%d\\n\", next());")),
            "m.c:8:2: error: an argument of 'pr_info' calls 'next', and a print may or may not "
            "evaluate it"));
  CHECK(has(error(model("printk(KERN_INFO \"%d\\n\", s++);")), "'printk' changes something"));
  CHECK(has(error(model("WARN(s, \"%d\\n\", s = 2);")), "'WARN' changes something"));
  CHECK(has(error("#define dbg(...) pr_debug(__VA_ARGS__)\n" + model("dbg(\"%d\", (s, next()));")),
            "'dbg' calls 'next'"));
  const auto defined = [&](const std::string& statement) {
    return ask(model(statement), {"prove", "--property", "always_well_defined", "--quiet"})
        .airlock.status;
  };
  CHECK(defined("pr_debug(\"%d\\n\", 1 << s);") == 0);
  CHECK(defined("pr_debug(\"%d\\n\", 1 / (s - 1));") == 1);
  CHECK(defined("printk(KERN_INFO \"%d\\n\", *nobody);") == 1);
  CHECK(defined("WARN(s == 1, \"%d\\n\", 1 / (s - 1));") == 1);
  CHECK(defined("WARN(s != 1, \"%d\\n\", 1 / (s - 1));") == 0);
  CHECK(defined("pr_info(\"%zu\\n\", sizeof(next()));") == 0);
}

TEST_CASE("#if computes, and IS_ENABLED asks what the text has said of an option") {
  const std::string given =
      "#define CONFIG_A 1\n#define CONFIG_B_MODULE 1\n#undef CONFIG_C\n#define CONFIG_D 0\n"
      "#define VERSION(a, b) (((a) << 16) + (b))\n#define HZ 250\n";
  const auto taken = [&](const std::string& condition) {
    return status(given + "#if " + condition + "\nu8 s = 1;\n#else\nu8 s = 0;\n#endif\n" +
                  "void vcpu_run(void) { clgi(); stgi(); }\n"
                  "bool always_p(void) { return s == 1; }\n") == 0;
  };
  for (const char* yes : {"IS_ENABLED(CONFIG_A)", "IS_ENABLED(CONFIG_B) && !IS_BUILTIN(CONFIG_B)",
                          "IS_MODULE(CONFIG_B) && !IS_MODULE(CONFIG_A)", "!IS_ENABLED(CONFIG_C)",
                          "!IS_ENABLED(CONFIG_D)", "HZ * 4 == 1000", "VERSION(6, 1) >= 0x60001",
                          "defined(CONFIG_A) && CONFIG_A", "defined CONFIG_A || nobody_knows",
                          "-1 < 010 - 7", "!(defined(CONFIG_C) && nobody_knows > 3)",
                          "1 + 2 * 3 == 7", "1 << 40 > 1000 && 7 % 4 == 3"}) {
    CAPTURE(yes);
    CHECK(taken(yes));
  }
  for (const char* no : {"IS_ENABLED(CONFIG_C)", "CONFIG_D", "CONFIG_C", "HZ < 250 || HZ > 250"}) {
    CAPTURE(no);
    CHECK_FALSE(taken(no));
  }
  CHECK(status(given +
               "u8 s;\nvoid vcpu_run(void)\n{\n\tclgi();\n\tif (IS_ENABLED(CONFIG_C))\n\t\ts = 1;\n"
               "\tstgi();\n}\nbool always_p(void) { return s == 0; }\n") == 0);
}

TEST_CASE("a model's own variadic macros become their text") {
  CHECK(status("#define first(a, ...) (a)\n#define sum(...) add(__VA_ARGS__)\n"
               "#define log_it(fmt, ...) do { } while (0)\n"
               "static int add(int a, int b) { return a + b; }\nint s;\n"
               "void vcpu_run(void)\n{\n\tclgi();\n\tlog_it(\"%d\", 1);\n\tlog_it(\"none\");\n"
               "\ts = first(1, 7, 8) + sum(2, 3);\n\tstgi();\n}\n"
               "bool always_p(void) { return s == 0 || s == 6; }\n") == 0);
}

TEST_CASE("#ifdef takes the side that the text gives, around declarations and statements") {
  const auto model = [](const std::string& given) {
    return given +
           "#ifdef CONFIG_A\nu8 s = 1;\n#else\nu8 s = 2;\n#endif\n"
           "#if defined(CONFIG_B)\nu8 t = 1;\n#elif !defined(CONFIG_A)\nu8 t = 2;\n"
           "#else\nu8 t = 3;\n#endif\n"
           "void vcpu_run(void)\n{\n\tclgi();\n#ifndef CONFIG_A\n\ts += 10;\n#else\n\ts += 20;\n"
           "#endif\n\tstgi();\n\tfor (;;)\n\t\tstgi();\n}\n";
  };
  const auto after = [](int s, int t) {
    return "bool always_p(void) { return (s < 10 || s == " + std::to_string(s) +
           ") && t == " + std::to_string(t) + "; }\n";
  };
  CHECK(status(model("#define CONFIG_A 1\n#define CONFIG_B\n") + after(21, 1)) == 0);
  CHECK(status(model("#define CONFIG_A 1\n#undef CONFIG_B\n") + after(21, 3)) == 0);
  CHECK(status(model("#undef CONFIG_A\n#undef CONFIG_B\n") + after(12, 2)) == 0);
  CHECK(status(model("#undef CONFIG_A\n#undef CONFIG_B\n") + after(12, 3)) == 1);
}

TEST_CASE("where nobody says whether a name is defined, no side is taken") {
  const std::string run = "void vcpu_run(void) { clgi(); stgi(); }\n";
  CHECK(has(error("#ifdef CONFIG_X\nu8 s;\n#endif\n" + run),
            "m.c:2:1: error: nothing says whether CONFIG_X is defined"));
  CHECK(has(error("#if defined CONFIG_X\nu8 s;\n#endif\n" + run), "#define CONFIG_X or #undef"));
  CHECK(has(error("#if CONFIG_X > 3\nu8 s;\n#endif\n" + run),
            "m.c:2:5: error: nothing says whether CONFIG_X is defined"));
  CHECK(has(error("#if f(3)\nu8 s;\n#endif\n" + run), "m.c:2:5: error: #if cannot use 'f' here"));
  CHECK(has(error("#if 1 / 0\nu8 s;\n#endif\n" + run),
            "m.c:2:7: error: the condition of #if leaves"));
  CHECK(has(error("#if IS_ENABLED(CONFIG_X)\nu8 s;\n#endif\n" + run),
            "m.c:2:5: error: nothing says whether CONFIG_X is enabled"));
  CHECK(has(error("void vcpu_run(void) { if (IS_ENABLED(CONFIG_X)) clgi(); stgi(); }\n"),
            "m.c:2:27: error: nothing says whether CONFIG_X is enabled"));
  CHECK(has(error("#undef CONFIG_X_MODULE\n#if IS_BUILTIN(CONFIG_X)\nu8 s;\n#endif\n" + run),
            "nothing says whether CONFIG_X is enabled"));
  CHECK(has(error("void vcpu_run(void)\n{\n\tclgi();\n#ifdef CONFIG_X\n\tstgi();\n#endif\n}\n"),
            "m.c:5:1: error: nothing says whether CONFIG_X is defined"));
  CHECK(has(error("#define A 1\n#undef A\n" + run), "#undef of 'A', which is a macro"));
  // What one file says of a name is no other file's business.
  const Scratch scratch;
  const std::string one = scratch.write("a.c", "#undef CONFIG_X\n");
  const std::string other =
      scratch.write("b.c", "#include <airlock/svm.h>\n#ifdef CONFIG_X\n#endif\n" + run);
  CHECK(has(airlock({"prove", one, other}).err, "b.c:2:1: error: nothing says whether CONFIG_X"));
}

TEST_CASE("an actor says where it is defined that it is off, and the command line turns it on") {
  const std::string model =
      "u8 s;\n/* An NMI that may never come. Off by default. */\nvoid nmi_x(void) { s = 2; }\n"
      "/* Off by default, it says in the middle. */\nvoid nmi_y(void) { s |= 0; }\n"
      "void vcpu_run(void) { clgi(); stgi(); }\nbool always_p(void) { return s == 0; }\n";
  CHECK(status(model) == 0);
  CHECK(ask(model, {"prove", "--actor", "nmi_x"}).airlock.status == 1);
  const auto list = nlohmann::json::parse(ask(model, {"list", "--format", "json"}).airlock.out);
  for (const auto& actor : list["actors"]) {
    CHECK(actor["enabled"] == (actor["name"] == "nmi_y"));
  }
}

}  // namespace airlock::test
