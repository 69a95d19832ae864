// Text inside of markup: names from spec files must stay text.
#pragma once

#include <string>
#include <string_view>

namespace airlock {

/// `text` for the inside of an HTML or XML element or of an attribute in either kind of quotes.
/// Newlines and tabs stay; other control characters, direction marks and bytes that are not UTF-8
/// become '?', since XML 1.0 has no way to write them.
std::string escape_markup(std::string_view text);

/// `text` for the middle of a line of GitHub's Markdown: what could be taken for markup, a mention
/// or a reference is escaped. (Dots, dashes and digits mean something at the beginning of a line
/// only.)
std::string escape_markdown(std::string_view text);

/// `text` as a Markdown code span; the fence is longer than any run of backticks in it. In a table
/// a bar needs a backslash even in code, which `in_table` adds.
std::string markdown_code(std::string_view text, bool in_table = false);

}  // namespace airlock
