// A bounded question in SMT-LIB 2 (A. Biere, A. Cimatti, E. Clarke, Y. Zhu, Symbolic Model Checking
// without BDDs, TACAS 1999): is a target state reached within so many steps?
//
// Airlock's own bounded search is prove/unroll.cpp, over bits and the control flow graph. This one
// is to be independent of it, and simple enough to be believed: the initial states, a step and the
// target are three functions over words; states are constants, one set per step; and there is one
// query, which any solver for QF_BV answers. `rule` picks which rule fires; a variable's next value
// is a chain of ite over it, so that what no rule writes stays as it is. One more value of `rule`
// does nothing at all, so that "after exactly so many steps" means "within so many".
#include <algorithm>
#include <fmt/format.h>
#include <ostream>

#include "checker/exchange/exchange.hpp"
#include "checker/exchange/names.hpp"
#include "checker/notation/smtlib.hpp"

namespace airlock {
namespace {

using notation::smt_sort;
using notation::smt_value;
using notation::Terms;

class Writer {
 public:
  Writer(std::ostream& out, const TransitionSystem& system) : out_(out), system_(system) {
    for (const char* reserved : {"initial", "step", "target", "rule"}) {
      symbols_.fresh(reserved);
    }
    for (const Variable& variable : system.variables) {
      variables_.push_back(symbols_.fresh(variable.name));
      next_.push_back(symbols_.fresh("next " + variable.name));
    }
    for (const Input& input : system.inputs) {
      inputs_.push_back(symbols_.fresh("choice " + input.name));
    }
    for (const Rule& rule : system.rules) {
      rule_inputs_.insert(rule_inputs_.end(), rule.inputs.begin(), rule.inputs.end());
    }
    std::sort(rule_inputs_.begin(), rule_inputs_.end());
    rule_inputs_.erase(std::unique(rule_inputs_.begin(), rule_inputs_.end()), rule_inputs_.end());
  }

  void write(const ExportInput& input, std::uint64_t bound) {
    for (const std::string& line : input.about) {
      out_ << "; " << exchange::one_line(line) << '\n';
    }
    out_ << fmt::format("; sat: the target is reached within {0} steps; unsat: it is not.\n", bound)
         << "(set-logic QF_BV)\n";
    define_initial();
    define_step();
    define_target(input.targets.front().states);
    declare(variables_, all_variables(), 0);
    const Names chosen = declare_inputs(system_.initial_inputs, 0);
    out_ << "(assert " << applied("initial", {at(variables_, 0), chosen}) << ")\n";
    for (std::uint64_t step = 1; step <= bound; ++step) {
      declare(variables_, all_variables(), step);
      take_step(step);
    }
    out_ << "(assert " << applied("target", {at(variables_, bound)}) << ")\n(check-sat)\n";
  }

 private:
  using Names = std::vector<std::string>;

  [[nodiscard]] Terms terms(const std::vector<Expr>& roots) const {
    return {notation::smt_node([this](Expr leaf) {
              return leaf.op() == Op::variable ? variables_[leaf.index()] : inputs_[leaf.index()];
            }),
            roots};
  }

  [[nodiscard]] std::vector<Sort> all_variables() const {
    std::vector<Sort> sorts;
    for (const Variable& variable : system_.variables) {
      sorts.push_back(variable.sort);
    }
    return sorts;
  }

  [[nodiscard]] std::string parameters(const Names& names) const {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
      text += fmt::format("\n  ({} {})", names[i], smt_sort(system_.variables[i].sort));
    }
    return text;
  }

  [[nodiscard]] std::string input_parameters(const std::vector<InputId>& ids) const {
    std::string text;
    for (const InputId id : ids) {
      text += fmt::format("\n  ({} {})", inputs_[id], smt_sort(system_.inputs[id].sort));
    }
    return text;
  }

  void define(const std::string& name, const std::string& parameters, const Terms& terms,
              const Names& conjuncts) {
    out_ << fmt::format("(define-fun {} ({}) Bool\n  {})\n", name, parameters,
                        notation::smt_lets(terms, fmt::format("(and true true\n    {})",
                                                              fmt::join(conjuncts, "\n    "))));
  }

  void define_initial() {
    std::vector<Expr> roots;
    for (const Variable& variable : system_.variables) {
      roots.push_back(variable.initial);
    }
    if (system_.initial_constraint.valid()) {
      roots.push_back(system_.initial_constraint);
    }
    Terms print = terms(roots);
    Names conjuncts;
    for (std::size_t i = 0; i < variables_.size(); ++i) {
      conjuncts.push_back(fmt::format("(= {} {})", variables_[i], print(roots[i])));
    }
    if (system_.initial_constraint.valid()) {
      conjuncts.push_back(print(system_.initial_constraint));
    }
    define("initial", parameters(variables_) + input_parameters(system_.initial_inputs), print,
           conjuncts);
  }

  /// One value for each rule and one more.
  [[nodiscard]] Sort rule_sort() const {
    unsigned width = 1;
    while ((std::uint64_t{1} << width) < system_.rules.size() + 1) {
      ++width;
    }
    return Sort::bits(width);
  }

  [[nodiscard]] std::string is_rule(std::size_t rule) const {
    return fmt::format("(= rule {})", smt_value(rule_sort(), rule));
  }

  void define_step() {
    std::vector<Expr> roots;
    for (const Rule& rule : system_.rules) {
      roots.push_back(rule.guard);
      for (const Update& update : rule.updates) {
        roots.push_back(update.value);
      }
    }
    Terms print = terms(roots);
    std::string enabled = "(or false " + is_rule(system_.rules.size());
    Names values = variables_;
    for (std::size_t i = 0; i < system_.rules.size(); ++i) {
      enabled += fmt::format("\n      (and {} {})", is_rule(i), print(system_.rules[i].guard));
      for (const Update& update : system_.rules[i].updates) {
        std::string& value = values[update.variable];
        value = fmt::format("(ite {} {}\n      {})", is_rule(i), print(update.value), value);
      }
    }
    Names conjuncts{enabled + ")"};
    for (std::size_t i = 0; i < values.size(); ++i) {
      conjuncts.push_back(fmt::format("(= {} {})", next_[i], values[i]));
    }
    define("step",
           parameters(variables_) + input_parameters(rule_inputs_) +
               fmt::format("\n  (rule {})", smt_sort(rule_sort())) + parameters(next_),
           print, conjuncts);
  }

  void define_target(Expr target) {
    Terms print = terms({target});
    const Names conjuncts{print(target)};
    define("target", parameters(variables_), print, conjuncts);
  }

  /// Symbols of one step: |x| becomes |x @3|, which no name of a variable is, as '@' comes last.
  [[nodiscard]] static Names at(const Names& names, std::uint64_t step) {
    Names result;
    for (const std::string& name : names) {
      result.push_back(fmt::format("{} @{}|", name.substr(0, name.size() - 1), step));
    }
    return result;
  }

  void declare(const Names& names, const std::vector<Sort>& sorts, std::uint64_t step) {
    const Names here = at(names, step);
    for (std::size_t i = 0; i < here.size(); ++i) {
      out_ << fmt::format("(declare-const {} {})\n", here[i], smt_sort(sorts[i]));
    }
  }

  Names declare_inputs(const std::vector<InputId>& ids, std::uint64_t step) {
    Names names;
    std::vector<Sort> sorts;
    for (const InputId id : ids) {
      names.push_back(inputs_[id]);
      sorts.push_back(system_.inputs[id].sort);
    }
    declare(names, sorts, step);
    return at(names, step);
  }

  void take_step(std::uint64_t step) {
    const Names rule{"|rule|"};
    declare(rule, {rule_sort()}, step);
    const Names chosen = declare_inputs(rule_inputs_, step);
    out_ << "(assert "
         << applied("step",
                    {at(variables_, step - 1), chosen, at(rule, step), at(variables_, step)})
         << ")\n";
  }

  static std::string applied(const std::string& function, const std::vector<Names>& arguments) {
    std::string text;
    for (const Names& names : arguments) {
      for (const std::string& name : names) {
        text += " " + name;
      }
    }
    return text.empty() ? function : "(" + function + text + ")";
  }

  std::ostream& out_;
  const TransitionSystem& system_;
  notation::Symbols symbols_;
  Names variables_;
  Names next_;
  Names inputs_;
  std::vector<InputId> rule_inputs_;  // of some rule, ascending
};

}  // namespace

void write_unrolling(std::ostream& out, const ExportInput& input, std::uint64_t bound) {
  Writer(out, input.system).write(input, bound);
}

}  // namespace airlock
