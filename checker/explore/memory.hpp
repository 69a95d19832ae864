// Large zeroed memory, straight from the kernel, within a budget.
//
// Fresh pages are zero, which is the visited set's mark of an empty slot, so that an allocation
// costs nothing until it is touched. Huge pages are asked for (transparently, where the system
// allows it): a table that is probed at random addresses misses the TLB less often.
#pragma once

#include <cstddef>
#include <cstdint>

#include "checker/support/memory_budget.hpp"

namespace airlock::explicit_state {

/// An array of zeroed bytes. Move-only. Construction throws OverBudget when the budget is spent and
/// std::bad_alloc when the system has no more.
class ZeroedBytes {
 public:
  ZeroedBytes() = default;
  /// `budget`, if given, is borrowed.
  explicit ZeroedBytes(std::size_t bytes, MemoryBudget* budget = nullptr);
  ~ZeroedBytes();
  ZeroedBytes(ZeroedBytes&& other) noexcept;
  ZeroedBytes& operator=(ZeroedBytes&& other) noexcept;
  ZeroedBytes(const ZeroedBytes&) = delete;
  ZeroedBytes& operator=(const ZeroedBytes&) = delete;
  [[nodiscard]] std::uint8_t* data() const { return data_; }
  [[nodiscard]] std::uint64_t* words() const { return reinterpret_cast<std::uint64_t*>(data_); }
  [[nodiscard]] std::size_t size() const { return bytes_; }
  /// Has every page made, for an array that is about to be filled all over. A page that is read
  /// before it is written is the kernel's shared page of zeros at first, and to replace it, it
  /// interrupts every other processor that runs a thread of this process.
  void make_pages() const;

 private:
  std::uint8_t* data_ = nullptr;  // aligned for words at least
  std::size_t bytes_ = 0;
  MemoryBudget* budget_ = nullptr;
};

}  // namespace airlock::explicit_state
