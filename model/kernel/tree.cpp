#include "model/kernel/tree.hpp"

#include <algorithm>
#include <cstdlib>

#include "model/kernel/tree_source.hpp"
#include "model/system/digest.hpp"
#include "model/system/input_error.hpp"

namespace airlock::kernel {
namespace {

namespace fs = std::filesystem;

std::vector<Glob> globs_of(const std::vector<std::string>& patterns) {
  return {patterns.begin(), patterns.end()};
}

std::unique_ptr<TreeSource> open_source(const std::string& name, const TreeOptions& options) {
  std::error_code error;
  const fs::file_status status = fs::status(name, error);
  if (fs::is_directory(status)) {
    return open_folder(name);
  }
  if (fs::is_regular_file(status)) {
    return open_archive(name, options.cache ? cache_folder() : fs::path{});
  }
  if (fs::exists(status)) {
    throw InputError({name, 0, 0}, "this is neither a folder nor a file", {},
                     "a kernel tree: a folder, a tar archive or REPO@REVISION");
  }
  // A revision may contain '@' (HEAD@{1}), a path too: the shortest path that there is.
  for (std::size_t at = name.find('@'); at != std::string::npos; at = name.find('@', at + 1)) {
    const std::string repository = name.substr(0, at);
    if (at > 0 && fs::is_directory(repository, error)) {
      return open_revision(name, repository, name.substr(at + 1));
    }
  }
  throw InputError({name, 0, 0}, "no such file or folder", {},
                   "a kernel tree: a folder, a tar archive or REPO@REVISION");
}

}  // namespace

const std::string& TreeSource::revision() const {
  static const std::string none;
  return none;
}

void TreeSource::want(const std::vector<Glob>& /*globs*/) {}

fs::path cache_folder() {
  // The XDG Base Directory Specification: relative paths are to be ignored.
  for (const auto& [variable, below] : {std::pair{"XDG_CACHE_HOME", ""}, {"HOME", ".cache"}}) {
    const char* value = std::getenv(variable);
    if (value != nullptr && fs::path(value).is_absolute()) {
      return fs::path(value) / below / "airlock";
    }
  }
  return {};
}

Tree Tree::open(const std::string& name, const TreeOptions& options) {
  Tree tree;
  tree.name_ = name;
  tree.source_ = open_source(name, options);
  tree.read_ = std::make_shared<std::map<std::string, std::string>>();
  return tree;
}

const std::string& Tree::revision() const {
  return source_->revision();
}

void Tree::want(const std::vector<std::string>& globs) const {
  source_->want(globs_of(globs));
}

std::vector<std::string> Tree::files(const std::vector<std::string>& globs) const {
  const std::vector<Glob> patterns = globs_of(globs);
  std::vector<std::string> result = source_->files(patterns);
  for (const auto& [path, change] : changed_) {
    const auto at = std::lower_bound(result.begin(), result.end(), path);
    const bool present = at != result.end() && *at == path;
    if (!change.problem.empty()) {
      continue;  // an error when somebody asks for it
    }
    if (present && !change.text) {
      result.erase(at);
    } else if (!present && change.text &&
               std::any_of(patterns.begin(), patterns.end(),
                           [&, &file = path](const Glob& glob) { return glob.matches(file); })) {
      result.insert(at, path);
    }
  }
  return result;
}

std::optional<SourceFile> Tree::find(const std::string& path) const {
  std::optional<std::string> text = text_of(path);
  if (!text) {
    return std::nullopt;
  }
  (*read_)[path] = sha256_hex(*text);
  return SourceFile{path, std::move(*text)};
}

SourceFile Tree::read(const std::string& path) const {
  std::optional<SourceFile> file = find(path);
  if (!file) {
    throw InputError({name_, 0, 0}, "the tree has no file " + path);
  }
  return std::move(*file);
}

std::string Tree::digest() const {
  std::string all;
  for (const auto& [path, digest] : *read_) {
    all += digest + "  " + path + "\n";
  }
  return sha256_hex(all);
}

Tree Tree::with(const Patch& patch) const {
  Tree result = *this;
  result.read_ = std::make_shared<std::map<std::string, std::string>>();
  result.name_ += " +" + patch.name;
  result.patches_.emplace_back(patch.path, patch.digest);
  bool touches = false;
  for (const FilePatch& file : patch.files) {
    if (!file.old_path || result.text_of(*file.old_path)) {
      result.apply_file(patch, file);
      touches = true;
    } else {
      result.notices_.push_back(patch.path + ":" + std::to_string(file.line) + ": " +
                                *file.old_path + " is not in " + source_->name() +
                                ", so its changes are not applied");
    }
  }
  if (!touches) {
    const FilePatch& first = patch.files.front();
    throw InputError({patch.path, first.line, 1}, "the patch changes no file of " + name_,
                     first.line_text,
                     "a patch for this tree, with paths such as a/arch/x86/kvm/svm/svm.c");
  }
  return result;
}

std::optional<std::string> Tree::text_of(const std::string& path) const {
  const auto changed = changed_.find(path);
  if (changed == changed_.end()) {
    return source_->read(path);
  }
  if (!changed->second.problem.empty()) {
    throw InputError({path, 0, 0}, changed->second.problem);
  }
  return changed->second.text;
}

/// Applies to the file as the patches before have left it. What it reads is no part of digest():
/// to patch a file is not to check it.
void Tree::apply_file(const Patch& patch, const FilePatch& file) {
  const SourceLocation place{patch.path, file.line, 1};
  if (file.binary) {
    const std::string& path = file.new_path ? *file.new_path : *file.old_path;
    notices_.push_back(patch.path + ":" + std::to_string(file.line) + ": the binary changes of " +
                       path + " are not applied");
    changed_[path] = {std::nullopt, {}, patch.path + " changes this file in binary form"};
    return;
  }
  if (!file.old_path && text_of(*file.new_path)) {
    throw InputError(place, "the tree already has the file " + *file.new_path, file.line_text,
                     "a file that the patch can create");
  }
  std::string before;
  std::set<unsigned> lines;
  if (file.old_path) {
    before = *text_of(*file.old_path);
    lines = lines_of_patches(*file.old_path);
  }
  PatchedText after = apply(patch, file, before, lines);
  notices_.insert(notices_.end(), after.notices.begin(), after.notices.end());
  if (file.old_path && file.old_path != file.new_path && !file.copy) {
    changed_[*file.old_path] = {};
  }
  if (file.new_path) {
    changed_[*file.new_path] = {std::move(after.text), std::move(after.lines), {}};
  }
}

std::set<unsigned> Tree::lines_of_patches(const std::string& path) const {
  const auto changed = changed_.find(path);
  return changed != changed_.end() ? changed->second.lines : std::set<unsigned>{};
}

}  // namespace airlock::kernel
