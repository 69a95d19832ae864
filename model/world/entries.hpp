// Where a world enters its C code: which functions are the vCPU's thread, boot, the actors, and
// what else the world calls by itself. A model of ours uses the names of docs/language.md
// (`entries_by_name`); a kernel has functions called vcpu_run and vcpu_load that are something
// else, so there a lens says which functions are meant.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/software/program.hpp"
#include "model/system/agent.hpp"

namespace airlock {

/// A function of the host that runs between two steps of the thread.
struct ActorEntry {
  std::string name;      ///< as shown, and as --actor takes it; unique
  std::string function;  ///< void, without parameters
  AgentKind kind;        ///< interrupt, nmi or task_switch
  bool on = true;        ///< unless somebody says otherwise
};

/// Functions of the program by name; empty: there is none. All are without parameters.
struct Entries {
  std::string run;          ///< the vCPU's thread, for ever
  std::string create;       ///< makes the initial state
  std::string boot;         ///< the host's, once, before anything else
  std::string load;         ///< ends each task switch, on the machine alone
  std::string enter_guest;  ///< the stretch that `cost` measures; empty: `run`
  std::string guest_dr6;    ///< returns the DR6 that software would give the guest
  std::vector<ActorEntry> actors;
  /// The files in which "always_", "never_", "reachable_" and "symptom_" in front of a function's
  /// name make it a property; nothing: all files.
  std::optional<std::set<std::string>> property_files;
  /// These are entries_by_name(): the names mean that and nothing else.
  bool by_name = false;

  [[nodiscard]] const ActorEntry* find_actor(const std::string& name) const;
};

/// vcpu_run, vcpu_create, boot, vcpu_load, vcpu_enter_guest, guest_dr6 and everything called
/// irq_..., nmi_... and task_switch_..., where the program has it. `run` is "vcpu_run" even where
/// it has not, for the message.
Entries entries_by_name(const Program& program);

/// What a function called irq_..., nmi_... or task_switch_... is.
std::optional<AgentKind> kind_by_name(const std::string& function);

/// Throws InputError for an entry that names no function of the program, a function that can be
/// none, or two actors of one name.
void check_entries(const Program& program, const Entries& entries);

/// Whether the function is a property of worlds with these entries.
bool is_property(const Function& function, const Entries& entries);

/// "always_", "never_", "reachable_" or "symptom_" in front of the name.
bool is_property(const std::string& function);

}  // namespace airlock
