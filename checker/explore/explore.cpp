// Breadth-first search over explicit states.
//
// The oldest algorithm of model checking (Clarke, Emerson, Sistla; Holzmann's SPIN, Dill's Murphi,
// and today Rumur and LTSmin), and for systems of up to some hundred million states still the
// fastest. Breadth first rather than depth first, because the first path found to a target is then
// a shortest one, and because a level is a large set of states to be treated alike: everything here
// works on batches. What distinguishes this search from its relatives is explained where it is
// done:
//
//   packing.hpp    states as a word or two of bits
//   program.hpp    rules evaluated in columns by an interpreter instead of generated C
//   rules.hpp      rules specialised to the control state
//   ways.hpp       rules with many inputs, taken apart
//   visited.hpp    an exact and compact set of states
//   exchange.hpp   successors sorted before they are looked up, and dealt out to threads
//   path.hpp       paths without parent links
//
// Threads: each owns the states whose hash falls to it, as in Stern and Dill's "Parallelizing the
// Murphi Verifier" (CAV 1997). A level is worked off in rounds: every thread expands states of its
// own and sorts the successors; then every thread takes in what is addressed to it.
// Nothing is locked, and one thread is the same code without the waiting. What a level contains,
// and so every number and path reported, does not depend on how many threads there are, nor on the
// order in which they run. LTSmin's shared table scales to more cores (Laarman et al., FMCAD 2010),
// at the price of compare-and-swap on every probe and of nondeterministic parents.
//
// Exactness: states are compared whole; all values of all inputs are tried; where that is too
// many, where memory or time runs out, the answer is "unknown" with the reason.
#include "checker/explore/explore.hpp"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "checker/explore/checkpoint.hpp"
#include "checker/explore/exchange.hpp"
#include "checker/explore/expand.hpp"
#include "checker/explore/parallel.hpp"
#include "checker/explore/path.hpp"
#include "checker/explore/quotient_counter.hpp"
#include "checker/explore/recheck.hpp"
#include "checker/explore/search.hpp"
#include "checker/explore/space.hpp"
#include "checker/explore/targets.hpp"
#include "model/system/input_error.hpp"
#include "model/system/interpreter.hpp"

namespace airlock::explicit_state {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t max_jobs = 256;
constexpr std::size_t round_words = std::size_t{1} << 18U;  // successors for others, per round
constexpr std::size_t round_batches = 1024;
constexpr std::size_t small_level = 4096;  // states for which threads are not worth starting

class Search {
 public:
  Search(const TransitionSystem& system, std::span<const Expr> targets,
         const EngineContext& context, const ExploreOptions& options,
         const std::function<void(const State&)>& visit, const RuleTable::Tuning& tuning)
      : system_(system),
        targets_(targets),
        context_(context),
        options_(options),
        visit_(visit),
        jobs_(std::clamp<std::size_t>(context.jobs, 1, max_jobs)),
        layout_(system),
        table_(system, layout_, tuning),
        target_program_(layout_, targets),
        stop_(context_),
        budget_(context.memory != nullptr ? context.memory : &own_budget_),
        forget_(targets.empty() && options.checkpoint.empty()) {
    result_.outcomes.resize(targets.size());
  }

  ExploreResult run() {
    try {
      for (std::size_t i = 0; i < jobs_; ++i) {
        shards_.push_back(std::make_unique<Shard>(layout_.words(), budget_));
        expanders_.push_back(std::make_unique<Expander>(table_, layout_, stop_));
      }
      visited_.emplace(layout_, budget_);
      exchange_.emplace(layout_, *visited_, shards_, budget_);
      done_.resize(jobs_);
      if (options_.control_quotient && options_.resume.empty() &&
          QuotientCounter::can_count(system_)) {
        counters_.assign(jobs_, QuotientCounter(system_, layout_));
      }
      explore_levels();
    } catch (const OverBudget&) {
      give_up("out of memory: the limit is reached");
    } catch (const std::bad_alloc&) {
      give_up("out of memory");
    }
    take_stock();
    try {
      find_evidence_late();
    } catch (const std::bad_alloc&) {
      give_up("out of memory");
    }
    finish();
    return std::move(result_);
  }

 private:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(Clock::now() - start_).count();
  }

  void give_up(const std::string& reason) {
    if (result_.reason.empty()) {
      result_.reason = reason;
    }
  }

  /// What was done, and what is left to do.
  void take_stock() {
    result_.visited_bytes = visited_ ? visited_->bytes() : 0;
    result_.peak_bytes = budget_->peak();
    result_.bits = layout_.bits();
    result_.states = count_states();
    if (!result_.complete && whole_) {
      for (const auto& shard : shards_) {
        result_.frontier += shard->states.size() - shard->level_begin(whole_->level);
      }
      save();
    } else if (result_.complete) {
      // With the level that turned out to be empty: to resume this is to be told the result.
      whole_ = Whole{level_, result_.transitions, result_.deadlocks};
      save();
    }
  }

  // --- levels ---------------------------------------------------------------------------------

  void explore_levels() {
    if (!seed()) {
      return;
    }
    if (!options_.resume.empty() && !stop_.stopped()) {
      resume();
    }
    for (;; ++level_) {
      if (stop_.stopped()) {
        return give_up(why_stopped());
      }
      const std::size_t found = level_size();
      if (found == 0) {
        result_.complete = result_.reason.empty();
        return;
      }
      if (result_.reason.empty()) {
        begin_level();
      }
      end_level();
      if (!result_.reason.empty()) {
        return;
      }
      find_evidence_early();
      if (enough()) {
        return give_up(options_.enough ? "enough was seen before all states were visited"
                                       : "every target was reached before all states were visited");
      }
      for (auto& shard : shards_) {
        shard->levels.push_back(shard->states.size());
      }
      expand_level(found);
    }
  }

  [[nodiscard]] bool enough() {
    const bool all_decided = decided_ == targets_.size();
    if (options_.enough) {
      gather_fired();
      return options_.enough({result_.fired, count_states(), all_decided});
    }
    return options_.stop_when_decided && !targets_.empty() && all_decided;
  }

  void gather_fired() {
    result_.fired.assign(system_.rules.size(), false);
    for (const auto& expander : expanders_) {
      for (std::size_t r = 0; r < expander->rules_fired.size(); ++r) {
        result_.fired[r] = result_.fired[r] || expander->rules_fired[r] != 0;
      }
    }
  }

  [[nodiscard]] std::string why_stopped() const {
    const bool cancelled =
        context_.cancelled != nullptr && context_.cancelled->load(std::memory_order_relaxed);
    return cancelled ? "cancelled" : "out of time";
  }

  [[nodiscard]] std::size_t level_size() const {
    std::size_t size = 0;
    for (const auto& shard : shards_) {
      size += shard->level_end(level_) - shard->level_begin(level_);
    }
    return size;
  }

  [[nodiscard]] std::uint64_t count_states() const {
    std::uint64_t count = 0;
    for (const auto& shard : shards_) {
      count += shard->states.size();
    }
    return count;
  }

  /// The initial states, as level 0; false if they are too many.
  bool seed() {
    const RuleGroup initial = table_.initial();
    if (initial.too_wide) {
      give_up("the initial states have " + std::to_string(initial.rules[0].inputs.bits()) +
              " bits of choices, more than the " + std::to_string(max_initial_input_bits) +
              " that can be enumerated");
      return false;
    }
    for (auto& shard : shards_) {
      shard->levels.push_back(0);
    }
    expanders_[0]->expand_zero(initial,
                               [this](const Successors& s) { exchange_->collect(0, s, true); });
    expanders_[0]->counts = {};
    std::fill(expanders_[0]->rules_fired.begin(), expanders_[0]->rules_fired.end(), 0);
    exchange_->deliver_all();
    return true;
  }

  // --- checkpoints ----------------------------------------------------------------------------

  void resume() {
    const SavedSearch saved =
        read_checkpoint(options_.resume, identity_of(system_, targets_, layout_), targets_.size(),
                        layout_, *exchange_, shards_, level_);
    exchange_->fit(count_states());
    if (const auto flaw = recheck(saved, shards_, level_, *exchange_, *expanders_[0], stop_)) {
      doctored(*flaw);
    }
    expanders_[0]->counts.transitions = result_.transitions = saved.transitions;
    expanders_[0]->counts.deadlocks = result_.deadlocks = saved.deadlocks;
    for (const SavedSearch::Reached& reached : saved.reached) {
      if (evaluate(targets_[reached.target], layout_.unpack(reached.goal.state.data())) == 0) {
        doctored("a target is not where it says");
      }
      note_reached(reached);
    }
    if (level_ > 0 &&
        level_size() == 0) {  // a search that was complete: its deepest level is the one before
      result_.depth = level_ - 1;
    }
  }

  /// A checkpoint says what no search can have found.
  [[noreturn]] void doctored(const std::string& how) const {
    throw InputError({options_.resume, 0, 0}, "the checkpoint is damaged: " + how, {},
                     whole_checkpoint);
  }

  /// Nothing is missing from this level: a point to which a search can return. The first is saved
  /// as well: that a checkpoint cannot be written is better known at once.
  void begin_level() {
    result_.depth = level_;
    whole_ = Whole{level_, result_.transitions, result_.deadlocks};
    if (options_.checkpoint.empty() ||
        (last_save_ && seconds() - *last_save_ < options_.checkpoint_interval)) {
      return;
    }
    const bool first = !last_save_;
    save();
    if (first && !result_.checkpoint_error.empty()) {
      throw InputError({options_.checkpoint, 0, 0}, result_.checkpoint_error, {},
                       "the name of a file that can be written");
    }
  }

  /// The levels up to the last whole one, without what has been found of the next.
  void save() {
    if (options_.checkpoint.empty() || !whole_) {
      return;
    }
    SavedSearch search;
    search.identity = identity_of(system_, targets_, layout_);
    search.transitions = whole_->transitions;
    search.deadlocks = whole_->deadlocks;
    for (const SavedSearch::Reached& reached : reached_) {
      if (reached.goal.level < whole_->level) {
        search.reached.push_back(reached);
      }
    }
    try {
      write_checkpoint(options_.checkpoint, search, layout_, shards_, whole_->level);
      result_.checkpoint_error.clear();
    } catch (const std::bad_alloc&) {
      result_.checkpoint_error = "out of memory";
    } catch (const std::runtime_error& error) {
      result_.checkpoint_error = error.what();
    }
    last_save_ = seconds();
  }

  /// The level has all its states: looks for targets among them and shows them to the visitor.
  void end_level() {
    std::vector<Hits> hits(jobs_, Hits(targets_.size()));
    if (decided_ < targets_.size()) {
      in_parallel(jobs_, level_size() < small_level, [&](std::size_t i) {
        const Shard& shard = *shards_[i];
        find_targets(layout_, target_program_, shard.states, shard.level_begin(level_),
                     shard.level_end(level_), hits[i]);
      });
    }
    for (std::size_t i = 1; i < jobs_; ++i) {
      merge_hits(hits[0], hits[i]);
    }
    for (std::size_t t = 0; t < targets_.size(); ++t) {
      if (result_.outcomes[t].answer == Reachability::unknown && !hits[0][t].empty()) {
        note_reached({t, count_states(), {hits[0][t], level_}});
      }
    }
    if (!counters_.empty()) {
      in_parallel(jobs_, level_size() < small_level, [this](std::size_t t) {
        const Shard& shard = *shards_[t];
        for (std::size_t s = shard.level_begin(level_); s < shard.level_end(level_); ++s) {
          counters_[t].add_state(shard.states[s], level_ == 0);
        }
      });
    }
    if (visit_) {
      for (const auto& shard : shards_) {
        for (std::size_t i = shard->level_begin(level_); i < shard->level_end(level_); ++i) {
          visit_(layout_.unpack(shard->states[i]));
        }
      }
    }
    report_progress();
  }

  void note_reached(const SavedSearch::Reached& reached) {
    Outcome& outcome = result_.outcomes[reached.target];
    outcome.answer = Reachability::reachable;
    outcome.depth = reached.goal.level;
    outcome.states = reached.states;
    outcome.seconds = seconds();
    goals_.push_back(reached.goal);
    goal_targets_.push_back(reached.target);
    reached_.push_back(reached);
    ++decided_;
  }

  void report_progress() {
    const auto now = Clock::now();
    if (context_.progress && now - last_progress_ >= std::chrono::milliseconds(250)) {
      last_progress_ = now;
      context_.progress({"explore", level_, count_states()});
    }
  }

  // --- rounds ---------------------------------------------------------------------------------

  void expand_level(std::size_t size) {
    const bool alone = size < small_level;
    for (std::size_t i = 0; i < jobs_; ++i) {
      const Shard& shard = *shards_[i];
      expanders_[i]->start(shard.states, shard.level_begin(level_), shard.level_end(level_));
      done_[i] = 0;
    }
    exchange_->fit(count_states());
    bool done = false;
    while (!done && !stop_.stopped()) {
      in_parallel(jobs_, alone, [this](std::size_t i) { expand_round(i); });
      done = std::all_of(done_.begin(), done_.end(), [](std::uint64_t each) { return each != 0; });
      in_parallel(jobs_, alone, [&](std::size_t i) { exchange_->deliver(i, done); });
      report_progress();
    }
    if (forget_) {
      for (auto& shard : shards_) {
        shard->states.forget_before(shard->level_end(level_));
      }
    }
    ExpansionCounts counts;
    for (const auto& expander : expanders_) {
      counts.add(expander->counts);
    }
    result_.transitions = counts.transitions;
    result_.deadlocks = counts.deadlocks;
    if (counts.too_wide_rule != ExpansionCounts::none) {
      give_up("rule '" + system_.rules[counts.too_wide_rule].name + "' has more than " +
              std::to_string(max_input_bits) + " bits of choices and " + std::to_string(max_ways) +
              " ways");
    }
  }

  /// Expands states of shard `i` until there is enough to hand over.
  void expand_round(std::size_t i) {
    const SuccessorSink sink = [this, i](const Successors& s) {
      if (!counters_.empty()) {
        counters_[i].add(s);
      }
      exchange_->collect(i, s, false);
    };
    for (std::size_t batches = 0;
         batches < round_batches && exchange_->foreign_words(i) < round_words; ++batches) {
      if (!expanders_[i]->step(sink)) {
        done_[i] = 1;
        return;
      }
    }
  }

  // --- answers --------------------------------------------------------------------------------

  /// Paths to the targets that have none yet, unless time is up.
  void find_evidence() {
    if (goals_.empty() || stop_.check()) {
      return;
    }
    const double begin = seconds();
    std::vector<std::optional<Path>> paths;
    try {
      paths = find_paths(table_, layout_, shards_, stop_, goals_);
    } catch (const NoPredecessor&) {
      if (!options_.resume.empty()) {
        doctored("nothing leads to one of its states");
      }
      throw;
    }
    for (std::size_t g = 0; g < goals_.size(); ++g) {
      result_.outcomes[goal_targets_[g]].path = std::move(paths[g]);
    }
    if (!stop_.stopped()) {
      goals_.clear();
      goal_targets_.clear();
    }
    path_seconds_ += seconds() - begin;
  }

  /// A path costs up to as much as the search so far. If that is little, or little has been spent
  /// on paths yet, it is found at once, so that running out of time later does not lose it; else
  /// several targets wait for each other.
  void find_evidence_early() {
    if (path_seconds_ <= seconds() / 4) {
      find_evidence();
    }
  }

  void find_evidence_late() {
    if (exchange_) {
      exchange_->clear();
      visited_->clear();
    }
    find_evidence();
  }

  void finish() {
    gather_fired();
    if (result_.complete && !counters_.empty()) {
      result_.quotient = QuotientCounter::sum(system_, counters_);
    }
    for (Outcome& outcome : result_.outcomes) {
      outcome.engine = "explore";
      if (outcome.answer == Reachability::reachable && outcome.path) {
        outcome.shortest = true;
        continue;
      }
      if (outcome.answer == Reachability::reachable) {
        // Without its path it would be a claim without evidence.
        outcome.reason = "a path of " + std::to_string(outcome.depth) + " steps exists, but " +
                         (stop_.stopped() ? why_stopped() : result_.reason) +
                         " before it was reconstructed";
        outcome.answer = Reachability::unknown;
      }
      outcome.states = result_.states;
      outcome.depth = result_.depth;
      outcome.seconds = seconds();
      if (result_.complete && outcome.reason.empty()) {
        outcome.answer = Reachability::unreachable;
      } else if (outcome.reason.empty()) {
        outcome.reason = result_.reason;
      }
    }
  }

  const TransitionSystem& system_;
  std::span<const Expr> targets_;
  const EngineContext& context_;
  const ExploreOptions& options_;
  const std::function<void(const State&)>& visit_;
  std::size_t jobs_;
  Layout layout_;
  RuleTable table_;
  TargetProgram target_program_;
  StopSignal stop_;
  MemoryBudget own_budget_;
  MemoryBudget* budget_;
  bool forget_;  // states once they have been expanded
  Shards shards_;
  std::vector<std::unique_ptr<Expander>> expanders_;
  std::vector<QuotientCounter> counters_;  // per thread, if asked for
  std::optional<VisitedSet> visited_;
  std::optional<Exchange> exchange_;
  std::vector<std::uint64_t> done_;  // per thread: with its part of the level
  std::size_t level_ = 0;
  /// A level of which every state has been found, and what had been counted before it.
  struct Whole {
    std::size_t level;
    std::uint64_t transitions;
    std::uint64_t deadlocks;
  };
  std::optional<Whole> whole_;
  std::optional<double> last_save_;
  std::vector<SavedSearch::Reached> reached_;
  std::size_t decided_ = 0;  // targets reached
  std::vector<Goal> goals_;  // reached, without a path yet
  std::vector<std::size_t> goal_targets_;
  double path_seconds_ = 0;
  ExploreResult result_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_progress_ = start_;
};

}  // namespace

ExploreResult search(const TransitionSystem& system, std::span<const Expr> targets,
                     const EngineContext& context, const ExploreOptions& options,
                     const std::function<void(const State&)>& visit,
                     const RuleTable::Tuning& tuning) {
  return Search(system, targets, context, options, visit, tuning).run();
}

}  // namespace airlock::explicit_state

namespace airlock {

ExploreResult explore(const TransitionSystem& system, std::span<const Expr> targets,
                      const EngineContext& context, const ExploreOptions& options,
                      const std::function<void(const State&)>& visit) {
  return explicit_state::search(system, targets, context, options, visit, {});
}

}  // namespace airlock
