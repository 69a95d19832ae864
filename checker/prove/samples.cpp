// A sample of reachable states spares PDR most of its questions.
//
// Generalisation drops a literal and asks whether the larger cube can still be blocked; pushing
// asks whether a lemma holds one step later. Most answers are no, and "no" is the dear answer: the
// solver completes an assignment and a model is made of it, which takes several times as long as a
// refutation. But a cube that holds a state reachable within k steps can never be blocked at level
// k: whoever has such a state at hand knows the answer without asking. (The idea is that of
// simulation in equivalence checking, where a signature refutes most candidates before SAT is
// called: Kuehlmann, Paruthi, Krohm, Ganai, TCAD 2002. Counterexamples to generalisation that are
// reachable are not worth blocking either: Hassan, Bradley, Somenzi, FMCAD 2013.)
//
// The samples are made level by level, as PDR's frames are: from the states of the last depth, a
// limited number at each location, every edge is taken with inputs drawn at random. Depths are
// those of the runs that were made, so they may be more than a state's distance, never less. The
// states of a location are kept in columns, 64 to a word, and a cube is looked up by intersecting
// the columns of its literals.
//
// Nothing rests on the samples: they only make PDR give up a generalisation that would have failed.
// The numbers are drawn from a generator with a fixed seed, so that a run can be repeated.
#include "checker/prove/samples.hpp"

#include <algorithm>

namespace airlock::prove {
namespace {

constexpr std::size_t per_level = 128;        // states expanded at each depth, over all locations
constexpr std::size_t most_states = 1 << 16;  // in all
constexpr unsigned initial_draws = 64;
constexpr unsigned draws = 4;  // of an edge's inputs

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15U;
  return hash ^ (hash >> 29U);
}

}  // namespace

Samples::Samples(const TransitionSystem& system, const ControlGraph& graph, const BitMap& bits)
    : system_(system),
      graph_(graph),
      bits_(bits),
      edges_(graph.locations.size()),
      places_(graph.locations.size()),
      inputs_(system.inputs.size()) {
  for (std::uint32_t e = 0; e < graph.edges.size(); ++e) {
    edges_[graph.edges[e].source].push_back(e);
  }
  for (Place& place : places_) {
    place.columns.resize(bits.size());
  }
}

void Samples::draw(const std::vector<InputId>& inputs) {
  for (const InputId id : inputs) {
    inputs_[id] = random_() & system_.inputs[id].sort.mask();
  }
}

void Samples::add(LocationId location, const State& state) {
  std::uint64_t hash = location;
  for (const std::uint64_t value : state) {
    hash = mix(hash, value);
  }
  if (seen_.size() >= most_states || !seen_.insert(hash).second) {
    return;
  }
  Place& place = places_[location];
  const std::size_t index = place.states.size();
  place.states.push_back(state);
  for (std::uint32_t i = 0; i < bits_.size(); ++i) {
    std::vector<std::uint64_t>& column = place.columns[i];
    if (index % 64 == 0) {
      column.push_back(0);
    }
    const BitMap::Place bit = bits_.place(i);
    column.back() |= (state[bit.variable] >> bit.bit & 1U) << (index % 64);
  }
}

void Samples::take_initial() {
  const State zeros(system_.variables.size(), 0);
  for (unsigned n = 0; n < initial_draws; ++n) {
    draw(system_.initial_inputs);
    evaluator_.begin(zeros, inputs_);
    State state;
    for (const Expr value : graph_.initial_values) {
      state.push_back(evaluator_.value(value));
    }
    for (LocationId id = 0; id < graph_.locations.size(); ++id) {
      const Location& location = graph_.locations[id];
      if (!location.initial) {
        continue;
      }
      evaluator_.begin(zeros, inputs_);
      if (evaluator_.value(location.initial_condition) != 1) {
        continue;
      }
      evaluator_.begin(state, inputs_);
      if (evaluator_.value(graph_.initial_constraint) == 1) {
        add(id, state);
      }
    }
  }
}

void Samples::step_from(LocationId location, std::size_t index) {
  const State state = places_[location].states[index];
  for (const std::uint32_t e : edges_[location]) {
    const Edge& edge = graph_.edges[e];
    const std::vector<InputId>& inputs = system_.rules[edge.rule].inputs;
    for (unsigned n = 0; n < (inputs.empty() ? 1 : draws); ++n) {
      draw(inputs);
      evaluator_.begin(state, inputs_);
      if (evaluator_.value(edge.guard) != 1) {
        continue;
      }
      State next = state;
      for (const Update& update : edge.updates) {
        next[update.variable] = evaluator_.value(update.value);
      }
      for (std::size_t i = 0; i < graph_.control.size(); ++i) {
        next[graph_.control[i]] = graph_.locations[edge.target].values[i];
      }
      add(edge.target, next);
    }
  }
}

void Samples::extend(std::uint32_t depth) {
  if (depth == 0) {
    take_initial();
  } else {
    std::vector<std::pair<LocationId, std::size_t>> order;  // first of each location, second, ...
    std::vector<std::pair<std::size_t, LocationId>> all;
    for (LocationId id = 0; id < places_.size(); ++id) {
      const std::vector<std::size_t>& until = places_[id].until;
      const std::size_t begin = depth < 2 ? 0 : until[depth - 2];
      for (std::size_t i = begin; i < until[depth - 1]; ++i) {
        all.emplace_back(i - begin, id);
      }
    }
    std::sort(all.begin(), all.end());
    for (std::size_t i = 0; i < std::min(all.size(), per_level); ++i) {
      const auto [offset, id] = all[i];
      step_from(id, offset + (depth < 2 ? 0 : places_[id].until[depth - 2]));
    }
  }
  for (Place& place : places_) {
    place.until.push_back(place.states.size());
  }
}

bool Samples::reach(LocationId location, const Cube& cube, std::uint32_t level) const {
  const Place& place = places_[location];
  if (place.until.empty()) {
    return false;
  }
  const std::size_t count = place.until[std::min<std::size_t>(level, place.until.size() - 1)];
  for (std::size_t word = 0; word * 64 < count; ++word) {
    const std::size_t rest = count - word * 64;
    std::uint64_t left = rest >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << rest) - 1;
    for (std::size_t i = 0; i < cube.size() && left != 0; ++i) {
      const std::uint64_t column = place.columns[bit_of(cube[i])][word];
      left &= sign_of(cube[i]) ? column : ~column;
    }
    if (left != 0) {
      return true;
    }
  }
  return false;
}

}  // namespace airlock::prove
