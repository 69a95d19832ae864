#include "model/world/guest_operations.hpp"

#include <algorithm>
#include <array>

namespace airlock {
namespace {

using machine::Instruction;
using Kind = GuestOperation::Kind;

constexpr std::array table{
    GuestOperation{.name = "nop", .instruction = Instruction::nothing_special},
    GuestOperation{.name = "taken_branch", .instruction = Instruction::taken_branch},
    GuestOperation{.name = "bus_lock", .instruction = Instruction::bus_lock},
    GuestOperation{.name = "cpuid", .instruction = Instruction::always_exits},
    GuestOperation{.name = "popf", .instruction = Instruction::popf, .flags = 0},
    GuestOperation{.name = "syscall", .instruction = Instruction::syscall},
    GuestOperation{.name = "sysret", .instruction = Instruction::sysret, .flags = 0},
    GuestOperation{.name = "iret", .instruction = Instruction::iret, .flags = 0, .cpl = 1},
    GuestOperation{.name = "read_dr6", .instruction = Instruction::mov_from_dr6},
    GuestOperation{.name = "write_dr6", .instruction = Instruction::mov_to_dr6, .value = 0},
    GuestOperation{.name = "rdmsr", .instruction = Instruction::rdmsr_debugctl, .msr = 0},
    GuestOperation{
        .name = "wrmsr", .instruction = Instruction::wrmsr_debugctl, .value = 1, .msr = 0},
    GuestOperation{.name = "__returns_from_db",
                   .instruction = Instruction::iret,
                   .kind = Kind::returns_from_db},
    GuestOperation{.name = "__guest_ends", .kind = Kind::ends},
};

}  // namespace

std::span<const GuestOperation> guest_operations() {
  return table;
}

const GuestOperation* find_guest_operation(std::string_view name) {
  const auto* const found = std::find_if(
      table.begin(), table.end(), [&](const GuestOperation& each) { return each.name == name; });
  return found == table.end() ? nullptr : found;
}

}  // namespace airlock
