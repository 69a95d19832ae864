#include "checker/certificate/sexpr.hpp"

#include <algorithm>
#include <string_view>

#include "model/system/input_error.hpp"

namespace airlock::certificate {
namespace {

constexpr unsigned max_depth = 2000;

class Parser {
 public:
  Parser(const std::string& file, const std::string& text, unsigned first_line)
      : file_(file), text_(text), line_(first_line) {}

  std::vector<SExpr> run() {
    std::vector<SExpr> result;
    for (skip(); at_ < text_.size(); skip()) {
      result.push_back(expression(0));
    }
    return result;
  }

 private:
  [[noreturn]] void fail(const std::string& message, const std::string& expected) const {
    throw InputError({file_, line_, column_}, message, {}, expected);
  }

  void advance() {
    if (text_[at_] == '\n') {
      ++line_;
      column_ = 0;
    }
    ++column_;
    ++at_;
  }

  void skip() {
    while (at_ < text_.size()) {
      if (text_[at_] == ';') {
        comment();
      } else if (text_[at_] == ' ' || text_[at_] == '\n') {
        advance();
      } else {
        return;
      }
    }
  }

  /// Other readers end a line elsewhere too: at a carriage return, for one.
  void comment() {
    for (; at_ < text_.size() && text_[at_] != '\n'; advance()) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte < ' ' || byte == 0x7F) {
        fail("control character in a comment", "no other than the end of the line");
      }
    }
  }

  SExpr expression(unsigned depth) {
    SExpr result;
    result.line = line_;
    result.column = column_;
    if (text_[at_] == ')') {
      fail("this ')' closes nothing", "a command");
    }
    if (text_[at_] != '(') {
      result.atom = atom();
      return result;
    }
    if (depth >= max_depth) {
      fail("nested too deeply", "at most 2000 levels");
    }
    advance();
    for (skip(); at_ < text_.size() && text_[at_] != ')'; skip()) {
      result.items.push_back(expression(depth + 1));
    }
    if (at_ == text_.size()) {
      fail("the text ends inside of a list", "')'");
    }
    advance();
    return result;
  }

  std::string atom() {
    if (text_[at_] == '|') {
      return quoted();
    }
    std::string result;
    while (at_ < text_.size() && is_symbol(text_[at_])) {
      result += text_[at_];
      advance();
    }
    if (result.empty()) {
      fail("unexpected character", "a parenthesis, a symbol or a number");
    }
    return result;
  }

  std::string quoted() {
    std::string result = "|";
    for (advance(); at_ < text_.size() && text_[at_] != '|'; advance()) {
      if (text_[at_] < ' ' || text_[at_] > '~') {
        fail("unexpected character in a symbol", "printable ASCII");
      }
      result += text_[at_];
    }
    if (at_ == text_.size()) {
      fail("the text ends inside of a symbol", "'|'");
    }
    advance();
    return is_simple(result.substr(1)) ? result.substr(1) : result + "|";
  }

  /// Whether a symbol could do without its bars.
  static bool is_simple(const std::string& name) {
    static constexpr std::string_view others = "~!@$%^&*_-+=<>.?/";
    return !name.empty() && (name[0] < '0' || name[0] > '9') &&
           std::all_of(name.begin(), name.end(), [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    others.find(c) != std::string_view::npos;
           });
  }

  static bool is_symbol(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '=' || c == '#' || c == '>';
  }

  const std::string& file_;
  const std::string& text_;
  std::size_t at_ = 0;
  unsigned line_;
  unsigned column_ = 1;
};

}  // namespace

std::vector<SExpr> parse_sexprs(const std::string& file, const std::string& text,
                                unsigned first_line) {
  return Parser(file, text, first_line).run();
}

}  // namespace airlock::certificate
