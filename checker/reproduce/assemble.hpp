// A guest's program as bytes for guest/init.c.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "checker/testgen/bare_metal.hpp"
#include "checker/testgen/guest_program.hpp"

namespace airlock {

/// Where the guest's memory has what; guest/init.c is compiled with these.
inline constexpr std::uint64_t guest_code = 0x8000;
inline constexpr std::uint64_t guest_stack = 0x70000;
inline constexpr std::uint64_t guest_untouched = 0x200000;  ///< a page that nobody has touched yet

/// An instruction that KVM always intercepts and completes.
struct ExitingInstruction {
  std::string name;   ///< "wrmsr_icr"
  std::string bytes;  ///< in hexadecimal
  std::uint32_t eax = 0;
  std::uint32_t ecx = 0;
  std::uint32_t edx = 0;
  bool at_cpl3 = false;  ///< also at CPL 3, with IOPL 3
  std::string text;      ///< "WRMSR of the x2APIC's ICR"
  bool sleeps = false;   ///< it ends by an event only: with TF set, by its own #DB
};
/// All that we know. Which of them a kernel completes in its fast path depends on its version.
const std::vector<ExitingInstruction>& exiting_instructions();

struct Assembled {
  std::vector<std::uint8_t> code;
  std::vector<std::uint64_t> stack;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> db;    ///< pushed RIP, where to go on
  std::vector<std::pair<unsigned, std::uint64_t>> registers;  ///< at the start
  std::uint64_t lstar = 0;
  std::uint64_t seed = 0;           ///< end of the instruction that exits; 0: there is none
  std::vector<std::uint64_t> ends;  ///< address after each instruction, as a trap pushes it
  std::vector<std::pair<std::size_t, unsigned>> reads;  ///< instruction (from 1), register
};

/// What a register holds that no MOV from DR6 has written.
inline constexpr std::uint64_t not_read = ~std::uint64_t{0};

/// `program` with `exiting` for always_exits. A text says why it cannot be done: two things at once
/// in one register, a second instruction that exits (only one end can be given to KVM, see
/// seed_next_rip in guest/init.c), DebugCtl.
std::variant<Assembled, std::string> assemble(const GuestProgram& program,
                                              const ExitingInstruction& exiting);

/// Lines for guest/init.c that run it `count` times, and once more for KVM's tracepoints.
std::string job_of(const Assembled& guest, const std::string& name, std::size_t count,
                   bool evidence = false);

}  // namespace airlock
