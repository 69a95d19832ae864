// The reference guest: one fault is latched once, for the property that watches it.
#include "model/world/reference.hpp"

#include <doctest/doctest.h>

#include "model/world/observe.hpp"
#include "tests/model/world/world_bench.hpp"

using namespace airlock;
using namespace airlock::test;
using machine::Instruction;

namespace {

class ReferenceBench : public WorldBench {
 public:
  explicit ReferenceBench(const WorldOptions& options = {.guest_debugctl_bits = LBR | BTF | BLCKDB})
      : WorldBench(options) {
    enter_guest(LBR | BTF | BLCKDB, idle_dr6, TF | IF, 3);
    at(layout.machine.cpu.debugctl) = 0;  // so that a copy of it would show
    at(layout.machine.cpu.dr6) = 0;
  }
  void raise(bool single_step, bool bus_lock) {
    at(layout.reference_guest.step_pending) = single_step ? 1 : 0;
    at(layout.reference_guest.lock_pending) = bus_lock ? 1 : 0;
  }
  void take_db(std::uint64_t dr6) {
    add("take #DB", [&](Step& s) { reference_takes_db(s, layout, s.pool().bits(64, dr6)); });
  }
  void complete(Instruction instruction, std::uint64_t read = 0, std::uint64_t operand = 0) {
    add("complete", [&](Step& s) {
      machine::Operands operands{s.pool().boolean(false), s.pool().boolean(false),
                                 s.pool().bits(64, operand)};
      reference_completes(s, layout, instruction, operands, s.pool().bits(64, read));
    });
  }
  void take_gp() {
    add("take #GP", [&](Step& s) { reference_takes_gp(s, layout); });
  }
  void idle() {
    add("idle", [](Step&) {});
  }
  std::string remarked;  ///< of the last step

 private:
  template <typename F>
  void add(const std::string& name, F f) {
    const std::string unique = name + " " + std::to_string(system.rules.size());
    Step s = begin_step(system, layout, unique, "test");
    s.cause({{}, "it", {}});
    f(s);
    s.finish();
    const State before = state;
    remarked = remarks_of(system, *step(unique).rule, before);
  }
};

}  // namespace

TEST_CASE(
    "the reference takes a #DB that it raised: DR6 by its own causes, LBR, BTF and TF clear") {
  ReferenceBench w;
  const auto& ref = w.layout.reference_guest;
  w.raise(true, true);
  w.take_db(0);
  CHECK(w.at(ref.dr6) == ((idle_dr6 ^ BLD) | BS));
  CHECK(w.at(ref.debugctl) == BLCKDB);
  CHECK(w.at(ref.rflags) == IF);
  CHECK(w.at(ref.cpl) == 0);
  CHECK(w.at(ref.step_pending) == 0);
  CHECK(w.at(ref.lock_pending) == 0);
  w.check_nothing_wrong();
}

TEST_CASE("a spurious #DB is noted, and taken with the DR6 that the guest's handler will read") {
  ReferenceBench w;
  const auto& ref = w.layout.reference_guest;
  w.take_db(idle_dr6 ^ BLD);
  CHECK(w.at(w.layout.guest_saw.spurious_db) == 1);
  CHECK(w.at(w.layout.guest_saw.db_dr6) == (idle_dr6 ^ BLD));
  CHECK(w.at(ref.dr6) == (idle_dr6 ^ BLD));
  CHECK(w.at(ref.debugctl) == BLCKDB);
  CHECK(w.at(ref.rflags) == IF);
  CHECK(w.at(ref.cpl) == 0);
}

TEST_CASE("of a spurious #DB's DR6 the reference takes the modelled bits") {
  ReferenceBench w;
  w.take_db(0);
  CHECK(w.at(w.layout.reference_guest.dr6) == (idle_dr6 ^ BLD));
}

TEST_CASE("a spurious #DB pulses for exactly one step") {
  ReferenceBench w;
  w.take_db(idle_dr6 | BS);
  w.idle();
  w.check_nothing_wrong();
  CHECK(w.at(w.layout.reference_guest.dr6) == (idle_dr6 | BS));
}

TEST_CASE("a #DB is lost when the guest completes another instruction first: noted for one step") {
  for (const bool lock : {false, true}) {
    ReferenceBench w;
    w.raise(!lock, lock);
    w.complete(Instruction::popf);
    CHECK(w.at(w.layout.guest_saw.lost_db) == 1);
    CHECK(w.at(w.layout.reference_guest.lock_pending) == 0);
    w.complete(Instruction::nothing_special);
    w.check_nothing_wrong();
  }
}

TEST_CASE("a lost #DB is not taken: the reference's registers stay as they were") {
  ReferenceBench w;
  const auto& ref = w.layout.reference_guest;
  w.raise(true, true);
  w.complete(Instruction::nothing_special);
  CHECK(w.at(ref.dr6) == idle_dr6);
  CHECK(w.at(ref.debugctl) == (LBR | BTF | BLCKDB));
  CHECK(w.at(ref.rflags) == (TF | IF));
  CHECK(w.at(ref.cpl) == 3);
  CHECK(w.at(ref.step_pending) == 0);  // BTF: the next instruction raised none of its own
}

TEST_CASE("the instruction after a lost #DB may raise one of its own") {
  ReferenceBench w;
  w.raise(false, true);
  w.complete(Instruction::taken_branch);
  CHECK(w.at(w.layout.guest_saw.lost_db) == 1);
  CHECK(w.at(w.layout.reference_guest.step_pending) == 1);
  CHECK(w.at(w.layout.reference_guest.lock_pending) == 0);
}

TEST_CASE("a wrong DR6 read is noted with both values, and the reference takes what was read") {
  ReferenceBench w;
  w.at(w.layout.reference_guest.cpl) = 0;
  w.complete(Instruction::mov_from_dr6, (idle_dr6 ^ BLD) | BS);
  const auto& saw = w.layout.guest_saw;
  CHECK(w.at(saw.wrong_dr6) == 1);
  CHECK(w.at(saw.dr6_read) == ((idle_dr6 ^ BLD) | BS));
  CHECK(w.at(saw.dr6_expected) == idle_dr6);
  CHECK(w.at(saw.wrong_debugctl) == 0);
  CHECK(w.at(w.layout.reference_guest.dr6) == ((idle_dr6 ^ BLD) | BS));
  // Resynchronised: the same value read again is right, and the pulse is down.
  w.complete(Instruction::mov_from_dr6, (idle_dr6 ^ BLD) | BS);
  w.check_nothing_wrong();
}

TEST_CASE(
    "a DR6 read that differs in a reserved bit is wrong, and leaves the reference well formed") {
  ReferenceBench w;
  w.complete(Instruction::mov_from_dr6, 0);
  CHECK(w.at(w.layout.guest_saw.wrong_dr6) == 1);
  CHECK(w.at(w.layout.reference_guest.dr6) == (idle_dr6 ^ BLD));
}

TEST_CASE("a wrong RDMSR is noted with both values, and the reference takes what was read") {
  ReferenceBench w;
  w.at(w.layout.reference_guest.rflags) = IF;  // no single step of the reference's own
  w.complete(Instruction::rdmsr_debugctl, FLBRI | 1ULL << 63);
  const auto& saw = w.layout.guest_saw;
  CHECK(w.at(saw.wrong_debugctl) == 1);
  CHECK(w.at(saw.debugctl_read) == (FLBRI | 1ULL << 63));
  CHECK(w.at(saw.debugctl_expected) == (LBR | BTF | BLCKDB));
  CHECK(w.at(saw.wrong_dr6) == 0);
  CHECK(w.at(w.layout.reference_guest.debugctl) == FLBRI);
  w.complete(Instruction::rdmsr_debugctl, FLBRI);
  w.check_nothing_wrong();
}

TEST_CASE("a right read notes nothing and changes nothing") {
  ReferenceBench w;
  w.complete(Instruction::rdmsr_debugctl, LBR | BTF | BLCKDB);
  w.check_nothing_wrong();
  w.complete(Instruction::mov_from_dr6, idle_dr6);
  w.check_nothing_wrong();
  CHECK(w.at(w.layout.reference_guest.debugctl) == (LBR | BTF | BLCKDB));
  CHECK(w.at(w.layout.reference_guest.dr6) == idle_dr6);
}

TEST_CASE("the result of any other instruction is not looked at") {
  ReferenceBench w;
  w.complete(Instruction::always_exits, 0x1234);
  w.complete(Instruction::wrmsr_debugctl, 0x1234, LBR);
  w.check_nothing_wrong();
}

TEST_CASE("the reference's WRMSR keeps guest_debugctl_bits, and nothing on a fault") {
  ReferenceBench w;
  w.complete(Instruction::wrmsr_debugctl, 0, LBR);
  CHECK(w.at(w.layout.reference_guest.debugctl) == LBR);
  w.complete(Instruction::wrmsr_debugctl, 0, BTF | FLBRI);
  CHECK(w.at(w.layout.reference_guest.debugctl) == LBR);
  w.complete(Instruction::wrmsr_debugctl, 0, 0x3F);
  CHECK(w.at(w.layout.reference_guest.debugctl) == (LBR | BTF | BLCKDB));
}

TEST_CASE("#GP follows the real guest: TF clear and CPL 0, and a #DB that was pending is lost") {
  ReferenceBench w;
  const auto& ref = w.layout.reference_guest;
  w.raise(true, false);
  w.take_gp();
  CHECK(w.at(w.layout.guest_saw.lost_db) == 1);
  CHECK(w.at(ref.step_pending) == 0);
  CHECK(w.at(ref.rflags) == IF);
  CHECK(w.at(ref.cpl) == 0);
  CHECK(w.at(ref.debugctl) == (LBR | BTF | BLCKDB));
  w.take_gp();
  w.check_nothing_wrong();
}

TEST_CASE("what the reference takes is what an observer sees it take") {
  ReferenceBench w({.observe_guest = true});
  w.take_gp();
  CHECK(w.at(w.layout.observed->event) == observed_gp);
  w.take_db(idle_dr6);
  CHECK(w.at(w.layout.observed->event) == observed_db);
  w.idle();
  CHECK(w.at(w.layout.observed->event) == observed_nothing);
}

namespace {
constexpr const char* follows = "it|the reference guest follows: ";
}  // namespace

TEST_CASE("an instruction that writes or reads DebugCtl or DR6 tells the value, others tell none") {
  for (const Instruction instruction : machine::all_instructions) {
    CAPTURE(machine::name_of(instruction));
    ReferenceBench w;
    std::string expected;
    std::uint64_t read = idle_dr6 | BS;
    std::uint64_t operand = LBR | std::uint64_t{1} << 63U;
    switch (instruction) {
      case Instruction::wrmsr_debugctl:
        expected = "it|: it writes LBR|a bit that no CPU has\n";
        break;
      case Instruction::rdmsr_debugctl:
        read = LBR | BTF | BLCKDB;
        expected = "it|: it reads LBR|BTF|BLCKDB\n";
        break;
      case Instruction::mov_to_dr6:
        operand = std::uint64_t{1} << 63U | idle_dr6;
        expected = "it|: it writes 80000000FFFF0FF0h\n";
        break;
      case Instruction::mov_from_dr6:
        read = idle_dr6;
        expected = "it|: it reads FFFF0FF0h\n";
        break;
      default: break;
    }
    w.complete(instruction, read, operand);
    CHECK(w.remarked == expected);
  }
}

TEST_CASE("where the reference follows the guest after a fault it is remarked, and nowhere else") {
  ReferenceBench lost;
  lost.raise(true, false);
  lost.complete(Instruction::nothing_special);
  CHECK(lost.remarked ==
        std::string(follows) + "it raised a #DB, and goes on without it as the guest does\n");
  lost.complete(Instruction::nothing_special);
  CHECK(lost.remarked.empty());

  ReferenceBench wrong;
  wrong.at(wrong.layout.reference_guest.rflags) = 0;
  wrong.complete(Instruction::mov_from_dr6, idle_dr6 ^ BLD);
  CHECK(wrong.remarked == "it|: it reads BLD=0\n" + std::string(follows) +
                              "its DR6 becomes what the guest has read\n");
  wrong.complete(Instruction::mov_from_dr6, idle_dr6 ^ BLD);
  CHECK(wrong.remarked == "it|: it reads BLD=0\n");
  wrong.complete(Instruction::rdmsr_debugctl, LBR);
  CHECK(wrong.remarked == "it|: it reads LBR\n" + std::string(follows) +
                              "its DEBUGCTL becomes what the guest has read\n");
  wrong.complete(Instruction::rdmsr_debugctl, LBR);
  CHECK(wrong.remarked == "it|: it reads LBR\n");

  ReferenceBench spurious;
  spurious.take_db(idle_dr6 | BS);
  CHECK(spurious.remarked == std::string(follows) + "it takes this #DB, which it did not raise\n");
  spurious.raise(false, true);
  spurious.take_db(idle_dr6 | BS);
  CHECK(spurious.remarked.empty());

  ReferenceBench fault;
  fault.take_gp();
  CHECK(fault.remarked ==
        std::string(follows) + "it takes the #GP, whether it would raise one or not\n");
}
