// One exploration answers everything: the rules that fire are noted as it goes, markers among them,
// and the states in which a property's parts matter are its targets. Markers lead back to the state
// they start in, so they add transitions, not states.
//
// A choice makes a difference where some rule, in a state that is reached, could fire under the
// option in force and would do something else under another: fire not at all, or set a variable to
// another value. (Or the other way round: it could fire only under another option.) That is again a
// marker, made here for each rule that mentions the choice.
//
// A parameter is a constant of its world, so another value of it is another world; where the two
// part company is a marker, too (difference.hpp). Two worlds have other rules in many places and
// part soon, as a rule: so this is asked in a search of its own, of a system without other markers.
#include "checker/coverage/coverage.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <map>
#include <set>

#include "checker/coverage/clauses.hpp"
#include "checker/coverage/difference.hpp"
#include "checker/explore/explore.hpp"
#include "model/system/reduce.hpp"
#include "model/system/stop.hpp"

namespace airlock {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* choice_marker = "reading";

Expr with_value(Expr e, VarId variable, std::uint64_t value) {
  Rewriter rewrite(e.pool(), [&](Expr leaf) {
    return leaf.op() == Op::variable && leaf.index() == variable ? same_sort(leaf, value) : leaf;
  });
  return rewrite(e);
}

/// Where `rule` under `value` of `variable` differs from `rule` under `other`.
Expr differs(const Rule& rule, VarId variable, std::uint64_t value, std::uint64_t other) {
  const Expr here = with_value(rule.guard, variable, value);
  const Expr there = with_value(rule.guard, variable, other);
  Expr result = here.pool().boolean(false);
  for (const Update& update : rule.updates) {
    result = result | ne(with_value(update.value, variable, value),
                         with_value(update.value, variable, other));
  }
  return (here ^ there) | (here & there & result);
}

void mark_choices(TransitionSystem& system) {
  std::vector<Rule> markers;
  for (const Choice& choice : system.choices) {
    const Expr variable = system.variable(choice.variable);
    for (const Rule& rule : system.rules) {
      std::vector<Expr> roots{rule.guard};
      for (const Update& update : rule.updates) {
        roots.push_back(update.value);
      }
      const std::vector<VarId> mentioned = variables_of(roots);
      if (is_marker(rule) ||
          !std::binary_search(mentioned.begin(), mentioned.end(), choice.variable)) {
        continue;
      }
      for (const Choice::Option& option : choice.options) {
        Expr guard = system.pool->boolean(false);
        for (const Choice::Option& other : choice.options) {
          if (option.value != other.value) {
            guard = guard | differs(rule, choice.variable, option.value, other.value);
          }
        }
        guard = guard & eq(variable, same_sort(variable, option.value));
        if (!guard.is_false()) {
          markers.push_back({choice_marker,
                             marker_actor,
                             guard,
                             {},
                             inputs_of(std::vector<Expr>{guard}),
                             {{{}, choice.name + "=" + option.name, {}}},
                             AgentKind::marker});
        }
      }
    }
  }
  system.rules.insert(system.rules.end(), markers.begin(), markers.end());
}

/// The hardware's part of what a rule does, or nothing.
std::string hardware_name(const Rule& rule) {
  std::string name;
  for (const Cause& cause : rule.causes) {
    if (cause.location.line == 0) {
      name += (name.empty() ? "" : ", ") + cause.text;
    }
  }
  return name;
}

TransitionSystem without_markers(TransitionSystem system) {
  auto& rules = system.rules;
  rules.erase(std::remove_if(rules.begin(), rules.end(), is_marker), rules.end());
  return system;
}

class Points {
 public:
  Points(const TransitionSystem& pinned, const std::vector<CodePoint>& code,
         const std::vector<OtherSystem>& others,
         const std::map<std::string, std::string>& file_names)
      : system_(pinned), file_names_(file_names) {
    for (const CodePoint& point : code) {
      const std::string name = place_name(point.location);
      if (!point.condition) {
        add(PointKind::statement, name, point.text, point.location);
      } else {
        add(PointKind::condition, name + " true", point.text, point.location);
        add(PointKind::condition, name + " false", point.text, point.location);
      }
    }
    for (std::uint32_t i = 0; i < system_.rules.size(); ++i) {
      if (const std::optional<std::size_t> point = point_of(system_.rules[i])) {
        rules_[i] = *point;
      }
    }
    for (const Choice& choice : system_.choices) {
      for (const Choice::Option& option : choice.options) {
        add(PointKind::choice, choice.name + "=" + option.name, {}, SourceLocation{});
      }
    }
    for (const OtherSystem& other : others) {
      add(PointKind::parameter, other.name, {}, SourceLocation{});
    }
    drop_pinned();
  }

  std::vector<CoveragePoint> points;

  /// The points that rule `rule` reaches when it fires.
  [[nodiscard]] std::optional<std::size_t> of_rule(std::uint32_t rule) const {
    const auto found = rules_.find(rule);
    return found == rules_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::size_t add(PointKind kind, const std::string& name, const std::string& text,
                  const SourceLocation& location) {
    const auto [at, fresh] = by_name_.try_emplace(name, points.size());
    if (fresh) {
      points.push_back({kind, name, text, location, false});
    }
    return at->second;
  }

  [[nodiscard]] std::string place_name(const SourceLocation& at) const {
    const auto own = file_names_.find(at.file);
    return own == file_names_.end() ? short_place(at)
                                    : fmt::format("{}:{}:{}", own->second, at.line, at.column);
  }

  std::optional<std::size_t> point_of(const Rule& rule) {
    if (!is_marker(rule)) {
      const std::string name = hardware_name(rule);
      return name.empty() ? std::nullopt
                          : std::optional(add(PointKind::hardware, name, {}, SourceLocation{}));
    }
    const Cause& cause = rule.causes.at(0);
    if (rule.name == choice_marker) {
      return add(PointKind::choice, cause.text, {}, SourceLocation{});
    }
    const bool statement = rule.name == name_of(Happened::ran);
    const std::string place = place_name(cause.location);
    const auto known = by_name_.find(statement ? place : place + " " + rule.name);
    return known == by_name_.end() ? std::nullopt : std::optional(known->second);
  }

  /// An option that is pinned away is not asked for.
  void drop_pinned() {
    std::set<std::string> away;
    for (const Choice& choice : system_.choices) {
      const Expr initial = system_.variables.at(choice.variable).initial;
      for (const Choice::Option& option : choice.options) {
        if (initial.is_constant() && !initial.is_value(option.value)) {
          away.insert(choice.name + "=" + option.name);
        }
      }
    }
    std::vector<CoveragePoint> kept;
    std::map<std::size_t, std::size_t> moved;
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (points[i].kind != PointKind::choice || away.count(points[i].name) == 0) {
        moved[i] = kept.size();
        kept.push_back(std::move(points[i]));
      }
    }
    points = std::move(kept);
    std::map<std::uint32_t, std::size_t> rules;
    for (const auto& [rule, point] : rules_) {
      if (moved.count(point) != 0) {
        rules[rule] = moved[point];
      }
    }
    rules_ = std::move(rules);
  }

  const TransitionSystem& system_;
  const std::map<std::string, std::string> file_names_;
  std::map<std::string, std::size_t> by_name_;
  std::map<std::uint32_t, std::size_t> rules_;
};

}  // namespace

const char* to_string(PointKind kind) {
  switch (kind) {
    case PointKind::statement: return "statement";
    case PointKind::condition: return "condition";
    case PointKind::hardware: return "hardware";
    case PointKind::choice: return "reading";
    case PointKind::parameter: return "parameter";
  }
  return "";
}

std::string key(const PropertyCheck& property, const ClauseCheck& clause) {
  const bool part = clause.kind == ClauseCheck::Kind::part;
  const bool evaluated = clause.asks == PropertyOperand::Asks::evaluated;
  const bool others = clause.asks == PropertyOperand::Asks::others;
  return property.property +
         (part        ? ": "
          : evaluated ? " evaluates "
          : others    ? " beside "
                      : " true at ") +
         clause.part;
}

struct CoverageRun::Impl {
  Coverage coverage;
  TransitionSystem plain;  ///< choices free, no markers
  Pins pins;
  std::vector<OtherSystem> others;
  bool explored = false;       ///< all states, or far enough to see everything
  std::set<std::string> idle;  ///< of the others: those that never make a difference
  std::unique_ptr<Points> points;
  std::unique_ptr<Reduction> whole;

  /// Notes what has fired; true if no point is awaited any more.
  bool see(const std::vector<bool>& fired, const std::set<std::string>& not_awaited) {
    for (std::uint32_t rule = 0; rule < fired.size(); ++rule) {
      if (fired[rule]) {
        if (const auto point = points->of_rule(whole->rule_origin(rule))) {
          coverage.points[*point].reached = true;
        }
      }
    }
    return std::all_of(coverage.points.begin(), coverage.points.end(), [&](const auto& point) {
      return point.reached || point.kind == PointKind::parameter ||
             not_awaited.count(point.name) != 0;
    });
  }

  CoveragePoint& point(const std::string& name) {
    return *std::find_if(coverage.points.begin(), coverage.points.end(),
                         [&](const CoveragePoint& each) { return each.name == name; });
  }

  /// Looks for steps that other values of parameters would make different ones, as long as there is
  /// time: most of it goes into worlds, which no engine builds.
  void compare_while_time(const CoverageSearch& search, std::uint64_t max_states,
                          const EngineContext& context) {
    const StopScope scope([&context] { return context.should_stop(); });
    try {
      compare_with_others(search, max_states, context);
    } catch (const Stopped&) {  // those that were asked about stay unsettled
    }
  }

  void compare_with_others(const CoverageSearch& search, std::uint64_t max_states,
                           const EngineContext& context) {
    TransitionSystem marked = plain;
    std::set<std::string> open;
    for (const OtherSystem& other : others) {
      if (!point(other.name).reached && idle.count(other.name) == 0 &&
          search.not_awaited.count(other.name) == 0 && !context.should_stop()) {
        mark_differences(marked, other.build(), other.name);
        open.insert(other.name);
      }
    }
    if (!open.empty() && !context.should_stop()) {
      find_differences(marked, std::move(open), max_states, context);
    }
  }

  /// `open`: those whose differences are marked.
  void find_differences(const TransitionSystem& marked, std::set<std::string> open,
                        std::uint64_t max_states, const EngineContext& context) {
    const Reduction reduction(pin(marked, pins), {}, ReduceOptions{true, false, false});
    const std::vector<Rule>& rules = reduction.system().rules;
    const auto any_marker = [&](const std::string& name) {
      return std::any_of(rules.begin(), rules.end(), [&](const Rule& rule) {
        return is_marker(rule) && rule.causes.at(0).text == name;
      });
    };
    for (const OtherSystem& other : others) {
      if (open.count(other.name) != 0 && !any_marker(other.name)) {
        idle.insert(other.name);  // the two are the same
        open.erase(other.name);
      }
    }
    const auto all_seen = [&](const std::vector<bool>& fired) {
      for (std::size_t rule = 0; rule < fired.size(); ++rule) {
        if (fired[rule] && is_marker(rules[rule])) {
          point(rules[rule].causes.at(0).text).reached = true;
          open.erase(rules[rule].causes.at(0).text);
        }
      }
      return open.empty();
    };
    if (open.empty()) {
      return;
    }
    ExploreOptions options;
    options.enough = [&](const ExploreProgress& progress) {
      return all_seen(progress.fired) || (max_states != 0 && progress.states >= max_states);
    };
    const ExploreResult result = airlock::explore(reduction.system(), {}, context, options);
    if (!all_seen(result.fired) && result.complete) {
      idle.insert(open.begin(), open.end());
    }
  }

  /// About every other value there is an answer.
  [[nodiscard]] bool others_settled() {
    return std::all_of(others.begin(), others.end(), [&](const OtherSystem& other) {
      return point(other.name).reached || idle.count(other.name) != 0;
    });
  }

  /// The clauses that are looked for, and their targets.
  std::vector<ClauseCheck*> awaited(const std::set<std::string>& not_awaited,
                                    std::vector<Expr>& targets) {
    std::vector<ClauseCheck*> clauses;
    std::size_t next = 0;
    for (PropertyCheck& property : coverage.properties) {
      for (ClauseCheck& clause : property.clauses) {
        const Expr target = whole->targets()[next++];
        if (clause.outcome.answer == Reachability::unknown &&
            not_awaited.count(key(property, clause)) == 0) {
          clauses.push_back(&clause);
          targets.push_back(target);
        }
      }
    }
    return clauses;
  }
};

CoverageRun::CoverageRun(CoverageInput input, const Pins& chosen,
                         const std::vector<std::string>& properties)
    : impl_(std::make_unique<Impl>()) {
  Coverage& coverage = impl_->coverage;
  coverage.fix = input.fix;
  coverage.single = input.single;
  impl_->plain = without_markers(input.system);
  impl_->others = input.others;
  mark_choices(input.system);
  impl_->pins = default_pins(input.system, chosen);
  coverage.pinned = pin(input.system, impl_->pins);
  std::vector<Expr> targets;
  for (const Property& property : coverage.pinned.properties) {
    if (!properties.empty() &&
        std::find(properties.begin(), properties.end(), property.name) == properties.end()) {
      continue;
    }
    coverage.properties.push_back(clauses_of(coverage.pinned, property, input.operands));
    for (const ClauseCheck& clause : coverage.properties.back().clauses) {
      targets.push_back(clause.witness.predicate);
    }
  }
  impl_->points =
      std::make_unique<Points>(coverage.pinned, input.code, input.others, input.file_names);
  coverage.points = std::move(impl_->points->points);
  impl_->whole =
      std::make_unique<Reduction>(coverage.pinned, targets, ReduceOptions{true, false, false});
}

CoverageRun CoverageRun::not_begun(const std::string& fix, const std::string& reason) {
  CoverageRun run;
  run.impl_->coverage.fix = fix;
  run.impl_->coverage.begun = false;
  run.impl_->coverage.reason = reason;
  return run;
}

CoverageRun::CoverageRun() : impl_(std::make_unique<Impl>()) {}
CoverageRun::~CoverageRun() = default;
CoverageRun::CoverageRun(CoverageRun&&) noexcept = default;
CoverageRun& CoverageRun::operator=(CoverageRun&&) noexcept = default;

void CoverageRun::explore(const CoverageSearch& search, const EngineContext& context) {
  if (impl_->whole == nullptr) {
    return;
  }
  const auto start = Clock::now();
  Coverage& coverage = impl_->coverage;
  constexpr std::uint64_t near = 300'000;
  impl_->compare_while_time(
      search, search.max_states == 0 ? near : std::min(near, search.max_states), context);
  std::vector<Expr> targets;
  const std::vector<ClauseCheck*> clauses = impl_->awaited(search.not_awaited, targets);
  ExploreOptions options;
  options.enough = [&](const ExploreProgress& progress) {
    const bool seen = impl_->see(progress.fired, search.not_awaited) && progress.decided;
    return seen || (search.max_states != 0 && progress.states >= search.max_states);
  };
  const ExploreResult result = airlock::explore(impl_->whole->system(), targets, context, options);
  const bool all_seen = impl_->see(result.fired, {});
  impl_->compare_while_time(search, search.max_states, context);
  bool decided = true;
  for (std::size_t i = 0; i < clauses.size(); ++i) {
    clauses[i]->outcome = result.outcomes[i];
    if (clauses[i]->outcome.path) {
      clauses[i]->outcome.path = impl_->whole->lift(*clauses[i]->outcome.path);
    }
    decided = decided && clauses[i]->outcome.answer != Reachability::unknown;
  }
  impl_->explored = impl_->explored || result.complete || (all_seen && decided);
  coverage.explored = impl_->explored;
  coverage.complete = impl_->explored && impl_->others_settled();
  if (coverage.complete) {
    coverage.reason.clear();
  } else if (!impl_->explored) {
    coverage.reason = result.reason;
  } else {
    coverage.reason = "other values of parameters were not followed to the end";
  }
  coverage.states = std::max(coverage.states, result.states);
  coverage.seconds += std::chrono::duration<double>(Clock::now() - start).count();
}

const Coverage& CoverageRun::coverage() const {
  return impl_->coverage;
}

Coverage CoverageRun::take() && {
  return std::move(impl_->coverage);
}

}  // namespace airlock
