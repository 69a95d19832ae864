#include "checker/cli/coverage_input.hpp"

namespace airlock {
namespace {

/// The rows and the world are the manifest's own.
bool asks_for_everything(const Options& options) {
  return options.fixes.empty() && options.properties.empty() && options.set.empty() &&
         options.actors.empty() && options.no_actors.empty() && options.choices.empty();
}

}  // namespace

CoverageInput coverage_input(const Project& project, const Fix& fix) {
  CoverageWorld world = project.build_for_coverage(fix);
  CoverageInput input{fix.name, std::move(world.system), std::move(world.code), {}, {}};
  for (OtherWorld& other : world.others) {
    input.others.push_back(
        {other.value.parameter + "=" + other.value.shown, std::move(other.build)});
  }
  for (const Parameter& parameter : world.single) {
    input.single.push_back(parameter.name + "=" + parameter.shown);
  }
  return input;
}

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
    runs.emplace_back(coverage_input(session.project(), fix), session.chosen(),
                      std::vector<std::string>{});
  }
  return cover_together(std::move(runs), excuses_of(session.project()), session.context());
}

}  // namespace airlock
