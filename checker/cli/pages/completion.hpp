// Completion for bash.
#pragma once

#include <string>
#include <vector>

#include "checker/cli/pages/command_help.hpp"

namespace airlock {

/// A script that bash-completion loads for the command `airlock`.
std::string bash_completion(const std::vector<CommandHelp>& all);

}  // namespace airlock
