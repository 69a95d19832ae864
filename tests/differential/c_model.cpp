#include "tests/differential/c_model.hpp"

#include <array>
#include <vector>

namespace airlock::test {
namespace {

constexpr std::array types{"u8", "bool", "u32", "s8", "u64"};

class Generator {
 public:
  explicit Generator(Decisions& decisions) : decisions_(decisions) {}

  std::string run() {
    text_ = "#include <airlock/svm.h>\n";
    for (unsigned i = 0, n = 1 + below(3); i < n; ++i) {
      globals_.push_back({"g" + std::to_string(i), types.at(below(types.size()))});
      line(std::string(globals_.back().type) + " " + globals_.back().name + ";");
    }
    if (below(2) == 1) {
      function("void boot(void)", 1 + below(2), 1);
    }
    actors();
    in_vcpu_ = true;
    function("void vcpu_run(void)", 2 + below(4), 2);
    in_vcpu_ = false;
    property("always_p0");
    property("never_p1");
    property("reachable_p2");
    return std::move(text_);
  }

 private:
  struct Name {
    std::string name;
    const char* type;
  };

  unsigned below(unsigned n) { return decisions_.below(n); }
  bool one_in(unsigned n) { return decisions_.one_in(n); }
  void line(const std::string& text) { text_ += std::string(indent_, '\t') + text + "\n"; }

  void actors() {
    static constexpr std::array names{"irq_a", "nmi_b", "task_switch_c"};
    for (unsigned i = 0, n = below(3); i < n; ++i) {
      function("void " + std::string(names.at((i + below(2)) % names.size())) + "(void)",
               1 + below(2), 1, /*once=*/true);
    }
  }

  void function(const std::string& head, unsigned count, unsigned depth, bool once = false) {
    if (once && text_.find(head) != std::string::npos) {
      return;
    }
    line(head);
    line("{");
    statements(count, depth);
    line("}");
  }

  void property(const std::string& name) {
    line("bool " + name + "(void)");
    line("{");
    in_property_ = true;
    line("\treturn " + expression(2) + ";");
    in_property_ = false;
    line("}");
  }

  void statements(unsigned count, unsigned depth) {
    const std::size_t scope = locals_.size();
    ++indent_;
    for (; count != 0; --count) {
      statement(depth);
    }
    --indent_;
    locals_.resize(scope);
  }

  void statement(unsigned depth) {
    switch (below(depth == 0 ? 5 : 9)) {
      case 0:
      case 1: return assignment();
      case 2: return in_vcpu_ ? intrinsic() : assignment();
      case 3: return one_in(4) ? rare() : step();
      case 4: return local();
      case 5:
      case 6: return branch(depth - 1);
      case 7: return loop(depth - 1);
      default: return selection(depth - 1);
    }
  }

  const Name& target() {
    const std::size_t all = globals_.size() + locals_.size();
    const std::size_t i = below(static_cast<unsigned>(all));
    return i < globals_.size() ? globals_[i] : locals_[i - globals_.size()];
  }

  /// Two bits. Not the other way round: a call in parentheses before '&' reads as a cast.
  static std::string small(const std::string& value) { return "3 & (" + value + ")"; }

  void assignment() {
    const Name to = target();
    line(to.name + " = " + small(expression(2)) + ";");
  }

  void step() {
    const Name to = target();
    static constexpr std::array operators{"+", "^", "-", "|", "&"};
    const char* const op = operators.at(below(operators.size()));
    line(to.name + " = " + small(to.name + " " + op + " " + expression(1)) + ";");
  }

  void rare() {
    const char* const form = one_in(2) ? "assume" : "assert";
    const std::string left = expression(1);
    line(std::string(form) + "(" + left + " || " + expression(1) + ");");
  }

  void intrinsic() {
    static constexpr std::array calls{"local_irq_enable();",
                                      "local_irq_disable();",
                                      "clgi();",
                                      "stgi();",
                                      "preempt_disable();",
                                      "preempt_enable();",
                                      "update_debugctlmsr(any_bits(DEBUGCTLMSR_LBR));",
                                      "wrmsrl(MSR_IA32_DEBUGCTLMSR, 0);"};
    line(calls.at(below(calls.size())));
  }

  void local() {
    const Name name{"l" + std::to_string(names_++), types.at(below(types.size()))};
    line(std::string(name.type) + " " + name.name + " = " + small(expression(2)) + ";");
    locals_.push_back(name);
  }

  void branch(unsigned depth) {
    line("if (" + expression(2) + ") {");
    statements(1 + below(2), depth);
    if (one_in(2)) {
      line("} else {");
      statements(1, depth);
    }
    line("}");
  }

  void loop(unsigned depth) {
    if (in_vcpu_ && one_in(2)) {
      line("while (" + expression(1) + ") {");
      ++indent_;
      intrinsic();
      --indent_;
      statements(1, depth);
      line("}");
      return;
    }
    const std::string name = "i" + std::to_string(names_++);
    line("for (u32 " + name + " = 0; " + name + " < " + std::to_string(1 + below(3)) + "; " + name +
         "++) {");
    statements(1, depth);
    line("}");
  }

  void selection(unsigned depth) {
    line("switch (3 & (" + expression(1) + ")) {");
    for (unsigned i = 0, n = 1 + below(2); i < n; ++i) {
      line("case " + std::to_string(i) + ":;");
      statements(1, depth);
      if (!one_in(3)) {
        line("\tbreak;");
      }
    }
    line("default:;");
    statements(1, depth);
    line("}");
  }

  std::string leaf() {
    static constexpr std::array literals{"1", "2", "3", "0"};
    switch (below(in_property_ ? 4 : 5)) {
      case 0: return literals.at(below(literals.size()));
      case 1:
      case 2:
      case 3: {
        if (in_property_) {
          if (one_in(6)) {
            static constexpr std::array state{"cpu.gif", "((cpu.rflags & X86_EFLAGS_IF) != 0)",
                                              "((cpu.debugctl & DEBUGCTLMSR_LBR) != 0)"};
            return state.at(below(state.size()));
          }
          return globals_[below(static_cast<unsigned>(globals_.size()))].name;
        }
        return target().name;
      }
      default:
        return one_in(3)               ? "any_bits(3)"
               : in_vcpu_ && one_in(3) ? "(get_debugctlmsr() & DEBUGCTLMSR_LBR)"
                                       : "any_bool()";
    }
  }

  std::string expression(unsigned depth) {
    static constexpr std::array operators{"==", "+",  "<",  "&",  "|",  "^", "-",
                                          "&&", "||", "!=", ">=", "<<", "/", "%"};
    if (depth == 0) {
      return leaf();
    }
    switch (below(6)) {
      case 0: return leaf();
      case 1: {
        const char* const op = one_in(2) ? "!" : "-";
        const std::string operand = expression(depth - 1);
        const bool another = operand.front() == '!' || operand.front() == '-';
        return another ? op + ("(" + operand + ")") : op + operand;
      }
      case 2: {
        const std::string condition = expression(depth - 1);
        const std::string yes = expression(depth - 1);
        return "(" + condition + " ? " + yes + " : " + expression(depth - 1) + ")";
      }
      default: {
        // The last three may be undefined, and rarely are.
        const bool defined = !one_in(8);
        const std::string left = expression(depth - 1);
        const char* const op = operators.at(below(operators.size() - (defined ? 3 : 0)));
        return "(" + left + " " + op + " " + expression(depth - 1) + ")";
      }
    }
  }

  Decisions& decisions_;
  std::string text_;
  std::vector<Name> globals_;
  std::vector<Name> locals_;
  bool in_vcpu_ = false;
  bool in_property_ = false;
  unsigned names_ = 0;
  std::size_t indent_ = 0;
};

}  // namespace

std::string random_c_model(Decisions& decisions) {
  return Generator(decisions).run();
}

}  // namespace airlock::test
