// What is said of a violation that needs choices which a slice does not follow.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "checker/compare/matrix.hpp"
#include "checker/trace/text.hpp"

namespace airlock {

/// Paragraphs for below the trace; empty if every violating run can do without any one of them.
std::string alarm_text(const Cell& cell, const TextStyle& style);

/// One sentence, if the violation may be a false alarm: "may be a false alarm: every violating run
/// takes x86.c:12 (f() is untracked: here true)"; else empty.
std::string doubt_of(const Cell& cell);

/// [{"file", "line", "text", "value", "to_run_a_guest", "can_come_true"}]
nlohmann::ordered_json needed_guesses_json(const AlarmCheck& alarm);

/// Whether something is violated in the row, and each violation may be a false alarm.
bool only_doubtful(const Row& row);

}  // namespace airlock
