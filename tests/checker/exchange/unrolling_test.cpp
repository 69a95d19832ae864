// Bounded questions, decided by the cvc5 command, which shares nothing with Airlock but the file.
#include <doctest/doctest.h>
#include <sstream>

#include "checker/exchange/exchange.hpp"
#include "tests/cli/command.hpp"
#include "tests/support/naive_search.hpp"
#include "tests/support/random_system.hpp"

namespace airlock {
namespace {

std::string ask_cvc5(const std::string& text) {
  const test::Scratch scratch;
  const test::Result result =
      test::shell("cvc5 " + shell_quote(scratch.write("question.smt2", text)));
  CAPTURE(text);
  CHECK(result.err == "");
  return result.out;
}

std::string within(const TransitionSystem& system, Expr target, std::uint64_t steps) {
  std::ostringstream out;
  write_unrolling(out, {system, {{"target", target}}, {"about"}}, steps);
  return ask_cvc5(out.str());
}

}  // namespace

TEST_CASE("cvc5 finds a target within so many steps exactly if a search of all states does") {
  unsigned reached = 0;
  unsigned missed = 0;
  for (std::uint64_t seed = 500; seed < 540; ++seed) {
    CAPTURE(seed);
    const TransitionSystem system = test::random_system(seed);
    std::vector<Expr> targets;
    for (const Property& property : system.properties) {
      targets.push_back(target_of(property));
    }
    const test::NaiveResult truth = test::naive_search(system, targets);
    const std::size_t i = seed % targets.size();
    CAPTURE(i);
    if (!truth.distances[i]) {
      ++missed;
      CHECK(within(system, targets[i], 4) == "unsat\n");
      continue;
    }
    ++reached;
    const std::uint64_t distance = *truth.distances[i];
    CHECK(within(system, targets[i], distance) == "sat\n");
    CHECK(within(system, targets[i], distance + 2) == "sat\n");
    if (distance > 0) {
      CHECK(within(system, targets[i], distance - 1) == "unsat\n");
    }
  }
  CHECK(reached > 10);
  CHECK(missed > 10);
}

TEST_CASE("names of variables cannot be mistaken for the unrolling's own") {
  TransitionSystem system;
  const Sort word = Sort::bits(4);
  std::vector<VarId> ids;
  for (const char* name : {"rule", "step", "initial", "target", "t0", "x", "x @1", "next x",
                           "bvadd", "choice any", "a|b"}) {
    ids.push_back(system.add_variable(name, word, system.pool->constant(word, 0)));
  }
  const InputId any = system.add_input("any", Sort::boolean(), "");
  std::vector<Update> updates;
  Expr target = system.pool->boolean(true);
  for (const VarId id : ids) {
    const Expr v = system.variable(id);
    updates.push_back({id, ite(system.input(any), v + same_sort(v, 1), v)});
    target = target & eq(v, same_sort(v, 2));
  }
  system.rules.push_back({"count", "test", system.pool->boolean(true), updates, {any}, {}});
  CHECK(within(system, target, 1) == "unsat\n");
  CHECK(within(system, target, 2) == "sat\n");
}

TEST_CASE("cvc5 agrees that KVM's guest runs after five steps and no fewer") {
  const auto answer = [](const std::string& bound) {
    const test::Result exported =
        test::airlock({"export", AIRLOCK_SOURCE_DIR "/specs/kvm", "--property",
                       "reachable_guest_runs", "--to", "smt2", "--bound", bound});
    REQUIRE(exported.status == 0);
    return ask_cvc5(exported.out);
  };
  CHECK(answer("4") == "unsat\n");
  CHECK(answer("5") == "sat\n");
}

TEST_CASE("a bound without smt2, and smt2 without a bound, are refused in words") {
  const std::string model = AIRLOCK_SOURCE_DIR "/specs/kvm";
  const std::vector<std::string> one{"export", model, "--property", "reachable_guest_runs", "--to"};
  const auto refused = [&](std::vector<std::string> more, const std::string& words) {
    more.insert(more.begin(), one.begin(), one.end());
    const test::Result result = test::airlock(more);
    CAPTURE(result.err);
    CHECK(result.status == 2);
    CHECK(result.out == "");
    CHECK(result.err.find(words) != std::string::npos);
  };
  refused({"smt2"}, "expected: --bound STEPS");
  refused({"chc", "--bound", "3"}, "expected: --to smt2");
  refused({"json", "--bound", "3"}, "expected: --to smt2");
  refused({"smt2", "--bound", "-1"}, "--bound");
  CHECK(test::airlock({"export", model, "--to", "smt2", "--bound", "3"}).status == 2);
}

}  // namespace airlock
