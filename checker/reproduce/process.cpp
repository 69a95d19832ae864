#include "checker/reproduce/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <poll.h>
#include <sstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace airlock {
namespace {

constexpr std::size_t most_output = std::size_t{16} << 20U;

struct Pipe {
  int read_end = -1;
  int write_end = -1;
  Pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
      throw Unavailable(std::string("no pipe: ") + std::strerror(errno));
    }
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    close_end(read_end);
    close_end(write_end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  static void close_end(int& end) {
    if (end >= 0) {
      (void)close(end);
    }
    end = -1;
  }
};

/// What exec wants; made before fork(), after which little may be called.
struct Command {
  explicit Command(const std::vector<std::string>& arguments, const ProcessOptions& options)
      : texts(arguments) {
    for (char** variable = environ; *variable != nullptr; ++variable) {
      const std::string text = *variable;
      bool replaced = false;
      for (const auto& [name, value] : options.environment) {
        replaced = replaced || text.starts_with(name + "=");
      }
      if (!replaced) {
        settings.push_back(text);
      }
    }
    for (const auto& [name, value] : options.environment) {
      settings.push_back(name + "=" + value);
    }
    for (std::string& text : texts) {
      argv.push_back(text.data());
    }
    for (std::string& text : settings) {
      envp.push_back(text.data());
    }
    argv.push_back(nullptr);
    envp.push_back(nullptr);
  }
  std::vector<std::string> texts;
  std::vector<std::string> settings;
  std::vector<char*> argv;
  std::vector<char*> envp;
};

[[noreturn]] void become(const Command& command, const char* directory, int out, int err,
                         int trouble, pid_t parent) {
  (void)setpgid(0, 0);
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int nothing = open("/dev/null", O_RDONLY);
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM}) {
    (void)sigaction(signal, &usual, nullptr);
  }
  const bool good = getppid() == parent && nothing >= 0 && dup2(nothing, 0) == 0 &&
                    dup2(out, 1) == 1 && dup2(err, 2) == 2 &&
                    (*directory == '\0' || chdir(directory) == 0);
  if (good) {
    execvpe(command.argv[0], command.argv.data(), command.envp.data());
  }
  const int error = errno;
  (void)!write(trouble, &error, sizeof error);
  _exit(127);
}

/// Appends what there is to read; closes the end at the end of the file.
void drain(int& end, std::string& text) {
  std::array<char, 65536> buffer{};
  const ssize_t got = read(end, buffer.data(), buffer.size());
  if (got > 0) {
    const auto size = static_cast<std::size_t>(got);
    text.append(buffer.data(), std::min(size, most_output - std::min(most_output, text.size())));
  } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
    Pipe::close_end(end);
  }
}

bool must_stop(const ProcessOptions& options) {
  return (options.cancelled != nullptr && options.cancelled->load()) ||
         (options.deadline && std::chrono::steady_clock::now() >= *options.deadline);
}

}  // namespace

ProcessResult run_process(const std::vector<std::string>& arguments,
                          const ProcessOptions& options) {
  const Command command(arguments, options);
  Pipe out;
  Pipe err;
  Pipe trouble;
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) {
    throw Unavailable("cannot start " + arguments[0] + ": " + std::strerror(errno));
  }
  if (child == 0) {
    become(command, options.directory.c_str(), out.write_end, err.write_end, trouble.write_end,
           parent);
  }
  (void)setpgid(child, child);
  for (Pipe* each : {&out, &err, &trouble}) {
    Pipe::close_end(each->write_end);
  }
  ProcessResult result;
  bool killed = false;
  while (out.read_end >= 0 || err.read_end >= 0) {
    std::array<pollfd, 2> waiting{{{out.read_end, POLLIN, 0}, {err.read_end, POLLIN, 0}}};
    (void)poll(waiting.data(), waiting.size(), 100);
    if (waiting[0].revents != 0) {
      drain(out.read_end, result.out);
    }
    if (waiting[1].revents != 0) {
      drain(err.read_end, result.err);
    }
    if (!killed && must_stop(options)) {
      killed = true;
      result.timed_out = true;
      (void)kill(-child, SIGKILL);
    }
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  int error = 0;
  if (read(trouble.read_end, &error, sizeof error) == static_cast<ssize_t>(sizeof error)) {
    throw Unavailable("cannot start " + arguments[0] + ": " + std::strerror(error));
  }
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  result.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return result;
}

std::string how_it_ended(const ProcessResult& result) {
  if (result.timed_out) {
    return "stopped after its time";
  }
  return result.signal != 0
             ? fmt::format("killed by signal {} ({})", result.signal, strsignal(result.signal))
             : fmt::format("status {}", result.status);
}

std::string run_or_fail(const std::string& what, const std::vector<std::string>& arguments,
                        const ProcessOptions& options) {
  ProcessResult result = run_process(arguments, options);
  if (result.status == 0) {
    return std::move(result.out);
  }
  std::vector<std::string> lines;
  std::istringstream stream(result.err);
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty()) {
      lines.push_back(line);
    }
  }
  std::string text = what + " failed: " + arguments[0] + ", " + how_it_ended(result);
  constexpr std::size_t most = 3;
  for (std::size_t i = lines.size() > most ? lines.size() - most : 0; i < lines.size(); ++i) {
    text += "\n  " + lines[i];
  }
  throw Unavailable(text);
}

std::string find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "/usr/bin:/bin" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string file = (folder.empty() ? "." : folder) + "/" + name;
    std::error_code error;
    if (std::filesystem::is_regular_file(file, error) && access(file.c_str(), X_OK) == 0) {
      return file;
    }
  }
  return {};
}

}  // namespace airlock
