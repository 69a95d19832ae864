#include "checker/compare/mail_race.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "checker/trace/names.hpp"
#include "checker/trace/text.hpp"

namespace airlock {
namespace {

using Column = std::vector<std::string>;

/// The functions that the step's lines are in, as they come one after the other.
std::string call_chain(const Rule& rule, const UntrackedTexts* texts) {
  std::string result;
  std::string last;
  for (const Cause& cause : rule.causes) {
    const auto* function = texts == nullptr || cause.location.line == 0
                               ? nullptr
                               : function_at(*texts, cause.location.file, cause.location.line);
    if (function != nullptr && function->name != last) {
      result += (result.empty() ? "" : " -> ") + function->name + "()";
      last = function->name;
    }
  }
  return result;
}

class Race {
 public:
  Race(const Trace& trace, const UntrackedTexts* texts, std::size_t width)
      : trace_(trace),
        texts_(texts),
        half_((width - separator.size() - indent.size()) / 2),
        file_name_(*trace.system) {}

  std::string render() {
    std::string out = line("host", "guest");
    out += std::string(indent) + std::string(half_, '-') + "-+-" + std::string(half_, '-') + "\n";
    for (std::size_t number = 1; number <= trace_.steps(); ++number) {
      const Column column = step(number);
      const bool right = lane_of(rule_of(trace_, number)) == Lane::guest;
      for (const std::string& each : column) {
        out += right ? line("", each) : line(each, "");
      }
    }
    return out;
  }

 private:
  static constexpr std::string_view separator = " | ";
  static constexpr std::string_view indent = "  ";

  [[nodiscard]] std::string line(const std::string& left, const std::string& right) const {
    std::string result = std::string(indent) + pad(left, half_) + std::string(separator) + right;
    result.erase(result.find_last_not_of(' ') + 1);
    return result + "\n";
  }

  void add(Column& column, const std::string& before, const std::string& text) const {
    const std::string lines = hanging(before, text, half_);
    for (std::size_t at = 0; at < lines.size();) {
      const std::size_t end = std::min(lines.find('\n', at), lines.size());
      // A word that is longer than the column is cut, not left to break it.
      column.push_back(shortened(lines.substr(at, end - at), half_));
      at = end + 1;
    }
  }

  [[nodiscard]] Column step(std::size_t number) const {
    const Rule& rule = rule_of(trace_, number);
    Column column;
    const bool interrupt = lane_of(rule) == Lane::interrupts;
    std::string what = call_chain(rule, texts_);
    if (what.empty()) {
      what = interrupt ? "interrupt" : "";
    }
    if (!what.empty()) {
      add(column, fmt::format("{:>2} ", number), what + (interrupt ? " (" + rule.actor + ")" : ""));
    }
    for (const Cause& cause : rule.causes) {
      if (cause.location.line == 0) {
        add(column, what.empty() && column.empty() ? fmt::format("{:>2} ", number) : "   ",
            cause.text);
      }
    }
    for (const UntrackedChoice& choice : untracked_in(trace_, number, texts_)) {
      add(column, "   ? ",
          fmt::format("{}:{} {}", file_name_(choice.place.file), choice.place.line,
                      sentence_of(choice)));
    }
    for (const Change& change : changes(trace_, number)) {
      const Variable& variable = trace_.system->variables[change.variable];
      if (is_cpu(variable.owner.role) && variable.owner.role != Role::cpu_mode) {
        add(column, "     ",
            fmt::format("{}: {} -> {}", variable.name, shown_value(variable, change.from),
                        shown_value(variable, change.to)));
      }
    }
    return column;
  }

  const Trace& trace_;
  const UntrackedTexts* texts_;
  std::size_t half_;
  FileNames file_name_;
};

}  // namespace

std::string two_columns(const Trace& trace, const UntrackedTexts* texts, std::size_t width) {
  return Race(trace, texts, width).render();
}

std::vector<std::string> cited_sections(const Trace& trace) {
  std::vector<std::string> result;
  for (std::size_t number = 1; number <= trace.steps(); ++number) {
    for (const Cause& cause : rule_of(trace, number).causes) {
      if (!cause.reference.empty() &&
          std::find(result.begin(), result.end(), cause.reference) == result.end()) {
        result.push_back(cause.reference);
      }
    }
  }
  return result;
}

}  // namespace airlock
