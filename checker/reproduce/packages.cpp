#include "checker/reproduce/packages.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <sstream>
#include <unistd.h>

#include "checker/reproduce/modules.hpp"

namespace airlock {
namespace {

namespace fs = std::filesystem;

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

/// Debian's packages, unpacked in `place`.
Qemu qemu_in(const std::string& place) {
  const std::string usr = place + "/usr";
  return {usr + "/bin/qemu-system-x86_64",
          {"-L", usr + "/share/qemu", "-L", usr + "/share/seabios"},
          usr + "/lib/x86_64-linux-gnu:" + place + "/lib/x86_64-linux-gnu",
          {}};
}

}  // namespace

Cache::Cache(ProcessOptions options, std::function<void(const std::string&)> say)
    : options_(std::move(options)), say_(std::move(say)), folder_(cache_folder()) {
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) {
    throw Unavailable("cannot make " + folder_ + ": " + error.message());
  }
}

const std::vector<KernelPackage>& Cache::kernels() {
  if (!offered_) {
    const std::string names =
        run_or_fail("asking apt for kernels", {"apt-cache", "pkgnames", "linux-image-"}, options_);
    std::vector<std::string> command{"apt-cache", "madison"};
    for (const std::string& name : lines_of(names)) {
      if (name.ends_with("-amd64") || name.ends_with("-amd64-unsigned")) {
        command.push_back(name);
      }
    }
    offered_ = command.size() == 2
                   ? std::vector<KernelPackage>{}
                   : kernels_in(run_or_fail("asking apt for kernels", command, options_));
  }
  return *offered_;
}

std::vector<KernelPackage> Cache::cached_kernels() const {
  std::vector<KernelPackage> result;
  std::error_code none;
  for (const fs::directory_entry& each : fs::directory_iterator(folder_ + "/kernels", none)) {
    const std::string name = each.path().filename().string();
    const std::size_t bar = name.find('_');
    if (bar != std::string::npos) {
      result.push_back({name.substr(0, bar), name.substr(bar + 1)});
    }
  }
  return result;
}

std::optional<KernelPackage> Cache::find_kernel(const std::string& wanted) {
  std::vector<KernelPackage> all = cached_kernels();
  if (is_exact(wanted)) {
    if (auto cached = choose_kernel(all, wanted)) {
      return cached;
    }
  }
  const std::vector<KernelPackage>& offered = kernels();
  all.insert(all.end(), offered.begin(), offered.end());
  return choose_kernel(all, wanted);
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
  return upstream_version(version);
}

/// Makes `place`, by `make` in a folder beside it, unless it is there.
void Cache::fill(const std::string& place,
                 const std::function<void(const std::string& folder)>& make) {
  if (fs::is_directory(place)) {
    return;
  }
  std::string beside = folder_ + "/making.XXXXXX";
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

/// With what it says of itself: "QEMU emulator version 7.2.22 (Debian …)".
Qemu Cache::versioned(Qemu qemu) const {
  ProcessOptions there = options_;
  if (!qemu.libraries.empty()) {
    there.environment.emplace_back("LD_LIBRARY_PATH", qemu.libraries);
  }
  std::istringstream words(run_or_fail("starting QEMU", {qemu.program, "--version"}, there));
  std::string word;
  while (words >> word && word != "version") {
  }
  words >> word;
  qemu.version = "QEMU " + word;
  return qemu;
}

Qemu Cache::qemu() {
  if (std::string installed = find_program("qemu-system-x86_64"); !installed.empty()) {
    return versioned({std::move(installed), {}, {}, {}});
  }
  std::error_code none;
  for (const fs::directory_entry& each : fs::directory_iterator(folder_ + "/qemu", none)) {
    return versioned(qemu_in(each.path().string()));
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
  return versioned(qemu_in(place));
}

}  // namespace airlock
