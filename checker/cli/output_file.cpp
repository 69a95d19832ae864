#include "checker/cli/output_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

#include "checker/trace/text.hpp"
#include "model/system/input_error.hpp"

namespace airlock {
namespace {

namespace fs = std::filesystem;

/// A file that goes away unless it is kept.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& beside)
      : name_(beside.string() + ".XXXXXX"), descriptor_(mkstemp(name_.data())) {}
  ~TemporaryFile() {
    if (descriptor_ >= 0) {
      close(descriptor_);
      unlink(name_.c_str());
    }
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  /// Each returns false, with errno set, where it fails.
  [[nodiscard]] bool made() const { return descriptor_ >= 0; }
  [[nodiscard]] bool write(std::string_view rest) const {
    while (!rest.empty()) {
      const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
      if (written > 0) {
        rest.remove_prefix(static_cast<std::size_t>(written));
      } else if (written == 0 || errno != EINTR) {
        return false;
      }
    }
    return true;
  }
  /// mkstemp's files are for their owner alone; a report is as readable as the umask lets it be.
  [[nodiscard]] bool keep_as(const fs::path& path) {
    const mode_t mask = umask(0);
    umask(mask);
    if (fchmod(descriptor_, 0666 & ~mask) != 0 || fsync(descriptor_) != 0 ||
        rename(name_.c_str(), path.c_str()) != 0) {
      return false;
    }
    close(descriptor_);
    descriptor_ = -1;
    return true;
  }

 private:
  std::string name_;
  int descriptor_;
};

}  // namespace

void write_atomically(const std::string& option, const std::string& path, const std::string& text) {
  std::error_code ignored;
  // A symbolic link stays one: what it points to is replaced.
  const fs::path target =
      fs::is_symlink(path, ignored) ? fs::weakly_canonical(path, ignored) : fs::path(path);
  if (fs::is_directory(target, ignored)) {
    throw InputError({option, 0, 0}, "'" + printable(path) + "' is a directory", {},
                     "the name of a file");
  }
  const auto fail = [&] {
    throw InputError({option, 0, 0},
                     "cannot write '" + printable(path) + "': " + std::strerror(errno), {},
                     "a file in a folder that exists and can be written to");
  };
  // A device or a pipe must not be replaced by a file.
  if (fs::exists(target, ignored) && !fs::is_regular_file(target, ignored)) {
    throw InputError({option, 0, 0}, "'" + printable(path) + "' is no regular file", {},
                     "the name of a file");
  }
  TemporaryFile file(target);
  if (!file.made() || !file.write(text) || !file.keep_as(target)) {
    fail();
  }
}

}  // namespace airlock
