#include "checker/cli/kbuild.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <unistd.h>

#include "checker/cli/check_rows.hpp"
#include "checker/cli/compare_input.hpp"
#include "checker/cli/kernel_input.hpp"
#include "checker/cli/terminal.hpp"
#include "checker/cli/verdict_cache.hpp"
#include "checker/compare/render.hpp"
#include "model/kernel/glob.hpp"
#include "model/kernel/tree_source.hpp"

namespace airlock {
namespace {

namespace fs = std::filesystem;

/// Held until the object goes away; not held where there is no folder for it.
class Lock {
 public:
  explicit Lock(const fs::path& file) {
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    descriptor_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    while (descriptor_ >= 0 && flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
      check_interrupted();
    }
  }
  ~Lock() {
    if (descriptor_ >= 0) {
      close(descriptor_);
    }
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  int descriptor_ = -1;
};

/// The file by its path in the tree; empty if it is not in it.
std::string path_in_tree(const std::string& file, const std::string& tree) {
  std::error_code error;
  const fs::path path = fs::weakly_canonical(file, error);
  const fs::path root = fs::weakly_canonical(tree, error);
  const std::string relative = path.lexically_relative(root).generic_string();
  return relative.starts_with("..") ? std::string() : relative;
}

bool is_read(const kernel::Lens& lens, const std::string& path) {
  bool read = false;
  for (const kernel::Named& each : lens.files) {
    for (const std::string& name : each.names) {
      const bool excluded = name.starts_with('!');
      if (kernel::Glob(excluded ? name.substr(1) : name).matches(path)) {
        if (excluded) {
          return false;
        }
        read = true;
      }
    }
  }
  return read;
}

/// Where to say what has no line in a C file of the tree: at the function that a vCPU runs.
std::string home_of(const kernel::Slice& slice, const kernel::Lens& lens) {
  for (const auto& [entry, functions] : lens.entries) {
    for (const kernel::Named& each : functions) {
      for (const kernel::KeptFunction& kept : slice.receipt.kept) {
        if (entry == "vcpu_run" &&
            std::find(each.names.begin(), each.names.end(), kept.name) != each.names.end()) {
          return kept.place;
        }
      }
    }
  }
  return slice.receipt.kept.empty() ? "" : slice.receipt.kept.front().place;
}

/// Every warning on a line, in a C file that kbuild compiles.
std::string at_home(const std::string& warnings, const kernel::Slice& slice,
                    const kernel::Lens& lens) {
  std::string result;
  for (std::size_t at = 0; at < warnings.size();) {
    const std::size_t end = std::min(warnings.find('\n', at), warnings.size() - 1) + 1;
    const std::string line = warnings.substr(at, end - at);
    const std::string file = line.substr(0, line.find(':'));
    const std::size_t text = line.find(": warning: ");
    const bool compiled = file.ends_with(".c") && is_read(lens, file);
    result +=
        compiled || text == std::string::npos ? line : home_of(slice, lens) + line.substr(text);
    at = end;
  }
  return result;
}

std::string decided(const Options& options, const kernel::Lens& lens) {
  const Session session(options);
  const Matrix matrix = check_rows(session);
  return at_home(render_kbuild(matrix, heading_of(session)), session.trees().back().slice, lens);
}

std::string key_of(const Options& options, const kernel::Lens& lens) {
  KeyMaker key;
  key.add("airlock kbuild 1");
  key.add(program_identity());
  const std::vector<kernel::TreeRow> rows =
      kernel::rows_of(options.trees.front(), options.patches, lens, {!options.no_cache});
  for (const SourceFile& file : kernel::files_for(rows.back().tree, lens)) {
    key.add(file.path);
    key.add(file.text);
  }
  key.add(lens.toml);
  for (const auto* list : {&lens.bodies, &lens.config_files}) {
    for (const SourceFile& file : *list) {
      key.add(file.text);
    }
  }
  key.add(lens.words.text);
  key.add(world_arguments(options));
  for (const auto* list : {&options.properties, &options.patches}) {
    key.add(std::to_string(list->size()));
    for (const std::string& each : *list) {
      key.add(each);
    }
  }
  key.add(options.timeout ? std::to_string(*options.timeout) : "no time limit");
  key.add(std::to_string(options.memory));
  return key.key();
}

std::string warnings_of(const Options& options, const kernel::Lens& lens) {
  const fs::path folder = kernel::cache_folder();
  if (options.no_cache || folder.empty() || program_identity().empty()) {
    return decided(options, lens);
  }
  const std::string key = key_of(options, lens);
  const VerdictCache cache(folder / "kbuild");
  const Lock lock(folder / "kbuild.lock");
  std::string problem;
  if (const std::optional<std::string> known = cache.load(key, problem)) {
    return *known;
  }
  std::string warnings = decided(options, lens);
  cache.store(key, warnings);
  return warnings;
}

}  // namespace

std::optional<KbuildCall> kbuild_call(int argc, const char* const* argv) {
  const std::vector<std::string> words(argv, argv + argc);
  const auto kbuild = std::find(words.begin(), words.end(), "--kbuild");
  if (words.size() < 2 || words[1] != "check" || kbuild == words.end()) {
    return std::nullopt;
  }
  const char* srctree = std::getenv("srctree");
  KbuildCall call;
  call.arguments.assign(words.begin(), kbuild);
  call.arguments.emplace_back(srctree != nullptr && *srctree != '\0' ? srctree : ".");
  for (auto word = kbuild + 1; word != words.end(); ++word) {
    if (word->ends_with(".c") && !word->starts_with('-')) {
      call.file = *word;  // the last one: kbuild gives the file behind the flags
    }
  }
  return call;
}

ExitStatus run_kbuild(const Options& options) {
  const std::string& tree = options.trees.front();
  const kernel::Lens lens = lens_of(options);
  const std::string path = path_in_tree(options.kbuild_file, tree);
  if (path.empty() || !is_read(lens, path)) {
    return ExitStatus::holds;
  }
  const std::string all = warnings_of(options, lens);
  std::string mine;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find('\n', at), all.size() - 1) + 1;
    if (all.compare(at, path.size() + 1, path + ":") == 0) {  // the file as kbuild calls it
      mine += options.kbuild_file + all.substr(at + path.size(), end - at - path.size());
    }
    at = end;
  }
  print(mine);
  return ExitStatus::holds;
}

}  // namespace airlock
