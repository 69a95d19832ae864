#include <algorithm>
#include <fmt/format.h>

#include "checker/cli/commands.hpp"
#include "checker/cli/engine_progress.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/explore/explore.hpp"
#include "checker/trace/render.hpp"

namespace airlock {
namespace {

/// How to go on with a search that ended early.
std::string advice(const Options& options) {
  const std::string more = "with more of --timeout or --memory";
  return options.checkpoint.empty()
             ? "--checkpoint FILE would keep it, to go on with later " + more
             : "go on with --resume " + shell_quote(options.checkpoint) + ", " + more;
}

std::string plural(std::uint64_t count, const std::string& what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string as_text(const Session& session, const Fix& fix, const ExploreResult& result) {
  std::string text = fmt::format(
      "{}, fix {}\n  states       {}\n  transitions  {}\n  depth        {}\n  deadlocks    {}\n",
      printable(session.project().name()), printable(fix.name), result.states, result.transitions,
      result.depth, result.deadlocks);
  if (session.options().stats) {
    text +=
        fmt::format("  state        {}\n  seen states  {:.1f} bytes each\n  memory       {} MiB\n",
                    plural(result.bits, "bit"),
                    static_cast<double>(result.visited_bytes) /
                        static_cast<double>(std::max<std::uint64_t>(result.states, 1)),
                    (result.peak_bytes + (1U << 20U) - 1) >> 20U);
  }
  if (!result.complete) {
    text += fmt::format(
        "  not complete: {}\n  covered: every state within {}; {} still to be "
        "expanded\n  {}\n",
        result.reason, plural(result.depth, "step"), result.frontier, advice(session.options()));
  }
  return text;
}

nlohmann::ordered_json as_json(const Session& session, const Fix& fix,
                               const ExploreResult& result) {
  nlohmann::ordered_json json{
      {"model", session.project().name()}, {"fix", fix.name},       {"states", result.states},
      {"transitions", result.transitions}, {"depth", result.depth}, {"deadlocks", result.deadlocks},
      {"complete", result.complete}};
  if (!result.complete) {
    json["reason"] = result.reason;
    json["frontier"] = result.frontier;
  }
  if (session.options().stats) {
    json["bits"] = result.bits;
    json["visited_bytes"] = result.visited_bytes;
    json["peak_bytes"] = result.peak_bytes;
  }
  return json;
}

}  // namespace

ExitStatus run_explore(const Session& session) {
  const Fix fix = session.fix();
  const std::unique_ptr<Subject> subject = session.build(fix);
  const Reduction whole = subject->narrow(subject->pins());
  ExploreOptions options;
  options.stop_when_decided = false;
  options.checkpoint = session.options().checkpoint;
  options.checkpoint_interval = session.options().checkpoint_interval;
  options.resume = session.options().resume;
  ExploreResult result;
  {
    ProgressLine line(session.options().quiet);
    result = explore(whole.system(), {}, with_progress(session.context(), line, fix.name), options);
  }
  if (!result.checkpoint_error.empty()) {
    print_error("warning: no checkpoint: " + printable(result.checkpoint_error) + "\n");
  }
  check_interrupted();
  print(session.options().format == Format::json ? dump(as_json(session, fix, result))
                                                 : as_text(session, fix, result));
  return result.complete ? ExitStatus::holds : ExitStatus::undecided;
}

}  // namespace airlock
