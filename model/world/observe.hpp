// What a guest can tell about the world, event by event: the instructions that it completes with
// the values that they return, and the exceptions that it takes. Only in worlds that ask for it
// (WorldOptions::observe_guest).
//
// A world that follows a guest (WorldOptions::follow_guest) takes the guest's program from outside:
// an instruction is fixed when it is first attempted, with its operands, and stays the next one
// until an event. After an event nothing moves until `observed` is 0 again: that is a meeting
// (noninterference.hpp), for which a world has no rule of its own.
//
// A guest that runs a program (guest_code.hpp) is told of the same events, and goes on by them.
#pragma once

#include <span>
#include <utility>

#include "model/world/layout.hpp"

namespace airlock {

/// Values of ObservationVariables::event.
inline constexpr std::uint64_t observed_nothing = 0;
inline constexpr std::uint64_t observed_db = 14;
inline constexpr std::uint64_t observed_gp = 15;
constexpr std::uint64_t observed_completion(machine::Instruction instruction) {
  return static_cast<std::uint64_t>(instruction) + 1;
}
static_assert(observed_completion(machine::Instruction::always_exits) < observed_db);

/// Pulses go down; in a world that follows a guest, the step is impossible while an event waits.
void begin_observation(Step& step, const Layout& layout);

/// The guest completes `instruction`; `read` is what MOV from DR6 or RDMSR returned.
void observe_completion(Step& step, const Layout& layout, machine::Instruction instruction,
                        Expr read);
/// The guest takes a #DB, alone or in the step in which its instruction completes.
void observe_db(Step& step, const Layout& layout);
/// The guest takes a #GP.
void observe_gp(Step& step, const Layout& layout);

/// The guest begins `instruction`, for the first time or again after an exit.
void follow_instruction(Step& step, const Layout& layout, machine::Instruction instruction);
/// An operand of the instruction begun: what the guest's program says, or, where nobody has looked
/// yet, `fresh`, which then is the program's. `operand` is one of NextInstructionVariables.
Expr follow_operand(Step& step, const Layout& layout, VarId NextInstructionVariables::*operand,
                    Expr fresh);
/// The same for software that asks for the operand of an instruction that exited: only if `exited`,
/// the exit's instruction, is the one begun. After any other exit the answer is `fresh`, and says
/// nothing of what the guest will do next.
Expr follow_intercepted_operand(Step& step, const Layout& layout,
                                std::span<const std::pair<machine::Instruction, Expr>> exited,
                                Expr fresh);
/// All operands of the instruction have been looked at.
void operands_followed(Step& step, const Layout& layout);

/// The rule by which a #DB that came with its instruction's completion is an event of its own.
void add_following_db(TransitionSystem& system, const Layout& layout);

}  // namespace airlock
