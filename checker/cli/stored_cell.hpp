// A decided cell as text, and back: what the cache of verdicts keeps.
//
// A trace is kept as a path, and is replayed on the system of the row that it is for, like a path
// that an engine has just found. So a violation that comes from the cache has been seen again.
#pragma once

#include <optional>
#include <string>

#include "checker/compare/matrix.hpp"

namespace airlock {

/// Empty for what is not worth keeping: what is undecided, lacks its second opinion or its
/// certificate, is about two runs, or is violated and not known to be no false alarm.
[[nodiscard]] std::string stored_text(const Cell& cell);

/// The cell again, of `property` of the subject's system; nothing if the text is not one of these,
/// or its path does not replay. `texts`: what the row's slice does not follow. `remembered` is set.
[[nodiscard]] std::optional<Cell> restored_cell(const std::string& text, Subject& subject,
                                                const Property& property,
                                                const UntrackedTexts& texts);

}  // namespace airlock
