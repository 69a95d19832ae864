#include "checker/cli/terminal.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

#include "checker/cli/options.hpp"
#include "checker/support/atomic_file.hpp"

namespace airlock {
namespace {

std::atomic<bool> interrupted{false};
std::atomic<int> interrupting_signal{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free,
              "signal handlers may touch them");

extern "C" void on_signal(int number) {
  interrupting_signal.store(number);
  interrupted.store(true);
  std::signal(number, SIG_DFL);  // NOLINT: the second one kills
}

unsigned width_of(int descriptor, unsigned otherwise) {
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col != 0) {
    return size.ws_col;
  }
  return otherwise;
}

bool environment_has(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

unsigned wanted_width = 0;  // set once, before anything is printed

/// COLUMNS, as a shell exports it; 0 if it is not there or is no width.
unsigned width_in_environment() {
  const char* value = std::getenv("COLUMNS");
  if (value == nullptr) {
    return 0;
  }
  const std::string_view text(value);
  unsigned columns = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), columns);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && columns >= least_width && columns <= most_width ? columns : 0;
}

bool dumb_terminal() {
  const char* value = std::getenv("TERM");
  return value != nullptr && std::string_view(value) == "dumb";
}

}  // namespace

bool output_is_terminal() {
  return isatty(STDOUT_FILENO) != 0;
}

TextStyle output_style() {
  TextStyle style;
  if (output_is_terminal()) {
    style.colour = !environment_has("NO_COLOR") && !dumb_terminal();
    style.width = std::clamp(width_of(STDOUT_FILENO, 100), least_width, 120U);
  }
  if (const unsigned columns = wanted_width != 0 ? wanted_width : width_in_environment();
      columns != 0) {
    style.width = columns;
  }
  return style;
}

void set_output_width(unsigned columns) {
  wanted_width = columns;
}

void print(const std::string& text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = write(STDOUT_FILENO, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      throw OutputClosed();
    } else if (errno != EINTR) {
      throw CannotWrite(std::string("cannot write to standard output: ") + std::strerror(errno));
    }
  }
}

void print_error(const std::string& text) {
  std::fputs(text.c_str(), stderr);
}

void catch_signals() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  std::signal(SIGPIPE, SIG_IGN);
}

const std::atomic<bool>* interruption_flag() {
  return &interrupted;
}

void check_interrupted() {
  if (interrupted.load()) {
    throw Interrupted(interrupting_signal.load());
  }
}

ProgressLine::ProgressLine(bool quiet)
    : on_(!quiet && isatty(STDERR_FILENO) != 0), width_(width_of(STDERR_FILENO, 80)) {}

void ProgressLine::show(const std::string& text) {
  if (!on_) {
    return;
  }
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < std::chrono::milliseconds(100)) {
    return;
  }
  last_ = now;
  shown_ = true;
  const std::string line = shortened(text, width_ > 1 ? width_ - 1 : 1);
  print_error("\r" + line + "\033[K");
}

void ProgressLine::clear() {
  const std::lock_guard lock(mutex_);
  if (shown_) {
    print_error("\r\033[K");
    shown_ = false;
  }
}

}  // namespace airlock
