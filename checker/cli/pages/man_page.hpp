// Man pages of what commands say of themselves.
#pragma once

#include <string>
#include <vector>

#include "checker/cli/pages/command_help.hpp"

namespace airlock {

/// "airlock" or "airlock-prove": what the page is called, without ".1".
std::string page_name(const CommandHelp& command);

/// The page in man(7)'s macros. `all` has the program first, for what commands share.
std::string man_page(const CommandHelp& command, const std::vector<CommandHelp>& all);

}  // namespace airlock
