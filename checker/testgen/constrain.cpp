// One variable more, the guest's place in its program. A rule of the guest's may fire where the
// program has its instruction, with the program's operands; completing it moves on. Rules of the
// software that complete an intercepted instruction move on in the same way. An instruction that
// exits leaves the place as it is, so it is retried; that is what a program does and what the
// unconstrained guest need not do.
#include "checker/testgen/constrain.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "checker/explore/explore.hpp"
#include "checker/testgen/guest_event.hpp"

namespace airlock {
namespace {

using machine::Instruction;

constexpr unsigned place_bits = 8;
constexpr std::uint64_t stopped = (1U << place_bits) - 1;

struct Item {
  std::optional<Instruction> instruction;  ///< nothing: wait for an exit that nobody asked for
  GuestStep step;
  bool handled = false;  ///< a #DB after it goes on with the next item
};

/// The program without db_handler and with page faults spelled out: an exit, then a nop. The exit
/// is a physical interrupt's, since a nested page fault is not modelled: to the software both are
/// an exit that completes no instruction, in no fast path.
std::vector<Item> items_of(const GuestProgram& program) {
  std::vector<Item> items;
  for (const GuestStep& step : program) {
    if (step.op == GuestOp::db_handler) {
      if (!items.empty()) {
        items.back().handled = true;
      }
      continue;
    }
    if (step.op == GuestOp::page_fault) {
      items.push_back({std::nullopt, step, false});
    }
    items.push_back({instruction_of(step.op), step, false});
  }
  items.push_back({Instruction::nothing_special, {}, false});
  if (items.size() >= stopped) {
    throw std::length_error("a guest's program of more than 250 instructions");
  }
  return items;
}

class Constrainer {
 public:
  Constrainer(const TransitionSystem& system, const GuestProgram& program)
      : result_(system), items_(items_of(program)) {
    const Sort sort = Sort::bits(place_bits);
    place_ =
        result_.add_variable("guest's place", sort, result_.pool->constant(sort, 0), {}, hidden());
  }

  TransitionSystem constrain() {
    for (Rule& rule : result_.rules) {
      constrain(rule);
    }
    result_.control.push_back(place_);
    return std::move(result_);
  }

 private:
  [[nodiscard]] Expr place() const { return result_.variable(place_); }
  [[nodiscard]] Expr constant(std::uint64_t value) const {
    return result_.pool->bits(place_bits, value);
  }
  [[nodiscard]] Expr at(std::uint64_t item) const { return eq(place(), constant(item)); }

  void constrain(Rule& rule) {
    const GuestEvent event = guest_event(rule);
    Expr next = place();
    if (event.instruction) {
      Expr allowed = result_.pool->boolean(false);
      for (std::size_t i = 0; i < items_.size(); ++i) {
        if (items_[i].instruction == event.instruction) {
          Expr here = at(i);
          if (event.completes) {
            here = here && operands_match(rule, items_[i].step, *event.instruction);
          }
          allowed = allowed || here;
        }
      }
      rule.guard = rule.guard && allowed;
      next = event.completes ? place() + constant(1) : place();
    }
    if (event.interrupt) {
      for (std::size_t i = 0; i < items_.size(); ++i) {
        next = items_[i].instruction ? next : ite(at(i), constant(i + 1), next);
      }
    }
    if (event.gp_delivered) {
      next = constant(stopped);
    }
    if (event.db_delivered) {
      const Expr arrived = next;
      next = constant(stopped);
      for (std::size_t i = 0; i < items_.size(); ++i) {
        const Expr after = constant(i + 1);
        next = items_[i].handled ? ite(eq(arrived, after), after, next) : next;
      }
    }
    if (next != place()) {
      rule.updates.push_back({place_, next});
    }
  }

  [[nodiscard]] Expr operands_match(const Rule& rule, const GuestStep& step,
                                    Instruction instruction) const {
    Expr match = result_.pool->boolean(true);
    const auto is = [&](const char* name, std::uint64_t value) {
      for (const InputId id : rule.inputs) {
        if (result_.inputs[id].name == name) {
          const Expr input = result_.input(id);
          match = match && eq(input, same_sort(input, value));
        }
      }
    };
    is("new TF", step.tf ? 1 : 0);
    is("to CPL 3", step.user ? 1 : 0);
    const bool wrmsr = instruction == Instruction::wrmsr_debugctl;
    if (!wrmsr && instruction != Instruction::mov_to_dr6) {
      return match;
    }
    // Software may have looked at the operand in an earlier step: then it is remembered.
    const std::optional<VarId> known = result_.find_variable("guest operand known");
    const std::optional<VarId> operand = result_.find_variable("guest operand");
    const Expr remembered =
        eq(result_.variable(*operand), same_sort(result_.variable(*operand), step.value));
    match = result_.pool->boolean(true);
    if (wrmsr) {
      is("WRMSR operand", (step.value & 7U) | (step.value >> 11U & 3U) << 3U |
                              static_cast<std::uint64_t>((step.value & ~0x1807ULL) != 0) << 5U);
    } else {
      is("DR6 operand: BLD", step.value >> 11U & 1U);
      is("DR6 operand: BS", step.value >> 14U & 1U);
    }
    return rule.agent == AgentKind::guest ? match
                                          : ite(result_.variable(*known), remembered, match);
  }

  TransitionSystem result_;
  std::vector<Item> items_;
  VarId place_ = 0;
};

}  // namespace

TransitionSystem constrained(const TransitionSystem& system, const GuestProgram& program) {
  return Constrainer(system, program).constrain();
}

Outcome guest_sees_a_difference(const TransitionSystem& system, const GuestProgram& program,
                                const EngineContext& context) {
  const TransitionSystem with_program = constrained(system, program);
  Expr target = with_program.pool->boolean(false);
  constexpr std::array pulses{"guest_saw.wrong_dr6", "guest_saw.wrong_debugctl",
                              "guest_saw.lost_db", "guest_saw.spurious_db"};
  for (const char* const pulse : pulses) {
    const std::optional<VarId> id = with_program.find_variable(pulse);
    if (!id) {
      throw std::invalid_argument("the system has no guest that could be held to a program");
    }
    target = target || with_program.variable(*id);
  }
  const std::array targets{target};
  return explore(with_program, targets, context).outcomes.front();
}

}  // namespace airlock
