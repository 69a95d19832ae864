#include "checker/cli/coverage_input.hpp"

#include "checker/cli/terminal.hpp"
#include "model/system/stop.hpp"

namespace airlock {
namespace {

bool is_the_manifests_world(const Options& options) {
  return options.set.empty() && options.actors.empty() && options.no_actors.empty() &&
         options.choices.empty();
}

/// The manifests' [unreached].
std::vector<Excuse> excuses_of(const Project& project) {
  std::vector<Excuse> excuses;
  for (const Unreached& entry : project.unreached()) {
    excuses.push_back({entry.what, entry.reason, entry.place});
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
  if (own_world) {
    question.excuses_from = ExcusesFrom::more_rows;
  }
  if (own_world && options.properties.empty()) {
    question.points.insert(PointKind::statement);
    if (has_manifest) {  // what the hardware does not do in a sketch, nothing could excuse
      question.points.insert(PointKind::hardware);
    }
  }
  return question;
}

}  // namespace

CoverageInput coverage_input(const Project& project, const Fix& fix) {
  CoverageWorld world = project.build_for_coverage(fix);
  CoverageInput input{
      fix.name, std::move(world.system), std::move(world.code), std::move(world.operands), {}, {}};
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
  CoverageQuestion question;
  question.excuses = excuses_of(session.project());
  if (!is_the_manifests_world(session.options())) {
    question.excuses_from = ExcusesFrom::another_world;
  } else if (!session.options().fixes.empty() || !session.options().properties.empty()) {
    question.excuses_from = ExcusesFrom::more_rows;
  }
  return question;
}

ComparedCoverage coverage_of_rows(const Session& session, const std::vector<Fix>& fixes,
                                  const HeldProperties& held) {
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
  result.report = cover_together(std::move(runs), question, session.context());
  return result;
}

}  // namespace airlock
