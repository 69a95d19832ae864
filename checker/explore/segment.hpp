// One segment of the visited set: a compact hash table of the mixed states that fall to it, or a
// bitmap where that is smaller. visited.hpp says why it is built so.
//
// The table. A mixed state is `bits` bits (what is left of the first word when the segment's number
// is taken off) and the further words. The upper bits are its home slot; the lower, the remainder,
// are what its entry stores, together with how far from home it had to go (linear probing; Cleary's
// table recovers that from three bits a slot and an order among the entries, ours spends seven or
// more bits of the entry on it and can therefore insert without moving anything). Home, remainder
// and the further words are the whole state: the set is exact. An entry is as many bytes as that
// needs, from 1 on, and 0 is an empty one.
//
// Where every state has one bit of memory for less than the next table would take, there is a
// bitmap instead.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "checker/explore/memory.hpp"
#include "checker/explore/packing.hpp"

namespace airlock::explicit_state {

/// What all segments of a set have in common.
struct SegmentShape {
  std::size_t words = 1;              ///< of a state
  unsigned bits = 1;                  ///< of the first word that a segment sees; at most 60
  std::vector<unsigned> other_bytes;  ///< per further word, how many of its bytes may be nonzero
  std::size_t other_total = 0;        ///< their sum
};

class Segment {
 public:
  /// Both are borrowed.
  Segment(const SegmentShape& shape, MemoryBudget* budget);

  /// Adds `count` mixed states of shape.words words each, of which the lowest shape.bits bits of
  /// the first count. Calls fresh(i) for each that was not there. Throws std::bad_alloc when there
  /// is no memory for a larger table, or none could be larger (all 2^bits first words have a home
  /// of their own, and a state finds no free slot within 255 of it); every state that fresh was
  /// called for is in the set then, and no other.
  template <class Fresh>
  void insert(const Word* states, std::size_t count, Fresh fresh) {
    if (table_.size() == 0) {
      allocate();
    }
    for (std::size_t done = 0; done < count;) {
      done += insert_some(states + done * shape_->words, count - done, fresh, done);
      if (done < count) {
        grow();
      }
    }
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Bytes of memory.
  [[nodiscard]] std::size_t bytes() const { return table_.size(); }

 private:
  template <class Fresh>
  std::size_t insert_some(const Word* states, std::size_t count, Fresh& fresh, std::size_t base);
  template <unsigned Bytes, class Fresh>
  std::size_t insert_wide(const Word* states, std::size_t count, Fresh& fresh, std::size_t base);
  template <class Fresh>
  void set_bits(const Word* states, std::size_t count, Fresh& fresh, std::size_t base);
  template <unsigned Bytes, bool Others, class Fresh>
  std::size_t insert_entries(const Word* states, std::size_t count, Fresh& fresh, std::size_t base);
  void grow();
  void take_over(const Segment& smaller);
  [[nodiscard]] bool others_equal(const std::uint8_t* at, const Word* others) const;
  void store_others(std::uint8_t* at, const Word* others) const;
  void plan(unsigned log_slots);
  void allocate();
  [[nodiscard]] std::size_t slots() const;

  [[nodiscard]] Word local(const Word* state) const { return state[0] & bits_mask_; }

  const SegmentShape* shape_;
  MemoryBudget* budget_;
  Word bits_mask_;
  bool is_bitmap_ = false;
  unsigned log_slots_ = 0;
  unsigned remainder_bits_ = 0;
  unsigned distance_bits_ = 0;
  unsigned key_bytes_ = 0;       // of an entry: remainder and distance
  std::size_t entry_bytes_ = 0;  // and the further words
  std::size_t size_ = 0;
  std::size_t most_ = 0;  // entries before the table grows
  ZeroedBytes table_;
};

// --- what is inlined into its users --------------------------------------------------------------

inline constexpr std::size_t segment_ahead = 16;  // slots being fetched

inline Word load_bytes(const std::uint8_t* at, unsigned bytes) {
  Word value;
  __builtin_memcpy(&value, at, sizeof value);
  return bytes == 8 ? value : value & ((Word{1} << (8 * bytes)) - 1);
}

template <unsigned Bytes>
inline void store_bytes(std::uint8_t* at, Word value) {
  __builtin_memcpy(at, &value, Bytes);
}

/// Changes so many bytes, though it writes eight.
inline void store_some(std::uint8_t* at, Word value, unsigned bytes) {
  if (bytes < 8) {
    Word old;
    __builtin_memcpy(&old, at, sizeof old);
    const Word mask = (Word{1} << (8 * bytes)) - 1;
    value = (old & ~mask) | (value & mask);
  }
  __builtin_memcpy(at, &value, sizeof value);
}

inline bool Segment::others_equal(const std::uint8_t* at, const Word* others) const {
  const unsigned* const sizes = shape_->other_bytes.data();
  const std::size_t count = shape_->words - 1;
  for (std::size_t w = 0; w < count; ++w) {
    if (load_bytes(at, sizes[w]) != others[w]) {
      return false;
    }
    at += sizes[w];
  }
  return true;
}

inline void Segment::store_others(std::uint8_t* at, const Word* others) const {
  const unsigned* const sizes = shape_->other_bytes.data();
  const std::size_t count = shape_->words - 1;
  for (std::size_t w = 0; w < count; ++w) {
    store_some(at, others[w], sizes[w]);
    at += sizes[w];
  }
}

/// Returns how many of `count` states it has dealt with; stops where the table must grow.
template <unsigned Bytes, bool Others, class Fresh>
std::size_t Segment::insert_entries(const Word* states, std::size_t count, Fresh& fresh,
                                    std::size_t base) {
  // In locals, because a store of bytes could change any member as far as a compiler knows.
  const std::size_t words = Others ? shape_->words : 1;
  const std::size_t stride = Others ? entry_bytes_ : Bytes;
  const Word bits_mask = bits_mask_;
  const unsigned remainder_bits = remainder_bits_;
  const Word remainder_mask = (Word{1} << remainder_bits) - 1;
  const unsigned distance_bits = distance_bits_;
  const Word too_far = (Word{1} << distance_bits) - 1;
  std::uint8_t* const table = table_.data();
  std::size_t room = most_ - size_;
  std::size_t done = 0;
  const auto home_of = [=](Word first) {
    return table + ((first & bits_mask) >> remainder_bits) * stride;
  };
  for (; done < segment_ahead && done < count; ++done) {
    __builtin_prefetch(home_of(states[done * words]), 1);
  }
  for (done = 0; done < count && room != 0; ++done) {
    const Word* const state = states + done * words;
    if (done + segment_ahead < count) {
      const std::uint8_t* const soon = home_of(state[segment_ahead * words]);
      __builtin_prefetch(soon, 1);
      if (Others) {
        __builtin_prefetch(soon + stride, 1);  // an entry may lie on two lines
      }
    }
    std::uint8_t* at = home_of(state[0]);
    Word wanted = ((state[0] & remainder_mask) << distance_bits) | 1;
    Word found = load_bytes(at, Bytes);
    while (found != 0 && (found != wanted || (Others && !others_equal(at + Bytes, state + 1)))) {
      if ((wanted & too_far) == too_far) {
        size_ = most_ - room;
        return done;
      }
      at += stride;
      ++wanted;
      found = load_bytes(at, Bytes);
    }
    if (found == 0) {
      store_bytes<Bytes>(at, wanted);
      if (Others) {
        store_others(at + Bytes, state + 1);
      }
      --room;
      fresh(base + done);
    }
  }
  size_ = most_ - room;
  return done;
}

#ifdef __SSE2__
/// Some entries of two or four bytes side by side.
template <unsigned Bytes>
struct Entries {
  static_assert(Bytes == 2 || Bytes == 4);
  static constexpr unsigned count = 16 / Bytes;
  static __m128i all(Word value) {
    return Bytes == 2 ? _mm_set1_epi16(static_cast<short>(value))
                      : _mm_set1_epi32(static_cast<int>(value));
  }
  static __m128i numbers() {
    return Bytes == 2 ? _mm_setr_epi16(0, 1, 2, 3, 4, 5, 6, 7) : _mm_setr_epi32(0, 1, 2, 3);
  }
  static __m128i add(__m128i a, __m128i b) {
    return Bytes == 2 ? _mm_add_epi16(a, b) : _mm_add_epi32(a, b);
  }
  /// Bytes of the entries that are the same.
  static unsigned same(__m128i a, __m128i b) {
    return static_cast<unsigned>(
        _mm_movemask_epi8(Bytes == 2 ? _mm_cmpeq_epi16(a, b) : _mm_cmpeq_epi32(a, b)));
  }
};

/// insert_entries, looking at 16 bytes of entries at a time: which of them is the state's or free
/// is then a matter of bits instead of a loop whose length no branch predictor can know.
template <unsigned Bytes, class Fresh>
std::size_t Segment::insert_wide(const Word* states, std::size_t count, Fresh& fresh,
                                 std::size_t base) {
  using Wide = Entries<Bytes>;
  const Word bits_mask = bits_mask_;
  const unsigned remainder_bits = remainder_bits_;
  const Word remainder_mask = (Word{1} << remainder_bits) - 1;
  const unsigned distance_bits = distance_bits_;
  const unsigned most_steps = ((1U << distance_bits) - 1) / Wide::count;
  std::uint8_t* const table = table_.data();
  std::size_t room = most_ - size_;
  std::size_t done = 0;
  const auto home_of = [=](Word first) {
    return table + ((first & bits_mask) >> remainder_bits) * Bytes;
  };
  for (; done < segment_ahead && done < count; ++done) {
    __builtin_prefetch(home_of(states[done]), 1);
  }
  const __m128i zero = _mm_setzero_si128();
  const __m128i step = Wide::all(Wide::count);
  for (done = 0; done < count && room != 0; ++done) {
    const Word state = states[done];
    if (done + segment_ahead < count) {
      __builtin_prefetch(home_of(states[done + segment_ahead]), 1);
    }
    std::uint8_t* at = home_of(state);
    const Word first = ((state & remainder_mask) << distance_bits) | 1;
    __m128i wanted = Wide::add(Wide::all(first), Wide::numbers());
    unsigned steps = 0;
    for (;;) {
      const __m128i found = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
      const unsigned old = Wide::same(found, wanted);
      const unsigned empty = Wide::same(found, zero);
      if ((old | empty) != 0) {
        // Entries are never taken out, so a state is not behind an empty one.
        if (old == 0) {
          const auto byte = static_cast<unsigned>(std::countr_zero(empty));
          store_bytes<Bytes>(at + byte, first + steps * Wide::count + byte / Bytes);
          --room;
          fresh(base + done);
        }
        break;
      }
      if (++steps == most_steps) {
        size_ = most_ - room;
        return done;
      }
      at += 16;
      wanted = Wide::add(wanted, step);
    }
  }
  size_ = most_ - room;
  return done;
}
#else
template <unsigned Bytes, class Fresh>
std::size_t Segment::insert_wide(const Word* states, std::size_t count, Fresh& fresh,
                                 std::size_t base) {
  return insert_entries<Bytes, false>(states, count, fresh, base);
}
#endif

template <class Fresh>
void Segment::set_bits(const Word* states, std::size_t count, Fresh& fresh, std::size_t base) {
  Word* const bitmap = table_.words();
  for (std::size_t i = 0; i < count; ++i) {
    if (i + segment_ahead < count) {
      __builtin_prefetch(bitmap + (local(states + i + segment_ahead) >> 6U), 1);
    }
    const Word first = local(states + i);
    Word& word = bitmap[first >> 6U];
    const Word bit = Word{1} << (first & 63U);
    if ((word & bit) == 0) {
      word |= bit;
      ++size_;
      fresh(base + i);
    }
  }
}

/// Returns how many of `count` states it has dealt with; if not all, the table must grow.
template <class Fresh>
std::size_t Segment::insert_some(const Word* states, std::size_t count, Fresh& fresh,
                                 std::size_t base) {
  if (is_bitmap_) {
    set_bits(states, count, fresh, base);
    return count;
  }
  if (shape_->words > 1) {
    switch (key_bytes_) {
      case 1: return insert_entries<1, true>(states, count, fresh, base);
      case 2: return insert_entries<2, true>(states, count, fresh, base);
      case 3: return insert_entries<3, true>(states, count, fresh, base);
      case 4: return insert_entries<4, true>(states, count, fresh, base);
      case 5: return insert_entries<5, true>(states, count, fresh, base);
      case 6: return insert_entries<6, true>(states, count, fresh, base);
      case 7: return insert_entries<7, true>(states, count, fresh, base);
      default: return insert_entries<8, true>(states, count, fresh, base);
    }
  }
  switch (key_bytes_) {
    case 1: return insert_entries<1, false>(states, count, fresh, base);
    case 2: return insert_wide<2>(states, count, fresh, base);
    case 3: return insert_entries<3, false>(states, count, fresh, base);
    case 4: return insert_wide<4>(states, count, fresh, base);
    case 5: return insert_entries<5, false>(states, count, fresh, base);
    case 6: return insert_entries<6, false>(states, count, fresh, base);
    case 7: return insert_entries<7, false>(states, count, fresh, base);
    default: return insert_entries<8, false>(states, count, fresh, base);
  }
}

}  // namespace airlock::explicit_state
