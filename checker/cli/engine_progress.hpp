// Engines' progress on the terminal's last line.
#pragma once

#include <string>

#include "checker/cli/terminal.hpp"
#include "checker/engine.hpp"

namespace airlock {

/// `context` with progress shown on `line`, "what: explore, depth 12, 3456 states". `line` must
/// outlive the context.
EngineContext with_progress(EngineContext context, ProgressLine& line, const std::string& what);

}  // namespace airlock
