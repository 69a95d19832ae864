// Systems in which a violation depends on choices alone, in any way that a truth table can say.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "model/system/system.hpp"

namespace airlock::test {

/// `count` choices named r0, r1, …, each "good" (its default, value 0) or "bad" (1); if
/// `with_any`, also "anew" (2), which is what freedom means then. After two steps the property
/// always_fine is violated if `breaks` says so of the set of choices (bit i: r<i> is not "good");
/// reachable_step is reached after one.
inline TransitionSystem choices_system(unsigned count,
                                       const std::function<bool(std::uint64_t bad)>& breaks,
                                       bool with_any = false) {
  TransitionSystem system;
  ExprPool& pool = *system.pool;
  const Sort sort = Sort::bits(2);
  const VarId steps = system.add_variable("steps", sort, pool.bits(2, 0), {}, Role::cpu);
  Expr broken = pool.boolean(false);
  for (unsigned i = 0; i < count; ++i) {
    const std::string name = "r" + std::to_string(i);
    const InputId input = system.add_input("initial " + name, Sort::boolean(), "both options");
    system.initial_inputs.push_back(input);
    const Expr initial = pool.concat(pool.bits(1, 0), to_bits(system.input(input)));
    Choice choice;
    choice.name = name;
    choice.sentence = "Is " + name + " bad?";
    choice.source = "silent";
    choice.variable = system.add_variable("reading." + name, sort, initial, {}, Role::choice);
    choice.options = {{"good", 0}, {"bad", 1}};
    choice.default_option = "good";
    if (with_any) {
      choice.options.push_back({"anew", 2});
      choice.any_option = "anew";
    }
    system.choices.push_back(choice);
  }
  for (std::uint64_t bad = 0; bad < std::uint64_t{1} << count; ++bad) {
    if (!breaks(bad)) {
      continue;
    }
    Expr row = pool.boolean(true);
    for (unsigned i = 0; i < count; ++i) {
      const Expr good = eq(system.variable(system.choices[i].variable), pool.bits(2, 0));
      row = row && ((bad >> i & 1U) != 0 ? !good : good);
    }
    broken = broken || row;
  }
  const Expr now = system.variable(steps);
  system.rules.push_back(
      {"step", "guest", ult(now, pool.bits(2, 2)), {{steps, now + pool.bits(2, 1)}}, {}, {}});
  system.rules.push_back({"rest", "guest", eq(now, pool.bits(2, 2)), {}, {}, {}});

  const auto add = [&](const std::string& name, PropertyKind kind, Expr predicate) {
    Property property;
    property.name = name;
    property.kind = kind;
    property.predicate = predicate;
    property.text = "Says " + name + ".";
    system.properties.push_back(property);
  };
  add("always_fine", PropertyKind::always, !(eq(now, pool.bits(2, 2)) && broken));
  add("never_three", PropertyKind::never, eq(now, pool.bits(2, 3)));
  add("always_short", PropertyKind::always, ne(now, pool.bits(2, 1)));
  add("reachable_step", PropertyKind::reachable, eq(now, pool.bits(2, 1)));
  add("reachable_three", PropertyKind::reachable, eq(now, pool.bits(2, 3)));
  system.assumptions.push_back("Readings do not change.");
  validate(system);
  return system;
}

}  // namespace airlock::test
