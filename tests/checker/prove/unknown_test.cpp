// Z3 that runs out of something, or does not know, gives no verdict.
#include <array>
#include <doctest/doctest.h>
#include <z3.h>

#include "checker/prove/prove.hpp"

namespace airlock {
namespace {

/// A parameter of all Z3 contexts that are made while this lives.
class GlobalParameter {
 public:
  GlobalParameter(const char* name, const char* value, const char* usual)
      : name_(name), usual_(usual) {
    Z3_global_param_set(name, value);
  }
  ~GlobalParameter() { Z3_global_param_set(name_, usual_); }
  GlobalParameter(const GlobalParameter&) = delete;
  GlobalParameter& operator=(const GlobalParameter&) = delete;

 private:
  const char* name_;
  const char* usual_;
};

using Engine = Outcome (*)(const TransitionSystem&, Expr, const EngineContext&);
constexpr std::array<Engine, 3> engines{
    [](const TransitionSystem& system, Expr target, const EngineContext& context) {
      return bounded_search(system, target, context, 8);
    },
    k_induction, pdr};

/// A product of two counters: proofs and paths alike need work.
TransitionSystem hard_system() {
  TransitionSystem system;
  ExprPool& pool = *system.pool;
  const Sort word = Sort::bits(32);
  const InputId any = system.add_input("any", word, "all values");
  const VarId x = system.add_variable("x", word, pool.constant(word, 3));
  const VarId y = system.add_variable("y", word, pool.constant(word, 5));
  system.rules.push_back(
      {"multiply",
       "test",
       pool.boolean(true),
       {{x, system.variable(x) * (system.input(any) | same_sort(system.variable(x), 1))},
        {y, system.variable(y) * system.variable(x)}},
       {any},
       {}});
  return system;
}

/// What each engine says about a target that cannot be reached, and one that takes a factoring.
template <typename Check>
void for_each_engine(const Check& check) {
  const TransitionSystem system = hard_system();
  const Expr x = system.variable(0);
  const Expr y = system.variable(1);
  const Expr even = !bit(x, 0);
  const Expr far = eq(x * y, same_sort(x, 0x3b9aca07)) & ult(x, same_sort(x, 0x8000)) &
                   ult(y, same_sort(y, 0x8000));
  for (const Engine engine : engines) {
    check(engine(system, even, {}));
    check(engine(system, far, {}));
  }
}

}  // namespace

TEST_CASE("a query that Z3 gives up on gives unknown with the reason, never a proof") {
  const GlobalParameter little("rlimit", "500", "0");
  for_each_engine([](const Outcome& outcome) {
    CHECK(outcome.answer != Reachability::unreachable);
    if (outcome.answer == Reachability::unknown) {
      CHECK(outcome.reason != "");
    }
  });
  // One that cannot be decided without a query that is too much: unknown, not a lucky answer.
  const TransitionSystem system = hard_system();
  const Expr x = system.variable(0);
  const Outcome outcome = pdr(system, eq(x * x, same_sort(x, 0x11)), {});
  CHECK(outcome.answer == Reachability::unknown);
  CHECK(outcome.reason != "");
}

TEST_CASE("an invariant that Z3 cannot check is undecided, not accepted") {
  const TransitionSystem system = hard_system();
  const Expr odd = bit(system.variable(0), 0) & bit(system.variable(1), 0);
  CHECK(check_invariant(system, !bit(system.variable(0), 0), odd, {}) == std::nullopt);
  const GlobalParameter little("rlimit", "10", "0");
  const auto flaw = check_invariant(system, !bit(system.variable(0), 0), odd, {});
  REQUIRE(flaw.has_value());
  CHECK(flaw->find("undecided") == 0);
}

}  // namespace airlock
