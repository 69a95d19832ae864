// Which variables partition the guards best.
//
// A guard is a conjunction, and a conjunct that reads one variable ("data_length == 3") is true for
// a part of its values. With the variable's value given, a rule remains that often. The expected
// number of rules that a state meets, every value being as likely as any other, is then a sum over
// the rules of products over the variables given, and the best next variable is the one that makes
// it smallest (greedily: choosing a best set is a set cover). It has to halve the number, for each
// group costs a compilation, and its states are no longer side by side with the others.
//
// Program counters do that wherever there are some. Whoever made the system may have named them
// (TransitionSystem::control): those are taken as they are.
#include "checker/explore/partition.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "model/system/interpreter.hpp"
#include "model/system/known_bits.hpp"

namespace airlock::explicit_state {
namespace {

constexpr unsigned max_width = 8;         // of one variable; its values are tried one by one
constexpr unsigned max_chosen_bits = 12;  // of all that are chosen here: so many groups at most

/// How often a rule remains when the value of a variable is given, by variable; 1 where none is.
using Shares = std::map<VarId, double>;

/// The part of the variable's values for which all of `about`, which read nothing else, are true.
double share(const std::vector<Expr>& about, VarId variable, unsigned width, State& scratch) {
  const std::uint64_t values = std::uint64_t{1} << width;
  std::uint64_t passed = 0;
  for (std::uint64_t value = 0; value < values; ++value) {
    scratch[variable] = value;
    passed += static_cast<std::uint64_t>(
        std::all_of(about.begin(), about.end(), [&](Expr e) { return evaluate(e, scratch) != 0; }));
  }
  scratch[variable] = 0;
  return static_cast<double>(passed) / static_cast<double>(values);
}

Shares shares_of(Expr guard, const Layout& layout, State& scratch) {
  std::map<VarId, std::vector<Expr>> by_variable;
  for (const Expr e : conjuncts(guard)) {
    const std::vector<VarId> read = variables_of(std::array{e});
    if (read.size() == 1 && layout.field(read[0]).width <= max_width &&
        inputs_of(std::array{e}).empty()) {
      by_variable[read[0]].push_back(e);
    }
  }
  Shares result;
  for (const auto& [variable, about] : by_variable) {
    result[variable] = share(about, variable, layout.field(variable).width, scratch);
  }
  return result;
}

class Partition {
 public:
  Partition(const TransitionSystem& system, const Layout& layout) : layout_(layout) {
    State scratch(system.variables.size(), 0);
    for (const Rule& rule : system.rules) {
      shares_.push_back(shares_of(rule.guard, layout, scratch));
      for (const auto& [variable, unused] : shares_.back()) {
        candidates_[variable] = true;
      }
    }
    remaining_.assign(shares_.size(), 1);
    for (const VarId id : system.control) {
      choose(id);
    }
  }

  void extend() {
    unsigned bits = 0;
    while (const std::optional<VarId> best = next(max_chosen_bits - bits)) {
      bits += layout_.field(*best).width;
      choose(*best);
    }
  }

  [[nodiscard]] std::vector<VarId> take() && { return std::move(chosen_); }

 private:
  /// The variable of at most so many bits that leaves the fewest rules, if they are half at most.
  [[nodiscard]] std::optional<VarId> next(unsigned bits) const {
    const double limit = expected({}) / 2;
    std::optional<VarId> best;
    double least = limit;
    for (const auto& [variable, open] : candidates_) {
      if (!open || layout_.field(variable).width > bits) {
        continue;
      }
      const double rules = expected(variable);
      if (rules < least || (!best && rules <= limit)) {
        best = variable;
        least = rules;
      }
    }
    return best;
  }

  /// Rules that a state meets if, besides what is chosen, the value of `variable` is given.
  [[nodiscard]] double expected(std::optional<VarId> variable) const {
    double sum = 0;
    for (std::size_t rule = 0; rule < shares_.size(); ++rule) {
      sum += remaining_[rule] * (variable ? share_of(rule, *variable) : 1);
    }
    return sum;
  }

  [[nodiscard]] double share_of(std::size_t rule, VarId variable) const {
    const auto found = shares_[rule].find(variable);
    return found == shares_[rule].end() ? 1 : found->second;
  }

  void choose(VarId variable) {
    if (bits_ + layout_.field(variable).width > 64) {
      return;
    }
    bits_ += layout_.field(variable).width;
    chosen_.push_back(variable);
    candidates_[variable] = false;
    for (std::size_t rule = 0; rule < shares_.size(); ++rule) {
      remaining_[rule] *= share_of(rule, variable);
    }
  }

  const Layout& layout_;
  std::vector<Shares> shares_;        // by rule
  std::vector<double> remaining_;     // by rule: how often it is met, given what is chosen
  std::map<VarId, bool> candidates_;  // whether it is still to be chosen
  std::vector<VarId> chosen_;
  unsigned bits_ = 0;
};

}  // namespace

std::vector<VarId> partition_variables(const TransitionSystem& system, const Layout& layout) {
  Partition partition(system, layout);
  partition.extend();
  return std::move(partition).take();
}

}  // namespace airlock::explicit_state
