// Which changes are made to a C text, and how they read.
#include "model/software/mutate.hpp"

#include <algorithm>
#include <doctest/doctest.h>

#include "tests/model/software/some_words.hpp"

using namespace airlock;
using airlock::test::some_words;

namespace {

/// The texts of all mutants of `body` as f's, between the braces.
std::vector<std::string> changed(const std::string& body, const std::string& type = "void") {
  const std::string head = type + " f(void)\n{\n";
  std::vector<std::string> result;
  for (const Mutant& mutant : mutants({"f.c", head + body + "}\n"}, some_words)) {
    REQUIRE(mutant.text.starts_with(head));
    result.push_back(mutant.text.substr(head.size(), mutant.text.size() - head.size() - 2));
  }
  return result;
}

bool has(const std::vector<std::string>& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

}  // namespace

TEST_CASE("a statement is dropped with its line, and neighbours are swapped") {
  const auto texts = changed("\ta();\n\tb();\n");
  CHECK(texts == std::vector<std::string>{"\tb();\n", "\tb();\n\ta();\n", "\ta();\n"});
}

TEST_CASE("the only statement of an if is dropped, its condition negated, made true and false") {
  const auto texts = changed("\tif (x)\n\t\ta();\n");
  for (const char* text : {"\tif (x)\n\t\t;\n", "\tif (!(x))\n\t\ta();\n",
                           "\tif (true)\n\t\ta();\n", "\tif (false)\n\t\ta();\n", ""}) {
    CHECK_MESSAGE(has(texts, text), text);
  }
}

TEST_CASE("each side of && is dropped, negated, made true and false") {
  const auto texts = changed("\treturn a && b;\n", "bool");
  for (const char* text :
       {"a", "b", "a || b", "!(a) && b", "a && true", "false && b", "!(a && b)"}) {
    CHECK_MESSAGE(has(texts, std::string("\treturn ") + text + ";\n"), text);
  }
}

TEST_CASE("a constant becomes its neighbours, a bit another bit of its register") {
  const auto texts = changed("\tg(5, DEBUGCTLMSR_BTF);\n");
  for (const char* text : {"g(4, DEBUGCTLMSR_BTF)", "g(6, DEBUGCTLMSR_BTF)",
                           "g(5, DEBUGCTLMSR_LBR)", "g(5, DEBUGCTLMSR_BUS_LOCK_DETECT)"}) {
    CHECK_MESSAGE(has(texts, std::string("\t") + text + ";\n"), text);
  }
}

TEST_CASE("a 64-bit global and the VMCB's registers take each other's places") {
  const SourceFile file{"f.c", "u64 host;\nvoid f(void)\n{\n\tg(host);\n}\n"};
  std::vector<std::string> texts;
  for (const Mutant& mutant : mutants(file, some_words)) {
    texts.push_back(mutant.text);
  }
  CHECK(has(texts, "u64 host;\nvoid f(void)\n{\n\tg(vmcb.save.dbgctl);\n}\n"));
  CHECK(has(texts, "u64 host;\nvoid f(void)\n{\n\tg(vmcb.save.dr6);\n}\n"));
}

TEST_CASE(
    "a statement goes to the other side of the next interrupt boundaries, not only next door") {
  const auto texts = changed("\tclgi();\n\ta();\n\tb();\n\tstgi();\n");
  CHECK(has(texts, "\tb();\n\tclgi();\n\ta();\n\tstgi();\n"));
  CHECK(has(texts, "\tclgi();\n\tb();\n\tstgi();\n\ta();\n"));
}

TEST_CASE("calls of a fix's functions move in the base, and nothing else there") {
  const SourceFile base{"b.c",
                        "void run(void)\n{\n\tclgi();\n\tsave();\n\tother();\n\tstgi();\n}\n"};
  const auto moved = moved_calls(base, {"save"}, some_words);
  REQUIRE(moved.size() == 2);
  CHECK(moved[0].text == "void run(void)\n{\n\tsave();\n\tclgi();\n\tother();\n\tstgi();\n}\n");
  CHECK(moved[1].text == "void run(void)\n{\n\tclgi();\n\tother();\n\tstgi();\n\tsave();\n}\n");
  CHECK(functions_of(base) == std::set<std::string>{"run"});
}

TEST_CASE("a mutant says its first changed line and shows a diff") {
  const auto all = mutants({"f.c", "/* A. */\nvoid f(void)\n{\n\ta();\n\tb();\n}\n"}, some_words);
  REQUIRE(all.size() == 3);
  CHECK(all[0].line == 4);
  CHECK(all[0].change == "statement dropped");
  CHECK(all[0].diff == "--- f.c\n+++ f.c\n@@ -4,1 +4,0 @@\n-\ta();\n");
  CHECK(all[2].line == 5);
}

TEST_CASE("no two mutants have the same text, and none is the original") {
  const SourceFile file{"f.c", "void f(void)\n{\n\ta();\n\ta();\n\tif (x && x)\n\t\ta();\n}\n"};
  std::set<std::string> texts{file.text};
  for (const Mutant& mutant : mutants(file, some_words)) {
    CHECK_MESSAGE(texts.insert(mutant.text).second, mutant.diff);
  }
}

TEST_CASE("text that is no C has mutants or none, and nothing worse") {
  CHECK_NOTHROW(mutants({"f.c", "void f( { if (\n"}, some_words));
  CHECK_NOTHROW(mutants({"f.c", ""}, some_words));
  CHECK_NOTHROW(moved_calls({"f.c", "}"}, {"f"}, some_words));
}
