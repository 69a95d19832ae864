// Expanding batches of states: every successor of every state, in columns.
//
// A batch is at most `lanes` states of one rule group. First the parts of all guards that depend on
// the state alone are evaluated over the batch; then each rule that fires somewhere is run on the
// states where it does, gathered together so that no lane is wasted. Where a rule has inputs, what
// does not depend on them is computed once, and the states are repeated over the lanes with
// successive input values, so that columns are full even when the frontier is a single state.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <span>
#include <vector>

#include "checker/engine.hpp"
#include "checker/explore/packing.hpp"
#include "checker/explore/program.hpp"
#include "checker/explore/rules.hpp"
#include "checker/explore/sequence.hpp"

namespace airlock::explicit_state {

/// Whether to give up; shared by the threads of a search.
class StopSignal {
 public:
  explicit StopSignal(const EngineContext& context) : context_(context) {}
  /// Asks the context, and remembers.
  bool check() {
    if (!stopped() && context_.should_stop()) {
      stopped_.store(true, std::memory_order_relaxed);
    }
    return stopped();
  }
  [[nodiscard]] bool stopped() const { return stopped_.load(std::memory_order_relaxed); }

 private:
  const EngineContext& context_;
  std::atomic<bool> stopped_{false};
};

/// Some successors by one rule: per lane, the state it came from and the state it leads to.
struct Successors {
  const CompiledRule* rule = nullptr;
  std::size_t lanes = 0;
  const Word* guard = nullptr;        ///< per lane; null: the rule fires in all of them
  std::span<const Word* const> from;  ///< columns, one per word
  std::span<const Word* const> to;    ///< columns, one per word
  std::size_t states = 0;             ///< lane i has input index first_input + i / states
  std::uint64_t first_input = 0;
};
using SuccessorSink = std::function<void(const Successors&)>;

/// What expansion counts.
struct ExpansionCounts {
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  std::uint64_t transitions = 0;
  std::uint64_t deadlocks = 0;
  std::uint32_t too_wide_rule = none;  ///< the first rule that fires but has too many inputs
  void add(const ExpansionCounts& other);
};

/// One per thread.
class Expander {
 public:
  Expander(RuleTable& table, const Layout& layout, StopSignal& stop);

  /// Starts on the states `begin`..`end` of `states`, which may grow meanwhile.
  void start(const StateSequence& states, std::size_t begin, std::size_t end);
  /// Expands another batch; false when there are none left. The sink's argument is valid during the
  /// call. Returns early, with part of the work undone, once the signal says stop.
  bool step(const SuccessorSink& sink);
  /// Expands the zero state by `group` (RuleTable::initial).
  void expand_zero(const RuleGroup& group, const SuccessorSink& sink);

  ExpansionCounts counts;
  /// Per rule of the system: whether it has fired in some state.
  std::vector<std::uint8_t> rules_fired;

 private:
  struct Work {
    const RuleGroup* group;
    std::size_t begin;  // in order_
    std::size_t end;
  };
  void group_run();
  std::uint32_t dense_number(std::uint64_t key);
  void load(const Work& work, std::size_t count);
  void expand(const RuleGroup& group, std::size_t count, const SuccessorSink& sink);
  void run_rule(const CompiledRule& rule, std::size_t count, const SuccessorSink& sink);
  void gather(std::size_t count);
  void report(const CompiledRule& rule, std::size_t states, std::size_t count, std::uint64_t first,
              const SuccessorSink& sink);

  RuleTable& table_;
  const Layout& layout_;
  StopSignal& stop_;
  const StateSequence* states_ = nullptr;
  std::size_t next_ = 0;
  std::size_t end_ = 0;
  // The current run of states, ordered by group.
  std::size_t run_begin_ = 0;
  std::vector<std::uint32_t> order_;
  std::vector<Work> work_;
  // Numbers for the control keys met.
  std::vector<std::uint32_t> direct_;
  std::map<std::uint64_t, std::uint32_t> sparse_;
  std::vector<std::uint64_t> keys_;
  std::vector<std::uint32_t> numbers_;
  // The current batch.
  std::vector<Word> batch_;  // words x lanes
  std::array<std::uint32_t, lanes> selected_{};
  std::array<std::uint8_t, lanes> fired_{};
  Frame guards_;
  Frame frame_;
  std::vector<const Word*> from_;
  std::vector<const Word*> to_;
};

}  // namespace airlock::explicit_state
