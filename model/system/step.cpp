#include "model/system/step.hpp"

#include <algorithm>
#include <cassert>
#include <stdexcept>

namespace airlock {

Step::Step(TransitionSystem& system, std::string name, std::string actor, AgentKind agent)
    : system_(&system),
      name_(std::move(name)),
      actor_(std::move(actor)),
      agent_(agent),
      guard_(system.pool->boolean(true)),
      inputs_(std::make_shared<Inputs>()) {}

Expr Step::get(VarId variable) const {
  const auto found = values_.find(variable);
  return found != values_.end() ? found->second : system_->variable(variable);
}

void Step::must_go_on() const {
  if (ended_) {
    throw std::logic_error("step '" + name_ + "' goes on after its end: " + *ended_);
  }
}

void Step::end(const std::string& reason) {
  must_go_on();
  ended_ = reason;
}

Step Step::again_from(const Step& start) const {
  must_go_on();
  Step again = *this;
  again.values_ = start.values_;
  again.causes_.clear();
  again.marks_.clear();
  again.marking_ = Marking::nothing;
  return again;
}

void Step::set(VarId variable, Expr value) {
  must_go_on();
  assert(value.sort() == system_->variables.at(variable).sort);
  values_[variable] = value;
}

Expr Step::choose(const std::string& key, Sort sort, const std::string& argument,
                  const std::string& name, std::optional<AgentKind> by) {
  must_go_on();
  auto found = inputs_->by_key.find(key);
  if (found == inputs_->by_key.end()) {
    std::string shown = name.empty() ? key : name;
    const unsigned number = ++inputs_->names[shown];
    if (number > 1) {
      shown += " #" + std::to_string(number);
    }
    const InputId id = system_->add_input(shown, sort, argument, by.value_or(agent_));
    found = inputs_->by_key.emplace(key, id).first;
  }
  assert(system_->inputs[found->second].sort == sort);
  return system_->input(found->second);
}

void Step::assume(Expr condition) {
  must_go_on();
  if (!condition.is_true()) {
    assumed_.push_back(condition);
    guard_ = guard_ & condition;
  }
}

void Step::cause(Cause cause) {
  must_go_on();
  causes_.push_back(std::move(cause));
}

void Step::remark(Remark remark) {
  must_go_on();
  if (!causes_.empty() && !(remark.when.valid() && remark.when.is_false())) {
    causes_.back().remarks.push_back(std::move(remark));
  }
}

void Step::finish() const {
  if (!feasible()) {
    return;
  }
  Rule rule{name_, actor_, guard_, {}, {}, causes_, agent_};
  std::vector<Expr> roots{guard_};
  for (const auto& [variable, value] : values_) {
    if (value != system_->variable(variable)) {
      rule.updates.push_back({variable, value});
      roots.push_back(value);
    }
  }
  rule.inputs = inputs_of(roots);
  system_->rules.push_back(std::move(rule));
  finish_markers();
}

void Step::mark(Happened what, const SourceLocation& location, const std::string& text,
                Expr condition, const std::string& way) {
  const Marking kind = what == Happened::evaluated || what == Happened::all_true
                           ? Marking::evaluations
                           : Marking::runs;
  if (marking_ != kind) {
    return;
  }
  const Expr here = guard_ & condition;
  const auto [at, fresh] =
      marks_.try_emplace({location.file, location.line, location.column, way, what},
                         Mark{location, way, what, text, here});
  if (!fresh) {
    at->second.condition = at->second.condition | here;
  }
}

void Step::mark_all_of(const Step& arm) {
  for (const auto& [key, mark] : arm.marks_) {
    const auto [at, fresh] = marks_.try_emplace(key, mark);
    if (!fresh) {
      at->second.condition = at->second.condition | mark.condition;
    }
  }
}

std::vector<Step::Mark> Step::marks() const {
  std::vector<Mark> result;
  for (const auto& [key, mark] : marks_) {
    result.push_back(mark);
  }
  return result;
}

void Step::finish_markers() const {
  for (const auto& [key, mark] : marks_) {
    const Expr guard = guard_ & mark.condition;
    if (!guard.is_false()) {
      system_->rules.push_back({name_of(mark.what),
                                marker_actor,
                                guard,
                                {},
                                inputs_of(std::vector<Expr>{guard}),
                                {{mark.location, mark.text, {}}},
                                AgentKind::marker});
    }
  }
}

std::pair<Step, Step> fork(const Step& step, Expr condition) {
  std::pair<Step, Step> halves{step, step};
  halves.first.assume(condition);
  halves.second.assume(!condition);
  return halves;
}

}  // namespace airlock
