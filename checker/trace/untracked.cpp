#include "checker/trace/untracked.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <string_view>

#include "checker/trace/names.hpp"

namespace airlock {
namespace {

constexpr unsigned longest_statement = 8;  // lines: a choice may stand below its statement's first

/// The place in the name of a choice of any_bool() or any_bits(): "any_bool() FILE:LINE:COLUMN",
/// with " #2" behind it where the same place is met on several ways.
std::optional<SourceLocation> place_in(std::string_view name) {
  if (!name.starts_with("any_bool() ") && !name.starts_with("any_bits(")) {
    return std::nullopt;
  }
  name.remove_prefix(std::min(name.find(' '), name.size() - 1) + 1);
  if (const std::size_t number = name.rfind(" #"); number != std::string_view::npos) {
    name = name.substr(0, number);
  }
  SourceLocation place;
  for (unsigned* part : {&place.column, &place.line}) {
    const std::size_t colon = name.rfind(':');
    if (colon == std::string_view::npos) {
      return std::nullopt;
    }
    std::from_chars(name.data() + colon + 1, name.data() + name.size(), *part);
    name = name.substr(0, colon);
  }
  place.file = std::string(name);
  return place;
}

/// The bits that a choice of any_bits(0x...) picks from: the choice has one bit for each.
std::uint64_t mask_in(std::string_view name) {
  constexpr std::string_view prefix = "any_bits(0x";
  std::uint64_t mask = 0;
  if (name.starts_with(prefix)) {
    std::from_chars(name.data() + prefix.size(), name.data() + name.size(), mask, 16);
  }
  return mask;
}

std::uint64_t spread(std::uint64_t chosen, std::uint64_t mask) {
  std::uint64_t result = 0;
  for (; mask != 0; mask &= mask - 1, chosen >>= 1U) {
    result |= (chosen & 1U) != 0 ? mask & (~mask + 1) : 0;
  }
  return result;
}

/// Whether the line of a choice is one that runs in the step, where ways through it were joined.
bool runs(const Rule& rule, const SourceLocation& place) {
  return std::any_of(rule.causes.begin(), rule.causes.end(), [&](const Cause& cause) {
    return cause.location.file == place.file && cause.location.line <= place.line &&
           place.line - cause.location.line < longest_statement;
  });
}

}  // namespace

const UntrackedTexts::Function* function_at(const UntrackedTexts& texts, const std::string& file,
                                            unsigned line) {
  const auto of_file = texts.functions.find(file);
  if (of_file == texts.functions.end()) {
    return nullptr;
  }
  const auto next = of_file->second.upper_bound(line);
  return next == of_file->second.begin() ? nullptr : &std::prev(next)->second;
}

std::vector<UntrackedChoice> untracked_in(const Trace& trace, std::size_t step,
                                          const UntrackedTexts* texts) {
  std::vector<UntrackedChoice> result;
  if (texts == nullptr) {
    return result;
  }
  const Rule& rule = rule_of(trace, step);
  const PathStep& taken = trace.path.steps.at(step - 1);
  for (std::size_t i = 0; i < rule.inputs.size(); ++i) {
    const std::string& name = trace.system->inputs.at(rule.inputs[i]).name;
    const std::optional<SourceLocation> place = place_in(name);
    if (!place || !runs(rule, *place) ||
        std::find(texts->files.begin(), texts->files.end(), place->file) == texts->files.end()) {
      continue;
    }
    const auto text = texts->by_place.find(fmt::format("{}:{}", place->file, place->line));
    const auto* function = function_at(*texts, place->file, place->line);
    const std::uint64_t mask = mask_in(name);
    result.push_back({rule.inputs[i], mask == 0 ? taken.inputs[i] : spread(taken.inputs[i], mask),
                      taken.inputs[i], *place, text == texts->by_place.end() ? "" : text->second,
                      mask == 0, function == nullptr ? "" : function->free});
  }
  return result;
}

bool AlarmCheck::doubtful() const {
  return std::any_of(needed.begin(), needed.end(),
                     [](const NeededGuess& each) { return each.doubtful(); });
}

std::string shown_value(const UntrackedChoice& choice) {
  return choice.condition ? (choice.value != 0 ? "true" : "false")
                          : fmt::format("{:#x}", choice.value);
}

std::string sentence_of(const UntrackedChoice& choice) {
  return fmt::format("{} is untracked: here {}",
                     choice.text.empty() ? "what is asked here" : choice.text, shown_value(choice));
}

}  // namespace airlock
