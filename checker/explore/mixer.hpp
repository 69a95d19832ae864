// A hash that loses nothing.
//
// The visited set spreads states by a hash and then needs to store only what the place of an entry
// does not say already (Cleary, "Compact Hash Tables Using Bidirectional Linear Probing", 1984).
// For that the hash must be a permutation: of the first word's `width` bits, for any given values
// of the other words. Multiplying by an odd number and xoring with what is shifted down by at least
// half the width are both permutations of `width` bits; three rounds of the pair spread every bit
// over the upper ones, which are those that the set looks at. The other words are hashed, in the
// ordinary way, and xored into the first.
#pragma once

#include <cstddef>
#include <cstdint>

#include "checker/explore/packing.hpp"

namespace airlock::explicit_state {

/// A mixing of all bits of a word into all bits of the result.
inline Word hash_step(Word h) {
  h ^= h >> 32U;
  h *= 0xD6E8FEB86659FD93ULL;
  h ^= h >> 32U;
  h *= 0xD6E8FEB86659FD93ULL;
  return h ^ (h >> 32U);
}
inline Word hash_state(const Word* state, std::size_t words) {
  Word h = hash_step(state[0]);
  for (std::size_t w = 1; w < words; ++w) {
    h = hash_step(h * 0x9E3779B97F4A7C15ULL + state[w]);
  }
  return h;
}

/// An odd number's inverse modulo 2^64, and so modulo every smaller power (Newton's iteration,
/// which doubles the number of correct bits; an odd number is its own inverse modulo 8).
constexpr Word inverse(Word odd) {
  Word x = odd;
  for (int i = 0; i < 5; ++i) {
    x *= 2 - odd * x;
  }
  return x;
}

class Mixer {
 public:
  explicit Mixer(const Layout& layout)
      : words_(layout.words()),
        width_(layout.width(0) == 0 ? 1 : layout.width(0)),
        shift_((width_ + 1) / 2),
        mask_(width_ == 64 ? ~Word{0} : (Word{1} << width_) - 1) {}

  /// Bits of a mixed first word.
  [[nodiscard]] unsigned width() const { return width_; }
  [[nodiscard]] Word mix(Word first, Word others) const {
    Word x = first ^ (others & mask_);
    x ^= x >> shift_;
    x = (x * forth1) & mask_;
    x ^= x >> shift_;
    x = (x * forth2) & mask_;
    return x ^ (x >> shift_);
  }
  /// The first word that mix() made `x` of.
  [[nodiscard]] Word unmix(Word x, Word others) const {
    x ^= x >> shift_;
    x = (x * back2) & mask_;
    x ^= x >> shift_;
    x = (x * back1) & mask_;
    x ^= x >> shift_;
    return x ^ (others & mask_);
  }
  /// Of the words after the first, which begin at `rest`.
  [[nodiscard]] Word others(const Word* rest) const {
    return words_ == 1 ? 0 : hash_state(rest, words_ - 1);
  }

 private:
  static constexpr Word forth1 = 0xD6E8FEB86659FD93ULL;
  static constexpr Word forth2 = 0x9E3779B97F4A7C15ULL;
  static constexpr Word back1 = inverse(forth1);
  static constexpr Word back2 = inverse(forth2);
  static_assert(forth1 * back1 == 1 && forth2 * back2 == 1);

  std::size_t words_;
  unsigned width_;
  unsigned shift_;
  Word mask_;
};

}  // namespace airlock::explicit_state
