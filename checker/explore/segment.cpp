#include "checker/explore/segment.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <new>

namespace airlock::explicit_state {
namespace {

constexpr unsigned first_log_slots = 5;
constexpr unsigned fewest_distance_bits = 7;
/// An entry further from home than this makes the table grow; slots behind the last home.
constexpr unsigned most_distance_bits = 8;
constexpr std::size_t most_distance = (std::size_t{1} << most_distance_bits) - 1;
/// A bitmap of so many bytes is taken at once.
constexpr unsigned small_bitmap_bits = 12;

std::size_t bitmap_bytes(unsigned bits) {
  return bits <= 6 ? 8 : bits < 60 ? std::size_t{1} << (bits - 3) : ~std::size_t{0};
}

}  // namespace

Segment::Segment(const SegmentShape& shape, MemoryBudget* budget)
    : shape_(&shape), budget_(budget), bits_mask_((Word{1} << shape.bits) - 1) {
  assert(shape.bits >= 1 && shape.bits <= 60);
  plan(std::min(first_log_slots, shape.bits));
}

/// How large a table of 2^log_slots homes is, or a bitmap if that is not larger. Where there cannot
/// be more homes, it is filled for as long as states find a slot.
void Segment::plan(unsigned log_slots) {
  log_slots_ = log_slots;
  remainder_bits_ = shape_->bits - log_slots;
  key_bytes_ = (remainder_bits_ + fewest_distance_bits + 7) / 8;
  if (shape_->words == 1 && key_bytes_ == 3) {
    key_bytes_ = 4;  // can be compared four at a time
  }
  assert(key_bytes_ <= 8);
  // The further an entry may go the better, up to a point: a slot behind the last home costs.
  distance_bits_ = std::min(8 * key_bytes_ - remainder_bits_, most_distance_bits);
  entry_bytes_ = key_bytes_ + shape_->other_total;
  most_ = log_slots == shape_->bits ? (std::size_t{1} << log_slots) + most_distance
                                    : (std::size_t{11} << log_slots) / 16;
  is_bitmap_ = shape_->words == 1 && (shape_->bits <= small_bitmap_bits ||
                                      bitmap_bytes(shape_->bits) <= (entry_bytes_ << log_slots));
}

/// Homes, and slots behind the last: no entry is further from its home than there are entries.
std::size_t Segment::slots() const {
  return (std::size_t{1} << log_slots_) + std::min(most_distance, most_ + 1);
}

void Segment::allocate() {
  // A little more, because entries are read sixteen bytes at a time.
  table_ = ZeroedBytes(
      is_bitmap_
          ? bitmap_bytes(shape_->bits)
          : entry_bytes_ * ((std::size_t{1} << log_slots_) + most_distance) + 2 * sizeof(Word),
      budget_);
}

void Segment::grow() {
  // Once every mixed first word has a home of its own, growing would not help: then so many states
  // share a few neighbouring homes that one is most_distance slots from its own (which no one will
  // live to see, there being 2^33 homes or more).
  for (unsigned log_slots = log_slots_ + (log_slots_ < 12 ? 2 : 1); log_slots_ < shape_->bits;
       ++log_slots) {
    Segment larger(*shape_, budget_);
    larger.plan(std::min(log_slots, shape_->bits));
    larger.allocate();
    larger.table_.make_pages();
    larger.take_over(*this);
    if (larger.size_ == size_) {
      *this = std::move(larger);
      return;
    }
    if (larger.log_slots_ == shape_->bits) {
      break;
    }
  }
  throw std::bad_alloc();
}

/// All entries of a smaller table, in the order of their homes, which is nearly that of their
/// slots in both: no random access. Stops early if one does not fit.
void Segment::take_over(const Segment& smaller) {
  const Word distance_mask = (Word{1} << smaller.distance_bits_) - 1;
  std::vector<Word> state(shape_->words);
  auto ignore = [](std::size_t) {};
  for (std::size_t slot = 0; slot < smaller.slots(); ++slot) {
    const std::uint8_t* at = smaller.table_.data() + slot * smaller.entry_bytes_;
    const Word key = load_bytes(at, smaller.key_bytes_);
    if (key == 0) {
      continue;
    }
    const Word home = slot - ((key & distance_mask) - 1);
    const Word remainder = key >> smaller.distance_bits_;
    state[0] = (home << smaller.remainder_bits_) | remainder;
    at += smaller.key_bytes_;
    for (std::size_t w = 1; w < shape_->words; ++w) {
      state[w] = load_bytes(at, shape_->other_bytes[w - 1]);
      at += shape_->other_bytes[w - 1];
    }
    if (insert_some(state.data(), 1, ignore, 0) != 1) {
      return;
    }
  }
}

}  // namespace airlock::explicit_state
