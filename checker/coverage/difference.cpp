// Two systems that were made of the same text under different parameters, compared rule by rule.
//
// The question is whether the difference can be seen at all, that is, whether some run of one is no
// run of the other. The first step at which they part begins in a state that both reach by the same
// steps. So it is enough to look at the states of one: does it reach a state in which the two do
// not have the same steps? That is asked as everything is in coverage, by markers: rules that
// change nothing and fire where a step is possible in one system and not in the other. (The product
// of the two systems would say the same and cost more than either.)
//
// Most rules are the same in both, expression for expression, once the other system's are imported
// into the pool of this one: these are compared by their handles. For each rule r of the rest, with
// all rules R of the same actor in the other system:
//
//     some inputs let r fire, and none of R fires with these inputs and does the same.
//
// What members of R choose beyond r's inputs is quantified away (model/system/quantify), so that
// nothing is called different that some input would make the same.
#include "checker/coverage/difference.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <tuple>
#include <vector>

#include "model/system/known_bits.hpp"
#include "model/system/marker.hpp"
#include "model/system/quantify.hpp"

namespace airlock {
namespace {

/// Names for inputs: the n-th of a name and sort within a rule.
class InputNames {
 public:
  using Name = std::tuple<std::string, bool, unsigned, unsigned>;

  explicit InputNames(const TransitionSystem& system) {
    add(system, system.initial_inputs);
    for (const Rule& rule : system.rules) {
      if (!is_marker(rule)) {
        add(system, rule.inputs);
      }
    }
  }

  /// Of every input that a rule or the initial state mentions.
  std::map<InputId, Name> names;

 private:
  void add(const TransitionSystem& system, const std::vector<InputId>& together) {
    std::set<Name> taken;
    for (const InputId id : together) {
      if (const auto named = names.find(id);
          named != names.end() && !taken.insert(named->second).second) {
        throw std::logic_error("two choices of one rule have one name, '" +
                               system.inputs.at(id).name + "', in other rules");
      }
    }
    for (const InputId id : together) {
      const Input& input = system.inputs.at(id);
      Name name{input.name, input.sort.is_bool(), input.sort.width(), 0};
      while (names.count(id) == 0 && !taken.insert(name).second) {
        ++std::get<3>(name);
      }
      names.try_emplace(id, name);
    }
  }
};

/// A rule in the words of one system, whichever it comes from.
struct PlainRule {
  std::string actor;
  Expr guard;
  std::map<VarId, Expr> updates;
  std::map<std::string, Expr> beyond;  ///< of variables that only the other system has
  std::vector<InputId> inputs;
  std::map<std::uint32_t, std::uint64_t> settled;  ///< what the guard says outright, by node
};

class Differences {
 public:
  Differences(TransitionSystem& system, const TransitionSystem& other, const std::string& name)
      : system_(system),
        other_(other),
        name_(name),
        to_own_(*system.pool, [this](Expr leaf) { return own(leaf); }),
        imported_(*system.pool, [this](Expr leaf) { return import(leaf); }) {
    unite_inputs();
    for (VarId id = 0; id < other.variables.size(); ++id) {
      here_.push_back(system.find_variable(other.variables[id].name));
      if (here_.back() && system.variables[*here_.back()].sort != other.variables[id].sort) {
        throw std::logic_error("two systems of one text differ in the sort of '" +
                               other.variables[id].name + "'");
      }
    }
  }

  void mark() {
    std::vector<PlainRule> mine = own_rules();
    std::vector<PlainRule> theirs = other_rules();
    find_read(mine, theirs);
    drop_unread(mine);
    drop_unread(theirs);
    mark_initial_states();
    mark_properties();
    mark_steps(without(mine, theirs), theirs);
    mark_steps(without(theirs, mine), mine);
    system_.rules.insert(system_.rules.end(), markers_.begin(), markers_.end());
  }

 private:
  // --- one vocabulary ---------------------------------------------------------------------------

  void unite_inputs() {
    std::map<InputNames::Name, InputId> united;
    for (const auto& [id, name] : InputNames(system_).names) {
      own_input_[id] = united.try_emplace(name, id).first->second;
    }
    for (const auto& [id, name] : InputNames(other_).names) {
      auto known = united.find(name);
      if (known == united.end()) {
        const Input& input = other_.inputs.at(id);
        const InputId fresh = system_.add_input(input.name, input.sort, input.argument);
        known = united.emplace(name, fresh).first;
      }
      import_input_[id] = known->second;
    }
  }

  Expr own(Expr leaf) {
    return leaf.op() == Op::input ? system_.input(own_input_.at(leaf.index())) : leaf;
  }

  Expr import(Expr leaf) {
    if (leaf.op() == Op::input) {
      return system_.input(import_input_.at(leaf.index()));
    }
    const std::optional<VarId> here = here_[leaf.index()];
    return here ? system_.variable(*here) : import_initial(leaf.index());
  }

  /// Of a variable that only the other system has.
  Expr import_initial(VarId id) {
    const Expr initial = other_.variables[id].initial;
    if (!initial.is_constant()) {
      throw std::logic_error("'" + other_.variables[id].name +
                             "' is in one of two systems only and begins with any value");
    }
    return system_.pool->constant(initial.sort(), initial.value());
  }

  std::vector<PlainRule> own_rules() {
    std::vector<PlainRule> result;
    for (const Rule& rule : system_.rules) {
      if (is_marker(rule)) {
        continue;
      }
      PlainRule plain{rule.actor, to_own_(rule.guard), {}, {}, {}, {}};
      for (const Update& update : rule.updates) {
        plain.updates[update.variable] = to_own_(update.value);
      }
      result.push_back(completed(std::move(plain)));
    }
    return result;
  }

  std::vector<PlainRule> other_rules() {
    std::vector<PlainRule> result;
    for (const Rule& rule : other_.rules) {
      PlainRule plain{rule.actor, imported_(rule.guard), {}, {}, {}, {}};
      for (const Update& update : rule.updates) {
        if (const std::optional<VarId> here = here_[update.variable]) {
          plain.updates[*here] = imported_(update.value);
        } else if (const Expr value = imported_(update.value);
                   value != import_initial(update.variable)) {
          plain.beyond[other_.variables[update.variable].name] = value;
        }
      }
      result.push_back(completed(std::move(plain)));
    }
    return result;
  }

  static PlainRule completed(PlainRule rule) {
    std::vector<Expr> roots{rule.guard};
    for (const auto& [variable, value] : rule.updates) {
      roots.push_back(value);
    }
    for (const auto& [variable, value] : rule.beyond) {
      roots.push_back(value);
    }
    rule.inputs = inputs_of(roots);
    for (const auto& [node, value] : settled_by(rule.guard)) {
      rule.settled.emplace(node.id(), value);
    }
    return rule;
  }

  // --- what is read -----------------------------------------------------------------------------

  void read(Expr e) {
    for (const VarId id : variables_of(std::vector<Expr>{e})) {
      read_.insert(id);
    }
  }

  void find_read(const std::vector<PlainRule>& mine, const std::vector<PlainRule>& theirs) {
    std::multimap<VarId, Expr> updates;
    for (const std::vector<PlainRule>* rules : {&mine, &theirs}) {
      for (const PlainRule& rule : *rules) {
        read(rule.guard);
        updates.insert(rule.updates.begin(), rule.updates.end());
        for (const auto& [variable, value] : rule.beyond) {
          read(value);
        }
      }
    }
    for (const Property& property : system_.properties) {
      read(property.predicate);
    }
    for (const Property& property : other_.properties) {
      read(imported_(property.predicate));
    }
    std::set<VarId> done;
    while (done != read_) {
      const std::set<VarId> now = read_;
      for (const VarId id : now) {
        const auto [begin, end] = updates.equal_range(id);
        for (auto update = begin; done.count(id) == 0 && update != end; ++update) {
          read(update->second);
        }
      }
      done = now;
    }
  }

  void drop_unread(std::vector<PlainRule>& rules) const {
    for (PlainRule& rule : rules) {
      std::erase_if(rule.updates, [&](const auto& update) {
        return read_.count(update.first) == 0 || update.second == system_.variable(update.first);
      });
    }
  }

  // --- what differs -----------------------------------------------------------------------------

  using Word = std::vector<std::uint64_t>;

  /// The same for two rules that are the same.
  static std::pair<std::string, Word> word_for(const PlainRule& rule) {
    Word word{rule.guard.id()};
    for (const auto& [variable, value] : rule.updates) {
      word.push_back(variable);
      word.push_back(value.id());
    }
    return {rule.actor, word};
  }

  /// The rules that are not, as they stand, among `others`.
  static std::vector<PlainRule> without(const std::vector<PlainRule>& rules,
                                        const std::vector<PlainRule>& others) {
    std::set<std::pair<std::string, Word>> words;
    for (const PlainRule& rule : others) {
      if (rule.beyond.empty()) {
        words.insert(word_for(rule));
      }
    }
    std::vector<PlainRule> rest;
    std::copy_if(rules.begin(), rules.end(), std::back_inserter(rest), [&](const auto& rule) {
      return !rule.beyond.empty() || words.count(word_for(rule)) == 0;
    });
    return rest;
  }

  [[nodiscard]] Expr after(const PlainRule& rule, VarId variable) const {
    const auto update = rule.updates.find(variable);
    return update == rule.updates.end() ? system_.variable(variable) : update->second;
  }

  /// Two guards of which one says what the other denies. Most pairs are such.
  static bool exclude_each_other(const PlainRule& one, const PlainRule& two) {
    return std::any_of(one.settled.begin(), one.settled.end(), [&](const auto& fact) {
      const auto there = two.settled.find(fact.first);
      return there != two.settled.end() && there->second != fact.second;
    });
  }

  /// Both may fire and lead to the same state.
  Expr same_step(const PlainRule& one, const PlainRule& two) {
    if (exclude_each_other(one, two)) {
      return system_.pool->boolean(false);
    }
    Expr same = one.guard & two.guard;
    std::set<VarId> written;
    for (const PlainRule* rule : {&one, &two}) {
      for (const auto& [variable, value] : rule->updates) {
        written.insert(variable);
      }
    }
    for (const VarId id : written) {
      if (same.is_false()) {
        return same;
      }
      same = same & eq(after(one, id), after(two, id));
    }
    for (const PlainRule* rule : {&one, &two}) {
      for (const auto& [variable, value] : rule->beyond) {
        same = same & eq(value, import_initial(*other_.find_variable(variable)));
      }
    }
    return same;
  }

  /// With some values for what `rule` does not choose.
  Expr can_do_the_same(const PlainRule& other, const PlainRule& rule) {
    const auto is_chosen = [&](InputId id) {
      return std::binary_search(rule.inputs.begin(), rule.inputs.end(), id);
    };
    const Expr same = same_step(rule, other);
    if (same.is_false() || std::all_of(other.inputs.begin(), other.inputs.end(), is_chosen)) {
      return same;
    }
    return for_some_input(
        system_, same, [&](InputId id) { return !is_chosen(id); },
        "what becomes of a step with " + name_);
  }

  void mark_steps(const std::vector<PlainRule>& rules, const std::vector<PlainRule>& others) {
    for (const PlainRule& rule : rules) {
      Expr alone = rule.guard;
      for (const PlainRule& other : others) {
        if (other.actor == rule.actor && !alone.is_false()) {
          alone = alone & !can_do_the_same(other, rule);
        }
      }
      mark(alone);
    }
  }

  void mark_initial_states() {
    for (VarId id = 0; id < other_.variables.size(); ++id) {
      if (here_[id] && read_.count(*here_[id]) != 0) {
        mark(ne(to_own_(system_.variables[*here_[id]].initial),
                imported_(other_.variables[id].initial)));
      }
    }
    const auto constraint = [&](const TransitionSystem& system, Rewriter& rewrite) {
      return system.initial_constraint.valid() ? rewrite(system.initial_constraint)
                                               : system_.pool->boolean(true);
    };
    mark(constraint(system_, to_own_) ^ constraint(other_, imported_));
  }

  /// Those of files: the built-in ones are about steps.
  void mark_properties() {
    for (const Property& property : system_.properties) {
      const Property* there = other_.find_property(property.name);
      if (property.location.line != 0 && there != nullptr) {
        mark(to_own_(property.predicate) ^ imported_(there->predicate));
      }
    }
  }

  void mark(Expr guard) {
    if (!guard.is_false()) {
      markers_.push_back({difference_marker,
                          marker_actor,
                          guard,
                          {},
                          inputs_of(std::vector<Expr>{guard}),
                          {{{}, name_, {}}},
                          AgentKind::marker});
    }
  }

  TransitionSystem& system_;
  const TransitionSystem& other_;
  const std::string& name_;
  std::map<InputId, InputId> own_input_;
  std::map<InputId, InputId> import_input_;
  std::vector<std::optional<VarId>> here_;  // by the other system's VarId
  std::set<VarId> read_;
  Rewriter to_own_;
  Rewriter imported_;
  std::vector<Rule> markers_;
};

}  // namespace

void mark_differences(TransitionSystem& system, const TransitionSystem& other,
                      const std::string& name) {
  Differences(system, other, name).mark();
}

}  // namespace airlock
