// The registers that the model has, one row each: what is said about a register beside what the
// manual says that it does. The layout of a world, the objects that C sees, how values are shown,
// the references and what mutation exchanges all come from here; docs/adding-a-register.md is the
// way to add one.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/machine/feature.hpp"
#include "model/machine/format.hpp"
#include "model/machine/registers.hpp"

namespace airlock::machine {

/// Of what there is one register each.
enum class Per : std::uint8_t { cpu, vcpu, vmcb };

/// What C may do with a register by its path; registers of the CPU it writes through operations.
enum class FromC : std::uint8_t { hidden, read, written };

/// What boot() and the actors see of it when they run on the reference host.
enum class OnReferenceHost : std::uint8_t {
  same,  ///< the machine's: the guest does not change what they can see
  own,   ///< the reference host's own (`host`)
  none,  ///< nothing: looking is an error; so it is at one's `own` without its feature
};

/// Where a register is in Registers.
using Field =
    std::variant<VarId CpuOf<VarId>::*, VarId VmcbOf<VarId>::*, VarId SvmStateOf<VarId>::*>;
VarId& at(Registers& registers, Field field);

struct Register {
  Field field;
  std::string_view name;  ///< as traces show it; unique
  std::string_view path;  ///< in C: "cpu.debugctl"; empty: C cannot see it
  unsigned width;         ///< bits; 0: Bool
  std::uint64_t reset = 0;
  const Format* format = nullptr;  ///< how values are shown; null: as numbers
  Role role = Role::cpu;
  Per per = Per::cpu;
  FromC from_c = FromC::read;
  OnReferenceHost on_reference_host = OnReferenceHost::same;
  /// Its counterparts: on the reference guest (at reset as the VMCB's), on the reference host, and
  /// in the guest's view.
  VarId GuestRegistersOf<VarId>::*guest = nullptr;
  std::uint64_t guest_reset = 0;
  VarId HostRegistersOf<VarId>::*host = nullptr;
  std::optional<Feature> host_with = {};  ///< `host` is there with this feature only
  VarId HostRegistersOf<VarId>::*guest_view = nullptr;
  /// Software moves its value to and from its own 64-bit variables: a tired programmer may take
  /// one for another (mutation).
  bool is_moved_about = false;
};

/// Whether the reference host has the register.
bool is_on_reference_host(const Register& each, const Features& features);

/// In the order in which a system has them.
std::span<const Register> registers_declared();

/// Each format of a register, once.
std::vector<const Format*> formats_declared();

/// Adds a variable of the register's sort and format.
VarId add_variable(TransitionSystem& system, const Register& like, std::string name,
                   std::uint64_t reset, Owner owner);

}  // namespace airlock::machine
