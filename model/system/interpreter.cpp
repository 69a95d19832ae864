// The reference interpreter: one state at a time, straight from the definitions.
//
// It shares nothing with the engines but `apply`, the one definition of what operators mean. It
// does not simplify, batch or cache between calls: its worth is that it is short enough to be read
// and believed. Steps whose shape does not fit the system (an unknown rule, too few inputs, a
// value beyond its sort) are programming errors and throw; a guard that does not hold is an answer.
#include "model/system/interpreter.hpp"

#include <array>
#include <cassert>
#include <stdexcept>
#include <string>
#include <unordered_map>

namespace airlock {
namespace {

std::uint64_t value_of_leaf(Expr e, const State& state, const InputValues& inputs) {
  switch (e.op()) {
    case Op::constant: return e.value();
    case Op::variable: return state.at(e.index());
    default: assert(e.op() == Op::input); return inputs.at(e.index());
  }
}

std::uint64_t value_of_node(Expr e, const std::unordered_map<std::uint32_t, std::uint64_t>& known) {
  std::array<std::uint64_t, 3> values{};
  for (unsigned i = 0; i < e.arity(); ++i) {
    values.at(i) = known.at(e.arg(i).id());
  }
  std::size_t count = e.arity();
  const unsigned arg_width = e.arg(e.arity() - 1).width();
  if (e.op() == Op::extract) {
    values[1] = e.lo();
    count = 2;
  }
  return apply(e.op(), e.sort(), arg_width, std::span<const std::uint64_t>(values).first(count));
}

/// Spreads values that are parallel to `ids` over a vector indexed by InputId.
InputValues scatter(const TransitionSystem& system, std::span<const InputId> ids,
                    std::span<const std::uint64_t> values, const std::string& where) {
  if (ids.size() != values.size()) {
    throw std::logic_error(where + " takes " + std::to_string(ids.size()) + " choices, not " +
                           std::to_string(values.size()));
  }
  InputValues result(system.inputs.size(), 0);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Input& input = system.inputs.at(ids[i]);
    if (values[i] > input.sort.mask()) {
      throw std::logic_error(where + ": choice '" + input.name + "' cannot be " +
                             std::to_string(values[i]));
    }
    result[ids[i]] = values[i];
  }
  return result;
}

}  // namespace

std::uint64_t evaluate(Expr root, const State& state, const InputValues& inputs) {
  if (root.arity() == 0) {
    return value_of_leaf(root, state, inputs);
  }
  std::unordered_map<std::uint32_t, std::uint64_t> known;
  std::vector<Expr> stack{root};
  while (!stack.empty()) {
    const Expr e = stack.back();
    bool ready = true;
    for (unsigned i = 0; i < e.arity(); ++i) {
      if (!known.contains(e.arg(i).id())) {
        stack.push_back(e.arg(i));
        ready = false;
      }
    }
    if (ready) {
      stack.pop_back();
      if (!known.contains(e.id())) {
        known.emplace(e.id(),
                      e.arity() == 0 ? value_of_leaf(e, state, inputs) : value_of_node(e, known));
      }
    }
  }
  return known.at(root.id());
}

std::optional<State> initial_state(const TransitionSystem& system,
                                   std::span<const std::uint64_t> initial_inputs) {
  const InputValues inputs =
      scatter(system, system.initial_inputs, initial_inputs, "the initial state");
  State state;
  state.reserve(system.variables.size());
  for (const Variable& variable : system.variables) {
    state.push_back(evaluate(variable.initial, {}, inputs));
  }
  if (system.initial_constraint.valid() && evaluate(system.initial_constraint, state) == 0) {
    return std::nullopt;
  }
  return state;
}

std::optional<State> successor(const TransitionSystem& system, const State& state,
                               const PathStep& step) {
  const Rule& rule = system.rules.at(step.rule);
  const InputValues inputs = scatter(system, rule.inputs, step.inputs, "rule '" + rule.name + "'");
  if (evaluate(rule.guard, state, inputs) == 0) {
    return std::nullopt;
  }
  State next = state;
  for (const Update& update : rule.updates) {
    next.at(update.variable) = evaluate(update.value, state, inputs);
  }
  return next;
}

std::vector<State> replay(const TransitionSystem& system, const Path& path) {
  std::optional<State> state = initial_state(system, path.initial_inputs);
  if (!state) {
    throw std::logic_error("replay: the initial constraint excludes the initial state");
  }
  std::vector<State> states{*state};
  for (const PathStep& step : path.steps) {
    state = successor(system, states.back(), step);
    if (!state) {
      throw std::logic_error("replay: step " + std::to_string(states.size()) +
                             ": the guard of rule '" + system.rules[step.rule].name +
                             "' does not hold");
    }
    states.push_back(std::move(*state));
  }
  return states;
}

}  // namespace airlock
