// Unrolling, step by step, of a system whose steps are rules.
//
// One selector per rule says which rule fires in a step; exactly one does. A state's variables are
// fresh bits, tied to the state before by implications: the selectors that write one value to a
// variable, together, give it that value; if no selector writes it, it is kept. Rules that share an
// update (most do: interrupts clear the same flag) so share its clauses.
//
// The control flow graph keeps the unrolling thin: a step has only the rules that can fire at a
// location that is reachable in exactly that many steps and from which a target can still be
// reached, and each state carries the literals of its locations. When a target is assumed at depth
// k, every earlier state is told which locations can reach it in the steps that are left. This
// prunes most of the search before the SAT solver has made a decision.
#include "checker/prove/unroll.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

namespace airlock::prove {
namespace {

constexpr std::uint32_t never = std::numeric_limits<std::uint32_t>::max();

std::vector<std::uint32_t> distances_to_target(const ControlGraph& graph) {
  std::vector<std::vector<LocationId>> before(graph.locations.size());
  for (const Edge& edge : graph.edges) {
    before[edge.target].push_back(edge.source);
  }
  std::vector<std::uint32_t> distance(graph.locations.size(), never);
  std::vector<LocationId> queue;
  for (LocationId id = 0; id < graph.locations.size(); ++id) {
    if (!graph.locations[id].bad.is_false()) {
      distance[id] = 0;
      queue.push_back(id);
    }
  }
  for (std::size_t i = 0; i < queue.size(); ++i) {
    for (const LocationId id : before[queue[i]]) {
      if (distance[id] == never) {
        distance[id] = distance[queue[i]] + 1;
        queue.push_back(id);
      }
    }
  }
  return distance;
}

}  // namespace

Unrolling::Unrolling(const TransitionSystem& system, const ControlGraph& graph, z3::solver& solver,
                     const Gates& gates, Start start)
    : system_(system),
      graph_(graph),
      solver_(solver),
      gates_(gates),
      to_target_(distances_to_target(graph)),
      name_(start == Start::initial ? "i" : "a") {
  auto first = std::make_unique<Frame>();
  if (start == Start::initial) {
    start_initially(*first);
  } else {
    start_anywhere(*first);
  }
  finish(*first, 0);
  if (start == Start::initial && system_.initial_constraint.valid()) {
    add(first->translate->boolean(system_.initial_constraint));
  }
  frames_.push_back(std::move(first));
}

void Unrolling::add(const z3::expr& formula) {
  if (!gates_.is_true(formula)) {
    solver_.add(formula);
  }
}

Bits Unrolling::input_bits(std::map<InputId, Bits>& known, Expr input, const std::string& prefix) {
  const auto found = known.find(input.index());
  if (found != known.end()) {
    return found->second;
  }
  const Bits bits = gates_.fresh(input.sort(), prefix + std::to_string(input.index()));
  known.emplace(input.index(), bits);
  return bits;
}

void Unrolling::start_initially(Frame& first) {
  Translator translate(gates_, [&](Expr leaf) {
    assert(leaf.op() == Op::input);
    return input_bits(first.inputs, leaf, name_ + "init.c");
  });
  for (const Variable& variable : system_.variables) {
    first.state.push_back(translate(variable.initial));
  }
  for (const Location& location : graph_.locations) {
    first.possible.push_back(location.initial);
  }
}

void Unrolling::start_anywhere(Frame& first) {
  for (VarId id = 0; id < system_.variables.size(); ++id) {
    first.state.push_back(
        gates_.fresh(system_.variables[id].sort, name_ + "0.v" + std::to_string(id)));
  }
  first.possible.assign(graph_.locations.size(), true);
}

/// Gives a frame whose state is known its translator and its location literals.
void Unrolling::finish(Frame& frame, std::uint64_t depth) {
  Frame* here = &frame;
  const std::string prefix = name_ + std::to_string(depth) + ".c";
  frame.translate = std::make_unique<Translator>(gates_, [this, here, prefix](Expr leaf) {
    return leaf.op() == Op::variable ? here->state[leaf.index()]
                                     : input_bits(here->outgoing, leaf, prefix);
  });
  std::vector<z3::expr> some;
  for (LocationId id = 0; id < graph_.locations.size(); ++id) {
    if (!frame.possible[id]) {
      continue;
    }
    std::vector<z3::expr> equalities;
    for (std::size_t i = 0; i < graph_.control.size(); ++i) {
      equalities.push_back(
          gates_.equals(frame.state[graph_.control[i]], graph_.locations[id].values[i]));
    }
    z3::expr here_now = gates_.all(equalities);
    if (!gates_.is_true(here_now) && !gates_.is_false(here_now)) {
      const std::string name = name_ + std::to_string(depth) + ".at" + std::to_string(id);
      const z3::expr literal = gates_.context().bool_const(name.c_str());
      add(literal == here_now);
      here_now = literal;
    }
    frame.at.emplace(id, here_now);
    some.push_back(here_now);
  }
  add(gates_.any(some));
}

std::vector<std::uint32_t> Unrolling::rules_from(const std::vector<bool>& possible,
                                                 std::vector<bool>& next) const {
  std::vector<std::uint32_t> rules;
  next.assign(graph_.locations.size(), false);
  for (const Edge& edge : graph_.edges) {
    if (possible[edge.source] && to_target_[edge.target] != never) {
      next[edge.target] = true;
      rules.push_back(edge.rule);
    }
  }
  std::sort(rules.begin(), rules.end());
  rules.erase(std::unique(rules.begin(), rules.end()), rules.end());
  return rules;
}

bool Unrolling::extend() {
  Frame& here = *frames_.back();
  auto next = std::make_unique<Frame>();
  const std::vector<std::uint32_t> rules = rules_from(here.possible, next->possible);
  if (rules.empty()) {
    return false;
  }
  select_one(*next, rules);
  for (const auto& [rule, selector] : next->selectors) {
    add(gates_.disjoin(gates_.negate(selector),
                       here.translate->boolean(system_.rules[rule].guard)));
  }
  define_next_state(here, *next);
  next->inputs = here.outgoing;
  finish(*next, depth() + 1);
  frames_.push_back(std::move(next));
  return true;
}

/// Exactly one selector is true: at least one, and a ladder of "one of those so far was".
void Unrolling::select_one(Frame& next, const std::vector<std::uint32_t>& rules) {
  const std::string prefix = name_ + std::to_string(depth()) + ".";
  z3::context& context = gates_.context();
  std::vector<z3::expr> all;
  z3::expr used = gates_.constant(false);
  for (const std::uint32_t rule : rules) {
    const z3::expr selector =
        rules.size() == 1 ? gates_.constant(true)
                          : context.bool_const((prefix + "r" + std::to_string(rule)).c_str());
    add(gates_.disjoin(gates_.negate(selector), gates_.negate(used)));
    const z3::expr used_now = context.bool_const((prefix + "u" + std::to_string(rule)).c_str());
    add(gates_.disjoin(gates_.negate(selector), used_now));
    add(gates_.disjoin(gates_.negate(used), used_now));
    used = used_now;
    next.selectors.emplace_back(rule, selector);
    all.push_back(selector);
  }
  add(gates_.any(all));
}

void Unrolling::define_next_state(Frame& here, Frame& next) {
  next.state.reserve(system_.variables.size());
  for (VarId id = 0; id < system_.variables.size(); ++id) {
    next.state.push_back(define_variable(here, next, id));
  }
}

Bits Unrolling::define_variable(Frame& here, const Frame& next, VarId variable) {
  std::map<std::uint32_t, std::pair<Expr, std::vector<z3::expr>>> writers;  // by node id of value
  std::vector<z3::expr> writing;
  for (const auto& [rule, selector] : next.selectors) {
    for (const Update& update : system_.rules[rule].updates) {
      if (update.variable == variable) {
        auto& writer = writers[update.value.id()];
        writer.first = update.value;
        writer.second.push_back(selector);
        writing.push_back(selector);
      }
    }
  }
  const Bits& before = here.state[variable];
  if (writers.empty()) {
    return before;
  }
  const std::string name = name_ + std::to_string(depth() + 1) + ".v" + std::to_string(variable);
  const Bits after = gates_.fresh(system_.variables[variable].sort, name);
  const auto give = [&](const z3::expr& when, const Bits& value) {
    for (std::size_t i = 0; i < after.size(); ++i) {
      add(gates_.disjoin(gates_.negate(when), gates_.same(after[i], value[i])));
    }
  };
  for (const auto& [id, writer] : writers) {
    z3::expr when = gates_.any(writer.second);
    if (writer.second.size() > 1) {
      const z3::expr any = gates_.context().bool_const((name + "w" + std::to_string(id)).c_str());
      add(any == when);
      when = any;
    }
    give(when, (*here.translate)(writer.first));
  }
  if (writing.size() < next.selectors.size()) {
    const z3::expr written = gates_.context().bool_const((name + "w").c_str());
    add(written == gates_.any(writing));
    give(!written, before);
  }
  return after;
}

z3::expr Unrolling::at(std::uint64_t depth, Expr e) {
  return frames_[depth]->translate->boolean(e);
}

z3::expr Unrolling::target_here(Expr target) {
  const std::string name = name_ + "target" + std::to_string(depth());
  const z3::expr assumption = gates_.context().bool_const(name.c_str());
  add(!assumption || at(depth(), target));
  for (std::uint64_t i = 0; i <= depth(); ++i) {
    std::vector<z3::expr> near_enough;
    for (const auto& [location, here] : frames_[i]->at) {
      if (to_target_[location] <= depth() - i) {
        near_enough.push_back(here);
      }
    }
    if (near_enough.size() < frames_[i]->at.size()) {
      add(!assumption || gates_.any(near_enough));
    }
  }
  return assumption;
}

Path Unrolling::read_path(const z3::model& model) const {
  const auto read = [&](const std::map<InputId, Bits>& inputs, InputId id) {
    const auto found = inputs.find(id);
    return found == inputs.end() ? 0 : value_of(model, found->second);
  };
  Path path;
  for (const InputId id : system_.initial_inputs) {
    path.initial_inputs.push_back(read(frames_[0]->inputs, id));
  }
  for (std::size_t i = 1; i < frames_.size(); ++i) {
    const auto& selectors = frames_[i]->selectors;
    const auto taken = std::find_if(selectors.begin(), selectors.end(), [&](const auto& selector) {
      return value_of(model, selector.second);
    });
    assert(taken != selectors.end());
    PathStep step{taken->first, {}};
    for (const InputId id : system_.rules[taken->first].inputs) {
      step.inputs.push_back(read(frames_[i]->inputs, id));
    }
    path.steps.push_back(std::move(step));
  }
  return path;
}

State Unrolling::read_state(const z3::model& model, std::uint64_t depth) const {
  State state;
  for (const Bits& bits : frames_[depth]->state) {
    state.push_back(value_of(model, bits));
  }
  return state;
}

z3::expr Unrolling::different(std::uint64_t a, std::uint64_t b) const {
  std::vector<z3::expr> differences;
  for (std::size_t v = 0; v < system_.variables.size(); ++v) {
    for (std::size_t i = 0; i < frames_[a]->state[v].size(); ++i) {
      differences.push_back(gates_.differ(frames_[a]->state[v][i], frames_[b]->state[v][i]));
    }
  }
  return gates_.any(differences);
}

}  // namespace airlock::prove
