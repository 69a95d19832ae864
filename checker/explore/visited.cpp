#include "checker/explore/visited.hpp"

#include <algorithm>

namespace airlock::explicit_state {
namespace {

/// Enough for a large set's segments to be small, few enough for each to have a line in the
/// first-level cache to which successors are being sorted.
constexpr unsigned most_log_segments = 8;
/// For states of several words, whose trays would otherwise be more than the second-level cache.
constexpr unsigned most_log_segments_of_wide = 5;

SegmentShape shape_of(const Layout& layout, const Mixer& mixer, unsigned log_segments) {
  SegmentShape shape;
  shape.words = layout.words();
  shape.bits = mixer.width() - log_segments;
  for (std::size_t w = 1; w < layout.words(); ++w) {
    shape.other_bytes.push_back((layout.width(w) + 7) / 8);
    shape.other_total += shape.other_bytes.back();
  }
  return shape;
}

unsigned log_segments_of(const Mixer& mixer, std::size_t words) {
  return std::min(words > 1 ? most_log_segments_of_wide : most_log_segments, mixer.width() / 2);
}

}  // namespace

VisitedSet::VisitedSet(const Layout& layout, MemoryBudget* budget)
    : words_(layout.words()),
      mixer_(layout),
      shape_(shape_of(layout, mixer_, log_segments_of(mixer_, layout.words()))),
      budget_(budget) {
  clear();
}

void VisitedSet::clear() {
  segments_.clear();
  const std::size_t count = std::size_t{1} << log_segments_of(mixer_, words_);
  segments_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    segments_.emplace_back(shape_, budget_);
  }
}

void VisitedSet::insert(std::size_t segment, const Word* states, std::size_t count,
                        StateSequence& fresh) {
  if (words_ == 1) {
    segments_[segment].insert(
        states, count, [&](std::size_t i) { fresh.append_word(mixer_.unmix(states[i], 0)); });
    return;
  }
  std::vector<Word> state(words_);
  segments_[segment].insert(states, count, [&](std::size_t i) {
    copy_state(state.data(), states + i * words_, words_);
    state[0] = mixer_.unmix(state[0], mixer_.others(state.data() + 1));
    fresh.append(state.data());
  });
}

std::size_t VisitedSet::bytes() const {
  std::size_t total = 0;
  for (const Segment& segment : segments_) {
    total += segment.bytes();
  }
  return total;
}

}  // namespace airlock::explicit_state
