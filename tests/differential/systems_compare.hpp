// Many random transition systems, each decided by every engine.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "model/system/system.hpp"

namespace airlock::test {

struct SystemsTally {
  std::uint64_t systems = 0;
  std::uint64_t questions = 0;  ///< one target of one system
  std::uint64_t answers = 0;    ///< of engines, held against the naive search
  std::uint64_t reachable = 0;  ///< questions
  std::uint64_t undecided =
      0;  ///< k-induction out of its 20 ms: the only answer that may be missing
  std::optional<std::string> disagreement;  ///< the first one, shrunk
};

/// Systems for the seeds first..first+count-1, by explicit search (whole and reduced), bounded
/// search, k-induction and PDR (with its invariant checked), against the naive search. Stops at the
/// first disagreement.
SystemsTally compare_on_systems(std::uint64_t first, std::uint64_t count);

/// What is wrong with the engines on `system`; nothing if they agree.
std::optional<std::string> disagreement_on(const TransitionSystem& system, SystemsTally& tally);

/// The smallest system found, made by dropping rules, updates and properties, that is still `bad`.
TransitionSystem shrink_system(TransitionSystem system,
                               const std::function<bool(const TransitionSystem&)>& bad);

}  // namespace airlock::test
