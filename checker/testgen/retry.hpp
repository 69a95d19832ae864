// An instruction that exits is executed again, in a guest that is a program.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "checker/trace/trace.hpp"

namespace airlock {

/// The model's guest may do something else after an exit: an interrupt may have come. A program
/// cannot, so this puts in, after each exit that is not followed by its own instruction, a step in
/// which that instruction completes, and replays the whole. A text if that leads elsewhere.
/// `added` receives the numbers of the steps put in (1 is the first).
std::variant<Trace, std::string> with_retries(const Trace& trace, std::vector<std::size_t>& added);

}  // namespace airlock
