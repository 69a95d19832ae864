#include "model/kernel/archive_cache.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

#include "model/system/digest.hpp"

namespace airlock::kernel {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "airlock archive members, version 1\n";
constexpr std::size_t digest_size = 64;
constexpr std::size_t most_entries = 16;

/// Reads what write() wrote: lines, and bytes by their number.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::string_view line() {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) {
      ok_ = false;
      return {};
    }
    const std::string_view result = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return result;
  }
  std::size_t number() {
    const std::string_view text = line();
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    ok_ = ok_ && error == std::errc{} && end == text.data() + text.size();
    return ok_ ? value : 0;
  }
  std::string_view bytes(std::size_t size) {
    ok_ = ok_ && size <= rest_.size();
    const std::string_view result = rest_.substr(0, ok_ ? size : 0);
    rest_.remove_prefix(result.size());
    return result;
  }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

std::string written(const std::string& identity, const CachedMembers& members) {
  std::string text(magic);
  text += identity + "\n" + std::to_string(members.patterns.size()) + "\n";
  for (const std::string& pattern : members.patterns) {
    text += pattern + "\n";
  }
  text += std::to_string(members.files.size()) + "\n";
  for (const auto& [path, content] : members.files) {
    text += path + "\n" + std::to_string(content.size()) + "\n" + content;
  }
  return text + sha256_hex(text);
}

std::optional<CachedMembers> read(const std::string& text, const std::string& identity) {
  if (text.size() < magic.size() + digest_size) {
    return std::nullopt;
  }
  const std::string_view body = std::string_view(text).substr(0, text.size() - digest_size);
  if (!body.starts_with(magic) || sha256_hex(body) != text.substr(body.size())) {
    return std::nullopt;
  }
  Reader reader(body.substr(magic.size()));
  if (reader.line() != identity) {
    return std::nullopt;
  }
  CachedMembers result;
  for (std::size_t left = reader.number(); left > 0 && reader.ok(); --left) {
    result.patterns.emplace_back(reader.line());
  }
  for (std::size_t left = reader.number(); left > 0 && reader.ok(); --left) {
    std::string path(reader.line());
    const std::size_t size = reader.number();
    result.files.emplace(std::move(path), reader.bytes(size));
  }
  return reader.ok() ? std::optional(std::move(result)) : std::nullopt;
}

/// Removes the oldest of more than `most_entries`.
void prune(const fs::path& folder) {
  std::error_code error;
  std::vector<std::pair<fs::file_time_type, fs::path>> entries;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code none;
    entries.emplace_back(at->last_write_time(none), at->path());
  }
  std::sort(entries.begin(), entries.end());
  for (std::size_t i = 0; i + most_entries < entries.size(); ++i) {
    fs::remove(entries[i].second, error);
  }
}

}  // namespace

ArchiveCache::ArchiveCache(const fs::path& folder, const std::string& archive) {
  struct stat status {};
  std::error_code error;
  const fs::path path = fs::canonical(archive, error);
  if (folder.empty() || error || stat(path.c_str(), &status) != 0 ||
      path.native().find('\n') != std::string::npos) {
    return;
  }
  folder_ = folder / "trees";
  std::ostringstream identity;
  identity << path.native() << ' ' << status.st_dev << ' ' << status.st_ino << ' ' << status.st_size
           << ' ' << status.st_mtim.tv_sec << '.' << status.st_mtim.tv_nsec << ' '
           << status.st_ctim.tv_sec << '.' << status.st_ctim.tv_nsec;
  identity_ = identity.str();
}

std::vector<CachedMembers> ArchiveCache::load() const {
  std::vector<CachedMembers> result;
  if (identity_.empty()) {
    return result;
  }
  const std::string prefix = sha256_hex(identity_).substr(0, 32) + "-";
  std::error_code error;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    if (!at->path().filename().string().starts_with(prefix)) {
      continue;
    }
    std::ifstream stream(at->path(), std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    if (std::optional<CachedMembers> members = read(text.str(), identity_)) {
      result.push_back(std::move(*members));
    }
  }
  return result;
}

void ArchiveCache::store(const CachedMembers& members) const {
  const auto has_newline = [](const std::string& text) {
    return text.find('\n') != std::string::npos;
  };
  if (identity_.empty() ||
      std::any_of(members.patterns.begin(), members.patterns.end(), has_newline) ||
      std::any_of(members.files.begin(), members.files.end(),
                  [&](const auto& file) { return has_newline(file.first); })) {
    return;
  }
  std::error_code error;
  fs::create_directories(folder_, error);
  std::string patterns;
  for (const std::string& pattern : members.patterns) {
    patterns += pattern + "\n";
  }
  const fs::path entry =
      folder_ / (sha256_hex(identity_).substr(0, 32) + "-" + sha256_hex(patterns).substr(0, 16));
  fs::path unfinished = entry;
  unfinished += "." + std::to_string(getpid());
  const std::string text = written(identity_, members);
  std::ofstream stream(unfinished, std::ios::binary);
  stream.write(text.data(), static_cast<std::streamsize>(text.size()));
  stream.close();
  if (!stream) {
    fs::remove(unfinished, error);
    return;
  }
  fs::rename(unfinished, entry, error);
  prune(folder_);
}

}  // namespace airlock::kernel
