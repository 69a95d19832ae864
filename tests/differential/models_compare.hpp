// Many random spec files, each composed into a world that every engine decides.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/differential/outside.hpp"
#include "tests/differential/systems_compare.hpp"

namespace airlock::test {

struct ModelsTally {
  std::uint64_t models = 0;
  std::uint64_t refused = 0;    ///< beyond a documented limit
  std::uint64_t too_large = 0;  ///< for the naive search
  SystemsTally systems;         ///< what the engines said
};

/// Spec files for the seeds first..first+count-1, composed as the command does with all their
/// actors, decided by explicit search (whole and reduced) and, on the reduced system, by bounded
/// search, k-induction and PDR, against the naive search. ABC is not asked, SPIN and Rumur
/// as `effort` says. Stops at the first disagreement (systems.disagreement), shrunk.
ModelsTally compare_on_models(std::uint64_t first, std::uint64_t count, const Effort& effort);

}  // namespace airlock::test
