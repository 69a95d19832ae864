// How traces call things: variables within their group, files, and who acts where.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "checker/trace/trace.hpp"
#include "model/system/system.hpp"

namespace airlock {

/// "guest_view.debugctl" in the group "guest view" is just "debugctl", "VMCB.clean" in "vmcb" is
/// "clean"; letters may differ in case.
std::string name_within(const Variable& variable);

/// The bits of `bits` by their names, "LBR|BTF"; those without a name as "bit 7".
std::string bit_names(const Variable& variable, std::uint64_t bits);

/// Whether somebody can go there: a line of a file that the user has. (What comes with Airlock is
/// called "<airlock/...>".)
bool is_in_a_file(const SourceLocation& location);

/// A file's last component, unless two of the system's files would be called the same.
class FileNames {
 public:
  explicit FileNames(const TransitionSystem& system);
  [[nodiscard]] std::string operator()(const std::string& file) const;

 private:
  std::multiset<std::string> bases_;
};

/// A fix as people read it: "base" for the base alone, a file by its last component without ".c",
/// "merged+dr6-read-back" for a stack. In full where another of `beside` would be called the same.
/// (Commands, JSON and whatever else programs read have the whole name.)
std::string shown_fix(const std::string& fix, const std::vector<std::string>& beside = {});

/// In a sentence: "the base", "fix merged".
std::string of_fix(const std::string& fix);

/// Where a step is drawn: software of the host, the guest, an actor that interrupts. `hardware` has
/// the steps of no one else, and a mark beside every step in which the processor does something of
/// its own (VMRUN, #VMEXIT).
enum class Lane : std::uint8_t { host, guest, hardware, interrupts };
/// "host", "guest", "hardware", "interrupts".
std::string_view to_string(Lane lane);
/// The lane of the actor.
Lane lane_of(const Rule& rule);
/// The first event of the hardware among the rule's causes, such as "VMRUN"; null if there is none
/// or the rule is the guest's own instruction and nothing more.
const Cause* hardware_event(const Rule& rule);

/// The rule of step `step` (1 is the first).
const Rule& rule_of(const Trace& trace, std::size_t step);

/// Variables that the sentence at the end of the trace, or the property itself, mentions. Sorted.
std::vector<VarId> mentioned_by(const TransitionSystem& system, const Property& property);

/// Variables that play a part: some step changes them, or the property mentions them. Neither
/// hidden ones nor choices. Sorted.
std::vector<VarId> playing_a_part(const Trace& trace);

/// Whether `state` is one in which the guest runs, by the (first) CPU's mode; nothing if the system
/// has none.
std::optional<bool> guest_runs(const TransitionSystem& system, const State& state);

}  // namespace airlock
