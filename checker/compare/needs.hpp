// What a verdict rests on: which lines of a fix, and which assumptions.
#pragma once

#include <functional>
#include <map>
#include <set>
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

/// What there is to relax.
struct NeedsInput {
  std::size_t elements = 0;         ///< numbered from 0
  std::vector<std::string> actors;  ///< those that are off
  /// By name, the values that they do not have but might.
  std::map<std::string, std::vector<std::string>> parameters;
  /// The system with that relaxed. More elements and actors must give more runs, never fewer, with
  /// all readings free. Throws InputError. Called under a StopScope (model/system/stop.hpp) that
  /// knows of the context's deadline and cancellation.
  std::function<TransitionSystem(const Relaxed&)> build;
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
  std::size_t questions = 0;
  double seconds = 0;
};

/// For an always_ or never_ property that holds under `pins`, with all other readings free.
/// `more_pins`: those and further ones, under which violations are looked for first, because there
/// are fewer states. Assumptions are given up first, so that there are as few of them as deletion
/// leaves.
Needs find_needs(const NeedsInput& input, const std::string& property, const Pins& pins,
                 const Pins& more_pins, const EngineContext& context);

}  // namespace airlock
