// Patterns for the files of a tree: `arch/x86/kvm/*.[ch]`, `include/{linux,asm}/kvm*.h`,
// `arch/x86/**/*.c`.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace airlock::kernel {

/// A pattern of a path, component by component: '*', '?' and '[...]' as in a shell, `{a,b}` for
/// alternatives, a component `**` for any number of folders, also none.
class Glob {
 public:
  /// Throws InputError (without a place) for an absolute path, a component `..` or `.`, unbalanced
  /// braces, and more than 1000 alternatives.
  explicit Glob(const std::string& pattern);
  [[nodiscard]] const std::string& pattern() const { return pattern_; }
  [[nodiscard]] bool matches(std::string_view path) const;
  /// The alternatives, each a list of components.
  [[nodiscard]] const std::vector<std::vector<std::string>>& alternatives() const {
    return alternatives_;
  }

 private:
  std::string pattern_;
  std::vector<std::vector<std::string>> alternatives_;
};

struct FolderEntry {
  std::string name;
  bool folder = false;
  bool link = false;  ///< a symbolic link: `**` does not follow it
};
/// What is in a folder of a tree; "" is the root. Nothing for what is no folder.
using ListFolder = std::function<std::vector<FolderEntry>(const std::string& folder)>;

/// The paths of files that match, sorted, each once. Only folders that can hold matches are listed.
[[nodiscard]] std::vector<std::string> find_files(const std::vector<Glob>& globs,
                                                  const ListFolder& list);

}  // namespace airlock::kernel
