#include "checker/support/atomic_file.hpp"

#include <csignal>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/cli/command.hpp"

namespace airlock::test {
namespace {

namespace fs = std::filesystem;

std::size_t files_in(const Scratch& scratch) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(scratch.path(""))) {
    count += entry.is_regular_file() ? 1U : 0U;
  }
  return count;
}

std::string error_of(const std::string& path, const std::string& text) {
  try {
    write_file(path, text);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a file is not there before it is committed, and whole after") {
  const Scratch scratch;
  const std::string path = scratch.path("report");
  AtomicFile file(path);
  file.write(std::string(1'000'000, 'x'));
  CHECK(!fs::exists(path));
  file.commit();
  CHECK(slurp(path) == std::string(1'000'000, 'x'));
  CHECK(files_in(scratch) == 1);
}

TEST_CASE("a file that is given up leaves what was there before and nothing beside it") {
  const Scratch scratch;
  const std::string path = scratch.write("report", "old");
  { AtomicFile(path).write(std::string(1'000'000, 'x')); }
  CHECK(slurp(path) == "old");
  CHECK(files_in(scratch) == 1);
}

TEST_CASE("a new file has the permissions that the umask leaves, a replaced one its own") {
  const Scratch scratch;
  const mode_t before = umask(027);
  write_file(scratch.path("new"), "x");
  umask(before);
  CHECK((fs::status(scratch.path("new")).permissions() & fs::perms::mask) == fs::perms(0640));
  fs::permissions(scratch.path("new"), fs::perms(0604));
  write_file(scratch.path("new"), "y");
  CHECK((fs::status(scratch.path("new")).permissions() & fs::perms::mask) == fs::perms(0604));
}

TEST_CASE("a symbolic link stays one, and what it points to is replaced") {
  const Scratch scratch;
  const std::string target = scratch.write("target", "old");
  fs::create_symlink(target, scratch.path("link"));
  write_file(scratch.path("link"), "new");
  CHECK(fs::is_symlink(scratch.path("link")));
  CHECK(slurp(target) == "new");
}

TEST_CASE("a device is written, not replaced") {
  write_file("/dev/null", "x");
  CHECK(fs::is_character_file("/dev/null"));
  CHECK(error_of("/dev/full", "x") == "cannot write /dev/full: No space left on device");
}

TEST_CASE("errors name the file and the reason") {
  const Scratch scratch;
  CHECK(error_of(scratch.path("no/such"), "x") ==
        "cannot create " + scratch.path("no/such") + ": No such file or directory");
  CHECK(error_of(scratch.path(""), "x").find("Is a directory") != std::string::npos);
}

TEST_CASE("where the disk is full, the old file stays and nothing is left behind") {
  const Scratch scratch;
  const std::string path = scratch.write("report", "old");
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100'000, 100'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    _exit(error_of(path, std::string(1'000'000, 'x')) == "cannot write " + path + ": File too large"
              ? 0
              : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(slurp(path) == "old");
  CHECK(files_in(scratch) == 1);
}

TEST_CASE("writers at once leave one writer's file, whole") {
  const Scratch scratch;
  const std::string path = scratch.path("report");
  for (const char letter : {'a', 'b', 'c', 'd'}) {
    if (fork() == 0) {
      for (int i = 0; i < 20; ++i) {
        write_file(path, std::string(200'000, letter));
      }
      _exit(0);
    }
  }
  for (int i = 0; i < 4; ++i) {
    int status = -1;
    wait(&status);
    CHECK(status == 0);
  }
  const std::string text = slurp(path);
  REQUIRE(text.size() == 200'000);
  CHECK(text == std::string(200'000, text.front()));
  CHECK(files_in(scratch) == 1);
}

}  // namespace airlock::test
