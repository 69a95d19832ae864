#include "model/kernel/condition.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <utility>
#include <vector>

namespace airlock::kernel {
namespace {

constexpr unsigned deepest = 100;            // of brackets
constexpr std::size_t most_tokens = 10'000;  // after macros were replaced

struct Value {
  std::optional<std::int64_t> number;
  bool is_unsigned = false;
};

bool starts_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool continues_name(char c) {
  return starts_name(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
}

std::vector<std::string> tokens_of(std::string_view text) {
  std::vector<std::string> result;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    std::size_t end = at + 1;
    if (std::isspace(static_cast<unsigned char>(c)) != 0 || c == '\\') {
      at = end;
      continue;
    }
    if (continues_name(c)) {
      while (end < text.size() && continues_name(text[end])) {
        ++end;
      }
    } else if (c == '\'' || c == '"') {
      while (end < text.size() && text[end] != c) {
        end += text[end] == '\\' ? 2 : 1;
      }
      end = std::min(end + 1, text.size());
    } else {
      for (const std::string_view two : {"&&", "||", "==", "!=", "<=", ">=", "<<", ">>"}) {
        if (text.substr(at).starts_with(two)) {
          end = at + 2;
        }
      }
    }
    result.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return result;
}

/// An integer constant with its suffixes.
Value number_of(const std::string& token) {
  std::size_t used = 0;
  std::uint64_t value = 0;
  try {
    const bool binary = token.starts_with("0b") || token.starts_with("0B");
    value = std::stoull(binary ? token.substr(2) : token, &used, binary ? 2 : 0);
    used += binary ? 2 : 0;
  } catch (const std::exception&) {
    return {};
  }
  bool is_unsigned = false;
  for (; used < token.size(); ++used) {
    const char c = token[used];
    if (c == 'u' || c == 'U') {
      is_unsigned = true;
    } else if (c != 'l' && c != 'L') {
      return {};
    }
  }
  if (value > static_cast<std::uint64_t>(INT64_MAX)) {
    return {};
  }
  return {static_cast<std::int64_t>(value), is_unsigned};
}

/// Replaces object-like macros by the tokens of their bodies, as text: `A * 2` with A as `1 + 1` is
/// 3. A macro within its own body stays (6.10.3.4); operands of `defined` and of calls do, too.
class Expander {
 public:
  explicit Expander(const LookUp& look_up) : look_up_(look_up) {}

  void expand(const std::vector<std::string>& tokens) {
    for (std::size_t i = 0; i < tokens.size() && !too_long(); ++i) {
      const bool name = starts_name(tokens[i].front());
      if (name && i + 1 < tokens.size() && tokens[i + 1] == "(") {
        i = copy_call(tokens, i);
      } else if (!name || tokens[i] == "defined" || (i > 0 && tokens[i - 1] == "defined") ||
                 !replace(tokens[i])) {
        result_.push_back(tokens[i]);
      }
    }
  }
  [[nodiscard]] bool too_long() const { return result_.size() > most_tokens; }
  [[nodiscard]] std::vector<std::string> take() { return std::move(result_); }

 private:
  /// Copies `name(...)` and returns the index of its last token.
  std::size_t copy_call(const std::vector<std::string>& tokens, std::size_t i) {
    result_.push_back(tokens[i]);
    int nesting = 0;
    do {
      ++i;
      result_.push_back(tokens[i]);
      nesting += tokens[i] == "(" ? 1 : tokens[i] == ")" ? -1 : 0;
    } while (nesting > 0 && i + 1 < tokens.size());
    return i;
  }

  bool replace(const std::string& name) {
    const KnownMacro known = look_up_(name);
    if (known.state != KnownMacro::State::Defined || !known.body || within_.size() > deepest ||
        std::find(within_.begin(), within_.end(), name) != within_.end()) {
      return false;
    }
    within_.push_back(name);
    expand(tokens_of(*known.body));
    within_.pop_back();
    return true;
  }

  const LookUp& look_up_;
  std::vector<std::string> within_;
  std::vector<std::string> result_;
};

/// Recursive descent; `ok_` falls when the text is no expression.
class Evaluator {
 public:
  Evaluator(std::vector<std::string> tokens, const Config& config, const LookUp& look_up)
      : tokens_(std::move(tokens)), config_(config), look_up_(look_up) {}

  Value whole() {
    const Value value = conditional();
    return ok_ && at_ == tokens_.size() ? value : Value{};
  }

 private:
  [[nodiscard]] bool take(std::string_view token) {
    if (at_ < tokens_.size() && tokens_[at_] == token) {
      ++at_;
      return true;
    }
    return false;
  }

  Value conditional() {
    const Value condition = binary(0);
    if (!take("?")) {
      return condition;
    }
    if (++nesting_ > deepest) {
      ok_ = false;
      return {};
    }
    const Value yes = conditional();
    ok_ = ok_ && take(":");
    const Value no = conditional();
    if (!condition.number) {
      return {};
    }
    return *condition.number != 0 ? yes : no;
  }

  static int precedence(const std::string& op) {
    static const std::vector<std::vector<std::string>> levels = {{"||"},
                                                                 {"&&"},
                                                                 {"|"},
                                                                 {"^"},
                                                                 {"&"},
                                                                 {"==", "!="},
                                                                 {"<", ">", "<=", ">="},
                                                                 {"<<", ">>"},
                                                                 {"+", "-"},
                                                                 {"*", "/", "%"}};
    for (std::size_t level = 0; level < levels.size(); ++level) {
      for (const std::string& known : levels[level]) {
        if (known == op) {
          return static_cast<int>(level);
        }
      }
    }
    return -1;
  }

  Value binary(int least) {
    Value left = unary();
    while (ok_ && at_ < tokens_.size()) {
      const std::string op = tokens_[at_];
      const int level = precedence(op);
      if (level < least) {
        break;
      }
      ++at_;
      left = apply(op, left, binary(level + 1));
    }
    return left;
  }

  static Value logical(const std::string& op, const Value& a, const Value& b) {
    const bool decisive = op == "||";
    for (const Value& side : {a, b}) {
      if (side.number && (*side.number != 0) == decisive) {
        return {decisive ? 1 : 0};
      }
    }
    return a.number && b.number ? Value{decisive ? 0 : 1} : Value{};
  }

  static Value apply(const std::string& op, const Value& a, const Value& b) {
    if (op == "&&" || op == "||") {
      return logical(op, a, b);
    }
    if (!a.number || !b.number) {
      return {};
    }
    const std::int64_t x = *a.number;
    const std::int64_t y = *b.number;
    const bool is_unsigned = a.is_unsigned || b.is_unsigned;
    if (is_unsigned && (x < 0 || y < 0)) {
      return {};  // huge as an unsigned number: no kernel condition needs it
    }
    if (op == "==" || op == "!=" || op == "<" || op == ">" || op == "<=" || op == ">=") {
      const bool holds = op == "=="   ? x == y
                         : op == "!=" ? x != y
                         : op == "<"  ? x < y
                         : op == ">"  ? x > y
                         : op == "<=" ? x <= y
                                      : x >= y;
      return {holds ? 1 : 0};
    }
    return {arithmetic(op, x, y), is_unsigned};
  }

  static std::optional<std::int64_t> arithmetic(const std::string& op, std::int64_t x,
                                                std::int64_t y) {
    std::int64_t result = 0;
    if (op == "+") {
      return __builtin_add_overflow(x, y, &result) ? std::nullopt : std::optional(result);
    }
    if (op == "-") {
      return __builtin_sub_overflow(x, y, &result) ? std::nullopt : std::optional(result);
    }
    if (op == "*") {
      return __builtin_mul_overflow(x, y, &result) ? std::nullopt : std::optional(result);
    }
    if (op == "/" || op == "%") {
      if (y == 0 || (x == INT64_MIN && y == -1)) {
        return std::nullopt;
      }
      return op == "/" ? x / y : x % y;
    }
    if (op == "<<" || op == ">>") {
      if (x < 0 || y < 0 || y > 62 || (op == "<<" && x > (INT64_MAX >> y))) {
        return std::nullopt;
      }
      return op == "<<" ? x << y : x >> y;
    }
    return op == "&" ? x & y : op == "|" ? x | y : x ^ y;
  }

  Value unary() {
    if (++nesting_ > deepest || at_ >= tokens_.size()) {
      ok_ = false;
      return {};
    }
    Value result;
    if (take("!")) {
      const Value operand = unary();
      result = operand.number ? Value{*operand.number == 0 ? 1 : 0} : Value{};
    } else if (take("-")) {
      const Value operand = unary();
      if (operand.number && !operand.is_unsigned) {
        result = {-*operand.number};
      }
    } else if (take("+")) {
      result = unary();
    } else if (take("~")) {
      const Value operand = unary();
      if (operand.number && !operand.is_unsigned) {
        result = {~*operand.number};
      }
    } else if (take("(")) {
      result = conditional();
      ok_ = ok_ && take(")");
    } else {
      result = primary(tokens_[at_++]);
    }
    --nesting_;
    return result;
  }

  Value primary(const std::string& token) {
    if (std::isdigit(static_cast<unsigned char>(token.front())) != 0) {
      return number_of(token);
    }
    if (!starts_name(token.front())) {
      ok_ = ok_ && token.front() == '\'';  // a character: an operand, though one of no known value
      return {};
    }
    if (token == "defined") {
      return defined();
    }
    if (at_ < tokens_.size() && tokens_[at_] == "(") {
      return call(token);
    }
    // What is defined and still here is a macro of an unknown body, or one within itself.
    return look_up_(token).state == KnownMacro::State::Undefined ? Value{0} : Value{};
  }

  Value defined() {
    const bool bracket = take("(");
    if (at_ >= tokens_.size() || !starts_name(tokens_[at_].front())) {
      ok_ = false;
      return {};
    }
    const KnownMacro known = look_up_(tokens_[at_++]);
    ok_ = ok_ && (!bracket || take(")"));
    if (known.state == KnownMacro::State::Unknown) {
      return {};
    }
    return {known.state == KnownMacro::State::Defined ? 1 : 0};
  }

  /// include/linux/kconfig.h: IS_ENABLED() and its kin; other calls are unknown.
  Value call(const std::string& name) {
    const std::size_t open = at_;
    int nesting = 0;
    do {
      nesting += tokens_[at_] == "(" ? 1 : tokens_[at_] == ")" ? -1 : 0;
      ++at_;
    } while (nesting > 0 && at_ < tokens_.size());
    if (nesting != 0) {
      ok_ = false;
      return {};
    }
    if (at_ - open != 3) {
      return {};
    }
    const std::optional<std::string> value = config_.value(tokens_[open + 1]);
    if (!value || !tokens_[open + 1].starts_with("CONFIG_")) {
      return {};
    }
    if (name == "IS_ENABLED") {
      return {*value == "y" || *value == "m" ? 1 : 0};
    }
    if (name == "IS_BUILTIN" || (name == "IS_REACHABLE" && *value != "m")) {
      return {*value == "y" ? 1 : 0};
    }
    if (name == "IS_MODULE") {
      return {*value == "m" ? 1 : 0};
    }
    if (name == "IS_REACHABLE") {
      const KnownMacro module = look_up_("MODULE");
      if (module.state != KnownMacro::State::Unknown) {
        return {module.state == KnownMacro::State::Defined ? 1 : 0};
      }
    }
    return {};
  }

  std::vector<std::string> tokens_;
  const Config& config_;
  const LookUp& look_up_;
  unsigned nesting_ = 0;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace

std::optional<bool> decide(std::string_view text, const Config& config, const LookUp& look_up) {
  Expander expander(look_up);
  expander.expand(tokens_of(text));
  if (expander.too_long()) {
    return std::nullopt;
  }
  const Value value = Evaluator(expander.take(), config, look_up).whole();
  return value.number ? std::optional<bool>(*value.number != 0) : std::nullopt;
}

}  // namespace airlock::kernel
