// A test on a kernel: what to run, and what the answers say together.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "checker/reproduce/assemble.hpp"
#include "checker/reproduce/outcome.hpp"
#include "checker/testgen/guest_test.hpp"

namespace airlock {

enum class TestResult : std::uint8_t {
  bare_metal,    ///< each run as on bare metal
  reproduced,    ///< some runs as the model predicts, the others as on bare metal
  differs,       ///< some run as neither
  inconclusive,  ///< a control saw something else than bare metal shows
  not_run,       ///< nothing was run: `why`
};

/// A program to run: of the test or of one of its controls, with one instruction that exits.
struct Piece {
  std::optional<std::size_t> control;           ///< which; nothing: the test itself
  const ExitingInstruction* exiting = nullptr;  ///< null: the program has none
  Assembled guest;
};

struct Plan {
  std::vector<Piece> pieces;
  std::string why_not;  ///< why the test cannot be run; then there are no pieces
};

/// What QEMU's software CPU can show of the test.
Plan plan_of(const GuestTest& test);

/// Each different thing that was seen, and how often.
using Tally = std::map<std::string, std::size_t>;

struct PieceResult {
  std::size_t piece;
  std::size_t bare = 0;       ///< runs as on bare metal
  std::size_t predicted = 0;  ///< runs as the model predicts
  std::size_t runs = 0;
  Tally seen;
  std::vector<std::string> evidence;  ///< KVM's events in one run more; empty: not asked for
};

struct Judgement {
  TestResult result = TestResult::not_run;
  std::string why;  ///< not_run
  std::vector<PieceResult> pieces;
};

/// `lines` are those of each piece, in the plan's order. Throws Unavailable if runs are missing.
Judgement judge(const GuestTest& test, const Plan& plan, std::size_t repeat,
                const std::vector<std::vector<std::string>>& lines);

/// For people. `title` names the test and the kernel.
std::string render(const std::string& title, const GuestTest& test, const Plan& plan,
                   const Judgement& judgement);

}  // namespace airlock
