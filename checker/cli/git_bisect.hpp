// `git bisect run airlock check . --property P`: what git makes of an exit status is not what ours
// means elsewhere. 0 is good, 1 to 127 bad, except 125: this revision cannot be told. 128 and more
// end the bisection. So under it a tree that cannot be read or decided is 125, and what is no
// revision's fault (the command line, the lens, a disk, a bug) is 255: bisecting on would only
// collect wrong answers.
#pragma once

#include <functional>
#include <string>

#include "checker/cli/exit_status.hpp"
#include "checker/cli/options.hpp"

namespace airlock {

/// Whether git is bisecting the work tree that `folder` is.
[[nodiscard]] bool git_is_bisecting(const std::string& folder);

/// The status for git in place of ours.
[[nodiscard]] ExitStatus for_git_bisect(ExitStatus status);

/// Runs `check` on the tree; an error about the tree becomes "cannot tell". Others are thrown on.
[[nodiscard]] ExitStatus run_for_git_bisect(const Options& options,
                                            const std::function<ExitStatus()>& check);

}  // namespace airlock
