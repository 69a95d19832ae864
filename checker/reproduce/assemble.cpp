// One instruction of the program is one instruction of the processor, since with TF=1 each of them
// counts. So whatever an instruction needs in registers is put there before TF is set, results stay
// in registers of their own until the end, and what POPF and IRET pop lies on the stack beforehand,
// in the order in which it will be popped. (A #DB's handler takes its frame off the stack again.)
#include "checker/reproduce/assemble.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace airlock {
namespace {

constexpr std::uint64_t rflags_iopl3 = 0x3002;
constexpr std::uint64_t rflags_tf = 0x100;
constexpr std::uint64_t kernel_cs = 0x08;
constexpr std::uint64_t kernel_ss = 0x10;
constexpr std::uint64_t user_ss = 0x1b;
constexpr std::uint64_t user_cs = 0x23;
constexpr std::uint32_t split_address = 0x3003c;  // eight bytes across a cache line's end
/// r8 to r14; r11 last, since SYSCALL and SYSRET use it.
constexpr std::array<unsigned, 7> read_registers{8, 9, 10, 12, 13, 14, 11};
constexpr std::array<unsigned, 3> write_registers{6, 7, 5};  // rsi, rdi, rbp

/// The assembler gives up: what() says why.
class Cannot : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Assembler {
 public:
  Assembler(const GuestProgram& program, const ExitingInstruction& exiting)
      : program_(program), exiting_(exiting), moments_(moments_on_bare_metal(program, {})) {}

  Assembled assemble() {
    place_preparations();
    for (std::size_t i = 0; i < program_.size(); ++i) {
      if (program_[i].op == GuestOp::db_handler) {
        if (!result_.ends.empty()) {
          result_.db.emplace_back(result_.ends.back(), here());
        }
        continue;
      }
      for (const std::size_t later : prepared_before_[i]) {
        prepare(later);
      }
      emit(i);
      result_.ends.push_back(here());
      if (return_address_ != 0) {
        patch(return_address_, here());
        return_address_ = 0;
      }
    }
    bytes("e6f4");  // OUT: the test is over
    if (result_.code.size() > 4000 || result_.stack.size() > 60 || result_.db.size() > 25) {
      throw Cannot("the program is too long");
    }
    return std::move(result_);
  }

 private:
  [[nodiscard]] std::uint64_t here() const { return guest_code + result_.code.size(); }

  void bytes(const std::string& hex) {
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
      result_.code.push_back(static_cast<std::uint8_t>(std::stoul(hex.substr(i, 2), nullptr, 16)));
    }
  }

  void number(std::uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) {
      result_.code.push_back(static_cast<std::uint8_t>(value >> 8U * i));
    }
  }

  void patch(std::size_t at, std::uint64_t value) {
    for (unsigned i = 0; i < 4; ++i) {
      result_.code[at + i] = static_cast<std::uint8_t>(value >> 8U * i);
    }
  }

  static bool needs_registers(GuestOp op) {
    return op == GuestOp::always_exits || op == GuestOp::sysret;
  }

  /// Registers that are prepared may not be changed before they are used.
  static bool changes_registers(GuestOp op) {
    return op == GuestOp::always_exits || op == GuestOp::syscall || op == GuestOp::sysret;
  }

  /// Decides before which instruction the registers of each are filled: at the last moment at
  /// which TF is clear.
  void place_preparations() {
    prepared_before_.resize(program_.size());
    for (std::size_t i = 0; i < program_.size(); ++i) {
      if (!needs_registers(program_[i].op)) {
        continue;
      }
      std::size_t before = i;
      while (before > 0 && (moments_[before].tf || program_[before].op == GuestOp::db_handler)) {
        --before;
        if (changes_registers(program_[before].op)) {
          throw Cannot(fmt::format("while TF is set, {} needs registers that {} uses before it",
                                   word_of(program_[i].op), word_of(program_[before].op)));
        }
      }
      if (!prepared_before_[before].empty()) {
        throw Cannot("two instructions need the same registers while TF is set");
      }
      prepared_before_[before].push_back(i);
    }
  }

  void prepare(std::size_t later) {
    const GuestStep& step = program_[later];
    if (step.op == GuestOp::sysret) {
      bytes("b9");  // mov ecx, where SYSRET goes
      sysret_target_ = result_.code.size();
      number(0, 4);
      bytes("41bb");  // mov r11d, the RFLAGS that it loads
      number(rflags_iopl3 | (step.tf ? rflags_tf : 0), 4);
      return;
    }
    bytes("b8");
    number(exiting_.eax, 4);
    bytes("b9");
    number(exiting_.ecx, 4);
    bytes("ba");
    number(exiting_.edx, 4);
  }

  [[nodiscard]] bool uses_r11() const {
    return std::any_of(program_.begin(), program_.end(), [](const GuestStep& each) {
      return each.op == GuestOp::syscall || each.op == GuestOp::sysret;
    });
  }

  void emit_read() {
    const std::size_t used = result_.reads.size();
    if (used >= read_registers.size() - (uses_r11() ? 1 : 0)) {
      throw Cannot("more MOVs from DR6 than there are registers for their results");
    }
    const unsigned to = read_registers[used];
    bytes("410f21");
    number(0xf0U | (to - 8U), 1);  // mov rN, dr6
    result_.reads.emplace_back(result_.ends.size() + 1, to);
    result_.registers.emplace_back(to, not_read);
  }

  void emit_write(std::uint64_t value) {
    if (writes_ >= write_registers.size()) {
      throw Cannot("more MOVs to DR6 than there are registers for their operands");
    }
    const unsigned from = write_registers[writes_++];
    bytes("0f23");
    number(0xf0U | from, 1);  // mov dr6, rN
    result_.registers.emplace_back(from, value);
  }

  void emit_iret(const GuestStep& step) {
    bytes("48cf");
    const std::uint64_t after = guest_stack + 8 * (result_.stack.size() + 5);
    for (const std::uint64_t word :
         {here(), step.user ? user_cs : kernel_cs, rflags_iopl3 | (step.tf ? rflags_tf : 0), after,
          step.user ? user_ss : kernel_ss}) {
      result_.stack.push_back(word);
    }
  }

  void emit_exiting(std::size_t index) {
    if (result_.seed != 0) {
      throw Cannot(
          "two instructions that exit: QEMU's software CPU can say of one only where it "
          "ends");
    }
    if (moments_[index].user && !exiting_.at_cpl3) {
      throw Cannot(exiting_.name + " faults at CPL 3");
    }
    if (exiting_.sleeps && !moments_[index].tf) {
      throw Cannot(exiting_.name + " never ends while TF and IF are clear");
    }
    bytes(exiting_.bytes);
    result_.seed = here();
  }

  void emit(std::size_t index) {
    const GuestStep& step = program_[index];
    switch (step.op) {
      case GuestOp::nop: bytes("90"); break;
      case GuestOp::taken_branch: bytes("eb00"); break;
      case GuestOp::bus_lock:
        bytes("f048ff0425");  // lock inc qword
        number(split_address, 4);
        break;
      case GuestOp::popf:
        bytes("9d");
        result_.stack.push_back(rflags_iopl3 | (step.tf ? rflags_tf : 0));
        break;
      case GuestOp::syscall:
        if (result_.lstar != 0) {
          throw Cannot("two SYSCALLs: there is one LSTAR");
        }
        bytes("0f05");
        result_.lstar = here();
        break;
      case GuestOp::sysret:
        bytes("480f07");
        return_address_ = sysret_target_;
        break;
      case GuestOp::iret: emit_iret(step); break;
      case GuestOp::mov_from_dr6: emit_read(); break;
      case GuestOp::mov_to_dr6: emit_write(step.value); break;
      case GuestOp::rdmsr_debugctl:
      case GuestOp::wrmsr_debugctl: throw Cannot("QEMU's software CPU has no DebugCtl");
      case GuestOp::always_exits: emit_exiting(index); break;
      case GuestOp::page_fault:
        if (faulted_) {
          throw Cannot("two page faults: there is one page that nobody has touched");
        }
        faulted_ = true;
        bytes("803c25");  // cmp byte
        number(guest_untouched, 4);
        bytes("00");
        break;
      case GuestOp::db_handler: break;
    }
  }

  const GuestProgram& program_;
  const ExitingInstruction& exiting_;
  std::vector<BareMoment> moments_;
  std::vector<std::vector<std::size_t>> prepared_before_;
  Assembled result_;
  std::size_t sysret_target_ = 0;   // where in the code the next SYSRET's target is
  std::size_t return_address_ = 0;  // the same, once the SYSRET is there
  std::size_t writes_ = 0;
  bool faulted_ = false;
};

}  // namespace

const std::vector<ExitingInstruction>& exiting_instructions() {
  static const std::vector<ExitingInstruction> all{
      {"cpuid", "0fa2", 0, 0, 0, true, "CPUID"},
      {"in", "ec", 0, 0, 0x80, true, "IN"},
      {"rdmsr_apic_base", "0f32", 0, 0x1b, 0, false, "RDMSR of APIC_BASE"},
      // Vector 40h to APIC 0, which is itself; it waits, since IF=0.
      {"wrmsr_icr", "0f30", 0x40, 0x830, 0, false, "WRMSR of the x2APIC's ICR"},
      {"wrmsr_tsc_deadline", "0f30", 0, 0x6e0, 0, false, "WRMSR of TSC_DEADLINE"},
      {"hlt", "f4", 0, 0, 0, false, "HLT", true},
      {"invd", "0f08", 0, 0, 0, false, "INVD"},
  };
  return all;
}

std::variant<Assembled, std::string> assemble(const GuestProgram& program,
                                              const ExitingInstruction& exiting) {
  try {
    return Assembler(program, exiting).assemble();
  } catch (const Cannot& cannot) {
    return cannot.what();
  } catch (const std::invalid_argument& bad) {  // what needs CPL 0 at CPL 3
    return bad.what();
  }
}

std::string job_of(const Assembled& guest, const std::string& name, std::size_t count,
                   bool evidence) {
  std::string text = "test " + name + "\ncode ";
  for (const std::uint8_t byte : guest.code) {
    text += fmt::format("{:02x}", byte);
  }
  text += "\n";
  if (!guest.stack.empty()) {
    text += "stack";
    for (const std::uint64_t word : guest.stack) {
      text += fmt::format(" {:x}", word);
    }
    text += "\n";
  }
  for (const auto& [rip, label] : guest.db) {
    text += fmt::format("db {:x} {:x}\n", rip, label);
  }
  for (const auto& [number, value] : guest.registers) {
    text += fmt::format("reg {:x} {:x}\n", number, value);
  }
  if (guest.lstar != 0) {
    text += fmt::format("lstar {:x}\n", guest.lstar);
  }
  if (guest.seed != 0) {
    text += fmt::format("seed {:x}\n", guest.seed);
  }
  return text + fmt::format("run {:x}\n", count) + (evidence ? "evidence 1\n" : "");
}

}  // namespace airlock
