// Which bits can change: a fixpoint over known bits (abstract interpretation, Cousot and Cousot,
// POPL 1977).
//
// It starts with what the initial values say, inputs being unknown, and joins into it what each
// rule would write, until nothing changes. A rule takes part once its guard is not known to be
// false; what the guard states outright (`pc == 7`, a bit that is set) refines the values that its
// updates start from. The abstraction has one value per variable for all reachable states, not one
// per location: registers do not change their layout from line to line, and one value is what can
// be taken out of the system at the end.
//
// Sound because each step over-approximates: `transfer` contains the exact image, joins only grow,
// and a rule that is left out has a guard that is false in every state of the abstraction, which at
// the end contains every reachable state. It ends because a bit once unknown stays so. A rule is
// looked at again only when a variable that it reads has changed.
#include <cassert>
#include <deque>

#include "model/system/reduce_passes.hpp"

namespace airlock {
namespace {

class Fixpoint {
 public:
  explicit Fixpoint(const TransitionSystem& system)
      : system_(system), readers_(system.variables.size()), queued_(system.rules.size(), true) {
    result_.enabled.assign(system.rules.size(), false);
    for (std::uint32_t i = 0; i < system.rules.size(); ++i) {
      rules_.push_back(prepared(system.rules[i], i));
      queue_.push_back(i);
    }
  }

  ReachableBits run() {
    start();
    if (initially_possible()) {
      while (!queue_.empty()) {
        const std::uint32_t rule = queue_.front();
        queue_.pop_front();
        queued_[rule] = false;
        fire(rule);
      }
    }
    return std::move(result_);
  }

 private:
  struct Prepared {
    std::vector<Expr> guard_nodes;
    std::vector<Expr> update_nodes;
    Facts facts;
  };

  Prepared prepared(const Rule& rule, std::uint32_t index) {
    std::vector<Expr> values;
    for (const Update& update : rule.updates) {
      values.push_back(update.value);
    }
    const std::vector<Expr> guard{rule.guard};
    for (const VarId id : variables_of(roots_of(rule))) {
      readers_[id].push_back(index);
    }
    for (const Update& update : rule.updates) {
      readers_[update.variable].push_back(index);
    }
    return {nodes_below(guard), nodes_below(values), facts_of(rule.guard)};
  }

  void start() {
    for (const Variable& variable : system_.variables) {
      const std::vector<Expr> roots{variable.initial};
      result_.variables.push_back(known_values(nodes_below(roots), {}).at(variable.initial.id()));
    }
  }

  [[nodiscard]] bool initially_possible() const {
    if (!system_.initial_constraint.valid()) {
      return true;
    }
    const std::vector<Expr> roots{system_.initial_constraint};
    return may_be_true(
        known_values(nodes_below(roots), result_.variables).at(system_.initial_constraint.id()));
  }

  static bool may_be_true(const KnownBits& condition) { return condition.contains(1); }

  void fire(std::uint32_t index) {
    const Rule& rule = system_.rules[index];
    const Prepared& ready = rules_[index];
    if (!may_be_true(known_values(ready.guard_nodes, result_.variables).at(rule.guard.id()))) {
      return;
    }
    result_.enabled[index] = true;
    const auto values = known_values(ready.update_nodes, result_.variables, &ready.facts);
    for (const Update& update : rule.updates) {
      grow(update.variable, values.at(update.value.id()));
    }
  }

  void grow(VarId id, const KnownBits& more) {
    const KnownBits joined = join(result_.variables[id], more);
    if (joined == result_.variables[id]) {
      return;
    }
    assert((joined.known & ~result_.variables[id].known) == 0);
    result_.variables[id] = joined;
    for (const std::uint32_t reader : readers_[id]) {
      if (!queued_[reader]) {
        queued_[reader] = true;
        queue_.push_back(reader);
      }
    }
  }

  const TransitionSystem& system_;
  std::vector<Prepared> rules_;
  std::vector<std::vector<std::uint32_t>> readers_;  // by variable
  std::vector<bool> queued_;
  std::deque<std::uint32_t> queue_;
  ReachableBits result_;
};

}  // namespace

ReachableBits reachable_bits(const TransitionSystem& system) {
  return Fixpoint(system).run();
}

}  // namespace airlock
