// Other people's programs: run, heard out, and not left behind.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace airlock {

/// What a test on a real kernel needs is not to be had, or fails: no such program, a download that
/// fails, a machine that dies. what() says what and why, in one line or a few.
class Unavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct ProcessOptions {
  std::string directory;                                         ///< empty: this process's
  std::vector<std::pair<std::string, std::string>> environment;  ///< set beside this process's
  std::optional<std::chrono::steady_clock::time_point> deadline;
  const std::atomic<bool>* cancelled = nullptr;  ///< borrowed; may be null
};

struct ProcessResult {
  int status = -1;         ///< what it returned; -1 if a signal ended it
  int signal = 0;          ///< the signal, or 0
  bool timed_out = false;  ///< the deadline came first, or a cancellation; it was killed
  std::string out;         ///< what it wrote to standard output, at most 16 MB
  std::string err;         ///< and to standard error
};

/// Runs `arguments[0]`, looked up in PATH, without standard input, and waits for it. It and its
/// children are killed at the deadline, and if this process dies. Throws Unavailable if it cannot
/// be started.
ProcessResult run_process(const std::vector<std::string>& arguments,
                          const ProcessOptions& options = {});

/// The same, for programs that must succeed: throws Unavailable that says what was being done, how
/// it ended, and its last lines on standard error.
std::string run_or_fail(const std::string& what, const std::vector<std::string>& arguments,
                        const ProcessOptions& options = {});

/// "status 2", "killed by signal 9 (Killed)", "stopped after its time".
std::string how_it_ended(const ProcessResult& result);

/// Where PATH has a program of this name; empty if nowhere.
std::string find_program(const std::string& name);

}  // namespace airlock
