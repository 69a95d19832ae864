#include "checker/reproduce/judge.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "checker/reproduce/process.hpp"
#include "model/system/printable.hpp"

namespace airlock {
namespace {

bool has_exit(const GuestProgram& program) {
  return std::any_of(program.begin(), program.end(),
                     [](const GuestStep& step) { return step.op == GuestOp::always_exits; });
}

/// The program with each instruction that exits with which it can be run; why not, if with none.
std::string add_pieces(const GuestProgram& program, std::optional<std::size_t> control,
                       std::vector<Piece>& pieces) {
  std::string why_not;
  bool any = false;
  for (const ExitingInstruction& exiting : exiting_instructions()) {
    std::variant<Assembled, std::string> made = assemble(program, exiting);
    if (std::string* why = std::get_if<std::string>(&made)) {
      why_not = std::move(*why);
    } else {
      any = true;
      pieces.push_back(
          {control, has_exit(program) ? &exiting : nullptr, std::move(std::get<Assembled>(made))});
    }
    if (!has_exit(program)) {
      break;
    }
  }
  return any ? "" : why_not;
}

TestResult result_of(const Plan& plan, const std::vector<PieceResult>& pieces) {
  TestResult result = TestResult::bare_metal;
  for (const PieceResult& each : pieces) {
    if (plan.pieces[each.piece].control) {
      if (each.bare != each.runs) {
        return TestResult::inconclusive;
      }
    } else if (each.bare + each.predicted != each.runs) {
      result = TestResult::differs;
    } else if (each.predicted != 0 && result == TestResult::bare_metal) {
      result = TestResult::reproduced;
    }
  }
  return result;
}

std::string name_of(TestResult result) {
  switch (result) {
    case TestResult::bare_metal: return "as bare metal";
    case TestResult::reproduced: return "as predicted, reproduced";
    case TestResult::differs: return "DIFFERS from both bare metal and the prediction";
    case TestResult::inconclusive: return "inconclusive: a control failed";
    case TestResult::not_run: break;
  }
  return "not run";
}

/// "dr6=…@1 (200 of 200)", for each thing that was seen.
std::string shown(const PieceResult& piece) {
  std::string text;
  for (const auto& [seen, count] : piece.seen) {
    text += (text.empty() ? "" : "; ") + fmt::format("{} ({} of {})", seen, count, piece.runs);
  }
  return text;
}

std::string with(const Piece& piece) {
  return piece.exiting == nullptr ? "" : " with " + piece.exiting->text;
}

}  // namespace

Plan plan_of(const GuestTest& test) {
  Plan plan;
  if (!test.not_by_a_guest.empty()) {
    plan.why_not = "not reproducible by a guest alone: " + test.not_by_a_guest.front();
  } else if (!test.needs.empty()) {
    plan.why_not = "needs " + test.needs.front() + ", which QEMU's software CPU does not have";
  } else if (!test.host.empty()) {
    plan.why_not = "needs a host with " + test.host.front();
  } else {
    plan.why_not = add_pieces(test.program, std::nullopt, plan.pieces);
  }
  for (std::size_t i = 0; plan.why_not.empty() && i < test.controls.size(); ++i) {
    // A control that cannot be run is not there; one at least must be.
    (void)add_pieces(test.controls[i].program, i, plan.pieces);
  }
  const bool controlled = std::any_of(plan.pieces.begin(), plan.pieces.end(),
                                      [](const Piece& piece) { return piece.control.has_value(); });
  if (plan.why_not.empty() && !controlled) {
    plan.why_not = "it has no control that could be run: nobody could say what it shows";
    plan.pieces.clear();
  }
  return plan;
}

Judgement judge(const GuestTest& test, const Plan& plan, std::size_t repeat,
                const std::vector<std::vector<std::string>>& lines) {
  Judgement judgement;
  if (!plan.why_not.empty()) {
    judgement.why = plan.why_not;
    return judgement;
  }
  for (std::size_t i = 0; i < plan.pieces.size(); ++i) {
    const Piece& piece = plan.pieces[i];
    if (lines[i].size() != repeat) {
      throw Unavailable(
          fmt::format("of {} runs of a guest {} were heard of", repeat, lines[i].size()));
    }
    PieceResult result{i, 0, 0, repeat, {}, {}};
    const std::vector<Seen>& bare =
        piece.control ? test.controls[*piece.control].bare_metal : test.bare_metal;
    for (const std::string& line : lines[i]) {
      const std::vector<Seen> seen = outcome_of(line, piece.guest);
      ++result.seen[to_text(seen)];
      if (seen == bare) {
        ++result.bare;
      } else if (!piece.control && as_far_as_predicted(test, seen) == test.predicted) {
        ++result.predicted;
      }
    }
    judgement.pieces.push_back(std::move(result));
  }
  judgement.result = result_of(plan, judgement.pieces);
  return judgement;
}

std::string render(const std::string& title, const GuestTest& test, const Plan& plan,
                   const Judgement& judgement) {
  std::string text = title + ": " + name_of(judgement.result);
  if (judgement.result == TestResult::not_run) {
    return text + ": " + printable(judgement.why) + "\n";
  }
  text += "\n  bare metal shows  " + to_text(test.bare_metal) + "\n";
  text += "  predicted is      " + to_text(test.predicted) + "\n";
  std::vector<std::string> as_bare;
  std::size_t control_runs = 0;
  std::string controls;
  for (const PieceResult& each : judgement.pieces) {
    const Piece& piece = plan.pieces[each.piece];
    if (piece.control) {
      control_runs += each.runs;
      if (each.bare != each.runs) {
        const Control& control = test.controls[*piece.control];
        controls += fmt::format("  control failed    {}{}: {}; bare metal shows {}\n",
                                printable(control.name), with(piece), shown(each),
                                to_text(control.bare_metal));
      }
    } else if (each.bare == each.runs) {
      as_bare.push_back(piece.exiting == nullptr ? "the test" : piece.exiting->text);
    } else {
      text += fmt::format(
          "  {}  {}{}\n",
          each.bare + each.predicted == each.runs ? "seen            " : "seen, as neither",
          shown(each), with(piece));
      for (const std::string& event : each.evidence) {
        text += "    | " + printable(event) + "\n";
      }
    }
  }
  if (!as_bare.empty()) {
    text += fmt::format("  as bare metal     {}\n", fmt::join(as_bare, ", "));
  }
  return text + (controls.empty() ? fmt::format("  controls          all right: {} variations, {} "
                                                "runs\n",
                                                test.controls.size(), control_runs)
                                  : controls);
}

}  // namespace airlock
