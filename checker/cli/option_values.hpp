// What the values of options may be, and what is said of one that is not.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "checker/cli/options.hpp"

namespace airlock {

/// The format of --format; text if the name is none.
Format format_by_name(const std::string& name);

/// "unknown command 'x': perhaps y?".
std::string unknown_word(const std::string& what, const std::string& name,
                         const std::vector<std::string>& known);

/// One of `known`; `what` is what they are.
CLI::Validator one_of(const std::string& what, const std::vector<std::string>& known);

/// "2G" becomes the number of bytes.
CLI::Validator size();

/// A number from 0 to 1e9. (CLI::Range alone lets NaN pass, which is neither too small nor too
/// large.)
CLI::Validator seconds();

}  // namespace airlock
