#include "model/system/input_error.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "model/system/printable.hpp"

namespace airlock {
namespace {

constexpr std::size_t max_line = 160;
constexpr std::size_t max_name = 80;    // of what a message quotes
constexpr std::size_t max_text = 1600;  // of a message, of what was expected: a screen holds both

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

/// One line of at most `max_line` bytes around `column`, with nothing that a terminal would obey,
/// and the columns before the character that `column` (a byte, from 1) is in.
std::pair<std::string, std::size_t> excerpt(std::string_view text, unsigned column) {
  std::size_t at = column - 1;
  if (text.size() > max_line) {
    std::size_t begin =
        std::min<std::size_t>(at > max_line / 2 ? at - max_line / 2 : 0, text.size());
    while (begin < text.size() && !begins_character(text[begin])) {
      ++begin;
    }
    std::size_t end = std::min(begin + max_line, text.size());
    while (end < text.size() && !begins_character(text[end])) {
      --end;
    }
    text = text.substr(begin, end - begin);
    at -= std::min(at, begin);
  }
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '\t', ' ');
  const std::size_t before = std::min(at, spaced.size());
  return {printable(spaced), columns(printable(spaced.substr(0, before))) + (at - before)};
}

/// The first `most` bytes of `text` and "…", cut between characters; all of it if it is no longer.
std::string cut_to(std::string_view text, std::size_t most) {
  if (text.size() <= most) {
    return std::string(text);
  }
  while (most > 0 && !begins_character(text[most])) {
    --most;
  }
  return std::string(text.substr(0, most)) + "…";
}

/// A message of a bounded length: its long words (names, mostly) are shortened first, so that what
/// it says about them stays readable.
std::string bounded(std::string_view text) {
  if (text.size() <= max_text) {
    return std::string(text);
  }
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" '\n"), text.size());
    result += cut_to(text.substr(0, end), max_name);
    if (end < text.size()) {
      result += text[end];
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return cut_to(result, max_text);
}

/// Printable, but for lines of ours: they are indented, so that none looks like another error.
std::string printable_lines(std::string_view text) {
  constexpr std::string_view break_here = "\n  ";
  std::string result;
  for (std::size_t end = text.find(break_here); end != std::string_view::npos;
       end = text.find(break_here)) {
    result += printable(text.substr(0, end)) + std::string(break_here);
    text.remove_prefix(end + break_here.size());
  }
  return result + printable(text);
}

std::string compose(const SourceLocation& location, const std::string& message,
                    const std::string& line_text, const std::string& expected) {
  std::string result = printable(location.file);
  if (location.line != 0) {
    result += ":" + std::to_string(location.line);
    if (location.column != 0) {
      result += ":" + std::to_string(location.column);
    }
  }
  result +=
      (result.empty() ? "" : ": ") + std::string("error: ") + printable_lines(bounded(message));
  if (location.line != 0 && !line_text.empty()) {
    const auto [shown, column] = excerpt(line_text, std::max(location.column, 1U));
    const std::string number = std::to_string(location.line);
    result += "\n  " + number + " | " + shown;
    result += "\n  " + std::string(number.size(), ' ') + " | " + std::string(column, ' ') + "^";
  }
  if (!expected.empty()) {
    result += "\nexpected: " + printable(bounded(expected));
  }
  return result;
}

}  // namespace

InputError::InputError(const SourceLocation& location, const std::string& message,
                       const std::string& line_text, const std::string& expected)
    : std::runtime_error(compose(location, message, line_text, expected)),
      location_(location),
      message_(message),
      line_text_(line_text),
      expected_(expected) {}

InputError InputError::at(const SourceLocation& location, const std::string& line_text) const {
  return {location, message_, line_text, expected_};
}

InputError InputError::under(const std::string& circumstances) const {
  return {location_, circumstances + ": " + message_, line_text_, expected_};
}

}  // namespace airlock
