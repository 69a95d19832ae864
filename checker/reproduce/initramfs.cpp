#include "checker/reproduce/initramfs.hpp"

#include <fmt/format.h>

namespace airlock {
namespace {

constexpr unsigned directory = 0040755;
constexpr unsigned file = 0100644;
constexpr unsigned program = 0100755;
constexpr unsigned character_device = 0020600;

void pad_to_four(std::string& bytes) {
  bytes.resize((bytes.size() + 3) / 4 * 4, '\0');
}

}  // namespace

void Initramfs::add_directory(const std::string& name) {
  add(name, directory, {}, 0, 0);
}

void Initramfs::add_file(const std::string& name, std::string_view contents, bool executable) {
  add(name, executable ? program : file, contents, 0, 0);
}

void Initramfs::add_character_device(const std::string& name, unsigned major, unsigned minor) {
  add(name, character_device, {}, major, minor);
}

std::string Initramfs::finish() {
  add("TRAILER!!!", 0, {}, 0, 0);
  return std::move(bytes_);
}

void Initramfs::add(const std::string& name, unsigned mode, std::string_view contents,
                    unsigned major, unsigned minor) {
  // Inode, mode, owner, group, links, time, size, device, special device, name's size, checksum.
  bytes_ += fmt::format(
      "070701{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}{:08X}",
      next_inode_++, mode, 0, 0, 1, 0, contents.size(), 0, 0, major, minor, name.size() + 1, 0);
  bytes_ += name;
  bytes_ += '\0';
  pad_to_four(bytes_);
  bytes_ += contents;
  pad_to_four(bytes_);
}

}  // namespace airlock
