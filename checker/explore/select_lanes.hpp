// Which lanes of a column hold.
#pragma once

#include <cstddef>
#include <cstdint>

#include "checker/explore/packing.hpp"

namespace airlock::explicit_state {

/// Writes the numbers of the lanes that hold, ascending, and returns how many there are. `holds`:
/// `count` words, each 0 or 1. `selected` has room for `count` numbers.
std::size_t select_lanes(const Word* holds, std::size_t count, std::uint32_t* selected);

}  // namespace airlock::explicit_state
