#include "model/kernel/rows.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "model/system/input_error.hpp"

namespace airlock::kernel {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest_patch = std::uintmax_t{64} << 20U;

SourceFile read_patch_file(const std::string& path) {
  std::error_code error;
  const std::uintmax_t size = fs::is_directory(path, error) ? 0 : fs::file_size(path, error);
  std::ifstream stream(path, std::ios::binary);
  if (error || !stream || fs::is_directory(path)) {
    throw InputError({path, 0, 0}, "the patch cannot be read", {}, "a unified diff or a mail");
  }
  if (size > largest_patch) {
    throw InputError({path, 0, 0}, "the patch is larger than 64 MiB");
  }
  std::ostringstream text;
  text << stream.rdbuf();
  return {path, text.str()};
}

/// The patterns of the lens; `excluded` those that begin with '!'.
std::vector<std::string> patterns_of(const Lens& lens, bool excluded) {
  std::vector<std::string> result;
  for (const Named& each : lens.files) {
    for (const std::string& name : each.names) {
      if (name.starts_with('!') == excluded) {
        result.push_back(excluded ? name.substr(1) : name);
      }
    }
  }
  return result;
}

std::vector<TreeRow> two_revisions(const std::string& tree, std::size_t dots,
                                   const std::vector<std::string>& patches, const Lens& lens,
                                   const TreeOptions& options) {
  if (!patches.empty()) {
    throw InputError({tree, 0, 0}, "two revisions are rows already: patches have no place", {},
                     "REPO@REVISION with --patch, or REPO@A..B without");
  }
  const std::size_t at = tree.rfind('@', dots);
  const std::string repository = tree.substr(0, at);
  const std::string first = tree.substr(at + 1, dots - at - 1);
  const std::string second = tree.substr(dots + 2);
  if (first.empty() || second.empty() || second.starts_with('.')) {
    throw InputError({tree, 0, 0}, "this names no two revisions", {}, "REPO@A..B");
  }
  std::vector<TreeRow> rows;
  for (const std::string& revision : {first, second}) {
    rows.push_back({revision, Tree::open(repository + "@" + revision, options)});
    rows.back().tree.want(patterns_of(lens, false));
  }
  if (first == second) {
    throw InputError({tree, 0, 0}, "both rows are the same revision", {}, "REPO@A..B");
  }
  return rows;
}

}  // namespace

std::vector<TreeRow> rows_of(const std::string& tree, const std::vector<std::string>& patches,
                             const Lens& lens, const TreeOptions& options) {
  const std::size_t dots = tree.find("..", std::min(tree.find('@'), tree.size()));
  if (dots != std::string::npos && !fs::exists(tree)) {
    return two_revisions(tree, dots, patches, lens, options);
  }
  std::vector<Patch> read;
  std::vector<std::string> wanted = patterns_of(lens, false);
  for (const std::string& path : patches) {
    read.push_back(read_patch(read_patch_file(path)));
    for (const FilePatch& file : read.back().files) {
      for (const auto& name : {file.old_path, file.new_path}) {
        if (name && name->find_first_of("*?[]{}") == std::string::npos) {
          wanted.push_back(*name);
        }
      }
    }
  }
  std::vector<TreeRow> rows{{"base", Tree::open(tree, options)}};
  rows.front().tree.want(wanted);
  std::string name;
  for (const Patch& patch : read) {
    name += "+" + patch.name;
    rows.push_back({name, rows.back().tree.with(patch)});
  }
  return rows;
}

std::vector<SourceFile> files_for(const Tree& tree, const Lens& lens) {
  tree.want(patterns_of(lens, false));
  std::vector<Glob> excluded;
  for (const std::string& pattern : patterns_of(lens, true)) {
    excluded.emplace_back(pattern);
  }
  std::vector<SourceFile> result;
  std::set<std::string> seen;
  for (const Named& each : lens.files) {
    std::vector<std::string> patterns;
    for (const std::string& name : each.names) {
      if (!name.starts_with('!')) {
        patterns.push_back(name);
      }
    }
    const std::vector<std::string> paths =
        patterns.empty() ? std::vector<std::string>{} : tree.files(patterns);
    if (paths.empty() && !patterns.empty() && !each.optional) {
      throw InputError(each.place,
                       "no file of " + tree.name() + " matches '" + patterns.front() + "'",
                       each.line,
                       "a Linux source tree with KVM; or a '?' behind the pattern, if the file may "
                       "be missing");
    }
    for (const std::string& path : paths) {
      const bool out = std::any_of(excluded.begin(), excluded.end(),
                                   [&](const Glob& glob) { return glob.matches(path); });
      if (!out && seen.insert(path).second) {
        result.push_back(tree.read(path));
      }
    }
  }
  return result;
}

}  // namespace airlock::kernel
