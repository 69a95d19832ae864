// SPIN and Rumur read the exports and count the states and transitions that Airlock counts.
#include <doctest/doctest.h>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>

#include "checker/explore/explore.hpp"
#include "tests/checker/exchange/model_checkers.hpp"
#include "tests/checker/exchange/oracle.hpp"

namespace airlock {
namespace {

using Write = void (*)(std::ostream&, const ExportInput&);

std::string written(Write write, const TransitionSystem& system,
                    const std::vector<ExportTarget>& targets) {
  std::ostringstream out;
  write(out, {system, targets, {"made by a test */ \"quoted\" \\"}});
  return out.str();
}

std::uint64_t initial_states_of(const TransitionSystem& system) {
  TransitionSystem still = system;
  still.rules.clear();
  return explore(still, {}).states;
}

/// Random systems that have initial states, inputs in rules, and some dozens of states.
std::vector<test::Question> worthwhile_questions(std::uint64_t first, std::size_t count) {
  std::vector<test::Question> result;
  for (std::uint64_t seed = first; result.size() < count; ++seed) {
    test::RandomSystemOptions options;
    options.rules = 8;
    test::Question question = test::question_about(test::random_system(seed, options));
    if (question.truth.states >= 24 && question.truth.transitions > 2 * question.truth.states) {
      result.push_back(std::move(question));
    }
  }
  return result;
}

/// One variable of 50 bits, 1 at first, and one rule.
TransitionSystem wide_system(const std::function<Expr(Expr)>& next) {
  TransitionSystem system;
  const VarId x = system.add_variable("x", Sort::bits(50), system.pool->bits(50, 1));
  Rule rule;
  rule.name = "step";
  rule.guard = system.pool->boolean(true);
  rule.updates = {{x, next(system.variable(x))}};
  system.rules = {rule};
  validate(system);
  return system;
}

}  // namespace

TEST_CASE("SPIN counts the states and transitions of random systems as a naive search does") {
  for (const test::Question& question : worthwhile_questions(100, 5)) {
    const std::string model = written(write_promela, question.system, {});
    CAPTURE(model);
    const test::Counts expected{question.truth.states, question.truth.transitions, false};
    CHECK(test::ask_spin(model, initial_states_of(question.system)) == expected);
  }
}

TEST_CASE("Rumur counts the states and transitions of random systems as a naive search does") {
  for (const test::Question& question : worthwhile_questions(300, 5)) {
    const std::string model = written(write_murphi, question.system, {});
    CAPTURE(model);
    const test::Counts expected{question.truth.states, question.truth.transitions, false};
    CHECK(test::ask_rumur(model) == expected);
  }
}

TEST_CASE("Rumur counts the states of a system that computes with 50 bits") {
  const TransitionSystem rotation =
      wide_system([](Expr x) { return concat(extract(x, 48, 0), extract(x, 49, 49)); });
  CHECK(test::ask_rumur(written(write_murphi, rotation, {})) == test::Counts{50, 50, false});
}

TEST_CASE("what Rumur has no room for is refused") {
  const TransitionSystem square = wide_system([](Expr x) { return x * x; });
  CHECK_THROWS_WITH_AS(written(write_murphi, square, {}),
                       "the system computes with 100 bits; Murphi's numbers have 62",
                       NotExportable);
}

TEST_CASE("SPIN and Rumur report a target that is reachable and no other") {
  const test::Question question = test::question_about(test::counter_from_a_input());
  for (const std::size_t t : {0U, 1U, 2U}) {
    CAPTURE(question.targets[t].name);
    const std::vector<ExportTarget> one{question.targets[t]};
    CHECK(test::ask_spin(written(write_promela, question.system, one), 2).target_found ==
          question.reachable(t));
    CHECK(test::ask_rumur(written(write_murphi, question.system, one)).target_found ==
          question.reachable(t));
  }
}

TEST_CASE("SPIN counts a small world of specs/kvm as explore does") {
  const std::vector<std::string> world{"specs/kvm",      "--fix",    "v2",
                                       "--no-actor",     "irq_perf", "--set",
                                       "cpu_has_lbrv=0", "--set",    "guest_debugctl_bits=0"};
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin() + 1, world.begin(), world.end());
    return test::airlock(arguments).out;
  };
  const auto counts = nlohmann::json::parse(run({"explore", "--format", "json"}));
  const test::Counts expected{counts["states"], counts["transitions"], false};
  CHECK(test::ask_spin(run({"export", "--to", "promela"}), 1) == expected);
}

}  // namespace airlock
