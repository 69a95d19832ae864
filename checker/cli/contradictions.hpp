// What a command line says twice, or says and takes back.
#pragma once

#include <string>

#include "checker/cli/options.hpp"

namespace airlock {

/// What is said twice, or said and taken back: one of the two would go unheard. A sentence; empty
/// if there is nothing.
std::string contradiction(const Options& options);

}  // namespace airlock
