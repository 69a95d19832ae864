#include "model/world/properties.hpp"

#include <algorithm>
#include <map>
#include <sstream>
#include <stdexcept>
#include <tuple>

#include "model/system/input_error.hpp"
#include "model/system/known_bits.hpp"
#include "model/system/reduce.hpp"
#include "model/world/both_hosts.hpp"
#include "model/world/compose.hpp"
#include "model/world/words.hpp"

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
                const GlobalBindings& globals, std::optional<VarId> lost,
                std::vector<PropertyOperand>* operands)
      : system_(system),
        layout_(layout),
        program_(program),
        entries_(entries),
        platform_(platform),
        globals_(globals),
        lost_(lost),
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
      std::map<std::tuple<std::string, unsigned, unsigned, std::string, Happened>, Step::Mark>;

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
    check_only_reads(program_, function.name, "property '" + function.name + "'");
    Step step(system_, function.name, "property", AgentKind::property);
    if (operands_ != nullptr) {
      step.start_marking(Marking::evaluations);
    }
    Evaluations evaluated;
    Expr predicate = system_.pool->boolean(false);
    Expr defined = system_.pool->boolean(true);
    const std::size_t inputs = system_.inputs.size();
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
        Expr& where = evaluated.try_emplace({file, line, column, mark.way, mark.what}, never)
                          .first->second.condition;
        where = where || (mark.condition && guard);
      }
    }
    const std::vector<Expr> roots{predicate, defined};
    if (!inputs_of(roots).empty() || system_.inputs.size() != inputs) {
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
    std::string sentence = resolve(function, comment.sentence);
    if (lost_ && rests_on_reference_host(predicate)) {
      const Expr follows = is_value(*lost_, 0);
      predicate = kind == PropertyKind::never ? predicate || !follows : predicate && follows;
      sentence = sentence_with_lost(sentence);
    }
    if (lost_ && rests_on_reference_host(defined)) {
      defined = defined || !is_value(*lost_, 0);
    }
    system_.properties.push_back(
        {function.name, kind, predicate, comment.text, sentence, function.location});
    if (operands_ != nullptr && !seeks_witness(system_.properties.back())) {
      add_operands(function.name, evaluated);
      add_parts(function, kind);
    }
    return defined;
  }

  [[nodiscard]] bool rests_on_reference_host(Expr e) const {
    const std::vector<VarId> read = variables_of(std::vector<Expr>{e});
    const std::vector<VarId> registers = reference_registers(layout_);
    return std::find_first_of(read.begin(), read.end(), registers.begin(), registers.end()) !=
           read.end();
  }

  /// Where the property has no sentence of its own, traces tell the values that it depends on.
  static std::string sentence_with_lost(const std::string& sentence) {
    const std::string lost(lost_name);
    return sentence.empty()
               ? sentence
               : "{?" + lost + ": The reference host cannot follow {" + lost +
                     "}: what its registers would hold had no guest run is not known.}{!" + lost +
                     ": " + sentence + "}";
  }

  /// What is evaluated in every state decides nothing.
  void add_operands(const std::string& property, const Evaluations& evaluated) {
    for (const auto& [place, mark] : evaluated) {
      if (!mark.condition.is_true()) {
        operands_->push_back({property, mark.location, mark.text, mark.condition,
                              mark.what == Happened::all_true ? PropertyOperand::Asks::all_true
                                                              : PropertyOperand::Asks::evaluated});
      }
    }
  }

  /// "Never a && b": neither comes first. Each part must have something to say, where the others
  /// are all true. (In `!a || b` the claim is b.)
  void add_parts(const Function& function, PropertyKind kind) {
    const bool never = kind == PropertyKind::never;
    if (!(never ? function.returns_conjunction : function.returns_negated_conjunction)) {
      return;
    }
    const Expr predicate = system_.properties.back().predicate;
    const std::vector<Expr> parts = conjuncts(never ? predicate : !predicate);
    for (std::size_t i = 0; i < parts.size() && parts.size() > 1; ++i) {
      Expr others = system_.pool->boolean(true);
      for (std::size_t j = 0; j < parts.size(); ++j) {
        others = j == i ? others : others & parts[j];
      }
      operands_->push_back(
          {function.name, function.location, {}, others, PropertyOperand::Asks::others, parts[i]});
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
  /// too, whose text may hold more of them.
  [[nodiscard]] std::string resolve(const Function& function, const std::string& sentence) const {
    std::string result;
    std::size_t at = 0;
    while (at < sentence.size()) {
      if (sentence[at] == '}') {
        refuse_sentence(function, "has a '}' without its '{'",
                        "{path}, {?path: text}, {!path: text}");
      }
      if (sentence[at] != '{') {
        result += sentence[at++];
        continue;
      }
      const std::size_t close = closing_brace(sentence, at);
      if (close == std::string::npos) {
        refuse_sentence(function, "has a '{' without its '}'",
                        "{path}, {?path: text}, {!path: text}");
      }
      std::string inside = sentence.substr(at + 1, close - at - 1);
      at = close + 1;
      if (inside.empty() || (inside[0] != '?' && inside[0] != '!')) {
        result += "{" + variable_name(function, inside) + "}";
        continue;
      }
      const std::size_t colon = inside.find(": ");
      if (colon == std::string::npos) {
        refuse_sentence(function, "has '{" + inside + "}' without its text",
                        "{" + inside + ": text}");
      }
      result += "{" + inside.substr(0, 1) + variable_name(function, inside.substr(1, colon - 1)) +
                ": " + resolve(function, inside.substr(colon + 2)) + "}";
    }
    return result;
  }

  static std::size_t closing_brace(const std::string& text, std::size_t open) {
    int depth = 0;
    for (std::size_t i = open; i < text.size(); ++i) {
      depth += text[i] == '{' ? 1 : (text[i] == '}' ? -1 : 0);
      if (depth == 0) {
        return i;
      }
    }
    return std::string::npos;
  }

  [[noreturn]] static void refuse_sentence(const Function& function, const std::string& what,
                                           const std::string& expected) {
    throw InputError(function.location, "the Trace: line of '" + function.name + "' " + what, {},
                     expected);
  }

  [[nodiscard]] std::string variable_name(const Function& function, const std::string& path) const {
    if (const auto leaf = platform_.object(path)) {
      return system_.variables[leaf->variable].name;
    }
    const auto found = globals_.find(path);
    if (found != globals_.end()) {
      return system_.variables[found->second].name;
    }
    if (!system_.find_variable(path)) {
      refuse_sentence(function, "names '" + path + "', which there is not",
                      "an object of the machine or a global, down to a scalar: {cpu.debugctl}");
    }
    return path;
  }

  TransitionSystem& system_;
  const Layout& layout_;
  const Program& program_;
  const Entries& entries_;
  const MachinePlatform& platform_;
  const GlobalBindings& globals_;
  std::optional<VarId> lost_;
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
                    const GlobalBindings& globals, std::optional<VarId> lost,
                    std::vector<PropertyOperand>* operands) {
  PropertyMaker(system, layout, program, entries, platform, globals, lost, operands).run();
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
