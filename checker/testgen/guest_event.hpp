// What a rule of a world means for the guest.
#pragma once

#include <optional>

#include "model/machine/instructions.hpp"
#include "model/system/system.hpp"

namespace airlock {

/// Read from the rule's actor and causes, which model/world writes (guest.cpp, platform.cpp); a
/// test holds every world's rules against it.
struct GuestEvent {
  std::optional<machine::Instruction> instruction;  ///< begun or completed
  bool completes = false;     ///< the instruction is completed, by the CPU or by software
  bool exits = false;         ///< #VMEXIT before it did anything
  bool db_delivered = false;  ///< a #DB reaches the guest's handler, directly or by injection
  bool gp_delivered = false;  ///< software raises #GP instead of completing
  bool interrupt = false;     ///< a physical INTR or NMI ends guest mode
};

GuestEvent guest_event(const Rule& rule);

/// The value that `rule`'s input of that name takes: nothing if the rule has no such input.
std::optional<std::uint64_t> chosen(const TransitionSystem& system, const Rule& rule,
                                    const PathStep& step, std::string_view name);

/// What the input "WRMSR operand" stands for, as a 64-bit value, and what the two bits of a DR6
/// operand stand for (model/world/guest.cpp, any_debugctl_operand and any_dr6_operand).
std::uint64_t debugctl_operand(std::uint64_t picked);
std::uint64_t dr6_operand(bool bld, bool bs);

}  // namespace airlock
