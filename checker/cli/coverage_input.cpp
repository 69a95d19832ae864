#include "checker/cli/coverage_input.hpp"

#include <algorithm>

#include "checker/cli/terminal.hpp"
#include "model/system/stop.hpp"

namespace airlock {
namespace {

bool is_the_manifests_world(const Options& options) {
  return options.set.empty() && options.actors.empty() && options.no_actors.empty() &&
         options.choices.empty();
}

/// All fixes that --fix names are rows of the manifest.
bool all_of_the_manifest(const Session& session) {
  const std::vector<Fix>& rows = session.project().fixes();
  const std::vector<Fix> asked = session.fixes(rows);
  return std::all_of(asked.begin(), asked.end(), [&](const Fix& fix) {
    return std::any_of(rows.begin(), rows.end(),
                       [&](const Fix& row) { return row.name == fix.name; });
  });
}

/// The manifests' [unreached].
std::vector<Excuse> excuses_of(const Project& project) {
  std::vector<Excuse> excuses;
  for (const Unreached& entry : project.unreached()) {
    excuses.push_back({entry.what, entry.reason, entry.place, entry.line});
  }
  return excuses;
}

/// What `compare` asks. The whole manifest is to be covered by all its rows. A user who asks about
/// some rows gets to know which of their lines and of the hardware's events never happen; who asks
/// about some properties, or another world, only whether what holds there is vacuous.
CoverageQuestion question_of(const Session& session) {
  const Options& options = session.options();
  const bool own_world = is_the_manifests_world(options);
  const bool has_manifest = session.project().has_manifest();
  CoverageQuestion question = coverage_question(session);
  if (own_world && has_manifest && options.fixes.empty() && options.properties.empty()) {
    return question;
  }
  question.properties = false;
  question.points.clear();
  if (own_world && options.properties.empty()) {
    question.points.insert(PointKind::statement);
    if (has_manifest) {  // what the hardware does not do in a sketch, nothing could excuse
      question.points.insert(PointKind::hardware);
    }
  }
  return question;
}

/// Of files with the same last component, the first goes by that: the base's, then the manifest's
/// fixes', then the user's. The others go by their path.
std::map<std::string, std::string> long_names(const Project& project, const Fix& fix) {
  std::vector<std::string> of_fixes;
  for (const Fix& each : project.fixes()) {
    of_fixes.insert(of_fixes.end(), each.files.begin(), each.files.end());
  }
  of_fixes.insert(of_fixes.end(), fix.files.begin(), fix.files.end());
  std::vector<std::string> files;
  for (const auto& [path, text] : project.sources()) {
    if (std::find(of_fixes.begin(), of_fixes.end(), path) == of_fixes.end()) {
      files.push_back(path);
    }
  }
  files.insert(files.end(), of_fixes.begin(), of_fixes.end());
  std::map<std::string, std::string> owners;
  std::map<std::string, std::string> result;
  for (const std::string& path : files) {
    const auto [at, fresh] = owners.try_emplace(path.substr(path.rfind('/') + 1), path);
    if (at->second != path) {
      result[path] = path;
    }
  }
  return result;
}

}  // namespace

CoverageInput coverage_input(const Project& project, const Fix& fix) {
  CoverageWorld world = project.build_for_coverage(fix);
  CoverageInput input{
      fix.name, std::move(world.system), std::move(world.code), std::move(world.operands), {}, {}};
  input.file_names = long_names(project, fix);
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
      for (const std::string& name : properties) {
        if (input.system.find_property(name) == nullptr) {
          (void)session.properties(input.system);  // says which there are
        }
      }
      return CoverageRun(std::move(input), session.chosen(), properties);
    }
  } catch (const Stopped&) {
    check_interrupted();
  }
  return CoverageRun::not_begun(fix.name, context.why_stopped());
}

CoverageQuestion coverage_question(const Session& session) {
  const Options& options = session.options();
  CoverageQuestion question;
  if (!is_the_manifests_world(options)) {  // the manifest's reasons are not about this one
    question.excuses_from = ExcusesFrom::elsewhere;
    return question;
  }
  question.excuses = excuses_of(session.project());
  if (!all_of_the_manifest(session)) {  // a fix of the user's may do what no row does
    question.excuses_from = ExcusesFrom::elsewhere;
  } else if (!options.fixes.empty() || !options.properties.empty()) {
    question.excuses_from = ExcusesFrom::more_rows;
  }
  return question;
}

CoverageReport vacuity_of(const Session& session, const Fix& fix, const std::set<std::string>& held,
                          EngineContext context) {
  constexpr std::uint64_t enough_memory = std::uint64_t{1} << 30U;
  MemoryBudget memory(enough_memory);
  context.memory = &memory;
  CoverageQuestion question;
  question.points.clear();
  question.properties = false;
  question.not_vacuous[fix.name] = held;
  question.excuses_from = ExcusesFrom::elsewhere;
  if (is_the_manifests_world(session.options())) {
    question.excuses = excuses_of(session.project());
  }
  std::vector<CoverageRun> runs;
  runs.push_back(begin_coverage(session, fix, {held.begin(), held.end()}));
  return cover_together(std::move(runs), question, context);
}

ComparedCoverage coverage_of_rows(const Session& session, const std::vector<Fix>& fixes,
                                  const HeldProperties& held, const EngineContext& context) {
  CoverageQuestion question = question_of(session);
  std::vector<CoverageRun> runs;
  for (const Fix& fix : fixes) {
    const auto found = held.find(fix.name);
    if (!question.points.empty()) {
      runs.push_back(begin_coverage(session, fix, {}));
    } else if (found != held.end()) {
      runs.push_back(begin_coverage(session, fix, {found->second.begin(), found->second.end()}));
    }
  }
  question.not_vacuous = held;
  ComparedCoverage result;
  for (const PointKind kind : question.points) {
    result.asked.emplace_back(to_string(kind));
  }
  if (question.properties) {
    result.asked.emplace_back("property");
  }
  result.asked.emplace_back("vacuous");
  result.report = cover_together(std::move(runs), question, context);
  return result;
}

}  // namespace airlock
