// The part of a patch that a mail quotes: which hunk, and under which of its lines the question
// stands.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace airlock {

struct QuotedHunk {
  std::string file;                ///< "arch/x86/kvm/svm/svm.c"
  std::vector<std::string> lines;  ///< as the patch has them, the "@@" first
  std::size_t asked;               ///< index of the line that the question is about
};

/// The hunks of a unified diff, or of mails that have diffs in them; `asked` is 0.
std::vector<QuotedHunk> hunks_of(const std::string& patch);

/// A line of the tree that a trace runs, from the last to the first.
struct RunLine {
  std::string file;
  std::string text;  ///< of the patched tree
};

/// The hunk that adds the first of `lines` that one adds. If none does, the one around the first
/// that stands in one as context, at its last deleted line; or the first that deletes something.
std::optional<QuotedHunk> hunk_for(const std::string& patch, const std::vector<RunLine>& lines);

}  // namespace airlock
