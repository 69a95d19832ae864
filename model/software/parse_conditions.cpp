// What #if asks, where it is known (C11 6.10.1).
//
// A condition is evaluated as the preprocessor has it, macros expanded, with one difference. C
// takes a name of which nobody has spoken for 0; here it is an error, unless && or || leave it out:
// to take a side because nobody has spoken would be to check another program. IS_ENABLED() and its
// like (the kernel's include/linux/kconfig.h) are answered by name, since their text needs ##.
#include <algorithm>
#include <charconv>

#include "model/software/parse_expressions.hpp"

namespace airlock::c {

class ConditionReader {
 public:
  ConditionReader(FileReader& files, std::vector<Token> tokens, Loc end)
      : files_(files), tokens_(std::move(tokens)) {
    end_.loc = end;
  }

  bool holds() {
    const std::int64_t value = binary(1);
    if (at_ != tokens_.size()) {
      unsupported();
    }
    return value != 0;
  }

 private:
  [[nodiscard]] const Token& here() const { return at_ < tokens_.size() ? tokens_[at_] : end_; }

  [[noreturn]] void unsupported() const {
    const Token& token = here();
    files_.sources_.fail(token.loc,
                         token.kind == Token::Kind::end
                             ? "the condition of #if ends here"
                             : "#if cannot use '" + token.text + "' here",
                         "integers, defined(NAME), IS_ENABLED(NAME) and macros that become these");
  }

  [[noreturn]] void beyond(Loc loc) const {
    files_.sources_.fail(loc, "the condition of #if leaves what is computed with",
                         "values from 0 to 2^63 - 1, or signed ones where no 'u' is written");
  }

  /// The name, in parentheses or, where `bare`, without.
  std::string name(bool bare) {
    const bool open = here().is("(");
    at_ += open ? 1U : 0U;
    if ((!open && !bare) || here().kind != Token::Kind::word) {
      unsupported();
    }
    std::string result = here().text;
    ++at_;
    if (open && !here().is(")")) {
      unsupported();
    }
    at_ += open ? 1U : 0U;
    return result;
  }

  std::int64_t number() {
    std::string text = here().text;
    const bool hex = text.starts_with("0x") || text.starts_with("0X");
    const bool octal = !hex && text.size() > 1 && text.front() == '0';
    while (!text.empty() && std::string("uUlL").find(text.back()) != std::string::npos) {
      is_unsigned_ = is_unsigned_ || text.back() == 'u' || text.back() == 'U';
      text.pop_back();
    }
    const char* begin = text.data() + (hex ? 2 : 0);
    const char* end = text.data() + text.size();
    std::int64_t value = 0;
    const auto [rest, error] = std::from_chars(begin, end, value, hex ? 16 : octal ? 8 : 10);
    if (error != std::errc{} || rest != end) {
      unsupported();
    }
    ++at_;
    return value;
  }

  std::int64_t word() {
    const Token token = here();
    if (token.text == "defined") {
      ++at_;
      const std::string asked = name(true);
      return !skipped_ && files_.known(asked, token.loc) ? 1 : 0;
    }
    const auto macro = files_.macros_.find(token.text);
    if (macro != files_.macros_.end() && files_.asks_for_option(macro->second)) {
      ++at_;
      const std::string asked = name(false);
      return !skipped_ && files_.option_is(token.text, asked, token.loc) ? 1 : 0;
    }
    const bool is_call = at_ + 1 < tokens_.size() && tokens_[at_ + 1].is("(");
    if (macro != files_.macros_.end() && !token.is_within(token.text) &&
        (!macro->second.is_function || is_call)) {
      files_.check_usable(token.loc, macro->second);
      const auto from = static_cast<std::ptrdiff_t>(at_);
      std::size_t after = at_;
      const std::vector<Token> text = files_.expansion(tokens_, after, macro->second);
      tokens_.erase(tokens_.begin() + from, tokens_.begin() + static_cast<std::ptrdiff_t>(after));
      tokens_.insert(tokens_.begin() + from, text.begin(), text.end());
      return unary();
    }
    if (is_call || macro != files_.macros_.end()) {
      unsupported();
    }
    if (!skipped_) {
      static_cast<void>(files_.known(token.text, token.loc));
    }
    ++at_;
    return 0;  // #undef has said that it is none
  }

  std::int64_t unary() {
    if (++depth_ > max_depth) {
      fail_too_deep(files_.sources_, here().loc);
    }
    const std::int64_t value = operand();
    --depth_;
    return value;
  }

  std::int64_t operand() {
    const Token token = here();
    if (token.kind == Token::Kind::number) {
      return number();
    }
    if (token.kind == Token::Kind::word) {
      return word();
    }
    ++at_;
    if (token.is("(")) {
      const std::int64_t value = binary(1);
      if (!here().is(")")) {
        unsupported();
      }
      ++at_;
      return value;
    }
    if (token.is("!")) {
      return unary() == 0 ? 1 : 0;
    }
    if (token.is("-")) {
      const std::int64_t value = unary();
      return checked("-", 0, value, token.loc);
    }
    if (token.is("+")) {
      return unary();
    }
    --at_;
    unsupported();
  }

  std::int64_t binary(unsigned least) {
    std::int64_t left = unary();
    while (here().kind == Token::Kind::punctuator) {
      const auto op = binary_operators().find(here().text);
      if (op == binary_operators().end() || op->second < least) {
        break;
      }
      const Loc loc = here().loc;
      ++at_;
      const bool decided = (op->first == "&&" && left == 0) || (op->first == "||" && left != 0);
      skipped_ += decided ? 1U : 0U;
      const std::int64_t right = binary(op->second + 1);
      skipped_ -= decided ? 1U : 0U;
      left = skipped_ != 0 ? 0 : checked(op->first, left, right, loc);
    }
    return left;
  }

  std::int64_t checked(const std::string& op, std::int64_t a, std::int64_t b, Loc loc) const {
    std::int64_t value = 0;
    bool out = false;
    if (op == "&&") {
      value = a != 0 && b != 0 ? 1 : 0;
    } else if (op == "||") {
      value = a != 0 || b != 0 ? 1 : 0;
    } else if (op == "==" || op == "!=") {
      value = (a == b) == (op == "==") ? 1 : 0;
    } else if (op == "<" || op == ">=") {
      value = (a < b) == (op == "<") ? 1 : 0;
    } else if (op == ">" || op == "<=") {
      value = (a > b) == (op == ">") ? 1 : 0;
    } else if (op == "&") {
      value = a & b;
    } else if (op == "|") {
      value = a | b;
    } else if (op == "^") {
      value = a ^ b;
    } else if (op == "+") {
      out = __builtin_add_overflow(a, b, &value);
    } else if (op == "-") {
      out = __builtin_sub_overflow(a, b, &value);
    } else if (op == "*") {
      out = __builtin_mul_overflow(a, b, &value);
    } else if (op == "<<") {
      out = a < 0 || b < 0 || b > 62 || (a >> (62 - b)) > 1;
      value = out ? 0 : a << b;
    } else if (op == ">>") {
      out = a < 0 || b < 0 || b > 63;
      value = out ? 0 : a >> b;
    } else {
      out = b == 0 || (a == INT64_MIN && b == -1);
      value = out ? 0 : op == "/" ? a / b : a % b;
    }
    if (out || (is_unsigned_ && value < 0)) {
      beyond(loc);
    }
    return value;
  }

  FileReader& files_;
  std::vector<Token> tokens_;
  Token end_;
  std::size_t at_ = 0;
  unsigned depth_ = 0;
  unsigned skipped_ = 0;  ///< operands around this one whose value does not matter
  bool is_unsigned_ = false;
};

bool FileReader::condition_holds(std::vector<Token> tokens, Loc end) {
  return ConditionReader(*this, std::move(tokens), end).holds();
}

bool FileReader::asks_for_option(const Macro& macro) const {
  return (macro.name == "IS_ENABLED" || macro.name == "IS_BUILTIN" || macro.name == "IS_MODULE") &&
         sources_.path(macro.loc.file) == "<airlock/kernel.h>";
}

bool FileReader::option_is(const std::string& word, const std::string& name, Loc use) const {
  const auto is_one = [&](const std::string& macro) {
    const auto found = macros_.find(macro);
    return found != macros_.end() && found->second.body == "1";
  };
  const std::string module = name + "_MODULE";
  if (word != "IS_MODULE" && is_one(name)) {
    return true;
  }
  if (word != "IS_BUILTIN" && macros_.count(module) != 0) {
    return is_one(module);
  }
  const bool said = is_defined(name) || (word == "IS_BUILTIN" && is_one(module)) ||
                    (word == "IS_MODULE" && is_defined(module));
  if (!said) {
    sources_.fail(use, "nothing says whether " + name + " is enabled",
                  "#define " + name + " 1, #define " + module + " 1 or #undef " + name +
                      " before it, as in a header of the model");
  }
  return false;
}

/// IS_ENABLED(NAME) as a value.
SyntaxExprPtr ExpressionReader::option(const std::string& word) {
  const Loc place = take().loc;
  expect("(");
  if (here().kind != Token::Kind::word) {
    syntax_error();
  }
  const std::string name = take().text;
  expect(")");
  return make(Kind::number, place, files_.option_is(word, name, place) ? "1" : "0");
}

}  // namespace airlock::c
