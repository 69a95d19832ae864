// A file system for a kernel to start from: cpio's format "newc", as Linux's
// Documentation/driver-api/early-userspace/buffer-format.rst describes it. Not compressed.
#pragma once

#include <string>
#include <string_view>

namespace airlock {

class Initramfs {
 public:
  void add_directory(const std::string& name);
  void add_file(const std::string& name, std::string_view contents, bool executable = false);
  void add_character_device(const std::string& name, unsigned major, unsigned minor);
  /// The archive, ended. Call once, last.
  std::string finish();

 private:
  void add(const std::string& name, unsigned mode, std::string_view contents, unsigned major,
           unsigned minor);
  std::string bytes_;
  unsigned next_inode_ = 1;
};

}  // namespace airlock
