#include "checker/trace/markup.hpp"

#include <algorithm>

#include "checker/trace/text.hpp"

namespace airlock {
namespace {

std::string escape_line(std::string_view line) {
  std::string result;
  for (const char c : printable(line)) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\'': result += "&#39;"; break;
      default: result += c;
    }
  }
  return result;
}

}  // namespace

std::string escape_markup(std::string_view text) {
  std::string result;
  while (true) {
    const std::size_t end = text.find_first_of("\n\t");
    result += escape_line(text.substr(0, end));
    if (end == std::string_view::npos) {
      return result;
    }
    result += text[end];
    text.remove_prefix(end + 1);
  }
}

std::string escape_markdown(std::string_view text) {
  std::string result;
  for (const char c : printable(text)) {
    if (std::string_view("\\`*_[]<>#|~&@$").find(c) != std::string_view::npos) {
      result += '\\';
    }
    result += c;
  }
  return result;
}

std::string markdown_code(std::string_view text, bool in_table) {
  std::string line = printable(text);
  if (in_table) {
    std::string escaped;
    for (const char c : line) {
      escaped += c == '|' ? "\\|" : std::string(1, c);
    }
    line = std::move(escaped);
  }
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : line) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  const bool pad = line.empty() || line.front() == '`' || line.back() == '`' ||
                   line.front() == ' ' || line.back() == ' ';
  return fence + (pad ? " " : "") + line + (pad ? " " : "") + fence;
}

}  // namespace airlock
