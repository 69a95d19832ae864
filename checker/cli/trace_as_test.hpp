// trace --as test.
#pragma once

#include <functional>

#include "checker/cli/session.hpp"
#include "checker/compare/decide.hpp"

namespace airlock {

/// Finds a shortest trace of a property, as `trace` does.
using FindTrace =
    std::function<Decision(const Session& session, Subject& subject, const Property* property)>;

/// Prints the test that the decision's trace is, with its controls; or, on standard error, why
/// there is none. Whether there is one. Where the trace has steps that no guest can cause, one
/// without actors is looked for, and if a guest alone can make that, it is taken.
bool print_trace_as_test(const Session& session, const Fix& fix, const Decision& decision,
                         const FindTrace& find_trace);

}  // namespace airlock
