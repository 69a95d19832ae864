#include "model/kernel/archive_pass.hpp"

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <cerrno>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "model/kernel/xz_input.hpp"
#include "model/system/input_error.hpp"

namespace airlock::kernel {
namespace {

constexpr std::size_t block = std::size_t{1} << 18U;
constexpr la_int64_t most_bytes = la_int64_t{16} << 30U;

struct CloseArchive {
  void operator()(archive* object) const { archive_read_free(object); }
};

bool begins_with_xz(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string magic(6, '\0');
  stream.read(magic.data(), static_cast<std::streamsize>(magic.size()));
  return stream && magic == std::string("\xfd\x37zXZ\0", 6);
}

/// libarchive asks for the next bytes.
la_ssize_t next_of_xz(archive* object, void* data, const void** buffer) {
  auto* input = static_cast<XzInput*>(data);
  try {
    const std::string_view bytes = input->next();
    *buffer = bytes.data();
    return static_cast<la_ssize_t>(bytes.size());
  } catch (const std::exception& error) {  // no exception may cross a C function
    archive_set_error(object, EIO, "%s", error.what());
    return -1;
  }
}

class Pass {
 public:
  explicit Pass(const std::string& path) : path_(path), archive_(archive_read_new()) {
    archive* object = archive_.get();
    archive_read_support_format_tar(object);
    int result = ARCHIVE_OK;
    if (begins_with_xz(path)) {
      xz_ = std::make_unique<XzInput>(path);
      result = archive_read_open(object, xz_.get(), nullptr, next_of_xz, nullptr);
    } else {
      // Not archive_read_support_filter_all(): it would start programs for rare formats.
      archive_read_support_filter_gzip(object);
      archive_read_support_filter_bzip2(object);
      archive_read_support_filter_lzma(object);
      archive_read_support_filter_zstd(object);
      archive_read_support_filter_lz4(object);
      archive_read_support_filter_compress(object);
      result = archive_read_open_filename(object, path.c_str(), block);
    }
    if (result != ARCHIVE_OK) {
      fail();
    }
  }

  void run(const std::function<void(const ArchiveMember&, const ReadMember&)>& visit) {
    archive_entry* entry = nullptr;
    while (true) {
      const int result = archive_read_next_header(archive_.get(), &entry);
      if (result == ARCHIVE_EOF) {
        check_end();
        return;
      }
      if (archive_filter_bytes(archive_.get(), 0) > most_bytes) {
        throw InputError({path_, 0, 0}, "the archive holds more than 16 GiB: no kernel does");
      }
      if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
        fail();
      }
      const char* name = archive_entry_pathname(entry);
      if (name == nullptr) {
        throw InputError({path_, 0, 0}, "the archive has a member whose name cannot be read");
      }
      const ArchiveMember member = member_of(entry, name);
      if (!member.path.empty()) {
        visit(member, [this] { return read_data(); });
      }
    }
  }

 private:
  [[noreturn]] void fail() const {
    const char* text = archive_error_string(archive_.get());
    const std::string why = text != nullptr ? text : "unknown error";
    if (why == "Unrecognized archive format") {
      throw InputError({path_, 0, 0}, "this is no tar archive", {},
                       "a kernel tree: a folder, a tar archive or REPO@REVISION");
    }
    throw InputError({path_, 0, 0}, "the archive is truncated or damaged: " + why);
  }

  /// An archive ends with two blocks of 512 zero bytes (POSIX pax, "ustar Interchange Format").
  /// libarchive does not ask for them, and no compression would say that the rest is missing.
  void check_end() const {
    if (xz_ != nullptr) {
      try {
        while (!xz_->next().empty()) {  // the checksum of the last block is at its end
        }
      } catch (const std::runtime_error& error) {
        throw InputError({path_, 0, 0},
                         std::string("the archive is truncated or damaged: ") + error.what());
      }
      return;
    }
    if (archive_filter_code(archive_.get(), 0) != ARCHIVE_FILTER_NONE) {
      return;
    }
    std::ifstream stream(path_, std::ios::binary);
    std::string end(512, '\1');
    stream.seekg(-static_cast<std::streamoff>(end.size()), std::ios::end);
    stream.read(end.data(), static_cast<std::streamsize>(end.size()));
    if (!stream || end.find_first_not_of('\0') != std::string::npos) {
      throw InputError({path_, 0, 0}, "the archive is truncated: it has no end mark");
    }
  }

  [[nodiscard]] ArchiveMember member_of(archive_entry* entry, const char* name) const {
    ArchiveMember member;
    std::string_view rest = name;
    bool outside = rest.starts_with('/');
    while (!rest.empty()) {
      const std::string_view component = rest.substr(0, rest.find('/'));
      rest.remove_prefix(std::min(component.size() + 1, rest.size()));
      outside = outside || component == "..";
      if (!component.empty() && component != ".") {
        member.path += (member.path.empty() ? "" : "/") + std::string(component);
      }
    }
    if (outside) {
      throw InputError({path_, 0, 0},
                       "the archive has a member outside of its own folder: " + std::string(name),
                       {}, "paths that are not absolute and have no '..'");
    }
    member.folder = archive_entry_filetype(entry) == AE_IFDIR;
    member.regular =
        archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == nullptr;
    member.size = static_cast<std::uintmax_t>(std::max<la_int64_t>(archive_entry_size(entry), 0));
    return member;
  }

  std::string read_data() {
    std::string result;
    std::string buffer(block, '\0');
    while (true) {
      const la_ssize_t size = archive_read_data(archive_.get(), buffer.data(), buffer.size());
      if (size == 0) {
        return result;
      }
      if (size < 0) {
        fail();
      }
      result.append(buffer, 0, static_cast<std::size_t>(size));
    }
  }

  std::string path_;
  std::unique_ptr<XzInput> xz_;  // outlives the archive
  std::unique_ptr<archive, CloseArchive> archive_;
};

}  // namespace

void pass_through_archive(
    const std::string& path,
    const std::function<void(const ArchiveMember&, const ReadMember&)>& visit) {
  Pass(path).run(visit);
}

}  // namespace airlock::kernel
