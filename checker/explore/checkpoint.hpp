// A search put by, to be gone on with after a crash, a kill or the next memory upgrade.
//
// Between two levels a breadth-first search is its states, level by level, and a few numbers: the
// visited set is the states again and is rebuilt on reading, faster than it could be read. Threads,
// segments and tables do not show in the file, so that a search may go on with other threads. A
// search that was completed ends in a level without states.
//
// The file is written whole or not at all (support/atomic_file.hpp). It begins with a name, a
// version and the identity of the system, a hash of all that the answer depends on; it ends with a
// checksum over every word. A reader that finds anything wrong says so and uses nothing of it.
//
// A checksum finds accidents, not forgers, who can compute it too. So no number of a file is
// believed that could do harm, and the search itself is believed only as far as it is looked at
// again (recheck.hpp): that it began at the initial states, all of them, and that no successor is
// missing of any state, up to a million states, of a sample of them beyond that. What is left to
// trust is that nobody forged a larger search to hide states; for that, search again.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "checker/explore/exchange.hpp"
#include "checker/explore/path.hpp"
#include "checker/explore/space.hpp"

namespace airlock::explicit_state {

/// What a reader of checkpoints expects, for people.
inline constexpr const char* whole_checkpoint =
    "a whole checkpoint, as --checkpoint writes it; begin again without --resume if there is none";

/// The numbers that go with the states.
struct SavedSearch {
  std::uint64_t identity = 0;
  std::uint64_t transitions = 0;
  std::uint64_t deadlocks = 0;
  struct Reached {
    std::size_t target = 0;
    std::uint64_t states = 0;  ///< seen by then
    Goal goal;
  };
  std::vector<Reached> reached;  ///< targets, in levels before the last
};

/// A hash of the rules, the initial states, the targets and the way states are packed. What does
/// not change the search (names, properties that are not targets) does not change the hash.
std::uint64_t identity_of(const TransitionSystem& system, std::span<const Expr> targets,
                          const Layout& layout);

/// Writes the levels 0..`level` of `shards`, which remember all their states. Throws
/// std::runtime_error if the file cannot be written; what was there before then still is.
void write_checkpoint(const std::string& path, const SavedSearch& search, const Layout& layout,
                      const Shards& shards, std::size_t level);

/// The last word of a checkpoint that has these words before it. For tests, which doctor files.
Word checksum_of(std::span<const Word> words);

/// Reads a checkpoint into shards that hold level 0, the initial states; returns the numbers and
/// sets `level` to the last level, which is complete and has not been looked at. Throws InputError
/// naming the file if it is not a checkpoint, is cut off or damaged, begins at other states, or is
/// of another system than `identity`. The numbers are in range: targets are below `targets` and
/// none comes twice, their levels are before `level`, states have no bits that no variable owns.
SavedSearch read_checkpoint(const std::string& path, std::uint64_t identity, std::size_t targets,
                            const Layout& layout, Exchange& exchange, Shards& shards,
                            std::size_t& level);

}  // namespace airlock::explicit_state
