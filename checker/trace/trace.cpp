#include "checker/trace/trace.hpp"

#include <algorithm>
#include <cassert>
#include <fmt/format.h>
#include <functional>
#include <iterator>
#include <stdexcept>

#include "model/system/interpreter.hpp"

namespace airlock {
namespace {

/// Where a variable comes in the account of a step.
int rank(const Variable& variable) {
  switch (variable.owner.role) {
    case Role::cpu:
    case Role::cpu_mode: return 0;
    case Role::vmcb: return 1;
    case Role::host_save_area: return 2;
    case Role::software: return 3;
    case Role::guest_view: return 100;
    case Role::reference_guest: return 101;
    case Role::reference_host: return 102;
    default: return 50;
  }
}

bool is_target(const Property& property, const State& state) {
  const bool value = evaluate(property.predicate, state) != 0;
  return property.kind == PropertyKind::always ? !value : value;
}

std::string value_in(const TransitionSystem& system, const State& state, VarId id) {
  return shown_value(system.variables[id], state[id]);
}

/// The end of the placeholder that opens at `open`: braces nest one level deep.
std::size_t closing_brace(const std::string& text, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < text.size(); ++i) {
    depth += text[i] == '{' ? 1 : (text[i] == '}' ? -1 : 0);
    if (depth == 0) {
      return i;
    }
  }
  return std::string::npos;
}

/// {name} becomes the variable's value; {?name: text} becomes text where the value is not 0, and
/// {!name: text} where it is. What names no variable stays as it is written.
std::string fill_in(const std::string& text, const TransitionSystem& system, const State& state) {
  std::string result;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t open = text.find('{', at);
    const std::size_t close = open == std::string::npos ? open : closing_brace(text, open);
    if (close == std::string::npos) {
      break;
    }
    result += text.substr(at, open - at);
    const std::string inside = text.substr(open + 1, close - open - 1);
    const bool conditional = !inside.empty() && (inside[0] == '?' || inside[0] == '!');
    const std::size_t colon = conditional ? inside.find(": ") : std::string::npos;
    const std::string name = colon == std::string::npos ? inside : inside.substr(1, colon - 1);
    const std::optional<VarId> id = system.find_variable(name);
    if (!id) {
      result += text.substr(open, close - open + 1);
    } else if (colon == std::string::npos) {
      result += value_in(system, state, *id);
    } else if ((state.at(*id) != 0) == (inside[0] == '?')) {
      result += fill_in(inside.substr(colon + 2), system, state);
    }
    at = close + 1;
  }
  return result + text.substr(std::min(at, text.size()));
}

/// The cause, and what is remarked of it here: a value ends its text, anything else follows it.
std::vector<Cause> told_of(const Cause& cause, const std::function<std::uint64_t(Expr)>& value_of) {
  std::vector<Cause> result{cause};
  for (const Remark& remark : cause.remarks) {
    if (remark.when.valid() && value_of(remark.when) == 0) {
      continue;
    }
    if (remark.value.valid()) {
      const Variable shown{{}, remark.value.sort(), {}, remark.display};
      result.front().text += remark.text + shown_value(shown, value_of(remark.value));
    } else {
      result.push_back({{}, remark.text, {}, Event::following});
    }
  }
  result.front().remarks.clear();
  return result;
}

/// Which of the rule's causes happen in this step, and with what values.
void tell(Trace& trace, std::size_t step) {
  const PathStep& taken = trace.path.steps[step - 1];
  const Rule& rule = trace.system->rules.at(taken.rule);
  if (std::none_of(rule.causes.begin(), rule.causes.end(), [](const Cause& cause) {
        return cause.when.valid() || !cause.remarks.empty();
      })) {
    return;
  }
  InputValues inputs(trace.system->inputs.size(), 0);
  for (std::size_t i = 0; i < rule.inputs.size(); ++i) {
    inputs[rule.inputs[i]] = taken.inputs[i];
  }
  const auto value_of = [&](Expr e) { return evaluate(e, trace.states[step - 1], inputs); };
  Rule told = rule;
  told.causes.clear();
  for (const Cause& cause : rule.causes) {
    if (!cause.when.valid() || value_of(cause.when) != 0) {
      std::vector<Cause> said = told_of(cause, value_of);
      std::move(said.begin(), said.end(), std::back_inserter(told.causes));
    }
  }
  trace.told.emplace(step, std::move(told));
}

}  // namespace

Trace make_trace(const TransitionSystem& system, const Property& property, Path path) {
  std::vector<State> states = replay(system, path);
  assert(states.size() == path.steps.size() + 1);
  if (!is_target(property, states.back())) {
    throw std::logic_error("a path for '" + property.name +
                           "' replays but does not end where it should: an engine is wrong");
  }
  Trace trace{&system, &property, std::move(path), std::move(states)};
  for (std::size_t step = 1; step <= trace.steps(); ++step) {
    tell(trace, step);
  }
  return trace;
}

std::vector<Change> changes(const Trace& trace, std::size_t step) {
  assert(step >= 1 && step < trace.states.size());
  const State& before = trace.states[step - 1];
  const State& after = trace.states[step];
  std::vector<Change> result;
  for (VarId id = 0; id < before.size(); ++id) {
    if (before[id] != after[id] && !trace.system->variables[id].owner.hidden) {
      result.push_back({id, before[id], after[id]});
    }
  }
  std::stable_sort(result.begin(), result.end(), [&](const Change& a, const Change& b) {
    return rank(trace.system->variables[a.variable]) < rank(trace.system->variables[b.variable]);
  });
  return result;
}

std::string shown_value(const Variable& variable, std::uint64_t value) {
  constexpr std::uint64_t largest_decimal = 9999;
  return variable.display.kind == Display::Kind::plain && value > largest_decimal
             ? fmt::format("0x{:x}", value)
             : format_value(variable, value);
}

std::string option_in(const Choice& choice, const State& state) {
  const std::uint64_t value = state.at(choice.variable);
  for (const Choice::Option& option : choice.options) {
    if (option.value == value) {
      return option.name;
    }
  }
  return std::to_string(value);
}

std::string filled_in(const std::string& text, const TransitionSystem& system, const State& state) {
  return fill_in(text, system, state);
}

namespace {

std::string about_last_state(const Trace& trace) {
  const TransitionSystem& system = *trace.system;
  const Property& property = *trace.property;
  const State& last = trace.states.back();
  if (!property.sentence.empty()) {
    return fill_in(property.sentence, system, last);
  }
  const std::vector<Expr> roots{property.predicate};
  std::string values;
  for (const VarId id : variables_of(roots)) {
    const Variable& variable = system.variables[id];
    if (!variable.owner.hidden) {
      values += (values.empty() ? "" : ", ") + variable.name + " is " + value_in(system, last, id);
    }
  }
  const std::string text = property.text.empty() ? property.name + "." : property.text;
  if (values.empty()) {
    return text;
  }
  return (seeks_witness(property) ? "Reached: " : "It should be: ") + text + " Here " + values +
         ".";
}

}  // namespace

std::string last_sentence(const Trace& trace) {
  return about_last_state(trace) + (trace.afterwards.empty() ? "" : " " + trace.afterwards);
}

}  // namespace airlock
