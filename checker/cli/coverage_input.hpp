// From projects to coverage.
#pragma once

#include <map>
#include <set>
#include <string>
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

/// What `coverage` asks: everything, but for what the manifest excuses.
CoverageQuestion coverage_question(const Session& session);

/// By row, the properties that hold there.
using HeldProperties = std::map<std::string, std::set<std::string>>;

struct ComparedCoverage {
  std::vector<std::string> asked;  ///< the kinds of gaps (Gap::kind) that were looked for
  CoverageReport report;
};

/// Whether properties that hold under `fix` claim anything there: gaps of the kind "vacuous" alone,
/// but for those that the manifest excuses. Looks until everything is seen, or for as long as the
/// context and a gibibyte of states allow.
CoverageReport vacuity_of(const Session& session, const Fix& fix, const std::set<std::string>& held,
                          EngineContext context);

/// What rows that were compared do not show, as far as `compare` is to ask: everything, where they
/// are all the manifest's in the manifest's world; which of their lines and hardware events never
/// happen, where they are some of them, or fixes of the user's; in any case, whether what holds is
/// vacuous. (A sketch without a manifest is asked about its lines, not about the hardware.)
ComparedCoverage coverage_of_rows(const Session& session, const std::vector<Fix>& fixes,
                                  const HeldProperties& held, const EngineContext& context);

}  // namespace airlock
