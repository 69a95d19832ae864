// The outside world: standard output and error, terminals, signals.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <stdexcept>
#include <string>

#include "checker/trace/text.hpp"
#include "model/system/stop.hpp"

namespace airlock {

/// Colour and width for standard output: colour only on a terminal, and not if NO_COLOR is set. The
/// width is what set_output_width() says, else COLUMNS (an integer from 40 to 1000; nothing else is
/// heard), else a terminal's, at most 120, else 100.
TextStyle output_style();
/// Columns for output_style() from now on; 0: none are wanted in particular.
void set_output_width(unsigned columns);
/// Whether standard output is a terminal.
bool output_is_terminal();

/// Nobody reads standard output any more.
class OutputClosed : public std::runtime_error {
 public:
  OutputClosed() : std::runtime_error("standard output is closed") {}
};

/// Writes to standard output and flushes. Throws OutputClosed for a closed pipe, std::runtime_error
/// for any other failure.
void print(const std::string& text);
/// Writes to standard error; failures are ignored.
void print_error(const std::string& text);

/// SIGINT or SIGTERM has arrived.
class Interrupted : public std::runtime_error {
 public:
  explicit Interrupted(int signal) : std::runtime_error("interrupted"), signal_(signal) {}
  [[nodiscard]] int signal() const { return signal_; }

 private:
  int signal_;
};

/// From now on SIGINT and SIGTERM set interruption_flag(), the second one kills, and SIGPIPE is
/// ignored.
void catch_signals();
/// For EngineContext::cancelled.
const std::atomic<bool>* interruption_flag();
/// Throws Interrupted if a signal has arrived.
void check_interrupted();

/// While it lives, a signal ends by Stopped whatever this thread does that asks poll_stop():
/// reading and composing models, reducing systems.
class SignalScope {
 public:
  SignalScope() : scope_([] { return interruption_flag()->load(); }) {}

 private:
  StopScope scope_;
};

/// One line on standard error that overwrites itself; nothing if that is no terminal or `quiet`.
/// Thread-safe. The line goes away with the object, or by clear().
class ProgressLine {
 public:
  explicit ProgressLine(bool quiet);
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  [[nodiscard]] bool on() const { return on_; }
  void show(const std::string& text);
  void clear();

 private:
  bool on_;
  bool shown_ = false;
  unsigned width_ = 80;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace airlock
