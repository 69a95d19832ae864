#include "checker/prove/samples.hpp"

#include <doctest/doctest.h>
#include <random>

#include "tests/support/naive_search.hpp"
#include "tests/support/random_system.hpp"

namespace airlock::prove {
namespace {

constexpr std::uint32_t deepest = 6;

struct Question {
  LocationId location;
  Cube cube;
  Expr states;  ///< the same, as an expression of the system
};

Question random_question(const TransitionSystem& system, const ControlGraph& graph,
                         const BitMap& bits, std::mt19937_64& random) {
  Question question{
      static_cast<LocationId>(random() % graph.locations.size()), {}, system.pool->boolean(true)};
  for (std::size_t i = 0; i < graph.control.size(); ++i) {
    const VarId id = graph.control[i];
    const std::uint64_t value = graph.locations[question.location].values[i];
    question.states =
        question.states &&
        eq(system.variable(id), system.pool->constant(system.variables[id].sort, value));
  }
  for (std::uint32_t i = 0; i < bits.size(); ++i) {
    const std::uint64_t draw = random() % 4;
    if (draw > 1) {
      continue;
    }
    const bool value = draw == 1;
    question.cube.push_back(2 * i + (value ? 1 : 0));
    const Expr variable = system.variable(bits.place(i).variable);
    const Expr is_set = variable.is_bool() ? variable : bit(variable, bits.place(i).bit);
    question.states = question.states && (value ? is_set : !is_set);
  }
  return question;
}

TEST_CASE("a cube that a sample reaches is reachable within as many steps") {
  std::mt19937_64 random(7);
  unsigned reachable = 0;
  unsigned noticed = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    const TransitionSystem system = test::random_system(seed);
    const ControlGraph graph = control_graph(system, system.pool->boolean(false));
    if (graph.locations.empty()) {
      continue;
    }
    const BitMap bits(system, graph);
    Samples samples(system, graph, bits);
    for (std::uint32_t depth = 0; depth <= deepest; ++depth) {
      samples.extend(depth);
    }
    std::vector<Question> questions;
    std::vector<Expr> targets;
    for (unsigned i = 0; i < 20; ++i) {
      questions.push_back(random_question(system, graph, bits, random));
      targets.push_back(questions.back().states);
    }
    const test::NaiveResult truth = test::naive_search(system, targets);
    for (std::size_t i = 0; i < questions.size(); ++i) {
      for (std::uint32_t level = 0; level <= deepest; ++level) {
        const bool within = truth.distances[i] && *truth.distances[i] <= level;
        const bool sampled = samples.reach(questions[i].location, questions[i].cube, level);
        CHECK((within || !sampled));
        reachable += within ? 1 : 0;
        noticed += sampled ? 1 : 0;
      }
    }
  }
  CHECK(reachable > 1000);
  CHECK(noticed > reachable / 2);  // else nothing was tested
}

TEST_CASE("before any depth is sampled nothing is known to be reachable") {
  const TransitionSystem system = test::random_system(1);
  const ControlGraph graph = control_graph(system, system.pool->boolean(false));
  const BitMap bits(system, graph);
  const Samples samples(system, graph, bits);
  for (LocationId id = 0; id < graph.locations.size(); ++id) {
    CHECK(!samples.reach(id, {}, deepest));
  }
}

}  // namespace
}  // namespace airlock::prove
