// Where a group has many rules, each holds in few lanes: so 64 lanes become a word of bits first,
// without a branch, and what then costs time is each lane that holds, not each lane.
#include "checker/explore/select_lanes.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

#include "checker/explore/vectors.hpp"

namespace airlock::explicit_state {

namespace {

[[maybe_unused]] bool are_bits(const Word* words, std::size_t count) {
  return std::all_of(words, words + count, [](Word word) { return word <= 1; });
}

}  // namespace

AIRLOCK_VECTORS
std::size_t select_lanes(const Word* holds, std::size_t count, std::uint32_t* selected) {
  assert(are_bits(holds, count));
  constexpr std::size_t block = 64;
  std::size_t found = 0;
  for (std::size_t begin = 0; begin < count; begin += block) {
    const std::size_t size = std::min(block, count - begin);
    Word bits = 0;
    if (size == block) {
      for (std::size_t k = 0; k < block; ++k) {
        bits |= holds[begin + k] << k;
      }
    } else {
      for (std::size_t k = 0; k < size; ++k) {
        bits |= holds[begin + k] << k;
      }
    }
    for (; bits != 0; bits &= bits - 1) {
      selected[found++] =
          static_cast<std::uint32_t>(begin) + static_cast<std::uint32_t>(std::countr_zero(bits));
    }
  }
  return found;
}

}  // namespace airlock::explicit_state
