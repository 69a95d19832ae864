#include "tests/differential/c_program.hpp"

#include <array>
#include <string_view>

namespace airlock::test {
namespace {

struct CType {
  const char* name;
  unsigned width;
};
constexpr std::array<CType, 9> types{{{"int", 32},
                                      {"u32", 32},
                                      {"u64", 64},
                                      {"s64", 64},
                                      {"u8", 8},
                                      {"bool", 1},
                                      {"s8", 8},
                                      {"u16", 16},
                                      {"s16", 16}}};

class Generator {
 public:
  Generator(Decisions& decisions, std::string prefix)
      : decisions_(decisions), prefix_(std::move(prefix)) {}

  CProgram run() {
    line("typedef " + std::string(type().name) + " " + prefix_ + "w;");
    globals();
    for (unsigned helpers = below(3); helpers != 0; --helpers) {
      helper();
    }
    const std::size_t scope = lvalues_.size();
    line("void " + prefix_ + "f(void)");
    line("{");
    statements(1 + below(7), 3);
    line("}");
    lvalues_.resize(scope);
    return std::move(program_);
  }

 private:
  struct LValue {
    std::string text;
    const CType* type;
    bool writable = true;
  };

  unsigned below(unsigned n) { return decisions_.below(n); }
  const CType& type() { return types.at(below(types.size())); }

  void line(const std::string& text) { program_.text += std::string(indent_, '\t') + text + "\n"; }

  void globals() {
    for (unsigned i = 0, n = 1 + below(4); i < n; ++i) {
      const CType& t = type();
      const std::string name = "g" + std::to_string(i);
      line(std::string(t.name) + " " + prefix_ + name + ";");
      add_scalar(name, t);
    }
    if (below(3) == 1) {
      const CType& t = type();
      line(std::string(t.name) + " " + prefix_ + "a[4];");
      array_ = &t;
      for (unsigned i = 0; i < 4; ++i) {
        program_.scalars.push_back({"a[" + std::to_string(i) + "]", t.width});
      }
    }
    if (below(3) == 1) {
      const CType& x = type();
      const CType& y = type();
      line("struct " + prefix_ + "s { " + x.name + " x; " + y.name + " y; };");
      line("struct " + prefix_ + "s " + prefix_ + "s;");
      line("struct " + prefix_ + "s " + prefix_ + "t;");
      for (const char* object : {"s", "t"}) {
        add_scalar(std::string(object) + ".x", x);
        add_scalar(std::string(object) + ".y", y);
      }
      structures_ = true;
    }
    if (below(4) == 1) {
      const CType& t = type();
      // Not constant to the compiler, which would fold it.
      const std::string constant = prefix_.empty() ? "const " : "";
      line("static " + constant + t.name + " " + prefix_ + "k = " + literal() + ";");
      lvalues_.push_back({prefix_ + "k", &t, false});
    }
  }

  void add_scalar(const std::string& path, const CType& t) {
    program_.scalars.push_back({path, t.width});
    lvalues_.push_back({prefix_ + path, &t});
  }

  /// A function of its parameters and of the globals, which it leaves alone.
  void helper() {
    const std::size_t scope = lvalues_.size();
    const CType& result = type();
    const CType& a = type();
    const CType& b = type();
    const std::string name = prefix_ + "h" + std::to_string(helpers_);
    line(std::string("static ") + result.name + " " + name + "(" + a.name + " p, " + b.name +
         " q)");
    line("{");
    for (LValue& value : lvalues_) {
      hidden_.push_back(value.writable);
      value.writable = false;
    }
    lvalues_.push_back({"p", &a});
    lvalues_.push_back({"q", &b});
    in_helper_ = true;
    statements(below(3), 2);
    ++indent_;
    line("return " + expression(2) + ";");
    --indent_;
    in_helper_ = false;
    line("}");
    lvalues_.resize(scope);
    for (std::size_t i = 0; i < scope; ++i) {
      lvalues_[i].writable = hidden_[i];
    }
    hidden_.clear();
    ++helpers_;
  }

  void statements(unsigned count, unsigned depth) {
    const std::size_t scope = lvalues_.size();
    ++indent_;
    for (; count != 0; --count) {
      statement(depth);
    }
    --indent_;
    lvalues_.resize(scope);
  }

  void statement(unsigned depth) {
    switch (below(depth == 0 ? 5 : 13)) {
      case 0:
      case 1: return assignment();
      case 2: return compound();
      case 3: return step();
      case 4: return local();
      case 5:
      case 6: return branch(depth - 1);
      case 7: return loop(depth - 1);
      case 8: return selection(depth - 1);
      case 9: return once(depth - 1);
      case 10: return pointer();
      case 11: return structure();
      default: return leave();
    }
  }

  std::string target() {
    if (array_ != nullptr && !in_helper_ && below(4) == 3) {
      return element();
    }
    std::vector<const LValue*> writable;
    for (const LValue& value : lvalues_) {
      if (value.writable) {
        writable.push_back(&value);
      }
    }
    return writable.empty() ? std::string()
                            : writable[below(static_cast<unsigned>(writable.size()))]->text;
  }

  std::string element() {
    const std::string index = expression(1);
    return prefix_ + "a[" + (below(8) == 7 ? index : "(" + index + ") & 3") + "]";
  }

  void assignment() {
    const std::string to = target();
    if (!to.empty()) {
      line(to + " = " + expression(3) + ";");
    }
  }

  void compound() {
    static constexpr std::array operators{
        "+=", "|=", "&=", "^=", "-=", "*=", "<<=", ">>=", "/=", "%="};
    const std::string to = target();
    if (!to.empty()) {
      const char* const op = operators.at(below(operators.size()));
      line(to + " " + op + " " + operand(op, expression(2)) + ";");
    }
  }

  void step() {
    static constexpr std::array forms{"++", "--"};
    const std::string to = target();
    if (!to.empty()) {
      const char* const form = forms.at(below(2));
      const bool after = below(2) == 0;
      if (!prefix_.empty()) {  // Clang 14 lets `a[4]++` through where a has 4 elements
        line(to + " " + form[0] + "= 1;");
      } else {
        line(after ? to + form + ";" : form + to + ";");
      }
    }
  }

  void local() {
    const CType& t = type();
    const std::string name = "l" + std::to_string(locals_++);
    line(std::string(t.name) + " " + name + " = " + expression(2) + ";");
    lvalues_.push_back({name, &t});
  }

  void branch(unsigned depth) {
    line("if (" + expression(2) + ") {");
    statements(1 + below(3), depth);
    if (below(2) == 1) {
      line("} else {");
      statements(1 + below(2), depth);
    }
    line("}");
  }

  void loop(unsigned depth) {
    const std::string name = "i" + std::to_string(locals_++);
    const std::string bound = std::to_string(1 + below(4));
    const std::size_t scope = lvalues_.size();
    line("for (u32 " + name + " = 0; " + name + " < " + bound + "; " + name + "++) {");
    lvalues_.push_back({name, &types[1], false});
    ++loops_;
    statements(1 + below(2), depth);
    --loops_;
    lvalues_.resize(scope);
    line("}");
  }

  void selection(unsigned depth) {
    line("switch ((" + expression(1) + ") & 3) {");
    ++switches_;
    for (unsigned i = 0, n = 1 + below(3); i < n; ++i) {
      line("case " + std::to_string(i) + ":;");
      statements(1 + below(2), depth);
      if (below(3) != 2) {
        ++indent_;
        line("break;");
        --indent_;
      }
    }
    if (below(2) == 1) {
      line("default:;");
      statements(1, depth);
    }
    --switches_;
    line("}");
  }

  void once(unsigned depth) {
    line("do {");
    ++loops_;
    statements(1 + below(2), depth);
    --loops_;
    line("} while (0);");
  }

  void pointer() {
    std::vector<const LValue*> writable;
    for (const LValue& value : lvalues_) {
      if (value.writable) {
        writable.push_back(&value);
      }
    }
    if (writable.empty()) {
      return;
    }
    const LValue to = *writable[below(static_cast<unsigned>(writable.size()))];
    const std::string name = "r" + std::to_string(locals_++);
    line(std::string(to.type->name) + " *" + name + " = &" + to.text + ";");
    for (const LValue& other : lvalues_) {
      if (other.writable && other.type == to.type && below(2) == 1) {
        const std::string input = other.text;
        line("if (" + expression(1) + ")");
        line("\t" + name + " = &" + input + ";");
        break;
      }
    }
    lvalues_.push_back({"*" + name, to.type});
    line("(*" + name + ") = " + expression(2) + ";");
    lvalues_.back().text = "(*" + name + ")";
  }

  void structure() {
    if (structures_ && !in_helper_) {
      const bool forth = below(2) == 0;
      line(prefix_ + (forth ? "s" : "t") + " = " + prefix_ + (forth ? "t" : "s") + ";");
    }
  }

  void leave() {
    if (loops_ != 0 && switches_ == 0) {
      const std::string condition = expression(1);
      line("if (" + condition + ")");
      line(below(2) == 0 ? "\tbreak;" : "\tcontinue;");
    } else if (!in_helper_) {
      line("if (" + expression(1) + ")");
      line("\treturn;");
    }
  }

  std::string literal() {
    static constexpr std::array values{"0",          "1",           "2",       "3",
                                       "7",          "255",         "31",      "0x80000000",
                                       "2147483647", "4294967295U", "1ULL",    "0xffffffffffffffff",
                                       "-1",         "0x7fL",       "32",      "63",
                                       "64",         "'a'",         "0x8000u", "(-2147483647 - 1)"};
    return values.at(below(values.size()));
  }

  std::string leaf() {
    if (below(3) == 0 || lvalues_.empty()) {
      const std::string value = literal();
      return prefix_.empty() ? value : "K(" + value + ")";
    }
    return lvalues_[below(static_cast<unsigned>(lvalues_.size()))].text;
  }

  /// What comes after `op`. The compiler's check of a right shift needs help (c_outcomes.cpp).
  [[nodiscard]] std::string operand(std::string_view op, const std::string& text) const {
    return !prefix_.empty() && op.starts_with(">>") ? "S(" + text + ")" : text;
  }

  std::string expression(unsigned depth) {
    static constexpr std::array operators{"+",  "&",  "|",  "==", "^", "-",  "<", "*", "<<", ">>",
                                          "&&", "||", "!=", "<=", ">", ">=", "/", "%", ","};
    static constexpr std::array unary{"-", "~", "!", "+"};
    if (depth == 0) {
      return leaf();
    }
    switch (below(9)) {
      case 0:
      case 1: return leaf();
      case 2:
      case 3:
      case 4: {
        const std::string left = expression(depth - 1);
        const char* const op = operators.at(below(operators.size()));
        return "(" + left + " " + op + " " + operand(op, expression(depth - 1)) + ")";
      }
      case 5: return std::string(unary.at(below(unary.size()))) + "(" + expression(depth - 1) + ")";
      case 8: return ambiguous(depth - 1);
      case 6: {
        if (below(2) == 0) {
          const CType& t = type();
          return "(" + std::string(t.name) + ")(" + expression(depth - 1) + ")";
        }
        const std::string condition = expression(depth - 1);
        const std::string yes = expression(depth - 1);
        return "(" + condition + " ? " + yes + " : " + expression(depth - 1) + ")";
      }
      default: {
        if (helpers_ != 0 && below(2) == 1) {
          const std::string name = prefix_ + "h" + std::to_string(below(helpers_));
          const std::string a = expression(depth - 1);
          return name + "(" + a + ", " + expression(depth - 1) + ")";
        }
        return array_ != nullptr ? element() : leaf();
      }
    }
  }

  /// What reads one way or another depending on which names are types, and what binds by C's
  /// precedence alone: no parentheses but those that mislead.
  std::string ambiguous(unsigned depth) {
    switch (below(10)) {
      case 0: return in_parentheses(operation("(" + leaf() + ")", depth));
      case 1: return in_parentheses(operation(cast_term(depth), depth));
      case 2: return in_parentheses(cast_term(depth));
      case 3: return in_parentheses(operation(operation(term(depth), depth), depth));
      case 4: {
        const std::string to = casts();
        const std::string first = leaf();
        return to + "(" + first + ", " + expression(depth) + ")";
      }
      case 5: return in_parentheses(operation("(" + call_or_element(depth) + ")", depth));
      case 6: {
        const std::string left = leaf();
        return in_parentheses(operation("(" + left + " * (" + leaf() + "))", depth));
      }
      case 7: {
        const std::string measured = leaf();
        return "(sizeof (" + measured + ")-(" + term(depth) + "))";
      }
      case 8: {
        const std::string measured = type().name;
        return "(sizeof(" + measured + ")*(" + term(depth) + "))";
      }
      default: {
        const std::string condition = cast_term(depth);
        const std::string yes = term(depth);
        return "(" + condition + " ? " + yes + " : (" + operation("(" + leaf() + ")", depth) + "))";
      }
    }
  }

  static std::string in_parentheses(const std::string& text) { return "(" + text + ")"; }

  /// Without a space between them, but where they would become another token.
  static std::string joined(const std::string& left, const std::string& right) {
    const bool clash = !left.empty() && !right.empty() && left.back() == right.front();
    return left + (clash ? " " : "") + right;
  }

  std::string operation(const std::string& left, unsigned depth) {
    static constexpr std::array operators{"-", "+", "*", "&", "|", "^", "<", "=="};
    const char* const op = operators.at(below(operators.size()));
    return left + joined(op, term(depth));
  }

  std::string cast_term(unsigned depth) {
    const std::string to = casts();
    const std::string with = sign();
    return to + joined(with, term(depth));
  }

  std::string term(unsigned depth) {
    switch (below(5)) {
      case 0: return "(" + leaf() + ")";
      case 1: {
        const std::string to = casts();
        return to + "(" + leaf() + ")";
      }
      case 2: {
        const std::string with = sign();
        return with + "(" + expression(depth) + ")";
      }
      case 3: return "(" + expression(depth) + ")";
      default: return call_or_element(depth);
    }
  }

  /// One to three casts, some to a typedef of the program's own.
  std::string casts() {
    std::string result;
    for (unsigned n = 1 + below(3); n != 0; --n) {
      result += below(4) == 3 ? "(" + prefix_ + "w)" : "(" + std::string(type().name) + ")";
    }
    return result;
  }

  std::string sign() {
    static constexpr std::array signs{"", "-", "+", "~", "!", "- -", "-~"};
    return signs.at(below(signs.size()));
  }

  std::string call_or_element(unsigned depth) {
    if (helpers_ != 0 && below(2) == 1) {
      const std::string name = prefix_ + "h" + std::to_string(below(helpers_));
      const std::string a = expression(depth);
      return name + "(" + a + ", " + leaf() + ")";
    }
    return array_ != nullptr ? element() : leaf();
  }

  Decisions& decisions_;
  std::string prefix_;
  CProgram program_;
  std::vector<LValue> lvalues_;
  std::vector<bool> hidden_;
  const CType* array_ = nullptr;
  bool structures_ = false;
  bool in_helper_ = false;
  unsigned helpers_ = 0;
  unsigned locals_ = 0;
  unsigned loops_ = 0;
  unsigned switches_ = 0;
  std::size_t indent_ = 0;
};

}  // namespace

CProgram random_c_program(Decisions& decisions, const std::string& prefix) {
  return Generator(decisions, prefix).run();
}

}  // namespace airlock::test
