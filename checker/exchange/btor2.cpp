// BTOR2 (Niemetz, Preiner, Wolf and Biere, "Btor2, BtorMC and Boolector 3.0", CAV 2018): the
// circuit of circuit.cpp, at the level of words. The same scheduler picks the rule and the inputs;
// a Bool is a vector of one bit. Every state is initialised by a constant. Where a first value
// depends on initial inputs, the state is read through an ite: before "started" is set, it is the
// value that the inputs choose.
#include <cassert>
#include <fmt/format.h>
#include <map>
#include <ostream>
#include <set>

#include "checker/exchange/exchange.hpp"
#include "checker/exchange/names.hpp"
#include "checker/exchange/scheduler.hpp"

namespace airlock {
namespace {

using exchange::Scheduler;
using Line = std::uint64_t;  // a line's number: what it defines

const char* operator_name(Op op) {
  switch (op) {
    case Op::not_: return "not";
    case Op::and_: return "and";
    case Op::or_: return "or";
    case Op::xor_: return "xor";
    case Op::add: return "add";
    case Op::sub: return "sub";
    case Op::mul: return "mul";
    case Op::udiv: return "udiv";
    case Op::urem: return "urem";
    case Op::shl: return "sll";
    case Op::lshr: return "srl";
    case Op::ashr: return "sra";
    case Op::eq: return "eq";
    case Op::ult: return "ult";
    case Op::ule: return "ulte";
    case Op::slt: return "slt";
    case Op::sle: return "slte";
    case Op::ite: return "ite";
    case Op::extract: return "slice";
    case Op::concat: return "concat";
    default: break;
  }
  assert(false);
  return "";
}

class Writer {
 public:
  Writer(std::ostream& out, const ExportInput& input)
      : out_(out),
        input_(input),
        system_(input.system),
        scheduler_(exchange::schedule(input.system)) {}

  void write() {
    for (const std::string& line : input_.about) {
      out_ << "; " << exchange::one_line(line) << '\n';
    }
    write_inputs();
    write_states();
    write_rules();
    for (const ExportTarget& target : input_.targets) {
      const Line bad = binary("and", 1, running_, word(target.states));
      out_ << fmt::format("{} bad {} {}\n", ++last_, bad, symbol(target.name));
    }
  }

 private:
  /// BTOR2 ends a symbol at a blank.
  static std::string symbol(std::string_view name) {
    std::string result = exchange::one_line(name);
    for (char& c : result) {
      c = c == ' ' || c == ';' ? '_' : c;
    }
    return result;
  }

  Line sort(unsigned width) {
    Line& line = sorts_[width];
    if (line == 0) {
      line = ++last_;
      out_ << fmt::format("{} sort bitvec {}\n", line, width);
    }
    return line;
  }

  /// A line with the sort of its result.
  Line add(unsigned width, const std::string& keyword, const std::string& rest) {
    const Line of = sort(width);
    out_ << fmt::format("{} {} {}{}{}\n", ++last_, keyword, of, rest.empty() ? "" : " ", rest);
    return last_;
  }

  Line constant(unsigned width, std::uint64_t value) {
    Line& line = constants_[{width, value}];
    if (line == 0) {
      line = add(width, "constd", std::to_string(value));
    }
    return line;
  }

  Line binary(const char* keyword, unsigned width, Line a, Line b) {
    return add(width, keyword, fmt::format("{} {}", a, b));
  }

  Line ite(unsigned width, Line condition, Line then, Line otherwise) {
    return add(width, "ite", fmt::format("{} {} {}", condition, then, otherwise));
  }

  void write_inputs() {
    if (scheduler_.code_bits > 0) {
      code_ = add(scheduler_.code_bits, "input", "rule");
    }
    for (const Rule& rule : system_.rules) {
      used_.insert(rule.inputs.begin(), rule.inputs.end());
    }
    for (const InputId id : used_) {
      inputs_[id] = add_input_input(id, "choice_");
    }
    for (const InputId id : system_.initial_inputs) {
      initial_inputs_[id] = add_input_input(id, "initial_");
    }
  }

  Line add_input_input(InputId id, const std::string& prefix) {
    const Input& input = system_.inputs[id];
    return add(input.sort.width(), "input", symbol(prefix + input.name));
  }

  void write_states() {
    for (const Variable& variable : system_.variables) {
      states_.push_back(add(variable.sort.width(), "state", symbol(variable.name)));
    }
    const bool constrained =
        system_.initial_constraint.valid() && !system_.initial_constraint.is_true();
    bool any_input = constrained;
    for (const Variable& variable : system_.variables) {
      any_input = any_input || !variable.initial.is_constant();
    }
    running_ = constant(1, 1);
    const Line started = any_input ? add(1, "state", "started") : 0;
    for (VarId id = 0; id < states_.size(); ++id) {
      const Variable& variable = system_.variables[id];
      const unsigned width = variable.sort.width();
      const bool fixed = variable.initial.is_constant();
      initialise(states_[id], width, fixed ? variable.initial.value() : 0);
      current_.push_back(fixed ? states_[id]
                               : ite(width, started, states_[id], first_word(variable.initial)));
    }
    if (any_input) {
      initialise(started, 1, 0);
      if (constrained) {
        running_ = binary("or", 1, started, word(system_.initial_constraint));
      }
      out_ << fmt::format("{} next {} {} {}\n", ++last_, sort(1), started, running_);
    }
  }

  void initialise(Line state, unsigned width, std::uint64_t value) {
    const Line zero = constant(width, value);
    out_ << fmt::format("{} init {} {} {}\n", ++last_, sort(width), state, zero);
  }

  Line fires(std::size_t rule) {
    Line result = binary("and", 1, running_, word(system_.rules[rule].guard));
    if (scheduler_.code_bits > 0) {
      const Line code = constant(scheduler_.code_bits, scheduler_.code[rule]);
      result = binary("and", 1, result, binary("eq", 1, code_, code));
    }
    return result;
  }

  void write_rules() {
    std::vector<Line> next = current_;
    for (std::size_t r = 0; r < system_.rules.size(); ++r) {
      const Line fired = fires(r);
      for (const Update& update : system_.rules[r].updates) {
        const Line value = word(update.value);
        next[update.variable] = ite(update.value.width(), fired, value, next[update.variable]);
      }
    }
    for (VarId id = 0; id < states_.size(); ++id) {
      const Line of = sort(system_.variables[id].sort.width());
      out_ << fmt::format("{} next {} {} {}\n", ++last_, of, states_[id], next[id]);
    }
  }

  Line word(Expr e) { return word(e, words_, inputs_); }
  /// Over initial inputs.
  Line first_word(Expr e) { return word(e, first_words_, initial_inputs_); }

  Line word(Expr e, std::map<std::uint32_t, Line>& memo, const std::map<InputId, Line>& inputs) {
    if (const auto found = memo.find(e.id()); found != memo.end()) {
      return found->second;
    }
    return memo[e.id()] = new_word(e, memo, inputs);
  }

  Line new_word(Expr e, std::map<std::uint32_t, Line>& memo,
                const std::map<InputId, Line>& inputs) {
    switch (e.op()) {
      case Op::constant: return constant(e.width(), e.value());
      case Op::variable: return current_[e.index()];
      case Op::input: return inputs.at(e.index());
      default: break;
    }
    std::string arguments;
    for (unsigned i = 0; i < e.arity(); ++i) {
      arguments += (i == 0 ? "" : " ") + std::to_string(word(e.arg(i), memo, inputs));
    }
    if (e.op() == Op::extract) {
      arguments += fmt::format(" {} {}", e.hi(), e.lo());
    }
    return add(e.width(), operator_name(e.op()), arguments);
  }

  std::ostream& out_;
  const ExportInput& input_;
  const TransitionSystem& system_;
  Scheduler scheduler_;
  Line last_ = 0;
  std::map<unsigned, Line> sorts_;                                // by width
  std::map<std::pair<unsigned, std::uint64_t>, Line> constants_;  // by width and value
  std::set<InputId> used_;                                        // by rules
  Line code_ = 0;
  std::map<InputId, Line> inputs_;
  std::map<InputId, Line> initial_inputs_;
  std::vector<Line> states_;   // by variable: what is stored
  std::vector<Line> current_;  // by variable: what it is in this cycle
  Line running_ = 0;           // there is a state in this cycle
  std::map<std::uint32_t, Line> words_;
  std::map<std::uint32_t, Line> first_words_;
};

}  // namespace

void write_btor2(std::ostream& out, const ExportInput& input) {
  Writer(out, input).write();
}

}  // namespace airlock
