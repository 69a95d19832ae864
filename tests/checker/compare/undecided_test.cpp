// What is said of questions that were not decided.
#include "checker/compare/undecided.hpp"

#include <atomic>
#include <doctest/doctest.h>
#include <set>
#include <thread>

#include "checker/compare/matrix.hpp"
#include "checker/compare/render.hpp"

namespace airlock {
namespace {

/// A counter that stops at 40; the property is violated there.
TransitionSystem counter() {
  TransitionSystem system;
  ExprPool& pool = *system.pool;
  const VarId id = system.add_variable("n", Sort::bits(6), pool.bits(6, 0), {}, Role::cpu);
  const Expr n = system.variable(id);
  system.rules.push_back(
      {"count", "guest", ult(n, pool.bits(6, 40)), {{id, n + pool.bits(6, 1)}}, {}, {}});
  system.rules.push_back({"rest", "guest", eq(n, pool.bits(6, 40)), {}, {}, {}});
  Property property;
  property.name = "always_below";
  property.predicate = ult(n, pool.bits(6, 40));
  property.text = "The counter stays below 40.";
  system.properties.push_back(property);
  return system;
}

/// What the engine says when it is stopped as it begins to work on runs of `depth` steps.
Decision stopped_at(Engine engine, std::uint64_t depth) {
  Subject subject(counter());
  std::atomic<bool> stop{false};
  EngineContext context;
  context.cancelled = &stop;
  context.progress = [&](const Progress& progress) { stop = stop || progress.depth == depth; };
  const std::vector<const Property*> one{&subject.system().properties.front()};
  Decision decision =
      decide(subject, one, [&](const Reduce& reduce) { return solve(reduce, engine, context); })[0];
  decision.property = nullptr;  // it is the subject's
  return decision;
}

Decision told(const std::vector<Covered>& covered) {
  Decision decision;
  decision.outcome.covered = covered;
  decision.reason = covered.empty() ? "" : covered.front().reason;
  return decision;
}

}  // namespace

TEST_CASE("an engine that is stopped at a depth has searched all shorter runs, and says so") {
  for (const Engine engine : {Engine::bmc, Engine::induction, Engine::pdr}) {
    for (const std::uint64_t depth : {0U, 1U, 5U}) {
      const Decision decision = stopped_at(engine, depth);
      REQUIRE(decision.verdict == Verdict::unknown);
      REQUIRE(decision.outcome.covered.size() == 1);
      const Covered& covered = decision.outcome.covered.front();
      CHECK(covered.steps == depth);
      CHECK(covered.engine == decision.outcome.engine);
      const std::string expected = depth == 0   ? "nothing was searched yet"
                                   : depth == 1 ? "every run of fewer than 1 step was searched"
                                                : "every run of fewer than 5 steps was searched";
      const std::string line = covered_lines(decision).front();
      CHECK(line.find(covered.engine + ": " + expected) == 0);
    }
  }
}

TEST_CASE("engines that were asked side by side each say what they covered") {
  Subject subject(counter());
  const std::atomic<bool> stop{true};
  EngineContext context;
  context.cancelled = &stop;
  context.jobs = 2;
  const std::vector<const Property*> one{&subject.system().properties.front()};
  Decision decision;
  // In a thread of its own, in which nobody has counted towards the next look at the flag: reducing
  // so small a system comes to its end.
  std::thread([&] {
    decision = decide(subject, one, [&](const Reduce& reduce) {
      return solve(reduce, Engine::automatic, context);
    })[0];
  }).join();
  REQUIRE(decision.verdict == Verdict::unknown);
  std::set<std::string> engines;
  for (const Covered& covered : decision.outcome.covered) {
    engines.insert(covered.engine);
    CHECK(covered.steps == 0);
  }
  CHECK(engines == std::set<std::string>{"explore", "pdr"});
}

TEST_CASE("the limit that stopped a search is the one to raise") {
  CHECK(how_to_go_on(told({{"explore", 3, 17, 0, "out of time"},
                           {"pdr", 2, 0, 5, "out of time"}})) == "raise --timeout");
  CHECK(how_to_go_on(told({{"explore", 3, 17, 0, "out of memory: the limit is reached"}})) ==
        "raise --memory, or try --engine pdr");
  CHECK(how_to_go_on(told({{"pdr", 3, 0, 7, "out of time"}}), ask_prove) ==
        "raise --timeout, or ask `airlock prove` with --engine explore");
  CHECK(how_to_go_on(told({{"bmc", 3, 0, 0, "no path is as long"}})) == "try --engine pdr");
}

TEST_CASE("lines and JSON count in words what each engine has") {
  const Decision decision =
      told({{"explore", 3, 17, 0, "out of time"}, {"pdr", 2, 0, 1, "out of time"}});
  CHECK(covered_lines(decision) ==
        std::vector<std::string>{
            "explore: every run of fewer than 3 steps was searched; 17 states seen",
            "pdr: every run of fewer than 2 steps was searched; 1 clause in 3 frames"});
  nlohmann::ordered_json json;
  add_undecided(json, decision);
  CHECK(json["covered"][0]["runs_of_fewer_steps_than"] == 3);
  CHECK(json["covered"][0]["states"] == 17);
  CHECK(json["covered"][1]["engine"] == "pdr");
  CHECK(json["to_go_on"] == "raise --timeout");
  Decision decided = decision;
  decided.verdict = Verdict::holds;
  nlohmann::ordered_json nothing;
  add_undecided(nothing, decided);
  CHECK(nothing.is_null());
}

TEST_CASE("a comparison that had no time says of each cell what was covered and how to go on") {
  RowInput row;
  row.fix = "none";
  row.build = counter;
  MatrixOptions options;
  options.context.deadline = std::chrono::steady_clock::now();
  const Matrix matrix = compare({row}, options);
  MatrixHeading heading;
  heading.model = "toy";
  const std::string text = render_text(matrix, heading, {});
  CHECK(text.find("base: always_below: out of time\n") != std::string::npos);
  CHECK(text.find("explore: nothing was searched yet") != std::string::npos);
  CHECK(text.find("to go on: raise --timeout, or ask `airlock prove` with --engine pdr") !=
        std::string::npos);
  const auto json = render_json(matrix, heading);
  CHECK(json["rows"][0]["verdicts"][0]["covered"][0]["engine"] == "explore");
  CHECK(json["rows"][0]["verdicts"][0].contains("to_go_on"));
  // Nothing holds, so nothing is assumed.
  CHECK(text.find("Every \"holds\"") == std::string::npos);
}

}  // namespace airlock
