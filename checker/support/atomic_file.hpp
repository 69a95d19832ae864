// Files that are whole or not there.
//
// A report, a certificate or a checkpoint that was cut short by a full disk, a kill -9 or a power
// failure must never be taken for a whole one. So it is written beside its place under a name that
// nothing reads, brought to the disk, and renamed into place; rename(2) replaces a name in one
// step. Two runs at once on the same output both succeed, and what is left is one run's, whole.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace airlock {

/// Nothing could be written: a full disk, no permission, a name that cannot be. what() names the
/// file and says why.
class CannotWrite : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Gathers a file and puts it into place when told to. Not thread-safe. Errors throw
/// CannotWrite: "cannot write DIR/NAME: No space left on device"; whatever was at `path`
/// before is then still there.
class AtomicFile {
 public:
  /// Creates a temporary file beside `path`, whose directory must exist. What stands at `path` is
  /// replaced only if it is a regular file (a symbolic link is followed); /dev/full, /dev/stdout
  /// and pipes are written as they are, since nothing can be put in their place.
  explicit AtomicFile(const std::string& path);
  /// Takes the temporary file away, unless it was committed.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends. Buffered: an error may show later, at the latest in commit().
  void write(std::string_view bytes);
  /// Brings everything to the disk and the file to its place. Call once, last.
  void commit();

 private:
  void flush();
  void sync_directory() const;
  [[noreturn]] void fail(const std::string& what, int error);

  std::string shown_;      // as the user named it
  std::string path_;       // where it shall be, links resolved
  std::string temporary_;  // where it is; empty: written in place
  std::string buffer_;
  int descriptor_ = -1;
};

/// All of it at once.
void write_file(const std::string& path, std::string_view text);

}  // namespace airlock
