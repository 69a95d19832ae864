// One boot of one kernel, on QEMU's software CPU.
#pragma once

#include <string>

#include "checker/reproduce/outcome.hpp"
#include "checker/reproduce/packages.hpp"

namespace airlock {

/// Compiles guest/init.c with gcc, statically, in `folder`; returns the program's path. Throws
/// Unavailable.
std::string build_init(const std::string& folder, const ProcessOptions& options);

/// Boots the kernel with `init`, KVM's modules and the job; `folder` is for files that are in the
/// way afterwards. Throws Unavailable, saying what was last heard, if the machine does not get
/// through the job: QEMU killed, the kernel in a panic, KVM refusing, no end before the deadline.
Console boot(const Qemu& qemu, const Kernel& kernel, const std::string& init,
             const std::string& job, const std::string& folder, const ProcessOptions& options);

/// A folder that goes away with the object. Throws Unavailable if it cannot be made.
class ScratchFolder {
 public:
  explicit ScratchFolder(const std::string& parent);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace airlock
