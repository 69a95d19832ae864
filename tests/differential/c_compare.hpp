// Many random C programs, each run in three ways.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace airlock::test {

struct CTally {
  std::uint64_t programs = 0;
  std::uint64_t runs = 0;       ///< one program from one input, in one way beside the native one
  std::uint64_t undefined = 0;  ///< of the native runs
  std::uint64_t threaded = 0;   ///< programs that also ran as threads
  std::uint64_t refused = 0;    ///< programs beyond a documented limit
  std::optional<std::string> disagreement;  ///< the first one, shrunk
};

/// Programs for the seeds first..first+count-1; every `threaded_every`-th also as a thread. Stops
/// at the first disagreement.
CTally compare_c_programs(std::uint64_t first, std::uint64_t count, unsigned threaded_every);

}  // namespace airlock::test
