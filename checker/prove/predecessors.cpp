// What the solver of a location has assigned: a state before a step, and the cube of those like it.
//
// It is read from the solver's trail, and justification checks it: a model of a query takes Z3
// longer to make than the query. Of the state only what forces the guard and the cube after the
// step is kept.
#include <stdexcept>

#include "checker/prove/step_queries.hpp"

namespace airlock::prove {

BitState StepQueries::read_state() const {
  BitState state(bits_.size());
  for (std::uint32_t i = 0; i < bits_.size(); ++i) {
    state[i] = assignment_.value(current_[i]);
  }
  return state;
}

State StepQueries::word_state(const BitState& state) const {
  State values(system_.variables.size(), 0);
  for (std::uint32_t i = 0; i < bits_.size(); ++i) {
    const BitMap::Place place = bits_.place(i);
    values[place.variable] |= std::uint64_t{state[i] ? 1U : 0U} << place.bit;
  }
  return values;
}

std::vector<std::uint64_t> StepQueries::read_initial_inputs() {
  std::vector<std::uint64_t> result;
  for (const InputId id : system_.initial_inputs) {
    const Expr input = graph_.pool->input(system_.inputs[id].sort, id);
    result.push_back(assignment_.value(translate_initial_(input)));
  }
  return result;
}

Predecessor StepQueries::explain(std::uint32_t id, std::uint32_t level, const Cube& cube) {
  const EdgeGroup& group = groups_[id];
  assignment_.read(solvers_[group.source].solver);
  const BitState state = read_state();
  for (std::size_t i = 0; i < group.edges.size(); ++i) {
    if (!assignment_.value(encoded_[id].selectors[i])) {
      continue;
    }
    Predecessor result = lift(graph_.edges[group.edges[i]], cube, state);
    if (level == 0) {
      result.initial_inputs = read_initial_inputs();
    }
    return result;
  }
  throw std::logic_error("pdr: Z3's assignment takes no edge");
}

/// Keeps of `state` what forces the guard and the cube after the step, inputs as assigned.
Predecessor StepQueries::lift(const Edge& edge, const Cube& cube, BitState state) {
  Predecessor result;
  result.location = edge.source;
  result.step.rule = edge.rule;
  std::vector<std::uint64_t> inputs(system_.inputs.size(), 0);
  for (const InputId id : system_.rules[edge.rule].inputs) {
    const Expr input = graph_.pool->input(system_.inputs[id].sort, id);
    inputs[id] = assignment_.value(translate_(input));
    result.step.inputs.push_back(inputs[id]);
  }
  const State values = word_state(state);
  justifier_.begin(values, inputs);
  bool confirmed = justifier_.value(edge.guard) == 1;
  justifier_.require(edge.guard, 1);
  for (const Literal one : cube) {
    const BitMap::Place place = bits_.place(bit_of(one));
    Expr next = graph_.pool->variable(system_.variables[place.variable].sort, place.variable);
    for (const Update& update : edge.updates) {
      if (update.variable == place.variable) {
        next = update.value;
      }
    }
    const std::uint64_t mask = std::uint64_t{1} << place.bit;
    justifier_.require(next, mask);
    confirmed = confirmed && ((justifier_.value(next) & mask) != 0) == sign_of(one);
  }
  if (!confirmed) {
    throw std::logic_error("pdr: Z3's assignment to a step is none");
  }
  result.state = std::move(state);
  result.cube = reasons_as_cube(values);
  return result;
}

Cube StepQueries::reasons_as_cube(const State& values) {
  Cube cube;
  for (const auto& [variable, mask] : justifier_.reasons()) {
    for (unsigned bit = 0; bit < system_.variables[variable].sort.width(); ++bit) {
      if (((mask >> bit) & 1U) != 0) {
        const auto value = static_cast<Literal>((values[variable] >> bit) & 1U);
        cube.push_back(2 * bits_.number(variable, bit) + value);
      }
    }
  }
  return cube;
}

}  // namespace airlock::prove
