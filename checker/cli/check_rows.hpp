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

}  // namespace airlock
