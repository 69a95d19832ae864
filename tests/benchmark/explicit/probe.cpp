// How many random 8-byte probes a second one core does in tables of various sizes: the speed of
// memory, against which a visited set is to be judged.
//
//   benchmark_probe [LARGEST_LOG2_BYTES]
//
// The addresses come from a multiplicative generator that costs a cycle or two. Each is prefetched
// two dozen probes before it is read, as a visited set that knows its next states would; the
// dependency of the sum on every read keeps the compiler from dropping them. Memory is asked for in
// huge pages and touched once before the clock starts, so that page faults are not counted.
#include <array>
#include <chrono>
#include <cstdint>
#include <fmt/format.h>
#include <string>

#include "checker/explore/memory.hpp"

namespace {

constexpr std::size_t ahead = 24;

double probes_per_second(unsigned log_bytes) {
  const unsigned log_slots = log_bytes - 3;
  const airlock::explicit_state::ZeroedBytes memory(std::size_t{1} << log_bytes);
  std::uint64_t* const table = memory.words();
  for (std::size_t i = 0; i < std::size_t{1} << log_slots; i += 512) {
    table[i] = i;
  }
  std::uint64_t generator = 1;
  const auto next = [&] {
    generator = generator * 0xD1342543DE82EF95ULL + 0x9E3779B97F4A7C15ULL;
    return static_cast<std::size_t>(generator >> (64 - log_slots));
  };
  std::array<std::size_t, 32> slots{};
  const auto run = [&](std::size_t count) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      sum += table[slots[i % slots.size()]];
      const std::size_t slot = next();
      slots[(i + ahead) % slots.size()] = slot;
      __builtin_prefetch(table + slot);
    }
    return sum;
  };
  volatile std::uint64_t keep = run(1U << 16U);
  constexpr std::size_t count = std::size_t{1} << 25U;
  const auto begin = std::chrono::steady_clock::now();
  keep = keep + run(count);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  return static_cast<double>(count) / took.count();
}

}  // namespace

int main(int argc, char** argv) {
  const unsigned largest = argc > 1 ? static_cast<unsigned>(std::stoul(argv[1])) : 32;
  for (unsigned log_bytes = 20; log_bytes <= largest; ++log_bytes) {
    fmt::print("{{\"bytes\": {}, \"probes_per_second\": {:.0f}}}\n", std::uint64_t{1} << log_bytes,
               probes_per_second(log_bytes));
  }
}
