// What the command's exit status means.
#pragma once

#include <string>

#include "checker/compare/decide.hpp"
#include "checker/trace/text.hpp"

namespace airlock {

enum class ExitStatus : int {
  holds = 0,             ///< everything asked for holds
  violated = 1,          ///< something is violated
  bad_input = 2,         ///< the user's files or arguments are wrong
  undecided = 3,         ///< nothing is violated, but something is unknown
  disagree = 4,          ///< two engines gave different answers: do not trust either
  differs = 5,           ///< reproduce: the model is wrong about a kernel
  doubtful = 6,          ///< check: violated, but only by runs that guess what is not followed
  unavailable = 69,      ///< reproduce: what it needs is not to be had, or failed
  internal = 70,         ///< a bug of ours, or no memory
  cannot_write = 74,     ///< a file or standard output could not be written
  cannot_tell = 125,     ///< check under git bisect: pass this revision over
  ends_bisection = 255,  ///< check under git bisect: an error that is no revision's fault
};

constexpr ExitStatus status_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds: return ExitStatus::holds;
    case Verdict::violated: return ExitStatus::violated;
    case Verdict::unknown: break;
  }
  return ExitStatus::undecided;
}

/// The verdict of two things together.
constexpr Verdict worse(Verdict a, Verdict b) {
  if (a == Verdict::violated || b == Verdict::violated) {
    return Verdict::violated;
  }
  return a == Verdict::unknown ? a : b;
}

/// The last line of a text that ends with another status than 0: which, and why.
inline std::string closing_line(ExitStatus status, const std::string& why, unsigned width = 100) {
  if (status == ExitStatus::holds) {
    return {};
  }
  const std::string first = "Exit status " + std::to_string(static_cast<int>(status)) + ": ";
  std::string lines = "\n";
  for (const std::string& line : wrap(first + why + ".", width)) {
    lines += line + "\n";
  }
  return lines;
}

}  // namespace airlock
