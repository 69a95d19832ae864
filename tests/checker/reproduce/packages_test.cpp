// Kernels by apt's answers, modules, archives and other people's programs.
#include "checker/reproduce/packages.hpp"

#include <csignal>
#include <doctest/doctest.h>

#include "checker/reproduce/initramfs.hpp"
#include "checker/reproduce/modules.hpp"

namespace airlock {
namespace {

const std::vector<KernelPackage>& offered() {
  static const std::vector<KernelPackage> all = kernels_in(
      " linux-image-6.1.0-55-amd64-unsigned | 6.1.192-1 | a mirror bookworm/main amd64 Packages\n"
      " linux-image-6.1.0-56-amd64-unsigned | 6.1.192-2 | a mirror bookworm/main amd64 Packages\n"
      " linux-image-6.1.0-56-amd64 | 6.1.192-2 | a mirror bookworm/main amd64 Packages\n"
      " linux-image-6.1.0-56-cloud-amd64 | 6.1.192-2 | a mirror\n"
      " linux-image-6.1.0-56-cloud-amd64-unsigned | 6.1.192-2 | a mirror\n"
      " linux-image-6.1.0-56-rt-amd64-unsigned | 6.1.192-2 | a mirror\n"
      " linux-image-6.1.0-56-cloud-amd64-dbg | 6.1.192-2 | a mirror\n"
      " linux-image-6.1.0-9-cloud-amd64-unsigned | 6.1.27-1 | a mirror\n"
      " linux-image-6.12-amd64 | 6.12.117-1~deb12u1 | a mirror\n"
      " linux-image-6.12.117+deb12-amd64 | 6.12.117-1~deb12u1 | a mirror\n");
  return all;
}

std::string chosen_for(const std::string& wanted) {
  const std::optional<KernelPackage> package = choose_kernel(offered(), wanted);
  return package ? package->name : "none";
}

TEST_CASE("images are kernels: no meta-packages, debug symbols or real-time kernels") {
  CHECK(offered().size() == 7);
}

TEST_CASE("a version is the newest that begins with it, in the smallest package") {
  CHECK(chosen_for("6.1.192") == "linux-image-6.1.0-56-cloud-amd64-unsigned");
  CHECK(chosen_for("6.1") == "linux-image-6.1.0-56-cloud-amd64-unsigned");
  CHECK(chosen_for("6.1.27") == "linux-image-6.1.0-9-cloud-amd64-unsigned");
  CHECK(chosen_for("6.12") == "linux-image-6.12.117+deb12-amd64");
  CHECK(chosen_for("6") == "linux-image-6.12.117+deb12-amd64");
  CHECK(chosen_for("6.1.19") == "none");  // not a prefix of digits
  CHECK(chosen_for("6.13") == "none");
  CHECK(chosen_for("linux-image-6.1.0-55-amd64-unsigned") == "linux-image-6.1.0-55-amd64-unsigned");
  CHECK(chosen_for("6.1.192-1") == "linux-image-6.1.0-55-amd64-unsigned");
  CHECK(chosen_for("") == "none");
}

TEST_CASE("three numbers or a package leave nothing open") {
  CHECK(is_exact("6.1.192"));
  CHECK(is_exact("6.1.192-2"));
  CHECK(is_exact("linux-image-6.1.0-55-amd64-unsigned"));
  CHECK_FALSE(is_exact("6.1"));
  CHECK_FALSE(is_exact("6"));
}

TEST_CASE("what is on offer, newest first") {
  CHECK(newest_versions(offered()) == "6.12.117, 6.1.192, 6.1.27");
  CHECK(newest_versions({}) == "none");
}

TEST_CASE("a module says what it depends on") {
  using namespace std::string_literals;
  CHECK(dependencies_of("\0\x7f\0depends=kvm,ccp-x\0retpoline=Y\0"s) ==
        std::vector<std::string>{"kvm", "ccp_x"});
  CHECK(dependencies_of("a\0softdepends=x\0depends=\0"s).empty());
  CHECK(dependencies_of("nothing").empty());
}

TEST_CASE("the archive is cpio's newc: each part begins at a multiple of four") {
  Initramfs files;
  files.add_directory("dev");
  files.add_file("init", "12345", true);
  const std::string bytes = files.finish();
  CHECK(bytes.size() % 4 == 0);
  CHECK(bytes.starts_with("07070100000001000041ED"));
  const std::size_t init = bytes.find("init");
  REQUIRE(init != std::string::npos);
  CHECK((init - 110) % 4 == 0);
  CHECK(bytes.substr(init - 110, 6) == "070701");
  CHECK(bytes.substr(init - 110 + 54, 8) == "00000005");
  CHECK(bytes.find("12345") == (init + 5 + 3) / 4 * 4);
  CHECK(bytes.find("TRAILER!!!") != std::string::npos);
}

TEST_CASE("programs are heard out, and their end is known") {
  const ProcessResult good = run_process({"sh", "-c", "echo out; echo err >&2; exit 3"});
  CHECK(good.status == 3);
  CHECK(good.out == "out\n");
  CHECK(good.err == "err\n");
  const ProcessResult killed = run_process({"sh", "-c", "kill -9 $$"});
  CHECK(killed.signal == SIGKILL);
  CHECK(how_it_ended(killed) == "killed by signal 9 (Killed)");
  CHECK_THROWS_AS(run_process({"/nowhere/program"}), Unavailable);
  ProcessOptions options;
  options.environment = {{"AIRLOCK_X", "y"}};
  options.directory = "/";
  CHECK(run_process({"sh", "-c", "echo $AIRLOCK_X; pwd"}, options).out == "y\n/\n");
}

TEST_CASE("a program that does not end is killed with its children at the deadline") {
  ProcessOptions options;
  options.deadline = std::chrono::steady_clock::now();
  const ProcessResult result = run_process({"sh", "-c", "sleep 1000 & wait"}, options);
  CHECK(result.timed_out);
  CHECK(result.signal == SIGKILL);
}

TEST_CASE("what must succeed and does not says what was being done, and the program's last words") {
  try {
    run_or_fail("fetching", {"sh", "-c", "echo no space left >&2; exit 100"});
    FAIL("no error");
  } catch (const Unavailable& problem) {
    CHECK(std::string(problem.what()) == "fetching failed: sh, status 100\n  no space left");
  }
}

}  // namespace
}  // namespace airlock
