// Kernel trees of the command line, read and sliced.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "checker/cli/options.hpp"
#include "checker/trace/untracked.hpp"
#include "model/kernel/rows.hpp"
#include "model/kernel/slice.hpp"
#include "model/world/project.hpp"

namespace airlock {

struct SlicedRow {
  std::string name;
  kernel::Slice slice;  ///< its receipt says which tree, as named and by hash
  kernel::Tree tree;
};

/// The lens that --lens names, or the one that comes with Airlock. Throws InputError.
[[nodiscard]] kernel::Lens lens_of(const Options& options);

/// The slices of the rows of `tree` with the options' patches: of all, or of the last alone. What a
/// user should know of how patches were applied goes to standard error. Throws InputError, and
/// std::logic_error if a slice does not stand up to verify().
[[nodiscard]] std::vector<SlicedRow> sliced_rows(const Options& options, const std::string& tree,
                                                 const kernel::Lens& lens, bool last_only);

/// The receipt of a row, with the patches of its tree by their hashes.
[[nodiscard]] nlohmann::ordered_json receipt_of(const SlicedRow& row);

/// What traces say about the choices of a slice that stand for what it does not follow.
/// Throws InputError for a function of the lens' [free] that the slice has not.
[[nodiscard]] UntrackedTexts untracked_texts(const kernel::Slice& slice, const kernel::Lens& lens);

/// All rows of the tree that the options name; none if they name none.
[[nodiscard]] std::vector<SlicedRow> rows_of_tree(const Options& options);

/// The model that the rows are, with the properties that come with Airlock.
[[nodiscard]] ModelSources model_of(const Options& options, const std::vector<SlicedRow>& rows);

/// What every verdict about a slice rests on.
std::vector<std::string> slice_assumptions();

}  // namespace airlock
