// Verdicts kept in the user's cache folder, so that an equal slice is decided once.
//
// A verdict may be used again only where nothing differs that could change it. So a key is a hash
// of the whole text that is checked, of the question, and of the program itself with every library
// that it has loaded (the linker's build ids): another Z3 is another program. An entry says which
// key it belongs to and ends with a SHA-256 of itself; one that is damaged is not used, and that is
// said. Entries are written beside their place and renamed into it, so that two runs at once do no
// harm. Whoever can write to the folder can put verdicts there: it is the user's own.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace airlock {

/// Hashes parts so that no two lists of parts give one text to hash.
class KeyMaker {
 public:
  void add(std::string_view part);
  /// 64 hexadecimal digits.
  [[nodiscard]] std::string key() const;

 private:
  std::string text_;
};

/// Which program runs, with its libraries: their build ids. Empty if one of them has none.
[[nodiscard]] std::string program_identity();

class VerdictCache {
 public:
  /// `folder` empty: nothing is kept.
  explicit VerdictCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// What is kept under the key; nothing if there is none. What is wrong with an entry goes to
  /// `problem`, if anything is.
  [[nodiscard]] std::optional<std::string> load(const std::string& key, std::string& problem) const;
  /// Does nothing if that is not possible (a full disk, no permission).
  void store(const std::string& key, const std::string& text) const;
  [[nodiscard]] bool on() const { return !folder_.empty(); }

 private:
  void prune() const;

  std::filesystem::path folder_;
};

}  // namespace airlock
