// Both solvers behind SatSolver against brute force, on random clauses that grow, under random
// assumptions.
#include "checker/sat/sat_solver.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <doctest/doctest.h>
#include <random>

#include "checker/prove/z3_sat.hpp"

namespace airlock::test {
namespace {

using sat::Answer;
using sat::Literal;
using Clause = std::vector<Literal>;
using Maker = std::unique_ptr<sat::SatSolver> (*)(const EngineContext&);

struct Solver {
  const char* name;
  Maker make;
};
const std::vector<Solver> solvers{{"CaDiCaL", sat::make_cadical}, {"Z3", prove::make_z3_sat}};

bool holds(Literal literal, unsigned assignment) {
  const bool bit = ((assignment >> (static_cast<unsigned>(std::abs(literal)) - 1)) & 1U) != 0;
  return bit == (literal > 0);
}

/// Whether the clauses and the literals have a common model.
bool has_model(const std::vector<Clause>& clauses, const Clause& literals, unsigned variables) {
  for (unsigned assignment = 0; assignment < (1U << variables); ++assignment) {
    const auto here = [&](Literal literal) { return holds(literal, assignment); };
    if (std::all_of(literals.begin(), literals.end(), here) &&
        std::all_of(clauses.begin(), clauses.end(), [&](const Clause& clause) {
          return std::any_of(clause.begin(), clause.end(), here);
        })) {
      return true;
    }
  }
  return false;
}

Clause some_literals(std::mt19937& random, unsigned variables, std::size_t count) {
  Clause result;
  for (std::size_t i = 0; i < count; ++i) {
    const auto variable = static_cast<Literal>(1 + random() % variables);
    result.push_back(random() % 2 == 0 ? variable : -variable);
  }
  return result;
}

/// `holes` + 1 pigeons in as many holes as there are: hard for resolution (Haken 1985).
void add_pigeons(sat::SatSolver& solver, int holes) {
  const auto in = [&](int pigeon, int hole) { return pigeon * holes + hole + 1; };
  for (int pigeon = 0; pigeon <= holes; ++pigeon) {
    Clause somewhere;
    for (int hole = 0; hole < holes; ++hole) {
      somewhere.push_back(in(pigeon, hole));
      for (int other = 0; other < pigeon; ++other) {
        solver.add_clause(std::vector<Literal>{-in(pigeon, hole), -in(other, hole)});
      }
    }
    solver.add_clause(somewhere);
  }
}

}  // namespace

TEST_CASE("answers, models and cores are what brute force says") {
  constexpr unsigned variables = 8;
  for (const Solver& kind : solvers) {
    CAPTURE(kind.name);
    unsigned found = 0;
    unsigned refuted = 0;
    for (unsigned seed = 0; seed < 40; ++seed) {
      CAPTURE(seed);
      std::mt19937 random(seed);
      const EngineContext context;
      const auto solver = kind.make(context);
      std::vector<Clause> clauses;
      for (unsigned round = 0; round < 12; ++round) {
        for (unsigned i = 0; i < 3; ++i) {
          clauses.push_back(some_literals(random, variables, 1 + random() % 4));
          solver->add_clause(clauses.back());
        }
        const Clause assumed = some_literals(random, variables, random() % 4);
        for (const Literal literal : assumed) {
          solver->assume(literal);
        }
        const Answer answer = solver->solve();
        const bool expected = has_model(clauses, assumed, variables);
        REQUIRE(answer == (expected ? Answer::satisfiable : Answer::unsatisfiable));
        if (expected) {
          ++found;
          unsigned model = 0;
          for (unsigned v = 1; v <= variables; ++v) {
            const auto literal = static_cast<Literal>(v);
            CHECK(solver->value(literal) != solver->value(-literal));
            model |= solver->value(literal) ? 1U << (v - 1) : 0U;
          }
          Clause all = assumed;
          for (unsigned v = 1; v <= variables; ++v) {
            const auto literal = static_cast<Literal>(v);
            all.push_back(holds(literal, model) ? literal : -literal);
          }
          CHECK(has_model(clauses, all, variables));
        } else {
          ++refuted;
          const Clause core = solver->core();
          CHECK_FALSE(has_model(clauses, core, variables));
          for (const Literal literal : core) {
            CHECK(std::count(assumed.begin(), assumed.end(), literal) > 0);
          }
        }
      }
    }
    CHECK(found > 50);
    CHECK(refuted > 50);
  }
}

TEST_CASE("assumptions are for one question, and the empty clause is false") {
  for (const Solver& kind : solvers) {
    CAPTURE(kind.name);
    const EngineContext context;
    const auto solver = kind.make(context);
    solver->add_clause(std::vector<Literal>{1, 2});
    solver->assume(-1);
    solver->assume(-2);
    solver->assume(3);
    CHECK(solver->solve() == Answer::unsatisfiable);
    CHECK(std::ranges::count(solver->core(), 3) == 0);
    CHECK(solver->solve() == Answer::satisfiable);
    CHECK(solver->value(9) == false);  // nobody has named it
    solver->add_clause({});
    CHECK(solver->solve() == Answer::unsatisfiable);
    CHECK(solver->core().empty());
  }
}

TEST_CASE(
    "a question is given up when its time is over or somebody says so, and the next is answered") {
  for (const Solver& kind : solvers) {
    CAPTURE(kind.name);
    EngineContext context;
    std::atomic<bool> cancelled = false;
    context.cancelled = &cancelled;
    const auto solver = kind.make(context);
    add_pigeons(*solver, 14);
    const auto start = std::chrono::steady_clock::now();
    context.deadline = start + std::chrono::milliseconds(200);
    CHECK(solver->solve() == Answer::unknown);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
    context.deadline.reset();
    cancelled = true;
    solver->assume(1);
    CHECK(solver->solve() == Answer::unknown);
    cancelled = false;
    solver->assume(300);
    solver->add_clause(std::vector<Literal>{-300});
    CHECK(solver->solve() == Answer::unsatisfiable);
  }
}

}  // namespace airlock::test
