#include "checker/explore/rules.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <limits>

#include "checker/explore/compile.hpp"
#include "checker/explore/partition.hpp"
#include "checker/explore/ways.hpp"

namespace airlock::explicit_state {
namespace {

struct Split {
  Expr on_state;  // conjuncts without inputs
  Expr on_input;  // the others
};

/// A guard as a conjunction of a part that only the state decides and a part that inputs do.
Split split(ExprPool& pool, Expr guard) {
  Split result{pool.boolean(true), pool.boolean(true)};
  std::vector<Expr> stack{guard};
  while (!stack.empty()) {
    const Expr e = stack.back();
    stack.pop_back();
    if (inputs_of(std::array{e}).empty()) {
      result.on_state = result.on_state & e;
    } else if (e.op() == Op::and_) {
      stack.push_back(e.arg(1));
      stack.push_back(e.arg(0));
    } else {
      result.on_input = result.on_input & e;
    }
  }
  return result;
}

std::uint64_t power_of_two(unsigned bits) {
  return bits < 64 ? std::uint64_t{1} << bits : std::numeric_limits<std::uint64_t>::max();
}

/// How many ways are better than trying all values of so many bits; 0: none are.
std::size_t worthwhile_ways(unsigned bits) {
  if (bits > max_input_bits) {
    return max_ways;
  }
  return bits < few_input_bits ? 0 : std::min(max_ways / 4, std::size_t{1} << (bits - 1));
}

}  // namespace

RuleTable::RuleTable(const TransitionSystem& system, const Layout& layout, Tuning tuning)
    : system_(system), layout_(layout), tuning_(tuning), pool_(std::make_unique<ExprPool>()) {
  Rewriter copy(*pool_, [this](Expr leaf) {
    return leaf.op() == Op::variable ? pool_->variable(leaf.sort(), leaf.index())
                                     : pool_->input(leaf.sort(), leaf.index());
  });
  for (std::uint32_t i = 0; i < system.rules.size(); ++i) {
    const Rule& rule = system.rules[i];
    SourceRule source{i, copy(rule.guard), {}};
    if (source.guard.is_false()) {
      continue;
    }
    for (const Update& update : rule.updates) {
      source.updates.push_back({update.variable, copy(update.value)});
    }
    rules_.push_back(std::move(source));
  }
  for (const VarId id : partition_variables(system, layout)) {
    control_.push_back({id, layout.field(id), key_bits_});
    key_bits_ += layout.field(id).width;
  }
  general_ = compile(*pool_, rules_, false);
}

const RuleGroup& RuleTable::group(std::uint64_t key, std::uint64_t states) {
  if (control_.empty()) {
    return general_;
  }
  const std::lock_guard lock(mutex_);
  Combination& combination = combinations_[key];
  combination.states += states;
  if (combination.group == nullptr && groups_ < tuning_.max_groups &&
      (general_.too_wide || work(combination.states) > tuning_.specialise_after)) {
    combination.group = specialise(key);
    ++groups_;
  }
  return combination.group != nullptr ? *combination.group : general_;
}

/// What so many states cost in the general group, where values of inputs are tried one by one: a
/// column of them is as good as a state.
std::uint64_t RuleTable::work(std::uint64_t states) const {
  constexpr unsigned column_bits = std::bit_width(lanes) - 1;
  const unsigned more = general_.input_bits > column_bits ? general_.input_bits - column_bits : 0;
  return states > ~std::uint64_t{0} >> more ? ~std::uint64_t{0} : states << more;
}

std::unique_ptr<RuleGroup> RuleTable::specialise(std::uint64_t key) const {
  ExprPool pool;
  Rewriter substitute(pool, [&](Expr leaf) {
    if (leaf.op() == Op::input) {
      return pool.input(leaf.sort(), leaf.index());
    }
    const auto fixed = std::find_if(control_.begin(), control_.end(), [&](const ControlField& f) {
      return f.variable == leaf.index();
    });
    return fixed != control_.end() ? pool.constant(leaf.sort(), key >> fixed->key_shift)
                                   : pool.variable(leaf.sort(), leaf.index());
  });
  std::vector<SourceRule> rules;
  for (const SourceRule& rule : rules_) {
    SourceRule special{rule.index, substitute(rule.guard), {}};
    if (special.guard.is_false()) {
      continue;
    }
    for (const Update& update : rule.updates) {
      const Expr value = substitute(update.value);
      if (value.op() != Op::variable || value.index() != update.variable) {
        special.updates.push_back({update.variable, value});
      }
    }
    rules.push_back(std::move(special));
  }
  return std::make_unique<RuleGroup>(compile(pool, rules, true));
}

RuleGroup RuleTable::compile(ExprPool& pool, const std::vector<SourceRule>& rules,
                             bool apart) const {
  RuleGroup group;
  const InputLayout no_inputs;
  Compiler guards(layout_, no_inputs);
  for (const SourceRule& rule : rules) {
    const Split guard = split(pool, rule.guard);
    if (guard.on_state.is_false() || guard.on_input.is_false()) {
      continue;
    }
    CompiledRule compiled =
        compile_rule(rule, guard.on_input, system_.rules[rule.index].inputs, max_input_bits);
    const std::size_t most = apart ? worthwhile_ways(compiled.inputs.bits()) : 0;
    if (most != 0) {
      if (const auto ways = ways_of(pool, system_, rule.guard, rule.updates,
                                    system_.rules[rule.index].inputs, most)) {
        for (const Way& way : *ways) {
          guards.output(way.guard);
          group.rules.push_back(compile_way(rule.index, way));
        }
        continue;
      }
    }
    guards.output(guard.on_state);
    group.too_wide = group.too_wide || compiled.too_wide;
    if (!compiled.too_wide) {
      group.input_bits = std::max(group.input_bits, compiled.inputs.bits());
    }
    group.rules.push_back(std::move(compiled));
  }
  group.guards = guards.finish();
  return group;
}

CompiledRule RuleTable::compile_rule(const SourceRule& rule, Expr input_guard,
                                     std::span<const InputId> listed, unsigned max_bits) const {
  CompiledRule compiled;
  compiled.index = rule.index;
  std::vector<Expr> roots{input_guard};
  for (const Update& update : rule.updates) {
    roots.push_back(update.value);
  }
  compiled.inputs = InputLayout(system_, listed, roots);
  compiled.multiplicity = power_of_two(compiled.inputs.ignored_bits());
  compiled.too_wide = compiled.inputs.bits() > max_bits;
  if (!compiled.too_wide) {
    Compiler compiler(layout_, compiled.inputs);
    compiler.output(input_guard);
    compiler.output_state(rule.updates);
    compiled.program = compiler.finish();
  }
  return compiled;
}

CompiledRule RuleTable::compile_way(std::uint32_t rule, const Way& way) const {
  CompiledRule compiled;
  compiled.index = rule;
  compiled.inputs = InputLayout(system_.rules[rule].inputs, way.inputs);
  compiled.multiplicity = way.values;
  Compiler compiler(layout_, compiled.inputs);
  compiler.output(way.guard.pool().boolean(true));
  compiler.output_state(way.updates);
  compiled.program = compiler.finish();
  return compiled;
}

RuleGroup RuleTable::initial() const {
  ExprPool pool;
  Rewriter copy(pool, [&](Expr leaf) { return pool.input(leaf.sort(), leaf.index()); });
  SourceRule rule{0, pool.boolean(true), {}};
  for (VarId id = 0; id < system_.variables.size(); ++id) {
    rule.updates.push_back({id, copy(system_.variables[id].initial)});
  }
  if (system_.initial_constraint.valid()) {
    Rewriter substitute(pool, [&](Expr leaf) {
      assert(leaf.op() == Op::variable);
      return rule.updates[leaf.index()].value;
    });
    rule.guard = substitute(system_.initial_constraint);
  }
  RuleGroup group;
  if (rule.guard.is_false()) {
    return group;
  }
  const InputLayout no_inputs;
  Compiler guards(layout_, no_inputs);
  guards.output(pool.boolean(true));
  group.guards = guards.finish();
  group.rules.push_back(
      compile_rule(rule, rule.guard, system_.initial_inputs, max_initial_input_bits));
  group.too_wide = group.rules[0].too_wide;
  group.input_bits = group.too_wide ? 0 : group.rules[0].inputs.bits();
  return group;
}

}  // namespace airlock::explicit_state
