// The states found, in the order in which they were found: level after level.
//
// Kept in blocks, so that growing never copies and addresses never change: the search appends the
// next level while it reads the current one. The sequence is also all that path reconstruction
// needs; there are no parent links (see path.hpp).
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <memory>
#include <vector>

#include "checker/explore/packing.hpp"

namespace airlock::explicit_state {

class StateSequence {
 public:
  /// States per block: a run of states never crosses a multiple of it.
  static constexpr std::size_t block_states = std::size_t{1} << 14U;

  explicit StateSequence(std::size_t words) : words_(words) {}
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] const Word* operator[](std::size_t i) const {
    assert(i < size_);
    return &blocks_[i / block_states][(i % block_states) * words_];
  }
  void append(const Word* state) {
    const std::size_t at = size_ % block_states;
    if (at == 0) {
      blocks_.emplace_back(new Word[block_states * words_]);
    }
    std::copy(state, state + words_, &blocks_.back()[at * words_]);
    ++size_;
  }
  /// One past the last state that lies in one piece with state `i`, and is before `end`.
  [[nodiscard]] std::size_t run_end(std::size_t i, std::size_t end) const {
    return std::min(end, (i / block_states + 1) * block_states);
  }

 private:
  std::size_t words_;
  std::size_t size_ = 0;
  std::vector<std::unique_ptr<Word[]>> blocks_;
};

}  // namespace airlock::explicit_state
