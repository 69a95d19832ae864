#include "model/system/suggest.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace airlock {
namespace {

/// Levenshtein's distance: insertions, deletions and replacements that make `b` of `a`.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string suggestion(const std::string& name, const std::vector<std::string>& known) {
  if (known.empty()) {
    return "nothing: there are none here";
  }
  // Of a short word little is left after two changes: "smv" is no smt2.
  const std::size_t most = name.size() <= 4 ? 1 : std::max<std::size_t>(2, name.size() / 4);
  std::vector<std::string> close;
  if (name.size() <= 256) {
    for (const std::string& candidate : known) {
      const bool part = name.size() >= 3 && candidate.find(name) != std::string::npos;
      if (part || distance(name, candidate) <= most) {
        close.push_back(candidate);
      }
    }
  }
  return close.empty() ? fmt::format("one of {}", fmt::join(known, ", "))
                       : fmt::format("perhaps {}?", fmt::join(close, " or "));
}

}  // namespace airlock
