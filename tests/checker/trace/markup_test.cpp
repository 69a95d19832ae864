#include "checker/trace/markup.hpp"

#include <doctest/doctest.h>

#include "checker/trace/text.hpp"

namespace airlock::test {

TEST_CASE("markup in names becomes text") {
  CHECK(escape_markup("<a href='x'>&\"</a>") == "&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;");
}

TEST_CASE("characters that XML cannot hold become question marks, newlines and tabs stay") {
  CHECK(escape_markup("a\nb\tc\x01\x1b[31m\xff") == "a\nb\tc??[31m?");
}

TEST_CASE("a Markdown code span has a fence longer than any run of backticks in it") {
  CHECK(markdown_code("a") == "`a`");
  CHECK(markdown_code("a``b") == "```a``b```");
  CHECK(markdown_code("`a") == "`` `a ``");
}

TEST_CASE("a bar in a Markdown table does not begin a new cell") {
  CHECK(markdown_code("a|b", true) == "`a\\|b`");
  CHECK(escape_markdown("a|b<c>*") == "a\\|b\\<c\\>\\*");
}

TEST_CASE("what does not fit is cut between characters") {
  CHECK(shortened("abc", 3) == "abc");
  CHECK(shortened("abcd", 3) == "ab…");
  CHECK(shortened("äöüß", 3) == "äö…");
  CHECK(shortened("abc", 0).empty());
}

}  // namespace airlock::test
