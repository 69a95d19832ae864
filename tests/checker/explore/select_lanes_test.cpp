#include "checker/explore/select_lanes.hpp"

#include <doctest/doctest.h>
#include <random>
#include <vector>

namespace airlock::explicit_state {
namespace {

std::vector<std::uint32_t> naive(const std::vector<Word>& holds) {
  std::vector<std::uint32_t> result;
  for (std::uint32_t lane = 0; lane < holds.size(); ++lane) {
    if (holds[lane] == 1) {
      result.push_back(lane);
    }
  }
  return result;
}

std::vector<std::uint32_t> selected(const std::vector<Word>& holds) {
  std::vector<std::uint32_t> result(holds.size() + 1, 0xDEAD);
  const std::size_t found = select_lanes(holds.data(), holds.size(), result.data());
  REQUIRE(found <= holds.size());
  CHECK(result.back() == 0xDEAD);  // nothing is written beyond the end
  result.resize(found);
  return result;
}

constexpr std::size_t counts[] = {0, 1, 2, 63, 64, 65, 127, 128, 129, 255, 256};

}  // namespace

TEST_CASE("select_lanes finds none, all, and each single lane, at and around blocks of 64") {
  for (const std::size_t count : counts) {
    CAPTURE(count);
    CHECK(selected(std::vector<Word>(count, 0)).empty());
    const std::vector<Word> all(count, 1);
    CHECK(selected(all) == naive(all));
    for (std::size_t lane = 0; lane < count; ++lane) {
      std::vector<Word> one(count, 0);
      one[lane] = 1;
      CHECK(selected(one) == std::vector<std::uint32_t>{static_cast<std::uint32_t>(lane)});
    }
  }
}

TEST_CASE("select_lanes finds random lanes, ascending") {
  std::mt19937_64 random(7);
  for (const std::size_t count : counts) {
    for (int round = 0; round < 20; ++round) {
      std::vector<Word> holds(count);
      for (Word& each : holds) {
        each = random() % 8 < static_cast<unsigned>(round) % 8 ? 1 : 0;
      }
      CHECK(selected(holds) == naive(holds));
    }
  }
}

}  // namespace airlock::explicit_state
