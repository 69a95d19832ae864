// How the slices of two trees differ: a review of a backport. Only what is checked is compared:
// what both leave out does not matter to the properties, and lines that merely moved are no
// difference.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/kernel/slice.hpp"

namespace airlock {

struct DifferentLine {
  char kind;         ///< '-' of the first slice alone, '+' of the second alone, ' ' of both
  std::string text;  ///< without its newline
  unsigned line;     ///< in its tree: of ' ' and '+' in the second
};

struct DifferentFunction {
  std::string name;
  std::string first;  ///< "arch/x86/kvm/svm/svm.c:1036"; empty if the first slice has it not
  std::string second;
  std::vector<DifferentLine> lines;
};

struct SliceDifference {
  std::vector<DifferentFunction> functions;
  [[nodiscard]] bool empty() const { return functions.empty(); }
};

[[nodiscard]] SliceDifference difference_of(const kernel::Slice& first,
                                            const kernel::Slice& second);
[[nodiscard]] std::string text_of(const SliceDifference& difference, const std::string& first,
                                  const std::string& second);
[[nodiscard]] nlohmann::ordered_json json_of(const SliceDifference& difference,
                                             const std::string& first, const std::string& second);

}  // namespace airlock
