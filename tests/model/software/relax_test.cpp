// What a fix says, piece by piece, and texts in which pieces are relaxed.
#include "model/software/relax.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/model/software/fake_platform.hpp"
#include "tests/model/software/some_words.hpp"

namespace airlock {
namespace {

using test::some_words;

const SourceFile sample{"fix.c",
                        "u64 n;\n"
                        "static bool wanted(void)\n"
                        "{\n"
                        "\treturn n != 0 && !(n & 4);\n"
                        "}\n"
                        "u64 kept(u64 data) { return data & ~3; }\n"
                        "void hook(void)\n"
                        "{\n"
                        "\tu64 first = n;\n"
                        "\n"
                        "\tlocal_irq_disable();\n"
                        "\tif (wanted())\n"
                        "\t\tn = kept(first);\n"
                        "\tlocal_irq_enable();\n"
                        "}\n"};

std::vector<std::string> texts(const std::vector<Element>& elements, Element::Kind kind) {
  std::vector<std::string> result;
  for (const Element& element : elements) {
    if (element.kind == kind) {
      result.push_back(element.text);
    }
  }
  return result;
}

std::set<std::size_t> all_of(const std::vector<Element>& elements) {
  std::set<std::size_t> all;
  for (std::size_t i = 0; i < elements.size(); ++i) {
    all.insert(i);
  }
  return all;
}

std::string contents(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("a fix says statements, operands of conditions, values and orders") {
  using Texts = std::vector<std::string>;
  const std::vector<Element> elements = elements_of(sample, {}, some_words);
  CHECK(texts(elements, Element::Kind::statement) ==
        Texts{"local_irq_disable();", "n = kept(first);", "local_irq_enable();"});
  CHECK(texts(elements, Element::Kind::condition) == Texts{"n != 0", "!(n & 4)", "wanted()"});
  CHECK(texts(elements, Element::Kind::value) == Texts{"data & ~3", "n"});
  const Texts orders = texts(elements, Element::Kind::order);
  REQUIRE(orders.size() == 2);
  CHECK(orders[0].ends_with("after local_irq_disable()"));
  CHECK(orders[1].ends_with("before local_irq_enable()"));
  for (const Element& element : elements) {
    CHECK(element.location.file == "fix.c");
    CHECK(element.location.line >= 4);
  }
}

TEST_CASE("of a file that calls a fix, only where the calls stand to boundaries is meant") {
  const SourceFile base{"base.c",
                        "void run(void)\n{\n\tother();\n\tclgi();\n\thook();\n\tstgi();\n}\n"};
  const std::vector<Element> elements = elements_of(base, {{}, {"hook"}}, some_words);
  REQUIRE(elements.size() == 2);
  CHECK(elements[0].text == "hook() after clgi()");
  CHECK(elements[1].text == "hook() before stgi()");
  CHECK(elements[1].location.line == 5);
}

TEST_CASE("functions that are left out have no pieces") {
  const std::vector<Element> elements = elements_of(sample, {{"wanted", "hook"}, {}}, some_words);
  REQUIRE(elements.size() == 1);
  CHECK(elements[0].text == "data & ~3");
}

TEST_CASE("with nothing relaxed a text is as it was, and relaxing moves no line") {
  const std::filesystem::path specs = std::filesystem::path(AIRLOCK_SOURCE_DIR) / "specs";
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(specs)) {
    if (entry.path().extension() != ".c") {
      continue;
    }
    ++files;
    const SourceFile file{entry.path().string(), contents(entry.path())};
    CHECK(relaxed(file, {}, {}, some_words) == file.text);
    const std::vector<Element> elements = elements_of(file, {}, some_words);
    const std::string changed = relaxed(file, {}, all_of(elements), some_words);
    CHECK((changed == file.text) == elements.empty());
    const auto lines = [](const std::string& text) {
      return std::count(text.begin(), text.end(), '\n');
    };
    CHECK(lines(changed) == lines(file.text));
  }
  CHECK(files > 10);
}

TEST_CASE("each piece relaxed by itself, and all together, is C that the front end takes") {
  const std::vector<Element> elements = elements_of(sample, {}, some_words);
  std::vector<std::set<std::size_t>> inputs{all_of(elements)};
  for (std::size_t i = 0; i < elements.size(); ++i) {
    inputs.push_back({i});
  }
  for (const std::set<std::size_t>& which : inputs) {
    TransitionSystem system;
    const testing::FakePlatform platform(system);
    const std::string text =
        "typedef unsigned long long u64;\nvoid local_irq_disable(void) {}\n"
        "void local_irq_enable(void) {}\n" +
        relaxed(sample, {}, which, some_words);
    INFO(text);
    CHECK_NOTHROW(Program::check(std::vector<SourceFile>{{"fix.c", text}}, {}, platform));
  }
}

}  // namespace airlock
