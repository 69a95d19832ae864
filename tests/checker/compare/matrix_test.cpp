#include "checker/compare/matrix.hpp"

#include <doctest/doctest.h>

#include "checker/compare/render.hpp"
#include "checker/compare/undecided.hpp"
#include "checker/trace/render.hpp"
#include "model/system/input_error.hpp"
#include "tests/checker/compare/choices_system.hpp"

namespace airlock {
namespace {

using test::choices_system;

RowInput row(const std::string& fix, const std::function<bool(std::uint64_t)>& breaks) {
  return {fix, "A fix.", [breaks] { return choices_system(2, breaks); }, {}};
}

std::vector<RowInput> three_rows() {
  return {row("none", [](std::uint64_t) { return true; }),
          row("half", [](std::uint64_t bad) { return (bad & 2U) != 0; }),
          row("whole", [](std::uint64_t) { return false; })};
}

MatrixOptions options(unsigned jobs = 1) {
  MatrixOptions result;
  result.context.jobs = jobs;
  return result;
}

MatrixHeading heading() {
  MatrixHeading result;
  result.model = "toy";
  result.parameters = {{"bits", "LBR"}};
  result.actors = {"irq_perf"};
  result.trace_command = [](const std::string& fix, const std::string& property) {
    return "airlock trace toy --fix " + fix + " --property " + property;
  };
  return result;
}

const Cell& cell(const Matrix& matrix, std::size_t row, const std::string& property) {
  for (const Cell& each : matrix.rows[row].cells) {
    if (each.decision.property->name == property) {
      return each;
    }
  }
  throw std::out_of_range(property);
}

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    widest = std::max(widest, columns(text.substr(at, end - at)));
    at = end + 1;
  }
  return widest;
}

/// A system in which counters go up: one WRMSR always, up to two RDMSRs, then the entry ends.
CostSystem cost_system() {
  TransitionSystem system;
  ExprPool& pool = *system.pool;
  const Sort sort = Sort::bits(4);
  const VarId reads = system.add_variable("reads", sort, pool.bits(4, 0));
  const VarId writes = system.add_variable("writes", sort, pool.bits(4, 0));
  const VarId place = system.add_variable("place", Sort::bits(2), pool.bits(2, 0));
  const auto at = [&](std::uint64_t n) { return eq(system.variable(place), pool.bits(2, n)); };
  const Expr more = system.variable(reads) + pool.bits(4, 1);
  system.rules.push_back({"read",
                          "kvm",
                          at(0) && ult(system.variable(reads), pool.bits(4, 2)),
                          {{reads, more}},
                          {},
                          {}});
  system.rules.push_back(
      {"write", "kvm", at(0), {{writes, pool.bits(4, 1)}, {place, pool.bits(2, 1)}}, {}, {}});
  validate(system);
  const Expr complete = at(1);
  const Expr never = at(3);
  return {std::move(system), complete, never, reads, writes};
}

}  // namespace

TEST_CASE("every cell is decided by explicit search and confirmed by Z3") {
  for (const unsigned jobs : {1U, 3U}) {
    const Matrix matrix = compare(three_rows(), options(jobs));
    REQUIRE(matrix.rows.size() == 3);
    for (const Row& each : matrix.rows) {
      REQUIRE(each.cells.size() == 5);
      for (const Cell& one : each.cells) {
        CHECK(one.decision.outcome.engine == "explore");
        CHECK(one.confirmed());
        CHECK(one.check.engine != "explore");
      }
    }
    CHECK(cell(matrix, 0, "always_fine").decision.verdict == Verdict::violated);
    CHECK(cell(matrix, 1, "always_fine").decision.verdict == Verdict::holds);
    CHECK(cell(matrix, 1, "always_fine").decision.assumes == std::vector<std::string>{"r1=good"});
    CHECK(cell(matrix, 2, "always_fine").decision.assumes.empty());
  }
}

TEST_CASE("engines that disagree about a trace's length are not smoothed over") {
  MatrixOptions wrong = options();
  wrong.second.path = [](const Reduce&, std::uint64_t steps, const EngineContext&) {
    Outcome outcome;
    outcome.engine = "bmc";
    outcome.reason = "no path within the bound";
    outcome.no_path_within = steps;
    return outcome;
  };
  CHECK_THROWS_AS(compare(three_rows(), wrong), EnginesDisagree);
  wrong.second.path = [](const Reduce&, std::uint64_t, const EngineContext&) {
    Outcome outcome;
    outcome.engine = "bmc";
    outcome.answer = Reachability::unreachable;
    return outcome;
  };
  CHECK_THROWS_AS(compare(three_rows(), wrong), EnginesDisagree);
}

TEST_CASE("an engine that gives up contradicts nobody, and leaves the whole undecided") {
  MatrixOptions tired = options();
  tired.properties = {"always_fine"};
  for (const std::uint64_t searched : {std::uint64_t{0}, std::uint64_t{1}}) {
    tired.second.path = [searched](const Reduce&, std::uint64_t steps, const EngineContext&) {
      REQUIRE(steps > 1);
      Outcome outcome;
      outcome.engine = "bmc";
      outcome.reason = "out of memory: the limit is reached";
      outcome.no_path_within = searched;
      return outcome;
    };
    const Matrix matrix = compare(three_rows(), tired);
    CHECK(cell(matrix, 0, "always_fine").decision.verdict == Verdict::violated);
    CHECK_FALSE(cell(matrix, 0, "always_fine").confirmed());
    CHECK(overall(matrix) == Verdict::violated);
  }
  tired.second.proof = [](const Reduce&, const EngineContext&) {
    Outcome outcome;
    outcome.engine = "pdr";
    outcome.reason = "Z3 failed: out of memory";
    return std::vector<Outcome>{outcome};
  };
  Matrix proofs = compare(three_rows(), tired);
  proofs.rows.erase(proofs.rows.begin());  // the one with a violation
  CHECK(cell(proofs, 0, "always_fine").decision.verdict == Verdict::holds);
  CHECK(overall(proofs) == Verdict::unknown);
}

TEST_CASE("an engine that gives up at once does not deny that the initial state is bad") {
  const auto bad_at_once = [] {
    TransitionSystem system;
    const VarId x = system.add_variable("x", Sort::boolean(), system.pool->boolean(true));
    system.properties = {
        {"never_x", PropertyKind::never, system.variable(x), "x is false.", "", {}}};
    validate(system);
    return system;
  };
  MatrixOptions tired = options();
  tired.second.path = [](const Reduce&, std::uint64_t steps, const EngineContext&) {
    CHECK(steps == 0);
    return Outcome{};
  };
  const Matrix matrix = compare({RowInput{"none", "", bad_at_once, {}}}, tired);
  CHECK(cell(matrix, 0, "never_x").decision.verdict == Verdict::violated);
  CHECK_FALSE(cell(matrix, 0, "never_x").confirmed());
}

TEST_CASE("engines that disagree about a proof are not smoothed over") {
  MatrixOptions wrong = options(2);
  wrong.properties = {"never_three"};
  wrong.chosen = {{"r0", "any"}, {"r1", "any"}};
  wrong.second.proof = [](const Reduce&, const EngineContext&) {
    Outcome outcome;
    outcome.engine = "pdr";
    outcome.answer = Reachability::reachable;
    outcome.depth = 4;
    return std::vector<Outcome>{outcome};
  };
  try {
    compare(three_rows(), wrong);
    FAIL("no disagreement");
  } catch (const EnginesDisagree& error) {
    const std::string message = error.what();
    CHECK(message.find("explore: unreachable") != std::string::npos);
    CHECK(message.find("pdr: reachable in 4 steps") != std::string::npos);
  }
}

TEST_CASE("a second opinion that gives up leaves the cell unconfirmed, and the text says so") {
  MatrixOptions tired = options();
  tired.second.proof = [](const Reduce& reduce, const EngineContext&) {
    Outcome outcome;
    outcome.engine = "pdr";
    outcome.reason = "timeout";
    return std::vector<Outcome>(reduce().targets().size(), outcome);
  };
  const Matrix matrix = compare(three_rows(), tired);
  CHECK(!cell(matrix, 2, "always_fine").confirmed());
  CHECK(render_text(matrix, heading(), {}).find("no second opinion") != std::string::npos);
}

TEST_CASE("wrong files of one row are reported, not swallowed") {
  std::vector<RowInput> rows = three_rows();
  rows[1].build = []() -> TransitionSystem { throw InputError({"x.c", 1, 1}, "bad"); };
  CHECK_THROWS_AS(compare(rows, options(2)), InputError);
}

TEST_CASE("the comparison counts violations, then unknowns") {
  CHECK(overall(compare(three_rows(), options())) == Verdict::violated);
  MatrixOptions only = options();
  only.properties = {"never_three"};
  CHECK(overall(compare(three_rows(), only)) == Verdict::holds);
  const std::atomic<bool> stop{true};
  only.context.cancelled = &stop;
  CHECK(overall(compare(three_rows(), only)) == Verdict::unknown);
}

TEST_CASE("a guard against vacuity that is not reachable counts as a violation") {
  MatrixOptions only = options();
  only.properties = {"reachable_three"};
  const Matrix matrix = compare(three_rows(), only);
  CHECK(overall(matrix) == Verdict::violated);
  CHECK(render_text(matrix, heading(), {}).find("NOT REACHABLE\n") != std::string::npos);
}

TEST_CASE("the matrix reads like this") {
  MatrixOptions some = options();
  some.properties = {"always_fine", "always_short", "reachable_step"};
  CHECK(render_text(compare(three_rows(), some), heading(), {}) ==
        "fix    fine        short\n"
        "-----------------------------\n"
        "base   VIOLATED 2  VIOLATED 1\n"
        "half   holds*1     VIOLATED 1\n"
        "whole  holds       VIOLATED 1\n"
        "\n"
        "  *1  assumes r1=good\n"
        "\n"
        "Violated; a shortest trace of each:\n"
        "    2 steps  airlock trace toy --fix none --property always_fine\n"
        "    1 step   airlock trace toy --fix none --property always_short\n"
        "    1 step   airlock trace toy --fix half --property always_short\n"
        "    1 step   airlock trace toy --fix whole --property always_short\n"
        "\n"
        "Guards against vacuity:\n"
        "  reachable_step  reached in 1 step\n"
        "\n"
        "Under\n"
        "  model       toy\n"
        "  parameters  bits=LBR\n"
        "  actors      irq_perf\n"
        "  choices     r0=good (pinned), r1=good (pinned)\n"
        "\n"
        "Every \"holds\" assumes:\n"
        "  - Readings do not change.\n");
}

TEST_CASE("the same comparison prints the same text, however many threads work on it") {
  const std::string text = render_text(compare(three_rows(), options(1)), heading(), {});
  for (int round = 0; round < 5; ++round) {
    CHECK(render_text(compare(three_rows(), options(4)), heading(), {}) == text);
  }
}

TEST_CASE("the text matrix fits a hundred columns however many properties there are") {
  std::vector<RowInput> rows = three_rows();
  for (RowInput& each : rows) {
    each.fix += "-with-a-rather-long-name";
    each.build = [build = each.build] {
      TransitionSystem system = build();
      const Property property = system.properties[2];
      for (int i = 0; i < 20; ++i) {
        system.properties.push_back(property);
        system.properties.back().name =
            "always_something_unexpectedly_complicated_number_" + std::to_string(i);
      }
      return system;
    };
  }
  MatrixHeading long_heading = heading();
  long_heading.trace_command = [](const std::string&, const std::string&) { return "airlock"; };
  const std::string text = render_text(compare(rows, options()), long_heading, {});
  CHECK(widest_line(text) <= 100);
  CHECK(text.find("19") != std::string::npos);
}

TEST_CASE("the JSON of a comparison has the documented shape") {
  std::vector<RowInput> rows = three_rows();
  rows[0].build_for_cost = cost_system;
  const auto json =
      nlohmann::ordered_json::parse(dump(render_json(compare(rows, options()), heading())));
  CHECK(json["model"] == "toy");
  CHECK(json["parameters"]["bits"] == "LBR");
  CHECK(json["actors"] == std::vector<std::string>{"irq_perf"});
  CHECK(json["choices"]["r0"] == "good (pinned)");
  REQUIRE(json["rows"].size() == 3);
  const auto& first = json["rows"][0];
  CHECK(first["fix"] == "none");
  CHECK(first["cost"]["rdmsr"] == std::vector<int>{0, 2});
  CHECK(first["cost"]["wrmsr"] == std::vector<int>{1, 1});
  CHECK(first["cost_fastpath"]["rdmsr"].is_null());
  CHECK(first["cost_fastpath"]["wrmsr"].is_null());
  const auto& verdict = first["verdicts"][0];
  CHECK(verdict["property"] == "always_fine");
  CHECK(verdict["verdict"] == "violated");
  CHECK(verdict["assumes"].empty());
  CHECK(verdict["engine"] == "explore");
  CHECK(verdict["steps"] == 2);
  CHECK(verdict["states"].is_number_unsigned());
  CHECK(verdict["seconds"].is_number());
  CHECK(json["rows"][1]["verdicts"][0]["assumes"] == std::vector<std::string>{"r1=good"});
  CHECK(json["rows"][1]["verdicts"][0]["steps"].is_null());
}

TEST_CASE("an unpinned reading is any in the JSON of a comparison") {
  MatrixOptions free = options();
  free.chosen = {{"r0", "any"}};
  const Matrix matrix = compare(three_rows(), free);
  CHECK(render_json(matrix, heading())["choices"]["r0"] == "any");
  CHECK(render_json(matrix, heading())["choices"]["r1"] == "good (pinned)");
}

TEST_CASE("costs are the fewest and most accesses over all runs") {
  const Costs costs = measure_cost(cost_system(), {}, {});
  CHECK(costs.reason.empty());
  REQUIRE(costs.entry.rdmsr);
  CHECK(costs.entry.rdmsr->low == 0);
  CHECK(costs.entry.rdmsr->high == 2);
  REQUIRE(costs.entry.wrmsr);
  CHECK(costs.entry.wrmsr->low == 1);
  CHECK(costs.entry.wrmsr->high == 1);
  CHECK(!costs.fastpath.rdmsr);
  CHECK(!costs.fastpath.wrmsr);
}

TEST_CASE(
    "a comparison that is stopped composes nothing for its costs, and says so in every format") {
  const std::atomic<bool> stop{true};
  MatrixOptions stopped = options();
  stopped.context.cancelled = &stop;
  std::vector<RowInput> rows = three_rows();
  rows.resize(1);
  bool composed = false;
  rows[0].build_for_cost = [&] {
    composed = true;
    return cost_system();
  };
  const Matrix matrix = compare(rows, stopped);
  CHECK(!composed);
  REQUIRE(matrix.rows[0].costs);
  CHECK(matrix.rows[0].costs->reason == "cancelled");
  const std::string line = "cost: cancelled; to go on: ask about less, with --no-actor or --choice";
  CHECK(render_text(matrix, heading(), {}).find("base: " + line) != std::string::npos);
  CHECK(render_json(matrix, heading())["rows"][0]["cost_undecided"]["reason"] == "cancelled");
}

TEST_CASE("loose ends say which limit to raise") {
  Matrix matrix = compare(three_rows(), options());
  Row& whole = matrix.rows[2];
  CHECK(loose_ends(whole).empty());
  whole.costs.emplace().reason = "out of time";
  whole.cells[0].certificate.emplace().reason = "not enough memory";
  whole.cells[1].check = {};
  whole.cells[1].check.reason = "out of time; not enough memory";
  std::vector<std::string> said;
  for (const LooseEnd& end : loose_ends(whole)) {
    said.push_back(end.why + " -> " + end.to_go_on);
  }
  CHECK(said ==
        std::vector<std::string>{
            "no certificate: not enough memory -> raise --memory",
            to_string(whole.cells[1].decision.verdict) +
                " by explore alone, no second opinion -> raise --timeout, or raise --memory",
            "out of time -> raise --timeout"});
}

TEST_CASE("costs that are not fully explored are unknown, not guessed") {
  const std::atomic<bool> stop{true};
  EngineContext context;
  context.cancelled = &stop;
  const Costs costs = measure_cost(cost_system(), {}, context);
  CHECK(!costs.reason.empty());
  CHECK(!costs.entry.rdmsr);
}

}  // namespace airlock
