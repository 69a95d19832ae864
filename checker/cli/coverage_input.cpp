#include "checker/cli/coverage_input.hpp"

#include "checker/cli/terminal.hpp"
#include "model/system/stop.hpp"

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

CoverageRun begin_coverage(const Session& session, const Fix& fix,
                           const std::vector<std::string>& properties) {
  const EngineContext context = session.context();
  const StopScope scope([&context] { return context.should_stop(); });
  try {
    if (!context.should_stop()) {
      CoverageInput input = coverage_input(session.project(), fix);
      (void)session.properties(input.system);  // names that are wrong are said so
      return CoverageRun(std::move(input), session.chosen(), properties);
    }
  } catch (const Stopped&) {
    check_interrupted();
  }
  return CoverageRun::not_begun(fix.name, context.why_stopped());
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
    runs.push_back(begin_coverage(session, fix, {}));
  }
  return cover_together(std::move(runs), excuses_of(session.project()), session.context());
}

}  // namespace airlock
