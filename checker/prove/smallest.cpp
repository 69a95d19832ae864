// PDR's invariant with as few clauses as possible: shrink.cpp, asked through PDR's own queries.
//
// PDR keeps every clause that it ever learned, and most of them stand for states that a later one
// excludes better. What people read and other solvers check should be what the proof needs. Each
// clause becomes a lemma of a level of its own here, so that StepQueries' assumptions, one per
// level, switch clauses on and off one by one, and its cores name clauses.
#include <algorithm>
#include <cassert>
#include <optional>
#include <stdexcept>

#include "checker/prove/prove.hpp"
#include "checker/prove/shrink.hpp"
#include "checker/prove/step_queries.hpp"

namespace airlock {
namespace {

using namespace prove;

class Smallest {
 public:
  Smallest(const TransitionSystem& system, Expr target, const EngineContext& context)
      : graph_(control_graph(system, target)),
        bits_(system, graph_),
        frames_(graph_),
        queries_(system, graph_, bits_, frames_, context) {
    for (const Location& location : graph_.locations) {
      base_ = std::max(base_, location.distance + 1);
    }
  }

  Invariant run(Invariant invariant) {
    load(invariant);
    goals_of();
    std::vector<bool> levels(base_ + facts_.size(), false);
    const std::vector<bool> needed = fewest_facts(
        facts_.size(), goals_.size(),
        [&](std::size_t which, const std::vector<bool>& enabled, std::vector<std::size_t>& used) {
          for (std::size_t i = 0; i < facts_.size(); ++i) {
            levels[base_ + i] = enabled[i];
          }
          queries_.use_only(&levels);
          return meets(which, used);
        });
    for (Invariant::Place& place : invariant.places) {
      place.clauses.clear();
    }
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      if (needed[i]) {
        const Fact& fact = facts_[i];
        invariant.places[fact.place].clauses.push_back(fact.clause);
      }
    }
    return invariant;
  }

 private:
  struct Fact {
    std::size_t place;  // of the invariant
    LocationId location;
    Invariant::Clause clause;
    Cube cube;  // what the clause excludes
  };
  /// No state steps through `group`; or, without one, no state of `location` is a target.
  struct Goal {
    LocationId location;
    std::optional<std::uint32_t> group;
  };

  void load(const Invariant& invariant) {
    std::vector<bool> open(graph_.locations.size(), false);
    for (std::size_t place = 0; place < invariant.places.size(); ++place) {
      const LocationId location = location_of(invariant.places[place]);
      open[location] = true;
      for (const Invariant::Clause& clause : invariant.places[place].clauses) {
        facts_.push_back({place, location, clause, excluded(clause)});
      }
    }
    // The longest are tried without first: short clauses say more.
    std::stable_sort(facts_.begin(), facts_.end(),
                     [](const Fact& a, const Fact& b) { return a.cube.size() > b.cube.size(); });
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      const auto level = static_cast<std::uint32_t>(base_ + i);
      frames_.add(facts_[i].location, facts_[i].cube, level);
      queries_.add_lemma(facts_[i].location, facts_[i].cube, level);
    }
    for (LocationId id = 0; id < open.size(); ++id) {
      if (!open[id]) {
        frames_.add(id, {}, Lemma::forever);
      }
    }
  }

  [[nodiscard]] LocationId location_of(const Invariant::Place& place) const {
    for (LocationId id = 0; id < graph_.locations.size(); ++id) {
      const std::vector<std::uint64_t>& values = graph_.locations[id].values;
      if (std::equal(values.begin(), values.end(), place.at.begin(), place.at.end(),
                     [](std::uint64_t value, const FixedBits& at) { return value == at.value; })) {
        return id;
      }
    }
    throw std::logic_error("an invariant speaks of a location that the system does not have");
  }

  [[nodiscard]] Cube excluded(const Invariant::Clause& clause) const {
    Cube cube;
    for (const Invariant::Literal& literal : clause) {
      cube.push_back(2 * bits_.number(literal.variable, literal.bit) + (literal.value ? 0U : 1U));
    }
    std::sort(cube.begin(), cube.end());
    return cube;
  }

  void goals_of() {
    for (LocationId id = 0; id < graph_.locations.size(); ++id) {
      if (!frames_.closed(id, base_)) {
        goals_.push_back({id, std::nullopt});
        continue;
      }
      for (const std::uint32_t group : queries_.into(id)) {
        goals_.push_back({id, group});
      }
    }
  }

  bool meets(std::size_t which, std::vector<std::size_t>& used) {
    Refutation refutation;
    if (!refute(which, refutation)) {
      return false;
    }
    for (const std::uint32_t level : refutation.levels) {
      assert(level >= base_);
      used.push_back(level - base_);
    }
    return true;
  }

  bool refute(std::size_t which, Refutation& refutation) {
    if (which >= facts_.size()) {
      const Goal& goal = goals_[which - facts_.size()];
      return goal.group ? !queries_.step_into(*goal.group, base_, {}, refutation)
                        : !queries_.bad_state(goal.location, base_, &refutation);
    }
    const Fact& fact = facts_[which];
    const std::vector<std::uint32_t> groups = queries_.into(fact.location);
    return std::none_of(groups.begin(), groups.end(), [&](std::uint32_t group) {
      return queries_.step_into(group, base_, fact.cube, refutation).has_value();
    });
  }

  ControlGraph graph_;
  BitMap bits_;
  Frames frames_;
  StepQueries queries_;
  std::uint32_t base_ = 1;  // fact i is the lemma of level base_ + i
  std::vector<Fact> facts_;
  std::vector<Goal> goals_;
};

}  // namespace

Invariant smallest(const TransitionSystem& system, Expr target, const Invariant& invariant,
                   const EngineContext& context) {
  return deciding([&] { return Smallest(system, target, context).run(invariant); });
}

}  // namespace airlock
