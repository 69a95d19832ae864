#include "checker/cli/verdict_cache.hpp"

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <fstream>
#include <link.h>
#include <sstream>
#include <sys/stat.h>

#include "checker/support/atomic_file.hpp"
#include "model/system/digest.hpp"

namespace airlock {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic = "airlock verdict, version 1\n";
constexpr std::size_t digest_size = 64;
constexpr std::size_t most_entries = 4096;  // a few kB each

/// The build id among the notes of a segment; empty if it has none.
std::string build_id_in(const char* notes, std::size_t size) {
  constexpr std::size_t alignment = 4;
  const auto padded = [](std::size_t n) { return (n + alignment - 1) / alignment * alignment; };
  for (std::size_t at = 0; at + sizeof(ElfW(Nhdr)) <= size;) {
    ElfW(Nhdr) note;
    std::memcpy(&note, notes + at, sizeof(note));
    const std::size_t name = at + sizeof(note);
    const std::size_t description = name + padded(note.n_namesz);
    if (description + note.n_descsz > size) {
      break;
    }
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof(ELF_NOTE_GNU) &&
        std::memcmp(notes + name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) == 0) {
      return {notes + description, note.n_descsz};
    }
    at = description + padded(note.n_descsz);
  }
  return {};
}

struct Identity {
  KeyMaker maker;
  bool complete = true;
};

int add_object(dl_phdr_info* object, std::size_t /*size*/, void* data) {
  Identity& identity = *static_cast<Identity*>(data);
  const bool of_kernel = std::string_view(object->dlpi_name).starts_with("linux-vdso");
  if (of_kernel) {  // the time, and nothing on which a verdict rests
    return 0;
  }
  std::string id;
  for (int i = 0; i < object->dlpi_phnum && id.empty(); ++i) {
    const ElfW(Phdr)& header = object->dlpi_phdr[i];
    if (header.p_type == PT_NOTE) {
      // NOLINTNEXTLINE: the loader tells addresses as numbers
      const auto* notes = reinterpret_cast<const char*>(object->dlpi_addr + header.p_vaddr);
      id = build_id_in(notes, header.p_memsz);
    }
  }
  identity.complete = identity.complete && !id.empty();
  identity.maker.add(id);
  return 0;
}

}  // namespace

void KeyMaker::add(std::string_view part) {
  text_ += std::to_string(part.size()) + ":";
  text_ += part;
}

std::string KeyMaker::key() const {
  return sha256_hex(text_);
}

std::string program_identity() {
  Identity identity;
  dl_iterate_phdr(add_object, &identity);
  return identity.complete ? identity.maker.key() : std::string();
}

std::optional<std::string> VerdictCache::load(const std::string& key, std::string& problem) const {
  if (!on()) {
    return std::nullopt;
  }
  const fs::path path = folder_ / key;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) {
    return std::nullopt;
  }
  std::ostringstream all;
  all << stream.rdbuf();
  const std::string text = all.str();
  const std::string head = std::string(magic) + key + "\n";
  const std::size_t body = text.size() < digest_size ? 0 : text.size() - digest_size;
  if (!text.starts_with(head) || body < head.size() ||
      sha256_hex(std::string_view(text).substr(0, body)) != text.substr(body)) {
    problem = path.string() + ": this entry of the cache is damaged and not used";
    return std::nullopt;
  }
  return text.substr(head.size(), body - head.size());
}

void VerdictCache::store(const std::string& key, const std::string& text) const {
  if (!on()) {
    return;
  }
  std::error_code error;
  fs::create_directories(folder_, error);
  std::string entry = std::string(magic) + key + "\n" + text;
  entry += sha256_hex(entry);
  try {
    write_file((folder_ / key).string(), entry);
  } catch (const CannotWrite&) {
    return;  // the next run decides again
  }
  prune();
}

/// Removes the oldest of more than `most_entries`.
void VerdictCache::prune() const {
  std::error_code error;
  std::vector<std::pair<fs::file_time_type, fs::path>> entries;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    std::error_code none;
    entries.emplace_back(at->last_write_time(none), at->path());
  }
  if (entries.size() <= most_entries) {
    return;
  }
  std::sort(entries.begin(), entries.end());
  for (std::size_t i = 0; i + most_entries < entries.size(); ++i) {
    fs::remove(entries[i].second, error);
  }
}

}  // namespace airlock
