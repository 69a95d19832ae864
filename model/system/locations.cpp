// Finding locations: the control variables' values are followed, everything else is unknown.
//
// At each location the guards are specialised: control variables become constants and the
// simplifier does the rest. A guard that becomes false is a rule that does not fire here. Of the
// others, the specialised control update tells where they lead: its value is a constant, or a
// input between constants under conditions that depend on the rest of the state, all of which
// count as possible. Where it is neither (a program counter that is restored from memory), all
// values of its unknown bits are tried if they are few, and otherwise the whole analysis declines.
// What is found contains every reachable combination, which is what the users of it need.
#include "model/system/locations.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <set>

namespace airlock {
namespace {

constexpr std::size_t max_locations = 4096;  // more than that is no program counter
constexpr int max_unknown_bits = 6;

using Words = std::set<std::uint64_t>;

/// All values that `e` may have (a superset); nothing if they cannot be listed.
class PossibleValues {
 public:
  std::optional<Words> of(Expr e) {
    const auto found = memo_.find(e.id());
    return found != memo_.end() ? found->second : memo_.emplace(e.id(), compute(e)).first->second;
  }

 private:
  std::optional<Words> compute(Expr e) {
    switch (e.op()) {
      case Op::constant: return Words{e.value()};
      case Op::ite: return either(of(e.arg(1)), of(e.arg(2)));
      case Op::concat: return side_by_side(of(e.arg(0)), of(e.arg(1)), e.arg(1).width());
      default: return unknown_bits(e);
    }
  }

  static std::optional<Words> either(std::optional<Words> a, const std::optional<Words>& b) {
    if (!a || !b) {
      return std::nullopt;
    }
    a->insert(b->begin(), b->end());
    return a;
  }

  static std::optional<Words> side_by_side(const std::optional<Words>& high,
                                           const std::optional<Words>& low, unsigned low_width) {
    if (!high || !low || high->size() * low->size() > max_locations) {
      return std::nullopt;
    }
    Words result;
    for (const std::uint64_t h : *high) {
      for (const std::uint64_t l : *low) {
        result.insert((h << low_width) | l);
      }
    }
    return result;
  }

  static std::optional<Words> unknown_bits(Expr e) {
    const std::vector<Expr> roots{e};
    const KnownBits bits = known_values(nodes_below(roots), {}).at(e.id());
    const std::uint64_t unknown = e.sort().mask() & ~bits.known;
    if (std::popcount(unknown) > max_unknown_bits) {
      return std::nullopt;
    }
    Words result;
    std::uint64_t subset = 0;
    do {  // all subsets of `unknown`
      result.insert(bits.value | subset);
      subset = (subset - unknown) & unknown;
    } while (subset != 0);
    return result;
  }

  std::map<std::uint32_t, std::optional<Words>> memo_;
};

class Finder {
 public:
  explicit Finder(const ReductionState& state) : state_(state) {}

  std::optional<Locations> run() {
    choose_control();
    if (result_.control.empty() || !start()) {
      return std::nullopt;
    }
    for (const Rule& rule : state_.system.rules) {
      facts_.push_back(facts_of(rule.guard));
    }
    for (std::size_t at = 0; at < result_.words.size(); ++at) {
      if (!visit(at)) {
        return std::nullopt;
      }
    }
    return std::move(result_);
  }

 private:
  using Values = std::map<VarId, std::uint64_t>;

  const TransitionSystem& system() const { return state_.system; }

  void choose_control() {
    unsigned width = 0;
    for (const VarId id : system().control) {
      width += system().variables[id].sort.width();
      if (width > 64) {
        return;
      }
      result_.control.push_back(id);
    }
  }

  bool start() {
    ExprPool scratch;
    Rewriter copy(scratch, [&](Expr leaf) { return scratch.input(leaf.sort(), leaf.index()); });
    const Expr word = control_word(result_.control,
                                   [&](VarId id) { return copy(system().variables[id].initial); });
    const auto words = PossibleValues().of(word);
    if (!words) {
      return false;
    }
    for (const std::uint64_t w : *words) {
      result_.initial.push_back(location_of(w));
    }
    return true;
  }

  std::size_t location_of(std::uint64_t word) {
    const auto [found, fresh] = index_.emplace(word, result_.words.size());
    if (fresh) {
      result_.words.push_back(word);
    }
    return found->second;
  }

  /// The control variables' values at a location.
  Values values_at(std::size_t at) const {
    Values values;
    std::uint64_t word = result_.words[at];
    for (auto id = result_.control.rbegin(); id != result_.control.rend(); ++id) {
      const Sort sort = system().variables[*id].sort;
      values[*id] = word & sort.mask();
      word = sort.width() == 64 ? 0 : word >> sort.width();
    }
    return values;
  }

  /// Quick test on what the guard states outright; most rules belong to one location.
  bool contradicts(const Facts& facts, const Values& values) const {
    return std::any_of(values.begin(), values.end(), [&](const auto& known) {
      const auto fact = facts.variables.find(known.first);
      return fact != facts.variables.end() && !fact->second.contains(known.second);
    });
  }

  bool visit(std::size_t at) {
    const Values values = values_at(at);
    ExprPool scratch;
    Rewriter here(scratch, [&](Expr leaf) {
      if (leaf.op() == Op::input) {
        return scratch.input(leaf.sort(), leaf.index());
      }
      const auto known = values.find(leaf.index());
      return known != values.end() ? scratch.constant(leaf.sort(), known->second)
                                   : scratch.variable(leaf.sort(), leaf.index());
    });
    std::vector<Expr> targets;
    for (const Expr target : state_.targets) {
      targets.push_back(here(target));
    }
    result_.target_reads.push_back(variables_of(targets));
    for (std::uint32_t i = 0; i < system().rules.size(); ++i) {
      if (!contradicts(facts_[i], values) && !add_firing(i, at, values, here)) {
        return false;
      }
    }
    return result_.words.size() <= max_locations;
  }

  bool is_control(VarId id) const {
    return std::find(result_.control.begin(), result_.control.end(), id) != result_.control.end();
  }

  bool add_firing(std::uint32_t index, std::size_t at, const Values& values, Rewriter& here) {
    const Rule& rule = system().rules[index];
    const Expr guard = here(rule.guard);
    if (guard.is_false()) {
      return true;
    }
    Firing firing;
    firing.rule = index;
    firing.from = at;
    std::map<VarId, Expr> moves;
    for (const Update& update : rule.updates) {
      const Expr value = here(update.value);
      if (is_control(update.variable)) {
        moves[update.variable] = value;
      } else {
        firing.updates.emplace_back(update.variable, variables_of(std::vector<Expr>{value}));
      }
    }
    const Expr word = control_word(result_.control, [&](VarId id) {
      const auto moved = moves.find(id);
      return moved != moves.end()
                 ? moved->second
                 : guard.pool().constant(system().variables[id].sort, values.at(id));
    });
    firing.guard_reads = variables_of(std::vector<Expr>{guard, word});
    const auto words = PossibleValues().of(word);
    if (!words) {
      return false;
    }
    for (const std::uint64_t w : *words) {
      firing.to.push_back(location_of(w));
    }
    std::sort(firing.to.begin(), firing.to.end());
    result_.firings.push_back(std::move(firing));
    return true;
  }

  const ReductionState& state_;
  Locations result_;
  std::map<std::uint64_t, std::size_t> index_;
  std::vector<Facts> facts_;  // by rule
};

}  // namespace

Expr control_word(const std::vector<VarId>& control, const std::function<Expr(VarId)>& value) {
  Expr word;
  for (const VarId id : control) {
    const Expr v = value(id);
    const Expr part = v.is_bool() ? to_bits(v) : v;
    word = word.valid() ? concat(word, part) : part;
  }
  return word;
}

std::optional<Locations> find_locations(const ReductionState& state) {
  return Finder(state).run();
}

}  // namespace airlock
