#include "checker/compare/render_alarm.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "checker/trace/names.hpp"

namespace airlock {
namespace {

std::string why_not_doubted(const NeededGuess& guess) {
  if (guess.to_run_a_guest) {
    return " (so does every run that enters a guest)";
  }
  return guess.choice.reason.empty() ? "" : " (" + guess.choice.reason + ")";
}

std::string place_of(const Cell& cell, const NeededGuess& guess) {
  const FileNames short_name(*cell.decision.trace->system);
  return fmt::format("{}:{}", short_name(guess.choice.place.file), guess.choice.place.line);
}

}  // namespace

std::string alarm_text(const Cell& cell, const TextStyle& style) {
  if (!cell.alarm || !cell.decision.trace ||
      (cell.alarm->needed.empty() && cell.alarm->unknown.empty())) {
    return {};
  }
  std::string out;
  if (!cell.alarm->needed.empty()) {
    out += "\nEvery run that violates it takes what the lens does not follow:\n";
  }
  std::vector<std::string> doubtful;
  for (const NeededGuess& guess : cell.alarm->needed) {
    out += hanging("  " + place_of(cell, guess) + "  ",
                   sentence_of(guess.choice) + why_not_doubted(guess), style.width);
    if (guess.doubtful()) {
      doubtful.push_back(guess.choice.text.empty() ? place_of(cell, guess) : guess.choice.text);
    }
  }
  if (!doubtful.empty()) {
    out += hanging("",
                   fmt::format("The kernel may never do that: this may be a false alarm. To know, "
                               "let the lens follow what is read there ([tracked]), or say why it "
                               "can come true ([free]): {}",
                               fmt::join(doubtful, "; ")),
                   style.width);
  }
  if (!cell.alarm->unknown.empty()) {
    out += hanging(
        "", "Whether every violating run takes more of these is undecided: " + cell.alarm->unknown,
        style.width);
  }
  return out;
}

std::string doubt_of(const Cell& cell) {
  if (!cell.alarm || !cell.alarm->doubtful()) {
    return {};
  }
  std::vector<std::string> guesses;
  for (const NeededGuess& guess : cell.alarm->needed) {
    if (guess.doubtful()) {
      guesses.push_back(place_of(cell, guess) + " (" + sentence_of(guess.choice) + ")");
    }
  }
  return fmt::format("may be a false alarm: every violating run takes {}",
                     fmt::join(guesses, ", "));
}

nlohmann::ordered_json needed_guesses_json(const AlarmCheck& alarm) {
  nlohmann::ordered_json result = nlohmann::ordered_json::array();
  for (const NeededGuess& guess : alarm.needed) {
    result.push_back({{"file", guess.choice.place.file},
                      {"line", guess.choice.place.line},
                      {"text", guess.choice.text},
                      {"value", shown_value(guess.choice)},
                      {"to_run_a_guest", guess.to_run_a_guest},
                      {"can_come_true", guess.choice.reason}});
  }
  return result;
}

bool only_doubtful(const Row& row) {
  bool any = false;
  for (const Cell& cell : row.cells) {
    if (claims_something(*cell.decision.property) && cell.decision.verdict == Verdict::violated) {
      any = true;
      if (!cell.alarm || !cell.alarm->doubtful()) {
        return false;
      }
    }
  }
  return any;
}

}  // namespace airlock
