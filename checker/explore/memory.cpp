#include "checker/explore/memory.hpp"

#include <cstdlib>
#include <new>
#include <sys/mman.h>
#include <utility>

namespace airlock::explicit_state {
namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20U;
/// Smaller arrays come from the heap.
constexpr std::size_t smallest_map = std::size_t{256} << 10U;

std::uint8_t* allocate(std::size_t bytes) {
  if (bytes < smallest_map) {
    return static_cast<std::uint8_t*>(std::calloc(bytes, 1));
  }
  void* mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) {
    return nullptr;
  }
  if (bytes >= huge_page) {
    (void)::madvise(mapped, bytes, MADV_HUGEPAGE);  // advice: without it, only slower
  }
  return static_cast<std::uint8_t*>(mapped);
}

}  // namespace

ZeroedBytes::ZeroedBytes(std::size_t bytes, MemoryBudget* budget) {
  if (bytes == 0) {
    return;
  }
  if (budget != nullptr) {
    budget->take(bytes);
  }
  data_ = allocate(bytes);
  if (data_ == nullptr) {
    if (budget != nullptr) {
      budget->give_back(bytes);
    }
    throw std::bad_alloc();
  }
  bytes_ = bytes;
  budget_ = budget;
}

ZeroedBytes::~ZeroedBytes() {
  if (data_ == nullptr) {
    return;
  }
  if (bytes_ < smallest_map) {
    std::free(data_);
  } else {
    (void)::munmap(data_, bytes_);
  }
  if (budget_ != nullptr) {
    budget_->give_back(bytes_);
  }
}

ZeroedBytes::ZeroedBytes(ZeroedBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      bytes_(std::exchange(other.bytes_, 0)),
      budget_(std::exchange(other.budget_, nullptr)) {}

ZeroedBytes& ZeroedBytes::operator=(ZeroedBytes&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  std::swap(budget_, other.budget_);
  return *this;
}

void ZeroedBytes::make_pages() const {
  constexpr std::size_t page = 4096;  // or a larger power of two
  for (std::size_t at = 0; at < bytes_; at += page) {
    *static_cast<volatile std::uint8_t*>(data_ + at) = 0;
  }
}

}  // namespace airlock::explicit_state
