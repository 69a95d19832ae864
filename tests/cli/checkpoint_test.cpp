// explore's bounds, through the command: killed, resumed, refused.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "tests/cli/command.hpp"

namespace airlock {
namespace {

using test::airlock;
using test::Result;
using test::Scratch;
using Json = nlohmann::json;

/// Three counters that interrupts move: some hundred thousand states, some hundred levels.
const char* const counting_model = R"(/* A host that counts. */
#include <airlock/svm.h>

unsigned int a;
unsigned int b;
unsigned int c;

void boot(void)
{
	a = 0;
	b = 0;
	c = 0;
}

/* Counts. */
void irq_a(void)
{
	if (a < 31)
		a = a + 1;
}

/* Counts. */
void irq_b(void)
{
	if (b < 31)
		b = b + 1;
}

/* Counts. */
void irq_c(void)
{
	if (c < 31)
		c = c + 1;
}

void vcpu_run(void)
{
	local_irq_enable();
	clgi();
	stgi();
	local_irq_disable();
}

/* The counters count. */
bool reachable_end(void)
{
	return a == 31 && b == 31 && c == 31;
}
)";

std::vector<std::string> explore(const std::string& model, const std::vector<std::string>& more) {
  std::vector<std::string> arguments{"explore", model,   "--actor",  "irq_a", "--actor", "irq_b",
                                     "--actor", "irq_c", "--format", "json",  "--quiet"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// Starts the command and kills it with SIGKILL as soon as `file` has so many bytes. False if it
/// ended by itself.
bool kill_when(const std::vector<std::string>& arguments, const std::string& file,
               std::uintmax_t bytes) {
  const pid_t child = fork();
  if (child == 0) {
    std::vector<char*> argv{const_cast<char*>(AIRLOCK_COMMAND)};
    for (const std::string& argument : arguments) {
      argv.push_back(const_cast<char*>(argument.c_str()));
    }
    argv.push_back(nullptr);
    dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
    execv(AIRLOCK_COMMAND, argv.data());
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    std::error_code none;
    if (std::filesystem::exists(file, none) && std::filesystem::file_size(file, none) >= bytes) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

}  // namespace

TEST_CASE("explore killed with SIGKILL goes on from its checkpoint to the same result") {
  const Scratch scratch;
  const std::string model = scratch.write("counting.c", counting_model);
  const Result whole = airlock(explore(model, {"--jobs", "1"}));
  REQUIRE(whole.status == 0);
  CHECK(airlock(explore(model, {"--jobs", "2"})).out == whole.out);
  const std::uint64_t states = Json::parse(whole.out).at("states");
  REQUIRE(states > 100000);
  for (const char* jobs : {"1", "2"}) {
    const std::string file = scratch.path(std::string("search") + jobs);
    std::uintmax_t bytes = 1000;
    std::vector<std::string> resume;
    // Killed twice: at the beginning, and again when it has gone on for a while.
    for (int kills = 0; kills < 2; ++kills, bytes *= 200) {
      std::vector<std::string> more{"--jobs", jobs, "--checkpoint", file, "--checkpoint-interval",
                                    "0"};
      more.insert(more.end(), resume.begin(), resume.end());
      REQUIRE(kill_when(explore(model, more), file, bytes));
      resume = {"--resume", file};
    }
    const Result resumed = airlock(explore(model, {"--jobs", jobs, "--resume", file}));
    CHECK(resumed.status == 0);
    CHECK(resumed.out == whole.out);
  }
}

TEST_CASE("explore out of memory or time says what it covered and how to go on") {
  const Scratch scratch;
  const std::string model = scratch.write("counting.c", counting_model);
  const std::string file = scratch.path("search");
  const Result cut = airlock(explore(model, {"--memory", "4M", "--checkpoint", file}));
  CHECK(cut.status == 3);
  const Json json = Json::parse(cut.out);
  CHECK(json.at("complete") == false);
  CHECK(json.at("states") > 0);
  CHECK(json.at("frontier") > 0);
  CHECK(json.at("reason").get<std::string>().find("memory") != std::string::npos);
  const Result whole = airlock(explore(model, {}));
  CHECK(airlock(explore(model, {"--resume", file})).out == whole.out);
  const Result text = airlock({"explore", model, "--memory", "4M", "--actor", "irq_a", "--actor",
                               "irq_b", "--actor", "irq_c", "--quiet"});
  CHECK(text.status == 3);
  CHECK(text.out.find("not complete: out of memory: the limit is reached\n") != std::string::npos);
  CHECK(text.out.find("covered: every state within ") != std::string::npos);
  CHECK(text.out.find("--checkpoint FILE") != std::string::npos);
  const Result prove =
      airlock({"prove", model, "--memory", "4M", "--engine", "explore", "--actor", "irq_a",
               "--actor", "irq_b", "--actor", "irq_c", "--property", "reachable_end", "--quiet"});
  CHECK(prove.status == 3);
  CHECK(prove.out.find("explore: every run of fewer than ") != std::string::npos);
  CHECK(prove.out.find("to go on: raise --memory, or try --engine pdr") != std::string::npos);
  const Result none = airlock(explore(model, {"--timeout", "0"}));
  CHECK(none.status == 3);
  CHECK(Json::parse(none.out).at("reason") == "out of time");
}

TEST_CASE("explore refuses a file that is no checkpoint of this model, and says what it expected") {
  const Scratch scratch;
  const std::string model = scratch.write("counting.c", counting_model);
  const std::string file = scratch.path("search");
  std::string other = counting_model;
  other.replace(other.find("31"), 2, "30");
  const std::string foreign = scratch.path("foreign");
  const std::string other_model = scratch.write("other.c", other);
  REQUIRE(airlock(explore(other_model, {"--checkpoint", foreign})).status == 0);
  REQUIRE(airlock(explore(model, {"--checkpoint", file})).status == 0);
  const std::string good = test::slurp(file);
  std::string flipped = good;
  flipped[good.size() / 2] = static_cast<char>(flipped[good.size() / 2] + 1);
  for (const std::string& bad :
       {foreign, scratch.write("cut", good.substr(0, good.size() / 2)), scratch.path("nothing"),
        scratch.write("flipped", flipped), model}) {
    const Result result = airlock(explore(model, {"--resume", bad}));
    CHECK(result.status == 2);
    CHECK(result.out.empty());
    CHECK(result.err.find(bad + ": error: ") == 0);
    CHECK(result.err.find("checkpoint") != std::string::npos);
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 2);
    CHECK(result.err.find("\nexpected: ") != std::string::npos);
  }
  const Result unwritable = airlock(explore(model, {"--checkpoint", "/nonexistent/search"}));
  CHECK(unwritable.status == 2);
  CHECK(unwritable.err.find("/nonexistent/search: error: ") == 0);
  CHECK(unwritable.err.find("\nexpected: ") != std::string::npos);
}

TEST_CASE("explore refuses sizes and intervals that are none") {
  const Scratch scratch;
  const std::string model = scratch.write("counting.c", counting_model);
  for (const std::vector<std::string>& bad :
       std::vector<std::vector<std::string>>{{"--memory", "lots"},
                                             {"--memory", "0"},
                                             {"--memory", "-1G"},
                                             {"--memory", "2X"},
                                             {"--memory", ""},
                                             {"--checkpoint-interval", "-1"},
                                             {"--checkpoint-interval", "often"}}) {
    const Result result = airlock(explore(model, bad));
    CHECK(result.status == 2);
    CHECK(result.err.find("error: ") == 0);
  }
}

}  // namespace airlock
