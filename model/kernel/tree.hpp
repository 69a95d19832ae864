// A kernel tree as its users have it: a folder, a tar archive with any usual compression, or a
// revision of a git repository; and patches laid over it. Nothing is unpacked and nothing is
// written, except that what was read of an archive may be kept in the user's cache folder.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/kernel/glob.hpp"
#include "model/kernel/patch.hpp"
#include "model/software/program.hpp"

namespace airlock::kernel {

class TreeSource;

struct TreeOptions {
  bool cache = true;  ///< keep what was read of an archive, and use what was kept
};

class Tree {
 public:
  /// `name` is a folder, an archive, or REPO@REVISION. Nothing of the tree is read yet. Throws
  /// InputError if there is no such thing.
  [[nodiscard]] static Tree open(const std::string& name, const TreeOptions& options = {});

  /// What the user called it, the patches behind it: "linux-6.12 +a.diff".
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Which text it is, where the name alone does not say it: a git commit's id; else empty.
  [[nodiscard]] const std::string& revision() const;

  /// Says what will be asked for: an archive is read in one pass for all of it.
  void want(const std::vector<std::string>& globs) const;
  /// The paths of the files that match any of `globs` (see Glob), sorted.
  [[nodiscard]] std::vector<std::string> files(const std::vector<std::string>& globs) const;
  /// The text of a file and its path in the tree. Throws InputError if there is none, if it is no
  /// regular file (a link out of the tree, a device) or is larger than 8 MiB.
  [[nodiscard]] SourceFile read(const std::string& path) const;
  /// The same, or nothing if the tree has no such file.
  [[nodiscard]] std::optional<SourceFile> find(const std::string& path) const;
  /// SHA-256 of the paths and texts that were read so far of this tree.
  [[nodiscard]] std::string digest() const;

  /// This tree with `patch` applied. Throws InputError at the line of the patch file whose hunk
  /// does not fit, and for a patch none of whose files is in the tree or created.
  [[nodiscard]] Tree with(const Patch& patch) const;
  /// The lines of a file, from 1, that come from patches.
  [[nodiscard]] std::set<unsigned> lines_of_patches(const std::string& path) const;
  /// The patch files that were applied, in order, each with its SHA-256.
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& patches() const {
    return patches_;
  }
  /// What a user should know of how the patches were applied: offsets, binary files that were not.
  [[nodiscard]] const std::vector<std::string>& notices() const { return notices_; }
  /// Whether a patch changed, added or deleted that file.
  [[nodiscard]] bool is_patched(const std::string& path) const { return changed_.contains(path); }

 private:
  [[nodiscard]] std::optional<std::string> text_of(const std::string& path) const;
  void apply_file(const Patch& patch, const FilePatch& file);

  struct Changed {
    std::optional<std::string> text;  ///< nothing: deleted
    std::set<unsigned> lines;
    std::string problem;  ///< why the file cannot be read, if it cannot
  };
  std::string name_;
  std::shared_ptr<TreeSource> source_;
  std::map<std::string, Changed> changed_;
  std::vector<std::string> notices_;
  std::vector<std::pair<std::string, std::string>> patches_;
  /// Path -> SHA-256 of what was read.
  std::shared_ptr<std::map<std::string, std::string>> read_;
};

}  // namespace airlock::kernel
