// Promela for SPIN (Holzmann, "The SPIN Model Checker", 2003), with the same reachable states and
// one transition of SPIN's for every (state, rule, values of inputs) that Airlock counts.
//
// The model is one process. Its control state is the program counter: each combination of control
// values is a label, and a state tries only what can fire there. Guards and updates are embedded C,
// because Promela's own numbers are signed and end at 32 bits. A rule is one atomic option; SPIN
// stores and counts no state inside one. The values of a rule's inputs are picked inside, by a
// loop that goes from one combination of values with a true guard to the next and may stop at each.
// (Writing every combination out as an option of its own is what a d_step would need; specs/kvm has
// some ten thousand, and SPIN and the C compiler take minutes over them.) SPIN takes no function
// call in a c_expr for free of side effects, so each one hides behind a macro.
//
// SPIN's own initial state comes before the model's, and SPIN counts it among transitions too:
// where Airlock counts n states and t transitions from i initial states, SPIN reports n + 1 states
// stored and t + i + 1 transitions.
#include <algorithm>
#include <cassert>
#include <fmt/format.h>
#include <map>
#include <ostream>

#include "checker/control/control_graph.hpp"
#include "checker/exchange/exchange.hpp"
#include "checker/exchange/names.hpp"
#include "checker/exchange/start.hpp"
#include "checker/notation/terms.hpp"

namespace airlock {
namespace {

using control::ControlGraph;
using control::Edge;
using control::LocationId;
using notation::Terms;

constexpr unsigned max_input_bits = 20;  // of a rule, as for Airlock's own search

std::string hex(std::uint64_t value) {
  return fmt::format("0x{:x}ULL", value);
}

/// C over values of type airlock_word that stay within their widths.
std::string c_node(Expr e, const std::vector<std::string>& a) {
  const std::string mask = hex(e.sort().mask());
  const auto masked = [&](const std::string& text) {
    return e.width() == 64 ? "(" + text + ")" : "((" + text + ") & " + mask + ")";
  };
  switch (e.op()) {
    case Op::constant: return hex(e.value());
    case Op::not_: return fmt::format("({} ^ {})", a[0], mask);
    case Op::and_: return fmt::format("({} & {})", a[0], a[1]);
    case Op::or_: return fmt::format("({} | {})", a[0], a[1]);
    case Op::xor_: return fmt::format("({} ^ {})", a[0], a[1]);
    case Op::add: return masked(a[0] + " + " + a[1]);
    case Op::sub: return masked(a[0] + " - " + a[1]);
    case Op::mul: return masked(a[0] + " * " + a[1]);
    case Op::udiv: return fmt::format("({1} ? {0} / {1} : {2})", a[0], a[1], mask);
    case Op::urem: return fmt::format("({1} ? {0} % {1} : {0})", a[0], a[1]);
    case Op::shl:
      return fmt::format("({1} < {2} ? ({0} << {1}) & {3} : 0)", a[0], a[1], e.width(), mask);
    case Op::lshr: return fmt::format("({1} < {2} ? {0} >> {1} : 0)", a[0], a[1], e.width());
    case Op::ashr:  // of a negative value: the complement of its complement, shifted
      return fmt::format(
          "({0} >> {3} ? {2} ^ ({1} < {4} ? ({0} ^ {2}) >> {1} : 0) : ({1} < {4} ? {0} >> {1} : "
          "0))",
          a[0], a[1], mask, e.width() - 1, e.width());
    case Op::eq: return fmt::format("({} == {})", a[0], a[1]);
    case Op::ult: return fmt::format("({} < {})", a[0], a[1]);
    case Op::ule: return fmt::format("({} <= {})", a[0], a[1]);
    case Op::slt:
    case Op::sle: {
      const std::string sign = hex(std::uint64_t{1} << (e.arg(0).width() - 1));
      return fmt::format("(({0} ^ {2}) {3} ({1} ^ {2}))", a[0], a[1], sign,
                         e.op() == Op::slt ? "<" : "<=");
    }
    case Op::ite: return fmt::format("({} ? {} : {})", a[0], a[1], a[2]);
    case Op::extract: return fmt::format("(({} >> {}) & {})", a[0], e.lo(), mask);
    case Op::concat: return fmt::format("(({} << {}) | {})", a[0], e.arg(1).width(), a[1]);
    case Op::variable:
    case Op::input: break;
  }
  assert(false);
  return {};
}

class Writer {
 public:
  Writer(std::ostream& out, const ExportInput& input, const ControlGraph& graph)
      : out_(out),
        input_(input),
        system_(input.system),
        graph_(graph),
        is_control_(system_.variables.size()) {
    for (const VarId id : graph.control) {
      is_control_[id] = true;
    }
    for (const Variable& variable : system_.variables) {
      names_.push_back(identifiers_.fresh("v_", variable.name));
    }
  }

  void write() {
    write_head();
    write_targets();
    std::size_t edge = 0;  // edges are in order of their sources
    for (LocationId at = 0; at < graph_.locations.size(); ++at) {
      process_ += fmt::format("{}:  /* {} */\n  if\n", label(at), described(at));
      bool any = false;
      for (; edge < graph_.edges.size() && graph_.edges[edge].source == at; ++edge) {
        any = true;
        write_edge(graph_.edges[edge], edge);
      }
      process_ += any ? "  fi;\n" : "  :: false\n  fi;\n";
    }
    write_blocks("c_decl", macros_);
    for (VarId id = 0; id < names_.size(); ++id) {
      declare(id);
    }
    if (input_bits_ > 0) {
      out_ << fmt::format("unsigned airlock_choice : {};  /* 0 in every stored state */\n",
                          input_bits_);
    }
    write_blocks("c_code", functions_);
    out_ << "\nactive proctype airlock()\n{\n  if\n";
    write_initial();
    out_ << "  fi;\n" << process_ << "}\n";
  }

 private:
  /// SPIN ends a block of C at 64 KiB.
  void write_blocks(const char* keyword, const std::vector<std::string>& pieces) {
    constexpr std::size_t longest = 60000;
    std::string block;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      block += pieces[i];
      if (i + 1 == pieces.size() || block.size() + pieces[i + 1].size() > longest) {
        out_ << keyword << " {\n" << block << "}\n";
        block.clear();
      }
    }
  }

  static std::string label(LocationId at) { return fmt::format("L{}", at); }

  /// Text that neither ends a comment nor seems to begin one: */ and /* come apart. A backslash at
  /// the end of the line would join it to the next where SPIN runs the C preprocessor.
  static std::string comment(std::string_view text) {
    std::string result;
    for (const char c : exchange::one_line(text)) {
      const char last = result.empty() ? ' ' : result.back();
      const bool touches = (last == '*' && c == '/') || (last == '/' && c == '*');
      result += touches ? " " : "";
      result += c == '\\' ? '|' : c;
    }
    return result;
  }

  std::string described(LocationId at) const {
    std::string text;
    for (std::size_t i = 0; i < graph_.control.size(); ++i) {
      const Variable& variable = system_.variables[graph_.control[i]];
      text += fmt::format("{}{}={}", text.empty() ? "" : ", ", variable.name,
                          format_value(variable, graph_.locations[at].values[i]));
    }
    return comment(text);
  }

  void write_head() {
    out_ << "/*\n";
    for (const std::string& line : input_.about) {
      out_ << " * " << comment(line) << '\n';
    }
    out_ << " *\n * Run:  spin -a FILE && cc -O2 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -E -c0 "
            "-m1000000\n"
            " * Where airlock counts n states and t transitions from i initial states, SPIN stores "
            "n + 1\n"
            " * states and t + i + 1 transitions: its own initial state comes first, and it counts "
            "that.\n"
            " * Without -E, a state without a successor is reported as an invalid end state.\n *\n"
            " * Variables:\n";
    for (VarId id = 0; id < names_.size(); ++id) {
      const std::string name = comment(system_.variables[id].name);
      out_ << fmt::format(" *   {}  {}\n", is_control_[id] ? "(the label)" : names_[id], name);
    }
    out_ << " */\n";
    macros_ = {"typedef unsigned long long airlock_word;\n"};
  }

  void declare(VarId id) {
    const unsigned width = system_.variables[id].sort.width();
    if (is_control_[id]) {
      return;
    }
    if (width == 1) {
      out_ << fmt::format("bit {};\n", names_[id]);
    } else if (width < 32) {
      out_ << fmt::format("unsigned {} : {};\n", names_[id], width);
    } else {
      out_ << fmt::format("c_state \"airlock_word {}\" \"Global\"\n", names_[id]);
    }
  }

  /// Inputs lie side by side in a word c, the first one lowest.
  std::string leaf(Expr e, const std::vector<InputId>& inputs) const {
    if (e.op() == Op::variable) {
      return fmt::format("((airlock_word)now.{})", names_[e.index()]);
    }
    unsigned begin = 0;
    for (const InputId id : inputs) {
      if (id == e.index()) {
        break;
      }
      begin += system_.inputs[id].sort.width();
    }
    return fmt::format("((c >> {}) & {})", begin, hex(e.sort().mask()));
  }

  /// A C function that returns `result`, or stores `updates`.
  void write_function(const std::string& name, const std::vector<InputId>& inputs, Expr result,
                      const std::vector<Update>& updates) {
    std::vector<Expr> roots;
    if (result.valid()) {
      roots.push_back(result);
    }
    for (const Update& update : updates) {
      roots.push_back(update.value);
    }
    Terms terms(
        [&](Expr e, const std::vector<std::string>& arguments) {
          return e.arity() == 0 && !e.is_constant() ? leaf(e, inputs) : c_node(e, arguments);
        },
        roots);
    std::vector<std::string> texts;
    for (const Expr root : roots) {
      texts.push_back(terms(root));
    }
    std::string code = fmt::format("static {} {}({}) {{\n", result.valid() ? "int" : "void", name,
                                   inputs.empty() ? "void" : "airlock_word c");
    for (const Terms::Definition& definition : terms.definitions()) {
      code += fmt::format("  airlock_word {} = {};\n", definition.name, definition.text);
    }
    if (result.valid()) {
      code += fmt::format("  return {} != 0;\n", texts.front());
    }
    for (std::size_t i = 0; i < updates.size(); ++i) {
      code += fmt::format("  airlock_word u{} = {};\n", i, texts[i]);
    }
    for (std::size_t i = 0; i < updates.size(); ++i) {
      code += fmt::format("  now.{} = u{};\n", names_[updates[i].variable], i);
    }
    functions_.push_back(code + "}\n");
  }

  /// What is bad where, as functions; the steps into a location assert that it is not.
  void write_targets() {
    bad_.resize(graph_.locations.size());
    for (LocationId at = 0; at < graph_.locations.size(); ++at) {
      Rewriter here(*graph_.pool, [&](Expr e) { return with_control(e, at); });
      for (std::size_t t = 0; t < input_.targets.size(); ++t) {
        const Expr bad = here(input_.targets[t].states);
        if (!bad.is_false()) {
          const std::string name = fmt::format("airlock_target{}_at{}", t, at);
          write_function(name, {}, bad, {});
          macros_.push_back(
              fmt::format("\\#define AIRLOCK_T{0}_{1} airlock_target{0}_at{1}()\n", t, at));
          bad_[at] += fmt::format(" assert(!c_expr {{ AIRLOCK_T{}_{} }});", t, at);
        }
      }
    }
  }

  Expr with_control(Expr e, LocationId at) const {
    if (e.op() == Op::input) {
      return graph_.pool->input(e.sort(), e.index());
    }
    const auto found = std::find(graph_.control.begin(), graph_.control.end(), e.index());
    if (found == graph_.control.end()) {
      return graph_.pool->variable(e.sort(), e.index());
    }
    const auto i = static_cast<std::size_t>(found - graph_.control.begin());
    return graph_.pool->constant(e.sort(), graph_.locations[at].values[i]);
  }

  void write_edge(const Edge& edge, std::size_t number) {
    const Rule& rule = system_.rules[edge.rule];
    write_function(fmt::format("airlock_guard{}", number), rule.inputs, edge.guard, {});
    write_function(fmt::format("airlock_step{}", number), rule.inputs, {}, edge.updates);
    process_ += fmt::format("  /* {} */\n", comment(rule.name));
    process_ += rule.inputs.empty() ? option(number) : option_with_inputs(number, rule);
    process_ += fmt::format("{} }} goto {}\n", bad_[edge.target], label(edge.target));
  }

  std::string option(std::size_t number) {
    macros_.push_back(fmt::format("\\#define AIRLOCK_G{0} airlock_guard{0}()\n", number));
    return fmt::format(
        "  :: atomic {{ c_expr {{ AIRLOCK_G{0} }} -> c_code {{ airlock_step{0}(); }};", number);
  }

  std::string option_with_inputs(std::size_t number, const Rule& rule) {
    unsigned bits = 0;
    for (const InputId id : rule.inputs) {
      bits += system_.inputs[id].sort.width();
    }
    if (bits > max_input_bits) {
      throw NotExportable(
          fmt::format("rule {} has {} bits of choices, and SPIN tries them one by one",
                      exchange::one_line(rule.name), bits));
    }
    input_bits_ = std::max(input_bits_, bits);
    functions_.push_back(fmt::format(
        "static airlock_word airlock_next{0}(airlock_word c) {{\n"
        "  while (c < {1} && !airlock_guard{0}(c)) {{\n    ++c;\n  }}\n  return c;\n}}\n",
        number, hex(std::uint64_t{1} << bits)));
    macros_.push_back(
        fmt::format("\\#define AIRLOCK_F{0} (airlock_next{0}(0) < {1})\n"
                    "\\#define AIRLOCK_N{0} (airlock_next{0}(now.airlock_choice + 1) < {1})\n",
                    number, hex(std::uint64_t{1} << bits)));
    return fmt::format(
        "  :: atomic {{ c_expr {{ AIRLOCK_F{0} }} -> c_code {{ now.airlock_choice = "
        "airlock_next{0}(0); }};\n"
        "       do\n"
        "       :: c_expr {{ AIRLOCK_N{0} }} -> c_code {{ now.airlock_choice = "
        "airlock_next{0}(now.airlock_choice + 1); }}\n"
        "       :: break\n"
        "       od;\n"
        "       c_code {{ airlock_step{0}(now.airlock_choice); now.airlock_choice = 0; }};",
        number);
  }

  void write_initial() {
    std::map<std::vector<std::uint64_t>, LocationId> locations;
    for (LocationId at = 0; at < graph_.locations.size(); ++at) {
      locations[graph_.locations[at].values] = at;
    }
    for (const State& state : exchange::initial_states(system_)) {
      std::vector<std::uint64_t> control;
      for (const VarId id : graph_.control) {
        control.push_back(state[id]);
      }
      const LocationId at = locations.at(control);
      std::string code;
      for (VarId id = 0; id < names_.size(); ++id) {
        if (!is_control_[id]) {
          code += fmt::format(" now.{} = {};", names_[id], hex(state[id]));
        }
      }
      out_ << fmt::format("  :: atomic {{ true -> c_code {{{} }};{} }} goto {}\n", code, bad_[at],
                          label(at));
    }
  }

  std::ostream& out_;
  const ExportInput& input_;
  const TransitionSystem& system_;
  const ControlGraph& graph_;
  std::vector<bool> is_control_;
  exchange::Identifiers identifiers_;
  std::vector<std::string> names_;  // by variable
  std::vector<std::string> bad_;    // by location: assertions
  unsigned input_bits_ = 0;         // of the rule that has most
  std::vector<std::string> macros_;
  std::vector<std::string> functions_;
  std::string process_;
};

}  // namespace

void write_promela(std::ostream& out, const ExportInput& input) {
  const ControlGraph graph =
      control::control_graph(input.system, input.system.pool->boolean(false));
  Writer(out, input, graph).write();
}

}  // namespace airlock
