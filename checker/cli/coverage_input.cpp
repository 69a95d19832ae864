#include "checker/cli/coverage_input.hpp"

namespace airlock {
namespace {

/// The rows and the world are the manifest's own.
bool asks_for_everything(const Options& options) {
  return options.fixes.empty() && options.properties.empty() && options.set.empty() &&
         options.actors.empty() && options.no_actors.empty() && options.choices.empty();
}

}  // namespace

std::vector<Excuse> excuses_of(const Project& project) {
  std::vector<Excuse> excuses;
  if (project.unreached()) {
    for (const Unreached& entry : *project.unreached()) {
      excuses.push_back({entry.what, entry.reason, entry.place});
    }
  }
  return excuses;
}

std::optional<CoverageReport> coverage_of_rows(const Session& session) {
  if (!session.project().unreached() || !asks_for_everything(session.options())) {
    return std::nullopt;
  }
  std::vector<CoverageRun> runs;
  for (const Fix& fix : session.project().fixes()) {
    CoverageWorld world = session.project().build_for_coverage(fix);
    runs.emplace_back(CoverageInput{fix.name, std::move(world.system), std::move(world.code)},
                      session.chosen(), std::vector<std::string>{});
  }
  return cover_together(std::move(runs), excuses_of(session.project()), session.context());
}

}  // namespace airlock
