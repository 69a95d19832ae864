// Maximal munch, as in C11 6.4. What is no token of C becomes one character, which no rule of the
// expression grammar takes.
#include "model/software/tokens.hpp"

#include <array>
#include <cctype>

namespace airlock::c {
namespace {

constexpr std::array<std::string_view, 23> long_punctuators{
    "...", "<<=", ">>=", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=",
    "&&",  "||",  "+=",  "-=", "*=", "/=", "%=", "&=", "|=", "^=", "##"};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

class Lexer {
 public:
  Lexer(std::string_view text, Loc begin, bool fixed, const std::shared_ptr<const Within>& within)
      : text_(text), loc_(begin), fixed_(fixed), within_(within) {}

  std::vector<Token> run() {
    while (skip_space()) {
      const char c = text_[at_];
      if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
        take(Token::Kind::number, number_end());
      } else if (is_word(c)) {
        word();
      } else if (c == '\'' || c == '"') {
        take(c == '"' ? Token::Kind::string : Token::Kind::character, quoted_end(at_));
      } else {
        take(Token::Kind::punctuator, at_ + punctuator_length());
      }
    }
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void advance(std::size_t end) {
    for (; at_ < end; ++at_) {
      if (fixed_) {
        continue;
      }
      ++loc_.column;
      if (text_[at_] == '\n') {
        ++loc_.line;
        loc_.column = 1;
      }
    }
  }

  /// False at the end.
  bool skip_space() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const bool continues = c == '\\' && (peek(1) == '\n' || peek(1) == '\r');
      if (std::isspace(static_cast<unsigned char>(c)) != 0 || continues) {
        advance(at_ + 1);
      } else if (c == '/' && peek(1) == '/') {
        advance(std::min(text_.find('\n', at_), text_.size()));
      } else if (c == '/' && peek(1) == '*') {
        const std::size_t end = text_.find("*/", at_ + 2);
        advance(end == std::string_view::npos ? text_.size() : end + 2);
      } else {
        return true;
      }
    }
    return false;
  }

  void take(Token::Kind kind, std::size_t end) {
    tokens_.push_back({kind, std::string(text_.substr(at_, end - at_)), loc_, within_});
    advance(end);
  }

  /// A preprocessing number: "0x1e+1" is one, and no integer.
  [[nodiscard]] std::size_t number_end() const {
    std::size_t end = at_ + 1;
    for (; end < text_.size(); ++end) {
      const char c = text_[end];
      const char before =
          static_cast<char>(std::tolower(static_cast<unsigned char>(text_[end - 1])));
      const bool exponent = (c == '+' || c == '-') && (before == 'e' || before == 'p');
      const bool separator = c == '\'' && end + 1 < text_.size() && is_word(text_[end + 1]);
      if (!is_word(c) && c != '.' && !exponent && !separator) {
        break;
      }
    }
    return end;
  }

  void word() {
    std::size_t end = at_;
    while (end < text_.size() && is_word(text_[end])) {
      ++end;
    }
    const std::string_view word = text_.substr(at_, end - at_);
    const bool prefix = word == "L" || word == "u" || word == "U" || word == "u8";
    const char next = end < text_.size() ? text_[end] : '\0';
    if (prefix && (next == '\'' || next == '"')) {
      take(next == '"' ? Token::Kind::string : Token::Kind::character, quoted_end(end));
    } else {
      take(Token::Kind::word, end);
    }
  }

  [[nodiscard]] std::size_t quoted_end(std::size_t open) const {
    std::size_t end = open + 1;
    while (end < text_.size() && text_[end] != text_[open]) {
      end += text_[end] == '\\' ? 2 : 1;
    }
    return std::min(end + 1, text_.size());
  }

  [[nodiscard]] std::size_t punctuator_length() const {
    for (const std::string_view punctuator : long_punctuators) {
      if (text_.substr(at_).starts_with(punctuator)) {
        return punctuator.size();
      }
    }
    return 1;
  }

  std::string_view text_;
  Loc loc_;
  bool fixed_;
  const std::shared_ptr<const Within>& within_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

bool Token::is_within(const std::string& macro) const {
  for (const Within* at = within.get(); at != nullptr; at = at->outer.get()) {
    if (at->macro == macro) {
      return true;
    }
  }
  return false;
}

std::vector<Token> tokens_of(std::string_view text, Loc begin, bool fixed,
                             const std::shared_ptr<const Within>& within) {
  return Lexer(text, begin, fixed, within).run();
}

}  // namespace airlock::c
