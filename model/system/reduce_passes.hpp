// The passes that Reduction strings together, and what they work on. Internal to model/system.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "model/system/known_bits.hpp"
#include "model/system/reduce.hpp"
#include "model/system/system.hpp"

namespace airlock {

/// A bit of a variable or an input of the original system.
struct BitOrigin {
  std::uint32_t index = 0;  ///< VarId or InputId
  unsigned bit = 0;
};
/// Where the bits of a reduced variable or input come from, the lowest first.
using ValueOrigin = std::vector<BitOrigin>;

struct RuleOrigin {
  std::uint32_t rule = 0;           ///< of the original system
  std::vector<ValueOrigin> inputs;  ///< parallel to Rule::inputs
};

/// A system on its way from the original to the reduced one, with the way back. Passes take one and
/// give another, most of them in a fresh pool; none but without_dead_values adds to the pool of the
/// one that it was given, so that one never comes first.
struct ReductionState {
  TransitionSystem system;
  std::vector<Expr> targets;
  std::vector<ValueOrigin> variables;       ///< by VarId
  std::vector<RuleOrigin> rules;            ///< parallel to system.rules
  std::vector<ValueOrigin> initial_inputs;  ///< parallel to system.initial_inputs
  std::vector<KnownBits> constants;  ///< of the original's variables: what narrowing took out
};

/// The original system: everything comes from itself.
ReductionState begin_reduction(const TransitionSystem& original, std::span<const Expr> targets);

/// The same system in a fresh pool, with the bits of `constant` (per variable) taken out: an
/// expression sees them as constants. Rules whose `enabled` is false, or whose guard becomes false,
/// go. Updates are simplified by what their guard says.
ReductionState without_bits(const ReductionState& state, std::span<const KnownBits> constant,
                            const std::vector<bool>& enabled);

/// What is known of every variable in every reachable state, and which rules can ever fire.
struct ReachableBits {
  std::vector<KnownBits> variables;
  std::vector<bool> enabled;
};
ReachableBits reachable_bits(const TransitionSystem& system);

/// Narrowing: without the bits that are constant in every reachable state.
ReductionState narrowed(const ReductionState& state);

/// Cone of influence: only the variables that targets and the initial constraint depend on, and the
/// rules that write them.
ReductionState cone(const ReductionState& state);

/// Variables are 0 where nothing will read them. Leaves the system as it is where its control
/// variables do not give a few locations. Adds to the state's pool.
ReductionState without_dead_values(const ReductionState& state);

/// Drops identity updates, rules that change nothing, repeated rules, and bits of inputs that
/// nothing depends on. Repeated rules stay unless `merge_rules`.
ReductionState tidied(const ReductionState& state, bool merge_rules = true);

/// The bits of `e` selected by `mask` (not 0), side by side.
Expr gathered(Expr e, std::uint64_t mask);
/// The inverse: a value of `sort` whose bits of `mask` are those of `e`, the others those of
/// `rest`. `e` may be empty where `mask` is 0.
Expr scattered(ExprPool& pool, Sort sort, Expr e, std::uint64_t mask, std::uint64_t rest);

/// All roots of a rule: its guard, then its updates' values.
std::vector<Expr> roots_of(const Rule& rule);

}  // namespace airlock
