#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fmt/format.h>

#include "checker/cli/commands.hpp"
#include "checker/cli/engine_progress.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/explore/explore.hpp"
#include "checker/graph/components.hpp"
#include "checker/graph/picture.hpp"
#include "checker/support/atomic_file.hpp"
#include "checker/support/stopwatch.hpp"
#include "checker/trace/names.hpp"
#include "checker/trace/render.hpp"
#include "model/system/counted.hpp"
#include "model/system/input_error.hpp"

namespace airlock {
namespace {

constexpr std::uint64_t max_edges = 20'000'000;  // of a graph that is kept in memory
constexpr std::uint64_t max_drawn_states = 500;

/// What explore finds, and what the state graph says beside it.
struct Explored {
  ExploreResult result;
  double seconds = 0;
  std::optional<Components> components;
  std::string no_components;  ///< why they were not computed
  std::string picture;        ///< what was written, or why nothing was
  bool drawn = false;
};

/// How to go on with a search that ended early.
std::string advice(const Options& options) {
  const std::string more = "with more of --timeout or --memory";
  return options.checkpoint.empty()
             ? "--checkpoint FILE would keep it, to go on with later " + more
             : "go on with --resume " + shell_quote(options.checkpoint) + ", " + more;
}

std::string components_text(const Explored& explored) {
  return explored.components
             ? fmt::format("{} strongly connected, the largest of {}", explored.components->count,
                           counted(explored.components->largest, "state"))
             : "not computed: " + printable(explored.no_components);
}

double states_per_second(const Explored& explored) {
  return static_cast<double>(explored.result.states) / std::max(explored.seconds, 1e-6);
}

std::string as_text(const Session& session, const Fix& fix, const Explored& explored) {
  const ExploreResult& result = explored.result;
  std::string text = fmt::format(
      "{}, {}\n  states       {}\n  transitions  {}\n  depth        {}\n  deadlocks    {}\n",
      printable(session.project().name()), printable(of_fix(fix.name)), result.states,
      result.transitions, result.depth, result.deadlocks);
  if (session.options().stats) {
    text += fmt::format(
        "  components   {}\n  time         {:.2f} s, {:.0f} states/s\n"
        "  state        {}\n  seen states  {:.1f} bytes each\n  memory       {} MiB\n",
        components_text(explored), explored.seconds, states_per_second(explored),
        counted(result.bits, "bit"),
        static_cast<double>(result.visited_bytes) /
            static_cast<double>(std::max<std::uint64_t>(result.states, 1)),
        (result.peak_bytes + (1U << 20U) - 1) >> 20U);
  }
  if (!explored.picture.empty()) {
    text += "  graph        " + explored.picture + "\n";
  }
  if (!result.complete) {
    text += fmt::format(
        "  not complete: {}\n  covered: every state within {}; {} still to be "
        "expanded\n  {}\n",
        result.reason, counted(result.depth, "step"), result.frontier, advice(session.options()));
  }
  return text;
}

nlohmann::ordered_json as_json(const Session& session, const Fix& fix, const Explored& explored) {
  const ExploreResult& result = explored.result;
  nlohmann::ordered_json json{
      {"model", session.project().name()}, {"fix", fix.name},       {"states", result.states},
      {"transitions", result.transitions}, {"depth", result.depth}, {"deadlocks", result.deadlocks},
      {"complete", result.complete}};
  if (!result.complete) {
    json["reason"] = result.reason;
    json["frontier"] = result.frontier;
  }
  if (session.options().stats) {
    if (explored.components) {
      json["components"] = explored.components->count;
      json["largest_component"] = explored.components->largest;
    } else {
      json["components"] = nullptr;
      json["components_reason"] = explored.no_components;
    }
    json["seconds"] = explored.seconds;
    json["states_per_second"] = states_per_second(explored);
    json["bits"] = result.bits;
    json["visited_bytes"] = result.visited_bytes;
    json["peak_bytes"] = result.peak_bytes;
  }
  if (!explored.picture.empty()) {
    json["graph"] = {{"written", explored.drawn}, {"text", explored.picture}};
  }
  return json;
}

/// Better known before the search than after it.
void check_graph_path(const std::string& path) {
  if (path.empty()) {
    return;
  }
  if (!graph_format(path)) {
    throw InputError({"--graph", 0, 0}, "'" + printable(path) + "' has no known extension", {},
                     "a name that ends in .dot, .gv or .graphml");
  }
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code ignored;
  if (!folder.empty() && !std::filesystem::is_directory(folder, ignored)) {
    throw InputError({"--graph", 0, 0}, "there is no folder '" + printable(folder.string()) + "'",
                     {}, "a file in a folder that exists");
  }
}

void write(const Options& options, const Picture& picture, Explored& explored) {
  write_file(options.graph, write_picture(picture, *graph_format(options.graph)));
  explored.drawn = true;
  explored.picture = fmt::format(
      "{} and {} in {}", counted(picture.nodes.size(), picture.by_location ? "location" : "state"),
      counted(picture.edges.size(), picture.by_location ? "edge" : "transition"),
      printable(options.graph));
}

/// A small state space as it is, `graph` being complete; else its quotient by location.
void draw(const Options& options, const StateGraph* graph, const TransitionSystem& original,
          const Reduction& narrowed, Explored& explored) {
  if (graph != nullptr && graph->complete() && graph->states() <= max_drawn_states) {
    write(options, picture_of_states(*graph, original, narrowed), explored);
  } else if (explored.result.quotient) {
    write(options, picture_of_locations(*explored.result.quotient, original, narrowed), explored);
  } else {
    explored.picture = !options.resume.empty()
                           ? "not written: a resumed search does not see what came before"
                           : "not written: the control variables have more than 64 bits";
  }
}

/// What needs the edges, if it is asked for and they fit.
void look_at_graph(const Session& session, const TransitionSystem& original,
                   const Reduction& narrowed, Explored& explored) {
  const Options& options = session.options();
  if (!options.stats && options.graph.empty()) {
    return;
  }
  if (!explored.result.complete) {
    explored.no_components = "not all states were visited";
    explored.picture = options.graph.empty() ? "" : "not written: " + explored.no_components;
    return;
  }
  // Choices that lead to the same state are one edge: only the graph itself knows how many.
  std::optional<StateGraph> graph;
  if (options.stats || explored.result.states <= max_drawn_states) {
    graph.emplace(narrowed.system(), Expr{}, session.context(), StateGraphOptions{max_edges});
    explored.no_components = graph->reason();
  }
  if (!options.graph.empty()) {
    draw(options, graph ? &*graph : nullptr, original, narrowed, explored);
  }
  try {
    if (options.stats && graph->complete()) {
      explored.components = components_of(*graph);
    }
  } catch (const std::bad_alloc&) {
    explored.no_components = "out of memory";
  }
}

}  // namespace

ExitStatus run_explore(const Session& session) {
  check_graph_path(session.options().graph);
  const Fix fix = session.fix();
  const std::unique_ptr<Subject> subject = session.build(fix);
  const Reduction whole = subject->narrow(subject->pins());
  ExploreOptions options;
  options.stop_when_decided = false;
  options.checkpoint = session.options().checkpoint;
  options.checkpoint_interval = session.options().checkpoint_interval;
  options.resume = session.options().resume;
  options.control_quotient = !session.options().graph.empty();
  Explored explored;
  ExploreResult& result = explored.result;
  const auto begin = std::chrono::steady_clock::now();
  {
    ProgressLine line(session.options().quiet);
    result = explore(whole.system(), {}, with_progress(session.context(), line, fix.name), options);
  }
  explored.seconds = seconds_since(begin);
  if (!result.checkpoint_error.empty()) {
    print_error("warning: no checkpoint: " + printable(result.checkpoint_error) + "\n");
  }
  check_interrupted();
  look_at_graph(session, subject->pinned(subject->pins()), whole, explored);
  check_interrupted();
  print(session.options().format == Format::json ? dump(as_json(session, fix, explored))
                                                 : as_text(session, fix, explored));
  const bool drawn = session.options().graph.empty() || explored.drawn;
  return result.complete && drawn ? ExitStatus::holds : ExitStatus::undecided;
}

}  // namespace airlock
