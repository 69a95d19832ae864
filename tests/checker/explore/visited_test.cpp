// The set of states seen, against std::set: whatever the width, the number of words, the load.
#include "checker/explore/visited.hpp"

#include <doctest/doctest.h>
#include <random>
#include <set>

#include "checker/explore/mixer.hpp"

namespace airlock::explicit_state {
namespace {

/// A system with variables of these widths.
TransitionSystem with_widths(const std::vector<unsigned>& widths) {
  TransitionSystem s;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    s.add_variable("v" + std::to_string(i), Sort::bits(widths[i]), s.pool->bits(widths[i], 0));
  }
  return s;
}

using States = std::set<std::vector<Word>>;

/// Inserts `state` by itself; true if the set says that it is new.
bool insert(VisitedSet& set, std::vector<Word> state, StateSequence& fresh) {
  const std::size_t before = fresh.size();
  const std::vector<Word> plain = state;
  state[0] = set.mixer().mix(state[0], state.size() == 1 ? 0 : set.mixer().others(&state[1]));
  set.insert(set.segment_of(state[0]), state.data(), 1, fresh);
  if (fresh.size() == before) {
    return false;
  }
  CHECK(fresh.size() == before + 1);
  CHECK(std::vector<Word>(fresh[before], fresh[before] + plain.size()) == plain);
  return true;
}

Word random_word(std::mt19937_64& random, unsigned width) {
  const Word mask = width == 64 ? ~Word{0} : (Word{1} << width) - 1;
  switch (random() % 3) {
    case 0: return random() & mask;
    case 1: return random() % 64 & mask;                            // the lowest bits only
    default: return (random() % 64 << (width - width / 4)) & mask;  // the highest bits only
  }
}

}  // namespace

TEST_CASE("the mixer is a permutation of every width, and unmix undoes it") {
  for (unsigned width = 1; width <= 14; ++width) {
    const TransitionSystem s = with_widths({width});
    const Layout layout(s);
    const Mixer mixer(layout);
    std::vector<bool> hit(std::size_t{1} << width, false);
    for (Word x = 0; x < hit.size(); ++x) {
      const Word y = mixer.mix(x, 0);
      REQUIRE(y < hit.size());
      CHECK_FALSE(hit[y]);
      hit[y] = true;
      CHECK(mixer.unmix(y, 0) == x);
    }
  }
  std::mt19937_64 random(7);
  for (unsigned width = 15; width <= 64; ++width) {
    const TransitionSystem s = with_widths({width});
    const Layout layout(s);
    const Mixer mixer(layout);
    for (int i = 0; i < 1000; ++i) {
      const Word x = random_word(random, width);
      const Word others = random();
      CHECK(mixer.unmix(mixer.mix(x, others), others) == x);
    }
  }
}

TEST_CASE("the visited set says new exactly once of every state, for every width of a word") {
  std::mt19937_64 random(1);
  for (unsigned width = 1; width <= 64; ++width) {
    const TransitionSystem s = with_widths({width});
    const Layout layout(s);
    VisitedSet set(layout);
    StateSequence fresh(1);
    States seen;
    std::size_t wrong = 0;
    for (int i = 0; i < 20000; ++i) {
      const std::vector<Word> state{random_word(random, width)};
      wrong += insert(set, state, fresh) != seen.insert(state).second ? 1U : 0U;
    }
    CHECK(wrong == 0);
    CHECK(fresh.size() == seen.size());
  }
}

TEST_CASE("the visited set says new exactly once of every state of several words") {
  std::mt19937_64 random(2);
  for (const std::vector<unsigned>& widths :
       {std::vector<unsigned>{33, 33}, {64, 1}, {60, 40, 30}, {64, 64, 64}, {33, 33, 33, 33, 33}}) {
    const TransitionSystem s = with_widths(widths);
    const Layout layout(s);
    VisitedSet set(layout);
    StateSequence fresh(layout.words());
    States seen;
    std::size_t wrong = 0;
    for (int i = 0; i < 40000; ++i) {
      State values;
      for (const unsigned width : widths) {
        values.push_back(random_word(random, width));
      }
      std::vector<Word> state(layout.words());
      layout.pack(values, state.data());
      wrong += insert(set, state, fresh) != seen.insert(state).second ? 1U : 0U;
    }
    CHECK(wrong == 0);
    CHECK(fresh.size() == seen.size());
  }
}

TEST_CASE("one segment keeps every entry from the first slot to a bitmap of all values") {
  // Every value of 18 bits in two orders: a table that grows many times, then a bitmap.
  SegmentShape shape;
  shape.bits = 18;
  for (const Word odd : {Word{1}, Word{0x9E3779B97F4A7C15ULL}}) {
    Segment segment(shape, nullptr);
    std::size_t added = 0;
    std::size_t largest = 0;
    for (int twice = 0; twice < 2; ++twice) {
      for (Word i = 0; i < Word{1} << 18U; ++i) {
        const Word state = (i * odd) & ((Word{1} << 18U) - 1);
        segment.insert(&state, 1, [&](std::size_t) { ++added; });
        largest = std::max(largest, segment.bytes());
      }
      CHECK(added == Word{1} << 18U);
      CHECK(segment.size() == added);
    }
    CHECK(segment.bytes() == (Word{1} << 18U) / 8);
    CHECK(largest == segment.bytes());
  }
}

TEST_CASE("states whose mixed first words are the same are told apart by every further bit") {
  SegmentShape shape;
  shape.words = 4;
  shape.bits = 20;
  shape.other_bytes = {1, 8, 3};
  shape.other_total = 12;
  std::vector<std::vector<Word>> states{{5, 0, 0, 0}};
  for (std::size_t w = 0; w < shape.other_bytes.size(); ++w) {
    for (unsigned bit = 0; bit < 8 * shape.other_bytes[w]; ++bit) {
      states.push_back(states[0]);
      states.back()[1 + w] = Word{1} << bit;
    }
  }
  Segment segment(shape, nullptr);
  for (int round = 0; round < 2; ++round) {
    for (const std::vector<Word>& state : states) {
      std::size_t fresh = 0;
      segment.insert(state.data(), 1, [&](std::size_t) { ++fresh; });
      CHECK(fresh == (round == 0 ? 1U : 0U));
    }
  }
  CHECK(segment.size() == states.size());
}

TEST_CASE("a segment stays exact when many states have the same home") {
  // The homes are the upper bits; these states differ in the lower ones only.
  SegmentShape shape;
  shape.bits = 40;
  Segment segment(shape, nullptr);
  std::vector<Word> states;
  for (Word i = 0; i < 240; ++i) {
    states.push_back((Word{5} << 30U) | i);
  }
  std::size_t added = 0;
  for (int twice = 0; twice < 2; ++twice) {
    segment.insert(states.data(), states.size(), [&](std::size_t) { ++added; });
    CHECK(added == states.size());
  }
}

TEST_CASE("a segment in which every first word has its home takes states while a slot is near") {
  SegmentShape shape;
  shape.words = 2;
  shape.bits = 4;
  shape.other_bytes = {2};
  shape.other_total = 2;
  Segment segment(shape, nullptr);
  std::set<std::size_t> added;
  std::vector<Word> states;
  for (Word i = 0; i < 16 * 100; ++i) {
    states.push_back(i % 16);
    states.push_back(i / 16);
  }
  // 16 homes, and the last home's states can be 254 slots further.
  CHECK_THROWS_AS(segment.insert(states.data(), 16 * 100, [&](std::size_t i) { added.insert(i); }),
                  std::bad_alloc);
  CHECK(added.size() > 200);
  CHECK(segment.size() == added.size());
  std::size_t again = 0;
  segment.insert(states.data(), added.size(), [&](std::size_t) { ++again; });
  CHECK(again == 0);
}

TEST_CASE("a segment that may not grow says so and stays exact") {
  MemoryBudget budget(64 * 1024);
  SegmentShape shape;
  shape.bits = 50;
  Segment segment(shape, &budget);
  std::mt19937_64 random(3);
  std::vector<Word> states(100000);
  for (Word& state : states) {
    state = random() & ((Word{1} << 50U) - 1);
  }
  std::set<std::size_t> added;
  CHECK_THROWS_AS(segment.insert(states.data(), states.size(),
                                 [&](std::size_t i) { CHECK(added.insert(i).second); }),
                  OverBudget);
  CHECK(added.size() > 1000);
  CHECK(budget.peak() <= budget.limit());
  CHECK(segment.size() == added.size());
}

}  // namespace airlock::explicit_state
