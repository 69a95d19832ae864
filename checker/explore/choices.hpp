// The numbering of a rule's input values.
//
// All values of a rule's inputs are tried, so they are simply counted: an *index* runs from 0 to
// 2^bits - 1 and its bits are the bits of the inputs that the rule looks at. Bits that no
// expression mentions cannot matter; they are left 0 and only multiply the number of transitions.
// The first input takes the most significant bits, so that the smallest index is the
// lexicographically smallest tuple of values: paths are made canonical by it (path.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "checker/explore/packing.hpp"

namespace airlock::explicit_state {

/// The bits of each input that are mentioned below `roots`. Extracts sit on the leaves (expr.cpp
/// pushes them down), so looking at an input's parents is all the analysis that is needed.
std::unordered_map<InputId, std::uint64_t> mentioned_input_bits(std::span<const Expr> roots);

class InputLayout {
 public:
  InputLayout() = default;
  /// For the inputs `listed`, the bits of them that `roots` mention.
  InputLayout(const TransitionSystem& system, std::span<const InputId> listed,
              std::span<const Expr> roots);
  /// One index, which stands for these values of the inputs `listed`.
  InputLayout(std::span<const InputId> listed, std::span<const std::uint64_t> values);
  /// Bits of an index.
  [[nodiscard]] unsigned bits() const { return bits_; }
  /// Bits of the listed inputs that nothing mentions.
  [[nodiscard]] unsigned ignored_bits() const { return ignored_; }
  /// Where bits hi..lo of an input are in the index; all of them must be mentioned.
  [[nodiscard]] Field field(InputId id, unsigned hi, unsigned lo) const;
  /// The values of the listed inputs, in their order. bits() < 64.
  [[nodiscard]] std::vector<std::uint64_t> values(std::uint64_t index) const;

 private:
  struct Entry {
    InputId id = 0;
    std::uint64_t mask = 0;   ///< bits that are mentioned
    unsigned shift = 0;       ///< of the lowest of them in the index
    std::uint64_t fixed = 0;  ///< the others
  };
  std::vector<Entry> entries_;
  unsigned bits_ = 0;
  unsigned ignored_ = 0;
};

}  // namespace airlock::explicit_state
