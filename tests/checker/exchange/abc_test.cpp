// berkeley-abc reads the AIGER and gives the answers that a search of all states gives.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fstream>

#include "tests/checker/exchange/model_checkers.hpp"
#include "tests/checker/exchange/oracle.hpp"

namespace airlock {
namespace {

void write(const std::string& path, const ExportInput& input) {
  std::ofstream out(path, std::ios::binary);
  write_aiger(out, input);
}

}  // namespace

TEST_CASE("abc's pdr decides the AIGER of random systems as a search of all states does") {
  const test::Scratch scratch;
  std::vector<std::string> files;
  std::vector<std::optional<std::uint64_t>> expected;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    const test::Question question = test::random_question(seed);
    for (std::size_t t = 0; t < question.targets.size(); ++t) {
      files.push_back(scratch.path(fmt::format("{}-{}.aig", seed, t)));
      write(files.back(), {question.system, {question.targets[t]}, {}});
      expected.push_back(question.truth.distances[t]);
    }
  }
  const std::vector<std::string> answers = test::ask_abc(files, "pdr");
  std::size_t reachable = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    CAPTURE(files[i]);
    CAPTURE(answers[i]);
    REQUIRE(test::abc_says_reachable(answers[i]) != test::abc_says_unreachable(answers[i]));
    CHECK(test::abc_says_reachable(answers[i]) == expected[i].has_value());
    reachable += expected[i] ? 1 : 0;
  }
  CHECK(reachable > files.size() / 10);
  CHECK(reachable < files.size() * 9 / 10);
}

TEST_CASE("abc's bmc3 finds a target of a random system in the frame of its distance") {
  const test::Scratch scratch;
  std::vector<std::string> files;
  std::vector<std::uint64_t> distances;
  for (std::uint64_t seed = 1000; seed < 1100; ++seed) {
    const test::Question question = test::random_question(seed);
    // An initial state may have to be chosen first: where some are forbidden, that is no frame
    // more, since the solver chooses one that is not.
    for (std::size_t t = 0; t < question.targets.size(); ++t) {
      if (question.reachable(t)) {
        files.push_back(scratch.path(fmt::format("{}-{}.aig", seed, t)));
        write(files.back(), {question.system, {question.targets[t]}, {}});
        distances.push_back(*question.truth.distances[t]);
      }
    }
  }
  REQUIRE(files.size() > 20);
  const std::vector<std::string> answers = test::ask_abc(files, "bmc3");
  for (std::size_t i = 0; i < files.size(); ++i) {
    CAPTURE(files[i]);
    CAPTURE(answers[i]);
    CHECK(answers[i].find(fmt::format("was asserted in frame {}.", distances[i])) !=
          std::string::npos);
  }
}

TEST_CASE("abc refutes a property that fails only from an initial state that is not zero") {
  const test::Question question = test::question_about(test::counter_from_a_input());
  const test::Scratch scratch;
  std::vector<std::string> files;
  for (std::size_t t = 0; t < question.targets.size(); ++t) {
    files.push_back(scratch.path(question.targets[t].name + ".aig"));
    write(files.back(), {question.system, {question.targets[t]}, {}});
  }
  for (const std::string engine : {"pdr", "bmc3 -F 20"}) {
    CAPTURE(engine);
    const std::vector<std::string> answers = test::ask_abc(files, engine);
    CHECK(!test::abc_says_reachable(answers[0]));
    CHECK(test::abc_says_unreachable(answers[0]) == (engine == "pdr"));
    CHECK(answers[1].find("was asserted in frame 0.") != std::string::npos);
    CHECK(answers[2].find("was asserted in frame 1.") != std::string::npos);
    CHECK(answers[3].find("was asserted in frame 0.") != std::string::npos);
  }
}

}  // namespace airlock
