// What a guest's program calls (<airlock/guest.h>), one row each: which instruction of the
// machine's a call is, and which argument is which operand of it. A test holds the header against
// this table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "model/machine/instructions.hpp"

namespace airlock {

struct GuestOperation {
  enum class Kind : std::uint8_t {
    instruction,
    returns_from_db,  ///< IRET at the end of the #DB handler, to what it interrupted
    ends,             ///< no instruction: the program has come to its end
  };
  std::string_view name;
  machine::Instruction instruction = machine::Instruction::nothing_special;
  Kind kind = Kind::instruction;
  /// Which argument it is, from 0.
  std::optional<std::size_t> flags = {};  ///< the rFLAGS that it loads
  std::optional<std::size_t> cpl = {};    ///< the CPL that it goes to
  std::optional<std::size_t> value = {};  ///< what it writes
  std::optional<std::size_t> msr = {};    ///< must be DebugCtl's number
};

/// Those of the header first; the last two are put around a program by Airlock itself.
std::span<const GuestOperation> guest_operations();

/// Null: there is none of that name.
const GuestOperation* find_guest_operation(std::string_view name);

}  // namespace airlock
