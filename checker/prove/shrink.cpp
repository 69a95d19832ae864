// Minimal inductive subsets (A. Ivrii, A. Gurfinkel, A. Belov, Small Inductive Safe Invariants,
// FMCAD 2014), by dropping facts one after the other, with the cores of earlier answers telling
// what has to be asked again.
//
// First, backwards from the goals: a goal's unsat core names the facts that it needs, theirs name
// the facts that they need to be kept, and so on. What is never named is dropped without a question
// of its own; of PDR's clauses that is most of them.
//
// Then each fact that is left is tried without: the obligations whose support it was are asked
// again; facts that are no longer kept go with it, and so on until either a goal fails, and
// everything is as before, or all that is left stands. What remains then is the largest inductive
// subset without that fact, so a goal's failure means that no subset without it will do, and none
// of a smaller set will either: one pass over the facts is enough for the result to be minimal. An
// obligation whose support is untouched is never asked again.
#include "checker/prove/shrink.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

namespace airlock::prove {
namespace {

using Support = std::vector<std::size_t>;  // ascending

class Shrinker {
 public:
  Shrinker(std::size_t facts, std::size_t goals, const Meets& meets)
      : facts_(facts), meets_(meets), enabled_(facts, true), supports_(facts + goals) {}

  std::vector<bool> run() {
    follow_supports();
    for (std::size_t fact = 0; fact < facts_; ++fact) {
      if (enabled_[fact]) {
        try_without(fact);
      }
    }
    return enabled_;
  }

 private:
  using Supports = std::map<std::size_t, Support>;

  bool ask(std::size_t which, const std::vector<bool>& enabled, Support& support) const {
    support.clear();
    if (!meets_(which, enabled, support)) {
      return false;
    }
    std::sort(support.begin(), support.end());
    support.erase(std::unique(support.begin(), support.end()), support.end());
    return true;
  }

  /// Keeps what the goals need, directly or not.
  void follow_supports() {
    std::vector<bool> reached(facts_, false);
    std::vector<std::size_t> queue;
    for (std::size_t goal = facts_; goal < supports_.size(); ++goal) {
      queue.push_back(goal);
    }
    while (!queue.empty()) {
      const std::size_t which = queue.back();
      queue.pop_back();
      if (!ask(which, enabled_, supports_[which])) {
        throw std::logic_error("an invariant that is to be made smaller is none");
      }
      for (const std::size_t fact : supports_[which]) {
        if (!reached[fact]) {
          reached[fact] = true;
          queue.push_back(fact);
        }
      }
    }
    enabled_ = std::move(reached);
  }

  [[nodiscard]] const Support& support_of(std::size_t which, const Supports& changed) const {
    const auto found = changed.find(which);
    return found != changed.end() ? found->second : supports_[which];
  }

  void push_dependents(std::size_t fact, const std::vector<bool>& enabled, const Supports& changed,
                       std::vector<std::size_t>& queue) const {
    for (std::size_t which = 0; which < supports_.size(); ++which) {
      if (which < facts_ && !enabled[which]) {
        continue;
      }
      const Support& support = support_of(which, changed);
      if (std::binary_search(support.begin(), support.end(), fact)) {
        queue.push_back(which);
      }
    }
  }

  void try_without(std::size_t fact) {
    std::vector<bool> enabled = enabled_;
    enabled[fact] = false;
    Supports changed;
    std::vector<std::size_t> queue;
    push_dependents(fact, enabled, changed, queue);
    while (!queue.empty()) {
      const std::size_t which = queue.back();  // goals have the highest numbers: they come first
      queue.pop_back();
      if (which < facts_ && !enabled[which]) {
        continue;
      }
      Support support;
      if (ask(which, enabled, support)) {
        changed[which] = std::move(support);
        continue;
      }
      if (which >= facts_) {
        return;  // it is needed
      }
      enabled[which] = false;
      push_dependents(which, enabled, changed, queue);
    }
    for (auto& [which, support] : changed) {
      supports_[which] = std::move(support);
    }
    enabled_ = std::move(enabled);
    drop_unsupporting();
  }

  void drop_unsupporting() {
    std::vector<bool> reached(facts_, false);
    std::vector<std::size_t> queue;
    for (std::size_t goal = facts_; goal < supports_.size(); ++goal) {
      queue.push_back(goal);
    }
    while (!queue.empty()) {
      const Support& support = supports_[queue.back()];
      queue.pop_back();
      for (const std::size_t fact : support) {
        if (!reached[fact]) {
          reached[fact] = true;
          queue.push_back(fact);
        }
      }
    }
    enabled_ = std::move(reached);
  }

  std::size_t facts_;
  const Meets& meets_;
  std::vector<bool> enabled_;
  std::vector<Support> supports_;  // by obligation; means nothing for facts that are not enabled
};

}  // namespace

std::vector<bool> fewest_facts(std::size_t facts, std::size_t goals, const Meets& meets) {
  return Shrinker(facts, goals, meets).run();
}

}  // namespace airlock::prove
