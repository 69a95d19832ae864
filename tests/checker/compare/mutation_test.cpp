// What is said of mutants where something is undecided, on systems made for it.
#include "checker/compare/mutation.hpp"

#include <chrono>
#include <doctest/doctest.h>
#include <thread>

namespace airlock {
namespace {

/// Counts n to 3; with `wild`, a rule first chooses one of 2^64 values: more than a search tries.
TransitionSystem system_with(const std::vector<Property>& properties, bool wild = false) {
  TransitionSystem system;
  ExprPool& pool = *system.pool;
  const VarId n = system.add_variable("n", Sort::bits(2), pool.bits(2, 0));
  const VarId any = system.add_variable("any", Sort::bits(64), pool.bits(64, 0));
  const Expr value = system.variable(n);
  system.rules.push_back(
      {"count", "vcpu_run", ne(value, pool.bits(2, 3)), {{n, value + pool.bits(2, 1)}}, {}, {}});
  if (wild) {
    const InputId input = system.add_input("any", Sort::bits(64), "any value");
    system.rules.push_back(
        {"choose", "vcpu_run", pool.boolean(true), {{any, system.input(input)}}, {input}, {}});
  }
  for (Property property : properties) {
    property.predicate = ne(system.variable(any), pool.bits(64, 77));
    system.properties.push_back(property);
  }
  return system;
}

const Property fine{"always_fine", PropertyKind::always, {}, "", "", {"p.c", 1, 1}};
const Property gets_there{"reachable_there", PropertyKind::reachable, {}, "", "", {"p.c", 2, 1}};

CostSystem costs_of(bool wild) {
  CostSystem cost{system_with({fine}, wild), {}, {}, 0, 0};
  const Expr any = cost.system.properties.front().predicate;
  cost.entry_complete = wild ? !any : any;
  cost.fastpath_complete = cost.entry_complete;
  return cost;
}

/// Everything about it is decided; it is equivalent to itself.
MutantInput plain() {
  const auto build = [] { return system_with({fine}); };
  return {build, build, build, [] { return costs_of(false); },
          [] {
            TransitionSystem system = system_with({fine});
            const Expr never = system.pool->boolean(false);
            return WorldThatRemembers{std::move(system), never};
          }};
}

TransitionSystem undecidable() {
  return system_with({fine}, true);
}

/// The verdict on one mutant of plain().
MutantResult judge(const MutantInput& mutant, const EngineContext& context = {}) {
  return judge_mutants(plain(), {mutant}, {}, context).mutants.at(0);
}

void check_undecided(const MutantResult& result, const std::string& about) {
  CHECK(result.verdict == MutantVerdict::survived);
  CHECK(result.undecided);
  CHECK(result.reason.find(about) != std::string::npos);
}

}  // namespace

TEST_CASE("a mutant that is the original is equivalent, and nothing is undecided") {
  const MutantResult result = judge(plain());
  CHECK(result.verdict == MutantVerdict::equivalent);
  CHECK_FALSE(result.undecided);
}

TEST_CASE("a mutant whose properties, silence, product or cost is undecided is undecided") {
  for (const auto member :
       {&MutantInput::build, &MutantInput::build_silence, &MutantInput::build_equivalence}) {
    MutantInput mutant = plain();
    mutant.*member = undecidable;
    check_undecided(judge(mutant), "undecided");
  }
  MutantInput silent = plain();
  silent.build_silence = undecidable;
  check_undecided(judge(silent), "undecided whether it goes on for ever");
  MutantInput dear = plain();
  dear.build_for_cost = [] { return costs_of(true); };
  check_undecided(judge(dear), "undecided: ");
}

TEST_CASE("an original that is undecided, be it about what is reachable, leaves all undecided") {
  for (const Property& property : {fine, gets_there}) {
    MutantInput original = plain();
    original.build = [&property] {
      TransitionSystem system = system_with({property}, true);
      if (property.kind == PropertyKind::reachable) {  // to be found among the 2^64
        system.properties.front().predicate = !system.properties.front().predicate;
      }
      return system;
    };
    const MutationResult result = judge_mutants(original, {plain(), plain()}, {}, {});
    CHECK(result.undecided.find("about " + property.name + ": ") != std::string::npos);
    REQUIRE(result.mutants.size() == 2);
    check_undecided(result.mutants[1], "about " + property.name);
  }
}

TEST_CASE("when time is up no mutant is built, and each is undecided") {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
  EngineContext context;
  context.deadline = deadline;
  MutantInput slow = plain();
  slow.build = [deadline] {
    std::this_thread::sleep_until(deadline);
    return system_with({fine});
  };
  MutantInput late = plain();
  late.build = []() -> TransitionSystem { throw std::logic_error("built too late"); };
  const MutationResult result = judge_mutants(plain(), {slow, late}, {}, context);
  check_undecided(result.mutants.at(1), "out of time");
}

TEST_CASE("an original that nobody had the time to judge is undecided") {
  EngineContext late;
  late.deadline = std::chrono::steady_clock::now();
  const MutationResult none = judge_mutants(plain(), {plain()}, {}, late);
  CHECK(none.undecided.find("out of time") != std::string::npos);
  check_undecided(none.mutants.at(0), "out of time");
}

}  // namespace airlock
