// Markers: what a system tells about itself beside what it does, for coverage.
//
// A marker is a rule that changes nothing and fires exactly where another rule fires and, within
// it, something happens that has a place of its own: a statement is run, a condition comes out one
// way. So "does this line ever run" is asked of a system as "does this rule ever fire", and every
// pass and engine that understands rules understands it. Markers are only there where they are
// asked for (WorldOptions::coverage); no verdict rests on a system that has them.
#pragma once

#include <string>

#include "model/system/system.hpp"

namespace airlock {

/// What happened at a place of the C files. `evaluated`: a value that need not be, since it stands
/// behind &&, || or ?:, in a condition or after return.
enum class Happened : std::uint8_t {
  ran,
  was_true,
  was_false,
  evaluated,
  all_true,  ///< an && whose last operand stands there
};

/// The actor of markers.
inline constexpr const char* marker_actor = "(marker)";

/// What a step remembers of it: of what runs, or of what a function that only returns something
/// needs for that.
enum class Marking : std::uint8_t { nothing, runs, evaluations };

/// The name of a marker's rule: "ran", "true", "false", "evaluated", "all true".
inline const char* name_of(Happened what) {
  switch (what) {
    case Happened::was_true: return "true";
    case Happened::was_false: return "false";
    case Happened::evaluated: return "evaluated";
    case Happened::all_true: return "all true";
    case Happened::ran: break;
  }
  return "ran";
}

/// True for markers; their one cause is the place.
inline bool is_marker(const Rule& rule) {
  return rule.agent == AgentKind::marker;
}

/// A statement, or a condition (of if, loops, switch, ?:, and each operand of && and ||), that a
/// world's C code has, whether or not any rule came of it.
struct CodePoint {
  SourceLocation location;
  std::string text;  ///< the line, trimmed
  std::string function;
  bool condition = false;  ///< else a statement
};

/// A piece of a property's C code that is looked at in some states only: b in `!a || b`. In C's
/// order what decides whether a claim is made stands before the claim, so where no state evaluates
/// it, the property claims nothing there: it is vacuous.
struct PropertyOperand {
  std::string property;
  SourceLocation location;
  std::string text;  ///< the line, trimmed
  Expr evaluated;    ///< where; Bool, over variables
  /// What is asked about the piece of C code.
  enum class Asks : std::uint8_t {
    evaluated,  ///< is it ever looked at?
    all_true,   ///< an &&: is it ever true?
    others,     ///< a part of an && that the property says never to be true: are the others ever?
  };
  Asks asks = Asks::evaluated;
  Expr part = {};  ///< others: the part
};

}  // namespace airlock
