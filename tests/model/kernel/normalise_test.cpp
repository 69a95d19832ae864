#include "model/kernel/normalise.hpp"

#include <algorithm>
#include <doctest/doctest.h>

#include "model/software/tree_sitter.hpp"
#include "model/system/input_error.hpp"

namespace airlock::kernel {
namespace {

Words words() {
  return read_words({"words.txt", R"(
[attributes]
noinstr          # a comment
__must_hold()
[declarers]
EXPORT_*
DEFINE_*
[iterators]
for_each_*
*_for_each_*
[guards]
scoped_guard
[assembly]
asm_safe
[bitmaps]
DECLARE_BITMAP
[replaced]
asm_volatile_goto asm volatile goto
[defined]
BITS 64
[undefined]
ASSEMBLY
)"});
}

Config config() {
  Config result;
  result.values = {{"CONFIG_A", "y"}, {"CONFIG_M", "m"}, {"CONFIG_N", "n"}, {"CONFIG_HZ", "250"}};
  return result;
}

Normalised normalised(const std::string& text) {
  Normalised result = normalise({"a.c", text}, config(), words());
  CHECK(result.text.size() == text.size());
  CHECK(std::count(result.text.begin(), result.text.end(), '\n') ==
        std::count(text.begin(), text.end(), '\n'));
  for (std::size_t i = 0; i < std::min(text.size(), result.text.size()); ++i) {
    CHECK((result.text[i] == '\n') == (text[i] == '\n'));
  }
  return result;
}

/// The words that are left, so that a test need not count blanks.
std::string left(const std::string& text) {
  std::string result;
  for (const char c : normalised(text).text) {
    if (c != ' ' && c != '\n' && c != '\t') {
      result += c;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  while (!result.empty() && result.back() == ' ') {
    result.pop_back();
  }
  return result;
}

std::vector<std::string> notes_of(const Normalised& result, NoteKind kind) {
  std::vector<std::string> texts;
  for (const Note& note : result.notes) {
    if (note.kind == kind) {
      texts.push_back(note.text);
    }
  }
  return texts;
}

bool parses(const std::string& text) {
  return first_problem(c::ParseTree(normalised(text).text, "a.c")).message.empty();
}

std::string error_of(const std::string& text) {
  try {
    static_cast<void>(normalise({"a.c", text}, config(), words()));
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST_CASE("comments become blanks, except in literals") {
  CHECK(normalised("int a; /* x */ int b;").text == "int a;         int b;");
  CHECK(left("int a; // x \\\n still\nint b;") == "int a; int b;");
  CHECK(left("char *s = \"/* no */ // no\"; char c = '\"'; /* \" */ int d;") ==
        "char *s = \"/* no */ // no\"; char c = '\"'; int d;");
  CHECK(left("char *s = \"\\\"/*\"; int a;") == "char *s = \"\\\"/*\"; int a;");
}

TEST_CASE("an apostrophe in prose that is not compiled does not hide what follows") {
  CHECK(left("#if 0\ndon't read this\n#endif\nint a;") == "int a;");
  CHECK(left("#ifdef CONFIG_N\n#error can't be\n#endif\nint a;") == "int a;");
}

TEST_CASE("conditionals are resolved by the configuration") {
  CHECK(left("#ifdef CONFIG_A\nint a;\n#else\nint b;\n#endif\nint c;") == "int a; int c;");
  CHECK(left("#ifndef CONFIG_A\nint a;\n#else\nint b;\n#endif") == "int b;");
  CHECK(left("#ifdef CONFIG_M\nint a;\n#endif\n#ifdef CONFIG_M_MODULE\nint b;\n#endif") ==
        "int b;");
  CHECK(left("#if IS_ENABLED(CONFIG_M) && !defined(CONFIG_N)\nint a;\n#endif") == "int a;");
  CHECK(left("#if IS_ENABLED(CONFIG_N)\nint a;\n#elif CONFIG_HZ > 100\nint b;\n#elif 1\nint c;\n"
             "#endif") == "int b;");
  CHECK(left("#if IS_BUILTIN(CONFIG_M) || IS_REACHABLE(CONFIG_N)\nint a;\n#endif") == "");
  CHECK(left("#if defined CONFIG_A && \\\n BITS == 64\nint a;\n#endif") == "int a;");
  CHECK(left("#if 0\n#if JUNK(\n#endif\nint a;\n#else\nint b;\n#endif") == "int b;");
}

TEST_CASE("conditions are computed as C does, macros replaced as text") {
  const auto holds = [](const std::string& condition) {
    return left("#define SUM 1 + 1\n#define SELF SELF\n#if " + condition +
                "\nyes;\n#else\nno;\n#endif");
  };
  CHECK(holds("SUM * 2 == 3") == "yes;");
  CHECK(holds("(1 << 4) == 0x10 && 7 / 2 == 3 && -7 % 4 == -3") == "yes;");
  CHECK(holds("1 ? 0 : 1") == "no;");
  CHECK(holds("!0 && ~0 == -1 && 10UL > 9") == "yes;");
  CHECK(holds("0 && WHO_KNOWS") == "no;");
  CHECK(holds("1 || WHO_KNOWS(x, y)") == "yes;");
  CHECK(holds("defined(ASSEMBLY)") == "no;");
  CHECK(holds("ASSEMBLY") == "no;");
  // Not known, not computable, or no expression: undecided, both branches stay.
  for (const char* condition :
       {"WHO_KNOWS", "WHO_KNOWS == 0", "defined(WHO_KNOWS)", "1 / 0", "SELF", "1 << 70", "1 +",
        "(1", "IS_ENABLED(CONFIG_UNKNOWN)", "99999999999999999999", "-1 < 0u", "__has(x)", ""}) {
    CAPTURE(condition);
    CHECK(holds(condition) == "yes; no;");
  }
}

TEST_CASE("macros that would grow without end make a condition undecided") {
  std::string text = "#define A0 1+1\n";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "A" + std::to_string(i - 1);
    text += "#define A" + std::to_string(i) + " " + before + "+" + before + "\n";
  }
  CHECK(left(text + "#if A39\nint a;\n#else\nint b;\n#endif") == "int a; int b;");
}

TEST_CASE("an undecided conditional is noted with its lines, and whether it was cut") {
  const Normalised kept =
      normalised("int f(void)\n{\n#ifdef WHO\n\ta();\n#else\n\tb();\n#endif\n}\n");
  CHECK(kept.text.find("a();") != std::string::npos);
  CHECK(kept.text.find("b();") != std::string::npos);
  REQUIRE(kept.notes.size() == 1);
  CHECK(kept.notes[0].kind == NoteKind::Undecided);
  CHECK(kept.notes[0].line == 3);
  CHECK(kept.notes[0].end_line == 7);
  CHECK(kept.notes[0].text == "#ifdef WHO");

  const Normalised cut = normalised("#ifdef WHO\nif (a) {\n#else\nif (b) {\n#endif\n}\n");
  CHECK(cut.text.find("(a)") != std::string::npos);
  CHECK(cut.text.find("(b)") == std::string::npos);
  CHECK(notes_of(cut, NoteKind::UndecidedCut) == std::vector<std::string>{"#ifdef WHO"});
}

TEST_CASE("a branch behind an undecided one is never taken for certain") {
  CHECK(left("#ifdef WHO\na;\n#elif 1\nb;\n#else\nc;\n#endif") == "a; b;");
  CHECK(left("#if 1\na;\n#elif WHO\nb;\n#endif") == "a;");
  // What an undecided branch defines is not known behind it.
  CHECK(left("#ifdef WHO\n#define X 1\n#endif\n#ifdef X\na;\n#else\nb;\n#endif") == "a; b;");
  CHECK(left("#define X 1\n#ifdef WHO\n#undef X\n#endif\n#ifdef X\na;\n#else\nb;\n#endif") ==
        "a; b;");
}

TEST_CASE("a header's guard is not defined before the header") {
  const Normalised header = normalised("/* c */\n#ifndef H\n#define H\nint a;\n#endif\n");
  CHECK(header.notes.empty());
  CHECK(header.text.find("int a;") != std::string::npos);
  CHECK(left("#if !defined(H) || defined(AGAIN)\n#define H\nint a;\n#endif") == "int a;");
}

TEST_CASE("macros are kept with parameters, joined bodies and lines") {
  const Normalised result = normalised(
      "#define ONE 1 /* one\n   two */ + 1\n# define F(a, b...) do { a; } \\\n\twhile (0)\n"
      "#define EMPTY\n#define G() g\n#if 0\n#define DEAD 1\n#endif\n");
  REQUIRE(result.macros.size() == 4);
  CHECK(result.macros[0].name == "ONE");
  CHECK(result.macros[0].body.find("+ 1") != std::string::npos);
  CHECK_FALSE(result.macros[0].parameters);
  CHECK(result.macros[1].name == "F");
  CHECK(result.macros[1].line == 3);
  CHECK(*result.macros[1].parameters == std::vector<std::string>{"a", "b..."});
  CHECK(result.macros[1].body.find("while (0)") != std::string::npos);
  CHECK(result.macros[2].body.empty());
  CHECK(result.macros[3].parameters->empty());
  CHECK(result.text.find_first_not_of(" \n\t") == std::string::npos);
}

TEST_CASE("what headers define is known to files that come later") {
  Config known = config();
  learn(known, normalised("#define WHO 1\n#define TWICE 1\n#define TWICE 2\n").macros);
  const auto read = [&](const std::string& text) {
    return normalise({"a.c", text}, known, words()).text.find("int b") == std::string::npos;
  };
  CHECK(read("#if WHO\nint a;\n#else\nint b;\n#endif"));
  CHECK(read("#ifdef TWICE\nint a;\n#else\nint b;\n#endif"));
  CHECK_FALSE(read("#if TWICE == 1\nint a;\n#else\nint b;\n#endif"));
}

TEST_CASE("includes are listed where they are compiled") {
  const Normalised result =
      normalised("#include <linux/a.h>\n#if 0\n#include \"no.h\"\n#endif\n#include \"b.h\"\n");
  REQUIRE(result.includes.size() == 2);
  CHECK(result.includes[0].path == "linux/a.h");
  CHECK(result.includes[0].system);
  CHECK(result.includes[1].path == "b.h");
  CHECK(result.includes[1].line == 5);
}

TEST_CASE("attribute words and declaring macros become blanks, and are noted") {
  const Normalised result = normalised(
      "static noinstr int f(void) __must_hold(&a->b)\n{\n\treturn 0;\n}\nEXPORT_SYMBOL_GPL(f);\n"
      "static DEFINE_MUTEX(m);\nDEFINE_THING(x) = { .a = 1, };\nUNLISTED(x)\nint g;\n");
  CHECK(notes_of(result, NoteKind::Attribute) ==
        std::vector<std::string>{"noinstr", "__must_hold(&a->b)"});
  CHECK(notes_of(result, NoteKind::Declarer) ==
        std::vector<std::string>{"EXPORT_SYMBOL_GPL(f);", "static DEFINE_MUTEX(m);",
                                 "DEFINE_THING(x) = { .a = 1, };", "UNLISTED(x)"});
  CHECK(result.notes.back().listed == false);
  CHECK(result.text.find("int g;") != std::string::npos);
  CHECK(first_problem(c::ParseTree(result.text, "a.c")).message.empty());
}

TEST_CASE("calls and definitions are not taken for declaring macros") {
  CHECK(left("DEFINE_CALL(a)\n{\n\tEXPORT_X(1);\n}\n") == "DEFINE_CALL(a) { EXPORT_X(1); }");
  CHECK(left("lower_case(a);") == "lower_case(a);");
}

TEST_CASE("heads of loops read while, guards read if, calls stay calls") {
  const std::string text =
      "void f(void)\n{\n\tmy_for_each_vcpu(i, v) {\n\t\tg();\n\t}\n"
      "\tscoped_guard(mutex, &m)\n\t\tg();\n\tbus_for_each_dev(b);\n}\n";
  const Normalised result = normalised(text);
  CHECK(result.text.find("while           (i, v)") != std::string::npos);
  CHECK(result.text.find("if          (mutex, &m)") != std::string::npos);
  CHECK(result.text.find("bus_for_each_dev(b);") != std::string::npos);
  CHECK(notes_of(result, NoteKind::Iterator) == std::vector<std::string>{"my_for_each_vcpu"});
  CHECK(notes_of(result, NoteKind::Guard) == std::vector<std::string>{"scoped_guard"});
  CHECK(parses(text));
}

TEST_CASE("a GNU case range parses, and is noted") {
  const std::string text =
      "int f(int a)\n{\n\tswitch (a) {\n\tcase 0 ... 3:\n\tcase B + 1 ... C:\n\t\treturn 1;\n\t}\n"
      "\treturn 0;\n}\n";
  const Normalised result = normalised(text);
  CHECK(result.text.find("case 0 ||  3:") != std::string::npos);
  CHECK(notes_of(result, NoteKind::CaseRange).size() == 2);
  CHECK(parses(text));
  CHECK(left("int f(int a, ...);") == "int f(int a, ...);");
}

TEST_CASE("types among arguments, arrays of bits and replaced words parse") {
  CHECK(
      left("void f(void)\n{\n\ta = min_t(unsigned  int, x, y);\n\tb = container_of(p, struct s, m);"
           "\n\tc = sizeof(struct s);\n}") ==
      "void f(void) { a = min_t(unsigned__int, x, y); b = container_of(p, s, m);"
      " c = sizeof(struct s); }");
  const std::string text = "struct s {\n\tDECLARE_BITMAP(map, 64);\n\tint x;\n};\n";
  CHECK(left(text) == "struct s { unsigned long map[ 64]; int x; };");
  CHECK(parses(text));
  CHECK(parses("void f(void)\n{\n\tasm_volatile_goto(\"\" : : : : out);\nout:\n\treturn;\n}\n"));
}

TEST_CASE("members that a parser cannot take become blanks, and are noted") {
  const std::string text =
      "struct s {\n\tunsigned a:1;\n\tunsigned :5;\n\tu64 b : 2,\n\t\t: 3;\n"
      "\tDECLARE_TABLE(ids, 7);\n\tunsigned long :40;\n\tu8 :8;\n\tunion {\n\t\tint c;\n\t} "
      "u;\n};\n";
  CHECK(left(text) == "struct s { unsigned a:1; u64 b : 2 ; union { int c; } u; };");
  CHECK(parses(text));
  const Normalised result = normalised(text);
  CHECK(notes_of(result, NoteKind::BitField).size() == 4);
  CHECK(notes_of(result, NoteKind::Declarer) == std::vector<std::string>{"DECLARE_TABLE(ids, 7);"});
}

TEST_CASE("assembly that a parser cannot take loses its operands, and is noted") {
  const std::string text =
      "void f(void)\n{\n\tasm volatile(\"a\" REGS : OUT(x) : \"c\" (y));\n\tr = asm_safe(\"b\", , "
      "[z] "
      "\"+m\"(z));\n\tasm volatile(\"d\" : \"=r\" (k));\n}\n";
  CHECK(parses(text));
  const Normalised result = normalised(text);
  CHECK(notes_of(result, NoteKind::Assembly).size() == 2);
  CHECK(result.text.find("\"d\" : \"=r\" (k)") != std::string::npos);
  CHECK(result.text.find("REGS") == std::string::npos);
}

TEST_CASE("what is no source text is an error at its place") {
  CHECK(
      error_of("int a;\nint b; /* x\n").starts_with("a.c:2:8: error: a comment that does not end"));
  CHECK(error_of("#if 1\nint a;\n").starts_with("a.c:1:1: error: an #if without its #endif"));
  CHECK(error_of("\n#endif\n").starts_with("a.c:2:1: error: #endif without an #if"));
  CHECK(error_of("#else\n").starts_with("a.c:1:1: error: #else without an #if"));
  CHECK(error_of("#if 1\n#else\n#else\n#endif").starts_with("a.c:3:1: error: #else behind"));
  CHECK(error_of(std::string("int a;\n\0b", 9)).starts_with("a.c:2:1: error: the file contains"));
}

TEST_CASE("nothing that a file contains ends the program") {
  for (const std::string text : {"",           "#",
                                 "#if",        "#if (((((((",
                                 "\"",         "'",
                                 "\\",         "/",
                                 "#define",    "#define (",
                                 "#define F(", "#include",
                                 "#include <", "f(",
                                 "case ...",   "}}}}",
                                 "{{{{",       "DECLARE_BITMAP()",
                                 "static",     "static static(",
                                 "#if 1 ? 2",  "__must_hold("}) {
    CAPTURE(text);
    static_cast<void>(error_of(text));
    static_cast<void>(error_of("void f(void)\n{\n" + text));
  }
  CHECK(error_of("#if " + std::string(100'000, '(') + "\n#endif") == "no error");
  CHECK(error_of("#if " + std::string(100'000, '!') + "\n#endif") == "no error");
}

TEST_CASE("a file of words is checked") {
  const auto error = [](const std::string& text) -> std::string {
    try {
      static_cast<void>(read_words({"w", text}));
    } catch (const InputError& problem) {
      return problem.what();
    }
    return "no error";
  };
  CHECK(error("[nonsense]").starts_with("w:1:1: error: unknown section"));
  CHECK(error("word\n").starts_with("w:1:1: error: a word before"));
  CHECK(error("[attributes]\na b\n").starts_with("w:2:1: error: one word a line"));
  CHECK(error("[attributes]\na-b\n").starts_with("w:2:1: error: 'a-b' is no name"));
  CHECK(error("[replaced]\na abc\n").starts_with("w:2:1: error: a replacement"));
}

TEST_CASE("a .config is read whole") {
  const Config read =
      read_config({".config",
                   "#\n# Automatic\n#\nCONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\n\n"
                   "CONFIG_N=12\nCONFIG_S=\"a b\"\n"});
  CHECK(read.complete);
  CHECK(read.enabled("CONFIG_A") == true);
  CHECK(read.value("CONFIG_B") == "m");
  CHECK(read.enabled("CONFIG_C") == false);
  CHECK(read.value("CONFIG_NEVER_HEARD_OF") == "n");
  CHECK(read.value("CONFIG_N") == "12");
  CHECK(config().value("CONFIG_NEVER_HEARD_OF") == std::nullopt);
  CHECK_THROWS_AS(read_config({"c", "CONFIG_A=y\nCONFIG_A=n\n"}), InputError);
  CHECK_THROWS_AS(read_config({"c", "hello\n"}), InputError);
  CHECK_THROWS_AS(read_config({"c", std::string(100'000, 'x')}), InputError);
}

}  // namespace
}  // namespace airlock::kernel
