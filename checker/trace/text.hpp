// Plain text for people: wrapping, colour, and names that a terminal must not obey.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/system/printable.hpp"

namespace airlock {

enum class Ink : std::uint8_t { plain, bold, dim, red, green, yellow, cyan };

/// How text is laid out. The default is for pipes and files: no colour, 100 columns.
struct TextStyle {
  bool colour = false;
  unsigned width = 100;
  bool brief = false;  ///< of a trace: steps after which nothing is different are left out
  /// `text` between the escape sequences of `ink`, or as it is without colour.
  [[nodiscard]] std::string paint(Ink ink, std::string_view text) const;
};

/// `text` padded with spaces on the right to `width` columns.
std::string pad(std::string_view text, std::size_t width);

/// `text` on one line of at most `width` columns; what does not fit is replaced by "…".
std::string shortened(std::string_view text, std::size_t width);

/// Words of `text` (printable, newlines being spaces) filled into lines of at most `width` columns;
/// a longer word gets a line of its own.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

/// Wrapped text with a newline after each line: `first` before the first line, spaces of the same
/// width before the others. `width` counts the prefix.
std::string hanging(std::string_view first, std::string_view text, std::size_t width);

/// `word` as one word of a POSIX shell's command line.
std::string shell_quote(std::string_view word);

}  // namespace airlock
