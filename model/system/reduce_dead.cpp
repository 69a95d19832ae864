// Dead variables: a variable that nothing will read before it is written again is set to 0, so that
// states which differ only in it become one state (dead variable reduction: Bozga, Fernandez and
// Ghirvu, "State Space Reduction based on Live Variables Analysis", SAS 1999).
//
// Liveness is the compiler's backward analysis over locations, the reachable combinations of
// control values. Live at a location is what the targets read there (with the control values put
// in, so that `guest_mode && x` reads x only in guest mode), what the guards and control updates of
// the rules that can fire there read, what the updates of variables read that are live afterwards,
// and what is live afterwards and not written. A rule that neither moves control nor writes
// anything live, anywhere, is idle: its guard keeps nothing alive, and it is dropped.
//
// Here control is not one program counter but several variables, a rule (an interrupt handler) may
// fire at many locations, and where it leads may depend on the state. So a variable that a rule
// leaves dead at some of its destinations only is written conditionally: 0 if the new control word
// is one of those. A rule that leaves control alone needs nothing for what it does not write: what
// is dead where it fires is 0 already.
//
// Exact: relate a state of the original to one of the reduced system if their control values agree
// and so do their variables that are live at that location. Related states satisfy the same
// targets, for targets read live variables only. A rule that is not idle is enabled in both or in
// neither, by the same inputs, and leads to related states, since control updates and the updates
// of live variables read live variables only. An idle rule leads from a state to one that is
// related to the same states as before. Initial states are related one to one, since values set to
// 0 there are dead and not in the initial constraint. So every target is reached in as many steps
// as before. None of this needs a dead variable to be 0; where zeroing it would take too long a
// condition, it is left.
#include <algorithm>
#include <cassert>
#include <deque>
#include <map>

#include "model/system/locations.hpp"

namespace airlock {
namespace {

constexpr std::size_t max_ranges = 16;  // in the condition of a conditional zero

class Liveness {
 public:
  Liveness(const TransitionSystem& system, const Locations& locations)
      : locations_(locations),
        live_(locations.words.size(), std::vector<bool>(system.variables.size(), false)),
        effective_(system.rules.size(), false),
        firings_into_(locations.words.size()),
        firings_of_(system.rules.size()) {
    for (std::size_t f = 0; f < locations.firings.size(); ++f) {
      const Firing& firing = locations.firings[f];
      firings_of_[firing.rule].push_back(f);
      for (const std::size_t to : firing.to) {
        firings_into_[to].push_back(f);
      }
    }
  }

  void solve() {
    for (std::size_t at = 0; at < live_.size(); ++at) {
      revive(at, locations_.target_reads[at]);
    }
    for (std::size_t f = 0; f < locations_.firings.size(); ++f) {
      const Firing& firing = locations_.firings[f];
      if (firing.to != std::vector<std::size_t>{firing.from}) {
        make_effective(firing.rule);
      }
      enqueue(f);
    }
    while (!queue_.empty()) {
      const std::size_t f = queue_.front();
      queue_.pop_front();
      queued_[f] = false;
      flow(locations_.firings[f]);
    }
  }

  [[nodiscard]] bool live(std::size_t at, VarId id) const { return live_[at][id]; }
  [[nodiscard]] bool effective(std::uint32_t rule) const { return effective_[rule]; }
  [[nodiscard]] const std::vector<std::size_t>& firings_of(std::uint32_t rule) const {
    return firings_of_[rule];
  }

 private:
  void enqueue(std::size_t f) {
    queued_.resize(locations_.firings.size(), false);
    if (!queued_[f]) {
      queued_[f] = true;
      queue_.push_back(f);
    }
  }

  template <typename Ids>
  void revive(std::size_t at, const Ids& ids) {
    bool grown = false;
    for (const VarId id : ids) {
      grown = grown || !live_[at][id];
      live_[at][id] = true;
    }
    if (grown) {
      for (const std::size_t f : firings_into_[at]) {
        enqueue(f);
      }
    }
  }

  void make_effective(std::uint32_t rule) {
    if (!effective_[rule]) {
      effective_[rule] = true;
      for (const std::size_t f : firings_of_[rule]) {
        revive(locations_.firings[f].from, locations_.firings[f].guard_reads);
      }
    }
  }

  [[nodiscard]] bool live_after(const Firing& firing, VarId id) const {
    return std::any_of(firing.to.begin(), firing.to.end(),
                       [&](std::size_t to) { return live_[to][id]; });
  }

  /// One round backwards through a firing.
  void flow(const Firing& firing) {
    std::vector<bool> written(live_[firing.from].size(), false);
    for (const auto& [id, reads] : firing.updates) {
      written[id] = true;
      if (live_after(firing, id)) {
        make_effective(firing.rule);
        revive(firing.from, reads);
      }
    }
    std::vector<VarId> kept;
    for (const std::size_t to : firing.to) {
      for (VarId id = 0; id < written.size(); ++id) {
        if (live_[to][id] && !written[id] && !live_[firing.from][id]) {
          kept.push_back(id);
        }
      }
    }
    revive(firing.from, kept);
  }

  const Locations& locations_;
  std::vector<std::vector<bool>> live_;  // by location, by variable
  std::vector<bool> effective_;          // by rule
  std::vector<std::vector<std::size_t>> firings_into_;
  std::vector<std::vector<std::size_t>> firings_of_;
  std::deque<std::size_t> queue_;
  std::vector<bool> queued_;
};

class Zeroing {
 public:
  Zeroing(const ReductionState& from, const Locations& locations, const Liveness& liveness)
      : locations_(locations), liveness_(liveness), to_(from) {
    is_control_.assign(from.system.variables.size(), false);
    for (const VarId id : locations.control) {
      is_control_[id] = true;
    }
  }

  ReductionState run() {
    zero_initial();
    std::vector<Rule> rules;
    std::vector<RuleOrigin> origins;
    for (std::uint32_t i = 0; i < to_.system.rules.size(); ++i) {
      if (liveness_.effective(i)) {
        rules.push_back(zeroed(i));
        origins.push_back(to_.rules[i]);
      }
    }
    to_.system.rules = std::move(rules);
    to_.rules = std::move(origins);
    return std::move(to_);
  }

 private:
  void zero_initial() {
    std::vector<VarId> constrained;
    if (to_.system.initial_constraint.valid()) {
      constrained = variables_of(std::vector<Expr>{to_.system.initial_constraint});
    }
    for (VarId id = 0; id < to_.system.variables.size(); ++id) {
      const bool dead = std::none_of(locations_.initial.begin(), locations_.initial.end(),
                                     [&](std::size_t at) { return liveness_.live(at, id); });
      if (dead && !is_control_[id] &&
          !std::binary_search(constrained.begin(), constrained.end(), id)) {
        Variable& variable = to_.system.variables[id];
        variable.initial = to_.system.pool->constant(variable.sort, 0);
      }
    }
  }

  Rule zeroed(std::uint32_t index) const {
    const Rule& rule = to_.system.rules[index];
    std::map<VarId, Expr> updates;
    for (const Update& update : rule.updates) {
      updates.emplace(update.variable, update.value);
    }
    const Expr next_word = control_word(locations_.control, [&](VarId id) {
      const auto found = updates.find(id);
      return found != updates.end() ? found->second : to_.system.variable(id);
    });
    const std::map<std::uint64_t, std::size_t> destinations = destinations_of(index);
    Rule result = rule;
    result.updates.clear();
    for (VarId id = 0; id < is_control_.size(); ++id) {
      const auto found = updates.find(id);
      const Expr old = found != updates.end() ? found->second : Expr{};
      const Expr value =
          is_control_[id] ? old : value_after(index, id, old, next_word, destinations);
      if (value.valid()) {
        result.updates.push_back({id, value});
      }
    }
    return result;
  }

  std::map<std::uint64_t, std::size_t> destinations_of(std::uint32_t index) const {
    std::map<std::uint64_t, std::size_t> result;
    for (const std::size_t f : liveness_.firings_of(index)) {
      for (const std::size_t to : locations_.firings[f].to) {
        result.emplace(locations_.words[to], to);
      }
    }
    return result;
  }

  /// What the rule should write to the variable; empty: nothing. `old` is what it writes now.
  Expr value_after(std::uint32_t index, VarId id, Expr old, Expr next_word,
                   const std::map<std::uint64_t, std::size_t>& destinations) const {
    const auto dead_at = [&](const auto& d) { return !liveness_.live(d.second, id); };
    const auto dead =
        static_cast<std::size_t>(std::count_if(destinations.begin(), destinations.end(), dead_at));
    if (dead == 0 || (!old.valid() && !may_be_left_over(index, id))) {
      return old;
    }
    const Expr zero = to_.system.pool->constant(to_.system.variables[id].sort, 0);
    if (dead == destinations.size()) {
      return dead_before(index, id) ? Expr{} : zero;
    }
    const Expr condition = dead_condition(id, next_word, destinations);
    if (!condition.valid()) {
      return old;
    }
    return ite(condition, zero, old.valid() ? old : to_.system.variable(id));
  }

  /// Live where the rule fires and dead where it leads.
  [[nodiscard]] bool may_be_left_over(std::uint32_t index, VarId id) const {
    const auto& firings = liveness_.firings_of(index);
    return std::any_of(firings.begin(), firings.end(), [&](std::size_t f) {
      const Firing& firing = locations_.firings[f];
      return liveness_.live(firing.from, id) &&
             std::any_of(firing.to.begin(), firing.to.end(),
                         [&](std::size_t to) { return !liveness_.live(to, id); });
    });
  }

  /// Dead wherever the rule fires, so 0 already.
  [[nodiscard]] bool dead_before(std::uint32_t index, VarId id) const {
    const auto& firings = liveness_.firings_of(index);
    return std::none_of(firings.begin(), firings.end(), [&](std::size_t f) {
      return liveness_.live(locations_.firings[f].from, id);
    });
  }

  /// "The new control word is one where the variable is dead", told apart from the rule's other
  /// destinations only; empty if that takes too many ranges.
  Expr dead_condition(VarId id, Expr next_word,
                      const std::map<std::uint64_t, std::size_t>& destinations) const {
    ExprPool& pool = *to_.system.pool;
    Expr result = pool.boolean(false);
    std::size_t ranges = 0;
    for (auto at = destinations.begin(); at != destinations.end();) {
      const auto first = at;
      const bool dead = !liveness_.live(at->second, id);
      auto last = at;
      while (at != destinations.end() && !liveness_.live(at->second, id) == dead) {
        last = at++;
      }
      if (dead) {
        if (++ranges > max_ranges) {
          return {};
        }
        result = result | in_range(next_word, first->first, last->first);
      }
    }
    return result;
  }

  static Expr in_range(Expr word, std::uint64_t low, std::uint64_t high) {
    if (low == high) {
      return eq(word, same_sort(word, low));
    }
    return ule(same_sort(word, low), word) & ule(word, same_sort(word, high));
  }

  const Locations& locations_;
  const Liveness& liveness_;
  ReductionState to_;
  std::vector<bool> is_control_;
};

}  // namespace

ReductionState without_dead_values(const ReductionState& state) {
  const std::optional<Locations> locations = find_locations(state);
  if (!locations) {
    return state;
  }
  Liveness liveness(state.system, *locations);
  liveness.solve();
  return Zeroing(state, *locations, liveness).run();
}

}  // namespace airlock
