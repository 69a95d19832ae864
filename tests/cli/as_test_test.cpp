// trace --as test: what is printed where, and with which exit status.
#include <doctest/doctest.h>

#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

const std::vector<std::string> surprise{"trace",  "specs/kvm",  "--fix",
                                        "merged", "--property", "always_dr6_is_the_guests"};

Result as_test(std::vector<std::string> line, const std::vector<std::string>& more = {}) {
  line.insert(line.end(), {"--as", "test"});
  line.insert(line.end(), more.begin(), more.end());
  return airlock(line);
}

TEST_CASE("a trace as a test is printed alone, and the status is the trace's") {
  const Result result = as_test(surprise);
  CHECK(result.status == 1);
  CHECK(result.out.starts_with("airlock test 1\n"));
  CHECK(result.out.find("predicted  dr6=ffff0ff0@1 DB@3 dr6=ffff0ff0@4\n") != std::string::npos);
  CHECK(result.err.empty());
}

TEST_CASE("where there is no test, the reason is on standard error and the status is 3") {
  const Result result =
      as_test({"trace", "specs/kvm", "--property", "always_host_runs_with_its_own_debugctl"});
  CHECK(result.status == 3);
  CHECK(result.out.empty());
  CHECK(result.err.find("no test can be made of this trace: ") == 0);
}

TEST_CASE("a property that holds has no test, and says so as ever") {
  const Result result = as_test({"trace", "specs/kvm", "--fix", "merged", "--property",
                                 "always_host_runs_with_its_own_debugctl"});
  CHECK(result.status == 0);
  CHECK(result.out.find("there is no trace") != std::string::npos);
}

TEST_CASE("a test has one form, and there are no others") {
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"--format", "json"}, {"--explain"}, {"--witness", "README.md"}}) {
    const Result result = as_test(surprise, more);
    CHECK(result.status == 2);
    CHECK(result.err.find("error: a test is not shown in another way") != std::string::npos);
  }
  std::vector<std::string> line = surprise;
  line.insert(line.end(), {"--as", "picture"});
  CHECK(airlock(line).status == 2);
}

TEST_CASE("a trace as a C file of a framework's is C that its compiler accepts") {
  const std::string frameworks =
      std::string(AIRLOCK_SOURCE_DIR) + "/tests/checker/testgen/frameworks";
  struct Row {
    std::string fix, property;
    std::vector<std::string> parts;  ///< of both files
  };
  for (const Row& row :
       {Row{"merged",
            "always_dr6_is_the_guests",
            {"\"\tpopf\\n\"", "\"\t\" EXITS \"\\n\"", "reads[4] = get_dr6();",
             "{ .db = 0, .reads = 1, .value = 0xffff4ff0 }"}},
        Row{"none", "always_dr6_is_the_guests", {"mov $0xffff07f0, %rsi", "mov %rsi, %dr6"}},
        Row{"v1", "always_debug_exceptions_are_the_guests", {"wrmsr", "set_debugctl(0);"}},
        Row{"v1-early-snapshot", "always_debug_exceptions_are_the_guests", {"iretq"}}}) {
    CAPTURE(row.fix);
    for (const std::string form : {"selftest", "kvm-unit-test"}) {
      const Scratch scratch;
      const Result result = airlock(
          {"trace", "specs/kvm", "--fix", row.fix, "--property", row.property, "--as", form});
      CHECK(result.status == 1);
      scratch.write("t.c", result.out);
      for (const std::string& part : row.parts) {
        CAPTURE(part);
        CHECK(result.out.find(part) != std::string::npos);
      }
      CHECK(result.out.find(form == "selftest" ? "GUEST_DONE();" : "report_summary()") !=
            std::string::npos);
      const std::string command = "cc -std=gnu11 -O2 -Wall -Wextra -Werror -mno-red-zone -I " +
                                  frameworks + " -c " + scratch.path("t.c") + " -o " +
                                  scratch.path("t.o");
      CHECK(std::system(command.c_str()) == 0);
    }
  }
}

TEST_CASE("a trace that a guest alone can make is taken, though it is longer, and that is said") {
  const Result result =
      as_test({"trace", "specs/kvm", "--property", "always_debug_exceptions_are_the_guests"});
  CHECK(result.status == 1);
  CHECK(result.err ==
        "this is not the shortest trace, but one of 14 steps without irq_perf and "
        "task_switch_block_step, which no guest can cause\n");
  CHECK(result.out.find("not-by-a-guest") == std::string::npos);
  CHECK(result.out.find("predicted  DB@2\n") != std::string::npos);
}

TEST_CASE("what no C file can do is said, and the status is 3") {
  const auto said = [](const std::string& fix, const std::string& property) {
    const Result result =
        airlock({"trace", "specs/kvm", "--fix", fix, "--property", property, "--as", "selftest"});
    CHECK(result.status == 3);
    CHECK(result.out.empty());
    return result.err;
  };
  CHECK(said("none", "always_debug_exceptions_are_the_guests")
            .find("no C file can be made of this trace: it goes to CPL 3") != std::string::npos);
  CHECK(said("none", "always_host_runs_with_its_own_debugctl")
            .find("no test can be made of this trace") != std::string::npos);
  const Result part = airlock({"trace", "specs/kvm", "--fix", "merged", "--property",
                               "always_dr6_is_the_guests", "--as", "selftest"});
  CHECK(part.err.find("a control is left out: without instruction 3, always_exits") == 0);
}

TEST_CASE("reproduce: what is said twice, or is no test, is bad input") {
  CHECK(airlock({"reproduce"}).status == 2);
  CHECK(airlock({"reproduce", "/nowhere/x.test"}).status == 2);
  CHECK(airlock({"reproduce", "a", "./a"}).err.find("given twice") != std::string::npos);
  CHECK(airlock({"reproduce", "a", "--repeat", "0"}).status == 2);
}

}  // namespace
}  // namespace airlock::test
