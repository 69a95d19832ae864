// Engines' progress on the terminal's last line.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "checker/cli/terminal.hpp"
#include "checker/engine.hpp"

namespace airlock {

/// `context` with progress shown on `line`: "what: explore, depth 12, 3.4 M states, 1.1 M/s"; with
/// a deadline also how much time is left at most. (How many states there will be, nobody knows
/// before the end, so no other time is promised.) `line` must outlive the context.
EngineContext with_progress(EngineContext context, ProgressLine& line, const std::string& what);

/// For work that consists of pieces: "[12/70] 8 s  what has just been done". The pieces are of very
/// different sizes, so their number says how far the work is and not when it will end.
std::function<void(std::size_t done, std::size_t total, const std::string& what)> with_progress(
    ProgressLine& line, std::optional<std::chrono::steady_clock::time_point> deadline);

/// "999", "1.2 k", "340 M": three digits at most.
std::string short_count(double count);

/// "59 s", "1:05 min", "2:10 h".
std::string short_time(double seconds);

}  // namespace airlock
