// Which of apt's packages is the kernel that was asked for.
#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <functional>
#include <set>
#include <sstream>
#include <tuple>

#include "checker/reproduce/packages.hpp"

namespace airlock {
namespace {

/// "6.12.117-1~deb12u1" without what Debian adds, as numbers: 6, 12, 117.
std::vector<unsigned long> upstream(const std::string& version) {
  std::vector<unsigned long> numbers;
  std::istringstream stream(version.substr(0, version.find_first_of("-~+")));
  for (std::string part; std::getline(stream, part, '.');) {
    numbers.push_back(std::strtoul(part.c_str(), nullptr, 10));
  }
  return numbers;
}

/// All numbers in it, for the order of Debian's revisions of one upstream version.
std::vector<unsigned long> numbers_in(const std::string& version) {
  std::vector<unsigned long> numbers;
  const char* at = version.c_str();
  while (*at != '\0') {
    if (*at < '0' || *at > '9') {
      ++at;
      continue;
    }
    char* end = nullptr;
    numbers.push_back(std::strtoul(at, &end, 10));
    at = end;
  }
  return numbers;
}

int flavour_rank(const std::string& name) {
  const bool cloud = name.find("-cloud-") != std::string::npos;
  return (cloud ? 0 : 1) + (name.ends_with("-unsigned") ? 0 : 2);
}

bool is_number_like(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string::npos;
}

std::string shown(const std::vector<unsigned long>& version) {
  return fmt::format("{}", fmt::join(version, "."));
}

}  // namespace

std::string upstream_version(const std::string& version) {
  return shown(upstream(version));
}

std::vector<KernelPackage> kernels_in(const std::string& madison) {
  std::vector<KernelPackage> result;
  std::istringstream stream(madison);
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    std::string name;
    std::string bar;
    std::string version;
    words >> name >> bar >> version;
    const bool image =
        name.starts_with("linux-image-") && name.size() > 12 && name[12] >= '0' && name[12] <= '9';
    const bool amd64 = name.ends_with("-amd64") || name.ends_with("-amd64-unsigned");
    // A meta-package's third part is no ABI's number: linux-image-6.12-amd64.
    const bool real =
        std::count(
            name.begin(),
            name.begin() + static_cast<std::ptrdiff_t>(std::min(name.find('-', 12), name.size())),
            '.') >= 2;
    if (image && amd64 && real && bar == "|" && name.find("-rt-") == std::string::npos) {
      result.push_back({name, version});
    }
  }
  return result;
}

std::optional<KernelPackage> choose_kernel(const std::vector<KernelPackage>& offered,
                                           const std::string& wanted) {
  const std::vector<unsigned long> prefix =
      is_number_like(wanted) ? upstream(wanted) : std::vector<unsigned long>{};
  std::optional<KernelPackage> best;
  for (const KernelPackage& each : offered) {
    const std::vector<unsigned long> version = upstream(each.version);
    const bool fits = prefix.empty()
                          ? each.name == wanted || each.version == wanted
                          : prefix.size() <= version.size() &&
                                std::equal(prefix.begin(), prefix.end(), version.begin());
    if (!fits) {
      continue;
    }
    const auto key = [](const KernelPackage& package) {
      return std::tuple(upstream(package.version), numbers_in(package.version),
                        -flavour_rank(package.name));
    };
    if (!best || key(each) > key(*best)) {
      best = each;
    }
  }
  return best;
}

bool is_exact(const std::string& wanted) {
  return !is_number_like(wanted) || upstream(wanted).size() >= 3;
}

std::string newest_versions(const std::vector<KernelPackage>& offered) {
  std::set<std::vector<unsigned long>, std::greater<>> versions;
  for (const KernelPackage& each : offered) {
    versions.insert(upstream(each.version));
  }
  std::vector<std::string> names;
  for (const auto& version : versions) {
    names.push_back(shown(version));
  }
  if (names.size() > 8) {
    names.resize(8);
  }
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace airlock
