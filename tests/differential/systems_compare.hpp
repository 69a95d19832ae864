// Many random transition systems, each decided by every engine.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "model/system/system.hpp"
#include "tests/differential/outside.hpp"

namespace airlock::test {

struct SystemsTally {
  std::uint64_t systems = 0;
  std::uint64_t questions = 0;  ///< one target of one system
  std::uint64_t answers = 0;    ///< of engines, held against the naive search
  std::uint64_t reachable = 0;  ///< questions
  std::uint64_t states = 0;     ///< of all systems together
  std::uint64_t too_large =
      0;  ///< systems about which the naive search gave up, so nobody was asked
  std::uint64_t undecided = 0;  ///< by k-induction to depth 4: the only answer that may be missing
  OutsideTally outside;
  std::optional<std::string> disagreement;  ///< the first one, shrunk
};

/// How much is asked about each system. Explicit search is always asked about everything.
struct Effort {
  std::uint64_t abc_every = 1;       ///< ABC, about one system in so many
  std::uint64_t counting_every = 1;  ///< likewise SPIN and Rumur, which compile what they are given
  bool one_target =
      false;  ///< Z3's engines, only about one target of each system, each in its turn
};

/// Systems for the seeds first..first+count-1, by explicit search (whole and reduced), bounded
/// search, k-induction and PDR (with its invariant checked), and some by ABC, SPIN and Rumur,
/// against the naive search. Stops at the first disagreement.
SystemsTally compare_on_systems(std::uint64_t first, std::uint64_t count, const Effort& effort);

struct Asked {
  std::optional<std::uint64_t>
      only;                 ///< Z3's engines, only about this target (modulo their number)
  bool reduced = false;     ///< Z3's engines get the reduced system, and their paths are lifted
  bool count = false;       ///< SPIN and Rumur, too
  AbcQueue* abc = nullptr;  ///< where the system is to be queued for ABC
  std::uint64_t seed = 0;   ///< its name there
  std::uint64_t most_states = 1U << 20U;  ///< for the naive search
};

/// What is wrong with the engines on `system`; nothing if they agree.
std::optional<std::string> disagreement_on(const TransitionSystem& system, const Asked& asked,
                                           SystemsTally& tally);

/// The smallest system found, made by dropping rules, updates and properties, that is still `bad`.
TransitionSystem shrink_system(TransitionSystem system,
                               const std::function<bool(const TransitionSystem&)>& bad);

}  // namespace airlock::test
