// The tokens of a C text, as far as blanking and rewriting in place needs them.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/software/program.hpp"

namespace airlock::kernel {

enum class TokenKind { Name, Number, String, Character, Punctuation };

/// A token at [begin, end) of the text. Punctuation is a character, but for "..." and "->".
struct Token {
  TokenKind kind;
  std::size_t begin;
  std::size_t end;
};

/// Where the literal (string or character constant) that begins at `at` ends: behind its closing
/// quote, or at the end of its line, as in prose that a compiler skips.
[[nodiscard]] std::size_t end_of_literal(std::string_view text, std::size_t at);

/// Of a text without comments and directives.
[[nodiscard]] std::vector<Token> tokens_of(std::string_view text);

/// Offsets as lines and columns, both from 1, columns in bytes.
class Lines {
 public:
  explicit Lines(std::string_view text);
  [[nodiscard]] unsigned line(std::size_t offset) const;
  [[nodiscard]] unsigned column(std::size_t offset) const;

 private:
  std::vector<std::size_t> starts_;
};

/// Throws an InputError that shows the line of the file in which `offset` lies.
[[noreturn]] void fail_at(const SourceFile& file, std::size_t offset, const std::string& message,
                          const std::string& expected);

/// Overwrites [begin, end) with blanks; newlines stay.
void blank(std::string& text, std::size_t begin, std::size_t end);

/// A text with blanks for comments and for the backslashes that join lines (those in literals
/// stay).
struct WithoutComments {
  std::string text;
  /// Newlines behind which a directive's line goes on.
  std::set<std::size_t> joined;
  /// The offset of a comment that does not end, npos without one; the text is then unfinished.
  std::size_t unterminated = std::string::npos;
};
[[nodiscard]] WithoutComments without_comments(std::string_view text);

}  // namespace airlock::kernel
