// Large zeroed memory, straight from the kernel.
//
// The visited set is probed at random addresses, so that with 4 KiB pages nearly every probe misses
// the TLB as well as the caches; asking for huge pages (transparently, where the system allows it)
// halves the price. Fresh pages are zero, which is the set's mark of an empty slot, so that an
// allocation costs nothing until it is touched.
#pragma once

#include <cstddef>
#include <cstdint>

namespace airlock::explicit_state {

/// An array of zeroed 64-bit words. Move-only. Construction throws std::bad_alloc when the memory
/// is not there: also where an overcommitting kernel would promise what it does not have and kill
/// the process later.
class ZeroedWords {
 public:
  ZeroedWords() = default;
  explicit ZeroedWords(std::size_t count);
  ~ZeroedWords();
  ZeroedWords(ZeroedWords&& other) noexcept;
  ZeroedWords& operator=(ZeroedWords&& other) noexcept;
  ZeroedWords(const ZeroedWords&) = delete;
  ZeroedWords& operator=(const ZeroedWords&) = delete;
  [[nodiscard]] std::uint64_t* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return count_; }

 private:
  std::uint64_t* data_ = nullptr;
  std::size_t count_ = 0;
};

}  // namespace airlock::explicit_state
