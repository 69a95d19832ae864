// airlock.toml: bytes as a manifest, in a directory in which some of the paths that it may name are
// there.
#include "model/world/manifest.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/fuzz/target.hpp"

namespace {

namespace fs = std::filesystem;

/// Made once, taken away at exit.
class Directory {
 public:
  Directory() {
    std::string name = (fs::temp_directory_path() / "airlock-fuzz-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) {
      throw std::runtime_error("no temporary directory");
    }
    path_ = name;
    std::ofstream(path_ / "a.c") << "void vcpu_run(void) {}\n";
    fs::create_directory(path_ / "d");
    std::ofstream(path_ / "d" / "b.c") << "bool always_b(void) { return true; }\n";
  }
  ~Directory() { fs::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Directory directory;
  std::ofstream(directory.path() / "airlock.toml", std::ios::binary)
      << airlock::fuzz::text_of(data, size);
  airlock::fuzz::expect_answer([] { (void)airlock::read_manifest(directory.path().string()); });
  return 0;
}
