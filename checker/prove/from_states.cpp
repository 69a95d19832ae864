// Invariants read off the reachable states.
//
// Where explicit search has visited every state, "unreachable" needs no further proof to be true,
// but it does to be believed: a certificate is an inductive invariant that others can check. The
// set of all reachable states, R, is one, but nobody could read or check it. What is wanted is
// something larger and shorter between R and the target.
//
// PDR looks for it without knowing R, and spends most of its questions on finding out what is
// reachable: frames, obligations that turn out to be reachable, lemmas that hold for k steps and
// not for k + 1. With R at hand, all of that goes away. The invariant is a set of clauses, at first
// empty, each of which is true in all of R. While some state of the invariant is a target state, or
// steps out of it (a counterexample to induction), that state is not in R, and neither is any state
// of the cube that it is lifted to. A smallest part of the cube is looked for in which there is no
// state of R, by looking at R, not by asking the solver; its negation is the next clause.
//
// Every clause is true in R, so none is ever taken back; the invariant only becomes stronger, so a
// clause that is kept by every step stays kept and is asked about until then and never again. It
// ends, since R itself is inductive and there are finitely many clauses. This is the ICE learning
// of P. Garg, C. Loeding, P. Madhusudan and D. Neider (CAV 2014) with the luxury that all positive
// examples are known beforehand, so that every counterexample is a negative one; and Houdini
// (C. Flanagan, K. Leino, FME 2001) turned round: from too few facts upwards, instead of from too
// many guesses downwards. A fact that nothing asks for is never considered.
//
// Which part of the cube? One literal, if no state of R at this location has it: a constant. Else
// two of them: most relations between registers, and between the two halves of a product, are
// implications of bits. Of several pairs, the one that is impossible at most locations, because
// chances are that it is the real reason and not an accident. Else literals are dropped one after
// the other. That R is kept in columns (a word is one bit of 64 states) makes each such question an
// AND of a few words; on the worlds of specs/kvm that is a tenth of the time, and Z3 has the rest.
//
// Nothing rests on R being right: check_invariant decides. If it were wrong, a counterexample would
// be found among its states, which is an error of the search that made it.
#include "checker/prove/from_states.hpp"

#include <algorithm>
#include <cassert>
#include <deque>
#include <stdexcept>

#include "checker/prove/invariant.hpp"
#include "checker/prove/prove.hpp"
#include "checker/prove/step_queries.hpp"

namespace airlock {
namespace {

constexpr std::size_t word_bits = 64;

}  // namespace

StateColumns::StateColumns(const TransitionSystem& system, MemoryBudget* budget,
                           std::uint64_t max_bytes)
    : system_(system), budget_(budget), max_bytes_(max_bytes) {
  for (const Variable& variable : system.variables) {
    first_column_.push_back(columns_);
    columns_ += variable.sort.width();
  }
}

StateColumns::~StateColumns() {
  if (budget_ != nullptr) {
    budget_->give_back(charged_);
  }
}

void StateColumns::add(const State& state) {
  std::vector<std::uint64_t> control;
  for (const VarId id : system_.control) {
    control.push_back(state[id]);
  }
  Group& group = groups_[control];
  group.columns.resize(columns_);
  group.waiting.push_back(state);
  ++group.states;
  ++size_;
  if (group.waiting.size() == word_bits) {
    flush(group);
  }
}

void StateColumns::finish() {
  for (auto& [control, group] : groups_) {
    flush(group);
  }
}

void StateColumns::flush(Group& group) {
  if (group.waiting.empty()) {
    return;
  }
  const std::uint64_t bytes = 2 * sizeof(std::uint64_t) * columns_;  // vectors grow by doubling
  if (charged_ + bytes > max_bytes_) {
    throw OverBudget();
  }
  if (budget_ != nullptr) {
    budget_->take(bytes);
  }
  charged_ += bytes;
  for (VarId id = 0; id < first_column_.size(); ++id) {
    for (unsigned bit = 0; bit < system_.variables[id].sort.width(); ++bit) {
      std::uint64_t word = 0;
      for (std::size_t i = 0; i < group.waiting.size(); ++i) {
        word |= ((group.waiting[i][id] >> bit) & 1U) << i;
      }
      group.columns[column(id, bit)].push_back(word);
    }
  }
  group.waiting.clear();
}

namespace prove {
namespace {

/// The states of R at one location of the control flow graph.
class StatesHere {
 public:
  void add(const StateColumns::Group& group) { groups_.push_back(&group); }
  [[nodiscard]] bool none() const { return groups_.empty(); }

  /// No state is in the cube, whose literals are (column, value).
  [[nodiscard]] bool none_in(const std::vector<std::pair<unsigned, bool>>& cube) const {
    return std::all_of(groups_.begin(), groups_.end(),
                       [&](const StateColumns::Group* group) { return none_in(*group, cube); });
  }

 private:
  static bool none_in(const StateColumns::Group& group,
                      const std::vector<std::pair<unsigned, bool>>& cube) {
    const std::size_t words = (group.states + word_bits - 1) / word_bits;
    for (std::size_t i = 0; i < words; ++i) {
      const std::size_t left = group.states - i * word_bits;
      std::uint64_t all = left < word_bits ? (std::uint64_t{1} << left) - 1 : ~std::uint64_t{0};
      for (const auto& [column, value] : cube) {
        const std::uint64_t word = group.columns[column][i];
        all &= value ? word : ~word;
      }
      if (all != 0) {
        return false;
      }
    }
    return true;
  }

  std::vector<const StateColumns::Group*> groups_;
};

class FromStates {
 public:
  FromStates(const TransitionSystem& system, Expr target, const StateColumns& states,
             const EngineContext& context)
      : system_(system),
        context_(context),
        graph_(control_graph(system, target)),
        bits_(system, graph_),
        frames_(graph_),
        queries_(system, graph_, bits_, frames_, context),
        here_(graph_.locations.size()) {
    for (const Location& location : graph_.locations) {
      level_ = std::max(level_, location.distance + 1);
    }
    for (std::uint32_t bit = 0; bit < bits_.size(); ++bit) {
      const BitMap::Place place = bits_.place(bit);
      columns_.push_back(states.column(place.variable, place.bit));
    }
    for (const auto& [control, group] : states.groups()) {
      here_[location_of(control)].add(group);
    }
  }

  void run(Outcome& outcome) {
    for (LocationId location = 0; location < here_.size(); ++location) {
      if (here_[location].none()) {
        learn(location, {});
      }
    }
    for (LocationId location = 0; location < here_.size(); ++location) {
      while (const auto bad = queries_.bad_state(location, level_)) {
        exclude(*bad);
        keep_all();
      }
    }
    keep_all();
    outcome.answer = Reachability::unreachable;
    outcome.clauses = frames_.size();
    outcome.queries = queries_.queries();
    outcome.by_place = frame_invariant(system_, graph_, bits_, frames_, level_);
    outcome.invariant = expression_of(system_, *outcome.by_place);
  }

 private:
  using Columns = std::vector<std::pair<unsigned, bool>>;
  struct Learned {
    LocationId location;
    Cube cube;  ///< in which there is no state; empty: there is none at the location
  };

  /// The graph may split by fewer control variables than the system has, the first ones.
  LocationId location_of(const std::vector<std::uint64_t>& control) const {
    for (LocationId id = 0; id < graph_.locations.size(); ++id) {
      const std::vector<std::uint64_t>& values = graph_.locations[id].values;
      bool same = true;
      for (std::size_t i = 0; i < values.size() && same; ++i) {
        const auto at =
            std::find(system_.control.begin(), system_.control.end(), graph_.control[i]);
        same = control[static_cast<std::size_t>(at - system_.control.begin())] == values[i];
      }
      if (same) {
        return id;
      }
    }
    throw std::logic_error("a state is at a location that the control flow graph does not reach");
  }

  void learn(LocationId location, const Cube& cube) {
    frames_.add(location, cube, Lemma::forever);
    queries_.add_lemma(location, cube, Lemma::forever);
    open_.push_back({location, cube});
  }

  /// Until every step keeps every clause.
  void keep_all() {
    while (!open_.empty()) {
      const Learned learned = std::move(open_.front());
      open_.pop_front();
      if (is_in_force(learned)) {
        keep(learned);
      }
      if (context_.progress) {
        context_.progress({"proof", open_.size(), frames_.size()});
      }
    }
  }

  /// Not so if a stronger clause has taken its place.
  [[nodiscard]] bool is_in_force(const Learned& learned) const {
    const std::vector<Lemma>& lemmas = frames_.lemmas(learned.location);
    return learned.cube.empty() ||
           std::any_of(lemmas.begin(), lemmas.end(),
                       [&](const Lemma& lemma) { return lemma.cube == learned.cube; });
  }

  void keep(const Learned& learned) {
    Refutation unused;
    const std::vector<std::uint32_t> groups = queries_.into(learned.location);
    for (const std::uint32_t group : groups) {
      while (const auto before = queries_.step_into(group, level_, learned.cube, unused)) {
        exclude(*before);
      }
    }
  }

  void exclude(const Predecessor& state) {
    learn(state.location, smallest_part(state.location, state.cube));
  }

  // --- looking at the states --------------------------------------------------------------------

  [[nodiscard]] bool none_in(LocationId location, const Cube& cube) const {
    Columns columns;
    for (const Literal literal : cube) {
      columns.emplace_back(columns_[bit_of(literal)], sign_of(literal));
    }
    return here_[location].none_in(columns);
  }

  /// In how many locations that are reached.
  [[nodiscard]] std::size_t spread(const Cube& cube) const {
    std::size_t count = 0;
    for (LocationId location = 0; location < here_.size(); ++location) {
      count += !here_[location].none() && none_in(location, cube) ? 1U : 0U;
    }
    return count;
  }

  [[nodiscard]] Cube smallest_part(LocationId location, const Cube& cube) const {
    if (!none_in(location, cube)) {
      throw std::logic_error("a reachable state steps to where no reachable state is");
    }
    for (const Literal literal : cube) {
      if (none_in(location, {literal})) {
        return {literal};
      }
    }
    const Cube pair = best_pair(location, cube);
    return pair.empty() ? shortened(location, cube) : pair;
  }

  [[nodiscard]] Cube best_pair(LocationId location, const Cube& cube) const {
    Cube best;
    std::size_t most = 0;
    for (std::size_t i = 0; i < cube.size(); ++i) {
      for (std::size_t j = i + 1; j < cube.size(); ++j) {
        const Cube pair{cube[i], cube[j]};
        if (none_in(location, pair)) {
          const std::size_t count = spread(pair);
          if (count > most) {
            most = count;
            best = pair;
          }
        }
      }
    }
    return best;
  }

  [[nodiscard]] Cube shortened(LocationId location, Cube cube) const {
    for (std::size_t i = cube.size(); i-- > 0;) {
      Cube shorter = cube;
      shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
      if (none_in(location, shorter)) {
        cube = std::move(shorter);
      }
    }
    return cube;
  }

  const TransitionSystem& system_;
  const EngineContext& context_;
  ControlGraph graph_;
  BitMap bits_;
  Frames frames_;
  StepQueries queries_;
  std::uint32_t level_ = 1;        // at which no location is closed for being too far away
  std::vector<unsigned> columns_;  // by data bit
  std::vector<StatesHere> here_;   // by location
  std::deque<Learned> open_;
};

}  // namespace
}  // namespace prove

Outcome prove_from_states(const TransitionSystem& system, Expr target, const StateColumns& states,
                          const EngineContext& context) {
  return prove::run_engine("proof", context, [&](Outcome& outcome) {
    prove::FromStates(system, target, states, context).run(outcome);
    prove::require_invariant(system, target, outcome.invariant, context);
  });
}

}  // namespace airlock
