// One small incremental solver per source location.
//
// In IC3 on control flow automata (Lange, Neuhaeusser, Noll 2015) a cube belongs to a location and
// is asked about edge by edge. Here all edges between the same two locations form one group and one
// question: interrupts and guest instructions make dozens of loops at one location, and one
// question with a selector per edge is cheaper than dozens. Within a solver everything is behind an
// assumption literal: the group, a lemma's level, the initial states, the clause of relative
// induction. A bit's value after the step is a literal too: the current bit itself where no edge of
// the group writes it, the copied bit where a register is copied, a constant where it is set, and a
// fresh literal defined on demand otherwise. So a cube costs assumptions, not clauses, and the
// solver's core names the literals of the cube that mattered.
//
// The clause of relative induction is the one thing that is thrown away after each question; after
// some hundred of them a solver is built anew from its permanent formulas and the live lemmas.
#include "checker/prove/step_queries.hpp"

#include <algorithm>
#include <cassert>

namespace airlock::prove {
namespace {

constexpr unsigned max_garbage = 100;

bool is_literal(const z3::expr& e) {
  return e.is_const() || (e.is_not() && e.arg(0).is_const());
}

}  // namespace

StepQueries::StepQueries(const TransitionSystem& system, const ControlGraph& graph,
                         const BitMap& bits, const Frames& frames, const EngineContext& context)
    : system_(system),
      graph_(graph),
      bits_(bits),
      frames_(frames),
      context_(context),
      watchdog_(z3_, context),
      gates_(z3_),
      translate_(gates_,
                 [this](Expr leaf) {
                   if (leaf.op() == Op::input) {
                     return gates_.fresh(leaf.sort(), "c" + std::to_string(leaf.index()));
                   }
                   Bits result;
                   for (unsigned bit = 0; bit < leaf.width(); ++bit) {
                     result.push_back(current_[bits_.number(leaf.index(), bit)]);
                   }
                   return result;
                 }),
      translate_initial_(gates_,
                         [this](Expr leaf) {
                           assert(leaf.op() == Op::input);
                           return gates_.fresh(leaf.sort(), "i" + std::to_string(leaf.index()));
                         }),
      in_initial_(z3_.bool_const("initial")) {
  for (std::uint32_t i = 0; i < bits_.size(); ++i) {
    current_.push_back(z3_.bool_const(("b" + std::to_string(i)).c_str()));
    const BitMap::Place place = bits_.place(i);
    const Expr value = graph_.initial_values[place.variable];
    const Expr bit_value = value.is_bool() ? value : bit(value, place.bit);
    initial_.push_back(bit_value.is_constant() ? std::optional<bool>(bit_value.value() == 1)
                                               : std::nullopt);
  }
  into_.resize(graph_.locations.size());
  std::map<std::pair<LocationId, LocationId>, std::uint32_t> ids;
  for (std::uint32_t e = 0; e < graph_.edges.size(); ++e) {
    const Edge& edge = graph_.edges[e];
    const auto [found, is_new] = ids.emplace(std::pair(edge.source, edge.target),
                                             static_cast<std::uint32_t>(groups_.size()));
    if (is_new) {
      groups_.push_back({edge.source, edge.target, {}});
      into_[edge.target].push_back(found->second);
      const std::string name = "g" + std::to_string(found->second);
      encoded_.push_back({z3_.bool_const(name.c_str()), {}, {}});
      encoded_.back().next.resize(bits_.size());
    }
    groups_[found->second].edges.push_back(e);
  }
  for (LocationId location = 0; location < graph_.locations.size(); ++location) {
    solvers_.push_back({make_small_solver(z3_), {}, {}, {}, 0});
    create_solver(location);
  }
}

void StepQueries::assert_permanently(LocationId location, const z3::expr& formula) {
  if (!gates_.is_true(formula)) {
    solvers_[location].permanent.push_back(formula);
    solvers_[location].solver.add(formula);
  }
}

void StepQueries::create_solver(LocationId location) {
  for (std::uint32_t id = 0; id < groups_.size(); ++id) {
    if (groups_[id].source != location) {
      continue;
    }
    Group& group = encoded_[id];
    for (const std::uint32_t e : groups_[id].edges) {
      const z3::expr selector = groups_[id].edges.size() == 1
                                    ? group.chosen
                                    : z3_.bool_const(("s" + std::to_string(e)).c_str());
      group.selectors.push_back(selector);
      assert_permanently(location, gates_.disjoin(gates_.negate(selector),
                                                  translate_.boolean(graph_.edges[e].guard)));
    }
    if (group.selectors.size() > 1) {
      assert_permanently(location, !group.chosen || gates_.any(group.selectors));
    }
  }
  assert_initial(location);
}

void StepQueries::assert_initial(LocationId location) {
  if (!graph_.locations[location].initial) {
    return;
  }
  std::vector<z3::expr> facts{
      translate_initial_.boolean(graph_.locations[location].initial_condition)};
  for (std::uint32_t i = 0; i < bits_.size(); ++i) {
    const BitMap::Place place = bits_.place(i);
    const z3::expr value = translate_initial_(graph_.initial_values[place.variable])[place.bit];
    facts.push_back(gates_.same(current_[i], value));
  }
  ExprPool& pool = *graph_.pool;
  Rewriter at_location(pool, [&](Expr leaf) {
    const auto found = std::find(graph_.control.begin(), graph_.control.end(), leaf.index());
    if (leaf.op() == Op::input || found == graph_.control.end()) {
      return leaf;
    }
    const auto position = static_cast<std::size_t>(found - graph_.control.begin());
    return pool.constant(leaf.sort(), graph_.locations[location].values[position]);
  });
  facts.push_back(translate_.boolean(at_location(graph_.initial_constraint)));
  for (const z3::expr& fact : facts) {
    assert_permanently(location, gates_.disjoin(!in_initial_, fact));
  }
}

void StepQueries::rebuild(LocationId location) {
  Solver& mine = solvers_[location];
  mine.solver = make_small_solver(z3_);
  mine.garbage = 0;
  for (const z3::expr& formula : mine.permanent) {
    mine.solver.add(formula);
  }
  for (const Lemma& lemma : frames_.lemmas(location)) {
    mine.solver.add(guarded_clause(lemma.level, lemma.cube));
  }
}

z3::expr StepQueries::level_literal(std::uint32_t level) {
  while (level_literals_.size() <= level) {
    level_literals_.push_back(
        z3_.bool_const(("level" + std::to_string(level_literals_.size())).c_str()));
  }
  return level_literals_[level];
}

z3::expr StepQueries::guarded_clause(std::uint32_t level, const Cube& cube) {
  return level == Lemma::forever ? clause_against(cube)
                                 : !level_literal(level) || clause_against(cube);
}

z3::expr StepQueries::literal(Literal literal) const {
  return sign_of(literal) ? current_[bit_of(literal)] : !current_[bit_of(literal)];
}

z3::expr StepQueries::clause_against(const Cube& cube) const {
  std::vector<z3::expr> terms;
  for (const Literal one : cube) {
    terms.push_back(literal(one ^ 1U));
  }
  return gates_.any(terms);
}

void StepQueries::add_lemma(LocationId location, const Cube& cube, std::uint32_t level) {
  if (!cube.empty()) {
    solvers_[location].solver.add(guarded_clause(level, cube));
  }
}

Bits StepQueries::updated(const Edge& edge, VarId variable) {
  for (const Update& update : edge.updates) {
    if (update.variable == variable) {
      return translate_(update.value);
    }
  }
  return translate_(graph_.pool->variable(system_.variables[variable].sort, variable));
}

z3::expr StepQueries::define_next(std::uint32_t group, std::uint32_t bit) {
  const BitMap::Place place = bits_.place(bit);
  const EdgeGroup& edges = groups_[group];
  std::vector<z3::expr> values;
  for (const std::uint32_t e : edges.edges) {
    values.push_back(updated(graph_.edges[e], place.variable)[place.bit]);
  }
  const bool all_same = std::all_of(values.begin(), values.end(),
                                    [&](const z3::expr& v) { return z3::eq(v, values[0]); });
  if (all_same && is_literal(values[0])) {
    return values[0];
  }
  const std::string name = "n" + std::to_string(group) + "." + std::to_string(bit);
  const z3::expr next = z3_.bool_const(name.c_str());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const z3::expr is_value = gates_.same(next, values[i]);
    assert_permanently(edges.source,
                       all_same ? is_value : !encoded_[group].selectors[i] || is_value);
    if (all_same) {
      break;
    }
  }
  return next;
}

z3::expr StepQueries::next_literal(std::uint32_t group, std::uint32_t bit) {
  std::optional<z3::expr>& next = encoded_[group].next[bit];
  if (!next) {
    next = define_next(group, bit);
  }
  return *next;
}

void StepQueries::assume_frame(LocationId location, std::uint32_t level,
                               z3::expr_vector& assumptions, Assumed& levels) {
  const auto assume = [&](const z3::expr& term, std::uint32_t meaning) {
    assumptions.push_back(term);
    levels.emplace_back(Z3_get_ast_id(z3_, term), meaning);
  };
  if (level == 0) {
    assert(graph_.locations[location].initial);
    assume(in_initial_, 0);
    return;
  }
  std::vector<bool> present;
  for (const Lemma& lemma : frames_.lemmas(location)) {
    if (lemma.level != Lemma::forever) {
      present.resize(std::max<std::size_t>(present.size(), lemma.level + 1));
      present[lemma.level] = true;
    }
  }
  for (std::uint32_t i = level; i < present.size(); ++i) {
    if (present[i] && (only_ == nullptr || (*only_)[i])) {
      assume(level_literal(i), i);
    }
  }
}

bool StepQueries::ask(LocationId location, const z3::expr_vector& assumptions) {
  ++queries_;
  return satisfiable(solvers_[location].solver, assumptions, context_);
}

/// Assumes that `cube` holds after a step through `group`; false if that is plainly impossible.
bool StepQueries::assume_cube_after(std::uint32_t group, const Cube& cube,
                                    z3::expr_vector& assumptions, Assumed& literals,
                                    Refutation& refutation) {
  for (const Literal one : cube) {
    const z3::expr next = next_literal(group, bit_of(one));
    if (gates_.is_true(next) || gates_.is_false(next)) {
      if (gates_.is_true(next) != sign_of(one)) {
        refutation.core.push_back(one);
        return false;
      }
      continue;
    }
    const z3::expr wanted = sign_of(one) ? next : gates_.negate(next);
    const z3::expr opposite = gates_.negate(wanted);
    // Two bits that become copies of one. Z3 4.8.12 answers opposite assumptions with unsat and an
    // empty core, which would say that nothing of the cube is needed.
    const unsigned opposite_id = Z3_get_ast_id(z3_, opposite);
    const auto clash = std::find_if(literals.begin(), literals.end(),
                                    [&](const auto& pair) { return pair.first == opposite_id; });
    if (clash != literals.end()) {
      refutation.core.push_back(clash->second);
      refutation.core.push_back(one);
      return false;
    }
    assumptions.push_back(wanted);
    literals.emplace_back(Z3_get_ast_id(z3_, wanted), one);
  }
  return true;
}

std::optional<Predecessor> StepQueries::step_into(std::uint32_t id, std::uint32_t level,
                                                  const Cube& cube, Refutation& refutation) {
  const EdgeGroup& group = groups_[id];
  if (frames_.closed(group.source, level)) {
    refutation.holds = std::min(refutation.holds, frames_.open_from(group.source) - 1);
    return std::nullopt;
  }
  z3::expr_vector assumptions(z3_);
  Assumed literals;
  Assumed levels;
  if (!assume_cube_after(id, cube, assumptions, literals, refutation)) {
    return std::nullopt;
  }
  assumptions.push_back(encoded_[id].chosen);
  assume_frame(group.source, level, assumptions, levels);
  if (ask(group.source, assumptions)) {
    Predecessor found = explain(id, level, cube);
    auto& order = into_[group.target];
    std::rotate(order.begin(), std::find(order.begin(), order.end(), id),
                std::find(order.begin(), order.end(), id) + 1);
    if (group.source != group.target || !contains(cube, found.state)) {
      return found;
    }
    // Only now does relative induction matter, and its clause is worth the trouble.
    if (auto other = step_beside(id, level, cube, assumptions)) {
      return other;
    }
  }
  use_core(group.source, literals, levels, refutation);
  return std::nullopt;
}

/// The same question with the cube itself excluded. The solver's core is left for use_core.
std::optional<Predecessor> StepQueries::step_beside(std::uint32_t id, std::uint32_t level,
                                                    const Cube& cube,
                                                    z3::expr_vector& assumptions) {
  const LocationId location = groups_[id].source;
  Solver& mine = solvers_[location];
  if (++mine.garbage > max_garbage) {
    rebuild(location);
  }
  const z3::expr temporary = z3_.bool_const(("t" + std::to_string(fresh_++)).c_str());
  mine.solver.add(!temporary || clause_against(cube));
  assumptions.push_back(temporary);
  std::optional<Predecessor> result;
  if (ask(location, assumptions)) {
    result = explain(id, level, cube);
  }
  return result;
}

void StepQueries::use_core(LocationId location, const Assumed& literals, const Assumed& levels,
                           Refutation& refutation) {
  for (const z3::expr& reason : solvers_[location].solver.unsat_core()) {
    const unsigned ast = Z3_get_ast_id(z3_, reason);
    const auto is_it = [&](const auto& pair) { return pair.first == ast; };
    const auto literal = std::find_if(literals.begin(), literals.end(), is_it);
    if (literal != literals.end()) {
      refutation.core.push_back(literal->second);
    }
    const auto level = std::find_if(levels.begin(), levels.end(), is_it);
    if (level != levels.end()) {
      refutation.holds = std::min(refutation.holds, level->second);
      refutation.levels.push_back(level->second);
    }
  }
}

std::optional<Predecessor> StepQueries::bad_state(LocationId location, std::uint32_t level,
                                                  Refutation* refutation) {
  const Expr target = graph_.locations[location].bad;
  if (target.is_false() || frames_.closed(location, level)) {
    return std::nullopt;
  }
  std::optional<z3::expr>& bad = solvers_[location].bad;
  if (!bad) {
    bad = z3_.bool_const("bad");
    assert_permanently(location, gates_.disjoin(!*bad, translate_.boolean(target)));
  }
  z3::expr_vector assumptions(z3_);
  assumptions.push_back(*bad);
  Assumed levels;
  assume_frame(location, level, assumptions, levels);
  if (!ask(location, assumptions)) {
    if (refutation != nullptr) {
      use_core(location, {}, levels, *refutation);
    }
    return std::nullopt;
  }
  assignment_.read(solvers_[location].solver);
  Predecessor result;
  result.location = location;
  result.state = read_state();
  if (level == 0) {
    result.initial_inputs = read_initial_inputs();
  }
  const State values = word_state(result.state);
  const std::vector<std::uint64_t> no_inputs;
  justifier_.begin(values, no_inputs);
  justifier_.require(target, 1);
  if (justifier_.value(target) != 1) {
    throw std::logic_error("pdr: Z3's assignment to a target state is none");
  }
  result.cube = reasons_as_cube(values);
  return result;
}

bool StepQueries::surely_disjoint_from_initial(LocationId location, const Cube& cube) const {
  return !graph_.locations[location].initial ||
         std::any_of(cube.begin(), cube.end(), [&](Literal one) {
           return initial_[bit_of(one)] && *initial_[bit_of(one)] != sign_of(one);
         });
}

bool StepQueries::disjoint_from_initial(LocationId location, const Cube& cube, Cube* core) {
  if (!graph_.locations[location].initial) {
    if (core != nullptr) {
      core->clear();
    }
    return true;
  }
  std::vector<std::pair<unsigned, Literal>> assumed;
  z3::expr_vector assumptions(z3_);
  assumptions.push_back(in_initial_);
  for (const Literal one : cube) {
    if (initial_[bit_of(one)] && *initial_[bit_of(one)] != sign_of(one)) {
      if (core != nullptr) {
        *core = {one};
      }
      return true;
    }
    assumptions.push_back(literal(one));
    assumed.emplace_back(Z3_get_ast_id(z3_, assumptions.back()), one);
  }
  if (ask(location, assumptions)) {
    return false;
  }
  if (core != nullptr) {
    core->clear();
    for (const z3::expr& reason : solvers_[location].solver.unsat_core()) {
      const unsigned ast = Z3_get_ast_id(z3_, reason);
      for (const auto& [id, one] : assumed) {
        if (id == ast) {
          core->push_back(one);
        }
      }
    }
    std::sort(core->begin(), core->end());
  }
  return true;
}

}  // namespace airlock::prove
