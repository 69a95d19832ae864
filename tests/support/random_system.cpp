#include "tests/support/random_system.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

namespace airlock::test {
namespace {

/// Standard distributions differ between libraries; this does not.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed * 0x9E3779B97F4A7C15ULL + 1) {}
  /// 0..n-1
  unsigned below(unsigned n) { return static_cast<unsigned>(engine_() % n); }
  /// low..high
  unsigned between(unsigned low, unsigned high) { return low + below(high - low + 1); }
  bool one_in(unsigned n) { return below(n) == 0; }
  std::uint64_t value(Sort sort) { return engine_() & sort.mask(); }

 private:
  std::mt19937_64 engine_;
};

constexpr unsigned max_expression_width = 64;

class ExpressionMaker {
 public:
  ExpressionMaker(const TransitionSystem& system, std::vector<Expr> leaves, Dice& dice)
      : system_(system), leaves_(std::move(leaves)), dice_(dice) {}

  Expr make(Sort sort, unsigned depth) {
    if (depth == 0 || dice_.one_in(6)) {
      return leaf(sort);
    }
    return sort.is_bool() ? boolean(depth - 1) : vector(sort, depth - 1);
  }

 private:
  ExprPool& pool() const { return *system_.pool; }

  Expr leaf(Sort sort) {
    if (leaves_.empty() || dice_.one_in(5)) {
      return pool().constant(sort, dice_.value(sort));
    }
    return fit(leaves_[dice_.below(static_cast<unsigned>(leaves_.size()))], sort);
  }

  /// `e` bent to `sort`.
  Expr fit(Expr e, Sort sort) {
    if (sort.is_bool()) {
      return e.is_bool() ? e : bit(e, dice_.below(e.width()));
    }
    const Expr v = e.is_bool() ? to_bits(e) : e;
    if (v.width() > sort.width()) {
      const unsigned lo = dice_.below(v.width() - sort.width() + 1);
      return extract(v, lo + sort.width() - 1, lo);
    }
    return dice_.one_in(3) ? sign_extend(v, sort.width()) : zero_extend(v, sort.width());
  }

  Sort some_vector() {
    const bool wide = dice_.one_in(8);
    return Sort::bits(dice_.between(1, wide ? max_expression_width : 6));
  }

  /// Braces evaluate from left to right, arguments of a call in any order: with calls, a seed would
  /// mean another system to every compiler.
  Expr binary(Op op, Sort sort, unsigned depth) {
    const std::array args{make(sort, depth), make(sort, depth)};
    return pool().make(op, args);
  }

  Expr choose_between(Sort sort, unsigned depth) {
    const std::array args{make(Sort::boolean(), depth), make(sort, depth), make(sort, depth)};
    return pool().make(Op::ite, args);
  }

  Expr masked(Sort sort, unsigned depth) {
    const Expr mask = pool().constant(sort, dice_.value(sort));
    return make(sort, depth) & mask;
  }

  Expr boolean(unsigned depth) {
    static constexpr std::array logical{Op::and_, Op::or_, Op::xor_};
    static constexpr std::array comparisons{Op::ult, Op::ule, Op::slt, Op::sle, Op::eq};
    const Sort v = some_vector();
    const unsigned pick = dice_.below(11);
    if (pick < logical.size()) {
      return binary(logical.at(pick), Sort::boolean(), depth);
    }
    if (pick < logical.size() + comparisons.size()) {
      return binary(comparisons.at(pick - logical.size()), v, depth);
    }
    switch (pick) {
      case 8: return !make(Sort::boolean(), depth);
      case 9: return choose_between(Sort::boolean(), depth);
      default: return eq(masked(v, depth), pool().constant(v, 0));
    }
  }

  Expr vector(Sort sort, unsigned depth) {
    static constexpr std::array arithmetic{Op::and_, Op::or_,  Op::xor_, Op::add,  Op::sub, Op::mul,
                                           Op::udiv, Op::urem, Op::shl,  Op::lshr, Op::ashr};
    const unsigned width = sort.width();
    const unsigned pick = dice_.below(18);
    if (pick < arithmetic.size()) {
      return binary(arithmetic.at(pick), sort, depth);
    }
    switch (pick) {
      case 11: return ~make(sort, depth);
      case 12:
      case 13: return choose_between(sort, depth);
      case 14: return masked(sort, depth);
      case 15: {
        const unsigned more = std::min(max_expression_width, width + dice_.below(5));
        return fit(make(Sort::bits(more), depth), sort);
      }
      case 16: {
        const unsigned less = dice_.between(1, width);
        return fit(make(Sort::bits(less), depth), sort);
      }
      default: return width == 1 ? to_bits(make(Sort::boolean(), depth)) : split(width, depth);
    }
  }

  Expr split(unsigned width, unsigned depth) {
    const unsigned low = dice_.between(1, width - 1);
    const std::array args{make(Sort::bits(width - low), depth), make(Sort::bits(low), depth)};
    return pool().make(Op::concat, args);
  }

  const TransitionSystem& system_;
  std::vector<Expr> leaves_;
  Dice& dice_;
};

class SystemMaker {
 public:
  SystemMaker(std::uint64_t seed, const RandomSystemOptions& options)
      : options_(options), dice_(seed) {}

  TransitionSystem make() {
    add_variables();
    add_constraint();
    const unsigned rules = dice_.between((options_.rules + 1) / 2, std::max(1U, options_.rules));
    for (unsigned i = 0; i < rules; ++i) {
      add_rule(i);
    }
    add_properties();
    validate(system_);
    return std::move(system_);
  }

 private:
  ExprPool& pool() const { return *system_.pool; }

  Sort random_sort() {
    return dice_.one_in(3) ? Sort::boolean()
                           : Sort::bits(dice_.between(1, std::max(1U, options_.max_width)));
  }

  void add_variables() {
    const unsigned count = dice_.between(1, std::max(1U, options_.variables));
    unsigned bits = 0;
    if (options_.control && dice_.below(3) != 0) {
      const Sort sort = Sort::bits(2);
      bits += sort.width();
      system_.control.push_back(system_.add_variable("pc", sort, pool().constant(sort, 0)));
      masks_.push_back(sort.mask());
    }
    for (unsigned i = 0; i < count; ++i) {
      const Sort sort = random_sort();
      bits += sort.width();
      if (bits > options_.max_state_bits && !system_.variables.empty()) {
        break;
      }
      masks_.push_back(dice_.one_in(3) ? dice_.value(sort) : sort.mask());
      system_.add_variable("v" + std::to_string(i), sort, initial_value(sort));
    }
  }

  Expr initial_value(Sort sort) {
    if (!dice_.one_in(3) || initial_bits_ + sort.width() > 5) {
      return pool().constant(sort, dice_.value(sort));
    }
    if (system_.initial_inputs.empty() || dice_.one_in(2)) {
      initial_bits_ += sort.width();
      system_.initial_inputs.push_back(
          system_.add_input("initial" + std::to_string(system_.inputs.size()), sort, "any value"));
    }
    const unsigned depth = dice_.below(3);
    return expressions({}, system_.initial_inputs).make(sort, depth);
  }

  void add_constraint() {
    if (dice_.one_in(6)) {
      system_.initial_constraint = expressions(all_variables(), {}).make(Sort::boolean(), 2);
    }
  }

  std::vector<VarId> all_variables() const {
    std::vector<VarId> result(system_.variables.size());
    for (VarId id = 0; id < result.size(); ++id) {
      result[id] = id;
    }
    return result;
  }

  ExpressionMaker expressions(const std::vector<VarId>& variables,
                              const std::vector<InputId>& inputs) {
    std::vector<Expr> leaves;
    for (const VarId id : variables) {
      leaves.push_back(system_.variable(id));
    }
    for (const InputId id : inputs) {
      leaves.push_back(system_.input(id));
    }
    return {system_, leaves, dice_};
  }

  std::vector<InputId> add_inputs() {
    std::vector<InputId> result;
    for (unsigned count = dice_.below(3); count > 0; --count) {
      const Sort sort = dice_.one_in(2) ? Sort::boolean() : Sort::bits(dice_.between(1, 2));
      result.push_back(
          system_.add_input("choice" + std::to_string(system_.inputs.size()), sort, "random"));
    }
    return result;
  }

  void add_rule(unsigned number) {
    Rule rule;
    rule.name = "rule" + std::to_string(number);
    rule.actor = dice_.one_in(2) ? "first" : "second";
    const std::vector<InputId> inputs = add_inputs();
    ExpressionMaker maker = expressions(all_variables(), inputs);
    rule.guard = dice_.one_in(2) ? pool().boolean(true) : maker.make(Sort::boolean(), 2);
    const bool at_location = !system_.control.empty() && !dice_.one_in(4);
    if (at_location) {
      const Expr pc = system_.variable(system_.control.front());
      rule.guard = rule.guard & eq(pc, same_sort(pc, dice_.below(3)));
    }
    for (const VarId id : all_variables()) {
      const bool control = std::count(system_.control.begin(), system_.control.end(), id) != 0;
      if (control ? at_location : dice_.one_in(2)) {
        rule.updates.push_back({id, control ? next_location() : new_value(id, maker)});
      }
    }
    std::vector<Expr> roots{rule.guard};
    for (const Update& update : rule.updates) {
      roots.push_back(update.value);
    }
    rule.inputs = dice_.one_in(8) ? inputs : inputs_of(roots);
    system_.rules.push_back(std::move(rule));
  }

  Expr next_location() {
    const Sort sort = system_.variables[system_.control.front()].sort;
    return pool().constant(sort, dice_.below(3));
  }

  /// Bits outside the variable's mask are always written as 0.
  Expr new_value(VarId id, ExpressionMaker& maker) {
    const Sort sort = system_.variables[id].sort;
    if (dice_.one_in(8)) {
      return system_.variable(id);
    }
    const Expr mask = pool().constant(sort, masks_[id]);
    if (dice_.one_in(2)) {
      return moved(system_.variable(id)) & mask;
    }
    const unsigned depth = dice_.below(4);
    return maker.make(sort, depth) & mask;
  }

  /// A value that goes through many others before it comes round.
  Expr moved(Expr v) {
    if (v.is_bool()) {
      return !v;
    }
    return dice_.one_in(3) ? v ^ same_sort(v, dice_.value(v.sort())) : v + same_sort(v, 1);
  }

  void add_properties() {
    static constexpr std::array kinds{PropertyKind::always, PropertyKind::never,
                                      PropertyKind::reachable};
    static constexpr std::array prefixes{"always_p", "never_p", "reachable_p"};
    for (unsigned i = 0; i < options_.properties; ++i) {
      Property property;
      property.kind = kinds.at(i % 3);
      property.name = prefixes.at(i % 3) + std::to_string(i);
      const Expr wanted = dice_.one_in(4) ? some_expression() : some_values();
      property.predicate = property.kind == PropertyKind::always ? !wanted : wanted;
      system_.properties.push_back(std::move(property));
    }
  }

  Expr some_expression() { return expressions(all_variables(), {}).make(Sort::boolean(), 3); }

  /// Some variables have certain values: a target that takes several steps to reach.
  Expr some_values() {
    Expr result = pool().boolean(true);
    for (const VarId id : all_variables()) {
      if (dice_.one_in(2)) {
        const Expr v = system_.variable(id);
        result = result & eq(v, same_sort(v, dice_.value(v.sort()) & masks_[id]));
      }
    }
    return result;
  }

  RandomSystemOptions options_;
  Dice dice_;
  TransitionSystem system_;
  std::vector<std::uint64_t> masks_;  // by variable: the bits that rules may set
  unsigned initial_bits_ = 0;
};

}  // namespace

TransitionSystem random_system(std::uint64_t seed, const RandomSystemOptions& options) {
  return SystemMaker(seed, options).make();
}

Expr random_expression(const TransitionSystem& system, std::span<const InputId> inputs, Sort sort,
                       unsigned depth, std::uint64_t seed) {
  Dice dice(seed);
  std::vector<Expr> leaves;
  for (VarId id = 0; id < system.variables.size(); ++id) {
    leaves.push_back(system.variable(id));
  }
  for (const InputId id : inputs) {
    leaves.push_back(system.input(id));
  }
  return ExpressionMaker(system, leaves, dice).make(sort, depth);
}

}  // namespace airlock::test
