#include "checker/trace/text.hpp"

#include <doctest/doctest.h>

namespace airlock {

TEST_CASE("text that a terminal would obey is printed as question marks") {
  CHECK(printable("a\033[31mb\nc\x7f") == "a?[31mb?c?");
  CHECK(printable("plain \xC3\xA4") == "plain \xC3\xA4");
  CHECK(printable("\xC2\x9B"
                  "1m") == "?1m");            // a control character of its own
  CHECK(printable("\xE2\x80\xAEx") == "?x");  // turns the direction of the line
}

TEST_CASE("bytes that are not UTF-8 are printed as question marks") {
  CHECK(printable("\xFFx") == "?x");
  CHECK(printable("\xC0\xAF") == "??");            // overlong
  CHECK(printable("\xE2\x82") == "??");            // cut off
  CHECK(printable("\xED\xA0\x80") == "???");       // half of a surrogate pair
  CHECK(printable("\xF4\x90\x80\x80") == "????");  // beyond Unicode
}

TEST_CASE("wrapped text keeps its words and its width") {
  const std::vector<std::string> lines = wrap("one two three\nfour", 9);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "one two");
  CHECK(lines[1] == "three");
  CHECK(lines[2] == "four");
  CHECK(wrap("", 10).empty());
  CHECK(wrap("incomprehensibilities x", 5)[0] == "incomprehensibilities");
}

TEST_CASE("a hanging paragraph is indented below its label") {
  CHECK(hanging("  label  ", "one two three", 14) ==
        "  label  one\n         two\n         three\n");
}

TEST_CASE("columns are counted in characters, not bytes") {
  CHECK(columns("\xC3\xA4"
                "b") == 2);
  CHECK(pad("\xC3\xA4", 3) == "\xC3\xA4  ");
}

TEST_CASE("shell words are quoted only where a shell would see more than a word") {
  CHECK(shell_quote("specs/kvm") == "specs/kvm");
  CHECK(shell_quote("guest_debugctl_bits=LBR|BTF") == "'guest_debugctl_bits=LBR|BTF'");
  CHECK(shell_quote("it's") == "'it'\\''s'");
  CHECK(shell_quote("") == "''");
  CHECK(shell_quote("a b") == "'a b'");
  CHECK(shell_quote("$(rm)") == "'$(rm)'");
}

TEST_CASE("colour comes only where the style asks for it") {
  TextStyle style;
  CHECK(style.paint(Ink::red, "x") == "x");
  style.colour = true;
  CHECK(style.paint(Ink::red, "x") == "\033[31mx\033[0m");
  CHECK(style.paint(Ink::plain, "x") == "x");
}

}  // namespace airlock
