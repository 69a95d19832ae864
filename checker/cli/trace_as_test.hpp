// trace --as test.
#pragma once

#include "checker/cli/session.hpp"
#include "checker/compare/decide.hpp"

namespace airlock {

/// Prints the test that the decision's trace is, with its controls; or, on standard error, why
/// there is none. Whether there is one.
bool print_trace_as_test(const Session& session, const Fix& fix, const Decision& decision);

}  // namespace airlock
