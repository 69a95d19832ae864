#include "checker/coverage/coverage.hpp"

#include <algorithm>
#include <chrono>
#include <doctest/doctest.h>

#include "checker/coverage/clauses.hpp"
#include "checker/coverage/report.hpp"
#include "model/system/input_error.hpp"
#include "model/system/interpreter.hpp"
#include "model/system/step.hpp"

namespace airlock {
namespace {

/// Counts n from 0 to 3; two choices, of which one matters; markers for the line that counts.
struct Counter {
  TransitionSystem system;
  VarId n = 0;
  std::vector<CodePoint> code{{{"dir/c.c", 7, 2}, "n++;", "f", false},
                              {{"dir/c.c", 8, 3}, "if (n == 9)", "f", true},
                              {{"dir/c.c", 9, 4}, "never();", "f", false}};

  Counter() {
    n = system.add_variable("n", Sort::bits(4), system.pool->bits(4, 0));
    add_choice("matters");
    add_choice("idle");
    const Expr value = system.variable(n);
    Step step(system, "count", "software");
    step.start_marking(Marking::runs);
    step.assume(ult(value, same_sort(value, 3)));
    step.mark(Happened::ran, {"dir/c.c", 7, 2}, "n++;", system.pool->boolean(true));
    const Expr nine = eq(value, same_sort(value, 9));
    step.mark(Happened::was_true, {"dir/c.c", 8, 3}, "if (n == 9)", nine);
    step.mark(Happened::was_false, {"dir/c.c", 8, 3}, "if (n == 9)", !nine);
    step.set(n, value + same_sort(value, 1));
    step.finish();
    event("a reset", eq(value, same_sort(value, 3)) & system.variable(choice("matters")));
    event("an impossible event", eq(value, same_sort(value, 12)));
  }
  VarId choice(const std::string& name) { return *system.find_variable(name); }
  void add_choice(const std::string& name) {
    const InputId input = system.add_input(name, Sort::boolean(), "either");
    system.initial_inputs.push_back(input);
    const VarId id = system.add_variable(name, Sort::boolean(), system.input(input));
    system.choices.push_back({name, "?", "here", id, {{"no", 0}, {"yes", 1}}, "yes", {}});
  }
  void event(const std::string& name, Expr guard) {
    Step step(system, name, "hardware");
    step.assume(guard);
    step.cause({{}, name, "manual"});
    step.set(n, system.pool->bits(4, 0));
    step.finish();
  }
  void property(const std::string& name, Expr predicate) {
    system.properties.push_back({name, PropertyKind::always, predicate, "", "", {"p.c", 1, 1}});
  }
  Coverage measure(const CoverageSearch& search = {}) const {
    CoverageRun run({"none", system, code}, {}, {});
    run.explore(search, {});
    return std::move(run).take();
  }
};

bool reached(const Coverage& coverage, const std::string& name) {
  const auto found = std::find_if(coverage.points.begin(), coverage.points.end(),
                                  [&](const CoveragePoint& p) { return p.name == name; });
  REQUIRE(found != coverage.points.end());
  return found->reached;
}

bool has(const Coverage& coverage, const std::string& name) {
  return std::any_of(coverage.points.begin(), coverage.points.end(),
                     [&](const CoveragePoint& p) { return p.name == name; });
}

std::vector<std::string> names(const std::vector<Gap>& gaps) {
  std::vector<std::string> result;
  for (const Gap& gap : gaps) {
    result.push_back(gap.name);
  }
  return result;
}

CoverageQuestion asking(std::vector<Excuse> excuses) {
  CoverageQuestion question;
  question.excuses = std::move(excuses);
  return question;
}

}  // namespace

TEST_CASE("coverage tells which statements, ways, events and choices happen") {
  const Coverage coverage = Counter().measure();
  CHECK(coverage.complete);
  CHECK(coverage.states == 4);
  CHECK(reached(coverage, "c.c:7:2"));
  CHECK(!reached(coverage, "c.c:8:3 true"));
  CHECK(reached(coverage, "c.c:8:3 false"));
  CHECK(!reached(coverage, "c.c:9:4"));
  CHECK(reached(coverage, "a reset"));
  CHECK(!reached(coverage, "an impossible event"));
}

TEST_CASE("a choice counts where it makes a difference, an option that is pinned away not at all") {
  const Coverage coverage = Counter().measure();
  CHECK(reached(coverage, "matters=yes"));
  CHECK(!has(coverage, "matters=no"));
  CHECK(!reached(coverage, "idle=yes"));
}

TEST_CASE(
    "a part of a property is needed where a run reaches a state in which no other part holds") {
  Counter counter;
  const Expr n = counter.system.variable(counter.n);
  const Expr big = ule(same_sort(n, 2), n);
  counter.property("always_needed", (!big) | ult(n, same_sort(n, 4)));
  counter.property("always_vacuous", (!eq(n, same_sort(n, 11))) | eq(n, same_sort(n, 1)));
  const Coverage coverage = counter.measure();
  const auto parts = [&](std::size_t property) {
    std::vector<bool> idle;
    for (const ClauseCheck& clause : coverage.properties.at(property).clauses) {
      idle.push_back(clause.idle());
    }
    std::sort(idle.begin(), idle.end());
    return idle;
  };
  // n < 4 always holds, so `!big` is idle; 11 is never reached, so `n == 1` is.
  CHECK(parts(0) == std::vector<bool>{false, true});
  CHECK(parts(1) == std::vector<bool>{false, true});
  for (const PropertyCheck& property : coverage.properties) {
    for (const ClauseCheck& clause : property.clauses) {
      if (clause.outcome.path) {
        const State last = replay(coverage.pinned, *clause.outcome.path).back();
        CHECK(evaluate(clause.witness.predicate, last) == 1);
      }
    }
  }
}

TEST_CASE(
    "a conjunction is checked clause by clause, a single claim and a reachable_ have no parts") {
  Counter counter;
  const Expr n = counter.system.variable(counter.n);
  const Expr a = eq(n, same_sort(n, 1));
  const Expr b = eq(n, same_sort(n, 2));
  const Expr c = eq(n, same_sort(n, 5));
  counter.property("always_two", ((!a) | b) & !c);
  counter.property("always_one", !c);
  counter.property("reachable_a", a | b);
  counter.system.properties.back().kind = PropertyKind::reachable;
  const auto& properties = counter.system.properties;
  CHECK(clauses_of(counter.system, properties[0], {}).clauses.size() == 2);
  CHECK(clauses_of(counter.system, properties[1], {}).clauses.empty());
  CHECK(clauses_of(counter.system, properties[2], {}).clauses.empty());
}

TEST_CASE("exploration stops when everything that is awaited was seen, and says so") {
  const Counter counter;
  const Coverage some = counter.measure(
      {{"c.c:8:3 true", "c.c:9:4", "an impossible event", "a reset", "matters=yes", "idle=yes"},
       0});
  CHECK(!some.complete);
  CHECK(some.states < 4);
  CHECK(reached(some, "c.c:7:2"));
}

TEST_CASE("what no row reaches is a gap, unless the manifest gives a reason") {
  const std::vector<Excuse> excuses{{"c.c:9", "not in this model", {"m.toml", 3, 1}},
                                    {"an impossible event", "physics", {"m.toml", 4, 1}},
                                    {"c.c:8 true", "n is small", {"m.toml", 5, 1}},
                                    {"idle=yes", "nobody asks", {"m.toml", 6, 1}}};
  const CoverageReport bare = report_coverage({Counter().measure()}, {});
  CHECK(names(bare.gaps) ==
        std::vector<std::string>{"c.c:8:3 true", "c.c:9:4", "an impossible event", "idle=yes"});
  CHECK(!bare.complete());
  CHECK(!bare.undecided());
  CHECK(report_coverage({Counter().measure()}, asking(excuses)).complete());
}

TEST_CASE("a reason for what is reached, or for what does not exist, is an error with its place") {
  const auto error = [](const std::string& what) -> std::string {
    try {
      report_coverage({Counter().measure()}, asking({{what, "reason", {"m.toml", 3, 1}}}));
    } catch (const InputError& failure) {
      return failure.what();
    }
    return {};
  };
  CHECK(error("c.c:7").find("m.toml:3:1: error: [unreached] names 'c.c:7', which is reached") == 0);
  CHECK(error("c.c:70").find("m.toml:3:1: error: ") == 0);
  CHECK(error("c.c:9").empty());
}

TEST_CASE("rows together are explored until every point was seen in one of them") {
  std::vector<CoverageRun> runs;
  for (int i = 0; i < 2; ++i) {
    const Counter counter;
    runs.emplace_back(CoverageInput{"row", counter.system, counter.code}, Pins{},
                      std::vector<std::string>{});
  }
  const CoverageReport report = cover_together(std::move(runs), {}, {});
  CHECK(names(report.gaps) ==
        std::vector<std::string>{"c.c:8:3 true", "c.c:9:4", "an impossible event", "idle=yes"});
  CHECK(!report.undecided());
}

TEST_CASE("what is seen late is looked for in the row that alone has some of it, not in all") {
  constexpr std::uint64_t late = 30'000;
  std::vector<CoverageRun> runs;
  for (const bool own : {false, true}) {
    TransitionSystem system;
    const VarId n = system.add_variable("n", Sort::bits(16), system.pool->bits(16, 0));
    const Expr value = system.variable(n);
    const auto event = [&](const std::string& name, Expr guard, Expr next) {
      Step step(system, name, "hardware");
      step.assume(guard);
      step.cause({{}, name, "manual"});
      step.set(n, next);
      step.finish();
    };
    event("counts", ult(value, same_sort(value, late)), value + same_sort(value, 1));
    event("shared and late", eq(value, same_sort(value, late)), same_sort(value, late));
    if (own) {
      event("its own and late", eq(value, same_sort(value, late)), same_sort(value, late));
    }
    runs.emplace_back(CoverageInput{own ? "with" : "without", system, {}}, Pins{},
                      std::vector<std::string>{});
  }
  const CoverageReport report = cover_together(std::move(runs), {}, {});
  CHECK(report.gaps.empty());
  CHECK(report.rows[0].states < late);
  CHECK(report.rows[1].states > late);
}

TEST_CASE("what holds in a row must claim something there, whatever other rows show") {
  const auto run = [](const std::string& row, std::uint64_t evaluated_at) {
    Counter counter;
    const Expr n = counter.system.variable(counter.n);
    counter.property("always_small", ult(n, same_sort(n, 9)));
    CoverageInput input{row, counter.system, counter.code};
    input.operands.push_back(
        {"always_small", {"dir/p.c", 3, 7}, "a || b", eq(n, same_sort(n, evaluated_at))});
    return CoverageRun(std::move(input), Pins{}, {});
  };
  const auto gaps = [&](std::set<std::string> rows_where_it_holds, std::vector<Excuse> excuses) {
    std::vector<CoverageRun> runs;
    runs.push_back(run("sees it", 2));
    runs.push_back(run("does not", 12));
    CoverageQuestion question = asking(std::move(excuses));
    question.points.clear();
    question.properties = false;
    for (const std::string& row : rows_where_it_holds) {
      question.not_vacuous[row] = {"always_small"};
    }
    std::vector<std::string> result;
    for (const Gap& gap : cover_together(std::move(runs), question, {}).gaps) {
      CHECK(gap.kind == "vacuous");
      CHECK(gap.decided);
      CHECK(gap.text == "is not evaluated at p.c:3:7: a || b");
      result.push_back(gap.name + (gap.reason.empty() ? "" : " (" + gap.reason + ")"));
    }
    return result;
  };
  using Names = std::vector<std::string>;
  CHECK(gaps({"sees it", "does not"}, {}) == Names{"does not: always_small"});
  CHECK(gaps({"sees it"}, {}).empty());
  const SourceLocation place{"m.toml", 3, 1};
  CHECK(gaps({"does not"}, {{"does not: always_small", "so be it", place}}) ==
        Names{"does not: always_small (so be it)"});
  CHECK(gaps({"does not"}, {{"always_small", "everywhere", place}}) ==
        Names{"does not: always_small (everywhere)"});
}

TEST_CASE("what all states do not show is decided, though nobody asks about parameters") {
  const Counter counter;
  CoverageInput input{"row", counter.system, counter.code};
  input.others.push_back(
      {"p=1", []() -> TransitionSystem { throw std::logic_error("not asked about"); }});
  std::vector<CoverageRun> runs;
  runs.emplace_back(std::move(input), Pins{}, std::vector<std::string>{});
  CoverageQuestion question;
  question.points = {PointKind::statement};
  const CoverageReport report = cover_together(std::move(runs), question, {});
  CHECK(names(report.gaps) == std::vector<std::string>{"c.c:9:4"});
  CHECK(report.gaps.at(0).decided);
  CHECK(report.lacks_something());
  CHECK_FALSE(report.undecided());
}

TEST_CASE("a row that was not begun leaves everything undecided, and no excuse is wrong") {
  std::vector<CoverageRun> runs;
  const Counter counter;
  runs.emplace_back(CoverageInput{"row", counter.system, counter.code}, Pins{},
                    std::vector<std::string>{});
  runs.push_back(CoverageRun::not_begun("late", "out of time"));
  const std::vector<Excuse> excuses{{"only in late", "reason", {"m.toml", 3, 1}}};
  const CoverageReport report = cover_together(std::move(runs), asking(excuses), {});
  CHECK(report.gaps.size() == 4);
  for (const Gap& gap : report.gaps) {
    CHECK_FALSE(gap.decided);
  }
  CHECK_FALSE(report.complete());
  CHECK(report.undecided());
  CHECK(report.rows.at(1).reason == "out of time");
  CHECK(render_gaps(report, {}).find("not measured: late: out of time") != std::string::npos);
}

TEST_CASE("when time is up other worlds are not built, and nothing is said to be unreachable") {
  EngineContext late;
  late.deadline = std::chrono::steady_clock::now();
  const Counter counter;
  CoverageInput input{"row", counter.system, counter.code};
  input.others.push_back(
      {"p=1", []() -> TransitionSystem { throw std::logic_error("built too late"); }});
  std::vector<CoverageRun> runs;
  runs.emplace_back(std::move(input), Pins{}, std::vector<std::string>{});
  const CoverageReport report = cover_together(std::move(runs), {}, late);
  CHECK(report.rows.at(0).states == 0);
  CHECK_FALSE(report.rows[0].complete);
  CHECK(report.undecided());
}

}  // namespace airlock
