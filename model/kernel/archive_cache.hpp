// What was read of an archive, kept in the user's cache folder, so that the next run need not
// decompress 1.5 GB again.
//
// An entry belongs to one archive, told by its path, size, inode and times of change, and to the
// patterns that were asked for. It ends with a SHA-256 of itself: one that is damaged or of another
// version is no entry. Entries are written under another name and then renamed, so that two runs at
// once do no harm. At most 16 are kept.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace airlock::kernel {

struct CachedMembers {
  std::vector<std::string> patterns;         ///< all that matches them is in `files`
  std::map<std::string, std::string> files;  ///< path -> text
};

class ArchiveCache {
 public:
  /// `folder` empty: nothing is kept. The archive is only looked at, not read.
  ArchiveCache(const std::filesystem::path& folder, const std::string& archive);
  [[nodiscard]] std::vector<CachedMembers> load() const;
  /// Keeps `members`; does nothing if that is not possible (a full disk, no permission).
  void store(const CachedMembers& members) const;

 private:
  std::filesystem::path folder_;
  std::string identity_;  ///< empty if the archive cannot be told from others
};

}  // namespace airlock::kernel
