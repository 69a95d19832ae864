#include <fmt/format.h>

#include "checker/cli/commands.hpp"
#include "checker/cli/engine_progress.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/explore/explore.hpp"
#include "checker/trace/render.hpp"

namespace airlock {

ExitStatus run_explore(const Session& session) {
  const Fix fix = session.fix();
  const std::unique_ptr<Subject> subject = session.build(fix);
  const Reduction whole = subject->narrow(subject->pins());
  ExploreOptions options;
  options.stop_when_decided = false;
  ExploreResult result;
  {
    ProgressLine line(session.options().quiet);
    result = explore(whole.system(), {}, with_progress(session.context(), line, fix.name), options);
  }
  check_interrupted();
  if (session.options().format == Format::json) {
    nlohmann::ordered_json json{{"model", session.project().name()},
                                {"fix", fix.name},
                                {"states", result.states},
                                {"transitions", result.transitions},
                                {"depth", result.depth},
                                {"deadlocks", result.deadlocks},
                                {"complete", result.complete}};
    if (!result.complete) {
      json["reason"] = result.reason;
    }
    print(dump(json));
  } else {
    print(fmt::format("{}, fix {}\n  states       {}\n  transitions  {}\n  depth        {}\n"
                      "  deadlocks    {}\n",
                      printable(session.project().name()), printable(fix.name), result.states,
                      result.transitions, result.depth, result.deadlocks) +
          (result.complete ? "" : "  not complete: " + result.reason + "\n"));
  }
  return result.complete ? ExitStatus::holds : ExitStatus::undecided;
}

}  // namespace airlock
