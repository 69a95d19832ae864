#include "checker/testgen/controls.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>

#include "checker/testgen/constrain.hpp"

namespace airlock {
namespace {

struct Candidate {
  std::string name;
  GuestProgram program;
};

/// Comments speak of the trace's steps, which a variation does not have.
GuestProgram without_comments(GuestProgram program) {
  for (GuestStep& step : program) {
    step.comment.clear();
  }
  return program;
}

std::vector<Candidate> candidates_of(const GuestProgram& original) {
  std::vector<Candidate> result;
  const GuestProgram program = without_comments(original);
  std::size_t number = 0;
  for (std::size_t i = 0; i < program.size(); ++i) {
    if (program[i].op == GuestOp::db_handler) {
      continue;
    }
    const auto here = static_cast<std::ptrdiff_t>(i);
    const std::string which = fmt::format("instruction {}, {}", ++number, to_text(program[i]));
    if (i + 1 < program.size()) {
      Candidate less{"without " + which, program};
      less.program.erase(less.program.begin() + here);
      result.push_back(std::move(less));
    }
    if (program[i].op == GuestOp::always_exits) {
      Candidate other{"nop instead of " + which, program};
      other.program[i] = {GuestOp::nop};
      result.push_back(std::move(other));
    }
    Candidate more{"an exit before " + which, program};
    more.program.insert(more.program.begin() + here, GuestStep{GuestOp::page_fault});
    result.push_back(std::move(more));
  }
  return result;
}

/// The program up to the first #DB that no db_handler waits for: what the guest does after one is
/// not followed by constrained().
GuestProgram followed(const GuestProgram& program, const std::vector<Seen>& bare) {
  GuestProgram result;
  std::size_t count = 0;
  for (std::size_t i = 0; i < program.size(); ++i) {
    result.push_back(program[i]);
    count += program[i].op == GuestOp::db_handler ? 0 : 1;
    const bool handled = i + 1 < program.size() && program[i + 1].op == GuestOp::db_handler;
    const bool trapped = program[i].op != GuestOp::db_handler &&
                         std::any_of(bare.begin(), bare.end(), [&](const Seen& seen) {
                           return seen.kind == Seen::Kind::db && seen.after == count;
                         });
    if (trapped && !handled) {
      break;
    }
  }
  return result;
}

/// The candidate with what bare metal shows; nothing if it is no program, or shows nothing.
std::optional<Control> control_of(Candidate candidate, const BareCpu& cpu) {
  try {
    candidate.program = followed(candidate.program, on_bare_metal(candidate.program, cpu));
    std::vector<Seen> bare = on_bare_metal(candidate.program, cpu);
    if (!bare.empty()) {
      return Control{std::move(candidate.name), std::move(candidate.program), std::move(bare)};
    }
  } catch (const std::invalid_argument&) {  // without an IRET, say, what follows runs at CPL 3
  }
  return std::nullopt;
}

}  // namespace

std::vector<Control> controls_of(const GuestTest& test, const TransitionSystem& system,
                                 const BareCpu& cpu, const EngineContext& context,
                                 std::size_t& undecided) {
  std::vector<Control> controls;
  undecided = 0;
  for (Candidate& candidate : candidates_of(test.program)) {
    std::optional<Control> control = control_of(std::move(candidate), cpu);
    if (!control) {
      continue;
    }
    const Outcome outcome = guest_sees_a_difference(system, control->program, context);
    undecided += outcome.answer == Reachability::unknown ? 1 : 0;
    if (outcome.answer == Reachability::unreachable) {
      controls.push_back(std::move(*control));
    }
  }
  return controls;
}

}  // namespace airlock
