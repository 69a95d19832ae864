#include "checker/explore/visited.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace airlock::explicit_state {
namespace {

constexpr unsigned first_log_slots = 11;
constexpr std::size_t chunk = 1024;  // states between checks of the load
constexpr std::size_t ahead = 24;    // slots being fetched: somewhat more than a core can wait for

/// The number of words per state: a constant where `Words` is not 0.
template <std::size_t Words>
constexpr std::size_t count_words(std::size_t words) {
  return Words != 0 ? Words : words;
}

bool is_zero(const Word* state, std::size_t words) {
  Word any = 0;
  for (std::size_t w = 0; w < words; ++w) {
    any |= state[w];
  }
  return any == 0;
}

}  // namespace

VisitedSet::VisitedSet(std::size_t words)
    : words_(words),
      log_slots_(first_log_slots),
      table_((std::size_t{1} << first_log_slots) * words) {}

void VisitedSet::insert(const Word* states, std::size_t count, StateSequence& fresh) {
  switch (words_) {
    case 1: return insert_all<1>(states, count, fresh);
    case 2: return insert_all<2>(states, count, fresh);
    case 3: return insert_all<3>(states, count, fresh);
    case 4: return insert_all<4>(states, count, fresh);
    default: return insert_all<0>(states, count, fresh);
  }
}

template <std::size_t Words>
void VisitedSet::insert_all(const Word* states, std::size_t count, StateSequence& fresh) {
  const std::size_t words = count_words<Words>(words_);
  for (std::size_t i = 0; i < count; i += chunk) {
    const std::size_t n = std::min(chunk, count - i);
    // At most five eighths full, so that probes stay within a cache line or two.
    if (size_ + n > (std::size_t{5} << log_slots_) / 8) {
      grow<Words>();
    }
    insert_chunk<Words>(states + i * words, n, fresh);
  }
}

template <std::size_t Words>
void VisitedSet::insert_chunk(const Word* states, std::size_t count, StateSequence& fresh) {
  const std::size_t words = count_words<Words>(words_);
  std::array<std::size_t, chunk> slots;  // NOLINT: filled as needed
  const auto fetch = [&](std::size_t i) {
    slots[i] = static_cast<std::size_t>(hash_state(states + i * words, words) >> (64 - log_slots_));
    __builtin_prefetch(table_.data() + slots[i] * words, 1);
  };
  for (std::size_t i = 0; i < std::min(ahead, count); ++i) {
    fetch(i);
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (i + ahead < count) {
      fetch(i + ahead);
    }
    if (insert_one<Words>(states + i * words, slots[i])) {
      ++size_;
      fresh.append(states + i * words);
    }
  }
}

template <std::size_t Words>
bool VisitedSet::insert_one(const Word* state, std::size_t slot) {
  const std::size_t words = count_words<Words>(words_);
  if (is_zero(state, words)) {
    return !std::exchange(has_zero_, true);
  }
  const std::size_t last = (std::size_t{1} << log_slots_) - 1;
  for (;; slot = (slot + 1) & last) {
    Word* const at = table_.data() + slot * words;
    if (std::equal(state, state + words, at)) {
      return false;
    }
    if (is_zero(at, words)) {
      std::copy(state, state + words, at);
      return true;
    }
  }
}

template <std::size_t Words>
void VisitedSet::grow() {
  const std::size_t words = count_words<Words>(words_);
  const std::size_t old_slots = std::size_t{1} << log_slots_;
  const unsigned log_slots = log_slots_ + (log_slots_ < 18 ? 2 : 1);
  ZeroedWords old((std::size_t{1} << log_slots) * words);
  std::swap(old, table_);
  log_slots_ = log_slots;
  for (std::size_t i = 0; i < old_slots; ++i) {
    const Word* state = old.data() + i * words;
    if (!is_zero(state, words)) {
      const auto slot = static_cast<std::size_t>(hash_state(state, words) >> (64 - log_slots_));
      [[maybe_unused]] const bool added = insert_one<Words>(state, slot);
      assert(added);
    }
  }
}

}  // namespace airlock::explicit_state
