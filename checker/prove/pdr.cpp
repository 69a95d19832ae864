// Property-directed reachability, IC3.
//
// Frames F_0 = initial states, F_1, ..., F_N over-approximate the states reachable within that many
// steps. A target state in F_N becomes a proof obligation: show that it is not reachable in N
// steps. It is discharged by a lemma (a generalisation of it that has no predecessor in F_{N-1}) or
// passed on to a predecessor one frame below; an obligation at F_0 is a path. When F_N is free of
// target states, lemmas that still hold one step later move up, and if two neighbouring frames are
// equal, they are an inductive invariant.
//
//   A. Bradley, SAT-Based Model Checking without Unrolling, VMCAI 2011.
//   N. Een, A. Mishchenko, R. Brayton, Efficient Implementation of Property Directed Reachability,
//     FMCAD 2011: frames as deltas, lifting, obligations in a queue.
//   Z. Hassan, A. Bradley, F. Somenzi, Better Generalization in IC3, FMCAD 2013: counterexamples to
//     generalisation (CTGs) are blocked rather than obeyed.
//   T. Lange, M. Neuhaeusser, T. Noll, IC3 Software Model Checking on Control Flow Automata,
//     FMCAD 2015: frames per program location.
//
// This version differs in five ways, all because a world is a program: few locations, many rules,
// registers that are copied about.
//  - Everything is per location, and edges are grouped by (source, target): step_queries.cpp. A
//    frame starts at its location's distance in the control flow graph: frames.cpp.
//  - Lifting is justification on expressions, without a query: justify.cpp.
//  - A discharged obligation is rescheduled one frame up when the frontier moves, and not at once:
//    Een et al. do that to find deep counterexamples early. So every path found at frontier N has
//    length N, and as all frontiers below were cleared of target states, it is shortest.
//  - A sample of reachable states says beforehand which cubes cannot be blocked: samples.cpp.
//  - A lemma that fails to move up remembers the state that stopped it and is not asked about again
//    until some lemma excludes that state.
//
// What is returned does not rest on any of this: a path is replayed by the reference interpreter,
// an invariant is checked by check_invariant, with a solver of its own.
#include <algorithm>
#include <cassert>
#include <deque>
#include <numeric>
#include <stdexcept>

#include "checker/prove/invariant.hpp"
#include "checker/prove/prove.hpp"
#include "checker/prove/samples.hpp"
#include "checker/prove/step_queries.hpp"

namespace airlock {
namespace prove {
namespace {

constexpr unsigned max_ctg_depth = 1;
constexpr unsigned max_ctgs = 3;

class Pdr {
 public:
  Pdr(const TransitionSystem& system, Expr target, const EngineContext& context)
      : system_(system),
        target_(target),
        context_(context),
        graph_(control_graph(system, target)),
        bits_(system, graph_),
        frames_(graph_),
        samples_(system, graph_, bits_),
        queries_(system, graph_, bits_, frames_, context) {}

  void run(Outcome& outcome) {
    for (std::uint32_t frontier = 0;; ++frontier) {
      outcome.depth = frontier;
      frontier_ = frontier;
      samples_.extend(frontier);
      report();
      count(outcome);
      if (std::optional<Path> path = clear_frontier()) {
        confirm_path(system_, target_, *path);
        outcome.answer = Reachability::reachable;
        outcome.path = std::move(path);
        outcome.shortest = true;
        count(outcome);
        return;
      }
      if (const std::optional<std::uint32_t> level = propagate()) {
        outcome.answer = Reachability::unreachable;
        count(outcome);
        outcome.by_place = frame_invariant(system_, graph_, bits_, frames_, *level + 1);
        outcome.invariant = expression_of(system_, *outcome.by_place);
        return;
      }
    }
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  /// States that are `distance` steps away from the target.
  struct Obligation {
    Predecessor bad;  ///< its cube is to be blocked, at its location
    std::uint32_t distance;
    std::size_t next;  ///< the obligation that its step leads to, in `obligations_`; none: target
  };

  void report() const {
    if (context_.progress) {
      context_.progress({"pdr", frontier_, frames_.size()});
    }
  }

  void count(Outcome& outcome) const {
    outcome.clauses = frames_.size();
    outcome.queries = queries_.queries();
  }

  /// Blocks every target state of the frontier frame, or finds a path to one.
  std::optional<Path> clear_frontier() {
    if (std::optional<Path> path = reschedule()) {
      return path;
    }
    for (LocationId location = 0; location < graph_.locations.size(); ++location) {
      while (std::optional<Predecessor> bad = queries_.bad_state(location, frontier_)) {
        obligations_.push_back({std::move(*bad), 0, none});
        if (std::optional<Path> path = block(obligations_.size() - 1)) {
          return path;
        }
      }
    }
    return std::nullopt;
  }

  /// What was discharged below the last frontier is due again, those nearest to the initial states
  /// first.
  std::optional<Path> reschedule() {
    std::vector<std::size_t> due(obligations_.size());
    std::iota(due.begin(), due.end(), std::size_t{0});
    std::stable_sort(due.begin(), due.end(), [this](std::size_t a, std::size_t b) {
      return obligations_[a].distance > obligations_[b].distance;
    });
    for (const std::size_t each : due) {
      if (std::optional<Path> path = block(each)) {
        return path;
      }
    }
    return std::nullopt;
  }

  /// Discharges one obligation, or finds a path. Each on the stack was found as a predecessor of
  /// the one below it.
  std::optional<Path> block(std::size_t root) {
    std::vector<std::size_t> stack{root};
    while (!stack.empty()) {
      const std::size_t top = stack.back();
      const Obligation& obligation = obligations_[top];
      const std::uint32_t level = frontier_ - obligation.distance;
      if (level == 0) {
        return path_from(top);
      }
      if (frames_.blocks(obligation.bad.location, obligation.bad.cube, level)) {
        stack.pop_back();
        continue;
      }
      Blocked blocked;
      if (std::optional<Predecessor> before =
              predecessor(obligation.bad.location, obligation.bad.cube, level, &blocked)) {
        obligations_.push_back({std::move(*before), obligation.distance + 1, top});
        stack.push_back(obligations_.size() - 1);
        continue;
      }
      stack.pop_back();
      learn(obligation.bad.location, std::move(blocked), level, 0);
    }
    return std::nullopt;
  }

  Path path_from(std::size_t first) const {
    Path path;
    path.initial_inputs = obligations_[first].bad.initial_inputs;
    for (std::size_t i = first; obligations_[i].next != none; i = obligations_[i].next) {
      path.steps.push_back(obligations_[i].bad.step);
    }
    return path;
  }

  /// A part of a cube that can take its place as a lemma of this level.
  struct Blocked {
    Cube cube;
    std::uint32_t level = 0;
  };

  /// A state of the frame below `level`, outside `cube`, that steps into `cube`. If there is none,
  /// `blocked` says what can be learned, at `level` or, where that is just as certain, above.
  std::optional<Predecessor> predecessor(LocationId location, const Cube& cube, std::uint32_t level,
                                         Blocked* blocked) {
    Refutation refutation;
    const std::vector<std::uint32_t> groups = queries_.into(location);
    for (const std::uint32_t group : groups) {
      if (auto found = queries_.step_into(group, level - 1, cube, refutation)) {
        return found;
      }
    }
    Cube core = std::move(refutation.core);
    std::sort(core.begin(), core.end());
    core.erase(std::unique(core.begin(), core.end()), core.end());
    keep_initial_out(location, cube, &core);
    blocked->cube = std::move(core);  // last: `cube` may be what is replaced
    blocked->level = refutation.holds == Lemma::forever ? Lemma::forever
                                                        : std::min(refutation.holds, frontier_) + 1;
    assert(blocked->level >= level);
    return std::nullopt;
  }

  /// Adds literals of `cube`, which holds no initial state, until the same is true of `core`.
  void keep_initial_out(LocationId location, const Cube& cube, Cube* core) {
    if (queries_.surely_disjoint_from_initial(location, *core) ||
        (!core->empty() && queries_.disjoint_from_initial(location, *core))) {
      return;
    }
    Cube reason;
    if (!queries_.disjoint_from_initial(location, cube, &reason)) {
      throw std::logic_error("pdr: an obligation above frame 0 holds an initial state");
    }
    Cube joined;
    std::set_union(core->begin(), core->end(), reason.begin(), reason.end(),
                   std::back_inserter(joined));
    *core = std::move(joined);
  }

  /// `blocked` has no predecessor in the frame below `level`: generalises it, moves it up as far as
  /// it goes, and makes it a lemma.
  void learn(LocationId location, Blocked blocked, std::uint32_t level, unsigned depth) {
    Blocked lemma = generalise(location, std::move(blocked), level, depth);
    while (lemma.level < frontier_ && !samples_.reach(location, lemma.cube, lemma.level + 1) &&
           !predecessor(location, lemma.cube, lemma.level + 1, &lemma)) {
    }
    add_lemma(location, lemma);
  }

  void add_lemma(LocationId location, const Blocked& lemma) {
    frames_.add(location, lemma.cube, lemma.level);
    queries_.add_lemma(location, lemma.cube, lemma.level);
  }

  /// Drops literals one after the other, as long as the rest can be blocked at `level`.
  Blocked generalise(LocationId location, Blocked lemma, std::uint32_t level, unsigned depth) {
    for (std::size_t i = lemma.cube.size(); i-- > 0;) {
      if (i >= lemma.cube.size()) {
        continue;
      }
      Cube shorter = lemma.cube;
      shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
      if (auto better = down(location, std::move(shorter), level, depth)) {
        lemma = std::move(*better);
      }
    }
    return lemma;
  }

  /// Tries to block `cube` at `level`. Counterexamples are blocked one level below, a few times;
  /// where that fails, the part of the cube that they share is tried.
  std::optional<Blocked> down(LocationId location, Cube cube, std::uint32_t level, unsigned depth) {
    unsigned ctgs = 0;
    while (!samples_.reach(location, cube, level) &&
           queries_.disjoint_from_initial(location, cube)) {
      Blocked blocked;
      const std::optional<Predecessor> before = predecessor(location, cube, level, &blocked);
      if (!before) {
        return blocked;
      }
      if (depth >= max_ctg_depth) {
        return std::nullopt;
      }
      if (ctgs < max_ctgs && block_counterexample(*before, level - 1, depth)) {
        ++ctgs;
        continue;
      }
      ctgs = 0;
      if (before->location != location) {
        return std::nullopt;
      }
      assert(!contains(cube, before->state));
      Cube shared;
      for (const Literal literal : cube) {
        if (before->state[bit_of(literal)] == sign_of(literal)) {
          shared.push_back(literal);
        }
      }
      cube = std::move(shared);
    }
    return std::nullopt;
  }

  bool block_counterexample(const Predecessor& state, std::uint32_t level, unsigned depth) {
    if (level == 0 || samples_.reach(state.location, state.cube, level) ||
        !queries_.disjoint_from_initial(state.location, state.cube)) {
      return false;
    }
    Blocked blocked;
    if (predecessor(state.location, state.cube, level, &blocked)) {
      return false;
    }
    learn(state.location, std::move(blocked), level, depth + 1);
    return true;
  }

  /// Moves lemmas up to the frame above the frontier. Returns a level whose frame equals the next.
  std::optional<std::uint32_t> propagate() {
    for (std::uint32_t level = 1; level <= frontier_; ++level) {
      for (LocationId location = 0; location < graph_.locations.size(); ++location) {
        propagate(location, level);
      }
      if (frames_.converged(level)) {
        return level;
      }
    }
    return std::nullopt;
  }

  void propagate(LocationId location, std::uint32_t level) {
    if (frames_.open_from(location) == level + 1) {
      raise(location, {}, level);  // perhaps the location is not reachable at all
    }
    std::vector<Cube> candidates;
    for (const Lemma& lemma : frames_.lemmas(location)) {
      if (lemma.level == level && !still_stopped(lemma)) {
        candidates.push_back(lemma.cube);
      }
    }
    for (const Cube& cube : candidates) {
      if (!frames_.blocks(location, cube, level + 1)) {
        raise(location, cube, level);
      }
    }
  }

  bool still_stopped(const Lemma& lemma) const {
    return lemma.witness &&
           !frames_.excludes(lemma.witness->source, lemma.witness->state, lemma.level);
  }

  /// Moves a lemma of `level` up, as far as one query says.
  void raise(LocationId location, const Cube& cube, std::uint32_t level) {
    if (samples_.reach(location, cube, level + 1)) {
      return;
    }
    Blocked higher;
    const auto before = predecessor(location, cube, level + 1, &higher);
    if (!before) {
      add_lemma(location, higher);
      return;
    }
    for (Lemma& lemma : frames_.lemmas(location)) {
      if (lemma.cube == cube) {
        lemma.witness = Witness{before->location, before->state};
      }
    }
  }

  const TransitionSystem& system_;
  Expr target_;
  const EngineContext& context_;
  ControlGraph graph_;
  BitMap bits_;
  Frames frames_;
  Samples samples_;
  StepQueries queries_;
  std::deque<Obligation> obligations_;  // all that were ever found
  std::uint32_t frontier_ = 0;
};

}  // namespace
}  // namespace prove

Outcome pdr(const TransitionSystem& system, Expr target, const EngineContext& context) {
  return prove::run_engine("pdr", context, [&](Outcome& outcome) {
    prove::Pdr(system, target, context).run(outcome);
    if (outcome.answer == Reachability::unreachable) {
      prove::require_invariant(system, target, outcome.invariant, context);
    }
  });
}

}  // namespace airlock
