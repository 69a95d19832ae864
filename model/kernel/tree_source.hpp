// Where the files of a Tree come from: one class each for folders, archives and git.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/kernel/glob.hpp"

namespace airlock::kernel {

/// No file of source text is as large.
inline constexpr std::uintmax_t largest_file = std::uintmax_t{8} << 20U;

class TreeSource {
 public:
  virtual ~TreeSource() = default;
  TreeSource() = default;
  TreeSource(const TreeSource&) = delete;
  TreeSource& operator=(const TreeSource&) = delete;

  /// What the user typed.
  [[nodiscard]] virtual const std::string& name() const = 0;
  [[nodiscard]] virtual const std::string& revision() const;
  virtual void want(const std::vector<Glob>& globs);
  [[nodiscard]] virtual std::vector<std::string> files(const std::vector<Glob>& globs) = 0;
  /// Nothing if there is no such file; throws InputError for one that cannot be read.
  [[nodiscard]] virtual std::optional<std::string> read(const std::string& path) = 0;
};

[[nodiscard]] std::unique_ptr<TreeSource> open_folder(const std::string& name);
/// Keeps what it reads in `cache`, if that is not empty.
[[nodiscard]] std::unique_ptr<TreeSource> open_archive(const std::string& name,
                                                       const std::filesystem::path& cache);
[[nodiscard]] std::unique_ptr<TreeSource> open_revision(const std::string& name,
                                                        const std::string& repository,
                                                        const std::string& revision);

/// $XDG_CACHE_HOME/airlock or ~/.cache/airlock; empty if there is no home.
[[nodiscard]] std::filesystem::path cache_folder();

}  // namespace airlock::kernel
