// A trace as two columns: what the host does on the left, what the guest does on the right.
#pragma once

#include <string>
#include <vector>

#include "checker/trace/trace.hpp"
#include "checker/trace/untracked.hpp"

namespace airlock {

/// Lines of at most `width` columns, each with its newline. Calls are "vcpu_enter_guest() ->
/// svm_vcpu_run()", where `texts` knows the functions.
std::string two_columns(const Trace& trace, const UntrackedTexts* texts, std::size_t width);

/// The sections of manuals that the trace's events cite, each once: "APM, \"Event Injection\"".
std::vector<std::string> cited_sections(const Trace& trace);

}  // namespace airlock
