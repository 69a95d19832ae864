// Coverage: does the model mean anything? What of a world ever happens, and which properties have
// something to say.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "checker/engine.hpp"
#include "model/system/marker.hpp"
#include "model/system/pin.hpp"
#include "model/system/system.hpp"

namespace airlock {

/// A world as it would be with another value of a parameter: difference.hpp says how it is
/// compared.
struct OtherSystem {
  std::string name;  ///< "cpu_has_lbrv=0"
  std::function<TransitionSystem()> build;
};

/// A world to measure. `system` has markers (model/system/marker.hpp) and all its choices free.
struct CoverageInput {
  std::string fix;
  TransitionSystem system;
  std::vector<CodePoint> code;
  std::vector<PropertyOperand> operands = {};
  std::vector<OtherSystem> others = {};
  /// Parameters of which no other value is known, as "name=value".
  std::vector<std::string> single = {};
  /// What files are called in the names of points, if not by the last component of their path.
  std::map<std::string, std::string> file_names = {};
};

enum class PointKind : std::uint8_t {
  statement,  ///< runs
  condition,  ///< comes out true, or false: two points
  hardware,   ///< an event of the hardware happens
  choice,     ///< an option of a silent point of the manual makes a difference to some step
  parameter,  ///< so does another value of a parameter
};

/// "statement", "condition", "hardware", "reading", "parameter".
const char* to_string(PointKind kind);

/// Something that a run can do.
struct CoveragePoint {
  PointKind kind = PointKind::statement;
  /// "svm.c:42:2", "svm.c:42:6 true", "the guest executes IRET", "choice=option",
  /// "parameter=value": what the manifest calls it, and unique within a world.
  std::string name;
  std::string text;         ///< the line; empty for what is no C code
  SourceLocation location;  ///< line 0 for what is no C code
  bool reached = false;
};

/// Something in a property without which it would say something else.
struct ClauseCheck {
  enum class Kind : std::uint8_t {
    /// A part of a clause: where no other part of the same clause helps, does a run ever come? If
    /// not, the clause holds already without this part: something stronger is true.
    part,
    /// A piece of the C code that is evaluated in some states only: does a run ever come there? If
    /// not, the property claims nothing here: it is vacuous. So it is where an && is never true on
    /// which something depends, or where of parts that are never to be true together all but one
    /// never are.
    operand,
  };
  Kind kind = Kind::part;
  std::string part;  ///< "cpu.guest_mode == 0"; of an operand, its place: "guarantees.c:15:34"
  PropertyOperand::Asks asks = PropertyOperand::Asks::evaluated;  ///< of an operand
  std::string text;  ///< of an operand, the line; empty: the whole, which is true in every state
  Property witness;  ///< reachable_: the states in which it matters
  Outcome outcome;   ///< path: in the system that was given, pinned
  [[nodiscard]] bool idle() const { return outcome.answer == Reachability::unreachable; }
};

struct PropertyCheck {
  std::string property;
  std::vector<ClauseCheck> clauses;
};

struct Coverage {
  std::string fix;
  TransitionSystem pinned;  ///< the system of the witnesses
  std::vector<CoveragePoint> points;
  std::vector<PropertyCheck> properties;
  std::vector<std::string> single;  ///< parameters whose values nobody could ask about
  bool begun = true;  ///< false: time ran out before it was known what there is to reach
  /// What is not reached is unreachable, but for values of parameters.
  bool explored = false;
  bool complete = false;  ///< explored, and other values of parameters were followed to the end
  std::string reason;     ///< why it is not complete
  std::uint64_t states = 0;
  double seconds = 0;
};

/// What is looked for, and how far.
struct CoverageSearch {
  /// Points by name, and clauses by key(), that need not be looked for: when everything else was
  /// seen, exploration stops.
  std::set<std::string> not_awaited;
  std::uint64_t max_states = 0;  ///< stop after the level that has as many; 0: no limit
};

/// Unique within a row.
std::string key(const PropertyCheck& property, const ClauseCheck& clause);

/// A world being measured.
class CoverageRun {
 public:
  /// Under the default pins and `chosen`. `properties`: only these are taken apart; empty: all.
  /// Throws InputError for unknown inputs.
  CoverageRun(CoverageInput input, const Pins& chosen, const std::vector<std::string>& properties);
  /// A row about which there was no time to ask anything.
  static CoverageRun not_begun(const std::string& fix, const std::string& reason);
  ~CoverageRun();
  CoverageRun(CoverageRun&&) noexcept;
  CoverageRun& operator=(CoverageRun&&) noexcept;

  /// Explores until all that is awaited was seen to happen, or there is nothing more to see: what
  /// is then not reached is unreachable. Adds to what earlier calls found. Does nothing about what
  /// was not begun.
  void explore(const CoverageSearch& search, const EngineContext& context);
  [[nodiscard]] const Coverage& coverage() const;
  [[nodiscard]] Coverage take() &&;

 private:
  CoverageRun();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace airlock
