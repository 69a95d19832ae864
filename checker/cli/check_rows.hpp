// The verdicts about a tree's rows: what `check` prints and `bisect` goes by.
#pragma once

#include <string>
#include <vector>

#include "checker/cli/session.hpp"
#include "checker/compare/matrix.hpp"

namespace airlock {

/// Decides what was asked about every row of the session's tree; by default that is what the lens
/// follows. The matrix says what its verdicts assume. Progress goes to standard error. Throws
/// InputError, EnginesDisagree, Interrupted.
[[nodiscard]] Matrix check_rows(const Session& session);

/// How many cells say what was decided before, by an earlier run or about an earlier row.
[[nodiscard]] std::size_t remembered_verdicts(const Matrix& matrix);

}  // namespace airlock
