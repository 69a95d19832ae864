// Who did what in the trace is read from its rules, what the guest saw from the world's own
// bookkeeping (guest_saw, reference_guest). What bare metal shows comes from bare_metal.cpp, and
// must agree with the trace's reference guest as far as the trace goes.
#include "checker/testgen/from_trace.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <stdexcept>

#include "checker/testgen/guest_event.hpp"
#include "checker/testgen/retry.hpp"
#include "checker/trace/names.hpp"

namespace airlock {
namespace {

using machine::Instruction;

class Reader {
 public:
  Reader(const Trace& trace, std::vector<std::size_t> added)
      : trace_(trace), system_(*trace.system), added_(std::move(added)) {}

  std::variant<GuestTest, NoTest> read() {
    for (std::size_t step = 1; step <= trace_.steps() && why_.empty(); ++step) {
      read_step(step);
    }
    if (why_.empty() && test_.program.empty()) {
      why_ = "the guest does nothing in it";
    }
    if (!why_.empty()) {
      return NoTest{why_};
    }
    while (test_.program.back().op == GuestOp::db_handler) {
      test_.program.pop_back();  // nothing was done there
    }
    return std::move(test_);
  }

  /// What the reference guest saw.
  std::vector<Seen> reference_;

 private:
  [[nodiscard]] std::uint64_t value(const char* name, std::size_t state) const {
    const std::optional<VarId> id = system_.find_variable(name);
    if (!id) {
      throw std::logic_error(std::string("no variable ") + name + " in a world with a guest");
    }
    return trace_.states[state][*id];
  }

  [[nodiscard]] std::string shown(const char* name, std::size_t state) const {
    const VarId id = *system_.find_variable(name);
    return shown_value(system_.variables[id], trace_.states[state][id]);
  }

  /// The step's number in the trace as it was found; of one that was put in, that before it.
  [[nodiscard]] std::size_t original(std::size_t step) const {
    return step -
           static_cast<std::size_t>(std::count_if(added_.begin(), added_.end(),
                                                  [&](std::size_t each) { return each <= step; }));
  }

  [[nodiscard]] bool was_added(std::size_t step) const {
    return std::find(added_.begin(), added_.end(), step) != added_.end();
  }

  void read_step(std::size_t step) {
    const Rule& rule = rule_of(trace_, step);
    const GuestEvent event = guest_event(rule);
    const Lane lane = lane_of(rule);
    if (lane == Lane::interrupts || event.interrupt) {
      test_.not_by_a_guest.push_back(outside(step));
    }
    note_debugctl(step);
    if (event.exits) {
      exit_ = step;
    }
    if (gp_ && (event.completes || event.exits)) {
      why_ = fmt::format("in step {} the guest goes on in its #GP handler", original(step));
      return;
    }
    if (event.completes) {
      complete(step, *event.instruction);
    }
    if (event.gp_delivered) {
      operand_of_gp(step);
    }
    if (event.db_delivered) {
      take_db(step);
    }
  }

  /// "step 6 is irq_perf between svm.c:16 and svm.c:17".
  [[nodiscard]] std::string outside(std::size_t step) const {
    const FileNames name(system_);
    const auto place = [&](std::size_t from, bool forward) -> std::string {
      for (std::size_t i = from; i >= 1 && i <= trace_.steps(); forward ? ++i : --i) {
        const Rule& rule = rule_of(trace_, i);
        if (i == step || lane_of(rule) != Lane::host) {
          continue;
        }
        const auto is_line = [](const Cause& cause) { return cause.location.line != 0; };
        const auto first = std::find_if(rule.causes.begin(), rule.causes.end(), is_line);
        const auto last = std::find_if(rule.causes.rbegin(), rule.causes.rend(), is_line);
        if (first != rule.causes.end()) {
          const SourceLocation& at = forward ? first->location : last->location;
          return fmt::format("{}:{}", name(at.file), at.line);
        }
      }
      return forward ? "the end" : "the beginning";
    };
    const Rule& rule = rule_of(trace_, step);
    const std::string who = lane_of(rule) == Lane::interrupts ? rule.actor : rule.name;
    return fmt::format("step {} is {}, between {} and {}", original(step), who, place(step, false),
                       place(step, true));
  }

  /// DebugCtl that is not 0 is something that the CPU must have, and before the guest has run,
  /// something that the host must have done.
  void note_debugctl(std::size_t step) {
    const bool guest = guest_runs(system_, trace_.states[step]) == true;
    if (guest && !entered_) {
      entered_ = true;
      if (value("reference_host.DEBUGCTL", step) != 0) {
        test_.host.push_back("DEBUGCTL=" + shown("reference_host.DEBUGCTL", step));
      }
    }
    if (value("DEBUGCTL", step) != 0) {
      need_debugctl();
    }
  }

  void need_debugctl() {
    if (test_.needs.empty()) {
      test_.needs.emplace_back("DebugCtl");
    }
  }

  [[nodiscard]] std::optional<std::uint64_t> input(std::size_t step, const char* name) const {
    return chosen(system_, rule_of(trace_, step), trace_.path.steps[step - 1], name);
  }

  [[nodiscard]] std::uint64_t operand(std::size_t step, Instruction instruction) const {
    if (value("guest operand known", step - 1) != 0) {
      return value("guest operand", step - 1);
    }
    return instruction == Instruction::wrmsr_debugctl
               ? debugctl_operand(input(step, "WRMSR operand").value_or(0))
               : dr6_operand(input(step, "DR6 operand: BLD").value_or(0) != 0,
                             input(step, "DR6 operand: BS").value_or(0) != 0);
  }

  GuestStep& add(std::size_t step, Instruction instruction) {
    if (db_handler_next_) {
      GuestStep handler{GuestOp::db_handler};
      handler.comment = fmt::format("step {}: the guest's #DB handler", original(db_step_));
      test_.program.push_back(handler);
      db_handler_next_ = false;
    }
    GuestStep next{op_of(instruction)};
    next.comment = was_added(step) ? fmt::format("step {}, retried after its exit", original(exit_))
                                   : fmt::format("step {}", original(step));
    if (const Rule& rule = rule_of(trace_, step); lane_of(rule) == Lane::host) {
      next.comment = fmt::format("step {}, completed by {}", original(exit_), completer(rule));
    }
    if (instruction == Instruction::popf || instruction == Instruction::iret ||
        instruction == Instruction::sysret) {
      next.tf = input(step, "new TF").value_or(0) != 0;
    }
    if (instruction == Instruction::iret) {
      next.user = input(step, "to CPL 3").value_or(0) != 0;
    }
    if (instruction == Instruction::mov_to_dr6 || instruction == Instruction::wrmsr_debugctl) {
      next.value = operand(step, instruction);
    }
    if (instruction == Instruction::wrmsr_debugctl || instruction == Instruction::rdmsr_debugctl) {
      need_debugctl();
    }
    test_.program.push_back(next);
    ++count_;
    return test_.program.back();
  }

  /// The C line before "the guest's … is complete".
  [[nodiscard]] std::string completer(const Rule& rule) const {
    const FileNames name(system_);
    std::string place = "software";
    for (const Cause& cause : rule.causes) {
      if (cause.location.line != 0) {
        place = fmt::format("{}:{}", name(cause.location.file), cause.location.line);
      } else if (cause.event == Event::guest_completes) {
        break;
      }
    }
    return place;
  }

  void complete(std::size_t step, Instruction instruction) {
    if (value("guest_saw.lost_db", step) != 0) {
      reference_.push_back({Seen::Kind::db, count_, 0, {}});
    }
    add(step, instruction);
    const auto read = [&](Seen::Kind kind, const char* wrong, const char* was, const char* expected,
                          const char* reference) {
      const bool differs = value(wrong, step) != 0;
      const std::uint64_t right = differs ? value(expected, step) : value(reference, step - 1);
      reference_.push_back({kind, count_, right, {}});
      test_.predicted.push_back({kind, count_, differs ? value(was, step) : right, {}});
    };
    if (instruction == Instruction::mov_from_dr6) {
      read(Seen::Kind::dr6, "guest_saw.wrong_dr6", "guest_saw.dr6_read", "guest_saw.dr6_expected",
           "reference_guest.DR6");
    }
    if (instruction == Instruction::rdmsr_debugctl) {
      read(Seen::Kind::debugctl, "guest_saw.wrong_debugctl", "guest_saw.debugctl_read",
           "guest_saw.debugctl_expected", "reference_guest.DEBUGCTL");
    }
  }

  void operand_of_gp(std::size_t step) {
    add(step, Instruction::wrmsr_debugctl);
    const Seen gp{Seen::Kind::gp, count_, 0, {}};
    reference_.push_back(gp);
    test_.predicted.push_back(gp);
    gp_ = true;
  }

  void take_db(std::size_t step) {
    test_.predicted.push_back({Seen::Kind::db, count_, 0, {}});
    if (value("guest_saw.spurious_db", step) == 0) {
      reference_.push_back({Seen::Kind::db, count_, 0, {}});
    }
    if (count_ == 0) {
      why_ = fmt::format("in step {} the guest takes a #DB before its first instruction",
                         original(step));
    }
    db_handler_next_ = true;
    db_step_ = step;
  }

  const Trace& trace_;
  const TransitionSystem& system_;
  std::vector<std::size_t> added_;
  GuestTest test_;
  std::string why_;
  std::size_t count_ = 0;
  std::size_t exit_ = 0;
  std::size_t db_step_ = 0;
  bool db_handler_next_ = false;
  bool entered_ = false;
  bool gp_ = false;
};

}  // namespace

std::variant<GuestTest, NoTest> test_from_trace(const Trace& trace, const TraceHeading& heading) {
  if (!trace.system->find_variable("guest_saw.wrong_dr6")) {
    return NoTest{"it has two guests, or none"};
  }
  std::vector<std::size_t> added;
  const std::variant<Trace, std::string> whole = with_retries(trace, added);
  if (const std::string* why = std::get_if<std::string>(&whole)) {
    return NoTest{*why};
  }
  Reader reader(std::get<Trace>(whole), std::move(added));
  std::variant<GuestTest, NoTest> result = reader.read();
  GuestTest* test = std::get_if<GuestTest>(&result);
  if (test == nullptr) {
    return result;
  }
  test->model = heading.model;
  test->fix = heading.fix;
  test->property = trace.property->name;
  test->sentence = last_sentence(trace);
  test->bare_metal = on_bare_metal(test->program, reference_cpu(trace, heading));
  const std::vector<Seen> expected = as_far_as_predicted(*test, test->bare_metal);
  if (as_far_as_predicted(*test, reader.reference_) != expected) {
    return NoTest{
        "its reference guest was corrected on the way, so that it is no bare metal: it saw " +
        to_text(reader.reference_) + ", bare metal shows " + to_text(test->bare_metal)};
  }
  if (test->predicted == expected) {
    return NoTest{
        "the guest sees in it what bare metal shows: what is wrong is not seen by a guest"};
  }
  return result;
}

}  // namespace airlock
