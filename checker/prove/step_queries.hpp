// PDR's questions to the solver, all about one step between two locations. Internal to
// checker/prove.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "checker/prove/frames.hpp"
#include "checker/prove/justify.hpp"
#include "checker/prove/smt.hpp"

namespace airlock::prove {

/// All edges from one location to one other.
struct EdgeGroup {
  LocationId source;
  LocationId target;
  std::vector<std::uint32_t> edges;
};

/// A state that steps into a cube, with all states like it.
struct Predecessor {
  LocationId location = 0;
  BitState state;
  Cube cube;  ///< contains `state`; all its states take `step` into the cube asked about
  PathStep step{};
  std::vector<std::uint64_t> initial_inputs;  ///< if the question was about level 0
};

/// Why no state steps into a cube.
struct Refutation {
  Cube core;  ///< literals of the cube that suffice (unsorted, with repetitions)
  /// The highest frame for which it is known to be true as well: the lowest one whose lemmas were
  /// used. Lemma::forever if none was.
  std::uint32_t holds = Lemma::forever;
  std::vector<std::uint32_t> levels;  ///< all levels whose lemmas were used (with repetitions)
};

class StepQueries {
 public:
  /// All references are borrowed. `frames` gives the lemmas when a solver is rebuilt.
  StepQueries(const TransitionSystem& system, const ControlGraph& graph, const BitMap& bits,
              const Frames& frames, const EngineContext& context);

  [[nodiscard]] const std::vector<EdgeGroup>& groups() const { return groups_; }
  /// Groups that lead to `location`, those most likely to succeed first.
  [[nodiscard]] const std::vector<std::uint32_t>& into(LocationId location) const {
    return into_[location];
  }

  /// A state of frame `level`, outside `cube` if the group is a loop, that steps through `group`
  /// into `cube`. Nothing if there is none; then `refutation` is extended by why.
  std::optional<Predecessor> step_into(std::uint32_t group, std::uint32_t level, const Cube& cube,
                                       Refutation& refutation);
  /// A state of frame `level` at `location` where the target holds. Nothing if there is none; then
  /// `refutation`, if given, is extended by why.
  std::optional<Predecessor> bad_state(LocationId location, std::uint32_t level,
                                       Refutation* refutation = nullptr);
  /// From now on only lemmas whose level is true in `levels` count. Borrowed; null: all do.
  void use_only(const std::vector<bool>* levels) { only_ = levels; }
  /// No initial state is in `cube` at `location`. If so and `core` is given, it becomes a subset of
  /// `cube` for which that is still true.
  bool disjoint_from_initial(LocationId location, const Cube& cube, Cube* core = nullptr);
  /// The same, decided without the solver: true is certain, false is not.
  [[nodiscard]] bool surely_disjoint_from_initial(LocationId location, const Cube& cube) const;

  void add_lemma(LocationId location, const Cube& cube, std::uint32_t level);
  [[nodiscard]] std::uint64_t queries() const { return queries_; }

 private:
  struct Group {
    z3::expr chosen;                            // assumed: one of the edges is taken
    std::vector<z3::expr> selectors;            // per edge; single edges are chosen by `chosen`
    std::vector<std::optional<z3::expr>> next;  // by bit: a literal for its value after the step
  };
  struct Solver {
    z3::solver solver;
    std::vector<z3::expr> permanent;  // all but lemmas
    std::vector<std::uint32_t> group_ids;
    std::optional<z3::expr> bad;
    unsigned garbage = 0;
  };

  void create_solver(LocationId location);
  void assert_initial(LocationId location);
  void assert_permanently(LocationId location, const z3::expr& formula);
  void rebuild(LocationId location);
  z3::expr level_literal(std::uint32_t level);
  z3::expr guarded_clause(std::uint32_t level, const Cube& cube);
  z3::expr literal(Literal literal) const;
  z3::expr clause_against(const Cube& cube) const;
  z3::expr next_literal(std::uint32_t group, std::uint32_t bit);
  z3::expr define_next(std::uint32_t group, std::uint32_t bit);
  Bits updated(const Edge& edge, VarId variable);
  using Assumed = std::vector<std::pair<unsigned, std::uint32_t>>;  // term id, what it stands for
  void assume_frame(LocationId location, std::uint32_t level, z3::expr_vector& assumptions,
                    Assumed& levels);
  bool assume_cube_after(std::uint32_t group, const Cube& cube, z3::expr_vector& assumptions,
                         Assumed& literals, Refutation& refutation);
  std::optional<Predecessor> step_beside(std::uint32_t group, std::uint32_t level, const Cube& cube,
                                         z3::expr_vector& assumptions);
  void use_core(LocationId location, const Assumed& literals, const Assumed& levels,
                Refutation& refutation);
  bool ask(LocationId location, const z3::expr_vector& assumptions);
  BitState read_state() const;
  State word_state(const BitState& state) const;
  std::vector<std::uint64_t> read_initial_inputs();
  Predecessor explain(std::uint32_t group, std::uint32_t level, const Cube& cube);
  Predecessor lift(const Edge& edge, const Cube& cube, BitState state);
  Cube reasons_as_cube(const State& values);

  const TransitionSystem& system_;
  const ControlGraph& graph_;
  const BitMap& bits_;
  const Frames& frames_;
  const EngineContext& context_;
  const std::vector<bool>* only_ = nullptr;
  SolverContext owner_{context_};
  z3::context& z3_ = owner_.get();
  Watchdog watchdog_;
  Gates gates_;
  std::vector<z3::expr> current_;             // by bit number
  std::vector<std::optional<bool>> initial_;  // by bit number: the one initial value, if it is one
  Translator translate_;
  Translator translate_initial_;
  z3::expr in_initial_;
  std::vector<z3::expr> level_literals_;
  std::vector<EdgeGroup> groups_;
  std::vector<std::vector<std::uint32_t>> into_;
  std::vector<Group> encoded_;
  std::vector<Solver> solvers_;
  Assignment assignment_;
  Justifier justifier_;
  unsigned fresh_ = 0;
  std::uint64_t queries_ = 0;
};

}  // namespace airlock::prove
