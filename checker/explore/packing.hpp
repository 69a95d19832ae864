// Where each variable lives in a bit-packed state.
//
// A state is `words()` 64-bit words. Every variable occupies consecutive bits of one word, never of
// two, so that reading it is a shift and a mask and writing it is a mask, a shift and an or: the
// column kernels (program.cpp) need no other shape. Variables are placed first-fit by decreasing
// width, which for widths up to 64 in bins of 64 leaves at most a few bits unused; bits that no
// variable owns are 0 in every state, so that two states are equal exactly when their words are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/system/system.hpp"

namespace airlock::explicit_state {

using Word = std::uint64_t;

/// Copies a packed state: inline where it is short.
inline void copy_state(Word* to, const Word* from, std::size_t words) {
  switch (words) {
    case 1: __builtin_memcpy(to, from, sizeof(Word)); return;
    case 2: __builtin_memcpy(to, from, 2 * sizeof(Word)); return;
    case 3: __builtin_memcpy(to, from, 3 * sizeof(Word)); return;
    case 4: __builtin_memcpy(to, from, 4 * sizeof(Word)); return;
    default: __builtin_memcpy(to, from, words * sizeof(Word)); return;
  }
}

/// `width` bits of a word starting at bit `shift`.
struct Field {
  std::uint32_t word = 0;
  unsigned shift = 0;
  unsigned width = 1;
  [[nodiscard]] Word mask() const { return width == 64 ? ~Word{0} : (Word{1} << width) - 1; }
};

class Layout {
 public:
  explicit Layout(const TransitionSystem& system);
  /// Words per state, at least 1.
  [[nodiscard]] std::size_t words() const { return words_; }
  /// Bits that variables own in word `word`: its lowest ones.
  [[nodiscard]] unsigned width(std::size_t word) const { return widths_[word]; }
  /// Bits of a state.
  [[nodiscard]] unsigned bits() const;
  [[nodiscard]] const Field& field(VarId id) const { return fields_[id]; }
  /// The value of variable `id` in the packed state at `state`.
  [[nodiscard]] Word value(const Word* state, VarId id) const {
    const Field& f = fields_[id];
    return (state[f.word] >> f.shift) & f.mask();
  }
  void pack(const State& state, Word* to) const;
  [[nodiscard]] State unpack(const Word* from) const;

 private:
  std::vector<Field> fields_;
  std::vector<unsigned> widths_;
  std::size_t words_ = 1;
};

}  // namespace airlock::explicit_state
