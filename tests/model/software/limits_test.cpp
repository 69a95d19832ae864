// What a program may cost has limits, and passing one is an error that says where: each of these
// programs is a few hundred lines, and without its limit takes all memory there is.
#include <doctest/doctest.h>

#include "fake_platform.hpp"

using airlock::testing::error_of;

namespace {

std::string times(int count, const std::string& text) {
  std::string result;
  for (int i = 0; i < count; ++i) {
    result += text;
  }
  return result;
}

/// `head`, then lines of which each has the one before twice.
std::string doubling(int levels, const std::string& head, const std::string& line) {
  std::string result = head;
  for (int i = 1; i < levels; ++i) {
    std::string next = line;
    for (const auto& [mark, number] : {std::pair("@", i), {"$", i - 1}}) {
      for (auto at = next.find(mark); at != std::string::npos; at = next.find(mark)) {
        next.replace(at, 1, std::to_string(number));
      }
    }
    result += next;
  }
  return result;
}

void check_limit(const std::string& text, const std::string& place, const std::string& message) {
  const std::string error = error_of(text);
  CAPTURE(error.substr(0, 500));
  CHECK(error.starts_with("t.c:" + place));
  CHECK(error.find(message) != std::string::npos);
  CHECK(error.find("expected: ") != std::string::npos);
  CHECK(error.size() < 1000);
}

}  // namespace

TEST_CASE("macros that double at every level are an error where they are used") {
  const std::string macros =
      doubling(40, "#define A0(x) ((x)+(x))\n", "#define A@(x) (A$(x)+A$(x))\n");
  check_limit(macros + "int f(void) { return A39(1); }\n", "41:22: ", "macros become more than");
}

TEST_CASE("constants that double at every level are an error where they are used") {
  const std::string macros = doubling(40, "#define A0 (1)\n", "#define A@ (A$+A$)\n");
  check_limit(macros + "int f(void) { return A39; }\n", "41:22: ", "macros become more than");
}

TEST_CASE("statements of macros that double are an error where they are used") {
  const std::string macros = doubling(40, "#define A0(x) do { x = 1; } while (0)\n",
                                      "#define A@(x) do { A$(x); A$(x); } while (0)\n");
  check_limit(macros + "int y; void f(void) { A39(y); }\n", "41:23: ", "macros become more than");
}

TEST_CASE("an argument put in everywhere is an error before it is put in") {
  const std::string body = times(100000, "x+") + "x";
  check_limit(
      "#define M(x) (" + body + ")\nint f(void) { return M(" + times(50000, "1+") + "1); }\n",
      "2:22: ", "macros become more than");
}

TEST_CASE("functions that call the one before twice are an error at the call that is too many") {
  const std::string functions =
      doubling(40, "int f0(int x) { return x; }\n", "int f@(int x) { return f$(x) + f$(x); }\n");
  check_limit(functions, "", "with its calls inlined, 'f1");
}

TEST_CASE("assignments of large structures are an error where the function is too long") {
  check_limit("struct s { int a[1000]; }; struct s x; struct s y;\nvoid f(void) {\n" +
                  times(100, "\tx = y;\n") + "}\n",
              "8:2: ", "function 'f' is too long");
}

TEST_CASE("many long functions are an error where the program is too long") {
  std::string text = "int x;\n";
  for (int i = 0; i < 20; ++i) {
    text += "void f" + std::to_string(i) + "(void) {" + times(2000, " x++;") + " }\n";
  }
  check_limit(text, "", "the program is too long");
}

TEST_CASE("many large locals are an error where they are too large together") {
  std::string text = "void f(void) {\n";
  for (int i = 0; i < 10; ++i) {
    text += "\tint a" + std::to_string(i) + "[4096];\n";
  }
  check_limit(text + "}\n", "6:6: ", "function 'f' has more than 20000 scalars");
}

TEST_CASE("locals of many functions are an error where they are too large together") {
  std::string text;
  for (int i = 0; i < 60; ++i) {
    text += "void f" + std::to_string(i) + "(void) { int a[4096]; }\n";
  }
  check_limit(text, "49:22: ", "the program has more than 200000 scalars in its locals");
}

TEST_CASE("many large globals are an error where they are too large together") {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    text += "int a" + std::to_string(i) + "[4096];\n";
  }
  check_limit(text, "16:5: ", "the program has more than 65536 scalars in its globals");
}
