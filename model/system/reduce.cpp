// Reductions, strung together.
//
// Each pass is exact for reachability of the targets and for the length of shortest paths; the
// essay at the top of each pass's file says why. They feed each other: a dead variable's initial
// value becomes 0, so its bits are constant, so narrowing removes them and the guards that read
// them fold, so rules go and more variables leave the cone. So they go round until the system stops
// shrinking. Any number of rounds is right.
//
// Narrowing alone keeps the state graph as it is, transition for transition, and with it every
// count that `airlock explore` prints; the others keep distances only.
//
// The way back needs no cleverness. A rule of the reduced system is a rule of the original with
// fewer updates and fewer input bits; so a path is lifted by naming the original rules and putting
// the input bits back where they came from, the missing ones 0.
//
// The first pass reads the original's pool and writes a pool of its own, and no pass ever adds a
// node to the original's, so any number of threads may reduce one system at once.
#include "model/system/reduce.hpp"

#include <algorithm>
#include <cassert>

#include "model/system/reduce_passes.hpp"

namespace airlock {
namespace {

ValueOrigin own_bits(std::uint32_t index, Sort sort) {
  ValueOrigin origin;
  for (unsigned i = 0; i < sort.width(); ++i) {
    origin.push_back({index, i});
  }
  return origin;
}

/// The same system in a fresh pool.
ReductionState copied(const ReductionState& state) {
  const std::vector<KnownBits> nothing(state.system.variables.size());
  const std::vector<bool> everything(state.system.rules.size(), true);
  return without_bits(state, nothing, everything);
}

/// What the passes shrink, most important first.
std::vector<std::size_t> size_of(const ReductionState& state) {
  std::size_t bits = 0;
  for (const ValueOrigin& origin : state.variables) {
    bits += origin.size();
  }
  std::size_t input_bits = 0;
  for (const RuleOrigin& rule : state.rules) {
    for (const ValueOrigin& origin : rule.inputs) {
      input_bits += origin.size();
    }
  }
  return {bits, state.rules.size(), input_bits};
}

ReductionState one_round(ReductionState state, const ReduceOptions& options) {
  if (options.cone) {
    state = cone(state);
  }
  if (options.dead_variables) {
    state = without_dead_values(state);
  }
  if (options.narrow) {
    state = narrowed(state);
  }
  return tidied(state, options.merge_rules);
}

ReductionState reduce(const TransitionSystem& original, std::span<const Expr> targets,
                      const ReduceOptions& options) {
  const ReductionState whole = begin_reduction(original, targets);
  ReductionState state = options.narrow ? narrowed(whole) : copied(whole);
  if (!options.cone && !options.dead_variables) {
    return state;
  }
  for (;;) {
    ReductionState next = one_round(state, options);
    const bool shrunk = size_of(next) < size_of(state);
    state = std::move(next);
    if (!shrunk) {
      return state;
    }
  }
}

}  // namespace

ReductionState begin_reduction(const TransitionSystem& original, std::span<const Expr> targets) {
  ReductionState state;
  state.system = original;
  state.system.properties.clear();
  state.targets.assign(targets.begin(), targets.end());
  for (VarId id = 0; id < original.variables.size(); ++id) {
    state.variables.push_back(own_bits(id, original.variables[id].sort));
    state.constants.emplace_back();
  }
  for (std::uint32_t i = 0; i < original.rules.size(); ++i) {
    RuleOrigin origin{i, {}};
    for (const InputId id : original.rules[i].inputs) {
      origin.inputs.push_back(own_bits(id, original.inputs[id].sort));
    }
    state.rules.push_back(std::move(origin));
  }
  for (const InputId id : original.initial_inputs) {
    state.initial_inputs.push_back(own_bits(id, original.inputs[id].sort));
  }
  return state;
}

struct Reduction::Impl {
  ReduceOptions options;
  ReductionState state;
  std::vector<InputId> initial_inputs;            // of the original
  std::vector<std::vector<InputId>> rule_inputs;  // of the original's rules

  /// The values of `wanted`, an ascending or any list of original inputs, from reduced `values`.
  static std::vector<std::uint64_t> lifted(const std::vector<InputId>& wanted,
                                           const std::vector<ValueOrigin>& origins,
                                           const std::vector<std::uint64_t>& values) {
    assert(origins.size() == values.size());
    std::vector<std::uint64_t> result(wanted.size(), 0);
    for (std::size_t i = 0; i < origins.size(); ++i) {
      for (unsigned b = 0; b < origins[i].size(); ++b) {
        const BitOrigin& origin = origins[i][b];
        const auto at = std::find(wanted.begin(), wanted.end(), origin.index) - wanted.begin();
        result.at(static_cast<std::size_t>(at)) |= ((values[i] >> b) & 1U) << origin.bit;
      }
    }
    return result;
  }
};

Reduction::Reduction(const TransitionSystem& original, std::span<const Expr> targets,
                     const ReduceOptions& options)
    : impl_(std::make_unique<Impl>()) {
  impl_->options = options;
  impl_->state = reduce(original, targets, options);
  impl_->initial_inputs = original.initial_inputs;
  for (const Rule& rule : original.rules) {
    impl_->rule_inputs.push_back(rule.inputs);
  }
}

Reduction::~Reduction() = default;
Reduction::Reduction(Reduction&&) noexcept = default;
Reduction& Reduction::operator=(Reduction&&) noexcept = default;

const ReduceOptions& Reduction::options() const {
  return impl_->options;
}
const TransitionSystem& Reduction::system() const {
  return impl_->state.system;
}
std::span<const Expr> Reduction::targets() const {
  return impl_->state.targets;
}

Path Reduction::lift(const Path& reduced) const {
  Path path;
  path.initial_inputs =
      Impl::lifted(impl_->initial_inputs, impl_->state.initial_inputs, reduced.initial_inputs);
  for (const PathStep& step : reduced.steps) {
    const RuleOrigin& origin = impl_->state.rules.at(step.rule);
    path.steps.push_back(
        {origin.rule, Impl::lifted(impl_->rule_inputs[origin.rule], origin.inputs, step.inputs)});
  }
  return path;
}

std::size_t Reduction::original_variables() const {
  return impl_->state.constants.size();
}

std::pair<std::uint64_t, std::uint64_t> Reduction::constant_bits(VarId variable) const {
  const KnownBits& known = impl_->state.constants.at(variable);
  return {known.known, known.value};
}

std::uint32_t Reduction::rule_origin(std::uint32_t rule) const {
  return impl_->state.rules.at(rule).rule;
}

std::pair<VarId, unsigned> Reduction::origin(VarId variable, unsigned bit) const {
  const BitOrigin& origin = impl_->state.variables.at(variable).at(bit);
  return {origin.index, origin.bit};
}

}  // namespace airlock
