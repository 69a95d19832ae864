// Everything that a world remembers: the machine's registers, the references, what the guest saw,
// and the software's own bookkeeping, as variables of one transition system.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/machine/choices.hpp"
#include "model/machine/dr6.hpp"
#include "model/machine/feature.hpp"
#include "model/machine/instructions.hpp"
#include "model/machine/registers.hpp"
#include "model/software/platform.hpp"
#include "model/system/step.hpp"

namespace airlock {

/// What is fixed before the world is composed.
struct WorldOptions {
  std::uint64_t guest_debugctl_bits = 1;  ///< DebugCtl bits that the guest's virtual CPU implements
  bool cpu_has_lbrv = true;               ///< CPUID Fn8000_000A_EDX[LbrVirt]
  bool measure_cost = false;              ///< add the counters of CostVariables
  bool observe_guest = false;             ///< add ObservationVariables
  bool follow_guest = false;              ///< add NextInstructionVariables (needs observe_guest)
  bool coverage = false;                  ///< add markers (model/system/marker.hpp)
  /// Instructions that the guest never executes.
  std::set<machine::Instruction> guest_without = {};
  /// More places of the thread than 16 bits number, or more reasons than 8. Found out by trying, so
  /// that other worlds, and certificates about them, are as they always were.
  bool wide = false;
  machine::Features features = {};
  bool two_runs = false;  ///< for a statement about two runs, which looks at no reference
};

/// The guest's virtual CPU as bare metal would run it.
struct ReferenceGuestVariables : machine::GuestRegistersOf<VarId> {
  VarId step_pending;  ///< a #DB is raised and not taken yet, because of a single step
  VarId lock_pending;  ///< likewise, because of a bus lock
};

/// Pulses: what went wrong for the guest in the step just taken; false or 0 in every other state.
struct GuestSawVariables {
  VarId spurious_db;
  VarId lost_db;
  VarId wrong_dr6;
  VarId wrong_debugctl;
  VarId db_dr6;
  VarId dr6_read;
  VarId dr6_expected;
  VarId debugctl_read;
  VarId debugctl_expected;
};

/// Counters of DebugCtl MSR accesses by vcpu_run (DESIGN.md, `cost`).
struct CostVariables {
  VarId active;        ///< inside vcpu_enter_guest
  VarId vmruns;        ///< VMRUNs since it was entered, saturating at 2
  VarId rdmsr_before;  ///< up to and including the first VMRUN's preparation
  VarId wrmsr_before;
  VarId rdmsr_since;  ///< since the last VMRUN
  VarId wrmsr_since;
  VarId entry_complete;     ///< pulse
  VarId fastpath_complete;  ///< pulse
  VarId rdmsr;              ///< the measured counts, valid with a pulse
  VarId wrmsr;
};

/// What the guest saw in the step just taken (model/world/observe.hpp). Pulses, 0 in every other
/// state; in a world that follows a guest, they stay until a meeting and nothing moves meanwhile.
struct ObservationVariables {
  VarId event;     ///< 0: nothing; an instruction completed, #DB or #GP
  VarId dr6;       ///< what MOV from DR6 returned, xor "nothing pending"; 0 for other events
  VarId debugctl;  ///< what RDMSR returned; 0 for other events
  VarId cpl;       ///< the guest's CPL after the event
  VarId then_db;   ///< the instruction's own #DB went straight to the guest's handler
};

/// The guest's next instruction, so that two copies of a world can run one guest's program.
struct NextInstructionVariables {
  VarId instruction;     ///< 0: not begun since the last event; else 1 + the Instruction
  VarId operands_known;  ///< the operands have been looked at
  VarId tf;
  VarId user;
  VarId value;
};

class GuestCode;

struct Layout {
  /// Whether the reference host has a DR6: the feature host_dr6.
  [[nodiscard]] bool host_has_dr6() const {
    return options.features.contains(machine::Feature::host_dr6);
  }

  WorldOptions options;
  machine::Choices choices;
  machine::Registers machine;
  ReferenceGuestVariables reference_guest;
  machine::HostRegistersOf<VarId> reference_host;
  machine::HostRegistersOf<VarId> guest_view;
  GuestSawVariables guest_saw;
  VarId preempt_count;
  VarId operand;  ///< the intercepted instruction's, once software has looked at it
  VarId operand_known;
  VarId undefined;  ///< 0, or why the behaviour is undefined
  VarId pc;         ///< vcpu_run's location
  std::optional<CostVariables> cost;
  std::optional<ObservationVariables> observed;
  std::optional<NextInstructionVariables> next;
  std::map<std::string, ObjectLeaf> objects;  ///< what C sees, by its path
  const GuestCode* code = nullptr;  ///< what the guest runs, borrowed; null: whatever it likes
  std::vector<VarId> pulses;  ///< 0 in every state but the one right after the step that sets them
};

/// The program counter's values before vcpu_run's own.
inline constexpr std::uint64_t pc_boot = 0;
inline constexpr std::uint64_t pc_undefined = 1;
inline constexpr std::uint64_t pc_first = 2;

/// A world that is not `wide` has to be.
struct TooNarrow {};

/// Adds all variables, at reset.
Layout add_layout(TransitionSystem& system, const WorldOptions& options);

/// A step of `actor`: pulses are down unless it raises them.
Step begin_step(TransitionSystem& system, const Layout& layout, const std::string& name,
                const std::string& actor, AgentKind agent = AgentKind::other);

/// The reference guest's registers, in and out.
machine::GuestRegisters load_reference_guest(const Step& step, const Layout& layout);
void store_reference_guest(Step& step, const Layout& layout, const machine::GuestRegisters& r);

}  // namespace airlock
