#include "model/system/input_error.hpp"

#include <algorithm>
#include <string_view>

namespace airlock {
namespace {

constexpr std::size_t max_line = 160;

/// One line of at most `max_line` bytes around `column`, with nothing that a terminal would obey.
/// `column` is moved along with what is cut off.
std::string printable(std::string_view text, unsigned& column) {
  if (text.size() > max_line) {
    const std::size_t begin = column > max_line / 2 ? column - max_line / 2 : 0;
    text = text.substr(std::min(begin, text.size()), max_line);
    column -= static_cast<unsigned>(begin);
  }
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    result += c == '\t' ? ' ' : (byte < 0x20 || byte == 0x7F ? '?' : c);
  }
  return result;
}

std::string compose(const SourceLocation& location, const std::string& message,
                    const std::string& line_text, const std::string& expected) {
  std::string result = location.file;
  if (location.line != 0) {
    result += ":" + std::to_string(location.line);
    if (location.column != 0) {
      result += ":" + std::to_string(location.column);
    }
  }
  result += (result.empty() ? "" : ": ") + std::string("error: ") + message;
  if (location.line != 0 && !line_text.empty()) {
    unsigned column = std::max(location.column, 1U);
    const std::string shown = printable(line_text, column);
    const std::string number = std::to_string(location.line);
    result += "\n  " + number + " | " + shown;
    result += "\n  " + std::string(number.size(), ' ') + " | " + std::string(column - 1, ' ') + "^";
  }
  if (!expected.empty()) {
    result += "\nexpected: " + expected;
  }
  return result;
}

}  // namespace

InputError::InputError(const SourceLocation& location, const std::string& message,
                       const std::string& line_text, const std::string& expected)
    : std::runtime_error(compose(location, message, line_text, expected)) {}

}  // namespace airlock
