// Which rules are a step, and in which order steps are told.
//
// A step changes data that the property depends on. Masks count as data: clgi, stgi and
// local_irq_disable() write GIF and RFLAGS.IF, which are in the cone of a property exactly where
// they decide which actor may come between two lines. Moving a line to the other side of one of
// them is how such races are fixed, so they are places where a fix could intervene; of all steps
// that are only ever about what runs next, VMRUN and jumps alone are left out.
//
// Files and lines say little about order: boot() may stand in the last file, and helpers stand
// above or in other files than their callers. What runs first is told by the control flow graph,
// in which calls are inlined: in reverse postorder of a depth-first search from the initial
// locations, a location comes after all from which it can be reached without going around a loop
// (for reducible graphs, and C without goto makes no other; Hecht and Ullman, SIAM J. Comput.,
// 1975). A line that was inlined at several places stands where the first of them does. Steps that
// leave the program counter where it is have no place in that order, since they happen at many
// locations: they follow.
#include "checker/graph/program_steps.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "checker/control/control_graph.hpp"

namespace airlock {
namespace {

/// Variables of the original that `rule` of it writes.
std::set<VarId> written_by(const Rule& rule) {
  std::set<VarId> result;
  for (const Update& update : rule.updates) {
    result.insert(update.variable);
  }
  return result;
}

/// Whether the rule changes data, control left out. What only sets a dead variable to 0 does not
/// count: the original writes no such variable there.
bool changes_data(const TransitionSystem& original, const Reduction& reduction,
                  std::uint32_t number) {
  const TransitionSystem& reduced = reduction.system();
  const std::set<VarId> written = written_by(original.rules[reduction.rule_origin(number)]);
  const auto& control = reduced.control;
  for (const Update& update : reduced.rules[number].updates) {
    if (std::find(control.begin(), control.end(), update.variable) != control.end()) {
      continue;
    }
    for (unsigned bit = 0; bit < reduced.variables[update.variable].sort.width(); ++bit) {
      if (written.count(reduction.origin(update.variable, bit).first) != 0) {
        return true;
      }
    }
  }
  return false;
}

bool runs_vmrun(const Rule& rule) {
  return std::any_of(rule.causes.begin(), rule.causes.end(),
                     [](const Cause& cause) { return cause.event == Event::vmrun; });
}

/// What makes two rules one step.
using Key = std::tuple<std::string, unsigned, unsigned, std::string, std::string>;

Key key_of(const Rule& rule) {
  const Cause cause = rule.causes.empty() ? Cause{{}, rule.name, {}} : rule.causes.front();
  return {cause.location.file, cause.location.line, cause.location.column, cause.text, rule.actor};
}

/// The number of each location in reverse postorder. Successors are visited last first, so that of
/// two branches the one whose rules come first is told first.
std::vector<std::size_t> order_of(const control::ControlGraph& graph) {
  std::vector<std::vector<control::LocationId>> next(graph.locations.size());
  for (const control::Edge& edge : graph.edges) {
    next[edge.source].push_back(edge.target);
  }
  std::vector<std::size_t> order(graph.locations.size(), 0);
  std::vector<bool> seen(graph.locations.size(), false);
  std::vector<control::LocationId> stack;
  std::size_t left = graph.locations.size();
  for (control::LocationId root = 0; root < graph.locations.size(); ++root) {
    if (graph.locations[root].initial && !seen[root]) {
      seen[root] = true;
      stack.push_back(root);
    }
    while (!stack.empty()) {
      const control::LocationId at = stack.back();
      if (next[at].empty()) {
        order[at] = --left;
        stack.pop_back();
        continue;
      }
      const control::LocationId to = next[at].back();
      next[at].pop_back();
      if (!seen[to]) {
        seen[to] = true;
        stack.push_back(to);
      }
    }
  }
  return order;
}

/// Per rule, the first location at which it can fire; the last possible number where it can leave
/// the program counter where it is, or never fires.
std::vector<std::size_t> places_of_rules(const TransitionSystem& system, Expr target) {
  constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();
  const control::ControlGraph graph = control::control_graph(system, target);
  const std::vector<std::size_t> order = order_of(graph);
  std::vector<std::size_t> result(system.rules.size(), nowhere);
  for (const control::Edge& edge : graph.edges) {
    result[edge.rule] = std::min(result[edge.rule], order[edge.source]);
  }
  for (const control::Edge& edge : graph.edges) {
    if (edge.source == edge.target) {
      result[edge.rule] = nowhere;
    }
  }
  return result;
}

}  // namespace

ProgramSteps steps_of(const TransitionSystem& original, const Reduction& reduction) {
  const TransitionSystem& reduced = reduction.system();
  std::map<Key, std::vector<std::uint32_t>> rules;
  for (std::uint32_t r = 0; r < reduced.rules.size(); ++r) {
    const Rule& rule = original.rules[reduction.rule_origin(r)];
    if (!runs_vmrun(rule) && changes_data(original, reduction, r)) {
      rules[key_of(rule)].push_back(r);
    }
  }
  const std::vector<std::size_t> places = places_of_rules(reduced, reduction.targets()[0]);
  std::map<std::pair<std::size_t, Key>, std::vector<std::uint32_t>> ordered;
  for (auto& [key, numbers] : rules) {
    std::size_t first = places[numbers.front()];
    for (const std::uint32_t r : numbers) {
      first = std::min(first, places[r]);
    }
    ordered[{first, key}] = std::move(numbers);
  }
  ProgramSteps result;
  result.of_rule.resize(reduced.rules.size());
  for (const auto& [place, numbers] : ordered) {
    for (const std::uint32_t r : numbers) {
      result.of_rule[r] = static_cast<std::uint32_t>(result.steps.size());
    }
    const Rule& rule = original.rules[reduction.rule_origin(numbers.front())];
    result.steps.push_back(
        {rule.actor, rule.causes.empty() ? Cause{{}, rule.name, {}} : rule.causes.front()});
  }
  return result;
}

}  // namespace airlock
