#include "checker/explore/exchange.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace airlock::explicit_state {
namespace {

constexpr std::size_t smallest_tray = 32;
constexpr std::size_t largest_tray_words = 2048;

}  // namespace

Exchange::Exchange(const Layout& layout, VisitedSet& visited, const Shards& shards,
                   MemoryBudget* budget)
    : words_(layout.words()), visited_(visited), shards_(shards), budget_(budget) {
  threads_.resize(shards.size());
  for (Thread& thread : threads_) {
    thread.trays.resize(visited.segments());
    thread.outboxes.resize(shards.size());
  }
  fit(0);
}

void Exchange::fit(std::size_t states) {
  const std::size_t wanted =
      std::clamp(std::bit_ceil(states / visited_.segments() / 2 + 1), smallest_tray,
                 std::max(smallest_tray, std::bit_floor(largest_tray_words / words_)));
  if (wanted <= tray_states_) {
    return;
  }
  tray_states_ = wanted;
  const std::size_t tray_words = wanted * words_;
  for (Thread& thread : threads_) {
    thread.memory = ZeroedBytes();
    thread.memory = ZeroedBytes(thread.trays.size() * tray_words * sizeof(Word), budget_);
    for (std::size_t s = 0; s < thread.trays.size(); ++s) {
      Word* const begin = thread.memory.words() + s * tray_words;
      thread.trays[s] = {begin, begin, begin + tray_words};
    }
  }
}

void Exchange::clear() {
  threads_.clear();
}

void Exchange::collect(std::size_t i, const Successors& successors, bool initial) {
  if (words_ == 1 && !initial) {
    collect_one_word(i, successors);
  } else {
    collect_general(i, successors, initial);
  }
}

/// The common case: without a branch per state but the one for a full tray.
void Exchange::collect_one_word(std::size_t i, const Successors& s) {
  const Mixer mixer = visited_.mixer();
  const Word* const target = s.to[0];
  const Word* const source = s.from[0];
  std::array<Word, lanes> mixed;   // NOLINT: filled as needed
  std::array<Word, lanes> wanted;  // NOLINT
  for (std::size_t k = 0; k < s.lanes; ++k) {
    mixed[k] = mixer.mix(target[k], 0);
  }
  if (s.guard == nullptr) {
    for (std::size_t k = 0; k < s.lanes; ++k) {
      wanted[k] = Word{target[k] != source[k]};
    }
  } else {
    for (std::size_t k = 0; k < s.lanes; ++k) {
      wanted[k] = s.guard[k] & Word{target[k] != source[k]};
    }
  }
  Tray* const trays = threads_[i].trays.data();
  for (std::size_t k = 0; k < s.lanes; ++k) {
    const std::size_t segment = visited_.segment_of(mixed[k]);
    Tray& tray = trays[segment];
    *tray.at = mixed[k];
    tray.at += wanted[k];
    if (tray.at == tray.end) {
      empty(i, segment);
    }
  }
}

void Exchange::collect_general(std::size_t i, const Successors& s, bool initial) {
  const Mixer mixer = visited_.mixer();
  Tray* const trays = threads_[i].trays.data();
  std::vector<Word> state(words_);
  for (std::size_t k = 0; k < s.lanes; ++k) {
    if (s.guard != nullptr && s.guard[k] == 0) {
      continue;
    }
    Word changed = initial ? 1 : 0;
    for (std::size_t w = 0; w < words_; ++w) {
      state[w] = s.to[w][k];
      changed |= state[w] ^ s.from[w][k];
    }
    if (changed == 0) {
      continue;
    }
    state[0] = mixer.mix(state[0], mixer.others(state.data() + 1));
    const std::size_t segment = visited_.segment_of(state[0]);
    Tray& tray = trays[segment];
    copy_state(tray.at, state.data(), words_);
    tray.at += words_;
    if (tray.at == tray.end) {
      empty(i, segment);
    }
  }
}

/// A full tray of thread `i`.
void Exchange::empty(std::size_t i, std::size_t segment) {
  Thread& thread = threads_[i];
  Tray& tray = thread.trays[segment];
  const std::size_t to = owner(segment);
  if (to == i) {
    visited_.insert(segment, tray.begin, tray_states_, shards_[i]->states);
  } else {
    Outbox& outbox = thread.outboxes[to];
    outbox.runs.push_back({segment, tray_states_});
    outbox.words.insert(outbox.words.end(), tray.begin, tray.at);
    thread.foreign += static_cast<std::size_t>(tray.at - tray.begin);
  }
  tray.at = tray.begin;
}

void Exchange::deliver(std::size_t i, bool all) {
  for (Thread& from : threads_) {
    Outbox& outbox = from.outboxes[i];
    const Word* states = outbox.words.data();
    for (const Run& run : outbox.runs) {
      visited_.insert(run.segment, states, run.count, shards_[i]->states);
      states += run.count * words_;
    }
    outbox.runs.clear();
    outbox.words.clear();
    if (all) {
      deliver_trays(i, from);
    }
  }
  threads_[i].foreign = 0;
}

void Exchange::deliver_trays(std::size_t i, Thread& from) {
  for (std::size_t segment = i; segment < from.trays.size(); segment += shards_.size()) {
    deliver_tray(i, segment, from);
  }
}

/// To thread `i`, which owns the segment.
void Exchange::deliver_tray(std::size_t i, std::size_t segment, Thread& from) {
  Tray& tray = from.trays[segment];
  if (tray.at != tray.begin) {
    const auto count = static_cast<std::size_t>(tray.at - tray.begin) / words_;
    visited_.insert(segment, tray.begin, count, shards_[i]->states);
    tray.at = tray.begin;
  }
}

void Exchange::restore(const Word* state) {
  const Mixer& mixer = visited_.mixer();
  const Word mixed = mixer.mix(state[0], words_ == 1 ? 0 : mixer.others(state + 1));
  const std::size_t segment = visited_.segment_of(mixed);
  Tray& tray = threads_[0].trays[segment];
  copy_state(tray.at, state, words_);
  *tray.at = mixed;
  tray.at += words_;
  if (tray.at == tray.end) {
    deliver_tray(owner(segment), segment, threads_[0]);
  }
}

void Exchange::deliver_all() {
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    deliver(i, true);
  }
}

}  // namespace airlock::explicit_state
