#include "model/system/input_error.hpp"

#include <doctest/doctest.h>

namespace airlock {
namespace {

std::string message(const std::string& text, const std::string& line = {}, unsigned column = 1,
                    const std::string& expected = {}) {
  return InputError({"f\033[2J.c", 3, column}, text, line, expected).what();
}

}  // namespace

TEST_CASE("an error shows nothing that a terminal would obey, wherever it comes from") {
  CHECK(message("unknown 'a\x1b[0m'", "a\x1b[0m\tb", 1, "x\x07") ==
        "f?[2J.c:3:1: error: unknown 'a?[0m'\n"
        "  3 | a?[0m b\n"
        "    | ^\n"
        "expected: x?");
  CHECK(message("unknown '\xC2\x9B"
                "2J' \xFF")
            .find("unknown '?2J' ?") != std::string::npos);
}

TEST_CASE("the caret stands under its character, also after some that take several bytes") {
  CHECK(message("m", "\xC3\xA4\xC3\xB6 x", 6) ==
        "f?[2J.c:3:6: error: m\n  3 | \xC3\xA4\xC3\xB6 x\n    |    ^");
}

TEST_CASE("a long line is cut between characters") {
  std::string line;
  for (int i = 0; i < 200; ++i) {
    line += "\xC3\xA4";
  }
  for (unsigned column = 1; column <= line.size(); ++column) {
    CHECK(message("m", line, column).find('?', 12) == std::string::npos);
  }
}

}  // namespace airlock
