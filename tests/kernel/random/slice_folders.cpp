// Slices small trees, many in one process: each FOLDER has tree/**, lens/ and gets slice.c, or
// error.txt for a tree that is refused. For random.py, which makes and runs them.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "model/kernel/slice.hpp"
#include "model/kernel/tree.hpp"
#include "model/system/input_error.hpp"

namespace {

using namespace airlock;
using namespace airlock::kernel;

void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

void one(const std::string& folder) {
  for (const char* old : {"/slice.c", "/error.txt"}) {
    std::filesystem::remove(folder + old);
  }
  try {
    const Lens lens = read_lens(folder + "/lens/mini");
    TreeOptions options;
    options.cache = false;
    const Tree tree = Tree::open(folder + "/tree", options);
    std::vector<SourceFile> files;
    for (const std::string& each : tree.files({"**"})) {
      files.push_back(tree.read(each));
    }
    const Slice made = slice(files, lens);
    std::string text;
    for (const std::string& problem : verify(made, files)) {
      text += "#error " + problem + "\n";
    }
    for (const SourceFile& file : made.files) {
      text += "#line 1 \"" + file.path + "\"\n" + file.text + "\n";
    }
    write(folder + "/slice.c", text);
  } catch (const InputError& error) {
    write(folder + "/error.txt", error.what());
  } catch (const std::exception& error) {
    write(folder + "/error.txt", std::string("internal: ") + error.what());
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    one(argv[i]);
  }
  return 0;
}
