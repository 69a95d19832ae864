// Bisection on random histories, held against the commit that was made bad.
#include "checker/cli/bisection.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <random>

namespace airlock {
namespace {

using Parents = std::vector<std::vector<std::size_t>>;

/// A history in which every commit is an ancestor of the last.
Parents random_history(std::mt19937& random, std::size_t commits) {
  Parents parents(commits);
  std::vector<bool> has_child(commits, false);
  for (std::size_t at = 1; at < commits; ++at) {
    const std::size_t reach = std::min<std::size_t>(at, 5);
    const std::size_t wanted = random() % 3 == 0 ? 2 : 1;
    for (std::size_t i = 0; i < wanted; ++i) {
      const std::size_t parent = at - 1 - random() % reach;
      if (std::find(parents[at].begin(), parents[at].end(), parent) == parents[at].end()) {
        parents[at].push_back(parent);
        has_child[parent] = true;
      }
    }
  }
  for (std::size_t at = 0; at + 1 < commits; ++at) {
    if (!has_child[at]) {
      parents.back().push_back(at);
    }
  }
  return parents;
}

/// Whether `at` has `first` among its ancestors or is it.
bool contains(const Parents& parents, std::size_t at, std::size_t first) {
  return at == first ||
         std::any_of(parents[at].begin(), parents[at].end(),
                     [&](std::size_t parent) { return contains(parents, parent, first); });
}

}  // namespace

TEST_CASE("bisection: ends at the first bad commit of any history, in few questions") {
  std::mt19937 random(1);  // NOLINT: the same histories every time
  for (int round = 0; round < 300; ++round) {
    const Parents parents = random_history(random, 2 + random() % 24);
    const std::size_t first = random() % parents.size();
    Bisection bisection(parents);
    std::size_t questions = 0;
    while (const auto at = bisection.next()) {
      ++questions;
      contains(parents, *at, first) ? bisection.bad(*at) : bisection.good(*at);
      REQUIRE(questions <= parents.size());
    }
    CHECK(bisection.left() == std::vector<std::size_t>{first});
  }
}

TEST_CASE("bisection: a line of commits takes its logarithm") {
  Parents parents(1000);
  for (std::size_t at = 1; at < parents.size(); ++at) {
    parents[at] = {at - 1};
  }
  Bisection bisection(parents);
  CHECK(bisection.answers_needed() == 10);
  std::size_t questions = 0;
  while (const auto at = bisection.next()) {
    ++questions;
    *at >= 617 ? bisection.bad(*at) : bisection.good(*at);
  }
  CHECK(bisection.left() == std::vector<std::size_t>{617});
  CHECK(questions <= 10);
}

TEST_CASE("bisection: what cannot be told is not asked again, and the first bad one stays left") {
  std::mt19937 random(2);  // NOLINT: the same histories every time
  for (int round = 0; round < 300; ++round) {
    const Parents parents = random_history(random, 3 + random() % 20);
    const std::size_t first = random() % parents.size();
    std::vector<bool> asked(parents.size(), false);
    std::vector<bool> untold(parents.size(), false);
    for (std::size_t at = 0; at < untold.size(); ++at) {
      untold[at] = random() % 3 == 0;
    }
    Bisection bisection(parents);
    while (const auto at = bisection.next()) {
      REQUIRE(!asked[*at]);
      asked[*at] = true;
      if (untold[*at]) {
        bisection.cannot_tell(*at);
      } else {
        contains(parents, *at, first) ? bisection.bad(*at) : bisection.good(*at);
      }
    }
    const std::vector<std::size_t> left = bisection.left();
    CHECK(std::find(left.begin(), left.end(), first) != left.end());
    for (const std::size_t at : left) {  // every other one could not be told, or is the bad end
      CHECK((at == left.back() || untold[at]));
    }
  }
}

}  // namespace airlock
