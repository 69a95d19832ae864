// Tidying: what makes search slower without making it reach more.
//
// An update of a variable by itself is no update. A rule without updates is a step that stays where
// it is: no shortest path takes it, and whether a state can go on is asked by a predicate that was
// built before (can_continue). An input bit that nothing depends on doubles the work and changes
// nothing, so it goes; any value will do when the path is lifted. The inputs of every rule are
// numbered anew from the same stock, so that rules which became the same rule are recognised by the
// identity of their expressions, and one of them is enough.
#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <tuple>

#include "model/system/demand.hpp"
#include "model/system/reduce_passes.hpp"

namespace airlock {
namespace {

/// An input on its way: which bits stay, and under which name.
struct NewInput {
  std::uint64_t mask = 0;
  InputId id = 0;
};

class Tidier {
 public:
  Tidier(const ReductionState& from, bool merge_rules) : from_(from), merge_rules_(merge_rules) {}

  ReductionState run() {
    to_.system.control = from_.system.control;
    to_.system.choices = from_.system.choices;
    to_.system.assumptions = from_.system.assumptions;
    to_.variables = from_.variables;
    to_.constants = from_.constants;
    add_initial();
    for (std::size_t i = 0; i < from_.system.rules.size(); ++i) {
      add_rule(from_.system.rules[i], from_.rules[i]);
    }
    return std::move(to_);
  }

 private:
  using Renaming = std::map<InputId, NewInput>;

  static bool is_identity(const Update& update) {
    return update.value.op() == Op::variable && update.value.index() == update.variable;
  }

  void add_initial() {
    std::vector<Expr> roots;
    for (const Variable& variable : from_.system.variables) {
      roots.push_back(variable.initial);
    }
    Renaming renaming;
    for (const auto& [id, mask] : demand_of(roots).inputs) {
      const InputId fresh =
          to_.system.add_input(from_.system.inputs[id].name, narrowed_sort(id, mask), "reduced");
      renaming.emplace(id, NewInput{mask, fresh});
      to_.system.initial_inputs.push_back(fresh);
      const auto& old = from_.system.initial_inputs;
      const auto at = std::find(old.begin(), old.end(), id) - old.begin();
      to_.initial_inputs.push_back(
          narrowed_origin(from_.initial_inputs[static_cast<std::size_t>(at)], mask));
    }
    Rewriter rewrite = rewriter(renaming);
    to_.system.variables = from_.system.variables;
    for (Variable& variable : to_.system.variables) {
      variable.initial = rewrite(variable.initial);
    }
    if (from_.system.initial_constraint.valid()) {
      to_.system.initial_constraint = rewrite(from_.system.initial_constraint);
    }
    for (const Expr target : from_.targets) {
      to_.targets.push_back(rewrite(target));
    }
  }

  void add_rule(const Rule& rule, const RuleOrigin& origin) {
    Rule result{rule.name, rule.actor, rule.guard, {}, {}, rule.causes, rule.agent};
    std::copy_if(rule.updates.begin(), rule.updates.end(), std::back_inserter(result.updates),
                 [](const Update& update) { return !is_identity(update); });
    if (result.updates.empty()) {
      return;
    }
    const Renaming renaming = stock_inputs(roots_of(result));
    Rewriter rewrite = rewriter(renaming);
    result.guard = rewrite(result.guard);
    for (Update& update : result.updates) {
      update.value = rewrite(update.value);
    }
    std::sort(result.updates.begin(), result.updates.end(),
              [](const Update& a, const Update& b) { return a.variable < b.variable; });
    RuleOrigin new_origin{origin.rule, {}};
    list_inputs(renaming, rule, origin, result, new_origin);
    if (result.guard.is_false() || (merge_rules_ && !is_new(result))) {
      return;
    }
    to_.system.rules.push_back(std::move(result));
    to_.rules.push_back(std::move(new_origin));
  }

  /// New inputs, ascending, with where their bits came from.
  static void list_inputs(const Renaming& renaming, const Rule& rule, const RuleOrigin& origin,
                          Rule& result, RuleOrigin& new_origin) {
    std::map<InputId, ValueOrigin> listed;
    for (std::size_t i = 0; i < rule.inputs.size(); ++i) {
      if (const auto found = renaming.find(rule.inputs[i]); found != renaming.end()) {
        listed.emplace(found->second.id, narrowed_origin(origin.inputs[i], found->second.mask));
      }
    }
    for (auto& [id, bits] : listed) {
      result.inputs.push_back(id);
      new_origin.inputs.push_back(std::move(bits));
    }
  }

  /// The k-th input of n bits of any rule is the same input.
  Renaming stock_inputs(const std::vector<Expr>& roots) {
    Renaming renaming;
    std::map<std::pair<bool, unsigned>, unsigned> taken;
    for (const auto& [id, mask] : demand_of(roots).inputs) {
      const Sort sort = narrowed_sort(id, mask);
      const unsigned nth = taken[{sort.is_bool(), sort.width()}]++;
      const auto key = std::tuple{sort.is_bool(), sort.width(), nth};
      auto found = stock_.find(key);
      if (found == stock_.end()) {
        const std::string name = "choice " + std::to_string(nth) + " of " +
                                 (sort.is_bool() ? "Bool" : std::to_string(sort.width()) + " bits");
        found = stock_.emplace(key, to_.system.add_input(name, sort, "reduced")).first;
      }
      renaming.emplace(id, NewInput{mask, found->second});
    }
    return renaming;
  }

  [[nodiscard]] Sort narrowed_sort(InputId id, std::uint64_t mask) const {
    const Sort sort = from_.system.inputs[id].sort;
    return mask == sort.mask() ? sort : Sort::bits(static_cast<unsigned>(std::popcount(mask)));
  }

  static ValueOrigin narrowed_origin(const ValueOrigin& bits, std::uint64_t mask) {
    ValueOrigin result;
    for (unsigned i = 0; i < bits.size(); ++i) {
      if (((mask >> i) & 1U) != 0) {
        result.push_back(bits[i]);
      }
    }
    return result;
  }

  /// `renaming` must outlive the result.
  Rewriter rewriter(const Renaming& renaming) {
    ExprPool& pool = *to_.system.pool;
    return {pool, [this, &pool, &renaming](Expr leaf) {
              if (leaf.op() == Op::variable) {
                return pool.variable(leaf.sort(), leaf.index());
              }
              const auto found = renaming.find(leaf.index());
              if (found == renaming.end()) {
                return pool.constant(leaf.sort(), 0);  // no bit of it matters
              }
              return scattered(pool, leaf.sort(), to_.system.input(found->second.id),
                               found->second.mask, 0);
            }};
  }

  /// True the first time that a rule with this guard and these updates is met.
  bool is_new(const Rule& rule) {
    std::vector<std::uint32_t> key{rule.guard.id()};
    for (const Update& update : rule.updates) {
      key.push_back(update.variable);
      key.push_back(update.value.id());
    }
    return seen_.insert(std::move(key)).second;
  }

  const ReductionState& from_;
  bool merge_rules_;
  ReductionState to_;
  std::map<std::tuple<bool, unsigned, unsigned>, InputId> stock_;
  std::set<std::vector<std::uint32_t>> seen_;
};

}  // namespace

ReductionState tidied(const ReductionState& state, bool merge_rules) {
  return Tidier(state, merge_rules).run();
}

}  // namespace airlock
