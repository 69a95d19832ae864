// Coding: an input that is only compared with constants has no more values than there are of these,
// and one that stands for all others.
//
// "Some MSR's index" is an input of 32 bits of which the software asks whether it is this or that.
// Search tries the values of choices one by one, and cannot try four thousand million. All values
// that are equal to none of the constants do the same in guard and updates, so one of them is
// enough. The input becomes a number, and the way back is a list: from the number to the value.
#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include "model/system/reduce_passes.hpp"

namespace airlock {
namespace {

constexpr unsigned widest_plain = 12;  ///< bits; what has fewer is as quickly tried

/// What a rule compares an input with.
struct Compared {
  std::set<std::uint64_t> constants;
  std::vector<Expr> equalities;
  bool otherwise = false;  ///< it is read in another way, too
};

bool is_wide_input(Expr e) {
  return e.op() == Op::input && e.width() > widest_plain;
}

std::map<InputId, Compared> compared(const Rule& rule) {
  std::map<InputId, Compared> result;
  const std::vector<Expr> roots = roots_of(rule);
  for (const Expr root : roots) {
    if (is_wide_input(root)) {
      result[root.index()].otherwise = true;
    }
  }
  for (const Expr node : nodes_below(roots)) {
    for (unsigned i = 0; i < node.arity(); ++i) {
      if (!is_wide_input(node.arg(i))) {
        continue;
      }
      Compared& known = result[node.arg(i).index()];
      if (node.op() == Op::eq && node.arg(1 - i).is_constant()) {
        known.constants.insert(node.arg(1 - i).value());
        known.equalities.push_back(node);
      } else {
        known.otherwise = true;
      }
    }
  }
  std::erase_if(result, [](const auto& each) { return each.second.otherwise; });
  return result;
}

/// The original input's value of which `bits` are those of a reduced one.
std::uint64_t original_value(const ValueOrigin& bits, std::uint64_t value) {
  std::uint64_t result = 0;
  for (unsigned i = 0; i < bits.size(); ++i) {
    result |= ((value >> i) & 1U) << bits[i].bit;
  }
  return result;
}

void code(ReductionState& state, std::size_t index) {
  Rule& rule = state.system.rules[index];
  RuleOrigin& origin = state.rules[index];
  ExprPool& pool = *state.system.pool;
  std::map<InputId, ValueOrigin> origins;
  for (std::size_t i = 0; i < rule.inputs.size(); ++i) {
    origins.emplace(rule.inputs[i], origin.inputs[i]);
  }
  Rewriter rewrite(pool, [](Expr leaf) { return leaf; });
  for (const auto& [id, known] : compared(rule)) {
    const ValueOrigin bits = origins.at(id);
    if (origin.coded.contains(bits.front().index)) {
      continue;  // one list is the way back
    }
    const std::vector<std::uint64_t> constants(known.constants.begin(), known.constants.end());
    const auto width = static_cast<unsigned>(std::bit_width(constants.size()));
    std::uint64_t other = 0;
    while (known.constants.contains(other)) {
      ++other;
    }
    std::vector<std::uint64_t> values(std::size_t{1} << width, original_value(bits, other));
    const InputId fresh = state.system.add_input(state.system.inputs[id].name, Sort::bits(width),
                                                 "one of a few values");
    const Expr number = state.system.input(fresh);
    for (std::size_t i = 0; i < constants.size(); ++i) {
      values[i] = original_value(bits, constants[i]);
    }
    for (const Expr each : known.equalities) {
      const Expr constant = each.arg(each.arg(0).is_constant() ? 0 : 1);
      const auto at = std::lower_bound(constants.begin(), constants.end(), constant.value());
      rewrite.replace(
          each, eq(number, pool.bits(width, static_cast<std::uint64_t>(at - constants.begin()))));
    }
    ValueOrigin numbered;
    for (unsigned i = 0; i < width; ++i) {
      numbered.push_back({bits.front().index, i});
    }
    origin.coded.emplace(bits.front().index, std::move(values));
    origins.erase(id);
    origins.emplace(fresh, std::move(numbered));
  }
  rule.guard = rewrite(rule.guard);
  for (Update& update : rule.updates) {
    update.value = rewrite(update.value);
  }
  rule.inputs.clear();
  origin.inputs.clear();
  for (auto& [id, bits] : origins) {
    rule.inputs.push_back(id);
    origin.inputs.push_back(std::move(bits));
  }
}

}  // namespace

ReductionState coded(ReductionState state) {
  for (std::size_t i = 0; i < state.system.rules.size(); ++i) {
    if (!compared(state.system.rules[i]).empty()) {
      code(state, i);
    }
  }
  return state;
}

}  // namespace airlock
