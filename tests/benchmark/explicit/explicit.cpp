// Explores a system that the script beside this file described, and says how long it took.
//
//   benchmark_explicit FILE.json [THREADS]
#include <chrono>
#include <fmt/format.h>
#include <fstream>
#include <sys/resource.h>

#include "checker/explore/explore.hpp"
#include "tests/benchmark/explicit/system_from_json.hpp"

namespace {

double cpu_seconds(const rusage& use) {
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

int run(int argc, char** argv) {
  std::ifstream file(argv[1]);
  const airlock::TransitionSystem system =
      airlock::benchmark::system_from_json(nlohmann::json::parse(file));
  unsigned bits = 0;
  for (const airlock::Variable& variable : system.variables) {
    bits += variable.sort.width();
  }
  airlock::EngineContext context;
  context.jobs = argc > 2 ? static_cast<unsigned>(std::stoul(argv[2])) : 1;
  const auto begin = std::chrono::steady_clock::now();
  const airlock::ExploreResult result =
      airlock::explore(system, {}, context, {.stop_when_decided = false});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  fmt::print("{}\n", nlohmann::ordered_json{{"states", result.states},
                                            {"transitions", result.transitions},
                                            {"depth", result.depth},
                                            {"deadlocks", result.deadlocks},
                                            {"complete", result.complete},
                                            {"bits", bits},
                                            {"seconds", took.count()},
                                            {"visited_bytes", result.visited_bytes},
                                            {"cpu_seconds", cpu_seconds(use)},
                                            {"peak_kib", use.ru_maxrss}}
                         .dump());
  return result.complete ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: benchmark_explicit FILE.json [THREADS]\n");
    return 2;
  }
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", argv[1], error.what());
    return 2;
  }
}
