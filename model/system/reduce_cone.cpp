// Cone of influence: only what the targets depend on (Clarke, Grumberg and Peled, "Model Checking",
// section 13.1), here bit by bit.
//
// Relevant are the bits that targets and the initial constraint demand; then, as long as there is
// one, for every rule that may change a relevant bit, the bits that its guard demands, and those
// that the changed bits of its updates demand. Rules that change no relevant bit go, and so do all
// other bits, through the same door as constant ones: nothing left depends on them, so any constant
// will do.
//
// Exact for reachability and for distances. Project a path of the original to the relevant bits and
// leave out the steps of dropped rules, which change none of them: every remaining step is a step
// of the reduced system, since its guard and the relevant bits that it writes depend on relevant
// bits alone; so the reduced system reaches the same targets in no more steps. Conversely each step
// of the reduced system is the step of the same rule in the original, for the same reason, whatever
// the irrelevant bits and inputs are; so its paths lift to paths of the same length. Initial
// states: the constraint reads relevant bits only, and their initial values are those of the
// original.
#include "model/system/demand.hpp"
#include "model/system/reduce_passes.hpp"

namespace airlock {

std::vector<Expr> roots_of(const Rule& rule) {
  std::vector<Expr> roots{rule.guard};
  for (const Update& update : rule.updates) {
    roots.push_back(update.value);
  }
  return roots;
}

namespace {

class Cone {
 public:
  explicit Cone(const ReductionState& state)
      : state_(state),
        relevant_(state.system.variables.size(), 0),
        kept_(state.system.rules.size(), false) {
    for (const Rule& rule : state.system.rules) {
      std::vector<std::uint64_t> changes;
      for (const Update& update : rule.updates) {
        changes.push_back(changed_bits(update.value, update.variable));
      }
      changes_.push_back(std::move(changes));
    }
  }

  ReductionState run() {
    include(demand_of(state_.targets));
    if (state_.system.initial_constraint.valid()) {
      include(demand_of(std::vector<Expr>{state_.system.initial_constraint}));
    }
    while (grown_) {
      grown_ = false;
      for (std::size_t i = 0; i < kept_.size(); ++i) {
        include_rule(i);
      }
    }
    return without_bits(state_, irrelevant(), kept_);
  }

 private:
  void include(const Demand& demand) {
    for (const auto& [id, bits] : demand.variables) {
      grown_ |= (bits & ~relevant_[id]) != 0;
      relevant_[id] |= bits;
    }
  }

  void include_rule(std::size_t index) {
    const Rule& rule = state_.system.rules[index];
    std::vector<DemandedBits> demanded;
    for (std::size_t i = 0; i < rule.updates.size(); ++i) {
      const Update& update = rule.updates[i];
      if (const std::uint64_t bits = changes_[index][i] & relevant_[update.variable]; bits != 0) {
        demanded.push_back({update.value, bits});
      }
    }
    if (!demanded.empty()) {
      kept_[index] = true;
      demanded.push_back({rule.guard, 1});
      include(demand_of(demanded));
    }
  }

  [[nodiscard]] std::vector<KnownBits> irrelevant() const {
    std::vector<KnownBits> result;
    for (std::size_t id = 0; id < relevant_.size(); ++id) {
      result.push_back({state_.system.variables[id].sort.mask() & ~relevant_[id], 0});
    }
    return result;
  }

  const ReductionState& state_;
  std::vector<std::uint64_t> relevant_;              // by variable
  std::vector<bool> kept_;                           // by rule
  std::vector<std::vector<std::uint64_t>> changes_;  // by rule, by update
  bool grown_ = true;
};

}  // namespace

ReductionState cone(const ReductionState& state) {
  return Cone(state).run();
}

}  // namespace airlock
