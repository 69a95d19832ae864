// Murphi (Dill, Drexler, Hu and Yang, 1992) as Rumur reads it, with the same reachable states;
// Rumur fires a rule for every (state, rule, values of inputs) that Airlock counts as a
// transition.
//
// Bit vectors are ranges from 0, inputs are rulesets, initial states are startstates, each written
// out. Rumur has C's bitwise operators on ranges, and computes in the smallest C type that holds
// every declared type; the type airlock_word is declared to make that wide enough for everything in
// between, such as products. What needs more than 62 bits on the way is refused: Rumur's widest
// type has no room for it. Nodes that several expressions share are local variables of a rule's
// body; guards cannot have any, and have everything written out.
#include <algorithm>
#include <cassert>
#include <fmt/format.h>
#include <ostream>
#include <set>

#include "checker/exchange/exchange.hpp"
#include "checker/exchange/names.hpp"
#include "checker/exchange/start.hpp"
#include "checker/notation/terms.hpp"
#include "model/system/known_bits.hpp"

namespace airlock {
namespace {

using notation::Terms;

constexpr unsigned max_word = 62;
constexpr std::uint64_t max_written = 100000;

std::string type_of(Sort sort) {
  return sort.is_bool() ? "boolean" : fmt::format("0 .. {}", sort.mask());
}

std::string value_of(Sort sort, std::uint64_t value) {
  return sort.is_bool() ? std::string(value != 0 ? "true" : "false") : std::to_string(value);
}

std::string bool_node(Op op, const std::vector<std::string>& a) {
  switch (op) {
    case Op::not_: return fmt::format("(!{})", a[0]);
    case Op::and_: return fmt::format("({} & {})", a[0], a[1]);
    case Op::or_: return fmt::format("({} | {})", a[0], a[1]);
    case Op::xor_: return fmt::format("({} != {})", a[0], a[1]);
    case Op::eq: return fmt::format("({} = {})", a[0], a[1]);
    case Op::ult: return fmt::format("({} < {})", a[0], a[1]);
    case Op::ule: return fmt::format("({} <= {})", a[0], a[1]);
    default: break;
  }
  assert(op == Op::ite);
  return fmt::format("({} ? {} : {})", a[0], a[1], a[2]);
}

/// Values stay within 0 and the mask, so nothing is ever negative.
std::string node(Expr e, const std::vector<std::string>& a) {
  if (e.op() == Op::slt || e.op() == Op::sle) {
    const std::uint64_t sign = std::uint64_t{1} << (e.arg(0).width() - 1);
    return fmt::format("(({0} ^ {2}) {3} ({1} ^ {2}))", a[0], a[1], sign,
                       e.op() == Op::slt ? "<" : "<=");
  }
  if (e.is_bool()) {
    return bool_node(e.op(), a);
  }
  const std::uint64_t mask = e.sort().mask();
  switch (e.op()) {
    case Op::not_: return fmt::format("({} - {})", mask, a[0]);
    case Op::and_: return fmt::format("({} & {})", a[0], a[1]);
    case Op::or_: return fmt::format("({} | {})", a[0], a[1]);
    case Op::xor_: return fmt::format("({} ^ {})", a[0], a[1]);
    case Op::add: return fmt::format("(({} + {}) & {})", a[0], a[1], mask);
    case Op::sub: return fmt::format("((({} + {}) - {}) & {})", a[0], mask + 1, a[1], mask);
    case Op::mul: return fmt::format("(({} * {}) & {})", a[0], a[1], mask);
    case Op::udiv: return fmt::format("({1} = 0 ? {2} : {0} / {1})", a[0], a[1], mask);
    case Op::urem: return fmt::format("({1} = 0 ? {0} : {0} % {1})", a[0], a[1]);
    case Op::shl:
      return fmt::format("({1} < {2} ? ({0} << {1}) & {3} : 0)", a[0], a[1], e.width(), mask);
    case Op::lshr: return fmt::format("({1} < {2} ? {0} >> {1} : 0)", a[0], a[1], e.width());
    case Op::ashr:  // of a negative value: the complement of its complement, shifted
      return fmt::format(
          "({0} > {3} ? {2} - ({1} < {4} ? ({2} - {0}) >> {1} : 0) : ({1} < {4} ? {0} >> {1} : 0))",
          a[0], a[1], mask, mask >> 1U, e.width());
    case Op::ite: return fmt::format("({} ? {} : {})", a[0], a[1], a[2]);
    case Op::extract: return fmt::format("(({} >> {}) & {})", a[0], e.lo(), mask);
    case Op::concat: return fmt::format("(({} << {}) | {})", a[0], e.arg(1).width(), a[1]);
    default: break;
  }
  assert(false);
  return {};
}

class Writer {
 public:
  Writer(std::ostream& out, const ExportInput& input)
      : out_(out), input_(input), system_(input.system) {
    for (const Variable& variable : system_.variables) {
      names_.push_back(identifiers_.fresh("v_", variable.name));
    }
    for (const Input& each : system_.inputs) {
      input_names_.push_back(identifiers_.fresh("c_", each.name));
    }
  }

  void write() {
    const std::vector<State> initial = exchange::initial_states(system_);
    check_widths();
    write_head();
    out_ << fmt::format("\ntype airlock_word: 0 .. {};\n\nvar\n", (std::uint64_t{1} << word_) - 1);
    for (VarId id = 0; id < names_.size(); ++id) {
      out_ << fmt::format("  {}: {};\n", names_[id], type_of(system_.variables[id].sort));
    }
    for (const State& state : initial) {
      write_start(state);
    }
    for (const Rule& rule : system_.rules) {
      write_rule(rule);
    }
    for (const ExportTarget& target : input_.targets) {
      out_ << fmt::format("\ninvariant \"{}\"\n  !{};\n", text(target.name),
                          written_out(target.states, target.name));
    }
  }

 private:
  static std::string text(std::string_view name) {
    std::string result = exchange::one_line(name);
    std::replace_if(
        result.begin(), result.end(), [](char c) { return c == '"' || c == '\\'; }, '\'');
    return result;
  }

  void check_widths() {
    std::vector<Expr> stack;
    for (const Rule& rule : system_.rules) {
      stack.push_back(rule.guard);
      for (const Update& update : rule.updates) {
        stack.push_back(update.value);
      }
    }
    for (const ExportTarget& target : input_.targets) {
      stack.push_back(target.states);
    }
    for (const Variable& variable : system_.variables) {
      word_ = std::max(word_, variable.sort.width());
    }
    std::set<std::uint32_t> seen;
    while (!stack.empty()) {
      const Expr e = stack.back();
      stack.pop_back();
      if (seen.insert(e.id()).second) {
        word_ = std::max(word_, bits_for(e));
        for (unsigned i = 0; i < e.arity(); ++i) {
          stack.push_back(e.arg(i));
        }
      }
    }
    if (word_ > max_word) {
      throw NotExportable(fmt::format("the system computes with {} bits; Murphi's numbers have {}",
                                      word_, max_word));
    }
  }

  /// Bits of the largest number on the way to the value of `e`, its arguments' apart.
  static unsigned bits_for(Expr e) {
    switch (e.op()) {
      case Op::mul:
      case Op::shl: return 2 * e.width();
      case Op::add:
      case Op::sub: return e.width() + 1;
      default: return e.width();
    }
  }

  void write_head() {
    for (const std::string& line : input_.about) {
      out_ << "-- " << exchange::one_line(line) << '\n';
    }
    out_ << "--\n-- Run:  rumur --deadlock-detection off --output model.c FILE\n"
            "--       cc -O3 -march=native -mcx16 -o model model.c -lpthread && ./model\n"
            "-- States and rules fired are airlock's states and transitions.\n--\n-- Variables:\n";
    for (VarId id = 0; id < names_.size(); ++id) {
      out_ << fmt::format("--   {}  {}\n", names_[id],
                          exchange::one_line(system_.variables[id].name));
    }
  }

  std::string leaf_or_node(Expr e, const std::vector<std::string>& arguments) const {
    switch (e.op()) {
      case Op::constant: return value_of(e.sort(), e.value());
      case Op::variable: return names_[e.index()];
      case Op::input: return input_names_[e.index()];
      default: return node(e, arguments);
    }
  }

  std::string written_out(Expr e, const std::string& where) const {
    if (notation::written_size(e, max_written) >= max_written) {
      throw NotExportable("an expression is too long for Murphi in " + exchange::one_line(where));
    }
    return unshared(e);
  }

  std::string unshared(Expr e) const {
    std::vector<std::string> arguments;
    for (unsigned i = 0; i < e.arity(); ++i) {
      arguments.push_back(unshared(e.arg(i)));
    }
    return leaf_or_node(e, arguments);
  }

  void write_start(const State& state) {
    out_ << fmt::format("\nstartstate \"initial {}\"\nbegin\n", ++starts_);
    for (VarId id = 0; id < names_.size(); ++id) {
      out_ << fmt::format("  {} := {};\n", names_[id],
                          value_of(system_.variables[id].sort, state[id]));
    }
    out_ << "end;\n";
  }

  void write_rule(const Rule& rule) {
    out_ << '\n';
    if (!rule.inputs.empty()) {
      std::vector<std::string> bindings;
      for (const InputId id : rule.inputs) {
        bindings.push_back(
            fmt::format("{}: {}", input_names_[id], type_of(system_.inputs[id].sort)));
      }
      out_ << fmt::format("ruleset {} do\n", fmt::join(bindings, "; "));
    }
    out_ << fmt::format("rule \"{} {}\"\n  {}\n==>\n", ++rules_, text(rule.name), guard_text(rule));
    write_body(rule);
    out_ << (rule.inputs.empty() ? "" : "endruleset;\n");
  }

  /// Conjuncts in the order in which a person would write them, and Rumur tries them: the program
  /// counter's, then those without inputs, short ones first.
  std::string guard_text(const Rule& rule) const {
    std::vector<std::pair<std::uint64_t, Expr>> ranked;
    for (const Expr e : conjuncts(rule.guard)) {
      const std::vector<Expr> one{e};
      const std::vector<VarId> variables = variables_of(one);
      const bool control = std::all_of(variables.begin(), variables.end(), [&](VarId id) {
        return std::find(system_.control.begin(), system_.control.end(), id) !=
               system_.control.end();
      });
      const std::uint64_t rank =
          !inputs_of(one).empty() ? 2 * max_written : (control ? 0 : max_written);
      ranked.emplace_back(rank + notation::written_size(e, max_written), e);
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::string result;
    for (const auto& [rank, e] : ranked) {
      result += (result.empty() ? "" : " & ") + written_out(e, rule.name);
    }
    return result;
  }

  void write_body(const Rule& rule) {
    std::vector<Expr> roots;
    for (const Update& update : rule.updates) {
      roots.push_back(update.value);
    }
    Terms terms([this](Expr e, const std::vector<std::string>& a) { return leaf_or_node(e, a); },
                roots);
    std::vector<std::string> values;
    for (const Expr root : roots) {
      values.push_back(terms(root));
    }
    std::string variables;
    std::string statements;
    for (const Terms::Definition& definition : terms.definitions()) {
      variables += fmt::format("  {}: {};\n", definition.name, type_of(definition.sort));
      statements += fmt::format("  {} := {};\n", definition.name, definition.text);
    }
    for (std::size_t i = 0; i < values.size(); ++i) {  // all are computed before any is stored
      variables += fmt::format("  u{}: {};\n", i, type_of(roots[i].sort()));
      statements += fmt::format("  u{} := {};\n", i, values[i]);
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      statements += fmt::format("  {} := u{};\n", names_[rule.updates[i].variable], i);
    }
    out_ << (variables.empty() ? "" : "var\n" + variables) << "begin\n" << statements << "end;\n";
  }

  std::ostream& out_;
  const ExportInput& input_;
  const TransitionSystem& system_;
  exchange::Identifiers identifiers_;
  std::vector<std::string> names_;
  std::vector<std::string> input_names_;
  unsigned word_ = 8;  // bits of the widest intermediate value
  unsigned starts_ = 0;
  unsigned rules_ = 0;
};

}  // namespace

void write_murphi(std::ostream& out, const ExportInput& input) {
  Writer(out, input).write();
}

}  // namespace airlock
