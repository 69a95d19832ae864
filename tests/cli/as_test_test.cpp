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

TEST_CASE("reproduce: what is said twice, or is no test, is bad input") {
  CHECK(airlock({"reproduce"}).status == 2);
  CHECK(airlock({"reproduce", "/nowhere/x.test"}).status == 2);
  CHECK(airlock({"reproduce", "a", "./a"}).err.find("given twice") != std::string::npos);
  CHECK(airlock({"reproduce", "a", "--repeat", "0"}).status == 2);
}

}  // namespace
}  // namespace airlock::test
