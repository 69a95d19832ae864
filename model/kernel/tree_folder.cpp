// Trees in folders. Links are followed as long as they stay within the tree; a folder that `**`
// passes is not entered through a link, so links in circles end.
#include <algorithm>
#include <fstream>
#include <system_error>

#include "model/kernel/tree_source.hpp"
#include "model/system/input_error.hpp"

namespace airlock::kernel {
namespace {

namespace fs = std::filesystem;

class Folder : public TreeSource {
 public:
  explicit Folder(const std::string& name) : name_(name), root_(fs::canonical(name)) {}

  [[nodiscard]] const std::string& name() const override { return name_; }

  [[nodiscard]] std::vector<std::string> files(const std::vector<Glob>& globs) override {
    return find_files(globs, [this](const std::string& folder) { return list(folder); });
  }

  [[nodiscard]] std::optional<std::string> read(const std::string& path) override {
    std::error_code error;
    const fs::path file = fs::canonical(root_ / path, error);
    if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory) {
      return std::nullopt;
    }
    if (error) {
      fail(path, error.message());
    }
    if (!inside(file)) {
      fail(path, "the file is a link that leads out of the tree");
    }
    const fs::file_status status = fs::status(file, error);
    if (error || !fs::is_regular_file(status)) {
      fail(path, "this is no regular file");
    }
    const std::uintmax_t size = fs::file_size(file, error);
    if (error || size > largest_file) {
      fail(path, error ? error.message() : "the file is larger than 8 MiB: no source text is");
    }
    std::ifstream stream(file, std::ios::binary);
    std::string text(size, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(size));
    if (!stream || stream.gcount() != static_cast<std::streamsize>(size)) {
      fail(path, "the file cannot be read");
    }
    return text;
  }

 private:
  [[noreturn]] void fail(const std::string& path, const std::string& message) const {
    throw InputError({(fs::path(name_) / path).string(), 0, 0}, message);
  }

  [[nodiscard]] bool inside(const fs::path& path) const {
    return std::mismatch(root_.begin(), root_.end(), path.begin(), path.end()).first == root_.end();
  }

  [[nodiscard]] std::vector<FolderEntry> list(const std::string& folder) const {
    std::vector<FolderEntry> result;
    std::error_code error;
    const fs::path path = fs::canonical(root_ / folder, error);
    if (error || !inside(path)) {
      return result;  // no folder of this tree
    }
    for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
      std::error_code none;
      result.push_back(
          {at->path().filename().string(), at->is_directory(none), at->is_symlink(none)});
    }
    if (error && error != std::errc::not_a_directory) {
      fail(folder, error.message());
    }
    return result;
  }

  std::string name_;
  fs::path root_;
};

}  // namespace

std::unique_ptr<TreeSource> open_folder(const std::string& name) {
  return std::make_unique<Folder>(name);
}

}  // namespace airlock::kernel
