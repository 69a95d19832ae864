// The commands. Each prints its answer on standard output and returns the exit status.
#pragma once

#include "checker/cli/exit_status.hpp"
#include "checker/cli/session.hpp"

namespace airlock {

ExitStatus run_prove(const Session& session);
ExitStatus run_trace(const Session& session);
ExitStatus run_explore(const Session& session);
ExitStatus run_coverage(const Session& session);
ExitStatus run_compare(const Session& session);
ExitStatus run_outcomes(const Session& session);
ExitStatus run_test(const Options& options);
ExitStatus run_list(const Session& session);
ExitStatus run_mutate(const Session& session);
ExitStatus run_export(const Session& session);
ExitStatus run_certify(const Options& options);
ExitStatus run_check(const Session& session);
ExitStatus run_bisect(const Options& options);
ExitStatus run_slice(const Options& options);
ExitStatus run_reproduce(const Options& options);
ExitStatus run_init(const Options& options);

/// Parses the command line, runs the command, and turns what goes wrong into messages on standard
/// error and an exit status. Never throws.
int run(int argc, const char* const* argv) noexcept;

}  // namespace airlock
