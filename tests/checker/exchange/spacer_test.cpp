// Z3's Spacer reads the Horn clauses and gives the answers that a search of all states gives.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sstream>

#include "tests/checker/exchange/oracle.hpp"
#include "tests/cli/command.hpp"

namespace airlock {
namespace {

/// Runs one Z3 over many scripts: its answers, one a line. Spacer does not terminate on every
/// system with arithmetic on bit vectors; a limit on its steps (not on time) makes these answers
/// "unknown".
std::vector<std::string> ask_spacer(const std::vector<std::string>& scripts) {
  const test::Scratch scratch;
  std::string all;
  for (const std::string& script : scripts) {
    all += script + "(reset)\n";
  }
  const test::Result run = test::shell("z3 fp.engine=spacer rlimit=3000000 " +
                                       shell_quote(scratch.write("all.smt2", all)));
  std::istringstream lines(run.out);
  std::vector<std::string> answers;
  for (std::string line; std::getline(lines, line);) {
    answers.push_back(line);
  }
  return answers;
}

std::string horn_clauses(const TransitionSystem& system, const ExportTarget& target) {
  std::ostringstream out;
  write_chc(out, {system, {target}, {"made by a test"}});
  return out.str();
}

}  // namespace

TEST_CASE("Spacer decides the Horn clauses of random systems as a search of all states does") {
  std::vector<std::string> scripts;
  std::vector<bool> reachable;
  for (std::uint64_t seed = 2000; seed < 2100; ++seed) {
    const test::Question question = test::random_question(seed);
    for (std::size_t t = 0; t < question.targets.size(); ++t) {
      scripts.push_back(horn_clauses(question.system, question.targets[t]));
      reachable.push_back(question.reachable(t));
    }
  }
  const std::vector<std::string> answers = ask_spacer(scripts);
  REQUIRE(answers.size() == scripts.size());
  std::size_t unknown = 0;
  for (std::size_t i = 0; i < scripts.size(); ++i) {
    CAPTURE(scripts[i]);
    if (answers[i] == "unknown") {
      ++unknown;
      continue;
    }
    CHECK(answers[i] == std::string(reachable[i] ? "unsat" : "sat"));
  }
  CHECK(unknown * 20 < scripts.size());
}

TEST_CASE("several targets are one question to Spacer: whether any is reachable") {
  const test::Question question = test::question_about(test::counter_from_a_input());
  std::ostringstream both;
  write_chc(both, {question.system, {question.targets[0], question.targets[2]}, {}});
  CHECK(ask_spacer({horn_clauses(question.system, question.targets[0]), both.str()}) ==
        std::vector<std::string>{"sat", "unsat"});
}

}  // namespace airlock
