// How much memory the engines may take, counted as they take it.
//
// The kernel promises more than it has and kills whoever comes to collect. So engines ask here
// first: for a share of what the user allowed, and of what the machine (or the control group that
// the process runs in) still has. A refusal is an exception that ends in the verdict "unknown".
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>

namespace airlock {

/// Thrown where the budget is spent.
class OverBudget : public std::bad_alloc {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "memory limit reached"; }
};

/// Thread-safe. Shared by all searches of a process that are given the same one.
class MemoryBudget {
 public:
  static constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();
  /// `limit` in bytes; unlimited still respects what the machine has left.
  explicit MemoryBudget(std::uint64_t limit = unlimited) : limit_(limit) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  /// Throws OverBudget if `bytes` more are not to be had; nothing is taken then.
  void take(std::uint64_t bytes);
  void give_back(std::uint64_t bytes) noexcept { used_.fetch_sub(bytes); }
  [[nodiscard]] std::uint64_t used() const { return used_.load(); }
  [[nodiscard]] std::uint64_t peak() const { return peak_.load(); }
  [[nodiscard]] std::uint64_t limit() const { return limit_; }
  /// Whether `bytes` that something else in this process has taken (a library that counts for
  /// itself) are more than the limit leaves beside what was taken here.
  [[nodiscard]] bool exceeded_with(std::uint64_t bytes) const {
    const std::uint64_t used = used_.load();
    return used > limit_ || bytes > limit_ - used;
  }

 private:
  std::uint64_t limit_;
  std::atomic<std::uint64_t> used_{0};
  std::atomic<std::uint64_t> peak_{0};
};

/// Bytes that this process can still have without swapping: the least of what the machine and the
/// control groups around the process say, or MemoryBudget::unlimited where none says anything.
std::uint64_t available_memory();

/// Whether so little is left that the kernel may soon kill somebody. Costs some tens of
/// microseconds.
bool memory_is_short();

}  // namespace airlock
