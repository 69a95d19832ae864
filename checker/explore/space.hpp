// The states found so far, dealt out to the threads.
//
// A state belongs to the thread that owns its segment of the visited set, and stands in that
// thread's shard, level by level. Since segments are cut by hash they are equally large, so that
// threads need no stealing; and since each level is complete before the next begins, what is in a
// level does not depend on their number.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "checker/explore/packing.hpp"
#include "checker/explore/sequence.hpp"

namespace airlock::explicit_state {

struct Shard {
  Shard(std::size_t words, MemoryBudget* budget) : states(words, budget) {}
  StateSequence states;
  std::vector<std::size_t> levels;  ///< first state of each level
  [[nodiscard]] std::size_t level_begin(std::size_t level) const { return levels[level]; }
  [[nodiscard]] std::size_t level_end(std::size_t level) const {
    return level + 1 < levels.size() ? levels[level + 1] : states.size();
  }
};
using Shards = std::vector<std::unique_ptr<Shard>>;

/// Lexicographic; the order by which paths are made canonical.
inline bool less_state(const Word* a, const Word* b, std::size_t words) {
  return std::lexicographical_compare(a, a + words, b, b + words);
}

}  // namespace airlock::explicit_state
