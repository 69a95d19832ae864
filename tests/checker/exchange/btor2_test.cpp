// An independent reader of BTOR2 finds every target at the distance that a search of all states
// finds.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fstream>
#include <sstream>

#include "checker/exchange/scheduler.hpp"
#include "tests/checker/exchange/oracle.hpp"
#include "tests/cli/command.hpp"

namespace airlock {
namespace {

std::string line_of(const test::Question& question) {
  std::string line;
  for (const auto& distance : question.truth.distances) {
    line += (line.empty() ? "" : " ") + (distance ? std::to_string(*distance) : "-");
  }
  return line;
}

/// Steps that the reader would take: it is a slow one.
std::uint64_t work(const test::Question& question) {
  const exchange::Scheduler s = exchange::schedule(question.system);
  return (question.truth.states + 1) << (s.code_bits + s.input_bits + s.initial_bits);
}

}  // namespace

TEST_CASE("an independent reader of BTOR2 agrees with a search of all states on random systems") {
  const test::Scratch scratch;
  std::string command = "python3 tests/checker/exchange/btor2_reach.py";
  std::string expected;
  std::size_t count = 0;
  const auto add = [&](const test::Question& question) {
    const std::string path = scratch.path(fmt::format("{}.btor2", count++));
    std::ofstream out(path);
    write_btor2(out, {question.system, question.targets, {"made by a test"}});
    command += " " + shell_quote(path);
    expected += line_of(question) + "\n";
  };
  add(test::question_about(test::counter_from_a_input()));
  for (std::uint64_t seed = 3000; count < 100; ++seed) {
    const test::Question question = test::random_question(seed);
    if (!question.targets.empty() && work(question) < 2000) {
      add(question);
    }
  }
  const test::Result run = test::shell(command);
  CAPTURE(run.err);
  CHECK(run.status == 0);
  CHECK(run.out == expected);
}

}  // namespace airlock
