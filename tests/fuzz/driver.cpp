// A fuzz target without a fuzzer: runs it once over every file that the command line names, or that
// lies in a directory that it names. Fails if there is none: an empty corpus tests nothing.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "checker/support/known_leaks.hpp"
#include "tests/fuzz/target.hpp"

namespace {

namespace fs = std::filesystem;

void run(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  const std::string bytes = text.str();
  std::fprintf(stderr, "%s\n", path.c_str());  // the last one named is the one that crashed
  (void)LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()),  // NOLINT
                               bytes.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    if (!fs::is_directory(argv[i])) {
      run(argv[i]);
      ++count;
      continue;
    }
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(argv[i])) {
      if (entry.is_regular_file()) {
        run(entry.path());
        ++count;
      }
    }
  }
  std::printf("%zu inputs\n", count);
  return count == 0 ? 1 : 0;
}
