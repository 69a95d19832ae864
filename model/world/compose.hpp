// Composition: machine, software, actors and references become one transition system.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/software/program.hpp"
#include "model/system/marker.hpp"
#include "model/world/entries.hpp"
#include "model/world/layout.hpp"

namespace airlock {

/// What worlds of the same text call the same things, so that their rules can be compared.
struct Numbering {
  std::map<std::string, std::uint64_t> places;  ///< ThreadOptions::known
  std::vector<std::string> reasons;             ///< for undefined behaviour: 1, 2, ...
  std::vector<std::string> lost;                ///< why the reference host cannot follow: 1, 2, ...
};

/// What is composed. All borrowed.
struct Composition {
  const Program& program;
  const std::set<std::string>& actors;  ///< those that are enabled, by ActorEntry::name
  Numbering* numbering = nullptr;       ///< continued; null: the world has numbers of its own
  /// Filled with what properties look at in some states only; null: nobody asks.
  std::vector<PropertyOperand>* operands = nullptr;
  bool can_continue = true;          ///< with the property always_can_continue
  const Entries* entries = nullptr;  ///< null: entries_by_name()
};

/// Fills `system`, whose layout is already there: software's variables, all rules, all properties.
/// Throws InputError for what is missing or wrong in the program, and TooNarrow where a layout that
/// is `wide` is needed: `system` is not to be used then.
void compose(TransitionSystem& system, const Layout& layout, const Composition& what);

}  // namespace airlock
