// Which commit to ask about next, and what the answers leave over: git's bisection of a history
// that forks and joins, with the same idea of a first bad commit.
//
// A bad commit's descendants are taken to be bad, a good one's ancestors good. So an answer "bad"
// leaves the commit and its ancestors, an answer "good" all but these. The next commit is the one
// that leaves the fewest in the worse case; of several the earliest. What cannot be told leaves all
// as it is and is not asked again.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace airlock {

class Bisection {
 public:
  /// Commits by the indices of their parents, parents before children. The last one is bad, and
  /// what comes before the first ones is good.
  explicit Bisection(std::vector<std::vector<std::size_t>> parents);

  /// The next to ask about; nothing if no answer would help.
  [[nodiscard]] std::optional<std::size_t> next() const;
  void good(std::size_t commit);
  void bad(std::size_t commit);
  void cannot_tell(std::size_t commit);

  /// Those of which one is the first bad commit, ascending; one of them if that is known.
  [[nodiscard]] std::vector<std::size_t> left() const;
  /// How many answers are needed at most, unless some cannot be told.
  [[nodiscard]] unsigned answers_needed() const;

 private:
  [[nodiscard]] std::vector<bool> ancestors_of(std::size_t commit) const;  // with itself
  [[nodiscard]] std::vector<std::size_t> counts() const;

  std::vector<std::vector<std::size_t>> parents_;
  std::vector<bool> left_;
  std::vector<bool> skipped_;
  std::size_t bad_;  // the earliest that is known to be bad
};

}  // namespace airlock
