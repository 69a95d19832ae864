// A trace: a path that the reference interpreter has replayed, so that it can be believed and
// shown.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/system/pin.hpp"
#include "model/system/system.hpp"

namespace airlock {

/// A replayed path. Borrows the system and the property; both must outlive it.
struct Trace {
  const TransitionSystem* system;
  const Property* property;
  Path path;
  std::vector<State> states;  ///< the initial one first: one more than steps
  /// By step: rules of which only some causes happen here, with these. See rule_of().
  std::map<std::size_t, Rule> told = {};
  /// What is known of how the last state goes on; a sentence, or empty (checker/compare/late).
  std::string afterwards = {};
  [[nodiscard]] std::size_t steps() const { return path.steps.size(); }
};

/// Replays `path` in `system` and checks that it ends in a state that the property is about: a
/// witness for reachable_, a violation for the others. Builds no expressions, so that threads may
/// replay side by side. Throws std::logic_error if the path does not replay or ends elsewhere: the
/// engine that found it is wrong.
Trace make_trace(const TransitionSystem& system, const Property& property, Path path);

/// One variable that a step changed.
struct Change {
  VarId variable;
  std::uint64_t from;
  std::uint64_t to;
};

/// What step `step` (1 is the first) changed: the real machine and the software first, then the
/// guest view, then the references; within a group in the system's order. Never what is hidden.
std::vector<Change> changes(const Trace& trace, std::size_t step);

/// format_value, but hexadecimal for large plain numbers: 64-bit registers that C keeps in globals.
std::string shown_value(const Variable& variable, std::uint64_t value);

/// The name of the option that a choice has in `state`; the value in decimal if it has no name.
std::string option_in(const Choice& choice, const State& state);

/// One sentence about the last state: the property's with its {variable name}s filled in, or its
/// text and the values of the variables that it mentions; then what is known to come afterwards.
std::string last_sentence(const Trace& trace);

/// `text` with the {variable name}s of a Property::sentence filled in.
std::string filled_in(const std::string& text, const TransitionSystem& system, const State& state);

struct UntrackedTexts;  // checker/trace/untracked.hpp

/// What a trace does not know about itself, for its heading.
struct TraceHeading {
  std::string model;
  std::string fix;
  std::vector<std::pair<std::string, std::string>> parameters;  ///< name, value as shown
  std::vector<std::string> actors;                              ///< those that are on
  Pins pins;                                                    ///< the choices that were pinned
  /// Of a slice: what it does not follow. Null of a model.
  std::shared_ptr<const UntrackedTexts> untracked = {};
};

}  // namespace airlock
