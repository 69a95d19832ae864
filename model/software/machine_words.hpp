// The machine's words, as far as changing a program's text needs them: mutation and relaxation know
// C and no hardware.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace airlock {

struct MachineWords {
  /// Names of constants, each list of those that could stand for one another.
  std::vector<std::vector<std::string>> constants;
  /// Objects of 64 bits whose values software moves to and from variables of its own.
  std::vector<std::string> registers;
  /// Operations that turn interrupts or preemption on or off.
  std::set<std::string> boundaries;
  /// Bits of which every value of a register is made, and one beside each.
  std::uint64_t value_mask = ~std::uint64_t{0};
};

}  // namespace airlock
