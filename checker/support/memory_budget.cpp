#include "checker/support/memory_budget.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <string>

namespace airlock {
namespace {

/// Asking the kernel costs some tens of microseconds: done once for so many bytes.
constexpr std::uint64_t step = std::uint64_t{32} << 20U;
/// Left to the rest of the machine.
constexpr std::uint64_t reserve = std::uint64_t{192} << 20U;

std::optional<std::uint64_t> number_in(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t value = 0;
  if (file >> value) {
    return value;
  }
  return std::nullopt;  // no such file, or "max"
}

std::uint64_t machine_memory() {
  std::ifstream file("/proc/meminfo");
  std::string key;
  std::uint64_t kib = 0;
  std::string unit;
  while (file >> key >> kib) {
    std::getline(file, unit);
    if (key == "MemAvailable:") {
      return kib * 1024;
    }
  }
  return MemoryBudget::unlimited;
}

/// What a group has cached of files and would drop before it ran out.
std::uint64_t reclaimable(const std::string& group) {
  std::ifstream file(group + "/memory.stat");
  std::string key;
  std::uint64_t value = 0;
  while (file >> key >> value) {
    if (key == "inactive_file" || key == "total_inactive_file") {
      return value;
    }
  }
  return 0;
}

std::uint64_t left_in(const std::string& group, const char* limit_file, const char* use_file) {
  const auto limit = number_in(group + limit_file);
  const auto use = number_in(group + use_file);
  if (!limit || !use) {
    return MemoryBudget::unlimited;
  }
  const std::uint64_t fixed = *use - std::min(*use, reclaimable(group));
  return *limit - std::min(*limit, fixed);
}

/// The least that any group from the process's own up to the root has left.
std::uint64_t group_memory() {
  std::uint64_t least = MemoryBudget::unlimited;
  std::ifstream file("/proc/self/cgroup");
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string::npos) {
      continue;
    }
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool unified = controllers.empty();
    if (!unified && controllers.find("memory") == std::string::npos) {
      continue;
    }
    const std::string root = unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory";
    for (std::string path = line.substr(second + 1);; path.resize(path.rfind('/'))) {
      const std::string group = root + (path == "/" ? "" : path);
      least = std::min(
          least, unified ? left_in(group, "/memory.max", "/memory.current")
                         : left_in(group, "/memory.limit_in_bytes", "/memory.usage_in_bytes"));
      if (path.rfind('/') == std::string::npos) {
        break;
      }
    }
  }
  return least;
}

}  // namespace

std::uint64_t available_memory() {
  return std::min(machine_memory(), group_memory());
}

bool memory_is_short() {
  return available_memory() < reserve;
}

void MemoryBudget::take(std::uint64_t bytes) {
  const std::uint64_t before = used_.fetch_add(bytes);
  const std::uint64_t after = before + bytes;
  const bool over = after < before || after > limit_;
  if (over || (before / step != after / step && available_memory() < bytes + reserve)) {
    used_.fetch_sub(bytes);
    throw OverBudget();
  }
  std::uint64_t peak = peak_.load();
  while (peak < after && !peak_.compare_exchange_weak(peak, after)) {
  }
}

}  // namespace airlock
