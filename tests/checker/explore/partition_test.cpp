// Which variables tell rules apart.
#include "checker/explore/partition.hpp"

#include <doctest/doctest.h>

namespace airlock::explicit_state {
namespace {

/// A system with variables of so many bits each, all 0 at first, and no rules yet.
TransitionSystem with_variables(std::initializer_list<unsigned> widths) {
  TransitionSystem s;
  for (const unsigned width : widths) {
    s.add_variable("v" + std::to_string(s.variables.size()), Sort::bits(width),
                   s.pool->bits(width, 0));
  }
  return s;
}

Expr is(const TransitionSystem& s, VarId id, std::uint64_t value) {
  return eq(s.variable(id), same_sort(s.variable(id), value));
}

Expr below(const TransitionSystem& s, VarId id, std::uint64_t value) {
  return ult(s.variable(id), same_sort(s.variable(id), value));
}

void add_rule(TransitionSystem& s, Expr guard) {
  Rule rule;
  rule.name = "rule " + std::to_string(s.rules.size());
  rule.guard = guard;
  s.rules.push_back(rule);
}

std::vector<VarId> chosen(const TransitionSystem& s) {
  return partition_variables(s, Layout(s));
}

TEST_CASE("variables that each rule compares with a constant partition the rules, the best first") {
  TransitionSystem s = with_variables({2, 3, 4});
  for (std::uint64_t i = 0; i < 4; ++i) {
    for (std::uint64_t k = 0; k < 8; ++k) {
      add_rule(s, is(s, 0, i) & is(s, 1, k) & below(s, 2, 15));
    }
  }
  CHECK(chosen(s) == std::vector<VarId>{1, 0});
}

TEST_CASE(
    "guards that compare variables with each other, or hold nearly always, partition nothing") {
  TransitionSystem s = with_variables({3, 3});
  add_rule(s, !eq(s.variable(0), s.variable(1)));
  add_rule(s, below(s, 0, 7));
  add_rule(s, s.pool->boolean(true));
  CHECK(chosen(s).empty());
}

TEST_CASE("what the system calls control comes first, and other variables if they still help") {
  TransitionSystem s = with_variables({2, 3, 3});
  s.control = {2};
  for (std::uint64_t i = 0; i < 8; ++i) {
    add_rule(s, is(s, 1, i) & is(s, 2, i));
  }
  CHECK(chosen(s) == std::vector<VarId>{2, 1});
}

TEST_CASE("no more groups are asked for than can be compiled") {
  TransitionSystem s = with_variables({8, 8, 8, 9});
  for (std::uint64_t i = 0; i < 256; ++i) {
    add_rule(s, is(s, 0, i) & is(s, 1, i) & is(s, 2, i) & is(s, 3, i));
  }
  CHECK(chosen(s) == std::vector<VarId>{0});
}

}  // namespace
}  // namespace airlock::explicit_state
