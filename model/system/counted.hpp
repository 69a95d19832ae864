// "1 state", "2 states": a number with its noun, for every sentence that has one.
#pragma once

#include <cstdint>
#include <string>

namespace airlock {

/// `noun` in the singular, of those whose plural ends in s.
inline std::string counted(std::uint64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace airlock
