#include "checker/trace/text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace airlock {
namespace {

std::string_view escape(Ink ink) {
  switch (ink) {
    case Ink::bold: return "\033[1m";
    case Ink::dim: return "\033[2m";
    case Ink::red: return "\033[31m";
    case Ink::green: return "\033[32m";
    case Ink::yellow: return "\033[33m";
    case Ink::cyan: return "\033[36m";
    case Ink::plain: break;
  }
  return "";
}

}  // namespace

std::string TextStyle::paint(Ink ink, std::string_view text) const {
  if (!colour || ink == Ink::plain || text.empty()) {
    return std::string(text);
  }
  return std::string(escape(ink)) + std::string(text) + "\033[0m";
}

std::string pad(std::string_view text, std::size_t width) {
  const std::size_t used = columns(text);
  return std::string(text) + std::string(width > used ? width - used : 0, ' ');
}

std::string shortened(std::string_view text, std::size_t width) {
  const std::string line = printable(text);
  if (columns(line) <= width) {
    return line;
  }
  std::size_t kept = 0;
  for (std::size_t at = 0, column = 0; at < line.size() && column < width; ++at) {
    const bool begins = (static_cast<unsigned char>(line[at]) & 0xC0U) != 0x80U;
    column += begins ? 1 : 0;
    kept = begins ? at : kept;
  }
  return width == 0 ? "" : line.substr(0, kept) + "…";
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  const auto is_space = [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; };
  for (std::size_t at = 0; at < text.size();) {
    if (is_space(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && !is_space(text[end])) {
      ++end;
    }
    const std::string word = printable(text.substr(at, end - at));
    if (!line.empty() && columns(line) + 1 + columns(word) > width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
    at = end;
  }
  if (!line.empty()) {
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string hanging(std::string_view first, std::string_view text, std::size_t width) {
  const std::size_t indent = columns(first);
  std::string result;
  for (const std::string& line : wrap(text, width > indent ? width - indent : 1)) {
    result += (result.empty() ? std::string(first) : std::string(indent, ' ')) + line + "\n";
  }
  return result;
}

std::string shell_quote(std::string_view word) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("_-./=+:,@%").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) {
    return std::string(word);
  }
  std::string result = "'";
  for (const char c : word) {
    result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return result + "'";
}

}  // namespace airlock
