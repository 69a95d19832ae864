// Rules as inputs.
//
// A circuit is deterministic, so whatever the system picks freely becomes an input: which rule
// fires, the values of its inputs, the values of the initial inputs. Two rules that can never
// fire in the same state need no telling apart by an input: they get the same code. That two rules
// exclude each other is read off their guards: both ask the same variable to equal a constant, and
// not the same one. Codes are colours of the graph of rules that do not exclude each other, given
// greedily; most rules of a world are told apart by its program counter, and three to six bits
// remain. Inputs of rules share inputs in the same way: two of them overlap unless a rule has
// both.
#include "checker/exchange/scheduler.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <set>

namespace airlock::exchange {
namespace {

using Demands = std::map<VarId, std::uint64_t>;  // variable = constant, all of them needed

void collect_demands(Expr guard, Demands& demands) {
  switch (guard.op()) {
    case Op::and_:
      collect_demands(guard.arg(0), demands);
      collect_demands(guard.arg(1), demands);
      return;
    case Op::eq:
      for (unsigned i = 0; i < 2; ++i) {
        if (guard.arg(i).op() == Op::variable && guard.arg(1 - i).is_constant()) {
          demands.emplace(guard.arg(i).index(), guard.arg(1 - i).value());
        }
      }
      return;
    case Op::variable: demands.emplace(guard.index(), 1); return;
    case Op::not_:
      if (guard.arg(0).op() == Op::variable) {
        demands.emplace(guard.arg(0).index(), 0);
      }
      return;
    default: return;
  }
}

bool exclude_each_other(const Demands& a, const Demands& b) {
  return std::any_of(a.begin(), a.end(), [&](const auto& demand) {
    const auto found = b.find(demand.first);
    return found != b.end() && found->second != demand.second;
  });
}

void give_codes(const TransitionSystem& system, Scheduler& scheduler) {
  std::vector<Demands> demands(system.rules.size());
  std::uint64_t codes = 1;
  for (std::size_t r = 0; r < system.rules.size(); ++r) {
    collect_demands(system.rules[r].guard, demands[r]);
    std::set<std::uint64_t> taken;
    for (std::size_t other = 0; other < r; ++other) {
      if (!exclude_each_other(demands[r], demands[other])) {
        taken.insert(scheduler.code[other]);
      }
    }
    std::uint64_t code = 0;
    while (taken.contains(code)) {
      ++code;
    }
    scheduler.code.push_back(code);
    codes = std::max(codes, code + 1);
  }
  scheduler.code_bits = static_cast<unsigned>(std::bit_width(codes - 1));
}

/// The lowest place where `width` bits meet none of `taken`, which are {begin, end}, ascending.
unsigned place_for(unsigned width, const std::set<std::pair<unsigned, unsigned>>& taken) {
  unsigned begin = 0;
  for (const auto& [from, to] : taken) {
    if (from >= begin + width) {
      break;
    }
    begin = std::max(begin, to);
  }
  return begin;
}

void place_inputs(const TransitionSystem& system, Scheduler& scheduler) {
  scheduler.input_bit.assign(system.inputs.size(), 0);
  std::vector<std::set<InputId>> together(system.inputs.size());
  for (const Rule& rule : system.rules) {
    for (const InputId a : rule.inputs) {
      together[a].insert(rule.inputs.begin(), rule.inputs.end());
    }
  }
  for (InputId id = 0; id < system.inputs.size(); ++id) {
    std::set<std::pair<unsigned, unsigned>> taken;
    for (const InputId other : together[id]) {
      if (other < id) {
        taken.emplace(scheduler.input_bit[other],
                      scheduler.input_bit[other] + system.inputs[other].sort.width());
      }
    }
    if (!together[id].empty()) {
      const unsigned width = system.inputs[id].sort.width();
      scheduler.input_bit[id] = place_for(width, taken);
      scheduler.input_bits = std::max(scheduler.input_bits, scheduler.input_bit[id] + width);
    }
  }
}

std::uint64_t value_at(const std::vector<bool>& bits, unsigned begin, unsigned width) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i) {
    value |= std::uint64_t{bits.at(begin + i)} << i;
  }
  return value;
}

}  // namespace

Scheduler schedule(const TransitionSystem& system) {
  Scheduler scheduler;
  give_codes(system, scheduler);
  place_inputs(system, scheduler);
  for (const InputId id : system.initial_inputs) {
    scheduler.initial_bit.push_back(scheduler.initial_bits);
    scheduler.initial_bits += system.inputs[id].sort.width();
  }
  return scheduler;
}

std::vector<std::uint64_t> initial_inputs_in(const TransitionSystem& system,
                                             const Scheduler& scheduler, const Cycle& cycle) {
  std::vector<std::uint64_t> values;
  for (std::size_t i = 0; i < system.initial_inputs.size(); ++i) {
    values.push_back(value_at(cycle.initial, scheduler.initial_bit[i],
                              system.inputs[system.initial_inputs[i]].sort.width()));
  }
  return values;
}

std::optional<PathStep> step_in(const TransitionSystem& system, const Scheduler& scheduler,
                                const State& state, const Cycle& cycle) {
  const std::uint64_t code = value_at(cycle.code, 0, scheduler.code_bits);
  for (std::uint32_t r = 0; r < system.rules.size(); ++r) {
    if (scheduler.code[r] == code) {
      PathStep step{r, {}};
      for (const InputId id : system.rules[r].inputs) {
        step.inputs.push_back(
            value_at(cycle.inputs, scheduler.input_bit[id], system.inputs[id].sort.width()));
      }
      if (successor(system, state, step)) {
        return step;
      }
    }
  }
  return std::nullopt;
}

}  // namespace airlock::exchange
