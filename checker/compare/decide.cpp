// From reachability to verdicts. The pins come first: under all of them the state space is
// smallest, and what is violated there needs no further question. What holds is asked again with
// nothing pinned, and only where that fails does the search for the fewest pins begin.
#include "checker/compare/decide.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <map>
#include <numeric>
#include <stdexcept>

#include "checker/compare/late.hpp"
#include "checker/compare/pin_search.hpp"
#include "checker/compare/tasks.hpp"

namespace airlock {
namespace {

/// A property that holds under all pins while fewer are tried.
struct Open {
  std::size_t index;  ///< of its decision
  PinSearch search;
};

class Decider {
 public:
  /// A search in columns gains from questions that are put together; solvers that take one target
  /// after the other gain from threads.
  Decider(Subject& subject, std::span<const Property* const> properties, const Solver& solver,
          const Freeing& freed)
      : subject_(subject),
        solver_(solver),
        freed_(freed),
        pins_(subject.pins().begin(), subject.pins().end()) {
    if (pins_.size() > 64) {
      throw std::length_error("more than 64 pinned readings");
    }
    for (const Property* property : properties) {
      Decision decision;
      decision.property = property;
      decisions_.push_back(std::move(decision));
    }
  }

  std::vector<Decision> run_together() {
    settle(under_all_pins());
    return std::move(decisions_);
  }

  std::vector<Decision> run_apart() {
    std::vector<Open> open = under_all_pins();
    // What takes long should not begin last; what has most states takes longest, as a rule.
    std::stable_sort(open.begin(), open.end(), [this](const Open& a, const Open& b) {
      return decisions_[a.index].outcome.states > decisions_[b.index].outcome.states;
    });
    side_by_side(open.size(), [&](std::size_t i) { settle({std::move(open[i])}); });
    return std::move(decisions_);
  }

 private:
  /// work(0) to work(count - 1), each once, on so many threads as there are.
  template <typename Work>
  void side_by_side(std::size_t count, Work work) {
    if (freed_.threads <= 1 || count <= 1) {
      for (std::size_t i = 0; i < count; ++i) {
        work(i);
      }
      return;
    }
    Tasks tasks(freed_.threads, nullptr);
    for (std::size_t i = 0; i < count; ++i) {
      tasks.add([&work, i] { work(i); });
    }
    tasks.run();
  }

  [[nodiscard]] PinSet everything() const {
    return pins_.size() == 64 ? ~PinSet{0} : (PinSet{1} << pins_.size()) - 1;
  }

  [[nodiscard]] Pins pins_of(PinSet set) const {
    Pins result;
    for (std::size_t i = 0; i < pins_.size(); ++i) {
      if ((set >> i & 1U) != 0) {
        result.insert(pins_[i]);
      }
    }
    return result;
  }

  /// What may be asked in one search: decisions whose cones are the same, or, where every answer is
  /// expected to need the whole space, whose cones lie within the largest one's. Others are better
  /// asked apart, since a search over two cones visits far more states than two searches.
  std::vector<std::vector<std::size_t>> together(const std::vector<std::size_t>& which,
                                                 const Pins& pins, bool fewer) {
    using Cone = std::vector<std::string>;
    std::vector<std::pair<Cone, std::size_t>> cones;
    for (const std::size_t i : which) {
      cones.emplace_back(which.size() == 1 ? Cone{} : subject_.cone(pins, *decisions_[i].property),
                         i);
    }
    std::stable_sort(cones.begin(), cones.end(),
                     [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
    std::vector<std::pair<Cone, std::vector<std::size_t>>> groups;
    for (auto& [cone, index] : cones) {
      auto group = groups.begin();
      while (group != groups.end() &&
             !(fewer ? std::includes(group->first.begin(), group->first.end(), cone.begin(),
                                     cone.end())
                     : group->first == cone)) {
        ++group;
      }
      if (group == groups.end()) {
        groups.emplace_back(std::move(cone), std::vector{index});
      } else {
        group->second.push_back(index);
      }
    }
    std::vector<std::vector<std::size_t>> result;
    for (auto& [cone, group] : groups) {
      result.push_back(std::move(group));
    }
    return result;
  }

  /// Parallel to `which`. Groups are asked side by side.
  std::vector<Outcome> ask(const std::vector<std::size_t>& which, const Pins& pins, bool fewer) {
    std::vector<Outcome> answers(decisions_.size());
    const std::vector<std::vector<std::size_t>> groups = together(which, pins, fewer);
    const bool alone = groups.size() == 1 || !freed_.beside_others;
    const Solver& solver = fewer ? freed_.solver : alone ? solver_ : freed_.beside_others;
    side_by_side(groups.size(),
                 [&](std::size_t i) { ask_group(groups[i], pins, fewer, solver, answers); });
    std::vector<Outcome> result;
    for (const std::size_t i : which) {
      result.push_back(std::move(answers[i]));
    }
    return result;
  }

  void ask_group(const std::vector<std::size_t>& group, const Pins& pins, bool fewer,
                 const Solver& solver, std::vector<Outcome>& answers) {
    std::vector<const Property*> properties;
    for (const std::size_t i : group) {
      properties.push_back(decisions_[i].property);
    }
    ReduceOptions options;
    options.dead_variables = !fewer || !freed_.certified;
    std::vector<Outcome> outcomes =
        solver([&] { return subject_.reduce(pins, properties, options); });
    if (outcomes.size() < group.size()) {  // the time was over before there were targets
      assert(outcomes.size() == 1 && outcomes.front().answer == Reachability::unknown);
      const Outcome same = outcomes.front();
      outcomes.assign(group.size(), same);
    }
    for (std::size_t i = 0; i < group.size(); ++i) {
      decisions_[group[i]].seconds += outcomes[i].seconds;
      answers[group[i]] = std::move(outcomes[i]);
    }
  }

  Trace replayed(const Decision& decision, const Pins& pins, Outcome& outcome) {
    if (!outcome.path) {
      throw std::logic_error(outcome.engine + " says reachable but shows no path");
    }
    Trace trace = make_trace(subject_.pinned(pins), *decision.property, *std::move(outcome.path));
    trace.afterwards = comes_late(subject_, pins, trace);
    return trace;
  }

  /// Returns what may hold under fewer.
  std::vector<Open> under_all_pins() {
    std::vector<Open> open;
    if (decisions_.empty()) {
      return open;
    }
    std::vector<std::size_t> all(decisions_.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    std::vector<Outcome> outcomes = ask(all, subject_.pins(), false);
    for (const std::size_t i : all) {
      Decision& decision = decisions_[i];
      Outcome& outcome = outcomes[i];
      const bool wanted = seeks_witness(*decision.property);
      decision.pins = subject_.pins();
      if (outcome.answer == Reachability::unknown) {
        decision.reason = outcome.reason.empty() ? "no answer" : outcome.reason;
      } else if (outcome.answer == Reachability::reachable) {
        decision.verdict = wanted ? Verdict::holds : Verdict::violated;
        decision.trace = replayed(decision, decision.pins, outcome);
      } else {
        decision.verdict = wanted ? Verdict::violated : Verdict::holds;
        if (!wanted && !pins_.empty()) {
          open.push_back({i, {}});
        }
      }
      decision.outcome = std::move(outcome);
    }
    return open;
  }

  void settle(std::vector<Open> open) {
    while (!open.empty()) {
      open = under_fewer_pins(std::move(open));
    }
  }

  /// Takes the open properties that want to try the smallest set of pins, and tries it. Returns
  /// what is still open.
  std::vector<Open> under_fewer_pins(std::vector<Open> open) {
    std::map<std::pair<int, PinSet>, std::vector<std::size_t>> wishes;  // positions in it
    for (std::size_t i = 0; i < open.size(); ++i) {
      const PinSet set = open[i].search.next();
      wishes[{std::popcount(set), set}].push_back(i);
    }
    const PinSet set = wishes.begin()->first.second;
    const std::vector<std::size_t>& wishing = wishes.begin()->second;
    std::vector<std::size_t> which;
    for (const std::size_t i : wishing) {
      which.push_back(open[i].index);
    }
    std::vector<bool> settled(open.size(), false);
    if (set == everything()) {
      for (const std::size_t i : wishing) {
        assume(decisions_[open[i].index], set);
        settled[i] = true;
      }
    } else {
      const Pins pins = pins_of(set);
      std::vector<Outcome> outcomes = ask(which, pins, true);
      for (std::size_t i = 0; i < wishing.size(); ++i) {
        settled[wishing[i]] = learn(open[wishing[i]], set, pins, outcomes[i]);
      }
    }
    std::vector<Open> rest;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (!settled[i]) {
        rest.push_back(std::move(open[i]));
      }
    }
    return rest;
  }

  /// Takes in the answer for one property; true if the property is settled by it.
  bool learn(Open& open, PinSet set, const Pins& pins, Outcome& outcome) {
    Decision& decision = decisions_[open.index];
    if (outcome.answer == Reachability::unreachable) {
      assume(decision, set);
      decision.freed = std::move(outcome);
      return true;
    }
    if (outcome.answer == Reachability::unknown) {
      assume(decision, everything());
      decision.assumes_minimal = false;
      decision.assumes_reason = outcome.reason;
      return true;
    }
    const Trace run = replayed(decision, pins, outcome);
    const PinSet different = difference(run.states.front());
    if (different == 0) {
      throw std::logic_error("'" + decision.property->name + "' holds and is violated under the " +
                             "same pins: an engine is wrong");
    }
    open.search.exclude(different);
    return false;
  }

  void assume(Decision& decision, PinSet set) const {
    decision.pins = pins_of(set);
    for (const auto& [name, option] : decision.pins) {
      decision.assumes.push_back(name + "=" + option);
    }
  }

  /// The pins that a run starting in `state` does not obey.
  [[nodiscard]] PinSet difference(const State& state) const {
    PinSet result = 0;
    for (std::size_t i = 0; i < pins_.size(); ++i) {
      for (const Choice& choice : subject_.system().choices) {
        if (choice.name == pins_[i].first && option_in(choice, state) != pins_[i].second) {
          result |= PinSet{1} << i;
        }
      }
    }
    return result;
  }

  Subject& subject_;
  const Solver& solver_;
  const Freeing& freed_;
  std::vector<std::pair<std::string, std::string>> pins_;  // sorted by name
  std::vector<Decision> decisions_;
};

}  // namespace

std::string to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds: return "holds";
    case Verdict::violated: return "violated";
    case Verdict::unknown: break;
  }
  return "unknown";
}

std::vector<Decision> decide(Subject& subject, std::span<const Property* const> properties,
                             const Solver& solver, const Freeing& freed) {
  return Decider(subject, properties, solver, freed).run_apart();
}

std::vector<Decision> decide(Subject& subject, std::span<const Property* const> properties,
                             const Solver& solver) {
  return Decider(subject, properties, solver, {solver}).run_together();
}

}  // namespace airlock
