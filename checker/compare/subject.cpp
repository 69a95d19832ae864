#include "checker/compare/subject.hpp"

#include <algorithm>

namespace airlock {

Pins without_free(const TransitionSystem& system, Pins pins) {
  for (const Choice& choice : system.choices) {
    const auto found = pins.find(choice.name);
    if (found != pins.end() && (found->second == "any" || found->second == choice.any_option)) {
      pins.erase(found);
    }
  }
  return pins;
}

Subject::Subject(TransitionSystem system, const Pins& chosen)
    : system_(std::move(system)), pins_(without_free(system_, default_pins(system_, chosen))) {}

const TransitionSystem& Subject::pinned(const Pins& pins) {
  const std::lock_guard lock(mutex_);
  return pinned_locked(pins);
}

const TransitionSystem& Subject::pinned_locked(const Pins& pins) {
  std::unique_ptr<TransitionSystem>& entry = pinned_[pins];
  if (!entry) {
    entry = std::make_unique<TransitionSystem>(pin(system_, pins));
  }
  return *entry;
}

Reduction Subject::reduce(const Pins& pins, std::span<const Property* const> properties,
                          const ReduceOptions& options) {
  const std::lock_guard lock(mutex_);
  std::vector<Expr> targets;
  for (const Property* property : properties) {
    targets.push_back(target_of(*property));
  }
  return Reduction(pinned_locked(pins), targets, options);
}

std::vector<std::string> Subject::cone(const Pins& pins, const Property& property) {
  const std::vector<const Property*> one{&property};
  const Reduction reduction = reduce(pins, one);
  std::vector<std::string> result;
  for (const Variable& variable : reduction.system().variables) {
    result.push_back(variable.name + ":" + std::to_string(variable.sort.width()));
  }
  std::sort(result.begin(), result.end());
  return result;
}

Reduction Subject::narrow(const Pins& pins) {
  const std::lock_guard lock(mutex_);
  ReduceOptions options;
  options.cone = false;
  options.dead_variables = false;
  return Reduction(pinned_locked(pins), {}, options);
}

Continuation Subject::goes_on(const Pins& pins, const State& state, const Lateness& lateness) {
  const std::lock_guard lock(mutex_);
  TransitionSystem after = pinned_locked(pins);
  for (VarId id = 0; id < after.variables.size(); ++id) {
    Variable& variable = after.variables[id];
    variable.initial = variable.sort.is_bool()
                           ? after.pool->boolean(state.at(id) != 0)
                           : after.pool->bits(variable.sort.width(), state.at(id));
  }
  after.initial_inputs.clear();
  after.initial_constraint = {};
  std::erase_if(after.rules, [&](const Rule& rule) { return rule.agent == lateness.waits; });
  after.properties.clear();
  const std::vector<Expr> comes{after.variable(lateness.comes)};
  Reduction reduction(after, comes);
  return {std::move(after), std::move(reduction)};
}

}  // namespace airlock
