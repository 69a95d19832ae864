// Paths without parent links.
//
// Most explicit-state checkers store with each state where it came from (SPIN has the search stack,
// Murphi and Rumur a pointer per state). That costs a word per state of every search, to be read
// for a handful of states, and makes the path a matter of which thread came first. Here levels are
// remembered instead: a state of level d has a predecessor in level d - 1, and running that level
// forward once more finds it. One pass from the deepest level back to the first serves all targets
// together, and costs at most as much as the search did, without the visited set.
//
// Among several predecessors the smallest state is taken, then the smallest rule, then the smallest
// input values. So a path depends on the system and the target alone.
#pragma once

#include <optional>
#include <stdexcept>
#include <vector>

#include "checker/explore/expand.hpp"
#include "checker/explore/space.hpp"

namespace airlock::explicit_state {

/// A state and the level it is in.
struct Goal {
  std::vector<Word> state;
  std::size_t level = 0;
};

/// A state of level d has no predecessor in level d - 1, or one of level 0 is not initial: these
/// are not the levels of a search.
class NoPredecessor : public std::logic_error {
 public:
  NoPredecessor() : std::logic_error("a state has no predecessor in the level before its own") {}
};

/// A shortest path to each goal; nothing where the signal said stop. Throws NoPredecessor.
std::vector<std::optional<Path>> find_paths(RuleTable& table, const Layout& layout,
                                            const Shards& shards, StopSignal& stop,
                                            const std::vector<Goal>& goals);

}  // namespace airlock::explicit_state
