// Z3 behind SatSolver: a Boolean constant per variable, and the solver for many small queries that
// PDR uses (see smt.cpp). A model is read from the trail, which is cheaper than making one.
#include "checker/prove/z3_sat.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "checker/prove/smt.hpp"

namespace airlock::prove {
namespace {

using sat::Answer;
using sat::Literal;

class Z3Sat final : public sat::SatSolver {
 public:
  explicit Z3Sat(const EngineContext& context)
      : context_(context),
        z3_(context),
        watchdog_(z3_.get(), context),
        solver_(make_small_solver(z3_.get())),
        variables_(z3_.get()) {}

  void add_clause(std::span<const Literal> clause) override {
    z3::expr_vector terms(z3_.get());
    for (const Literal literal : clause) {
      terms.push_back(term(literal));
    }
    solver_.add(z3::mk_or(terms));
  }

  void assume(Literal literal) override { assumed_.push_back(literal); }

  Answer solve() override {
    asked_.swap(assumed_);
    assumed_.clear();
    z3::expr_vector assumptions(z3_.get());
    for (const Literal literal : asked_) {
      assumptions.push_back(term(literal));
    }
    try {
      const bool found = deciding([&] { return satisfiable(solver_, assumptions, context_); });
      if (found) {
        assignment_.read(solver_);
      }
      return found ? Answer::satisfiable : Answer::unsatisfiable;
    } catch (const Undecided&) {
      return Answer::unknown;
    }
  }

  bool value(Literal literal) override {
    return assignment_.value(term(std::abs(literal))) == (literal > 0);
  }

  std::vector<Literal> core() override {
    std::vector<Literal> result;
    const z3::expr_vector needed = solver_.unsat_core();
    for (const Literal literal : asked_) {
      const z3::expr asked = term(literal);
      for (unsigned i = 0; i < needed.size(); ++i) {
        if (z3::eq(needed[static_cast<int>(i)], asked)) {
          result.push_back(literal);
          break;
        }
      }
    }
    return result;
  }

 private:
  z3::expr term(Literal literal) {
    const auto variable = static_cast<unsigned>(std::abs(literal));
    while (variables_.size() < variable) {
      const std::string name = "v" + std::to_string(variables_.size() + 1);
      variables_.push_back(z3_.get().bool_const(name.c_str()));
    }
    const z3::expr constant = variables_[static_cast<int>(variable - 1)];
    return literal > 0 ? constant : !constant;
  }

  const EngineContext& context_;
  SolverContext z3_;
  Watchdog watchdog_;
  z3::solver solver_;
  z3::expr_vector variables_;
  Assignment assignment_;
  std::vector<Literal> assumed_;
  std::vector<Literal> asked_;  // by the last solve()
};

}  // namespace

std::unique_ptr<sat::SatSolver> make_z3_sat(const EngineContext& context) {
  return std::make_unique<Z3Sat>(context);
}

}  // namespace airlock::prove
