// The random systems that engines are compared on are not all alike: otherwise agreeing on many of
// them would say little. With AIRLOCK_RANDOM_SYSTEMS set, the figures are printed.
#include <array>
#include <cstdlib>
#include <doctest/doctest.h>
#include <map>

#include "tests/support/naive_search.hpp"
#include "tests/support/random_system.hpp"

namespace airlock {
namespace {

struct Variety {
  std::uint64_t systems = 0;
  std::uint64_t with_inputs = 0;  ///< of rules
  std::uint64_t with_initial_inputs = 0;
  std::uint64_t with_constraint = 0;  ///< an assumption about the initial states
  std::uint64_t with_control = 0;
  std::uint64_t states = 0;
  std::array<std::uint64_t, 3> reached{};  ///< targets, by kind of property
  std::array<std::uint64_t, 3> missed{};
  std::map<std::uint64_t, std::uint64_t> distances;  ///< how many targets are so far away
};

Variety variety_of(std::uint64_t first, std::uint64_t count) {
  Variety result;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const TransitionSystem system = test::random_system(seed);
    std::vector<Expr> targets;
    for (const Property& property : system.properties) {
      targets.push_back(target_of(property));
    }
    const test::NaiveResult truth = test::naive_search(system, targets);
    ++result.systems;
    result.states += truth.states;
    bool inputs = false;
    for (const Rule& rule : system.rules) {
      inputs = inputs || !rule.inputs.empty();
    }
    result.with_inputs += inputs ? 1 : 0;
    result.with_initial_inputs += system.initial_inputs.empty() ? 0 : 1;
    result.with_constraint += system.initial_constraint.valid() ? 1 : 0;
    result.with_control += system.control.empty() ? 0 : 1;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const auto kind = static_cast<std::size_t>(system.properties[i].kind);
      ++(truth.distances[i] ? result.reached : result.missed).at(kind);
      if (truth.distances[i]) {
        ++result.distances[*truth.distances[i]];
      }
    }
  }
  return result;
}

}  // namespace

TEST_CASE("random systems differ in what they have, what holds of them and how far away it is") {
  const char* wanted = std::getenv("AIRLOCK_RANDOM_SYSTEMS");
  const Variety v = variety_of(0, wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 300);
  CHECK(v.with_inputs > v.systems / 3);
  CHECK(v.with_initial_inputs > v.systems / 4);
  CHECK(v.with_constraint > v.systems / 12);
  CHECK(v.with_control > v.systems / 3);
  for (std::size_t kind = 0; kind < 3; ++kind) {
    CAPTURE(kind);
    CHECK(v.reached.at(kind) > v.systems / 5);
    CHECK(v.missed.at(kind) > v.systems / 5);
  }
  std::uint64_t far = 0;
  std::uint64_t farthest = 0;
  for (const auto& [distance, count] : v.distances) {
    far += distance >= 3 ? count : 0;
    farthest = distance;
  }
  CHECK(far > v.systems / 20);
  CHECK(farthest >= 10);
  if (wanted != nullptr) {
    std::string histogram;
    for (const auto& [distance, count] : v.distances) {
      histogram += " " + std::to_string(distance) + ":" + std::to_string(count);
    }
    MESSAGE("systems " << v.systems << ", states " << v.states << ", with choices " << v.with_inputs
                       << ", initial choices " << v.with_initial_inputs
                       << ", an initial constraint " << v.with_constraint << ", control "
                       << v.with_control);
    for (std::size_t kind = 0; kind < 3; ++kind) {
      MESSAGE("kind " << kind << " (always, never, reachable): targets reached "
                      << v.reached.at(kind) << ", not reached " << v.missed.at(kind));
    }
    MESSAGE("steps to the target:" << histogram);
  }
}

}  // namespace airlock
