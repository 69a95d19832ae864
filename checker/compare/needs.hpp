// What a verdict rests on: which lines of a fix, and which assumptions.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "checker/engine.hpp"
#include "model/system/pin.hpp"

namespace airlock {

/// What a system need not keep to.
struct Relaxed {
  std::set<std::size_t> elements;                 ///< pieces of the fix, by number
  std::set<std::string> actors;                   ///< run, though they are off
  std::map<std::string, std::string> parameters;  ///< have these values, not those in force
};

/// An always_ or never_ property, but not always_can_continue, that holds under `pins`, with all
/// other choices free.
struct NeedsQuestion {
  std::string property;
  Pins pins;
};

/// A fix: what there is to relax, and of which properties it is asked.
struct NeedsInput {
  std::string fix;           ///< for progress
  std::size_t elements = 0;  ///< numbered from 0
  /// Those that are off.
  std::vector<std::string> actors = {};
  /// By name, the values that they do not have but might.
  std::map<std::string, std::vector<std::string>> parameters = {};
  /// The system with that relaxed. More elements and actors must give more runs, never fewer, with
  /// all choices free. Throws InputError. Called from several threads at once, each under a
  /// StopScope (model/system/stop.hpp) that knows of the context's deadline and cancellation.
  std::function<TransitionSystem(const Relaxed&)> build;
  /// The pins of every question, and further ones: violations are looked for under these first,
  /// because there are fewer states.
  Pins more_pins = {};
  std::vector<NeedsQuestion> questions = {};
};

/// A set of pieces and assumptions with which the property holds, whatever becomes of the others:
/// it holds in every system in which only others are relaxed, all of them at once. Minimal: if one
/// member more is relaxed, it does not hold.
struct Needs {
  std::vector<std::size_t> elements;    ///< ascending
  std::vector<std::string> actors;      ///< must stay off
  std::vector<std::string> parameters;  ///< must stay as they are
  bool minimal = true;                  ///< false: some question was left undecided
  std::string reason;                   ///< which, and why; or why nothing could be asked
  std::size_t questions = 0;            ///< worlds in which the property was asked about
  /// During which a thread worked on it. What was done for several properties at once (a world is
  /// built and reduced for all of them) is divided equally among them.
  double seconds = 0;
};

/// Called after each piece of work, from one thread at a time; pieces are of different sizes.
using NeedsProgress =
    std::function<void(std::size_t done, std::size_t total, const std::string& what)>;

/// Per fix and question, what the property needs there. Fixes and properties are worked on side by
/// side (`context.jobs`). Assumptions are given up first, then pieces, in the order of the text, so
/// that there are as few assumptions as deletion leaves; the answer does not depend on the number
/// of threads, unless time or memory runs out.
std::vector<std::vector<Needs>> find_needs(std::span<const NeedsInput> fixes,
                                           const EngineContext& context,
                                           const NeedsProgress& progress = {});

}  // namespace airlock
