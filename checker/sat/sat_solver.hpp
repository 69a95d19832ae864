// A SAT solver as the field's programs know one: clauses, assumptions, a model or a core.
//
// The interface is IPASIR's in C++ (Balyo, Biere, Iser and Sinz, "SAT Race 2015", Artificial
// Intelligence 241, 2016): literals are integers as in DIMACS, clauses stay, assumptions are for
// one solve(). So an engine written on it can be run on either solver, and one checked against the
// other.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "checker/engine.hpp"

namespace airlock::sat {

/// A variable, from 1, or its negation: -v.
using Literal = std::int32_t;

enum class Answer { satisfiable, unsatisfiable, unknown };

class SatSolver {
 public:
  virtual ~SatSolver() = default;
  SatSolver() = default;
  SatSolver(const SatSolver&) = delete;
  SatSolver& operator=(const SatSolver&) = delete;

  /// Of all later calls of solve(). Variables begin to exist as they are named. The empty clause is
  /// false.
  virtual void add_clause(std::span<const Literal> clause) = 0;
  /// For the next solve() alone.
  virtual void assume(Literal literal) = 0;
  /// Unknown where the deadline has passed, somebody has cancelled, or the solver gave up: then,
  /// too, the assumptions are over.
  virtual Answer solve() = 0;
  /// After `satisfiable` and until anything else is called: whether the model makes it true. A
  /// variable that the model leaves open is false.
  [[nodiscard]] virtual bool value(Literal literal) = 0;
  /// After `unsatisfiable` and until anything else is called: assumptions that cannot be true
  /// together, not necessarily fewest; empty if the clauses alone have no model.
  [[nodiscard]] virtual std::vector<Literal> core() = 0;
};

/// CaDiCaL (cadical.cpp). `context` says when to stop; borrowed. Z3's is in
/// checker/prove/z3_sat.hpp.
[[nodiscard]] std::unique_ptr<SatSolver> make_cadical(const EngineContext& context);

}  // namespace airlock::sat
