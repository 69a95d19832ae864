// The fewest pins that make a property hold.
#pragma once

#include <cstdint>
#include <vector>

namespace airlock {

/// Sets of pins, numbered 0..63, as bits.
using PinSet = std::uint64_t;

/// Proposes sets of pins, smallest first, and learns from runs that break the property in spite of
/// one. See pin_search.cpp.
class PinSearch {
 public:
  /// A smallest set that no run excluded so far allows; the first in the order of pin numbers.
  [[nodiscard]] PinSet next() const;
  /// A violating run differs from exactly these pins: one of them must be in the set. Not empty.
  void exclude(PinSet one_of);

 private:
  std::vector<PinSet> clauses_;
};

}  // namespace airlock
