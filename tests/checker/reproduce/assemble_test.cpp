// Programs as bytes, and what the guest's side prints as what the guest saw.
#include "checker/reproduce/assemble.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "checker/reproduce/outcome.hpp"

namespace airlock {
namespace {

const GuestProgram lost_bs{{GuestOp::mov_from_dr6},
                           {GuestOp::popf, true},
                           {GuestOp::always_exits},
                           {GuestOp::db_handler},
                           {GuestOp::mov_from_dr6}};

const ExitingInstruction& exiting(const std::string& name) {
  for (const ExitingInstruction& each : exiting_instructions()) {
    if (each.name == name) {
      return each;
    }
  }
  throw std::logic_error(name);
}

Assembled assembled(const GuestProgram& program, const std::string& with = "cpuid") {
  std::variant<Assembled, std::string> made = assemble(program, exiting(with));
  CAPTURE(std::holds_alternative<std::string>(made) ? std::get<std::string>(made) : "");
  REQUIRE(std::holds_alternative<Assembled>(made));
  return std::get<Assembled>(made);
}

std::string refusal(const GuestProgram& program, const std::string& with = "cpuid") {
  const std::variant<Assembled, std::string> made = assemble(program, exiting(with));
  return std::holds_alternative<std::string>(made) ? std::get<std::string>(made) : "none";
}

std::string hex(const Assembled& guest) {
  std::string text;
  for (const std::uint8_t byte : guest.code) {
    text += fmt::format("{:02x}", byte);
  }
  return text;
}

TEST_CASE(
    "registers are filled before TF is set, so that every stepped instruction is the test's") {
  const Assembled guest = assembled(lost_bs, "wrmsr_icr");
  // mov r8, dr6; mov eax; mov ecx; mov edx; popf; wrmsr; mov r9, dr6; out
  CHECK(hex(guest) == "410f21f0b840000000b930080000ba000000009d0f30410f21f1e6f4");
  CHECK(guest.stack == std::vector<std::uint64_t>{0x3102});
  CHECK(guest.ends == std::vector<std::uint64_t>{0x8004, 0x8014, 0x8016, 0x801a});
  CHECK(guest.seed == 0x8016);
  REQUIRE(guest.db.size() == 1);
  CHECK(guest.db[0] == std::pair<std::uint64_t, std::uint64_t>{0x8016, 0x8016});
  CHECK(guest.reads == std::vector<std::pair<std::size_t, unsigned>>{{1, 8}, {4, 9}});
}

TEST_CASE("IRET finds on the stack where it goes, with which TF and CPL, and the stack after it") {
  const Assembled guest = assembled({{GuestOp::iret, true, true}, {GuestOp::nop}});
  CHECK(guest.stack == std::vector<std::uint64_t>{0x8002, 0x23, 0x3102, 0x70028, 0x1b});
  CHECK(guest.ends[0] == 0x8002);
}

TEST_CASE("SYSCALL and SYSRET go to the next instruction") {
  const Assembled guest =
      assembled({{GuestOp::sysret, true}, {GuestOp::nop}, {GuestOp::syscall}, {GuestOp::nop}});
  CHECK(hex(guest) == "b90e80000041bb02310000480f07900f0590e6f4");
  CHECK(guest.ends == std::vector<std::uint64_t>{0x800e, 0x800f, 0x8011, 0x8012});
  CHECK(guest.lstar == 0x8011);
}

TEST_CASE("what cannot be assembled is refused with its reason") {
  const GuestStep exits{GuestOp::always_exits};
  CHECK(refusal({exits, exits}).find("two instructions that exit") == 0);
  CHECK(refusal({{GuestOp::wrmsr_debugctl}}) == "QEMU's software CPU has no DebugCtl");
  CHECK(refusal({{GuestOp::iret, false, true}, {GuestOp::mov_from_dr6}}) ==
        "instruction 2 needs CPL 0 and runs at CPL 3");
  CHECK(refusal({{GuestOp::iret, false, true}, exits}, "wrmsr_icr") == "wrmsr_icr faults at CPL 3");
  CHECK(refusal({exits}, "hlt") == "hlt never ends while TF and IF are clear");
  CHECK(refusal({{GuestOp::popf, true}, exits}, "hlt") == "none");
  CHECK(refusal({{GuestOp::page_fault}, {GuestOp::page_fault}}).find("two page faults") == 0);
  CHECK(refusal({{GuestOp::syscall}, {GuestOp::syscall}}).find("two SYSCALLs") == 0);
  CHECK(refusal(GuestProgram(8, {GuestOp::mov_from_dr6})).find("more MOVs from DR6") == 0);
  CHECK(refusal(GuestProgram(4, {GuestOp::mov_to_dr6})).find("more MOVs to DR6") == 0);
  CHECK(refusal(GuestProgram(5000, {GuestOp::nop})) == "the program is too long");
}

TEST_CASE("registers that are filled early must not be used on the way") {
  // TF is set by IRET at CPL 3; SYSCALL does not trap on it until it has changed RCX.
  const GuestProgram program{
      {GuestOp::popf, true}, {GuestOp::syscall}, {GuestOp::db_handler}, {GuestOp::always_exits}};
  CHECK(refusal(program) == "none");  // in the handler TF is clear: there is a better moment
}

TEST_CASE("a run's line is what the guest saw, in the guest's order") {
  const Assembled guest = assembled(lost_bs, "wrmsr_icr");
  const auto seen = [&](const std::string& line) { return to_text(outcome_of(line, guest)); };
  CHECK(seen("end r8=ffff0ff0 r9=ffff4ff0 r10=0 log 1:8016:8:3102") ==
        "dr6=ffff0ff0@1 DB@3 dr6=ffff4ff0@4");
  CHECK(seen("end r8=ffff0ff0 r9=ffff4ff0 log") == "dr6=ffff0ff0@1 dr6=ffff4ff0@4");
  CHECK(seen("end r8=ffff0ff0 r9=ffff4ff0 log 1:8015:8:3102") ==
        "DB-at-8015h@0 dr6=ffff0ff0@1 dr6=ffff4ff0@4");
  CHECK(seen("exception r8=ffffffffffffffff r9=ffffffffffffffff log d:8004:8:3002") ==
        "exception-13@1");
  CHECK(seen("hangs r8=ffff0ff0 r9=ffffffffffffffff log") == "dr6=ffff0ff0@1 hangs@4");
}

TEST_CASE("the console: what is ours, what is the kernel's last word") {
  const Console console = read_console(
      "[    0.1] hello\r\nairlock: kernel 6.1.0 #1 SMP\r\nairlock: ran 0.1 end log\n"
      "[    2.0] noise airlock: ran 0.1 hangs log\nairlock: evidence 0.1 kvm_exit: a b\n"
      "airlock: error seeding: x y\nairlock: done\n");
  CHECK(console.done);
  CHECK(console.kernel == "6.1.0 #1 SMP");
  REQUIRE(console.runs.count("0.1") == 1);
  CHECK(console.runs.at("0.1") == std::vector<std::string>{"end log", "hangs log"});
  CHECK(console.evidence.at("0.1") == std::vector<std::string>{"kvm_exit: a b"});
  CHECK(console.errors == std::vector<std::string>{"seeding: x y"});
  const Console dead = read_console("[ 1.0] Kernel panic - not syncing: no init\n[ 1.1] bye\n");
  CHECK_FALSE(dead.done);
  CHECK(dead.panic.find("no init") != std::string::npos);
  CHECK(dead.last_line == "[ 1.1] bye");
}

}  // namespace
}  // namespace airlock
