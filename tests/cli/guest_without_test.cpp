// --guest-without: a world whose guest leaves some instructions out, and says so wherever it
// counts.
#include <doctest/doctest.h>

#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

const std::string kvm = std::string(AIRLOCK_SOURCE_DIR) + "/specs/kvm";

bool contains(const std::string& whole, const std::string& part) {
  return whole.find(part) != std::string::npos;
}

Result prove(const std::vector<std::string>& more) {
  std::vector<std::string> line{"prove", kvm, "--quiet"};
  line.insert(line.end(), more.begin(), more.end());
  return airlock(line);
}

}  // namespace

TEST_CASE("a guest without an instruction never executes it") {
  const std::string symptom = "symptom_spurious_bus_lock_db";
  CHECK(contains(prove({"--property", symptom}).out, "reached        " + symptom));
  CHECK(contains(prove({"--property", symptom, "--guest-without", "bus-lock,popf,iret,sysret"}).out,
                 "not reachable  " + symptom));
  const Result other = prove({"--property", symptom, "--guest-without", "sysret"});
  CHECK(contains(other.out, "reached        " + symptom));
  CHECK(contains(other.out, "--guest-without sysret"));  // in the command that prints the trace
}

TEST_CASE("what the guest does not do is among what a holds assumes, and in a certificate") {
  const Scratch scratch;
  const Result result =
      prove({"--fix", "merged", "--property", "reachable_guest_takes_db", "--guest-without",
             "popf,iret,sysret,bus-lock", "--certificate", scratch.path("out")});
  INFO(result.out << result.err);
  CHECK(result.status == 1);  // nothing raises a #DB
  const std::string file = scratch.path("out/reachable_guest_takes_db.smt2");
  CHECK(contains(slurp(file), "; guest without: bus-lock"));
  const Result certified = airlock({"certify", file});
  INFO(certified.out << certified.err);
  CHECK(certified.status == 0);
  CHECK(contains(certified.out, "--guest-without bus-lock"));
  const Result holds = prove({"--property", "always_well_defined", "--guest-without", "sysret"});
  CHECK(contains(holds.out, "the guest does not execute SYSRET"));
}

TEST_CASE("an instruction that there is not is an error with the words that there are") {
  const Result result = prove({"--guest-without", "sysretq"});
  CHECK(result.status == 2);
  CHECK(contains(result.err, "no instruction of the guest is 'sysretq'"));
  CHECK(contains(result.err, "perhaps sysret?"));
}

}  // namespace airlock::test
