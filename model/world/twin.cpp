// Self-composition: to say something about two runs of a system, run it beside itself (G. Barthe,
// P. D'Argenio, T. Rezk, Secure Information Flow by Self-Composition, CSFW 2004). Here the two need
// not be the same system, and they need not move in step: a twin's rules move A, or B, or both, as
// its builder says. Rules keep their causes, so that a trace of the twin reads as two interleaved
// stories, each line with the letter of the copy that acts.
#include "model/world/twin.hpp"

#include <algorithm>
#include <stdexcept>

namespace airlock {
namespace {

const char* letter(Copy copy) {
  return copy == Copy::a ? "A" : "B";
}

std::string letter_dot(Copy copy) {
  return std::string(letter(copy)) + ".";
}

bool is_choice(const TransitionSystem& system, VarId id) {
  return std::any_of(system.choices.begin(), system.choices.end(),
                     [&](const Choice& choice) { return choice.variable == id; });
}

}  // namespace

std::string kind_of_input(const Input& input) {
  const std::size_t colon = input.name.find(':');
  const std::size_t space = colon == std::string::npos ? colon : input.name.rfind(' ', colon);
  const bool place = colon != std::string::npos && space != std::string::npos &&
                     colon + 1 < input.name.size() && input.name[colon + 1] >= '0' &&
                     input.name[colon + 1] <= '9';
  return place ? input.name.substr(0, space) : input.name;
}

Twin::Twin(const TransitionSystem& a, const TransitionSystem& b,
           const std::function<bool(const Variable&)>& shared)
    : a_(a), b_(b) {
  half_a_.from = &a;
  half_b_.from = &b;
  add_variables(Copy::a, shared);
  add_variables(Copy::b, shared);
  add_choices();
  for (const Copy copy : {Copy::a, Copy::b}) {
    const TransitionSystem& from = original(copy);
    if (from.initial_constraint.valid()) {
      const Expr constraint = of(copy, from.initial_constraint);
      system_.initial_constraint = system_.initial_constraint.valid()
                                       ? system_.initial_constraint && constraint
                                       : constraint;
    }
    for (const VarId id : from.control) {
      const VarId mine = variable(copy, id);
      if (std::find(system_.control.begin(), system_.control.end(), mine) ==
          system_.control.end()) {
        system_.control.push_back(mine);
      }
    }
    for (const std::string& sentence : from.assumptions) {
      if (std::find(system_.assumptions.begin(), system_.assumptions.end(), sentence) ==
          system_.assumptions.end()) {
        system_.assumptions.push_back(sentence);
      }
    }
  }
}

VarId Twin::variable(Copy copy, VarId id) const {
  return (copy == Copy::a ? half_a_ : half_b_).variables.at(id);
}

InputId Twin::import_input(const Input& input) {
  return system_.add_input(input.name, input.sort, input.argument, input.by);
}

void Twin::add_variables(Copy copy, const std::function<bool(const Variable&)>& shared) {
  Half& mine = half(copy);
  const TransitionSystem& from = *mine.from;
  Rewriter rewrite(*system_.pool, [&](Expr leaf) {
    auto found = mine.fixed.find(leaf.index());
    if (found == mine.fixed.end()) {
      const InputId id = import_input(from.inputs.at(leaf.index()));
      system_.initial_inputs.push_back(id);
      found = mine.fixed.emplace(leaf.index(), id).first;
    }
    return system_.input(found->second);
  });
  for (VarId id = 0; id < from.variables.size(); ++id) {
    const Variable& variable = from.variables[id];
    const bool once = shared(variable) || is_choice(from, id);
    if (once && copy == Copy::b) {
      const auto known = system_.find_variable(variable.name);
      if (!known || system_.variables[*known].sort != variable.sort) {
        throw std::logic_error("twin: '" + variable.name + "' is not in both systems");
      }
      mine.variables.push_back(*known);
      continue;
    }
    const std::string name = once ? variable.name : letter_dot(copy) + variable.name;
    mine.variables.push_back(system_.add_variable(name, variable.sort, rewrite(variable.initial),
                                                  variable.display, variable.owner));
    if (!once) {
      Variable& added = system_.variables.back();
      added.cpu = variable.cpu;
      added.copy = copy;
      added.counterpart = copy == Copy::a
                              ? std::nullopt
                              : system_.find_variable(letter_dot(Copy::a) + variable.name);
    }
  }
  mine.fixed.clear();  // a rule's inputs are its own
}

void Twin::add_choices() {
  for (Choice choice : a_.choices) {
    choice.variable = variable(Copy::a, choice.variable);
    system_.choices.push_back(std::move(choice));
  }
}

Expr Twin::of(Copy copy, Expr e) {
  Rewriter rewrite(*system_.pool, [&](Expr leaf) {
    if (leaf.op() != Op::variable) {
      throw std::logic_error("twin: a choice outside a rule");
    }
    return system_.variable(variable(copy, leaf.index()));
  });
  return rewrite(e);
}

void Twin::alone(Copy copy, const Rule& rule, Expr condition) {
  Half& mine = half(copy);
  Rewriter rewrite(*system_.pool, [&](Expr leaf) {
    if (leaf.op() == Op::variable) {
      return system_.variable(variable(copy, leaf.index()));
    }
    auto found = mine.fixed.find(leaf.index());
    if (found == mine.fixed.end()) {
      found =
          mine.fixed.emplace(leaf.index(), import_input(mine.from->inputs.at(leaf.index()))).first;
    }
    return system_.input(found->second);
  });
  const std::string who = std::string(letter(copy)) + ": ";
  Rule moved{who + rule.name, who + rule.actor, condition & rewrite(rule.guard), {}, {},
             rule.causes,     rule.agent};
  for (Cause& cause : moved.causes) {
    cause.when = cause.when.valid() ? rewrite(cause.when) : cause.when;
    cause.remarks.clear();  // the guest's program, which both run, has variables of its own
  }
  if (moved.guard.is_false()) {
    return;
  }
  std::vector<Expr> roots{moved.guard};
  for (const Update& update : rule.updates) {
    moved.updates.push_back({variable(copy, update.variable), rewrite(update.value)});
    roots.push_back(moved.updates.back().value);
  }
  moved.inputs = inputs_of(roots);
  system_.rules.push_back(std::move(moved));
}

/// The inputs of rules that fire together: the k-th of a kind is the same in all of them. Where
/// both copies are of one system, a kind is one place in its files, so that an input is shared with
/// itself whatever else a path chooses before it.
class Twin::JointInputs {
 public:
  explicit JointInputs(Twin& twin) : twin_(twin) {}

  /// By the rule's own inputs.
  std::map<InputId, InputId> of(Copy copy, const Rule& rule) {
    std::map<InputId, InputId> result;
    std::map<Kind, std::size_t> seen;
    for (const InputId id : rule.inputs) {
      const Input& input = twin_.original(copy).inputs.at(id);
      const bool same = &twin_.a_ == &twin_.b_;
      const Kind kind{same ? input.name : kind_of_input(input), input.sort.width()};
      std::vector<InputId>& known = known_[kind];
      const std::size_t number = seen[kind]++;
      if (number == known.size()) {
        known.push_back(twin_.import_input(input));
      }
      result[id] = known[number];
    }
    return result;
  }

 private:
  using Kind = std::pair<std::string, unsigned>;
  Twin& twin_;
  std::map<Kind, std::vector<InputId>> known_;
};

Expr Twin::joint(Copy copy, const Rule& rule, JointInputs& inputs, Expr e) {
  const std::map<InputId, InputId> mine = inputs.of(copy, rule);
  Rewriter rewrite(*system_.pool, [&](Expr leaf) {
    if (leaf.op() == Op::variable) {
      return system_.variable(variable(copy, leaf.index()));
    }
    const auto found = mine.find(leaf.index());  // (else of a cause alone: Cause::when)
    return found == mine.end() ? system_.pool->constant(leaf.sort(), 0)
                               : system_.input(found->second);
  });
  return rewrite(e);
}

void Twin::together(const Rule& a, const Rule& b, Expr condition) {
  JointInputs inputs(*this);
  const auto both = [](const std::string& of_a, const std::string& of_b) {
    return of_a == of_b ? "A and B: " + of_a : "A: " + of_a + "; B: " + of_b;
  };
  Rule moved{both(a.name, b.name), both(a.actor, b.actor), condition, {}, {}, a.causes, a.agent};
  for (Cause& cause : moved.causes) {
    cause.when = cause.when.valid() ? joint(Copy::a, a, inputs, cause.when) : cause.when;
    cause.remarks.clear();
  }
  std::vector<Expr> roots;
  const auto add = [&](Copy copy, const Rule& rule) {
    moved.guard = moved.guard & joint(copy, rule, inputs, rule.guard);
    for (const Update& update : rule.updates) {
      const VarId id = variable(copy, update.variable);
      const bool written = std::any_of(moved.updates.begin(), moved.updates.end(),
                                       [&](const Update& u) { return u.variable == id; });
      if (!written) {
        moved.updates.push_back({id, joint(copy, rule, inputs, update.value)});
        roots.push_back(moved.updates.back().value);
      }
    }
  };
  add(Copy::a, a);
  add(Copy::b, b);
  if (moved.guard.is_false()) {
    return;
  }
  roots.push_back(moved.guard);
  moved.inputs = inputs_of(roots);
  system_.rules.push_back(std::move(moved));
}

void Twin::unmatched(Copy copy, const Rule& rule, std::span<const Rule* const> others,
                     Expr condition, VarId flag) {
  const Copy other_copy = copy == Copy::a ? Copy::b : Copy::a;
  JointInputs inputs(*this);
  Expr guard = condition & joint(copy, rule, inputs, rule.guard);
  for (const Rule* other : others) {
    guard = guard & !joint(other_copy, *other, inputs, other->guard);
  }
  if (guard.is_false()) {
    return;
  }
  const std::string who = std::string(letter(copy)) + ": " + rule.actor;
  Rule watch{who + ", without its like",
             who,
             guard,
             {},
             {},
             {{{}, rule.name + ": the other copy cannot", ""}},
             rule.agent};
  watch.updates.push_back({flag, system_.pool->boolean(true)});
  watch.inputs = inputs_of(std::vector<Expr>{guard});
  system_.rules.push_back(std::move(watch));
}

}  // namespace airlock
