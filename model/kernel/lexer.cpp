#include "model/kernel/lexer.hpp"

#include <algorithm>
#include <cctype>

#include "model/system/input_error.hpp"

namespace airlock::kernel {
namespace {

bool starts_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}
bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}
bool is_space(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

/// The offset of the newline that ends the logical line at `at`: a backslash joins lines.
std::size_t end_of_logical_line(std::string_view text, std::size_t at) {
  while (true) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end == text.size() || end == 0 || text[end - 1] != '\\') {
      return end;
    }
    at = end + 1;
  }
}

/// Walks a text once, blanking.
class CommentBlanker {
 public:
  explicit CommentBlanker(std::string_view original)
      : result_{std::string(original), {}, std::string::npos}, text_(result_.text) {}

  WithoutComments run() {
    std::size_t at = 0;
    while (at < text_.size() && result_.unterminated == std::string::npos) {
      const std::string_view rest = std::string_view(text_).substr(at);
      if (rest.front() == '"' || rest.front() == '\'') {
        line_is_empty_ = false;
        at = join(at, std::max(end_of_literal(text_, at), at + 1));
      } else if (rest.starts_with("//")) {
        at = erase(at, end_of_logical_line(text_, at));
      } else if (rest.starts_with("/*")) {
        const std::size_t end = text_.find("*/", at + 2);
        if (end == std::string::npos) {
          result_.unterminated = at;
        } else {
          at = erase(at, end + 2);
        }
      } else if (rest.starts_with("\\\n")) {
        at = erase(at, at + 2);
      } else {
        plain(rest.front());
        ++at;
      }
    }
    return std::move(result_);
  }

 private:
  /// Newlines within [begin, end) join lines, where a directive's line goes on behind them.
  std::size_t join(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; directive_ && i < end; ++i) {
      if (text_[i] == '\n') {
        result_.joined.insert(i);
      }
    }
    return end;
  }
  std::size_t erase(std::size_t begin, std::size_t end) {
    blank(text_, begin, end);
    return join(begin, end);
  }
  void plain(char c) {
    if (c == '\n') {
      directive_ = false;
      line_is_empty_ = true;
    } else if (!is_space(c)) {
      directive_ = directive_ || (c == '#' && line_is_empty_);
      line_is_empty_ = false;
    }
  }

  WithoutComments result_;
  std::string& text_;
  bool directive_ = false;  // within a line that begins with '#'
  bool line_is_empty_ = true;
};

}  // namespace

WithoutComments without_comments(std::string_view text) {
  return CommentBlanker(text).run();
}

std::size_t end_of_literal(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) {
      ++at;
    } else if (text[at] == quote) {
      return at + 1;
    } else if (text[at] == '\n') {
      return at;
    }
  }
  return text.size();
}

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> result;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (is_space(c)) {
      ++at;
      continue;
    }
    Token token{TokenKind::Punctuation, at, at + 1};
    const auto run = [&](auto belongs) {
      while (token.end < text.size() && belongs(text[token.end])) {
        ++token.end;
      }
    };
    if (starts_name(c)) {
      token.kind = TokenKind::Name;
      run([](char d) { return starts_name(d) || is_digit(d); });
    } else if (is_digit(c)) {
      token.kind = TokenKind::Number;  // 0x1f, 1UL; "1...5" is a number, dots and a number
      run([](char d) { return starts_name(d) || is_digit(d); });
    } else if (c == '"' || c == '\'') {
      token.kind = c == '"' ? TokenKind::String : TokenKind::Character;
      token.end = std::max(end_of_literal(text, at), at + 1);
    } else if (text.substr(at).starts_with("...")) {
      token.end = at + 3;
    } else if (text.substr(at).starts_with("->")) {
      token.end = at + 2;
    }
    result.push_back(token);
    at = token.end;
  }
  return result;
}

Lines::Lines(std::string_view text) : starts_{0} {
  for (std::size_t at = text.find('\n'); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    starts_.push_back(at + 1);
  }
}

unsigned Lines::line(std::size_t offset) const {
  return static_cast<unsigned>(std::upper_bound(starts_.begin(), starts_.end(), offset) -
                               starts_.begin());
}

unsigned Lines::column(std::size_t offset) const {
  return static_cast<unsigned>(offset - starts_[line(offset) - 1] + 1);
}

void fail_at(const SourceFile& file, std::size_t offset, const std::string& message,
             const std::string& expected) {
  const Lines lines(file.text);
  const std::size_t begin = offset + 1 - lines.column(offset);
  const std::size_t end = std::min(file.text.find('\n', offset), file.text.size());
  throw InputError({file.path, lines.line(offset), lines.column(offset)}, message,
                   file.text.substr(begin, end - begin), expected);
}

void blank(std::string& text, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end && i < text.size(); ++i) {
    if (text[i] != '\n') {
      text[i] = ' ';
    }
  }
}

}  // namespace airlock::kernel
