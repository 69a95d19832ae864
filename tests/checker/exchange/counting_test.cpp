// SPIN and Rumur read the exports and count the states and transitions that Airlock counts.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "checker/explore/explore.hpp"
#include "tests/checker/exchange/oracle.hpp"
#include "tests/cli/command.hpp"

namespace airlock {
namespace {

struct Counts {
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;
  bool target_found = false;
  friend bool operator==(const Counts&, const Counts&) = default;
};

std::uint64_t number(const std::string& text, const std::string& pattern) {
  std::smatch match;
  CAPTURE(text);
  REQUIRE(std::regex_search(text, match, std::regex(pattern)));
  return std::stoull(match[1]);
}

/// Compiles and runs SPIN's verifier. Its own initial state, and the steps to the model's, are
/// taken off.
Counts spin(const std::string& model, std::uint64_t initial_states) {
  const test::Scratch scratch;
  scratch.write("model.pml", model);
  const test::Result run = test::shell(
      "cd " + shell_quote(scratch.path("")) +
      " && spin -a model.pml && cc -w -O1 -DSAFETY -DNOREDUCE -DMEMLIM=2000 -o pan pan.c && "
      "./pan -E -c0 -m1000000 -w20");
  CAPTURE(run.err);
  REQUIRE(run.status == 0);
  return {number(run.out, "(\\d+) states, stored") - 1,
          number(run.out, "(\\d+) transitions") - initial_states - 1,
          number(run.out, "errors: (\\d+)") != 0};
}

Counts rumur(const std::string& model) {
  const test::Scratch scratch;
  scratch.write("model.m", model);
  const test::Result run = test::shell(
      "cd " + shell_quote(scratch.path("")) +
      " && rumur --deadlock-detection off --threads 1 --max-errors 1000000 --output model.c model.m"
      " && cc -w -O1 -mcx16 -o model model.c -lpthread && ./model >counts; cat counts");
  CAPTURE(run.err);
  CAPTURE(run.out);
  return {number(run.out, "(\\d+) states,"), number(run.out, "(\\d+) rules fired"),
          run.out.find("No error found") == std::string::npos};
}

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

/// Random systems that have initial states, choices in rules, and some dozens of states.
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

}  // namespace

TEST_CASE("SPIN counts the states and transitions of random systems as a naive search does") {
  for (const test::Question& question : worthwhile_questions(100, 5)) {
    const std::string model = written(write_promela, question.system, {});
    CAPTURE(model);
    const Counts expected{question.truth.states, question.truth.transitions, false};
    CHECK(spin(model, initial_states_of(question.system)) == expected);
  }
}

TEST_CASE("Rumur counts the states and transitions of random systems as a naive search does") {
  for (const test::Question& question : worthwhile_questions(300, 5)) {
    const std::string model = written(write_murphi, question.system, {});
    CAPTURE(model);
    const Counts expected{question.truth.states, question.truth.transitions, false};
    CHECK(rumur(model) == expected);
  }
}

TEST_CASE("SPIN and Rumur report a target that is reachable and no other") {
  const test::Question question = test::question_about(test::counter_from_a_choice());
  for (const std::size_t t : {0U, 1U, 2U}) {
    CAPTURE(question.targets[t].name);
    const std::vector<ExportTarget> one{question.targets[t]};
    CHECK(spin(written(write_promela, question.system, one), 2).target_found ==
          question.reachable(t));
    CHECK(rumur(written(write_murphi, question.system, one)).target_found == question.reachable(t));
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
  const Counts expected{counts["states"], counts["transitions"], false};
  CHECK(spin(run({"export", "--to", "promela"}), 1) == expected);
}

}  // namespace airlock
