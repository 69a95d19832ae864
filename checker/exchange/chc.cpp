// Constrained Horn clauses (Bjørner, Gurfinkel, McMillan and Rybalchenko, "Horn Clause Solvers for
// Program Verification", 2015), in the dialect of SMT-LIB that Z3's Spacer, Eldarica and others
// read.
//
// One uninterpreted predicate per program location (a combination of control values) says "these
// values of the other variables are reachable here". Initial states, rules and targets are clauses;
// the inputs of a rule are among the variables that its clause quantifies. A solution of the
// clauses is an inductive invariant, so sat means that no target is reachable and unsat that one
// is.
//
// A single predicate over all variables would be shorter. But Spacer then has to find the program
// counter's role by itself: on specs/kvm, fix v2, always_guest_runs_with_no_foreign_debugctl_bits,
// Z3 4.8.12 takes 1.3 s of CPU time with a predicate per location, and with a single one it has
// found no answer after 38 s. A benchmark must not be won by giving others the worse encoding.
#include <fmt/format.h>
#include <optional>
#include <ostream>

#include "checker/control/control_graph.hpp"
#include "checker/exchange/exchange.hpp"
#include "checker/exchange/names.hpp"
#include "checker/notation/smtlib.hpp"

namespace airlock {
namespace {

using control::ControlGraph;
using control::Edge;
using control::LocationId;
using notation::Terms;

class Writer {
 public:
  Writer(std::ostream& out, const ExportInput& input, const ControlGraph& graph)
      : out_(out), system_(input.system), graph_(graph), is_control_(system_.variables.size()) {
    for (const VarId id : graph.control) {
      is_control_[id] = true;
    }
    for (const Variable& variable : system_.variables) {
      names_.push_back(symbols_.fresh(variable.name));
    }
    for (const Input& each : system_.inputs) {
      input_names_.push_back(symbols_.fresh("choice " + each.name));
    }
  }

  void write(const ExportInput& input) {
    for (const std::string& line : input.about) {
      out_ << "; " << exchange::one_line(line) << '\n';
    }
    declare();
    for (LocationId at = 0; at < graph_.locations.size(); ++at) {
      if (graph_.locations[at].initial) {
        write_initial(at);
      }
    }
    for (const Edge& edge : graph_.edges) {
      write_edge(edge);
    }
    for (LocationId at = 0; at < graph_.locations.size(); ++at) {
      if (!graph_.locations[at].bad.is_false()) {
        clause({graph_.locations[at].bad}, at, [](Terms&) { return std::string("false"); });
      }
    }
    out_ << "(check-sat)\n";
  }

 private:
  [[nodiscard]] static std::string predicate(LocationId at) { return fmt::format("at{}", at); }

  void declare() {
    out_ << "(set-logic HORN)\n";
    for (LocationId at = 0; at < graph_.locations.size(); ++at) {
      std::string sorts;
      for (VarId id = 0; id < names_.size(); ++id) {
        if (!is_control_[id]) {
          sorts += (sorts.empty() ? "" : " ") + notation::smt_sort(system_.variables[id].sort);
        }
      }
      out_ << fmt::format("(declare-fun {} ({}) Bool)\n", predicate(at), sorts);
    }
  }

  [[nodiscard]] std::string applied(LocationId at, const std::vector<std::string>& terms) const {
    return terms.empty() ? predicate(at)
                         : fmt::format("({} {})", predicate(at), fmt::join(terms, " "));
  }

  /// forall variables and inputs: at `from` and `conditions` implies what `head` says.
  template <typename Head>
  void clause(const std::vector<Expr>& conditions, std::optional<LocationId> from, const Head& head,
              std::vector<Expr> roots = {}) {
    roots.insert(roots.end(), conditions.begin(), conditions.end());
    Terms terms(notation::smt_node([this](Expr leaf) { return symbol(leaf); }), roots);
    std::vector<std::string> premises;
    std::vector<std::string> bindings;
    if (from) {
      std::vector<std::string> arguments;
      for (VarId id = 0; id < names_.size(); ++id) {
        if (!is_control_[id]) {
          arguments.push_back(names_[id]);
          bindings.push_back(binding(names_[id], system_.variables[id].sort));
        }
      }
      premises.push_back(applied(*from, arguments));
    }
    for (const InputId id : inputs_of(roots)) {
      bindings.push_back(binding(input_names_[id], system_.inputs[id].sort));
    }
    for (const Expr condition : conditions) {
      premises.push_back(terms(condition));
    }
    const std::string conclusion = head(terms);
    const std::string text = notation::smt_lets(
        terms, fmt::format("(=> (and {})\n        {})", fmt::join(premises, " "), conclusion));
    out_ << (bindings.empty()
                 ? fmt::format("(assert {})\n", text)
                 : fmt::format("(assert (forall ({})\n    {}))\n", fmt::join(bindings, " "), text));
  }

  static std::string binding(const std::string& name, Sort sort) {
    return fmt::format("({} {})", name, notation::smt_sort(sort));
  }

  std::string symbol(Expr leaf) const {
    return leaf.op() == Op::variable ? names_[leaf.index()] : input_names_[leaf.index()];
  }

  void write_initial(LocationId at) {
    Rewriter first(*graph_.pool, [this](Expr leaf) { return graph_.initial_values[leaf.index()]; });
    std::vector<Expr> values;
    for (VarId id = 0; id < names_.size(); ++id) {
      if (!is_control_[id]) {
        values.push_back(graph_.initial_values[id]);
      }
    }
    clause(
        {first(graph_.initial_constraint), graph_.locations[at].initial_condition}, std::nullopt,
        [&](Terms& terms) { return conclusion(at, values, terms); }, values);
  }

  void write_edge(const Edge& edge) {
    std::vector<Expr> values;
    for (VarId id = 0; id < names_.size(); ++id) {
      if (!is_control_[id]) {
        values.push_back(graph_.pool->variable(system_.variables[id].sort, id));
        for (const Update& update : edge.updates) {
          if (update.variable == id) {
            values.back() = update.value;
          }
        }
      }
    }
    clause(
        {edge.guard}, edge.source,
        [&](Terms& terms) { return conclusion(edge.target, values, terms); }, values);
  }

  std::string conclusion(LocationId at, const std::vector<Expr>& values, Terms& terms) const {
    std::vector<std::string> arguments;
    for (const Expr value : values) {
      arguments.push_back(terms(value));
    }
    return applied(at, arguments);
  }

  std::ostream& out_;
  const TransitionSystem& system_;
  const ControlGraph& graph_;
  std::vector<bool> is_control_;
  notation::Symbols symbols_;
  std::vector<std::string> names_;
  std::vector<std::string> input_names_;
};

}  // namespace

void write_chc(std::ostream& out, const ExportInput& input) {
  Expr any = input.targets.front().states;
  for (const ExportTarget& target : input.targets) {
    any = any | target.states;
  }
  const ControlGraph graph = control::control_graph(input.system, any);
  Writer(out, input, graph).write(input);
}

}  // namespace airlock
