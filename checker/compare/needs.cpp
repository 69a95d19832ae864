// Which lines matter.
//
// The question is that of minimal unsatisfiable cores and of inductive validity cores (E.
// Ghassabani, A. Gacek, M. Whalen, Efficient Generation of Inductive Validity Cores for Safety
// Properties, FSE 2016): of all that a proof may rest on, what can be given up? There, and here,
// relaxing is monotone: a system in which a statement may be skipped has the runs of the original
// and more, and so has one in which a further actor runs. So a property that is violated with a set
// relaxed is violated with every larger one, and a piece that was needed once is needed for good
// (deletion: R. Bakker et al., Diagnosing and solving over-determined constraint satisfaction
// problems, IJCAI 1993).
//
// Violations are near and proofs are dear. So first each piece is relaxed alone, with a search that
// gives up soon: what is violated there is needed. The rest is relaxed together; if that does not
// hold, its halves are, one after the other, down to single pieces (as in QuickXplain: U. Junker,
// AAAI 2004). Mostly one proof is all it takes. Cores out of one proof would be quicker still and
// need not be minimal: another proof may do without.
//
// (Two sets may both be minimal. Which is found depends on the order; it is that of the text, after
// the assumptions.)
//
// A parameter is relaxed by asking in a world for each of its values; worlds that are the same as
// far as the property can see are asked about once. "Some rule can fire" is the one property whose
// target shrinks as rules are added, so that it is not monotone: there, what is kept is tried again
// until nothing changes.
#include "checker/compare/needs.hpp"

#include <algorithm>
#include <chrono>
#include <compare>
#include <iterator>
#include <mutex>
#include <optional>
#include <stdexcept>

#include "checker/compare/solve.hpp"
#include "checker/compare/tasks.hpp"
#include "checker/explore/explore.hpp"
#include "model/system/input_error.hpp"
#include "model/system/interpreter.hpp"
#include "model/system/reduce.hpp"
#include "model/system/stop.hpp"

namespace airlock {
namespace {

using Clock = std::chrono::steady_clock;

/// Whether two reduced systems are one, but for the numbers of nodes.
bool is_same(const Reduction& one, const Reduction& other) {
  const TransitionSystem& a = one.system();
  const TransitionSystem& b = other.system();
  if (a.variables.size() != b.variables.size() || a.rules.size() != b.rules.size() ||
      a.initial_constraint.valid() != b.initial_constraint.valid()) {
    return false;
  }
  bool same = true;
  Rewriter imported(*a.pool, [&](Expr leaf) {
    const bool variable = leaf.op() == Op::variable;
    same = same && (variable ? leaf.index() < a.variables.size() : leaf.index() < a.choices.size());
    if (!same) {
      return a.pool->constant(leaf.sort(), 0);
    }
    const Expr mine = variable ? a.variable(leaf.index()) : a.choice(leaf.index());
    same = mine.sort() == leaf.sort();
    return same ? mine : a.pool->constant(leaf.sort(), 0);
  });
  const auto equal = [&](Expr mine, Expr theirs) {
    return mine.sort() == theirs.sort() && mine == imported(theirs) && same;
  };
  for (std::size_t i = 0; i < a.variables.size(); ++i) {
    if (a.variables[i].sort != b.variables[i].sort ||
        !equal(a.variables[i].initial, b.variables[i].initial)) {
      return false;
    }
  }
  for (std::size_t i = 0; i < a.rules.size(); ++i) {
    const Rule& mine = a.rules[i];
    const Rule& theirs = b.rules[i];
    if (mine.updates.size() != theirs.updates.size() || !equal(mine.guard, theirs.guard)) {
      return false;
    }
    for (std::size_t u = 0; u < mine.updates.size(); ++u) {
      if (mine.updates[u].variable != theirs.updates[u].variable ||
          !equal(mine.updates[u].value, theirs.updates[u].value)) {
        return false;
      }
    }
  }
  return (!a.initial_constraint.valid() || equal(a.initial_constraint, b.initial_constraint)) &&
         equal(one.targets().front(), other.targets().front());
}

class Deletion {
 public:
  Deletion(const NeedsInput& input, const std::string& property, const Pins& pins,
           const Pins& more_pins, const EngineContext& context)
      : input_(input), property_(property), pins_(pins), more_pins_(more_pins), context_(context) {}

  Needs run() {
    const Clock::time_point start = Clock::now();
    std::vector<Thing> assumptions;
    for (const std::string& actor : input_.actors) {
      assumptions.push_back({Thing::Kind::actor, 0, actor});
    }
    for (const auto& [name, others] : input_.parameters) {
      assumptions.push_back({Thing::Kind::parameter, 0, name});
    }
    std::vector<Thing> elements;
    for (std::size_t i = 0; i < input_.elements; ++i) {
      elements.push_back({Thing::Kind::element, i, {}});
    }
    for (std::vector<Thing>* group : {&assumptions, &elements}) {
      give_up(without_needed(*group));
    }
    if (property_ == "always_can_continue") {
      while (one_more(assumptions) || one_more(elements)) {
      }
    }
    report(assumptions);
    report(elements);
    needs_.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return std::move(needs_);
  }

 private:
  /// Something that the property may need.
  struct Thing {
    enum class Kind : std::uint8_t { actor, parameter, element };
    Kind kind;
    std::size_t element;
    std::string name;
    friend auto operator<=>(const Thing&, const Thing&) = default;
  };
  using Things = std::set<Thing>;

  // --- what is kept -----------------------------------------------------------------------------

  /// Those that a short search does not show to be needed.
  std::vector<Thing> without_needed(const std::vector<Thing>& things) {
    std::vector<char> needed(things.size(), 0);
    Tasks tasks(context_.jobs, context_.cancelled);
    for (std::size_t i = 0; i < things.size(); ++i) {
      tasks.add([&, i] {
        // In the parameters' own world, or in those of this one: enough for most.
        Things relaxed;
        std::copy_if(relaxed_.begin(), relaxed_.end(), std::inserter(relaxed, relaxed.end()),
                     [](const Thing& each) { return each.kind != Thing::Kind::parameter; });
        relaxed.insert(things[i]);
        needed[i] = is_soon_violated(worlds_of(relaxed)) ? 1 : 0;
      });
    }
    tasks.run();
    std::vector<Thing> rest;
    for (std::size_t i = 0; i < things.size(); ++i) {
      if (needed[i] == 0) {
        rest.push_back(things[i]);
      }
    }
    return rest;
  }

  /// Relaxes as many of them as can be.
  void give_up(const std::vector<Thing>& things) {
    if (things.empty() || try_without(things) || things.size() == 1 || context_.should_stop()) {
      return;
    }
    const auto middle = things.begin() + static_cast<std::ptrdiff_t>(things.size() / 2);
    give_up({things.begin(), middle});
    give_up({middle, things.end()});
  }

  bool try_without(const std::vector<Thing>& things) {
    Things relaxed = relaxed_;
    relaxed.insert(things.begin(), things.end());
    if (!holds(relaxed)) {
      return false;
    }
    relaxed_ = std::move(relaxed);
    return true;
  }

  bool one_more(const std::vector<Thing>& things) {
    return std::any_of(things.begin(), things.end(), [&](const Thing& thing) {
      return relaxed_.count(thing) == 0 && try_without({thing});
    });
  }

  void report(const std::vector<Thing>& things) {
    for (const Thing& thing : things) {
      if (relaxed_.count(thing) != 0) {
        continue;
      }
      switch (thing.kind) {
        case Thing::Kind::actor: needs_.actors.push_back(thing.name); break;
        case Thing::Kind::parameter: needs_.parameters.push_back(thing.name); break;
        case Thing::Kind::element: needs_.elements.push_back(thing.element); break;
      }
    }
  }

  // --- worlds -----------------------------------------------------------------------------------

  /// What to build: one world for each combination of the relaxed parameters' values.
  [[nodiscard]] std::vector<Relaxed> worlds_of(const Things& things) const {
    std::vector<Relaxed> worlds(1);
    for (const Thing& thing : things) {
      const std::size_t count = worlds.size();
      for (std::size_t i = 0; i < count; ++i) {
        if (thing.kind == Thing::Kind::actor) {
          worlds[i].actors.insert(thing.name);
        } else if (thing.kind == Thing::Kind::element) {
          worlds[i].elements.insert(thing.element);
        } else {
          for (const std::string& value : input_.parameters.at(thing.name)) {
            worlds.push_back(worlds[i]);
            worlds.back().parameters[thing.name] = value;
          }
        }
      }
    }
    return worlds;
  }

  /// A world's system under the pins, and the question about it.
  struct Question {
    TransitionSystem system;
    std::vector<Expr> targets;
  };

  [[nodiscard]] Question question(const Relaxed& world, const Pins& pins) const {
    Question result{pin(input_.build(world), pins), {}};
    const Property* property = result.system.find_property(property_);
    if (property == nullptr) {
      throw std::logic_error("a relaxed system has no property '" + property_ + "'");
    }
    result.targets.push_back(target_of(*property));
    return result;
  }

  // --- questions --------------------------------------------------------------------------------

  /// A search under all pins that gives up soon; no says nothing.
  bool is_soon_violated(const std::vector<Relaxed>& worlds) {
    constexpr std::uint64_t few = 300'000;
    for (const Relaxed& world : worlds) {
      const std::optional<Outcome> outcome = attempt([&] {
        const Question asked = question(world, more_pins_);
        const Reduction reduction(asked.system, asked.targets);
        return search(asked, reduction, few, 1);
      });
      if (outcome && outcome->answer == Reachability::reachable) {
        return true;
      }
    }
    return false;
  }

  /// What is undecided counts as no.
  bool holds(const Things& things) {
    const std::vector<Relaxed> worlds = worlds_of(things);
    if (is_soon_violated({worlds.front()})) {
      return false;
    }
    std::vector<Reduction> asked;
    for (const Relaxed& world : worlds) {
      const std::optional<Outcome> outcome = attempt([&] { return decide(world, asked); });
      if (!outcome || outcome->answer != Reachability::unreachable) {
        note(outcome);
        return false;
      }
    }
    return true;
  }

  /// `asked`: systems that hold. A short search first, then engines side by side.
  Outcome decide(const Relaxed& world, std::vector<Reduction>& asked) {
    const Question asking = question(world, pins_);
    Reduction reduction(asking.system, asking.targets);
    Outcome outcome;
    if (std::any_of(asked.begin(), asked.end(),
                    [&](const Reduction& each) { return is_same(each, reduction); })) {
      outcome.answer = Reachability::unreachable;
      return outcome;
    }
    constexpr std::uint64_t many = 2'000'000;
    outcome = search(asking, reduction, many, context_.jobs);
    if (outcome.answer == Reachability::unknown && !context_.should_stop()) {
      outcome = solve([&] { return Reduction(asking.system, asking.targets); }, Engine::automatic,
                      context_)[0];
      check(asking, outcome);
    }
    asked.push_back(std::move(reduction));
    return outcome;
  }

  Outcome search(const Question& asking, const Reduction& reduction, std::uint64_t states,
                 unsigned jobs) const {
    EngineContext own = context_;
    own.jobs = jobs;
    ExploreOptions options;
    options.enough = [states](const ExploreProgress& progress) {
      return progress.decided || progress.states > states;
    };
    Outcome outcome =
        explore(reduction.system(), reduction.targets(), own, options).outcomes.front();
    if (outcome.path) {
      outcome.path = reduction.lift(*outcome.path);
    }
    check(asking, outcome);
    return outcome;
  }

  /// Every path is replayed.
  static void check(const Question& asking, const Outcome& outcome) {
    if (outcome.path &&
        evaluate(asking.targets[0], replay(asking.system, *outcome.path).back()) == 0) {
      throw std::logic_error(outcome.engine + ": a path to a violation violates nothing");
    }
  }

  /// Nothing if the front end refuses the relaxed program, though it takes the original. Once time
  /// is up, nothing is asked any more: a world takes long to build.
  template <typename Ask>
  std::optional<Outcome> attempt(const Ask& ask) {
    if (context_.should_stop()) {
      return out_of_time();
    }
    {
      const std::lock_guard lock(mutex_);
      ++needs_.questions;
    }
    const StopScope scope([this] { return context_.should_stop(); });
    try {
      return ask();
    } catch (const Stopped&) {
      return out_of_time();
    } catch (const InputError& error) {
      const std::lock_guard lock(mutex_);
      refused_ = error.what();
      return std::nullopt;
    }
  }

  [[nodiscard]] Outcome out_of_time() const {
    Outcome outcome;
    outcome.reason = context_.why_stopped();
    return outcome;
  }

  void note(const std::optional<Outcome>& outcome) {
    if (outcome && outcome->answer == Reachability::reachable) {
      return;
    }
    needs_.minimal = false;
    needs_.reason = outcome ? outcome->reason : refused_;
  }

  const NeedsInput& input_;
  const std::string& property_;
  const Pins& pins_;
  const Pins& more_pins_;
  const EngineContext& context_;
  Things relaxed_;
  Needs needs_;
  std::string refused_;
  std::mutex mutex_;
};

}  // namespace

Needs find_needs(const NeedsInput& input, const std::string& property, const Pins& pins,
                 const Pins& more_pins, const EngineContext& context) {
  return Deletion(input, property, pins, more_pins, context).run();
}

}  // namespace airlock
