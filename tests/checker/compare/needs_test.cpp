// What a verdict rests on, where it is known by construction.
#include "checker/compare/needs.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <doctest/doctest.h>
#include <random>
#include <set>

#include "model/system/input_error.hpp"
#include "model/system/stop.hpp"

namespace airlock {
namespace {

/// A system that violates "always_fine" iff `violated`, after three steps.
TransitionSystem system_that(bool violated) {
  TransitionSystem system;
  ExprPool& pool = *system.pool;
  const VarId n = system.add_variable("n", Sort::bits(4), pool.bits(4, violated ? 1 : 8));
  const Expr value = system.variable(n);
  system.rules.push_back(
      {"count", "vcpu_run", ult(value, pool.bits(4, 4)), {{n, value + pool.bits(4, 1)}}, {}, {}});
  system.rules.push_back({"stay", "vcpu_run", ule(pool.bits(4, 4), value), {}, {}, {}});
  system.properties.push_back(
      {"always_fine", PropertyKind::always, ne(value, pool.bits(4, 4)), "", "", {"p.c", 1, 1}});
  return system;
}

/// What "always_fine" needs.
Needs needs_of_fine(NeedsInput input, const EngineContext& context = {}) {
  input.questions = {{"always_fine", {}}};
  return find_needs(std::vector<NeedsInput>{std::move(input)}, context).at(0).at(0);
}

/// The property is violated iff one of `breaking` is among what is relaxed: a monotone question.
struct Rests {
  std::vector<Relaxed> breaking;
  std::size_t elements = 0;
  std::vector<std::string> actors = {};
  std::map<std::string, std::vector<std::string>> parameters = {};

  static bool contains(const Relaxed& all, const Relaxed& some) {
    return std::includes(all.elements.begin(), all.elements.end(), some.elements.begin(),
                         some.elements.end()) &&
           std::includes(all.actors.begin(), all.actors.end(), some.actors.begin(),
                         some.actors.end()) &&
           std::includes(all.parameters.begin(), all.parameters.end(), some.parameters.begin(),
                         some.parameters.end());
  }
  [[nodiscard]] bool breaks(const Relaxed& relaxed) const {
    return std::any_of(breaking.begin(), breaking.end(),
                       [&](const Relaxed& each) { return contains(relaxed, each); });
  }
  [[nodiscard]] Needs find() const {
    EngineContext context;
    context.jobs = 2;
    return needs_of_fine({"fix", elements, actors, parameters,
                          [this](const Relaxed& relaxed) { return system_that(breaks(relaxed)); }},
                         context);
  }
};

using Numbers = std::vector<std::size_t>;
using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("pieces whose relaxation breaks the property are needed, the others are not") {
  Rests rests{{{{1}, {}, {}}, {{3}, {}, {}}}, 5};
  const Needs needs = rests.find();
  CHECK(needs.elements == Numbers{1, 3});
  CHECK(needs.minimal);
}

TEST_CASE("of two pieces that make up for each other one is needed") {
  Rests rests{{{{0, 2}, {}, {}}}, 4};
  const Needs needs = rests.find();
  CHECK(needs.elements.size() == 1);
  CHECK((needs.elements == Numbers{0} || needs.elements == Numbers{2}));
}

TEST_CASE("an actor that must stay off and a parameter that must stay as it is are assumptions") {
  Rests rests{{{{}, {"nmi_a"}, {}}, {{}, {}, {{"bits", "2"}}}},
              1,
              {"irq_b", "nmi_a"},
              {{"bits", {"1", "2"}}, {"other", {"0"}}}};
  const Needs needs = rests.find();
  CHECK(needs.elements.empty());
  CHECK(needs.actors == Names{"nmi_a"});
  CHECK(needs.parameters == Names{"bits"});
}

TEST_CASE("assumptions are given up before lines, and lines are needed in every world left") {
  // With the actor on, or the parameter at 7, piece 0 matters.
  Rests rests{{{{0}, {"irq_a"}, {}}, {{1}, {}, {{"p", "7"}}}}, 2, {"irq_a"}, {{"p", {"7"}}}};
  const Needs needs = rests.find();
  CHECK(needs.actors.empty());
  CHECK(needs.parameters.empty());
  CHECK(needs.elements == Numbers{0, 1});
}

TEST_CASE("a world that the front end refuses is no proof, and is said so") {
  const NeedsInput input{"fix", 2, {}, {}, [](const Relaxed& relaxed) -> TransitionSystem {
                           if (relaxed.elements.count(1) != 0) {
                             throw InputError({"f.c", 3, 1}, "no such thing");
                           }
                           return system_that(false);
                         }};
  const Needs needs = needs_of_fine(input);
  CHECK(needs.elements == Numbers{1});
  CHECK_FALSE(needs.minimal);
  CHECK(needs.reason.find("no such thing") != std::string::npos);
}

TEST_CASE("on random monotone questions the set suffices, and is minimal") {
  std::mt19937 random(20250301);
  for (int round = 0; round < 60; ++round) {
    Rests rests;
    rests.elements = 1 + random() % 6;
    rests.actors = {"irq_a", "nmi_b"};
    rests.parameters = {{"p", {"1", "2"}}};
    const std::size_t ways = random() % 5;
    for (std::size_t i = 0; i < ways; ++i) {
      Relaxed way;
      while (way.elements.empty() && way.actors.empty() && way.parameters.empty()) {
        for (std::size_t e = 0; e < rests.elements; ++e) {
          if (random() % 3 == 0) {
            way.elements.insert(e);
          }
        }
        if (random() % 4 == 0) {
          way.actors.insert(rests.actors[random() % 2]);
        }
        if (random() % 4 == 0) {
          way.parameters["p"] = random() % 2 == 0 ? "1" : "2";
        }
      }
      rests.breaking.push_back(way);
    }
    const Needs needs = rests.find();
    CHECK(needs.minimal);
    Relaxed rest;
    for (std::size_t e = 0; e < rests.elements; ++e) {
      rest.elements.insert(e);
    }
    for (const std::size_t e : needs.elements) {
      rest.elements.erase(e);
    }
    rest.actors = {rests.actors.begin(), rests.actors.end()};
    for (const std::string& actor : needs.actors) {
      rest.actors.erase(actor);
    }
    const bool free = needs.parameters.empty();
    const auto breaks = [&](Relaxed relaxed, bool any_value) {
      bool result = rests.breaks(relaxed);
      for (const std::string value : {"1", "2"}) {
        relaxed.parameters["p"] = value;
        result = result || (any_value && rests.breaks(relaxed));
      }
      return result;
    };
    CHECK_FALSE(breaks(rest, free));
    for (const std::size_t e : needs.elements) {
      Relaxed more = rest;
      more.elements.insert(e);
      CHECK(breaks(more, free));
    }
    for (const std::string& actor : needs.actors) {
      Relaxed more = rest;
      more.actors.insert(actor);
      CHECK(breaks(more, free));
    }
    CHECK((free || breaks(rest, true)));
  }
}

namespace {

/// Two properties: "always_<name>" is violated iff one of the pieces `breaking` is relaxed.
struct Pair {
  std::set<std::size_t> breaks_one;
  std::set<std::size_t> breaks_two;

  [[nodiscard]] NeedsInput input(std::size_t elements, std::atomic<int>* builds = nullptr) const {
    NeedsInput result;
    result.fix = "fix";
    result.elements = elements;
    result.build = [*this, builds](const Relaxed& relaxed) {
      if (builds != nullptr) {
        ++*builds;
      }
      const auto any_of = [&](const std::set<std::size_t>& breaking) {
        return std::any_of(breaking.begin(), breaking.end(),
                           [&](std::size_t each) { return relaxed.elements.count(each) != 0; });
      };
      TransitionSystem system = system_that(any_of(breaks_one));
      system.properties[0].name = "always_one";
      ExprPool& pool = *system.pool;
      const VarId m = system.add_variable("m", Sort::boolean(), pool.boolean(any_of(breaks_two)));
      system.properties.push_back(
          {"always_two", PropertyKind::always, !system.variable(m), "", "", {"p.c", 2, 1}});
      return system;
    };
    result.questions = {{"always_one", {}}, {"always_two", {}}};
    return result;
  }
};

}  // namespace

TEST_CASE("each property of a fix has needs of its own, and a piece relaxed alone one world") {
  std::atomic<int> builds = 0;
  const std::vector<NeedsInput> fixes{Pair{{0}, {0, 2}}.input(3, &builds)};
  const std::vector<std::vector<Needs>> needs = find_needs(fixes, {});
  REQUIRE(needs.size() == 1);
  REQUIRE(needs[0].size() == 2);
  CHECK(needs[0][0].elements == Numbers{0});
  CHECK(needs[0][1].elements == Numbers{0, 2});
  CHECK(builds == 3 + 2);  // pieces, and for each property those that may be left
  CHECK(needs[0][0].questions == 3 + 1);
  CHECK(needs[0][1].questions == 3 + 1);
}

TEST_CASE("fixes are worked on side by side, and the answers are those of one thread") {
  std::vector<NeedsInput> fixes;
  for (std::size_t i = 0; i < 6; ++i) {
    fixes.push_back(Pair{{i % 3}, {i % 2, 4}}.input(5));
  }
  fixes.push_back(fixes[0]);
  fixes.back().questions.clear();  // nothing holds there
  for (const unsigned jobs : {1U, 2U, 7U}) {
    EngineContext context;
    context.jobs = jobs;
    std::size_t pieces = 0;
    std::size_t total = 0;
    const auto needs =
        find_needs(fixes, context, [&](std::size_t done, std::size_t of, const auto&) {
          CHECK(done == ++pieces);
          total = of;
        });
    CHECK(pieces == total);
    CHECK(needs.back().empty());
    for (std::size_t i = 0; i < 6; ++i) {
      CHECK(needs[i][0].elements == Numbers{i % 3});
      CHECK(needs[i][1].elements == Numbers{i % 2, 4});
    }
  }
}

TEST_CASE(
    "what cannot be asked about only because of what was given up is needed, and is said so") {
  const NeedsInput input{"fix", 2, {}, {}, [](const Relaxed& relaxed) -> TransitionSystem {
                           if (relaxed.elements.size() == 2) {
                             throw InputError({"f.c", 3, 1}, "not both");
                           }
                           return system_that(false);
                         }};
  const Needs needs = needs_of_fine(input);
  CHECK(needs.elements == Numbers{1});
  CHECK_FALSE(needs.minimal);
  CHECK(needs.reason.find("not both") != std::string::npos);
}

TEST_CASE("a question about several that was left undecided is forgotten once each is decided") {
  Rests rests{{{{0, 1}, {}, {}}}};
  const NeedsInput input{"fix", 3, {}, {}, [&](const Relaxed& relaxed) -> TransitionSystem {
                           if (relaxed.elements.size() == 3) {
                             throw InputError({"f.c", 3, 1}, "not all three");
                           }
                           return system_that(rests.breaks(relaxed));
                         }};
  const Needs needs = needs_of_fine(input);
  CHECK(needs.elements == Numbers{1});
  CHECK(needs.minimal);
}

TEST_CASE("when time is up no world is built, and what was not decided is needed and said so") {
  const NeedsInput input{
      "fix", 2, {"irq_a"}, {{"p", {"7"}}}, [](const Relaxed&) -> TransitionSystem {
        throw std::logic_error("built too late");
      }};
  EngineContext context;
  context.deadline = std::chrono::steady_clock::now();
  const Needs needs = needs_of_fine(input, context);
  CHECK(needs.elements == Numbers{0, 1});
  CHECK(needs.actors == Names{"irq_a"});
  CHECK(needs.parameters == Names{"p"});
  CHECK_FALSE(needs.minimal);
  CHECK(needs.reason == "out of time");
  CHECK(needs.questions == 0);
}

TEST_CASE("a world that hears of the time while it is built is undecided") {
  std::atomic<bool> cancelled = false;
  EngineContext context;
  context.cancelled = &cancelled;
  const NeedsInput input{
      "fix", 1, {}, {}, [&](const Relaxed&) -> TransitionSystem {
        cancelled = true;
        // It is passed on from thread to thread, at leisure.
        const auto start = std::chrono::steady_clock::now();
        while (std::chrono::steady_clock::now() - start < std::chrono::minutes(1)) {
          poll_stop();
        }
        throw std::logic_error("nobody has heard");
      }};
  const Needs needs = needs_of_fine(input, context);
  CHECK(needs.elements == Numbers{0});
  CHECK_FALSE(needs.minimal);
}

}  // namespace airlock
