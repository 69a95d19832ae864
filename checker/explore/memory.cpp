#include "checker/explore/memory.hpp"

#include <fstream>
#include <limits>
#include <new>
#include <string>
#include <sys/mman.h>
#include <utility>

namespace airlock::explicit_state {
namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20U;

/// Bytes that can be had without swapping, or "plenty" where the system does not say.
std::size_t available_bytes() {
  std::ifstream file("/proc/meminfo");
  std::string key;
  std::size_t kib = 0;
  std::string unit;
  while (file >> key >> kib) {
    std::getline(file, unit);
    if (key == "MemAvailable:") {
      return kib * 1024;
    }
  }
  return std::numeric_limits<std::size_t>::max();
}

}  // namespace

ZeroedWords::ZeroedWords(std::size_t count) {
  if (count > std::numeric_limits<std::size_t>::max() / sizeof(std::uint64_t)) {
    throw std::bad_alloc();
  }
  const std::size_t bytes = count * sizeof(std::uint64_t);
  if (bytes == 0) {
    return;
  }
  if (bytes >= 32 * huge_page && bytes > available_bytes()) {
    throw std::bad_alloc();
  }
  void* mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) {
    throw std::bad_alloc();
  }
  if (bytes >= huge_page) {
    (void)::madvise(mapped, bytes, MADV_HUGEPAGE);  // advice: without it, only slower
  }
  data_ = static_cast<std::uint64_t*>(mapped);
  count_ = count;
}

ZeroedWords::~ZeroedWords() {
  if (data_ != nullptr) {
    (void)::munmap(data_, count_ * sizeof(std::uint64_t));
  }
}

ZeroedWords::ZeroedWords(ZeroedWords&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), count_(std::exchange(other.count_, 0)) {}

ZeroedWords& ZeroedWords::operator=(ZeroedWords&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(count_, other.count_);
  return *this;
}

}  // namespace airlock::explicit_state
