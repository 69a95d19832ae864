#include "checker/reproduce/modules.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

namespace airlock {
namespace {

namespace fs = std::filesystem;

constexpr const char* image_name = "vmlinuz";
constexpr const char* list_name = "modules.list";

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Files' names have '-' where modules' names have '_', or not.
std::string module_name(const fs::path& file) {
  std::string name = file.filename().string();
  name = name.substr(0, name.find(".ko"));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

/// Takes files out of the package whose paths match one of the patterns. tar fails where a pattern
/// matches nothing, which is for the caller to notice.
void extract(const std::string& package, const std::string& folder,
             const std::vector<std::string>& patterns, const ProcessOptions& options) {
  std::vector<std::string> command{
      "sh",
      "-c",
      R"(package=$1; folder=$2; shift 2; dpkg-deb --fsys-tarfile "$package" | )"
      R"(tar --extract --directory="$folder" --wildcards "$@")",
      "sh",
      package,
      folder};
  command.insert(command.end(), patterns.begin(), patterns.end());
  const ProcessResult result = run_process(command, options);
  const bool absent = result.err.find("Not found in archive") != std::string::npos;
  if (result.status != 0 && !absent) {
    throw Unavailable("unpacking " + package + " failed: " + how_it_ended(result) + "\n  " +
                      result.err.substr(0, result.err.find('\n')));
  }
}

/// All modules under `folder`, uncompressed, by name.
std::map<std::string, fs::path> modules_under(const std::string& folder,
                                              const ProcessOptions& options) {
  std::map<std::string, fs::path> found;
  std::vector<fs::path> files;
  for (const fs::directory_entry& each : fs::recursive_directory_iterator(folder)) {
    if (each.is_regular_file() &&
        each.path().filename().string().find(".ko") != std::string::npos) {
      files.push_back(each.path());
    }
  }
  for (fs::path file : files) {
    if (file.extension() == ".xz") {
      run_or_fail("unpacking a module", {"xz", "--decompress", file.string()}, options);
      file.replace_extension();
    }
    found[module_name(file)] = file;
  }
  return found;
}

/// Depth first, so that each comes after those that it needs. Those that are nowhere are built in,
/// or are in `missing`.
class Order {
 public:
  Order(const std::map<std::string, fs::path>& modules) : modules_(modules) {}

  void need(const std::string& name) {
    const auto module = modules_.find(name);
    if (module == modules_.end()) {
      missing.insert(name);
      return;
    }
    if (!seen_.insert(name).second) {
      return;
    }
    for (const std::string& other : dependencies_of(read_file(module->second))) {
      need(other);
    }
    files.push_back(module->second);
  }

  std::vector<fs::path> files;
  std::set<std::string> missing;

 private:
  const std::map<std::string, fs::path>& modules_;
  std::set<std::string> seen_;
};

fs::path only_package_in(const std::string& folder) {
  for (const fs::directory_entry& each : fs::directory_iterator(folder)) {
    if (each.path().extension() == ".deb") {
      return each.path();
    }
  }
  throw Unavailable("apt-get download has left no package in " + folder);
}

}  // namespace

std::vector<std::string> dependencies_of(const std::string& module) {
  constexpr std::string_view key = "depends=";
  std::vector<std::string> names;
  for (std::size_t at = module.find(key); at != std::string::npos; at = module.find(key, at + 1)) {
    if (at != 0 && module[at - 1] != '\0') {
      continue;
    }
    const std::size_t begin = at + key.size();
    std::istringstream list(module.substr(begin, module.find('\0', begin) - begin));
    for (std::string name; std::getline(list, name, ',');) {
      std::replace(name.begin(), name.end(), '-', '_');
      names.push_back(name);
    }
    break;
  }
  return names;
}

void unpack_kernel(const std::string& folder, const ProcessOptions& options) {
  const fs::path package = only_package_in(folder);
  const std::string files = folder + "/files";
  fs::create_directory(files);
  // What KVM needs has been these for years; what else it says that it needs is fetched after.
  extract(package.string(), files,
          {"*/vmlinuz-*", "*/kvm/kvm.ko*", "*/kvm/kvm-amd.ko*", "*/irqbypass.ko*", "*/ccp/ccp.ko*",
           "*/tee/tee.ko*"},
          options);
  std::vector<fs::path> modules;
  for (std::set<std::string> asked;;) {
    const auto found = modules_under(files, options);
    Order order(found);
    order.need("kvm_amd");
    std::vector<std::string> patterns;
    for (const std::string& name : order.missing) {
      if (asked.insert(name).second) {
        std::string pattern = "*/" + name + ".ko*";
        std::replace(pattern.begin(), pattern.end(), '_', '?');
        patterns.push_back(pattern);
      }
    }
    if (patterns.empty()) {
      modules = order.files;
      break;
    }
    extract(package.string(), files, patterns, options);
  }
  if (modules.empty()) {
    throw Unavailable(package.filename().string() + " has no KVM for AMD");
  }
  std::ofstream list(folder + "/" + list_name);
  for (const fs::path& module : modules) {
    fs::rename(module, folder + "/" + module.filename().string());
    list << module.filename().string() << "\n";
  }
  for (const fs::directory_entry& each : fs::recursive_directory_iterator(files)) {
    if (each.path().filename().string().starts_with("vmlinuz-")) {
      fs::copy_file(each.path(), folder + "/" + image_name);
      break;
    }
  }
  fs::remove_all(files);
  fs::remove(package);
  list.close();
  if (!list || !fs::is_regular_file(folder + "/" + image_name)) {
    throw Unavailable(package.filename().string() + " has no kernel image, or the disk is full");
  }
}

Kernel kernel_in(const std::string& folder) {
  Kernel kernel{folder + "/" + image_name, {}};
  std::ifstream list(folder + "/" + list_name);
  for (std::string name; std::getline(list, name);) {
    kernel.modules.push_back(folder + "/" + name);
  }
  if (kernel.modules.empty() || !fs::is_regular_file(kernel.image)) {
    throw Unavailable(folder + " is not what it should be: delete it");
  }
  return kernel;
}

}  // namespace airlock
