#include "checker/support/atomic_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace airlock {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t buffer_size = std::size_t{1} << 16U;

/// `path` with links followed as far as there is something behind them.
std::string behind_links(const std::string& path) {
  std::error_code error;
  const fs::path real = fs::weakly_canonical(path, error);
  return error ? path : real.string();
}

/// The permissions that open(2) with 0666 would give.
mode_t usual_mode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666U & ~mask;
}

}  // namespace

AtomicFile::AtomicFile(const std::string& path) : shown_(path), path_(behind_links(path)) {
  struct stat status {};
  const bool there = stat(path_.c_str(), &status) == 0;
  if (there && !S_ISREG(status.st_mode)) {
    descriptor_ = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    temporary_ = path_ + ".XXXXXX";
    descriptor_ = mkostemp(temporary_.data(), O_CLOEXEC);
    const int error = errno;
    if (descriptor_ < 0) {
      temporary_.clear();
      errno = error;
    } else {
      (void)fchmod(descriptor_, there ? status.st_mode & 07777U : usual_mode());
    }
  }
  if (descriptor_ < 0) {
    fail("cannot create", errno);
  }
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) {
    (void)close(descriptor_);
  }
  if (!temporary_.empty()) {
    (void)unlink(temporary_.c_str());
  }
}

void AtomicFile::write(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() >= buffer_size) {
    flush();
  }
}

void AtomicFile::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      fail("cannot write", errno);
    }
  }
  buffer_.clear();
}

void AtomicFile::commit() {
  flush();
  // Pipes and devices know no fsync(2); for files its error is the last chance to hear of a full
  // disk.
  if (fsync(descriptor_) != 0 && !temporary_.empty()) {
    fail("cannot write", errno);
  }
  const int descriptor = descriptor_;
  descriptor_ = -1;
  if (close(descriptor) != 0 && errno != EINTR) {
    fail("cannot write", errno);
  }
  if (temporary_.empty()) {
    return;
  }
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    fail("cannot replace", errno);
  }
  temporary_.clear();
  sync_directory();
}

/// Makes the new name last. Not every file system can; the file itself is whole in any case.
void AtomicFile::sync_directory() const {
  const std::string directory = fs::path(path_).parent_path().string();
  const int descriptor =
      open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor >= 0) {
    (void)fsync(descriptor);
    (void)close(descriptor);
  }
}

void AtomicFile::fail(const std::string& what, int error) {
  const std::string message = what + " " + shown_ + ": " + std::strerror(error);
  if (!temporary_.empty()) {
    (void)unlink(temporary_.c_str());
    temporary_.clear();
  }
  if (descriptor_ >= 0) {
    (void)close(descriptor_);
    descriptor_ = -1;
  }
  throw CannotWrite(message);
}

void write_file(const std::string& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace airlock
