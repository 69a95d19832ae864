#include "tests/support/naive_search.hpp"

#include <stdexcept>

#include "model/system/interpreter.hpp"

namespace airlock::test {
namespace {

/// Counts `values` up by one, the last digit fastest; false when it has gone round.
bool next(const TransitionSystem& system, std::span<const InputId> inputs,
          std::vector<std::uint64_t>& values) {
  for (std::size_t i = values.size(); i-- > 0;) {
    if (values[i] != system.inputs[inputs[i]].sort.mask()) {
      ++values[i];
      return true;
    }
    values[i] = 0;
  }
  return false;
}

/// `tried` goes up by the number of steps that were tried, possible or not.
std::vector<State> successors(const TransitionSystem& system, const State& state,
                              std::uint64_t* tried) {
  std::vector<State> result;
  for (std::uint32_t rule = 0; rule < system.rules.size(); ++rule) {
    for_each_input(system, system.rules[rule].inputs, [&](const auto& values) {
      ++*tried;
      if (auto found = successor(system, state, {rule, values})) {
        result.push_back(std::move(*found));
      }
    });
  }
  return result;
}

void note_targets(NaiveResult& result, std::span<const Expr> targets, const State& state) {
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!result.distances[i] && evaluate(targets[i], state) != 0) {
      result.distances[i] = result.depth;
    }
  }
}

}  // namespace

void for_each_input(const TransitionSystem& system, std::span<const InputId> inputs,
                    const std::function<void(const std::vector<std::uint64_t>&)>& visit) {
  std::vector<std::uint64_t> values(inputs.size(), 0);
  do {
    visit(values);
  } while (next(system, inputs, values));
}

NaiveResult naive_search(const TransitionSystem& system, std::span<const Expr> targets,
                         std::uint64_t max_states) {
  NaiveResult result;
  result.distances.resize(targets.size());
  constexpr std::uint64_t tries_per_state = 16;
  std::uint64_t tried = 0;
  std::vector<State> level;
  for_each_input(system, system.initial_inputs, [&](const auto& values) {
    if (auto state = initial_state(system, values); state && result.reached.insert(*state).second) {
      level.push_back(std::move(*state));
    }
  });
  while (!level.empty()) {
    std::vector<State> following;
    for (const State& state : level) {
      note_targets(result, targets, state);
      const std::vector<State> after = successors(system, state, &tried);
      if (tried / tries_per_state > max_states) {
        throw std::length_error("naive_search: too many choices");
      }
      result.transitions += after.size();
      result.deadlocks += after.empty() ? 1 : 0;
      for (const State& found : after) {
        if (result.reached.insert(found).second) {
          following.push_back(found);
        }
      }
    }
    if (result.reached.size() > max_states) {
      throw std::length_error("naive_search: too many states");
    }
    level = std::move(following);
    result.depth += level.empty() ? 0 : 1;
  }
  result.states = result.reached.size();
  return result;
}

}  // namespace airlock::test
