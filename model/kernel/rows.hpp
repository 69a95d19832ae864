// What one command line makes of a tree: its rows. A tree with patches gives a row for the tree,
// one for it with the first patch, one with the first two, and so on; REPO@A..B gives A and B.
#pragma once

#include <string>
#include <vector>

#include "model/kernel/lens.hpp"
#include "model/kernel/tree.hpp"

namespace airlock::kernel {

struct TreeRow {
  std::string name;  ///< "base", "+a.diff", "+a.diff+b.mbox"; of A..B the revisions
  Tree tree;
};

/// Opens the tree, reads the patches and applies them. `lens` says what an archive is read for.
/// Throws InputError.
[[nodiscard]] std::vector<TreeRow> rows_of(const std::string& tree,
                                           const std::vector<std::string>& patches,
                                           const Lens& lens, const TreeOptions& options);

/// The files that the lens names, in its order, each once. Throws InputError, at the lens' line,
/// for a pattern that matches nothing and is not optional.
[[nodiscard]] std::vector<SourceFile> files_for(const Tree& tree, const Lens& lens);

}  // namespace airlock::kernel
