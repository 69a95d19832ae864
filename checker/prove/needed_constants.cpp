// From a narrowed system back to the whole one.
//
// Engines see systems whose constant bits have been taken out. A proof that others can check must
// not ask them to believe that, so the constants become conjuncts of the invariant, as few as its
// induction needs. Narrowing's facts are inductive together (it is an abstract interpretation), and
// the engine's clauses are inductive given them; which ones are used is found as for clauses, with
// cores (shrink.cpp), but rule by rule, since the whole system has no small steps between locations
// to offer: "rule r, from a state of the invariant, stays in it" is a goal that may use constants,
// and "no rule changes the constant bits of v" is what a constant must meet itself.
#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>

#include "checker/prove/prove.hpp"
#include "checker/prove/shrink.hpp"
#include "checker/prove/smt.hpp"

namespace airlock {
namespace {

using namespace prove;

class Constants {
 public:
  Constants(const TransitionSystem& system, Expr target, Invariant invariant,
            const EngineContext& context)
      : system_(system),
        pool_(*system.pool),
        target_(target),
        invariant_(std::move(invariant)),
        context_(context),
        watchdog_(z3_, context),
        gates_(z3_),
        translate_(gates_,
                   [this](Expr leaf) {
                     const char* kind = leaf.op() == Op::variable ? "v" : "c";
                     return gates_.fresh(leaf.sort(), kind + std::to_string(leaf.index()));
                   }),
        solver_(make_small_solver(z3_)) {
    facts_.swap(invariant_.constants);
    complete_places();
  }

  Invariant run() {
    if (!has_initial_state()) {
      return {};  // narrowing then knows everything of everything, and nothing is reached
    }
    assert_invariant();
    const std::size_t goals = system_.rules.size() + 1;
    const std::vector<bool> needed =
        fewest_facts(facts_.size(), goals,
                     [&](std::size_t which, const std::vector<bool>& enabled,
                         std::vector<std::size_t>& used) { return meets(which, enabled, used); });
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      if (needed[i]) {
        invariant_.constants.push_back(facts_[i]);
      }
    }
    return std::move(invariant_);
  }

 private:
  [[nodiscard]] bool has_initial_state() {
    if (!system_.initial_constraint.valid()) {
      return true;
    }
    Rewriter initially(pool_, [&](Expr leaf) {
      return leaf.op() == Op::variable ? system_.variables[leaf.index()].initial : leaf;
    });
    z3::solver solver = make_large_solver(z3_);
    solver.add(translate_.boolean(initially(system_.initial_constraint)));
    return satisfiable(solver, z3::expr_vector(z3_), context_);
  }

  /// Where a control variable's other bits are constant, "is at line 3" says all of its bits.
  void complete_places() {
    for (Invariant::Place& place : invariant_.places) {
      for (FixedBits& at : place.at) {
        for (const FixedBits& bits : facts_) {
          if (bits.variable == at.variable) {
            at.mask |= bits.mask;
            at.value |= bits.value;
          }
        }
      }
    }
  }

  [[nodiscard]] Expr of_fact(const FixedBits& bits) const {
    Invariant alone;
    alone.constants.push_back(bits);
    return conjuncts_of(system_, alone).back();
  }

  void assert_invariant() {
    here_ = expression_of(system_, invariant_);
    solver_.add(translate_.boolean(here_));
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      fact_expressions_.push_back(of_fact(facts_[i]));
      switches_.push_back(z3_.bool_const(("fact" + std::to_string(i)).c_str()));
      numbers_.emplace(Z3_get_ast_id(z3_, switches_.back()), i);
      solver_.add(!switches_.back() || translate_.boolean(fact_expressions_.back()));
    }
  }

  /// `e` after rule `rule`.
  Expr after(std::size_t rule, Expr e) {
    std::optional<Rewriter>& rewriter = rewriters_[rule];
    if (!rewriter) {
      std::map<VarId, Expr> updates;
      for (const Update& update : system_.rules[rule].updates) {
        updates.emplace(update.variable, update.value);
      }
      rewriter.emplace(pool_, [updates = std::move(updates)](Expr leaf) {
        const auto found = updates.find(leaf.index());
        return leaf.op() == Op::variable && found != updates.end() ? found->second : leaf;
      });
    }
    return (*rewriter)(e);
  }

  bool meets(std::size_t which, const std::vector<bool>& enabled, std::vector<std::size_t>& used) {
    stop_if_asked(context_);
    if (which < facts_.size()) {
      return kept(which, enabled, used);
    }
    const std::size_t rule = which - facts_.size();
    return impossible(
        {which, 0},
        [&] {
          return rule == system_.rules.size() ? target_
                                              : system_.rules[rule].guard & !after(rule, here_);
        },
        enabled, used);
  }

  bool kept(std::size_t fact, const std::vector<bool>& enabled, std::vector<std::size_t>& used) {
    for (std::size_t rule = 0; rule < system_.rules.size(); ++rule) {
      const auto& updates = system_.rules[rule].updates;
      const bool writes = std::any_of(updates.begin(), updates.end(), [&](const Update& update) {
        return update.variable == facts_[fact].variable;
      });
      const auto flaw = [&] {
        return system_.rules[rule].guard & !after(rule, fact_expressions_[fact]);
      };
      if (writes && !impossible({fact, rule}, flaw, enabled, used)) {
        return false;
      }
    }
    return true;
  }

  /// `flaw`, made once per key, cannot be true in a state of the invariant and the enabled facts.
  template <typename Flaw>
  bool impossible(const std::pair<std::size_t, std::size_t>& key, const Flaw& flaw,
                  const std::vector<bool>& enabled, std::vector<std::size_t>& used) {
    auto found = questions_.find(key);
    if (found == questions_.end()) {
      const std::string name = "q" + std::to_string(key.first) + "." + std::to_string(key.second);
      const z3::expr question = z3_.bool_const(name.c_str());
      solver_.add(!question || translate_.boolean(flaw()));
      found = questions_.emplace(key, question).first;
    }
    z3::expr_vector assumptions(z3_);
    assumptions.push_back(found->second);
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      if (enabled[i]) {
        assumptions.push_back(switches_[i]);
      }
    }
    if (satisfiable(solver_, assumptions, context_)) {
      return false;
    }
    for (const z3::expr& reason : solver_.unsat_core()) {
      if (const auto number = numbers_.find(Z3_get_ast_id(z3_, reason)); number != numbers_.end()) {
        used.push_back(number->second);
      }
    }
    return true;
  }

  const TransitionSystem& system_;
  ExprPool& pool_;
  Expr target_;
  Invariant invariant_;
  const EngineContext& context_;
  std::vector<FixedBits> facts_;
  Expr here_;
  std::vector<Expr> fact_expressions_;
  std::map<std::size_t, std::optional<Rewriter>> rewriters_;
  SolverContext owner_{context_};
  z3::context& z3_ = owner_.get();
  Watchdog watchdog_;
  Gates gates_;
  Translator translate_;
  z3::solver solver_;
  std::vector<z3::expr> switches_;
  std::map<unsigned, std::size_t> numbers_;  // facts by the id of their switch
  std::map<std::pair<std::size_t, std::size_t>, z3::expr> questions_;
};

}  // namespace

Invariant with_needed_constants(const TransitionSystem& system, Expr target, Invariant invariant,
                                const EngineContext& context) {
  return deciding([&] { return Constants(system, target, std::move(invariant), context).run(); });
}

}  // namespace airlock
