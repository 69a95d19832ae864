// Engines and the portfolio of them.
//
// Explicit search is unbeatable while the states fit in memory, and hopeless after; IC3 does not
// care for the number of states but for how hard the invariant is. Nobody knows beforehand which of
// the two a question is, so `automatic` lets them race, as every portfolio since ManySAT has: each
// on its own copy of the system (an expression pool is not thread-safe), the loser being cancelled.
// Either alone is complete, so the race only decides who answers, never what. Each Z3 engine has
// its invariant checked by a fresh solver before it returns it (check_invariant.cpp).
#include "checker/compare/solve.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <map>
#include <mutex>
#include <new>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "checker/compare/tasks.hpp"
#include "checker/explore/explore.hpp"
#include "checker/prove/prove.hpp"
#include "model/system/stop.hpp"

namespace airlock {
namespace {

constexpr std::array<std::pair<std::string_view, Engine>, 5> engine_names{{
    {"auto", Engine::automatic},
    {"explore", Engine::explore},
    {"bmc", Engine::bmc},
    {"induction", Engine::induction},
    {"pdr", Engine::pdr},
}};

/// What leaves the reduced copy: the path, in the original's terms.
Outcome lifted(Outcome outcome, const Reduction& reduction) {
  if (outcome.path) {
    outcome.path = reduction.lift(*outcome.path);
  }
  outcome.invariant = Expr{};
  if (outcome.by_place) {
    if (reduction.options().dead_variables) {
      outcome.by_place.reset();
    } else {
      outcome.by_place = lifted(*outcome.by_place, reduction);
    }
  }
  return outcome;
}

std::vector<Outcome> run_explore(const Reduction& reduction, const EngineContext& context) {
  std::vector<Outcome> outcomes =
      explore(reduction.system(), reduction.targets(), context).outcomes;
  assert(outcomes.size() == reduction.targets().size());
  for (Outcome& outcome : outcomes) {
    outcome = lifted(std::move(outcome), reduction);
  }
  return outcomes;
}

Outcome run_symbolic(const TransitionSystem& system, Expr target, Engine engine,
                     const EngineContext& context) {
  switch (engine) {
    case Engine::bmc: return bounded_search(system, target, context);
    case Engine::induction: return k_induction(system, target, context);
    default: return pdr(system, target, context);
  }
}

void make_smallest(const TransitionSystem& system, Expr target, Outcome& outcome,
                   const EngineContext& context) {
  try {
    outcome.by_place = smallest(system, target, *outcome.by_place, context);
  } catch (const std::runtime_error&) {
    outcome.by_place.reset();  // no time left: the answer stands, without a proof to show
  }
}

std::vector<Outcome> run_symbolic(const Reduction& reduction, Engine engine,
                                  const EngineContext& context) {
  std::vector<Outcome> outcomes;
  for (const Expr target : reduction.targets()) {
    Outcome outcome = run_symbolic(reduction.system(), target, engine, context);
    if (outcome.by_place && !reduction.options().dead_variables) {
      make_smallest(reduction.system(), target, outcome, context);
    }
    outcomes.push_back(lifted(std::move(outcome), reduction));
  }
  return outcomes;
}

/// Every engine sets its depth before it looks for paths of that length, so that shorter ones have
/// been looked for.
void note_covered(Outcome& outcome) {
  if (outcome.answer == Reachability::unknown) {
    outcome.covered = {
        {outcome.engine, outcome.depth, outcome.states, outcome.clauses, outcome.reason}};
  }
}

std::vector<Outcome> run_one(const Reduction& reduction, Engine engine,
                             const EngineContext& context) {
  std::vector<Outcome> outcomes = engine == Engine::explore
                                      ? run_explore(reduction, context)
                                      : run_symbolic(reduction, engine, context);
  std::for_each(outcomes.begin(), outcomes.end(), note_covered);
  return outcomes;
}

bool all_decided(const std::vector<Outcome>& outcomes) {
  return std::none_of(outcomes.begin(), outcomes.end(), [](const Outcome& outcome) {
    return outcome.answer == Reachability::unknown;
  });
}

/// What is known after both: the first's answers, the second's where the first has none.
void merge(std::vector<Outcome>& known, std::vector<Outcome> found) {
  if (known.empty()) {
    known = std::move(found);
    return;
  }
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i].answer != Reachability::unknown) {
      continue;
    }
    if (found[i].answer != Reachability::unknown) {
      known[i] = std::move(found[i]);
      continue;
    }
    known[i].covered.insert(known[i].covered.end(), found[i].covered.begin(),
                            found[i].covered.end());
    if (known[i].reason != found[i].reason) {
      known[i].reason += "; " + found[i].engine + ": " + found[i].reason;
    }
  }
}

/// What is known where the system could not even be reduced in time.
Outcome stopped(Engine engine, const EngineContext& context) {
  Outcome outcome;
  outcome.reason = context.why_stopped();
  for (const auto& [name, each] : engine_names) {
    if (each == (engine == Engine::automatic ? Engine::explore : engine)) {
      outcome.engine = name;
    }
  }
  note_covered(outcome);
  return outcome;
}

/// One engine after the other, as long as something is undecided.
std::vector<Outcome> in_turn(const Reduce& reduce, const EngineContext& context) {
  const Reduction reduction = reduce();
  std::vector<Outcome> known;
  for (const Engine engine : {Engine::explore, Engine::pdr}) {
    merge(known, run_one(reduction, engine, context));
    if (all_decided(known) || context.should_stop()) {
      break;
    }
  }
  return known;
}

/// Engines side by side; the first to decide everything stops the others.
std::vector<Outcome> race(const Reduce& reduce, const EngineContext& context) {
  const std::vector<Engine> engines = context.jobs > 2
                                          ? std::vector{Engine::explore, Engine::pdr, Engine::bmc}
                                          : std::vector{Engine::explore, Engine::pdr};
  std::vector<Reduction> reductions;
  for (std::size_t i = 0; i < engines.size(); ++i) {
    reductions.push_back(reduce());
  }
  Tasks tasks(static_cast<unsigned>(engines.size()), context.cancelled);
  std::mutex mutex;
  std::vector<Outcome> known;
  bool out_of_memory = false;
  for (std::size_t i = 0; i < engines.size(); ++i) {
    tasks.add([&, i] {
      EngineContext own = context;
      own.cancelled = tasks.cancelled();
      own.jobs = 1;
      try {
        std::vector<Outcome> found = run_one(reductions[i], engines[i], own);
        const std::lock_guard lock(mutex);
        merge(known, std::move(found));
        if (all_decided(known)) {
          tasks.cancel();
        }
      } catch (const std::bad_alloc&) {
        const std::lock_guard lock(mutex);
        out_of_memory = true;  // the others may still get there
      }
    });
  }
  tasks.run();
  if (known.empty() && out_of_memory) {
    throw std::bad_alloc();
  }
  return known;
}

}  // namespace

std::optional<Engine> engine_by_name(std::string_view name) {
  for (const auto& [known, engine] : engine_names) {
    if (known == name) {
      return engine;
    }
  }
  return std::nullopt;
}

Invariant lifted(const Invariant& invariant, const Reduction& reduction) {
  assert(!reduction.options().dead_variables);
  Invariant result;
  for (VarId id = 0; id < reduction.original_variables(); ++id) {
    const auto [mask, value] = reduction.constant_bits(id);
    if (mask != 0) {
      result.constants.push_back({id, mask, value});
    }
  }
  for (const Invariant::Place& place : invariant.places) {
    std::map<VarId, FixedBits> at;
    for (const FixedBits& bits : place.at) {
      for (unsigned bit = 0; bit < 64; ++bit) {
        if ((bits.mask >> bit & 1U) != 0) {
          const auto [variable, original] = reduction.origin(bits.variable, bit);
          FixedBits& fixed = at[variable];
          fixed.variable = variable;
          fixed.mask |= std::uint64_t{1} << original;
          fixed.value |= (bits.value >> bit & 1U) << original;
        }
      }
    }
    Invariant::Place& whole = result.places.emplace_back();
    for (const auto& [variable, fixed] : at) {
      whole.at.push_back(fixed);
    }
    for (Invariant::Clause clause : place.clauses) {
      for (Invariant::Literal& literal : clause) {
        std::tie(literal.variable, literal.bit) = reduction.origin(literal.variable, literal.bit);
      }
      whole.clauses.push_back(std::move(clause));
    }
  }
  return result;
}

Outcome search_within(const Reduction& reduction, std::uint64_t steps,
                      const EngineContext& context) {
  assert(reduction.targets().size() == 1);
  return lifted(bounded_search(reduction.system(), reduction.targets()[0], context, steps),
                reduction);
}

std::vector<Outcome> solve(const Reduce& reduce, Engine engine, const EngineContext& context) {
  const StopScope scope([&context] { return context.should_stop(); });
  try {
    if (engine == Engine::automatic) {
      return context.jobs > 1 ? race(reduce, context) : in_turn(reduce, context);
    }
    return run_one(reduce(), engine, context);
  } catch (const Stopped&) {
    return {stopped(engine, context)};
  }
}

}  // namespace airlock
