// What has no effect is said: fixes that do nothing, functions that nothing calls, guarantees where
// there are none, and patterns for properties.
#include <doctest/doctest.h>

#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

constexpr const char* base =
    "#include <airlock/svm.h>\n"
    "u64 s;\n"
    "void enter(void) { clgi(); stgi(); }\n"
    "void vcpu_run(void) { enter(); }\n"
    "bool always_zero(void) { return s == 0; }\n"
    "bool never_two(void) { return s == 2; }\n";

Result prove(const Scratch& scratch, const std::string& fix) {
  return airlock(
      {"prove", scratch.write("m.c", base), "--fix", scratch.write("fix.c", fix), "--quiet"});
}

bool contains(const std::string& whole, const std::string& part) {
  return whole.find(part) != std::string::npos;
}

void check_refused(const std::string& fix, const std::string& place, const std::string& message) {
  const Scratch scratch;
  const Result result = prove(scratch, fix);
  INFO(result.err);
  CHECK(result.status == 2);
  CHECK(result.out.empty());
  CHECK(contains(result.err, "fix.c:" + place + ": error: "));
  CHECK(contains(result.err, message));
}

}  // namespace

TEST_CASE("a fix whose function replaces nothing and that nothing calls is an error") {
  check_refused("void entr(void) { stgi(); }\n", "1:6", "expected: perhaps enter?");
  check_refused("void other(void) { stgi(); }\n", "1:6", "'other' has no effect");
  // One function that is of use does not excuse another.
  check_refused("void enter(void) { stgi(); }\nstatic void idle(void) { clgi(); }\n", "2:13",
                "'idle' has no effect");
}

TEST_CASE("a fix's global or parameter that nothing reads is an error") {
  check_refused("u64 mine;\nvoid enter(void) { stgi(); }\n", "1:5", "'mine' has no effect");
  check_refused("const u64 knob = 1;\nvoid enter(void) { stgi(); }\n", "1:11",
                "'knob' has no effect");
}

TEST_CASE("helpers, actors, properties and what an initialiser points to are of use") {
  const Scratch scratch;
  CHECK(prove(scratch,
              "u64 mine;\nu64 *const to_mine = &mine;\n"
              "static void help(void) { s = *to_mine; }\nvoid enter(void) { help(); }\n"
              "void irq_more(void) { s = 0; }\nbool always_one(void) { return s < 3; }\n")
            .status == 0);
}

TEST_CASE("a later fix may replace the only caller of an earlier one's helper") {
  const Scratch scratch;
  const std::string first = scratch.write(
      "a.c", "static void help(void) { s = 0; }\nvoid enter(void) { help(); stgi(); }\n");
  const std::string second = scratch.write("b.c", "void enter(void) { stgi(); clgi(); }\n");
  const std::string path = scratch.write("m.c", base);
  CHECK(airlock({"prove", path, "--fix", first + "+" + second, "--quiet"}).status == 0);
  scratch.write("a.c", "static void help(void) { s = 0; }\nvoid enter(void) { stgi(); }\n");
  const Result idle = airlock({"prove", path, "--fix", first + "+" + second, "--quiet"});
  CHECK(idle.status == 2);
  CHECK(contains(idle.err, "'help' has no effect"));
}

TEST_CASE("lines of a function that nothing calls never run") {
  const Scratch scratch;
  const std::string path =
      scratch.write("m.c", std::string(base) + "void perf_lbr(void) { s = 1; }\n");
  const Result result = airlock({"compare", path, "--quiet", "--no-certificates"});
  CHECK(result.status == 1);
  CHECK(contains(result.out, "\"m.c:7:23\" void perf_lbr(void) { s = 1; }"));
  CHECK(contains(result.out, "Exit status 1: 1 gap in what the model shows."));
}

TEST_CASE("a model without guarantees is told so, and can borrow the stock ones") {
  const Scratch scratch;
  const std::string path =
      scratch.write("m.c", "#include <airlock/svm.h>\nvoid vcpu_run(void) { clgi(); stgi(); }\n");
  const Result bare = airlock({"prove", path, "--quiet"});
  CHECK(bare.status == 0);
  CHECK(contains(bare.err, "warning: the model has no guarantee of its own"));
  const Result borrowed = airlock({"prove", path, "--quiet", "--guarantees"});
  CHECK(borrowed.status == 1);  // its guest never runs
  CHECK(!contains(borrowed.err, "warning"));
  CHECK(contains(borrowed.out, "holds          always_guest_runs_with_no_foreign_debugctl_bits"));
  CHECK(contains(borrowed.out, "nobody on the host writes its DebugCtl"));
}

TEST_CASE("a pattern stands for the properties that it matches") {
  const Scratch scratch;
  const std::string path = scratch.write("m.c", base);
  const Result both = airlock({"prove", path, "--property", "*_[zt]*", "--quiet"});
  CHECK(both.status == 0);
  CHECK(contains(both.out, "always_zero"));
  CHECK(contains(both.out, "never_two"));
  CHECK(!contains(both.out, "always_can_continue  "));
  const Result none = airlock({"prove", path, "--property", "x*"});
  CHECK(none.status == 2);
  CHECK(contains(none.err, "'x*' matches no property"));
  const Result many = airlock({"trace", path, "--property", "*o*"});
  CHECK(many.status == 2);
  CHECK(contains(many.err, "matches several properties"));
}

TEST_CASE("a wrong command or format is answered with the right one") {
  CHECK(contains(airlock({"proof", "m.c"}).err, "unknown command 'proof': perhaps prove?"));
  const Result format = airlock({"prove", "m.c", "--format", "jsonn"});
  CHECK(format.status == 2);
  CHECK(contains(format.err, "unknown format 'jsonn': perhaps json?"));
  CHECK(contains(airlock({"prove", "m.c", "--engine", "pdx"}).err, "perhaps pdr?"));
}

}  // namespace airlock::test
