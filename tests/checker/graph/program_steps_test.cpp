// Which steps a program has, and in which order they are told.
#include "checker/graph/program_steps.hpp"

#include <doctest/doctest.h>

namespace airlock {
namespace {

/// A program of three lines, the first of them in the last file; and an interrupt.
struct Program {
  TransitionSystem system;
  VarId pc = system.add_variable("pc", Sort::bits(2), system.pool->bits(2, 0));
  VarId a = system.add_variable("a", Sort::bits(4), system.pool->bits(4, 0));
  VarId b = system.add_variable("b", Sort::bits(4), system.pool->bits(4, 0));
  VarId mask = system.add_variable("mask", Sort::bits(1), system.pool->bits(1, 0));

  Program() {
    system.control = {pc};
    const Expr masked = eq(value(mask), bits(1, 1));
    add("irq", "irq.c", 1, !masked, {{b, value(a)}});
    line("a.c", 3, 2, {{a, value(a) + bits(4, 1)}});
    line("a.c", 9, 1, {{mask, bits(1, 1)}});
    line("z.c", 1, 0, {{mask, bits(1, 0)}});
    line("a.c", 1, 3, {});
  }
  [[nodiscard]] Expr value(VarId id) const { return system.variable(id); }
  [[nodiscard]] Expr bits(unsigned width, std::uint64_t number) const {
    return system.pool->bits(width, number);
  }
  void add(const std::string& actor, const std::string& file, unsigned number, Expr guard,
           std::vector<Update> updates) {
    Rule rule;
    rule.name = file + ":" + std::to_string(number);
    rule.actor = actor;
    rule.guard = guard;
    rule.updates = std::move(updates);
    rule.causes = {{{file, number, 1}, rule.name, {}}};
    system.rules.push_back(std::move(rule));
  }
  /// The line that runs at `at`.
  void line(const std::string& file, unsigned number, std::uint64_t at,
            std::vector<Update> updates) {
    updates.push_back({pc, bits(2, (at + 1) % 4)});
    add("vcpu_run", file, number, eq(value(pc), bits(2, at)), std::move(updates));
  }
  [[nodiscard]] std::vector<std::string> told(Expr target) const {
    ReduceOptions options;
    options.merge_rules = false;
    const std::vector<Expr> targets{target};
    std::vector<std::string> result;
    for (const ProgramStep& step : steps_of(system, Reduction(system, targets, options)).steps) {
      result.push_back(step.cause.text);
    }
    return result;
  }
};

}  // namespace

TEST_CASE("steps are told as the program counter comes by, then those that do not move it") {
  const Program program;
  const Expr target = eq(program.value(program.b), program.bits(4, 3));
  // a.c:1 is pure control.
  CHECK(program.told(target) == std::vector<std::string>{"z.c:1", "a.c:9", "a.c:3", "irq.c:1"});
}

TEST_CASE("what masks an interrupt is a step where the property depends on the interrupt alone") {
  const Program program;
  const Expr target = eq(program.value(program.a), program.bits(4, 3));
  CHECK(program.told(target) == std::vector<std::string>{"a.c:3"});
}

}  // namespace airlock
