// CaDiCaL 1.5.3 (Biere, Fazekas, Fleury and Heisinger, "CaDiCaL, Kissat, Paracooba, Plingeling and
// Treengeling", SAT Competition 2020), as Debian 12 has it. The interface is its own, so this is
// thin. Interruption is its Terminator, which it asks now and then while it searches.
#include <cadical.hpp>

#include "checker/sat/sat_solver.hpp"

namespace airlock::sat {
namespace {

class Cadical final : public SatSolver {
 public:
  explicit Cadical(const EngineContext& context) : context_(context), stop_(context) {
    solver_.set("quiet", 1);  // it comments on standard output otherwise
    solver_.connect_terminator(&stop_);
  }
  ~Cadical() override { solver_.disconnect_terminator(); }

  void add_clause(std::span<const Literal> clause) override {
    for (const Literal literal : clause) {
      solver_.add(literal);
    }
    solver_.add(0);
  }

  void assume(Literal literal) override {
    solver_.assume(literal);
    assumed_.push_back(literal);
  }

  Answer solve() override {
    const int status = context_.should_stop() ? 0 : solver_.solve();
    asked_.swap(assumed_);
    assumed_.clear();
    if (status == 0) {
      solver_.reset_assumptions();
    }
    return status == 10   ? Answer::satisfiable
           : status == 20 ? Answer::unsatisfiable
                          : Answer::unknown;
  }

  bool value(Literal literal) override {
    const int variable = literal < 0 ? -literal : literal;
    const bool is_true = variable <= solver_.vars() && solver_.val(variable) > 0;
    return is_true == (literal > 0);
  }

  std::vector<Literal> core() override {
    std::vector<Literal> result;
    for (const Literal literal : asked_) {
      if (solver_.failed(literal)) {
        result.push_back(literal);
      }
    }
    return result;
  }

 private:
  class Stop final : public CaDiCaL::Terminator {
   public:
    explicit Stop(const EngineContext& context) : context_(context) {}
    bool terminate() override { return context_.should_stop(); }

   private:
    const EngineContext& context_;
  };

  const EngineContext& context_;
  Stop stop_;
  CaDiCaL::Solver solver_;
  std::vector<Literal> assumed_;
  std::vector<Literal> asked_;  // by the last solve()
};

}  // namespace

std::unique_ptr<SatSolver> make_cadical(const EngineContext& context) {
  return std::make_unique<Cadical>(context);
}

}  // namespace airlock::sat
