// An invariant as sentences.
#include "checker/certificate/explain.hpp"

#include <doctest/doctest.h>

namespace airlock {
namespace {

struct World {
  TransitionSystem system;
  VarId pc = 0;
  VarId a = 0;
  VarId b = 0;
  VarId gif = 0;

  World() {
    ExprPool& pool = *system.pool;
    pc = system.add_variable("pc", Sort::bits(4), pool.bits(4, 0), {}, hidden());
    Display flags{Display::Kind::flags,
                  {{0, "LBR", false}, {1, "BTF", false}, {2, "BLCKDB", true}}};
    a = system.add_variable("DEBUGCTL", Sort::bits(4), pool.bits(4, 0), flags, Role::cpu);
    b = system.add_variable("VMCB.DBGCTL", Sort::bits(4), pool.bits(4, 0), flags, Role::vmcb);
    gif = system.add_variable("GIF", Sort::boolean(), pool.boolean(true), {}, Role::cpu);
    for (std::uint64_t i = 0; i < 3; ++i) {
      const std::string where = "svm.c:" + std::to_string(10 + i) + " line";
      system.rules.push_back({"vcpu_run: " + where,
                              "vcpu_run",
                              eq(system.variable(pc), pool.bits(4, i)),
                              {{pc, pool.bits(4, i + 1)}},
                              {},
                              {{{"svm.c", static_cast<unsigned>(10 + i), 1}, "line", ""}},
                              AgentKind::thread});
    }
    system.rules.push_back(
        {"irq_perf", "irq_perf", pool.boolean(true), {}, {}, {}, AgentKind::interrupt});
  }

  [[nodiscard]] Invariant at(std::vector<Invariant::Clause> clauses,
                             std::vector<std::uint64_t> places = {0}) const {
    Invariant invariant;
    for (const std::uint64_t place : places) {
      invariant.places.push_back({{{pc, 15, place}}, clauses});
    }
    return invariant;
  }
};

using Sentences = std::vector<std::string>;

}  // namespace

TEST_CASE("bits that are set only where another register's are, and the other way, agree") {
  World w;
  const Explanation one = explain(w.system, w.at({{{w.a, 0, false}, {w.b, 0, true}}}));
  REQUIRE(one.groups.size() == 1);
  CHECK(one.groups[0].places == Sentences{"svm.c:10 line"});
  CHECK(one.groups[0].sentences ==
        Sentences{"LBR of DEBUGCTL is set only if it is in VMCB.DBGCTL"});
  const Explanation both = explain(w.system, w.at({{{w.a, 0, false}, {w.b, 0, true}},
                                                   {{w.b, 0, false}, {w.a, 0, true}},
                                                   {{w.a, 1, false}, {w.b, 1, true}},
                                                   {{w.b, 1, false}, {w.a, 1, true}},
                                                   {{w.b, 2, false}, {w.a, 2, true}}}));
  CHECK(both.groups[0].sentences ==
        Sentences{"DEBUGCTL and VMCB.DBGCTL agree in LBR and BTF",
                  "BLCKDB of VMCB.DBGCTL is set only if it is in DEBUGCTL"});
}

TEST_CASE("registers that agree in all bits are equal, with the exceptions behind") {
  World w;
  std::vector<Invariant::Clause> clauses;
  for (unsigned bit = 0; bit < 4; ++bit) {
    clauses.push_back({{w.gif, 0, true}, {w.a, bit, false}, {w.b, bit, true}});
    clauses.push_back({{w.a, bit, true}, {w.gif, 0, true}, {w.b, bit, false}});
  }
  CHECK(explain(w.system, w.at(clauses)).groups[0].sentences ==
        Sentences{"DEBUGCTL equals VMCB.DBGCTL, or GIF is set"});
}

TEST_CASE("single bits are set or clear, by their names where they have one") {
  World w;
  const Explanation e =
      explain(w.system,
              w.at({{{w.a, 0, false}}, {{w.a, 3, false}}, {{w.b, 1, true}}, {{w.gif, 0, false}}}));
  CHECK(e.groups[0].sentences ==
        Sentences{"GIF is false", "VMCB.DBGCTL.BTF is set", "LBR and bit 3 of DEBUGCTL are clear"});
}

TEST_CASE("what is true at several places is said once, shortest first") {
  World w;
  Invariant invariant = w.at({{{w.a, 0, false}}}, {0, 1, 2});
  invariant.places[1].clauses.push_back({{w.gif, 0, true}});
  const Explanation e = explain(w.system, invariant);
  REQUIRE(e.groups.size() == 2);
  CHECK(e.groups[0].places == Sentences{"svm.c:11 line"});
  CHECK(e.groups[0].sentences == Sentences{"GIF is true"});
  CHECK(e.groups[1].places == Sentences{"svm.c:10 line", "svm.c:11 line", "svm.c:12 line"});
}

TEST_CASE("bits that never change are listed by their numbers") {
  World w;
  Invariant invariant;
  invariant.constants = {{w.a, 0b1101, 0b0100}, {w.gif, 1, 1}};
  CHECK(explain(w.system, invariant).everywhere ==
        Sentences{"DEBUGCTL: bits 0 and 3 are 0, bit 2 is 1", "GIF is 1"});
}

}  // namespace airlock
