// From projects to coverage.
#pragma once

#include <optional>
#include <vector>

#include "checker/cli/session.hpp"
#include "checker/coverage/report.hpp"

namespace airlock {

/// What is measured: the world of `fix`, and what other values of parameters make of it. Borrows
/// the project.
CoverageInput coverage_input(const Project& project, const Fix& fix);

/// A row to explore; not begun, if the time is up before its world is built. `properties`: those
/// to be taken apart; empty: all. Throws InputError.
CoverageRun begin_coverage(const Session& session, const Fix& fix,
                           const std::vector<std::string>& properties);

/// The manifests' [unreached].
std::vector<Excuse> excuses_of(const Project& project);

/// What no row of the manifest shows. Nothing where `compare` is not to ask: no manifest has a
/// section [unreached], or the user asks about something else than the manifest's rows in the
/// manifest's world.
std::optional<CoverageReport> coverage_of_rows(const Session& session);

}  // namespace airlock
