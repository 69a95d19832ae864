#include "checker/compare/pin_search.hpp"

#include <bit>
#include <doctest/doctest.h>
#include <random>

namespace airlock {
namespace {

/// The size of a smallest set that meets all clauses, by trying all.
int smallest(const std::vector<PinSet>& clauses, unsigned pins) {
  int best = 64;
  for (PinSet set = 0; set < PinSet{1} << pins; ++set) {
    bool meets = true;
    for (const PinSet clause : clauses) {
      meets = meets && (set & clause) != 0;
    }
    if (meets) {
      best = std::min(best, std::popcount(set));
    }
  }
  return best;
}

}  // namespace

TEST_CASE("without counterexamples no pin is needed") {
  CHECK(PinSearch().next() == 0);
}

TEST_CASE("each counterexample is met by the next proposal") {
  PinSearch search;
  search.exclude(0b110);
  CHECK(search.next() == 0b010);
  search.exclude(0b101);
  CHECK(search.next() == 0b100);
  search.exclude(0b011);
  CHECK(std::popcount(search.next()) == 2);
}

TEST_CASE("proposals are smallest hitting sets") {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<PinSet> clauses;
    PinSearch search;
    for (int i = 0; i < 6; ++i) {
      const PinSet clause = 1 + random() % 255;
      clauses.push_back(clause);
      search.exclude(clause);
      const PinSet proposal = search.next();
      CHECK(std::popcount(proposal) == smallest(clauses, 8));
      for (const PinSet each : clauses) {
        CHECK((proposal & each) != 0);
      }
    }
  }
}

TEST_CASE("sixty-four pins are not too many") {
  PinSearch search;
  for (unsigned i = 0; i < 64; ++i) {
    search.exclude(PinSet{1} << i);
  }
  CHECK(search.next() == ~PinSet{0});
}

}  // namespace airlock
