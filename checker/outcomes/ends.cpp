// The whole graph is built (state_graph), of the system reduced to what the question looks at: the
// ends are its target states, and what cannot get to one is found by going backwards from them. So
// "these are all" is as exact as the graph is complete, and a run that never ends is not
// overlooked.
//
// A reduced state has some bits of the original's variables; the others are constants.
#include "checker/outcomes/ends.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "checker/explore/state_graph.hpp"
#include "model/system/reduce.hpp"

namespace airlock {
namespace {

using Id = StateGraph::Id;

/// Values of the original's variables in states of the reduction.
class Lifted {
 public:
  Lifted(const Reduction& reduction, const std::vector<VarId>& seen) {
    for (const VarId id : seen) {
      bits_.push_back({reduction.constant_bits(id).second, {}});
    }
    const TransitionSystem& reduced = reduction.system();
    for (VarId id = 0; id < reduced.variables.size(); ++id) {
      const Sort sort = reduced.variables[id].sort;
      const unsigned width = sort.is_bool() ? 1 : sort.width();
      for (unsigned bit = 0; bit < width; ++bit) {
        const auto [original, at] = reduction.origin(id, bit);
        for (std::size_t i = 0; i < seen.size(); ++i) {
          if (seen[i] == original) {
            bits_[i].open.push_back({id, bit, at});
          }
        }
      }
    }
  }

  [[nodiscard]] std::vector<std::uint64_t> operator()(const State& state) const {
    std::vector<std::uint64_t> values;
    for (const Bits& each : bits_) {
      std::uint64_t value = each.constant;
      for (const auto& [id, bit, at] : each.open) {
        value |= (state[id] >> bit & 1U) << at;
      }
      values.push_back(value);
    }
    return values;
  }

 private:
  struct Place {
    VarId variable;
    unsigned bit;
    unsigned at;
  };
  struct Bits {
    std::uint64_t constant;
    std::vector<Place> open;
  };
  std::vector<Bits> bits_;
};

/// Steps from an initial state, by state.
std::vector<std::uint64_t> depths(const StateGraph& graph) {
  constexpr std::uint64_t unknown = ~std::uint64_t{0};
  std::vector<std::uint64_t> result(graph.states(), unknown);
  std::fill(result.begin(), result.begin() + graph.initial_states(), 0);
  for (Id from = 0; from < graph.states(); ++from) {  // in the order in which they were found
    for (std::uint32_t edge = graph.first(from); edge < graph.first(from + 1); ++edge) {
      std::uint64_t& depth = result[graph.to(edge)];
      depth = std::min(depth, result[from] + 1);
    }
  }
  return result;
}

/// From which states one of those that are true in `result` can be reached; these are among them.
std::vector<bool> can_reach(const StateGraph& graph, std::vector<bool> result) {
  std::vector<std::uint32_t> first(graph.states() + 1, 0);
  for (std::uint32_t edge = 0; edge < graph.edges(); ++edge) {
    ++first[graph.to(edge) + 1];
  }
  for (std::size_t i = 1; i < first.size(); ++i) {
    first[i] += first[i - 1];
  }
  std::vector<Id> from(graph.edges());
  std::vector<std::uint32_t> next(first.begin(), first.end() - 1);
  std::vector<Id> waiting;
  for (Id state = 0; state < graph.states(); ++state) {
    for (std::uint32_t edge = graph.first(state); edge < graph.first(state + 1); ++edge) {
      from[next[graph.to(edge)]++] = state;
    }
    if (result[state]) {
      waiting.push_back(state);
    }
  }
  while (!waiting.empty()) {
    const Id state = waiting.back();
    waiting.pop_back();
    for (std::uint32_t i = first[state]; i < first[state + 1]; ++i) {
      if (!result[from[i]]) {
        result[from[i]] = true;
        waiting.push_back(from[i]);
      }
    }
  }
  return result;
}

/// Runs that never end, by the values of a kind: the states in which they stay with theirs, or,
/// where there are none, the one at which it is certain that they never end.
class StuckRuns {
 public:
  StuckRuns(const StateGraph& graph, const Lifted& lifted, const EndsQuestion& question)
      : graph_(graph), lifted_(lifted), question_(question) {}

  std::vector<RunEnd> run(const std::vector<bool>& ends, const std::vector<std::uint64_t>& depth) {
    std::vector<bool> leaves(graph_.states(), false);
    bool any = false;
    for (Id id = 0; id < graph_.states(); ++id) {
      any = any || !ends[id];
      for (std::uint32_t edge = graph_.first(id); !ends[id] && edge < graph_.first(id + 1);
           ++edge) {
        leaves[id] = leaves[id] || kind(id) != kind(graph_.to(edge));
      }
    }
    if (!any) {
      return {};
    }
    leaves = can_reach(graph_, std::move(leaves));
    std::map<std::vector<std::uint64_t>, RunEnd> staying;
    std::optional<RunEnd> first;
    for (Id id = 0; id < graph_.states(); ++id) {
      if (ends[id] || (leaves[id] && first)) {
        continue;
      }
      RunEnd here{lifted_(graph_.state(id)), depth[id]};
      first = first ? first : here;
      if (!leaves[id]) {
        staying.try_emplace(kind(id), std::move(here));
      }
    }
    if (staying.empty()) {
      return {*first};
    }
    std::vector<RunEnd> result;
    for (auto& [unused, run] : staying) {
      result.push_back(std::move(run));
    }
    return result;
  }

 private:
  [[nodiscard]] std::vector<std::uint64_t> kind(Id id) const {
    const std::vector<std::uint64_t> values = lifted_(graph_.state(id));
    std::vector<std::uint64_t> result;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::find(question_.stuck.begin(), question_.stuck.end(), question_.seen[i]) !=
          question_.stuck.end()) {
        result.push_back(values[i]);
      }
    }
    return result;
  }

  const StateGraph& graph_;
  const Lifted& lifted_;
  const EndsQuestion& question_;
};

/// Sorts by steps, then by values, so that the order says nothing of the search.
void sort(std::vector<RunEnd>& ends) {
  std::sort(ends.begin(), ends.end(), [](const RunEnd& a, const RunEnd& b) {
    return std::tie(a.steps, a.values) < std::tie(b.steps, b.values);
  });
}

}  // namespace

Ends find_ends(const TransitionSystem& system, const EndsQuestion& question,
               const EngineContext& context) {
  std::vector<Expr> targets{question.ended};
  for (const VarId id : question.seen) {
    const Expr value = system.variable(id);
    targets.push_back(value.sort().is_bool() ? value : eq(value, same_sort(value, 0)));
  }
  const Reduction reduction(system, targets);
  StateGraphOptions options;
  options.stop_at_target = true;
  const StateGraph graph(reduction.system(), reduction.targets().front(), context, options);
  Ends result;
  result.reason = graph.reason();
  if (!graph.complete()) {
    return result;
  }
  result.states = graph.states();
  const Lifted lifted(reduction, question.seen);
  const std::vector<std::uint64_t> depth = depths(graph);
  std::vector<bool> ended(graph.states());
  for (Id id = 0; id < graph.states(); ++id) {
    ended[id] = graph.in_target(id);
  }
  std::set<std::vector<std::uint64_t>> known;
  for (Id id = 0; id < graph.states(); ++id) {
    if (ended[id]) {
      std::vector<std::uint64_t> values = lifted(graph.state(id));
      if (known.insert(values).second) {
        result.ends.push_back({std::move(values), depth[id]});
      }
    }
  }
  result.stuck = StuckRuns(graph, lifted, question).run(can_reach(graph, std::move(ended)), depth);
  sort(result.ends);
  sort(result.stuck);
  return result;
}

State state_of(const TransitionSystem& system, const std::vector<VarId>& variables,
               const std::vector<std::uint64_t>& values) {
  State state(system.variables.size(), 0);
  for (std::size_t i = 0; i < variables.size(); ++i) {
    state[variables[i]] = values[i];
  }
  return state;
}

}  // namespace airlock
