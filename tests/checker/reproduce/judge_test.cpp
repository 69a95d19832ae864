// What many runs say together.
#include "checker/reproduce/judge.hpp"

#include <doctest/doctest.h>

#include "checker/reproduce/process.hpp"

namespace airlock {
namespace {

GuestTest lost_bs() {
  GuestTest test;
  const Seen first{Seen::Kind::dr6, 1, 0xffff0ff0, {}};
  const Seen db{Seen::Kind::db, 3, 0, {}};
  test.program = {{GuestOp::mov_from_dr6},
                  {GuestOp::popf, true},
                  {GuestOp::nop},
                  {GuestOp::db_handler},
                  {GuestOp::mov_from_dr6}};
  test.bare_metal = {first, db, {Seen::Kind::dr6, 4, 0xffff4ff0, {}}};
  test.predicted = {first, db, {Seen::Kind::dr6, 4, 0xffff0ff0, {}}};
  test.controls = {{"the same without the first read",
                    {{GuestOp::popf, true}, {GuestOp::nop}},
                    {{Seen::Kind::db, 2, 0, {}}}}};
  return test;
}

const std::string bare = "end r8=ffff0ff0 r9=ffff4ff0 log 1:8006:8:3102";
const std::string predicted = "end r8=ffff0ff0 r9=ffff0ff0 log 1:8006:8:3102";
const std::string neither = "end r8=ffff0ff0 r9=ffff4ff0 log";
const std::string control = "end log 1:8002:8:3102";

TestResult result(const std::vector<std::vector<std::string>>& lines) {
  const GuestTest test = lost_bs();
  const Plan plan = plan_of(test);
  REQUIRE(plan.pieces.size() == 2);
  return judge(test, plan, lines[0].size(), lines).result;
}

TEST_CASE("all as bare metal, some as predicted, some as neither") {
  CHECK(result({{bare, bare}, {control, control}}) == TestResult::bare_metal);
  CHECK(result({{bare, predicted}, {control, control}}) == TestResult::reproduced);
  CHECK(result({{predicted, predicted}, {control, control}}) == TestResult::reproduced);
  CHECK(result({{predicted, neither}, {control, control}}) == TestResult::differs);
}

TEST_CASE("a control that fails once makes everything inconclusive") {
  CHECK(result({{predicted, predicted}, {control, "end log"}}) == TestResult::inconclusive);
  CHECK(result({{neither, bare}, {"hangs log", control}}) == TestResult::inconclusive);
}

TEST_CASE("a run that was not heard of is no result") {
  CHECK_THROWS_AS(result({{bare, bare}, {control}}), Unavailable);
}

TEST_CASE("a #DB after the last instruction counts only where it is predicted") {
  GuestTest test = lost_bs();
  test.bare_metal = {{Seen::Kind::db, 2, 0, {}}};
  test.predicted = {};
  test.program = {{GuestOp::popf, true}, {GuestOp::nop}, {GuestOp::nop}};
  const std::vector<Seen> late{{Seen::Kind::db, 3, 0, {}}};
  CHECK(as_far_as_predicted(test, late).empty());
  test.predicted = late;
  CHECK(as_far_as_predicted(test, late) == late);
}

TEST_CASE("what the software CPU cannot show is said, not run") {
  GuestTest test = lost_bs();
  test.needs = {"DebugCtl"};
  CHECK(plan_of(test).pieces.empty());
  CHECK(plan_of(test).why_not == "needs DebugCtl, which QEMU's software CPU does not have");
  test.not_by_a_guest = {"step 6 is irq_perf, between svm.c:16 and svm.c:17"};
  CHECK(plan_of(test).why_not ==
        "not reproducible by a guest alone: step 6 is irq_perf, between svm.c:16 and svm.c:17");
  test = lost_bs();
  test.host = {"DEBUGCTL=BLCKDB"};
  CHECK(plan_of(test).why_not == "needs a host with DEBUGCTL=BLCKDB");
  test = lost_bs();
  test.controls.clear();
  CHECK(plan_of(test).why_not.find("no control") != std::string::npos);
}

TEST_CASE("an instruction that always exits is each of those that can be run there") {
  GuestTest test = lost_bs();
  test.program[2] = {GuestOp::always_exits};
  test.controls.push_back({"exit without TF",
                           {{GuestOp::always_exits}, {GuestOp::mov_from_dr6}},
                           {{Seen::Kind::dr6, 2, 0xffff0ff0, {}}}});
  std::size_t own = 0;
  std::size_t of_control = 0;
  for (const Piece& piece : plan_of(test).pieces) {
    own += piece.control ? 0 : 1;
    of_control += piece.control == 1 ? 1 : 0;
  }
  CHECK(own == exiting_instructions().size());
  CHECK(of_control == exiting_instructions().size() - 1);  // HLT would not end
}

TEST_CASE("the report names what was seen, how often, with which instruction, and what failed") {
  const GuestTest test = lost_bs();
  const Plan plan = plan_of(test);
  const auto text = [&](const std::vector<std::vector<std::string>>& lines) {
    return render("t on 6.1", test, plan, judge(test, plan, 2, lines));
  };
  CHECK(text({{bare, predicted}, {control, control}}) ==
        "t on 6.1: as predicted, reproduced\n"
        "  bare metal shows  dr6=ffff0ff0@1 DB@3 dr6=ffff4ff0@4\n"
        "  predicted is      dr6=ffff0ff0@1 DB@3 dr6=ffff0ff0@4\n"
        "  seen              dr6=ffff0ff0@1 DB@3 dr6=ffff0ff0@4 (1 of 2); "
        "dr6=ffff0ff0@1 DB@3 dr6=ffff4ff0@4 (1 of 2)\n"
        "  controls          all right: 1 variations, 2 runs\n");
  const std::string failed = text({{bare, bare}, {control, "end log"}});
  CHECK(failed.find("t on 6.1: inconclusive: a control failed\n") == 0);
  CHECK(failed.find("control failed    the same without the first read: DB@2 (1 of 2); nothing "
                    "(1 of 2); bare metal shows DB@2") != std::string::npos);
}

}  // namespace
}  // namespace airlock
