#include "checker/testgen/guest_program.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <utility>

namespace airlock {
namespace {

using machine::Instruction;

constexpr std::array<std::pair<GuestOp, const char*>, 14> words{{
    {GuestOp::nop, "nop"},
    {GuestOp::taken_branch, "taken_branch"},
    {GuestOp::bus_lock, "bus_lock"},
    {GuestOp::popf, "popf"},
    {GuestOp::syscall, "syscall"},
    {GuestOp::sysret, "sysret"},
    {GuestOp::iret, "iret"},
    {GuestOp::mov_from_dr6, "mov_from_dr6"},
    {GuestOp::mov_to_dr6, "mov_to_dr6"},
    {GuestOp::rdmsr_debugctl, "rdmsr_debugctl"},
    {GuestOp::wrmsr_debugctl, "wrmsr_debugctl"},
    {GuestOp::always_exits, "always_exits"},
    {GuestOp::page_fault, "page_fault"},
    {GuestOp::db_handler, "db_handler"},
}};

constexpr std::array<std::pair<Seen::Kind, const char*>, 4> sights{{
    {Seen::Kind::dr6, "dr6"},
    {Seen::Kind::debugctl, "debugctl"},
    {Seen::Kind::db, "DB"},
    {Seen::Kind::gp, "GP"},
}};

constexpr std::array<std::pair<GuestOp, Instruction>, 12> same_thing{{
    {GuestOp::nop, Instruction::nothing_special},
    {GuestOp::taken_branch, Instruction::taken_branch},
    {GuestOp::bus_lock, Instruction::bus_lock},
    {GuestOp::popf, Instruction::popf},
    {GuestOp::syscall, Instruction::syscall},
    {GuestOp::sysret, Instruction::sysret},
    {GuestOp::iret, Instruction::iret},
    {GuestOp::mov_from_dr6, Instruction::mov_from_dr6},
    {GuestOp::mov_to_dr6, Instruction::mov_to_dr6},
    {GuestOp::rdmsr_debugctl, Instruction::rdmsr_debugctl},
    {GuestOp::wrmsr_debugctl, Instruction::wrmsr_debugctl},
    {GuestOp::always_exits, Instruction::always_exits},
}};
static_assert(same_thing.size() == machine::all_instructions.size());

/// The whole of `text` as a number of that base.
template <typename T>
std::optional<T> number_in(std::string_view text, int base) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value)
                                                                  : std::nullopt;
}

}  // namespace

std::string word_of(GuestOp op) {
  const auto* const found =
      std::find_if(words.begin(), words.end(), [&](const auto& each) { return each.first == op; });
  return found->second;
}

std::optional<GuestOp> op_of(const std::string& word) {
  const auto* const found = std::find_if(words.begin(), words.end(),
                                         [&](const auto& each) { return word == each.second; });
  return found == words.end() ? std::nullopt : std::optional(found->first);
}

GuestOp op_of(Instruction instruction) {
  const auto* const found = std::find_if(same_thing.begin(), same_thing.end(),
                                         [&](const auto& it) { return it.second == instruction; });
  return found->first;
}

std::optional<Instruction> instruction_of(GuestOp op) {
  if (op == GuestOp::page_fault) {
    return Instruction::nothing_special;
  }
  const auto* const found = std::find_if(same_thing.begin(), same_thing.end(),
                                         [&](const auto& it) { return it.first == op; });
  return found == same_thing.end() ? std::nullopt : std::optional(found->second);
}

std::string to_text(const GuestStep& step) {
  std::string text = word_of(step.op);
  if (step.op == GuestOp::mov_to_dr6 || step.op == GuestOp::wrmsr_debugctl) {
    text += fmt::format(" {:x}", step.value);
  }
  return text + (step.user ? " CPL3" : "") + (step.tf ? " TF" : "");
}

bool same(const GuestStep& a, const GuestStep& b) {
  return a.op == b.op && a.tf == b.tf && a.user == b.user && a.value == b.value;
}

std::size_t instructions(const GuestProgram& program) {
  return static_cast<std::size_t>(
      std::count_if(program.begin(), program.end(),
                    [](const GuestStep& step) { return step.op != GuestOp::db_handler; }));
}

std::string to_text(const Seen& seen) {
  if (seen.kind == Seen::Kind::other) {
    return fmt::format("{}@{}", seen.text, seen.after);
  }
  const auto* const found = std::find_if(sights.begin(), sights.end(),
                                         [&](const auto& it) { return it.first == seen.kind; });
  return seen.kind == Seen::Kind::dr6 || seen.kind == Seen::Kind::debugctl
             ? fmt::format("{}={:x}@{}", found->second, seen.value, seen.after)
             : fmt::format("{}@{}", found->second, seen.after);
}

std::string to_text(const std::vector<Seen>& seen) {
  if (seen.empty()) {
    return "nothing";
  }
  std::string text;
  for (const Seen& each : seen) {
    text += (text.empty() ? "" : " ") + to_text(each);
  }
  return text;
}

std::optional<Seen> seen_of(const std::string& text) {
  const std::size_t at = text.rfind('@');
  const std::size_t equals = text.find('=');
  if (at == std::string::npos) {
    return std::nullopt;
  }
  const std::string name = text.substr(0, std::min(at, equals));
  const auto* const found =
      std::find_if(sights.begin(), sights.end(), [&](const auto& it) { return name == it.second; });
  const auto after = number_in<std::size_t>(std::string_view(text).substr(at + 1), 10);
  if (found == sights.end() || !after || *after == 0) {
    return std::nullopt;
  }
  Seen seen{found->first, *after, 0, {}};
  const bool reads = seen.kind == Seen::Kind::dr6 || seen.kind == Seen::Kind::debugctl;
  if (reads != (equals < at)) {
    return std::nullopt;
  }
  if (reads) {
    const auto value =
        number_in<std::uint64_t>(std::string_view(text).substr(equals + 1, at - equals - 1), 16);
    if (!value) {
      return std::nullopt;
    }
    seen.value = *value;
  }
  return seen;
}

}  // namespace airlock
