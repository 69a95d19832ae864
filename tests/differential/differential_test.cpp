// A sample of what scripts/differential does a hundred thousand times. The environment says how
// much: AIRLOCK_DIFFERENTIAL_FIRST, …_COUNT, …_ABC_EVERY, …_COUNTING_EVERY, …_ONE_TARGET. The
// figures go to standard output, one line of JSON each, where AIRLOCK_DIFFERENTIAL_COUNT is set.
#include <algorithm>
#include <cstdlib>
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/differential/c_compare.hpp"
#include "tests/differential/decisions.hpp"
#include "tests/differential/models_compare.hpp"
#include "tests/differential/systems_compare.hpp"
#include "tests/support/random_system.hpp"

namespace airlock::test {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

bool asked_for_figures() {
  return std::getenv("AIRLOCK_DIFFERENTIAL_COUNT") != nullptr;
}

Effort effort(std::uint64_t counting_every, bool one_target) {
  return {from_environment("AIRLOCK_DIFFERENTIAL_ABC_EVERY", 1),
          from_environment("AIRLOCK_DIFFERENTIAL_COUNTING_EVERY", counting_every),
          from_environment("AIRLOCK_DIFFERENTIAL_ONE_TARGET", one_target ? 1 : 0) != 0};
}

/// `more` goes between the count and the rest.
void print_figures(const char* kind, std::uint64_t count, const std::string& more,
                   const SystemsTally& tally) {
  if (asked_for_figures()) {
    fmt::print(
        "{{\"kind\": \"{0}\", \"{0}\": {1}, {2}\"states\": {3}, \"questions\": {4}, \"answers\": "
        "{5}, "
        "\"reachable\": {6}, \"undecided\": {7}, \"abc\": {8}, \"spin\": {9}, \"rumur\": {10}, "
        "\"not_exportable\": {11}}}\n",
        kind, count, more, tally.states, tally.questions, tally.answers, tally.reachable,
        tally.undecided, tally.outside.abc, tally.outside.spin, tally.outside.rumur,
        tally.outside.not_exportable);
  }
}

}  // namespace

TEST_CASE("C means to the front end what it means to the compiler") {
  const CTally tally = compare_c_programs(from_environment("AIRLOCK_DIFFERENTIAL_FIRST", 0),
                                          from_environment("AIRLOCK_DIFFERENTIAL_COUNT", 200), 8);
  CHECK_MESSAGE(!tally.disagreement, tally.disagreement.value_or(""));
  CHECK(tally.runs > 0);
  CHECK(tally.undefined > 0);
  CHECK(tally.undefined < tally.runs);
  CHECK(tally.refused * 10 < tally.programs);
  if (asked_for_figures()) {
    fmt::print(
        "{{\"kind\": \"c\", \"programs\": {}, \"runs\": {}, \"undefined\": {}, "
        "\"threaded\": {}, \"refused\": {}}}\n",
        tally.programs, tally.runs, tally.undefined, tally.threaded, tally.refused);
  }
}

TEST_CASE("every engine says about random systems what the naive search says") {
  const SystemsTally tally =
      compare_on_systems(100'000 + from_environment("AIRLOCK_DIFFERENTIAL_FIRST", 0),
                         from_environment("AIRLOCK_DIFFERENTIAL_COUNT", 50), effort(50, false));
  CHECK_MESSAGE(!tally.disagreement, tally.disagreement.value_or(""));
  CHECK(tally.reachable > 0);
  CHECK(tally.reachable < tally.questions);
  CHECK(tally.too_large == 0);
  print_figures("systems", tally.systems, {}, tally);
}

TEST_CASE("every engine says about random spec files what the naive search says") {
  const ModelsTally tally =
      compare_on_models(from_environment("AIRLOCK_DIFFERENTIAL_FIRST", 1),
                        from_environment("AIRLOCK_DIFFERENTIAL_COUNT", 7), effort(1000, true));
  CHECK_MESSAGE(!tally.systems.disagreement, tally.systems.disagreement.value_or(""));
  CHECK(tally.systems.reachable > 0);
  CHECK(tally.systems.reachable < tally.systems.questions);
  CHECK(tally.refused * 4 < tally.models);
  const std::uint64_t too_large = tally.too_large + tally.systems.too_large;
  CHECK(too_large * 2 < tally.models);
  print_figures("models", tally.models,
                fmt::format("\"refused\": {}, \"too_large\": {}, ", tally.refused, too_large),
                tally.systems);
}

TEST_CASE("decisions shrink to the fewest and smallest that are still bad") {
  const auto bad = [](const std::vector<std::uint32_t>& list) {
    return std::count_if(list.begin(), list.end(), [](std::uint32_t d) { return d >= 3; }) >= 2;
  };
  CHECK(shrink({9, 1, 7, 0, 4, 12, 5}, 1000, bad).size() == 2);
}

TEST_CASE("a system shrinks to what is bad about it") {
  const TransitionSystem system = random_system(1);
  REQUIRE(system.rules.size() > 1);
  const std::string name = system.rules.back().name;
  const TransitionSystem small = shrink_system(system, [&](const TransitionSystem& s) {
    return std::any_of(s.rules.begin(), s.rules.end(),
                       [&](const Rule& rule) { return rule.name == name; });
  });
  CHECK(small.rules.size() == 1);
  CHECK(small.properties.size() == 1);
}

}  // namespace airlock::test
