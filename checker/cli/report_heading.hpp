// What a report says about where it comes from.
#pragma once

#include <string>
#include <vector>

#include "checker/cli/session.hpp"
#include "checker/report/report.hpp"

namespace airlock {

/// The command line, the versions, and every file that the models and `fixes` consist of: the
/// manifests, the C files and the headers that they include by name. (The headers in angle brackets
/// are part of the program, so its version stands for them.)
ReportHeading report_heading(const Session& session, const std::vector<Fix>& fixes);

/// Refuses a --report that could not be written, before the work and not after it: throws
/// InputError if the folder does not exist or the name is a folder's.
void check_report_path(const Options& options);

/// Puts the report where --report says, whole or not at all. Throws InputError where that fails.
void write_report(const Options& options, const std::string& html);

}  // namespace airlock
