// The control flow graph.
//
// Starting from the locations that initial values allow, every rule's guard is rebuilt with the
// control variables replaced by the location's values; the pool's simplifier does the rest: most
// guards fold to false, and the survivors are small. Where a rule leads is read off the updates of
// the control variables: the set of values that such an expression can take is computed over its
// operators (an over-approximation, exact for the trees of ite over constants that programs give).
// Each value is one edge, guarded by the update being that value, so nothing is lost and nothing
// but infeasible edges is added.
//
// A control variable whose update could be anything (it is copied from a wide variable, say) makes
// a bad coordinate. It is then treated as data, and the graph is built again without it. In the
// extreme one location is left and the graph is the plain transition system.
#include "checker/control/control_graph.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

namespace airlock::control {
namespace {

constexpr std::size_t max_values = 64;
constexpr std::size_t max_locations = 4096;

using Values = std::vector<std::uint64_t>;  // ascending

/// All values that an expression may take, if they are few.
class ValueSets {
 public:
  std::optional<Values> operator()(Expr e) {
    if (const auto found = memo_.find(e.id()); found != memo_.end()) {
      return found->second;
    }
    std::optional<Values> result = compute(e);
    memo_.emplace(e.id(), result);
    return result;
  }

 private:
  std::optional<Values> compute(Expr e) {
    if (e.is_constant()) {
      return Values{e.value()};
    }
    if (e.arity() == 0 || e.is_bool()) {
      return everything(e.sort());
    }
    if (e.op() == Op::ite) {
      return both((*this)(e.arg(1)), (*this)(e.arg(2)));
    }
    return through(e);
  }

  static std::optional<Values> everything(Sort sort) {
    if (sort.mask() >= max_values) {
      return std::nullopt;
    }
    Values values;
    for (std::uint64_t v = 0; v <= sort.mask(); ++v) {
      values.push_back(v);
    }
    return values;
  }

  static std::optional<Values> both(const std::optional<Values>& a,
                                    const std::optional<Values>& b) {
    if (!a || !b) {
      return std::nullopt;
    }
    std::set<std::uint64_t> all(a->begin(), a->end());
    all.insert(b->begin(), b->end());
    return all.size() > max_values ? std::nullopt
                                   : std::optional<Values>(Values(all.begin(), all.end()));
  }

  std::optional<Values> through(Expr e) {
    const std::optional<Values> a = (*this)(e.arg(0));
    const std::optional<Values> b = e.arity() == 2 ? (*this)(e.arg(1)) : Values{0};
    if (!a || !b) {
      return everything(e.sort());
    }
    std::set<std::uint64_t> all;
    for (const std::uint64_t x : *a) {
      for (const std::uint64_t y : *b) {
        const std::array<std::uint64_t, 2> args{x, e.op() == Op::extract ? e.lo() : y};
        const bool two = e.arity() == 2 || e.op() == Op::extract;
        all.insert(airlock::apply(e.op(), e.sort(), e.arg(e.arity() - 1).width(),
                                  std::span(args).first(two ? 2 : 1)));
      }
    }
    return all.size() > max_values ? everything(e.sort()) : Values(all.begin(), all.end());
  }

  std::unordered_map<std::uint32_t, std::optional<Values>> memo_;
};

/// One attempt to build the graph with given control variables.
class Builder {
 public:
  Builder(const TransitionSystem& system, Expr target, std::vector<VarId> control)
      : system_(system), target_(target) {
    graph_.pool = std::make_shared<ExprPool>();
    graph_.control = std::move(control);
    position_.resize(system.variables.size());
    for (std::size_t i = 0; i < graph_.control.size(); ++i) {
      position_[graph_.control[i]] = i;
    }
  }

  /// The graph, or the control variable that made it impossible.
  std::optional<VarId> build() {
    if (const auto culprit = find_initial()) {
      return culprit;
    }
    for (LocationId source = 0; source < graph_.locations.size(); ++source) {
      if (graph_.locations.size() > max_locations) {
        return graph_.control.back();
      }
      if (const auto culprit = leave(source)) {
        return culprit;
      }
    }
    return std::nullopt;
  }

  ControlGraph take() { return std::move(graph_); }

 private:
  ExprPool& pool() { return *graph_.pool; }

  Expr copy_leaf(Expr leaf) {
    return leaf.op() == Op::variable ? pool().variable(leaf.sort(), leaf.index())
                                     : pool().input(leaf.sort(), leaf.index());
  }

  Rewriter specialiser(const Values& values) {
    return {pool(), [this, values](Expr leaf) {
              if (leaf.op() == Op::variable) {
                if (const auto at = position_[leaf.index()]) {
                  return pool().constant(leaf.sort(), values[*at]);
                }
              }
              return copy_leaf(leaf);
            }};
  }

  LocationId intern(const Values& values, std::uint32_t distance) {
    const auto [found, is_new] =
        ids_.emplace(values, static_cast<LocationId>(graph_.locations.size()));
    if (is_new) {
      Location location;
      location.values = values;
      location.distance = distance;
      location.initial_condition = pool().boolean(false);
      location.bad = specialiser(values)(target_);
      graph_.locations.push_back(std::move(location));
    }
    return found->second;
  }

  /// Calls `use(values, condition)` for every combination of values that `coordinates` (one per
  /// control variable) may take together. Returns the control variable with too many values.
  template <typename Use>
  std::optional<VarId> for_each_combination(const std::vector<Expr>& coordinates, const Use& use) {
    std::vector<std::pair<Values, Expr>> partial{{Values{}, pool().boolean(true)}};
    for (std::size_t i = 0; i < coordinates.size(); ++i) {
      const std::optional<Values> values = value_sets_(coordinates[i]);
      if (!values || partial.size() * values->size() > max_locations) {
        return graph_.control[i];
      }
      std::vector<std::pair<Values, Expr>> longer;
      for (const auto& [prefix, condition] : partial) {
        for (const std::uint64_t value : *values) {
          const Expr here = condition & eq(coordinates[i], same_sort(coordinates[i], value));
          if (!here.is_false()) {
            longer.emplace_back(prefix, here);
            longer.back().first.push_back(value);
          }
        }
      }
      partial = std::move(longer);
    }
    for (const auto& [values, condition] : partial) {
      use(values, condition);
    }
    return std::nullopt;
  }

  std::optional<VarId> find_initial() {
    Rewriter copy(pool(), [this](Expr leaf) { return copy_leaf(leaf); });
    for (const Variable& variable : system_.variables) {
      graph_.initial_values.push_back(copy(variable.initial));
    }
    graph_.initial_constraint = system_.initial_constraint.valid()
                                    ? copy(system_.initial_constraint)
                                    : pool().boolean(true);
    std::vector<Expr> coordinates;
    for (const VarId id : graph_.control) {
      coordinates.push_back(graph_.initial_values[id]);
    }
    return for_each_combination(coordinates, [this](const Values& values, Expr condition) {
      Location& location = graph_.locations[intern(values, 0)];
      location.initial = true;
      location.initial_condition = condition;
    });
  }

  std::optional<VarId> leave(LocationId source) {
    Rewriter specialise = specialiser(graph_.locations[source].values);
    for (std::uint32_t r = 0; r < system_.rules.size(); ++r) {
      const Expr guard = specialise(system_.rules[r].guard);
      if (guard.is_false()) {
        continue;
      }
      if (const auto culprit = fire(source, r, guard, specialise)) {
        return culprit;
      }
    }
    return std::nullopt;
  }

  std::optional<VarId> fire(LocationId source, std::uint32_t r, Expr guard, Rewriter& specialise) {
    Edge edge{r, source, source, guard, {}};
    std::vector<Expr> coordinates;
    for (std::size_t i = 0; i < graph_.control.size(); ++i) {
      const Sort sort = system_.variables[graph_.control[i]].sort;
      coordinates.push_back(pool().constant(sort, graph_.locations[source].values[i]));
    }
    for (const Update& update : system_.rules[r].updates) {
      const Expr value = specialise(update.value);
      if (const auto at = position_[update.variable]) {
        coordinates[*at] = value;
      } else if (value != pool().variable(value.sort(), update.variable)) {
        edge.updates.push_back({update.variable, value});
      }
    }
    const std::uint32_t distance = graph_.locations[source].distance + 1;
    return for_each_combination(coordinates, [&](const Values& values, Expr condition) {
      Edge one = edge;
      one.guard = edge.guard & condition;
      if (!one.guard.is_false()) {
        one.target = intern(values, distance);
        graph_.edges.push_back(std::move(one));
      }
    });
  }

  const TransitionSystem& system_;
  Expr target_;
  ControlGraph graph_;
  std::vector<std::optional<std::size_t>> position_;  // of a variable among the control variables
  std::map<Values, LocationId> ids_;
  ValueSets value_sets_;
};

}  // namespace

ControlGraph control_graph(const TransitionSystem& system, Expr target) {
  std::vector<VarId> control;
  for (const VarId id : system.control) {
    if (std::find(control.begin(), control.end(), id) == control.end()) {
      control.push_back(id);
    }
  }
  while (true) {
    Builder builder(system, target, control);
    const std::optional<VarId> culprit = builder.build();
    if (!culprit) {
      return builder.take();
    }
    control.erase(std::find(control.begin(), control.end(), *culprit));
  }
}

}  // namespace airlock::control
