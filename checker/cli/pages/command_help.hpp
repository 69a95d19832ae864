// What each command says of itself, as data: the one source of --help, man pages and completion.
#pragma once

#include <string>
#include <vector>

namespace airlock {

struct OptionHelp {
  std::string name;   ///< "--fix", or "MODEL" where it has no name on the command line
  std::string value;  ///< "F"; empty for a flag and for what has no name
  std::string text;   ///< a phrase without a full stop
  bool positional = false;
  bool required = false;
  bool repeated = false;  ///< of what has no name: several may be given
};

struct CommandHelp {
  std::string name;  ///< "prove"; empty: the program itself
  std::string text;  ///< a phrase without a full stop
  std::vector<OptionHelp> options;
  std::string footer;  ///< the exit statuses; empty: those of the program
};

/// The program, then its commands in the order of --help.
std::vector<CommandHelp> command_help();

}  // namespace airlock
