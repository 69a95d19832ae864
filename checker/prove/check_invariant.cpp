// The check of an inductive invariant: initial states satisfy it, rules keep it, the target
// contradicts it.
//
// That is three queries, of which the second is as large as the whole system. It is asked in
// pieces: for each combination of values of the control variables, those values are put into the
// invariant and the rules, and the solver is asked whether some rule leaves the invariant from
// there. All combinations are asked about, not only those that a program can be in: this check
// knows nothing of the control flow graph that the engines use, so it does not share their
// mistakes. Most combinations are no work, since the invariant itself is false there. Where there
// are too many combinations, later control variables are left as variables.
#include <algorithm>
#include <stdexcept>

#include "checker/prove/invariant.hpp"
#include "checker/prove/prove.hpp"
#include "checker/prove/smt.hpp"

namespace airlock {
namespace prove {
namespace {

constexpr unsigned max_control_bits = 12;

class InvariantCheck {
 public:
  InvariantCheck(const TransitionSystem& system, Expr target, Expr invariant,
                 const EngineContext& context)
      : system_(system),
        target_(target),
        invariant_(invariant),
        context_(context),
        watchdog_(z3_, context),
        gates_(z3_),
        translate_(gates_, [this](Expr leaf) {
          const char* kind = leaf.op() == Op::variable ? "v" : "c";
          return gates_.fresh(leaf.sort(), kind + std::to_string(leaf.index()));
        }) {
    unsigned bits = 0;
    for (const VarId id : system.control) {
      const unsigned width = system.variables[id].sort.width();
      if (bits + width <= max_control_bits) {
        bits += width;
        split_.push_back(id);
      }
    }
  }

  std::optional<std::string> run() {
    if (possible(initial() & !substitute_initial())) {
      return "an initial state does not satisfy the invariant";
    }
    std::vector<std::uint64_t> values(split_.size(), 0);
    do {
      if (const auto flaw = check_at(values)) {
        return flaw;
      }
    } while (next(values));
    return std::nullopt;
  }

 private:
  Expr copy_leaf(Expr leaf) {
    return leaf.op() == Op::variable ? pool_.variable(leaf.sort(), leaf.index())
                                     : pool_.input(leaf.sort(), leaf.index());
  }

  /// The state's variables replaced by `state` (one expression each, in pool_).
  Expr substitute(Expr e, const std::vector<Expr>& state) {
    Rewriter rewrite(pool_, [&](Expr leaf) {
      return leaf.op() == Op::variable ? state[leaf.index()] : copy_leaf(leaf);
    });
    return rewrite(e);
  }

  std::vector<Expr> initial_values() {
    Rewriter copy(pool_, [&](Expr leaf) { return copy_leaf(leaf); });
    std::vector<Expr> values;
    for (const Variable& variable : system_.variables) {
      values.push_back(copy(variable.initial));
    }
    return values;
  }

  Expr initial() {
    return system_.initial_constraint.valid()
               ? substitute(system_.initial_constraint, initial_values())
               : pool_.boolean(true);
  }

  Expr substitute_initial() { return substitute(invariant_, initial_values()); }

  bool next(std::vector<std::uint64_t>& values) const {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] < system_.variables[split_[i]].sort.mask()) {
        ++values[i];
        return true;
      }
      values[i] = 0;
    }
    return false;
  }

  std::optional<std::string> check_at(const std::vector<std::uint64_t>& values) {
    stop_if_asked(context_);
    std::vector<Expr> state;
    for (VarId id = 0; id < system_.variables.size(); ++id) {
      state.push_back(pool_.variable(system_.variables[id].sort, id));
    }
    for (std::size_t i = 0; i < split_.size(); ++i) {
      state[split_[i]] = pool_.constant(state[split_[i]].sort(), values[i]);
    }
    const Expr here = substitute(invariant_, state);
    if (here.is_false()) {
      return std::nullopt;
    }
    if (possible(here & substitute(target_, state))) {
      return "the invariant does not exclude the target";
    }
    return check_rules(here, state);
  }

  std::optional<std::string> check_rules(Expr here, const std::vector<Expr>& state) {
    Rewriter now(pool_, [&](Expr leaf) {
      return leaf.op() == Op::variable ? state[leaf.index()] : copy_leaf(leaf);
    });
    z3::solver solver = make_large_solver(z3_);
    solver.add(translate_.boolean(here));
    for (const Rule& rule : system_.rules) {
      const Expr guard = now(rule.guard);
      if (guard.is_false()) {
        continue;
      }
      std::vector<Expr> after = state;
      for (const Update& update : rule.updates) {
        after[update.variable] = now(update.value);
      }
      const Expr leaves = guard & !substitute(invariant_, after);
      if (leaves.is_false()) {
        continue;
      }
      z3::expr_vector assumptions(z3_);
      const std::string name = "rule" + std::to_string(&rule - system_.rules.data());
      assumptions.push_back(z3_.bool_const(name.c_str()));
      solver.add(!assumptions[0] || translate_.boolean(leaves));
      if (satisfiable(solver, assumptions, context_)) {
        return "rule '" + rule.name + "' does not keep the invariant";
      }
    }
    return std::nullopt;
  }

  bool possible(Expr e) {
    if (e.is_constant()) {
      return e.value() == 1;
    }
    z3::solver solver = make_large_solver(z3_);
    solver.add(translate_.boolean(e));
    return satisfiable(solver, z3::expr_vector(z3_), context_);
  }

  const TransitionSystem& system_;
  Expr target_;
  Expr invariant_;
  const EngineContext& context_;
  ExprPool pool_;
  SolverContext owner_{context_};
  z3::context& z3_ = owner_.get();
  Watchdog watchdog_;
  Gates gates_;
  Translator translate_;
  std::vector<VarId> split_;
};

}  // namespace

void require_invariant(const TransitionSystem& system, Expr target, Expr invariant,
                       const EngineContext& context) {
  if (const auto flaw = InvariantCheck(system, target, invariant, context).run()) {
    throw std::logic_error("a Z3 engine's invariant is wrong: " + *flaw);
  }
}

}  // namespace prove

std::optional<std::string> check_invariant(const TransitionSystem& system, Expr target,
                                           Expr invariant, const EngineContext& context) {
  try {
    return prove::InvariantCheck(system, target, invariant, context).run();
  } catch (const prove::Undecided& undecided) {
    return std::string("undecided: ") + undecided.what();
  } catch (const z3::exception& failure) {
    return std::string("undecided: Z3 failed: ") + failure.msg();
  }
}

}  // namespace airlock
