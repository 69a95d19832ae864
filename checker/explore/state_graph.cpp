// The explicit state graph.
//
// The search of explore.cpp throws edges away as soon as it has seen where they lead; nothing else
// lets it reach 10^8 states. Questions about components and cuts need the edges. So this is a
// second, plain search on the same expander: states are numbered by a hash table of numbers (open
// addressing, linear probing, the states themselves in the sequence and compared whole), edges are
// gathered level by level and laid out by source in the usual compressed rows (CSR). Twelve bytes
// an edge while they are gathered, eight when they lie in rows. One thread, since numbers must not
// depend on how many there are, and since what comes after takes longer anyway.
#include "checker/explore/state_graph.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <new>
#include <optional>
#include <tuple>

#include "checker/explore/expand.hpp"
#include "checker/explore/mixer.hpp"
#include "checker/explore/rules.hpp"
#include "checker/explore/targets.hpp"
#include "checker/support/memory_budget.hpp"

namespace airlock {
using explicit_state::Word;

/// Memory taken, to be given back.
struct StateGraph::Storage {
  Storage(const TransitionSystem& system, MemoryBudget* shared)
      : budget(shared != nullptr ? shared : &own), layout(system), found(layout.words(), budget) {}
  ~Storage() { budget->give_back(charged); }
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;
  void charge(std::uint64_t bytes) {
    budget->take(bytes);
    charged += bytes;
  }

  MemoryBudget own;
  MemoryBudget* budget;
  std::uint64_t charged = 0;
  explicit_state::Layout layout;
  explicit_state::StateSequence found;
};

class StateGraphBuilder {
 public:
  StateGraphBuilder(StateGraph& graph, const TransitionSystem& system, Expr target,
                    const EngineContext& context, const StateGraphOptions& options)
      : graph_(graph),
        storage_(*graph.storage_),
        system_(system),
        options_(options),
        stop_(context),
        table_(system, storage_.layout, {}),
        expander_(table_, storage_.layout, stop_),
        row_(storage_.layout.words()) {
    if (target.valid()) {
      const std::vector<Expr> targets{target};
      target_.emplace(storage_.layout, targets);
    }
  }

  void run() {
    try {
      search();
      if (graph_.reason_.empty()) {
        lay_out();
      }
    } catch (const OverBudget&) {
      graph_.reason_ = "out of memory: the limit is reached";
    } catch (const std::bad_alloc&) {
      graph_.reason_ = "out of memory";
    }
  }

 private:
  using Id = StateGraph::Id;
  struct Edge {
    Id from;
    Id to;
    std::uint32_t rule;
    friend bool operator<(const Edge& a, const Edge& b) {
      return std::tie(a.from, a.rule, a.to) < std::tie(b.from, b.rule, b.to);
    }
    friend bool operator==(const Edge& a, const Edge& b) {
      return a.from == b.from && a.rule == b.rule && a.to == b.to;
    }
  };
  static constexpr Id none = std::numeric_limits<Id>::max();
  static constexpr std::size_t edges_at_once = std::size_t{1} << 18U;

  void search() {
    slots_.assign(std::size_t{1} << 12U, none);
    storage_.charge(slots_.size() * sizeof(Id));
    const explicit_state::RuleGroup initial = table_.initial();
    if (initial.too_wide) {
      graph_.reason_ = "the initial states have too many choices to be enumerated";
      return;
    }
    expander_.expand_zero(initial, [this](const auto& s) {
      for_each(s, [&](std::size_t lane) { (void)number_of(s.to, lane, true); });
    });
    if (stop_.stopped()) {  // some initial states are missing, perhaps all
      graph_.reason_ = "out of time";
      return;
    }
    graph_.initial_ = static_cast<Id>(storage_.found.size());
    expander_.counts = {};
    std::size_t begin = 0;
    while (begin < storage_.found.size() && graph_.reason_.empty()) {
      const std::size_t end = storage_.found.size();
      mark_targets(begin, end);
      expand(begin, end);
      begin = end;
    }
  }

  void mark_targets(std::size_t begin, std::size_t end) {
    graph_.in_target_.resize(end, false);
    if (target_) {
      explicit_state::for_each_hit(
          storage_.layout, *target_, 1, storage_.found, begin, end,
          [this](std::size_t, std::size_t i) { graph_.in_target_[i] = true; });
    }
  }

  void expand(std::size_t begin, std::size_t end) {
    expander_.start(storage_.found, begin, end);
    const std::size_t before = edges_.size();
    while (graph_.reason_.empty() && expander_.step([this](const auto& s) { collect(s); })) {
      if (edges_.size() > options_.max_edges) {
        unique_from(before);
      }
      if (edges_.size() > options_.max_edges) {
        graph_.reason_ = "more than " + std::to_string(options_.max_edges) + " transitions";
      }
    }
    if (stop_.stopped()) {
      graph_.reason_ = "out of time";
    }
    if (expander_.counts.too_wide_rule != explicit_state::ExpansionCounts::none) {
      graph_.reason_ = "rule '" + system_.rules[expander_.counts.too_wide_rule].name +
                       "' has too many choices to be enumerated";
    }
    unique_from(before);
  }

  void unique_from(std::size_t before) {
    const auto begin = edges_.begin() + static_cast<std::ptrdiff_t>(before);
    std::sort(begin, edges_.end());
    edges_.erase(std::unique(begin, edges_.end()), edges_.end());
  }

  template <class F>
  static void for_each(const explicit_state::Successors& s, F f) {
    for (std::size_t lane = 0; lane < s.lanes; ++lane) {
      if (s.guard == nullptr || s.guard[lane] != 0) {
        f(lane);
      }
    }
  }

  void collect(const explicit_state::Successors& s) {
    for_each(s, [&](std::size_t lane) {
      const Id from = number_of(s.from, lane, false);
      if (options_.stop_at_target && graph_.in_target_[from]) {
        return;
      }
      reserve_edge();
      edges_.push_back({from, number_of(s.to, lane, true), s.rule->index});
    });
  }

  /// Grows by pieces that are asked for: the edge, its place in the rows, and while the old piece
  /// is copied, that one too.
  void reserve_edge() {
    if (edges_.size() == edges_.capacity()) {
      const std::size_t more = std::max(edges_at_once, edges_.size() / 2);
      storage_.charge(more * 2 * sizeof(Edge));
      edges_.reserve(edges_.size() + more);
    }
  }

  /// The number of the state in this lane, which is added if it is new.
  Id number_of(std::span<const Word* const> columns, std::size_t lane, [[maybe_unused]] bool add) {
    for (std::size_t w = 0; w < row_.size(); ++w) {
      row_[w] = columns[w][lane];
    }
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = explicit_state::hash_state(row_.data(), row_.size()) & mask;
    for (; slots_[slot] != none; slot = (slot + 1) & mask) {
      if (std::equal(row_.begin(), row_.end(), storage_.found[slots_[slot]])) {
        return slots_[slot];
      }
    }
    assert(add && "edges begin at states that are there");
    const auto id = static_cast<Id>(storage_.found.size());
    storage_.found.append(row_.data());
    slots_[slot] = id;
    if (storage_.found.size() * 2 > slots_.size()) {
      grow();
    }
    return id;
  }

  void grow() {
    storage_.charge(slots_.size() * 2 * sizeof(Id));  // the new one: the old one goes later
    std::vector<Id> larger(slots_.size() * 2, none);
    const std::size_t mask = larger.size() - 1;
    for (const Id id : slots_) {
      if (id != none) {
        std::size_t slot = explicit_state::hash_state(storage_.found[id], row_.size()) & mask;
        while (larger[slot] != none) {
          slot = (slot + 1) & mask;
        }
        larger[slot] = id;
      }
    }
    slots_ = std::move(larger);
  }

  /// Levels come one after the other and are sorted within: the edges are in order already.
  void lay_out() {
    const std::size_t states = storage_.found.size();
    assert(std::is_sorted(edges_.begin(), edges_.end()));
    storage_.charge((states + 1) * sizeof(std::uint32_t));
    graph_.first_.assign(states + 1, 0);
    graph_.to_.reserve(edges_.size());
    graph_.rule_.reserve(edges_.size());
    for (const Edge& edge : edges_) {
      ++graph_.first_[edge.from + 1];
      graph_.to_.push_back(edge.to);
      graph_.rule_.push_back(edge.rule);
    }
    for (std::size_t i = 0; i < states; ++i) {
      graph_.first_[i + 1] += graph_.first_[i];
    }
  }

  StateGraph& graph_;
  StateGraph::Storage& storage_;
  const TransitionSystem& system_;
  StateGraphOptions options_;
  explicit_state::StopSignal stop_;
  explicit_state::RuleTable table_;
  explicit_state::Expander expander_;
  std::optional<explicit_state::TargetProgram> target_;
  std::vector<Word> row_;
  std::vector<Id> slots_;
  std::vector<Edge> edges_;
};

StateGraph::StateGraph(const TransitionSystem& system, Expr target, const EngineContext& context,
                       const StateGraphOptions& options) {
  try {
    storage_ = std::make_unique<Storage>(system, context.memory);
    StateGraphBuilder(*this, system, target, context, options).run();
  } catch (const std::bad_alloc&) {
    reason_ = "out of memory";
  }
}

StateGraph::~StateGraph() = default;
StateGraph::StateGraph(StateGraph&&) noexcept = default;
StateGraph& StateGraph::operator=(StateGraph&&) noexcept = default;

State StateGraph::state(Id id) const {
  return storage_->layout.unpack(storage_->found[id]);
}

void StateGraph::charge(std::uint64_t bytes) {
  storage_->charge(bytes);
}

}  // namespace airlock
