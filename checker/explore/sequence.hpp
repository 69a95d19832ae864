// The states found, in the order in which they were found: level after level.
//
// Kept in blocks, so that growing never copies and addresses never change: the search appends the
// next level while it reads the current one. The sequence is also all that path reconstruction
// needs; there are no parent links (see path.hpp). Where nobody will ask for a path, levels that
// have been expanded are forgotten and their blocks used again.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <vector>

#include "checker/explore/memory.hpp"
#include "checker/explore/packing.hpp"

namespace airlock::explicit_state {

class StateSequence {
 public:
  /// States per block: a run of states never crosses a multiple of it.
  static constexpr std::size_t block_states = std::size_t{1} << 14U;

  /// `budget`, if given, is borrowed.
  explicit StateSequence(std::size_t words, MemoryBudget* budget = nullptr)
      : words_(words), budget_(budget) {}
  [[nodiscard]] std::size_t size() const { return size_; }
  /// State `i`, which has not been forgotten.
  [[nodiscard]] const Word* operator[](std::size_t i) const {
    assert(i < size_ && blocks_[i / block_states].size() != 0);
    return &blocks_[i / block_states].words()[(i % block_states) * words_];
  }
  /// Throws std::bad_alloc.
  void append(const Word* state) {
    const std::size_t at = size_ % block_states;
    if (at == 0) {
      new_block();
    }
    copy_state(end_, state, words_);
    end_ += words_;
    ++size_;
  }
  /// append() for states of one word.
  void append_word(Word state) {
    assert(words_ == 1);
    if (size_ % block_states == 0) {
      new_block();
    }
    *end_++ = state;
    ++size_;
  }
  /// One past the last state that lies in one piece with state `i`, and is before `end`.
  [[nodiscard]] std::size_t run_end(std::size_t i, std::size_t end) const {
    return std::min(end, (i / block_states + 1) * block_states);
  }
  /// States before `end` will not be asked for any more. (Some of them stay in memory.)
  void forget_before(std::size_t end) {
    for (; forgotten_ < end / block_states; ++forgotten_) {
      spare_.push_back(std::move(blocks_[forgotten_]));
    }
  }
  [[nodiscard]] bool all_remembered() const { return forgotten_ == 0; }

 private:
  void new_block() {
    if (spare_.empty()) {
      spare_.emplace_back(block_states * words_ * sizeof(Word), budget_);
    }
    blocks_.push_back(std::move(spare_.back()));
    spare_.pop_back();
    end_ = blocks_.back().words();
  }

  std::size_t words_;
  MemoryBudget* budget_;
  std::size_t size_ = 0;
  std::size_t forgotten_ = 0;  // blocks
  Word* end_ = nullptr;        // where the next state goes, if its block is there
  std::vector<ZeroedBytes> blocks_;
  std::vector<ZeroedBytes> spare_;
};

}  // namespace airlock::explicit_state
