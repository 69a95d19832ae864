// The reference guest without the rest of the world: the same functions of model/machine, on
// constants. A test's expectations come from here, and for a test that comes from a trace they are
// held against what the trace's own reference guest did (from_trace.cpp).
#include "checker/testgen/bare_metal.hpp"

#include <fmt/format.h>
#include <stdexcept>

#include "model/machine/debugctl.hpp"
#include "model/machine/dr6.hpp"
#include "model/machine/registers.hpp"
#include "model/system/interpreter.hpp"

namespace airlock {
namespace {

using machine::Instruction;

class Run {
 public:
  Run(const GuestProgram& program, const BareCpu& cpu) : program_(program), cpu_(cpu) {
    choices_ = machine::add_choices(system_);
    for (const Choice& choice : system_.choices) {
      std::uint64_t value = choice.options.front().value;
      if (const auto chosen = cpu.choices.find(choice.name); chosen != cpu.choices.end()) {
        for (const Choice::Option& option : choice.options) {
          value = option.name == chosen->second ? option.value : value;
        }
      }
      state_.resize(system_.variables.size());
      state_[choice.variable] = value;
    }
    ExprPool& pool = *system_.pool;
    r_ = {pool.bits(64, 0), pool.bits(64, machine::dr6::nothing_pending), pool.bits(64, 0),
          pool.bits(2, 0)};
  }

  void go() {
    for (std::size_t i = 0; i < program_.size() && !ended_; ++i) {
      moments_.push_back({value_of(r_.cpl) != 0, tf()});
      const GuestStep& step = program_[i];
      if (step.op == GuestOp::db_handler) {
        continue;
      }
      const bool trapped = execute(step);
      const bool handled = i + 1 < program_.size() && program_[i + 1].op == GuestOp::db_handler;
      if (trapped) {
        take_db(handled);
      }
    }
    moments_.resize(program_.size());
  }

  std::vector<Seen> seen_;
  std::vector<BareMoment> moments_;

 private:
  [[nodiscard]] std::uint64_t value_of(Expr e) const { return evaluate(e, state_); }
  [[nodiscard]] bool tf() const { return (value_of(r_.rflags) >> machine::rflags::TF & 1U) != 0; }
  void see(Seen::Kind kind, std::uint64_t value = 0) { seen_.push_back({kind, count_, value, {}}); }

  /// Whether it raises a #DB, which then waits in causes_.
  bool execute(const GuestStep& step) {
    ExprPool& pool = *system_.pool;
    const Instruction instruction = *instruction_of(step.op);
    ++count_;
    if (machine::needs_cpl0(instruction) && value_of(r_.cpl) != 0) {
      throw std::invalid_argument(
          fmt::format("instruction {} needs CPL 0 and runs at CPL 3", count_));
    }
    if (instruction == Instruction::mov_from_dr6) {
      see(Seen::Kind::dr6, value_of(r_.dr6));
    }
    if (instruction == Instruction::rdmsr_debugctl) {
      see(Seen::Kind::debugctl, value_of(r_.debugctl));
    }
    const machine::Operands operands{pool.boolean(step.tf), pool.boolean(step.user),
                                     pool.bits(64, step.value)};
    Expr written = r_.debugctl;
    if (instruction == Instruction::wrmsr_debugctl) {
      if ((step.value & ~machine::debugctl::guest_writable) != 0) {
        see(Seen::Kind::gp);
        ended_ = true;
        return false;
      }
      written = machine::virtual_debugctl_written(r_.debugctl, operands.value, cpu_.debugctl_bits);
    }
    causes_ = machine::execute(r_, instruction, operands, written, choices_);
    const bool trapped = value_of(causes_.any()) != 0;
    settle();
    return trapped;
  }

  void take_db(bool handled) {
    see(Seen::Kind::db);
    r_.dr6 = machine::dr6_after_db(r_.dr6, causes_);
    r_.debugctl = machine::cleared_by_db(r_.debugctl);
    const Expr interrupted = r_.cpl;
    machine::deliver_db(r_);
    if (!handled) {
      r_.cpl = interrupted;  // the handler returns, and TF stays clear
    }
    settle();
  }

  /// Registers as constants, so that expressions stay small.
  void settle() {
    for (Expr* reg : {&r_.debugctl, &r_.dr6, &r_.rflags, &r_.cpl}) {
      *reg = same_sort(*reg, value_of(*reg));
    }
  }

  const GuestProgram& program_;
  const BareCpu& cpu_;
  TransitionSystem system_;
  machine::Choices choices_;
  State state_;
  machine::GuestRegisters r_;
  machine::DbCauses causes_;
  std::size_t count_ = 0;
  bool ended_ = false;
};

}  // namespace

std::vector<Seen> on_bare_metal(const GuestProgram& program, const BareCpu& cpu) {
  Run run(program, cpu);
  run.go();
  return run.seen_;
}

std::vector<BareMoment> moments_on_bare_metal(const GuestProgram& program, const BareCpu& cpu) {
  Run run(program, cpu);
  run.go();
  return run.moments_;
}

}  // namespace airlock
