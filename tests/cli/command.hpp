// Runs the real command, as a user would.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <vector>

#include "checker/trace/text.hpp"

namespace airlock::test {

/// A directory that goes away with the object, for spec files made by a test.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "airlock-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      throw std::runtime_error("no temporary directory");
    }
    path_ = name;
  }
  ~Scratch() { std::filesystem::remove_all(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const { return (path_ / name).string(); }
  /// Writes a file and returns its path.
  std::string write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path(name);
  }

 private:
  std::filesystem::path path_;
};

struct Result {
  int status;
  std::string out;
  std::string err;
};

inline std::string slurp(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// Runs a shell command line; its streams are captured.
inline Result shell(const std::string& line) {
  const Scratch scratch;
  const std::string full = "(" + line + ") </dev/null >" + shell_quote(scratch.path("out")) +
                           " 2>" + shell_quote(scratch.path("err"));
  const int raw = std::system(full.c_str());
  return {WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw), slurp(scratch.path("out")),
          slurp(scratch.path("err"))};
}

inline std::string command_line(const std::vector<std::string>& arguments) {
  std::string line = shell_quote(AIRLOCK_COMMAND);
  for (const std::string& argument : arguments) {
    line += " " + shell_quote(argument);
  }
  return line;
}

inline Result airlock(const std::vector<std::string>& arguments) {
  return shell(command_line(arguments));
}

/// The smallest hypervisor: one world switch, one property of each kind, one actor, one parameter.
inline const char* const tiny_model = R"(/* The smallest hypervisor. */
#include <airlock/svm.h>

/* Bits that the host wants. */
const u64 wanted = DEBUGCTLMSR_BUS_LOCK_DETECT;

void boot(void)
{
	wrmsrl(MSR_IA32_DEBUGCTLMSR, wanted);
}

/* A host that changes its mind. */
void irq_toggle(void)
{
	wrmsrl(MSR_IA32_DEBUGCTLMSR, 0);
}

void vcpu_run(void)
{
	clgi();
	vmrun();
	stgi();
}

/* The guest runs with the host's bits out of the way. */
bool always_clean(void)
{
	return !cpu.guest_mode || (cpu.debugctl & DEBUGCTLMSR_BUS_LOCK_DETECT) == 0;
}

/* GIF is what it is. */
bool always_trivial(void)
{
	return cpu.gif || !cpu.gif;
}

/* The guest runs. */
bool reachable_guest(void)
{
	return cpu.guest_mode;
}
)";

/// A host that never enters a guest: few states, all of which can be counted in no time.
inline const char* const host_model = R"(/* A host without a guest. */
#include <airlock/svm.h>

/* What boot may set. */
const u64 wanted = DEBUGCTLMSR_BUS_LOCK_DETECT;

void boot(void)
{
	if (any_bool())
		wrmsrl(MSR_IA32_DEBUGCTLMSR, wanted);
}

/* Sets FLBRI. */
void irq_toggle(void)
{
	wrmsrl(MSR_IA32_DEBUGCTLMSR, DEBUGCTLMSR_FREEZE_LBRS_ON_PMI);
}

void vcpu_run(void)
{
	local_irq_enable();
	clgi();
	stgi();
	local_irq_disable();
}

/* Nobody turns bus lock detection on. */
bool always_quiet(void)
{
	return (cpu.debugctl & DEBUGCTLMSR_BUS_LOCK_DETECT) == 0;
}

/* The host runs. */
bool reachable_host(void)
{
	return !cpu.guest_mode;
}
)";

}  // namespace airlock::test
