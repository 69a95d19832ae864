// One pass through a tar archive. xz, which kernels come in, is decompressed on all processors:
// Debian's archives are made of independent blocks of 24 MiB, which liblzma 5.4 can take apart and
// libarchive (3.6) does not.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace airlock::kernel {

struct ArchiveMember {
  std::string path;  ///< without "./" in front; not absolute and without ".."
  bool folder = false;
  bool regular = false;  ///< neither a folder nor a link nor a device
  std::uintmax_t size = 0;
};

/// Reads the rest of a member's bytes.
using ReadMember = std::function<std::string()>;

/// Calls `visit` for each member in the order of the archive. Throws InputError if `path` is no
/// archive, is damaged or truncated, or has a member outside of its own folder.
void pass_through_archive(
    const std::string& path,
    const std::function<void(const ArchiveMember&, const ReadMember&)>& visit);

}  // namespace airlock::kernel
