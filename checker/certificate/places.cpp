// A place is a combination of values of the control variables. The rules that can fire there say
// where it is: the hypervisor's own, if there is one, with the line that it runs next, or else the
// guest's, or else whoever's.
#include "checker/certificate/places.hpp"

#include <map>

namespace airlock {
namespace {

bool is_whole(const TransitionSystem& system, const FixedBits& at) {
  return at.mask == system.variables[at.variable].sort.mask();
}

/// How good a rule is for saying where one is: it has a line of C, and is no actor's.
int rank(const Rule& rule) {
  const bool has_line = !rule.causes.empty() && rule.causes.front().location.line != 0;
  const bool program = rule.agent == AgentKind::thread || rule.agent == AgentKind::boot;
  return has_line && program ? 0 : rule.agent == AgentKind::guest ? 1 : has_line ? 3 : 2;
}

std::string name_of_rule(const Rule& rule) {
  if (rule.agent == AgentKind::guest) {
    return "while the guest runs";
  }
  const std::string prefix = rule.actor + ": ";
  return rule.name.compare(0, prefix.size(), prefix) == 0 ? rule.name.substr(prefix.size())
                                                          : rule.name;
}

}  // namespace

std::string PlaceNames::of(const Invariant::Place& place) const {
  std::map<VarId, Expr> values;
  for (const FixedBits& at : place.at) {
    if (is_whole(system_, at)) {
      const Expr variable = system_.variable(at.variable);
      values.emplace(at.variable, same_sort(variable, at.value));
    }
  }
  Rewriter here(*system_.pool, [&](Expr leaf) {
    const auto found = values.find(leaf.index());
    return leaf.op() == Op::variable && found != values.end() ? found->second : leaf;
  });
  const Rule* best = nullptr;
  for (const Rule& rule : system_.rules) {
    if ((best == nullptr || rank(rule) < rank(*best)) && !here(rule.guard).is_false()) {
      best = &rule;
    }
  }
  return best == nullptr ? "where nothing more happens" : name_of_rule(*best);
}

}  // namespace airlock
