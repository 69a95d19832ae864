// Whether a search that was read from a file is one, as far as looking at it again tells.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "checker/explore/checkpoint.hpp"
#include "checker/explore/exchange.hpp"
#include "checker/explore/expand.hpp"
#include "checker/explore/space.hpp"

namespace airlock::explicit_state {

/// Expands states of the levels before `level` again, all if they are at most `most`, else blocks
/// from all over them, and returns what is wrong: a successor that is not among the states, or, if
/// all were expanded, other numbers than the file's. Nothing if nothing is, or if
/// `stop`, which the expander listens to as well, ends it early. `expander` is left as
/// new. Afterwards, and if something is wrong, `shards` hold states that were missing.
std::optional<std::string> recheck(const SavedSearch& search, const Shards& shards,
                                   std::size_t level, Exchange& exchange, Expander& expander,
                                   const StopSignal& stop,
                                   std::uint64_t most = std::uint64_t{1} << 20U);

}  // namespace airlock::explicit_state
