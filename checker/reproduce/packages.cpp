#include "checker/reproduce/packages.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <set>
#include <sstream>
#include <tuple>
#include <unistd.h>

#include "checker/reproduce/modules.hpp"

namespace airlock {
namespace {

namespace fs = std::filesystem;

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

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(line);
  }
  return lines;
}

std::string cache_folder() {
  const char* xdg = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  if (xdg != nullptr && *xdg == '/') {
    return std::string(xdg) + "/airlock";
  }
  if (home == nullptr || *home == '\0') {
    throw Unavailable("no place for kernels: neither XDG_CACHE_HOME nor HOME is set");
  }
  return std::string(home) + "/.cache/airlock";
}

/// A name for a folder: nothing that a path gives a meaning to.
std::string as_name(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '/' || c == ':' || c == '\0'; }, '_');
  return text;
}

}  // namespace

std::vector<KernelPackage> kernels_in(const std::string& madison) {
  std::vector<KernelPackage> result;
  for (const std::string& line : lines_of(madison)) {
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

Cache::Cache(ProcessOptions options, std::function<void(const std::string&)> say)
    : options_(std::move(options)), say_(std::move(say)), folder_(cache_folder()) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) {
    throw Unavailable("cannot make " + folder_ + ": " + error.message());
  }
}

std::vector<KernelPackage> Cache::kernels() {
  const std::string names = run_or_fail(
      "asking apt for kernels",
      {"apt-cache", "search", "--names-only", "^linux-image-[0-9].*-amd64(-unsigned)?$"}, options_);
  std::vector<std::string> command{"apt-cache", "madison"};
  for (const std::string& line : lines_of(names)) {
    command.push_back(line.substr(0, line.find(' ')));
  }
  return command.size() == 2 ? std::vector<KernelPackage>{}
                             : kernels_in(run_or_fail("asking apt for kernels", command, options_));
}

std::string Cache::usual_version() {
  const std::string answer = run_or_fail("asking apt for the usual kernel",
                                         {"apt-cache", "madison", "linux-image-amd64"}, options_);
  std::istringstream words(answer);
  std::string name;
  std::string bar;
  std::string version;
  words >> name >> bar >> version;
  if (version.empty()) {
    throw Unavailable("apt knows no linux-image-amd64: say which kernel by --kernel");
  }
  return shown(upstream(version));
}

/// Makes `place`, by `make` in a folder beside it, unless it is there.
void Cache::fill(const std::string& place,
                 const std::function<void(const std::string& folder)>& make) {
  if (fs::is_directory(place)) {
    return;
  }
  std::string beside = place + ".XXXXXX";
  std::error_code error;
  fs::create_directories(fs::path(place).parent_path(), error);
  if (mkdtemp(beside.data()) == nullptr) {
    throw Unavailable("cannot write into " + folder_ + ": " + std::string(std::strerror(errno)));
  }
  try {
    make(beside);
  } catch (const fs::filesystem_error& problem) {  // a full disk, for one
    const std::string why = problem.what();
    fs::remove_all(beside, error);
    throw Unavailable("cannot unpack into " + folder_ + ": " + why);
  } catch (...) {
    fs::remove_all(beside, error);
    throw;
  }
  fs::rename(beside, place, error);
  if (error) {  // another process was quicker, or something is wrong
    const std::string why = error.message();
    fs::remove_all(beside, error);
    if (!fs::is_directory(place)) {
      throw Unavailable("cannot make " + place + ": " + why);
    }
  }
}

void Cache::download(const std::vector<std::string>& packages, const std::string& folder) {
  // As root apt would want to be another user, who may not write here.
  std::vector<std::string> command{"apt-get", "download", "--quiet", "-o",
                                   "APT::Sandbox::User=root"};
  command.insert(command.end(), packages.begin(), packages.end());
  ProcessOptions there = options_;
  there.directory = folder;
  run_or_fail("downloading " + packages.front() + (packages.size() > 1 ? " and others" : ""),
              command, there);
}

Kernel Cache::kernel(const KernelPackage& package) {
  const std::string place = folder_ + "/kernels/" + as_name(package.name + "_" + package.version);
  fill(place, [&](const std::string& folder) {
    if (say_) {
      say_("fetching " + package.name + " " + package.version);
    }
    download({package.name + "=" + package.version}, folder);
    unpack_kernel(folder, options_);
  });
  return kernel_in(place);
}

Qemu Cache::qemu() {
  if (std::string installed = find_program("qemu-system-x86_64"); !installed.empty()) {
    return {std::move(installed), {}, {}};
  }
  const std::string plan = run_or_fail(
      "asking apt what QEMU needs",
      {"apt-get", "install", "--simulate", "--no-install-recommends", "qemu-system-x86"}, options_);
  std::vector<std::string> packages;
  std::string version;
  for (const std::string& line : lines_of(plan)) {
    std::istringstream words(line);
    std::string what;
    std::string name;
    std::string number;
    words >> what >> name >> number;
    if (what != "Inst") {
      continue;
    }
    if (number.starts_with('[')) {
      words >> number;  // an upgrade has the old version first
    }
    number = number.substr(number.find_first_not_of('('));
    packages.push_back(name + "=" + number);
    version = name == "qemu-system-x86" ? number : version;
  }
  if (version.empty()) {
    throw Unavailable("apt does not know how to install qemu-system-x86");
  }
  const std::string place = folder_ + "/qemu/" + as_name(version);
  fill(place, [&](const std::string& folder) {
    if (say_) {
      say_(fmt::format("fetching QEMU {}: {} packages", version, packages.size()));
    }
    download(packages, folder);
    for (const fs::directory_entry& each : fs::directory_iterator(folder)) {
      if (each.path().extension() == ".deb") {
        run_or_fail("unpacking QEMU", {"dpkg-deb", "-x", each.path().string(), folder}, options_);
        fs::remove(each.path());
      }
    }
  });
  const std::string usr = place + "/usr";
  return {usr + "/bin/qemu-system-x86_64",
          {"-L", usr + "/share/qemu", "-L", usr + "/share/seabios"},
          usr + "/lib/x86_64-linux-gnu:" + place + "/lib/x86_64-linux-gnu"};
}

}  // namespace airlock
