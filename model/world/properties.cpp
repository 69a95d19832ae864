#include "model/world/properties.hpp"

#include <map>
#include <sstream>
#include <stdexcept>
#include <tuple>

#include "model/system/input_error.hpp"
#include "model/system/reduce.hpp"
#include "model/world/compose.hpp"

namespace airlock {
namespace {

struct CommentParts {
  std::string text;
  std::string sentence;
};

/// Splits a comment into what the property says and the sentence for traces; lines are joined.
CommentParts split_comment(const std::string& comment) {
  CommentParts parts;
  std::string* current = &parts.text;
  std::istringstream lines(comment);
  for (std::string line; std::getline(lines, line);) {
    const auto begin = line.find_first_not_of(" \t");
    if (begin == std::string::npos) {
      continue;
    }
    line = line.substr(begin, line.find_last_not_of(" \t\r") - begin + 1);
    if (line.rfind("Trace:", 0) == 0) {
      current = &parts.sentence;
      line = line.substr(std::min<std::size_t>(line.size(), 7));
    }
    *current += (current->empty() ? "" : " ") + line;
  }
  return parts;
}

class PropertyMaker {
 public:
  PropertyMaker(TransitionSystem& system, const Layout& layout, const Program& program,
                const Entries& entries, const MachinePlatform& platform,
                const GlobalBindings& globals, std::vector<PropertyOperand>* operands)
      : system_(system),
        layout_(layout),
        program_(program),
        entries_(entries),
        platform_(platform),
        globals_(globals),
        operands_(operands) {}

  void run() {
    Expr well_defined = is_value(layout_.undefined, 0);
    for (const Function& function : program_.functions()) {
      if (is_property(function, entries_)) {
        well_defined = well_defined && add(function);
      }
    }
    system_.properties.push_back({"always_well_defined",
                                  PropertyKind::always,
                                  well_defined,
                                  "No undefined behaviour of C is reached and no assert() fails.",
                                  "Undefined behaviour: {undefined behaviour}.",
                                  {}});
  }

 private:
  /// By place and way: where something is evaluated.
  using Evaluations =
      std::map<std::tuple<std::string, unsigned, unsigned, std::string>, Step::Mark>;

  Expr is_value(VarId id, std::uint64_t value) const {
    const Expr variable = system_.variable(id);
    return eq(variable, same_sort(variable, value));
  }

  /// Adds the property; returns where evaluating it is well defined.
  Expr add(const Function& function) {
    if (!function.returns_bool || function.parameters != 0) {
      throw InputError(function.location, "property '" + function.name + "' has another type", {},
                       "`bool " + function.name + "(void)`");
    }
    if (const auto place = program_.assumption_in(function.name)) {
      throw InputError(*place, "assume() in property '" + function.name + "'", {},
                       "a condition: `!a || b` says b wherever a");
    }
    Step step(system_, function.name, "property", AgentKind::property);
    if (operands_ != nullptr) {
      step.start_marking(Marking::evaluations);
    }
    Evaluations evaluated;
    Expr predicate = system_.pool->boolean(false);
    Expr defined = system_.pool->boolean(true);
    const std::size_t choices = system_.choices.size();
    for (const AtomicPath& path :
         run_atomically(program_, function.name, step, platform_, globals_)) {
      const Expr guard = path.step.guard();
      if (path.undefined) {
        defined = defined && !guard;
        if (function.name.rfind("never_", 0) == 0) {
          predicate = predicate || guard;  // what cannot be evaluated is not claimed to be false
        }
      } else {
        predicate = predicate || (guard && path.result);
      }
      check_pure(function, path.step);
      for (const Step::Mark& mark : path.step.marks()) {
        Step::Mark never = mark;
        never.condition = system_.pool->boolean(false);
        const auto& [file, line, column] = mark.location;
        Expr& where =
            evaluated.try_emplace({file, line, column, mark.way}, never).first->second.condition;
        where = where || (mark.condition && guard);
      }
    }
    const std::vector<Expr> roots{predicate, defined};
    if (!choices_of(roots).empty() || system_.choices.size() != choices) {
      throw InputError(function.location, "property '" + function.name + "' makes a choice", {},
                       "a function of the state alone: no any_bits(), any_bool() or "
                       "uninitialised variable");
    }
    CommentParts comment = split_comment(function.comment);
    PropertyKind kind = PropertyKind::always;
    if (function.name.rfind("never_", 0) == 0) {
      kind = PropertyKind::never;
    } else if (function.name.rfind("reachable_", 0) == 0) {
      kind = PropertyKind::reachable;
    } else if (function.name.rfind("symptom_", 0) == 0) {
      kind = PropertyKind::symptom;
    }
    system_.properties.push_back({function.name, kind, predicate, comment.text,
                                  resolve(comment.sentence), function.location});
    if (operands_ != nullptr && !seeks_witness(system_.properties.back())) {
      add_operands(function.name, evaluated);
    }
    return defined;
  }

  /// What is evaluated in every state decides nothing.
  void add_operands(const std::string& property, const Evaluations& evaluated) {
    for (const auto& [place, mark] : evaluated) {
      if (!mark.condition.is_true()) {
        operands_->push_back({property, mark.location, mark.text, mark.condition});
      }
    }
  }

  void check_pure(const Function& function, const Step& step) const {
    for (VarId id = 0; id < system_.variables.size(); ++id) {
      if (step.get(id) != system_.variable(id)) {
        throw InputError(
            function.location,
            "property '" + function.name + "' changes '" + system_.variables[id].name + "'", {},
            "a function that only reads");
      }
    }
  }

  /// {cpu.debugctl} -> {DEBUGCTL}: C paths become variable names, in {?path: ...} and {!path: ...}
  /// too; others stay as they are.
  [[nodiscard]] std::string resolve(const std::string& sentence) const {
    std::string result;
    std::size_t at = 0;
    for (std::size_t open = sentence.find('{'); open != std::string::npos;
         open = sentence.find('{', at)) {
      std::size_t begin = open + 1;
      if (begin < sentence.size() && (sentence[begin] == '?' || sentence[begin] == '!')) {
        ++begin;
      }
      const std::size_t end = sentence.find_first_of(":}", begin);
      if (end == std::string::npos) {
        break;
      }
      result +=
          sentence.substr(at, begin - at) + variable_name(sentence.substr(begin, end - begin));
      at = end;
    }
    return result + sentence.substr(at);
  }

  [[nodiscard]] std::string variable_name(const std::string& path) const {
    if (const auto leaf = platform_.object(path)) {
      return system_.variables[leaf->variable].name;
    }
    const auto found = globals_.find(path);
    return found == globals_.end() ? path : system_.variables[found->second].name;
  }

  TransitionSystem& system_;
  const Layout& layout_;
  const Program& program_;
  const Entries& entries_;
  const MachinePlatform& platform_;
  const GlobalBindings& globals_;
  std::vector<PropertyOperand>* operands_;
};

/// An actor's step does not count: one that may fire for ever would hide that an assume() has
/// stopped the vCPU, and with it everything that a property could see.
Expr somebody_can_go_on(TransitionSystem without_actors) {
  std::erase_if(without_actors.rules, [](const Rule& rule) { return is_actor(rule.agent); });
  try {
    return can_continue(without_actors);
  } catch (const std::length_error& error) {
    throw InputError(
        {}, std::string("too many values decide where the program goes: ") + error.what(), {},
        "any_bits() with fewer bits; a variable without a value has all of its type's");
  }
}

}  // namespace

void add_properties(TransitionSystem& system, const Layout& layout, const Program& program,
                    const Entries& entries, const MachinePlatform& platform,
                    const GlobalBindings& globals, std::vector<PropertyOperand>* operands) {
  PropertyMaker(system, layout, program, entries, platform, globals, operands).run();
}

void add_can_continue(TransitionSystem& system) {
  system.properties.push_back({"always_can_continue",
                               PropertyKind::always,
                               somebody_can_go_on(system),
                               "The vCPU can always go on: no assume() is a dead end.",
                               "Nothing can happen any more.",
                               {}});
}

}  // namespace airlock
