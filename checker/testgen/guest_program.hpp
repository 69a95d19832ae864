// What a guest does, as a program: one instruction of the machine's after the other, and the places
// where its #DB handler takes over. And what it sees.
//
// A program is a straight line. The handler is part of the line: after `db_handler` the line goes
// on in the #DB handler, at CPL 0 with TF=0, if a #DB came after the instruction before it (and
// goes on just so if none came, which is seen by the #DB that is missing). A #DB anywhere else goes
// to a handler that clears TF in the image that it returns to, and the line goes on where it was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/machine/instructions.hpp"

namespace airlock {

enum class GuestOp : std::uint8_t {
  nop,
  taken_branch,
  bus_lock,  ///< a locked access that crosses a cache line
  popf,
  syscall,
  sysret,
  iret,
  mov_from_dr6,
  mov_to_dr6,
  rdmsr_debugctl,
  wrmsr_debugctl,
  always_exits,  ///< any instruction that the hypervisor always intercepts and completes
  page_fault,    ///< a load that is nothing special, but exits once before it completes
  db_handler,    ///< no instruction: from here on in the #DB handler
};

/// The word in a test file: "mov_from_dr6".
std::string word_of(GuestOp op);
std::optional<GuestOp> op_of(const std::string& word);
GuestOp op_of(machine::Instruction instruction);
/// What the machine makes of it; nothing for db_handler.
std::optional<machine::Instruction> instruction_of(GuestOp op);

struct GuestStep {
  GuestOp op = GuestOp::nop;
  bool tf = false;           ///< POPF, IRET and SYSRET: the TF that they load
  bool user = false;         ///< IRET: to CPL 3
  std::uint64_t value = 0;   ///< MOV to DR6 and WRMSR: what they write
  std::string comment = {};  ///< one line for people; no part of the program
};

using GuestProgram = std::vector<GuestStep>;

/// "popf TF", "iret CPL3", "mov_to_dr6 ffff07f0".
std::string to_text(const GuestStep& step);
/// The same instruction with the same operands.
bool same(const GuestStep& a, const GuestStep& b);
/// How many instructions it has: db_handler is none.
std::size_t instructions(const GuestProgram& program);

/// One thing that the guest sees, with the number of instructions completed by then.
struct Seen {
  enum class Kind : std::uint8_t {
    dr6,       ///< what MOV from DR6 returned
    debugctl,  ///< what RDMSR returned
    db,        ///< a #DB was taken
    gp,        ///< a #GP was taken; nothing follows
    other,     ///< `text`: an exception that no test means to have, a hang; nothing follows
  };
  Kind kind = Kind::db;
  std::size_t after = 0;    ///< instruction that read, or after which the exception came; from 1
  std::uint64_t value = 0;  ///< of reads
  std::string text = {};
  friend bool operator==(const Seen&, const Seen&) = default;
};

/// "dr6=ffff4ff0@4", "DB@3".
std::string to_text(const Seen& seen);
std::string to_text(const std::vector<Seen>& seen);
std::optional<Seen> seen_of(const std::string& text);

}  // namespace airlock
