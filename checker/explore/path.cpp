#include "checker/explore/path.hpp"

#include <algorithm>
#include <bitset>
#include <tuple>

#include "checker/explore/mixer.hpp"
#include "checker/explore/parallel.hpp"

namespace airlock::explicit_state {
namespace {

/// A step into a goal.
struct Candidate {
  std::vector<Word> from;
  std::uint32_t rule = 0;
  std::vector<std::uint64_t> inputs;  // values, not an index: indices depend on the rule group
  friend bool operator<(const Candidate& a, const Candidate& b) {
    return std::tie(a.from, a.rule, a.inputs) < std::tie(b.from, b.rule, b.inputs);
  }
};
using Candidates = std::vector<std::optional<Candidate>>;  // per goal

void note(std::optional<Candidate>& best, Candidate candidate) {
  if (!best || candidate < *best) {
    best = std::move(candidate);
  }
}

/// Recognises the goals among many successors: a bit per hash value, then a comparison.
class GoalFilter {
 public:
  GoalFilter(const std::vector<Goal>& goals, std::vector<std::size_t> active, std::size_t words)
      : goals_(goals), active_(std::move(active)), words_(words) {
    for (const std::size_t g : active_) {
      bits_.set(slot(goals_[g].state.data()));
    }
  }
  /// Calls found(goal number, lane) for each lane that leads to a goal.
  template <class F>
  void scan(const Successors& s, F found) const {
    std::vector<Word> state(words_);
    for (std::size_t i = 0; i < s.lanes; ++i) {
      for (std::size_t w = 0; w < words_; ++w) {
        state[w] = s.to[w][i];
      }
      if ((s.guard != nullptr && s.guard[i] == 0) || !bits_.test(slot(state.data()))) {
        continue;
      }
      for (const std::size_t g : active_) {
        if (goals_[g].state == state) {
          found(g, i);
        }
      }
    }
  }

 private:
  static constexpr std::size_t slots = 1U << 14U;
  [[nodiscard]] std::size_t slot(const Word* state) const {
    return static_cast<std::size_t>(hash_state(state, words_) % slots);
  }
  const std::vector<Goal>& goals_;
  std::vector<std::size_t> active_;
  std::size_t words_;
  std::bitset<slots> bits_;
};

/// All that one shard's part of `level` contributes.
void scan_level(const Shard& shard, std::size_t level, Expander& expander, const GoalFilter& filter,
                Candidates& best) {
  const SuccessorSink sink = [&](const Successors& s) {
    filter.scan(s, [&](std::size_t goal, std::size_t lane) {
      Candidate candidate;
      for (const Word* column : s.from) {
        candidate.from.push_back(column[lane]);
      }
      candidate.rule = s.rule->index;
      candidate.inputs = s.rule->inputs.values(s.first_input + lane / s.states);
      note(best[goal], std::move(candidate));
    });
  };
  expander.start(shard.states, shard.level_begin(level), shard.level_end(level));
  while (expander.step(sink)) {
  }
}

}  // namespace

std::vector<std::optional<Path>> find_paths(RuleTable& table, const Layout& layout,
                                            const Shards& shards, StopSignal& stop,
                                            const std::vector<Goal>& goals) {
  const std::size_t words = layout.words();
  const std::size_t jobs = shards.size();
  std::vector<std::unique_ptr<Expander>> expanders;
  for (std::size_t i = 0; i < jobs; ++i) {
    expanders.push_back(std::make_unique<Expander>(table, layout, stop));
  }
  std::vector<Goal> at = goals;  // where each path has got to
  std::vector<Path> paths(goals.size());
  std::size_t level = 0;
  for (const Goal& goal : goals) {
    level = std::max(level, goal.level);
  }
  for (; level > 0; --level) {
    std::vector<std::size_t> active;
    for (std::size_t g = 0; g < at.size(); ++g) {
      if (at[g].level == level) {
        active.push_back(g);
      }
    }
    const GoalFilter filter(at, active, words);
    std::vector<Candidates> best(jobs, Candidates(goals.size()));
    std::size_t size = 0;
    for (const auto& shard : shards) {
      size += shard->level_end(level - 1) - shard->level_begin(level - 1);
    }
    in_parallel(jobs, size < 4096, [&](std::size_t i) {
      scan_level(*shards[i], level - 1, *expanders[i], filter, best[i]);
    });
    if (stop.stopped()) {
      return std::vector<std::optional<Path>>(goals.size());
    }
    for (const std::size_t g : active) {
      for (std::size_t i = 1; i < jobs; ++i) {
        if (best[i][g]) {
          note(best[0][g], std::move(*best[i][g]));
        }
      }
      if (!best[0][g]) {
        throw NoPredecessor();
      }
      paths[g].steps.push_back({best[0][g]->rule, std::move(best[0][g]->inputs)});
      at[g] = {std::move(best[0][g]->from), level - 1};
    }
  }
  std::vector<std::size_t> all(goals.size());
  for (std::size_t g = 0; g < goals.size(); ++g) {
    all[g] = g;
  }
  const GoalFilter filter(at, all, words);
  Candidates best(goals.size());
  const RuleGroup initial = table.initial();
  expanders[0]->expand_zero(initial, [&](const Successors& s) {
    filter.scan(s, [&](std::size_t g, std::size_t lane) {
      note(best[g], {{}, 0, s.rule->inputs.values(s.first_input + lane / s.states)});
    });
  });
  std::vector<std::optional<Path>> result(goals.size());
  for (std::size_t g = 0; g < goals.size() && !stop.stopped(); ++g) {
    if (!best[g]) {
      throw NoPredecessor();
    }
    paths[g].initial_inputs = std::move(best[g]->inputs);
    std::reverse(paths[g].steps.begin(), paths[g].steps.end());
    result[g] = std::move(paths[g]);
  }
  return result;
}

}  // namespace airlock::explicit_state
