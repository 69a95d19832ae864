// A generator's decisions as a list of numbers, so that whatever it makes can be made smaller
// without knowing what it is (the internal reduction of MacIver and Donaldson, ECOOP 2020: a
// shorter or smaller list of decisions makes a simpler thing; 0 is always the simplest input).
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <vector>

namespace airlock::test {

class Decisions {
 public:
  /// Decisions drawn from `seed`, without end.
  explicit Decisions(std::uint64_t seed) : random_(seed), endless_(true) {}
  /// These decisions, and 0 from then on.
  explicit Decisions(std::vector<std::uint32_t> given) : made_(std::move(given)), endless_(false) {}

  /// 0..n-1; n >= 1.
  std::uint32_t below(std::uint32_t n) {
    if (next_ == made_.size()) {
      made_.push_back(endless_ ? static_cast<std::uint32_t>(random_()) : 0);
    }
    return made_[next_++] % n;
  }
  /// True once in n.
  bool one_in(std::uint32_t n) { return below(n) == n - 1; }
  /// What was decided so far.
  [[nodiscard]] std::vector<std::uint32_t> made() const {
    return {made_.begin(), made_.begin() + static_cast<std::ptrdiff_t>(next_)};
  }

 private:
  std::vector<std::uint32_t> made_;
  std::size_t next_ = 0;
  std::mt19937_64 random_;
  bool endless_;
};

/// The smallest list found for which `still_bad` is true, starting from one for which it is. Asks
/// at most `attempts` times.
inline std::vector<std::uint32_t> shrink(
    std::vector<std::uint32_t> list, unsigned attempts,
    const std::function<bool(const std::vector<std::uint32_t>&)>& still_bad) {
  const auto accept = [&](const std::vector<std::uint32_t>& smaller) {
    if (attempts == 0 || smaller == list) {
      return false;
    }
    --attempts;
    if (!still_bad(smaller)) {
      return false;
    }
    list = smaller;
    return true;
  };
  for (bool progress = true; progress && attempts != 0;) {
    progress = false;
    for (std::size_t length = list.size() / 2; length != 0; length /= 2) {
      for (std::size_t at = 0; at + length <= list.size();) {
        std::vector<std::uint32_t> smaller = list;
        const auto from = smaller.begin() + static_cast<std::ptrdiff_t>(at);
        smaller.erase(from, from + static_cast<std::ptrdiff_t>(length));
        if (accept(smaller)) {
          progress = true;
        } else {
          at += length;
        }
      }
    }
    for (std::size_t at = 0; at < list.size(); ++at) {
      for (const std::uint32_t value : {0U, 1U, list[at] / 2}) {
        if (value < list[at]) {
          std::vector<std::uint32_t> smaller = list;
          smaller[at] = value;
          progress = accept(smaller) || progress;
        }
      }
    }
  }
  return list;
}

}  // namespace airlock::test
