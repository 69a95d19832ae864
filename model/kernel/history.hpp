// The commits between two revisions of a git repository.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace airlock::kernel {

struct Commit {
  std::string id;                    ///< 40 hex digits
  std::string subject;               ///< the first line of its message
  std::vector<std::size_t> parents;  ///< by index, those that are in the range
};

/// What of `bad`'s history is not `good`'s: parents before their children, `bad` last. Every parent
/// is told, not only the first. Empty if `bad` is `good`. Throws InputError if there is no such
/// repository or revision, or if `good` is no ancestor of `bad`.
[[nodiscard]] std::vector<Commit> commits_between(const std::string& repository,
                                                  const std::string& good, const std::string& bad);

}  // namespace airlock::kernel
