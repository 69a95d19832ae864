#include "checker/cli/git_bisect.hpp"

#include <filesystem>
#include <fstream>

#include "checker/cli/kernel_input.hpp"
#include "checker/cli/terminal.hpp"
#include "model/system/input_error.hpp"

namespace airlock {

namespace fs = std::filesystem;

bool git_is_bisecting(const std::string& folder) {
  std::error_code none;
  fs::path git = fs::path(folder) / ".git";
  if (fs::is_regular_file(git, none)) {  // of `git worktree`: "gitdir: PATH"
    std::ifstream file(git);
    std::string line;
    std::getline(file, line);
    const std::string prefix = "gitdir: ";
    if (!line.starts_with(prefix)) {
      return false;
    }
    git = fs::path(folder) / line.substr(prefix.size());
  }
  return fs::exists(git / "BISECT_START", none);
}

ExitStatus for_git_bisect(ExitStatus status) {
  switch (status) {
    case ExitStatus::holds:
    case ExitStatus::violated:
    case ExitStatus::cannot_tell: return status;
    case ExitStatus::doubtful:
    case ExitStatus::undecided: return ExitStatus::cannot_tell;
    default: break;
  }
  return ExitStatus::ends_bisection;
}

ExitStatus run_for_git_bisect(const Options& options, const std::function<ExitStatus()>& check) {
  static_cast<void>(lens_of(options));  // an error of the lens is no revision's fault
  try {
    return for_git_bisect(check());
  } catch (const InputError& error) {
    if (error.location().file.starts_with("--")) {  // an option
      throw;
    }
    print_error(std::string(error.what()) + "\ngit bisect: this revision cannot be told\n");
    return ExitStatus::cannot_tell;
  }
}

}  // namespace airlock
