// Rules, compiled: once for all states, and once more for each combination of control values.
//
// Most guards begin with "the program counter is here and the processor is in this mode", or "the
// queue has three messages". The states of a batch are grouped by the values of such variables
// (partition.hpp), and each group has rules of its own: the values are substituted, everything is
// folded anew, and rules whose guard became false are gone. It is partial evaluation (Jones,
// Gomard, Sestoft, 1993) with the control state as the static input, and does what generated code
// does with a switch over the program counter.
//
// Combinations are discovered as they are met, never enumerated. One that has shown few states is
// not worth compiling for: until then its states go through the general group, all such states
// together. Which way a state goes cannot be seen in any result.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "checker/explore/choices.hpp"
#include "checker/explore/packing.hpp"
#include "checker/explore/program.hpp"

namespace airlock::explicit_state {

/// Values of so few bits of inputs are tried one by one. A rule with more is taken apart into its
/// ways (ways.hpp) for each combination of control values that is met often, if they are few.
inline constexpr unsigned few_input_bits = 2;
/// Where they are not, this is still tried.
inline constexpr unsigned max_input_bits = 20;
/// A rule with more inputs than that and more ways than this is not expanded: the search gives up.
inline constexpr std::size_t max_ways = 16384;
/// The same for the initial states.
inline constexpr unsigned max_initial_input_bits = 24;

struct Way;

struct CompiledRule {
  std::uint32_t index = 0;  ///< in TransitionSystem::rules
  bool too_wide = false;    ///< more inputs and ways than can be tried; `program` is empty then
  InputLayout inputs;
  std::uint64_t multiplicity = 1;  ///< transitions per index of `inputs` (saturated)
  /// Outputs: the part of the guard that depends on inputs, then the words of the successor.
  Program program;
};

/// The rules that may fire in some set of states.
struct RuleGroup {
  Program guards;  ///< outputs: per rule, the part of the guard that does not depend on inputs
  std::vector<CompiledRule> rules;  ///< ascending in `index`
  unsigned input_bits = 0;          ///< the most that a rule has which is not too wide
  bool too_wide = false;            ///< some rule is
};

class RuleTable {
 public:
  struct Tuning {
    /// States of one combination of control values; fewer, where rules have many inputs.
    std::uint64_t specialise_after = 512;
    std::size_t max_groups = 4096;
  };
  /// Both are borrowed. The system's expressions are copied, so that its pool is only read.
  RuleTable(const TransitionSystem& system, const Layout& layout, Tuning tuning);

  /// The values of the control variables in a packed state, side by side.
  [[nodiscard]] std::uint64_t control_key(const Word* state) const {
    std::uint64_t key = 0;
    for (const ControlField& f : control_) {
      key |= ((state[f.at.word] >> f.at.shift) & f.at.mask()) << f.key_shift;
    }
    return key;
  }
  /// Bits of a key; 0 where there is no control.
  [[nodiscard]] unsigned key_bits() const { return key_bits_; }
  [[nodiscard]] const RuleGroup& general() const { return general_; }
  /// Of the system, the ones that never fire included.
  [[nodiscard]] std::size_t rule_count() const { return system_.rules.size(); }
  /// The group for `states` more states with this key. Thread-safe; the group lives as long as the
  /// table and does not change.
  const RuleGroup& group(std::uint64_t key, std::uint64_t states);
  /// "Rule" without a guard but the initial constraint, which makes the initial states out of the
  /// state of all zeros.
  [[nodiscard]] RuleGroup initial() const;

 private:
  struct ControlField {
    VarId variable = 0;
    Field at;
    unsigned key_shift = 0;
  };
  struct SourceRule {
    std::uint32_t index;
    Expr guard;
    std::vector<Update> updates;
  };
  struct Combination {
    std::uint64_t states = 0;
    std::unique_ptr<RuleGroup> group;
  };
  [[nodiscard]] std::uint64_t work(std::uint64_t states) const;
  [[nodiscard]] std::unique_ptr<RuleGroup> specialise(std::uint64_t key) const;
  /// `apart`: rules with too many inputs become their ways.
  [[nodiscard]] RuleGroup compile(ExprPool& pool, const std::vector<SourceRule>& rules,
                                  bool apart) const;
  [[nodiscard]] CompiledRule compile_way(std::uint32_t rule, const Way& way) const;
  [[nodiscard]] CompiledRule compile_rule(const SourceRule& rule, Expr input_guard,
                                          std::span<const InputId> listed, unsigned max_bits) const;

  const TransitionSystem& system_;
  const Layout& layout_;
  Tuning tuning_;
  std::unique_ptr<ExprPool> pool_;  // what the rules need and nothing else
  std::vector<SourceRule> rules_;
  std::vector<ControlField> control_;
  unsigned key_bits_ = 0;
  RuleGroup general_;
  std::mutex mutex_;  // guards what follows
  std::map<std::uint64_t, Combination> combinations_;
  std::size_t groups_ = 0;
};

}  // namespace airlock::explicit_state
