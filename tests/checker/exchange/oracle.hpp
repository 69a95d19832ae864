// What tests of the exchange formats share: questions about random systems with known answers.
#pragma once

#include <string>
#include <vector>

#include "checker/exchange/exchange.hpp"
#include "tests/support/naive_search.hpp"
#include "tests/support/random_system.hpp"

namespace airlock::test {

struct Question {
  TransitionSystem system;
  std::vector<ExportTarget> targets;
  NaiveResult truth;
  [[nodiscard]] bool reachable(std::size_t target) const {
    return truth.distances.at(target).has_value();
  }
};

inline Question question_about(TransitionSystem system) {
  Question question{std::move(system), {}, {}};
  std::vector<Expr> targets;
  for (const Property& property : question.system.properties) {
    targets.push_back(target_of(property));
    question.targets.push_back({property.name, targets.back()});
  }
  question.truth = naive_search(question.system, targets);
  return question;
}

inline Question random_question(std::uint64_t seed) {
  return question_about(random_system(seed));
}

/// A counter from 3 or 5 (an initial input) up, and nothing else: 5 is reached at once or after
/// two steps, 4 only from 3, 2 never.
inline TransitionSystem counter_from_a_input() {
  TransitionSystem system;
  const Sort sort = Sort::bits(3);
  const InputId first = system.add_input("first", Sort::boolean(), "any start");
  system.initial_inputs = {first};
  const VarId id = system.add_variable(
      "count", sort,
      ite(system.input(first), system.pool->constant(sort, 3), system.pool->constant(sort, 5)));
  const Expr count = system.variable(id);
  Rule rule;
  rule.name = "up";
  rule.actor = "counter";
  rule.guard = ult(count, same_sort(count, 7));
  rule.updates = {{id, count + same_sort(count, 1)}};
  system.rules.push_back(rule);
  const auto never = [&](const std::string& name, std::uint64_t value) {
    system.properties.push_back(
        {name, PropertyKind::never, eq(count, same_sort(count, value)), {}, {}, {}});
  };
  never("never_2", 2);
  never("never_3", 3);
  never("never_4", 4);
  never("never_5", 5);
  validate(system);
  return system;
}

}  // namespace airlock::test
