// Cuts of one and two steps, exactly.
//
// A step is a set of edges of the state graph, wherever its line is executed, so this is no minimum
// cut between two vertices and dominator trees do not answer it: a line may be on every violating
// run without any one state being so. (Minimum label cuts are NP-hard in general; for one and two
// labels, trying is polynomial.) What makes trying quick is that every cut meets every violating
// path. So the steps of one shortest path are all the candidates for a cut of one; where a
// candidate is no cut, the search without it finds another path, and candidates that are not on
// that one are no cuts either. For a cut of two, one of the steps is on the shortest path; with it
// taken out, the other is a cut of one of what is left, found in the same way. A search that finds
// a path ends there; one that does not is a proof, and reads each edge once.
//
// First everything from which no bad state can be reached is taken out, which changes no path.
#include "checker/graph/cuts.hpp"

#include <algorithm>
#include <limits>
#include <new>
#include <set>

namespace airlock {
namespace {

using Step = std::uint32_t;
constexpr Step no_step = std::numeric_limits<Step>::max();

/// What is left of the graph: edges between states from which a bad state can be reached, with
/// their steps.
struct Useful {
  std::vector<std::uint32_t> first;
  std::vector<std::uint32_t> to;
  std::vector<Step> step;
  std::vector<std::uint32_t> initial;
  std::vector<bool> bad;
};

/// Per state: whether a bad one can be reached.
std::vector<bool> reaching_target(const StateGraph& graph) {
  const std::size_t states = graph.states();
  std::vector<std::uint32_t> first(states + 1, 0);
  for (std::uint32_t e = 0; e < graph.edges(); ++e) {
    ++first[graph.to(e) + 1];
  }
  for (std::size_t i = 0; i < states; ++i) {
    first[i + 1] += first[i];
  }
  std::vector<std::uint32_t> from(graph.edges());
  std::vector<std::uint32_t> next(first.begin(), first.end() - 1);
  std::vector<bool> reaching(states, false);
  std::vector<std::uint32_t> queue;
  for (std::uint32_t s = 0; s < states; ++s) {
    for (std::uint32_t e = graph.first(s); e < graph.first(s + 1); ++e) {
      from[next[graph.to(e)]++] = s;
    }
    if (graph.in_target(s)) {
      reaching[s] = true;
      queue.push_back(s);
    }
  }
  for (std::size_t at = 0; at < queue.size(); ++at) {
    for (std::uint32_t i = first[queue[at]]; i < first[queue[at] + 1]; ++i) {
      if (!reaching[from[i]]) {
        reaching[from[i]] = true;
        queue.push_back(from[i]);
      }
    }
  }
  return reaching;
}

Useful useful_part(const StateGraph& graph,
                   const std::vector<std::optional<std::uint32_t>>& step_of_rule) {
  const std::vector<bool> reaching = reaching_target(graph);
  Useful result;
  result.first.push_back(0);
  for (std::uint32_t s = 0; s < graph.states(); ++s) {
    result.bad.push_back(graph.in_target(s));
    const bool expands = reaching[s] && !graph.in_target(s);
    for (std::uint32_t e = graph.first(s); expands && e < graph.first(s + 1); ++e) {
      if (reaching[graph.to(e)]) {
        result.to.push_back(graph.to(e));
        result.step.push_back(step_of_rule[graph.rule(e)].value_or(no_step));
      }
    }
    result.first.push_back(static_cast<std::uint32_t>(result.to.size()));
    if (s < graph.initial_states() && reaching[s]) {
      result.initial.push_back(s);
    }
  }
  return result;
}

class CutFinder {
 public:
  CutFinder(Useful graph, std::size_t steps, const EngineContext& context)
      : graph_(std::move(graph)),
        context_(context),
        masked_(steps, false),
        seen_(graph_.bad.size(), 0),
        by_(graph_.bad.size(), 0),
        parent_(graph_.bad.size(), 0) {}

  Cuts run() {
    Cuts cuts;
    const std::set<Step> shortest = violating_steps().value_or(std::set<Step>());
    cuts.at_once = std::any_of(graph_.initial.begin(), graph_.initial.end(),
                               [&](std::uint32_t s) { return graph_.bad[s]; });
    const std::set<Step> one = cuts_within(shortest);
    cuts.one.assign(one.begin(), one.end());
    std::set<std::pair<Step, Step>> two;
    for (const Step step : shortest) {
      if (one.count(step) == 0 && !stopped_) {
        add_partners(step, one, two);
      }
    }
    cuts.two.assign(two.begin(), two.end());
    if (stopped_) {
      return {"out of time", false, {}, {}};
    }
    return cuts;
  }

 private:
  /// The cuts of two that `step`, no cut itself, is part of.
  void add_partners(Step step, const std::set<Step>& one, std::set<std::pair<Step, Step>>& two) {
    masked_[step] = true;
    if (const auto detour = violating_steps()) {
      std::set<Step> candidates;
      std::set_difference(detour->begin(), detour->end(), one.begin(), one.end(),
                          std::inserter(candidates, candidates.end()));
      for (const Step other : cuts_within(candidates)) {
        two.insert(std::minmax(step, other));
      }
    }
    masked_[step] = false;
  }

  /// Those of `candidates` without which, and without what is masked, no bad state is reached.
  std::set<Step> cuts_within(std::set<Step> candidates) {
    std::set<Step> cuts;
    while (!candidates.empty() && !stopped_) {
      const Step step = *candidates.begin();
      candidates.erase(candidates.begin());
      masked_[step] = true;
      const auto detour = violating_steps();
      masked_[step] = false;
      if (!detour) {
        cuts.insert(step);
        continue;
      }
      for (auto at = candidates.begin(); at != candidates.end();) {
        at = detour->count(*at) == 0 ? candidates.erase(at) : std::next(at);
      }
    }
    return cuts;
  }

  /// The steps on a shortest path to a bad state along edges that are not masked; nothing if there
  /// is no such path, or no time.
  std::optional<std::set<Step>> violating_steps() {
    if (stopped_ || context_.should_stop()) {
      stopped_ = true;
      return std::nullopt;
    }
    ++round_;
    queue_.assign(graph_.initial.begin(), graph_.initial.end());
    for (const std::uint32_t s : queue_) {
      seen_[s] = round_;
      by_[s] = root;
    }
    for (std::size_t at = 0; at < queue_.size(); ++at) {
      const std::uint32_t from = queue_[at];
      if (graph_.bad[from]) {
        return steps_to(from);
      }
      for (std::uint32_t e = graph_.first[from]; e < graph_.first[from + 1]; ++e) {
        const std::uint32_t to = graph_.to[e];
        if (seen_[to] != round_ && (graph_.step[e] == no_step || !masked_[graph_.step[e]])) {
          seen_[to] = round_;
          by_[to] = e;
          parent_[to] = from;
          queue_.push_back(to);
        }
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] std::set<Step> steps_to(std::uint32_t state) const {
    std::set<Step> result;
    for (; by_[state] != root; state = parent_[state]) {
      if (graph_.step[by_[state]] != no_step) {
        result.insert(graph_.step[by_[state]]);
      }
    }
    return result;
  }

  static constexpr std::uint32_t root = std::numeric_limits<std::uint32_t>::max();
  Useful graph_;
  const EngineContext& context_;
  std::vector<bool> masked_;           // by step
  std::vector<std::uint32_t> seen_;    // by state: the last search that met it
  std::vector<std::uint32_t> by_;      // by state: the edge that led to it
  std::vector<std::uint32_t> parent_;  // by state
  std::vector<std::uint32_t> queue_;
  std::uint32_t round_ = 0;
  bool stopped_ = false;
};

}  // namespace

Cuts find_cuts(StateGraph& graph, const std::vector<std::optional<std::uint32_t>>& step_of_rule,
               std::size_t steps, const EngineContext& context) {
  constexpr std::uint64_t per_edge = 20;  // backwards, then what is left of the graph (which grows)
  constexpr std::uint64_t per_state = 48;  // marks, rows, queues and the way back
  try {
    graph.charge(graph.edges() * per_edge + graph.states() * per_state);
    return CutFinder(useful_part(graph, step_of_rule), steps, context).run();
  } catch (const std::bad_alloc&) {
    return {"out of memory", false, {}, {}};
  }
}

}  // namespace airlock
