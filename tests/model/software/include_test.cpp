// Headers: the embedded one, files beside the including one, and what can go wrong with them.
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include "fake_platform.hpp"
#include "model/software/embedded.hpp"

using namespace airlock;
using airlock::testing::FakePlatform;

namespace {

/// A directory with these files; the first is the program.
class Directory {
 public:
  Directory(std::initializer_list<SourceFile> files) {
    std::filesystem::create_directories(root_ / "sub");
    for (const SourceFile& file : files) {
      std::ofstream(root_ / file.path) << file.text;
    }
    main_ = {(root_ / files.begin()->path).string(), files.begin()->text};
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() { std::filesystem::remove_all(root_); }
  [[nodiscard]] std::string error() const {
    TransitionSystem system;
    const FakePlatform platform(system);
    try {
      const std::vector<SourceFile> base{main_};
      static_cast<void>(Program::check(base, {}, platform));
    } catch (const InputError& error) {
      return error.what();
    }
    return {};
  }

 private:
  std::filesystem::path root_ = std::filesystem::temp_directory_path() /
                                ("airlock_include_test_" + std::to_string(::getpid()));
  SourceFile main_;
};

}  // namespace

TEST_CASE("a header beside the file is read, once, with its macros") {
  const Directory d(
      {{"t.c", "#include \"a.h\"\n#include \"sub/b.h\"\nint f(void) { return A + B; }\n"},
       {"a.h", "#ifndef A_H\n#define A_H\n#define A 1\nstruct s { int x; };\n#endif\n"},
       {"sub/b.h", "#pragma once\n#include \"../a.h\"\nenum { B = A + 1 };\n"}});
  CHECK(d.error() == "");
}

TEST_CASE("an error in a header names the header") {
  const Directory d{{"t.c", "#include \"a.h\"\n"}, {"a.h", "\nint x = y;\n"}};
  CHECK(d.error().find("a.h:2:9: error: unknown identifier 'y'") != std::string::npos);
}

TEST_CASE("an include cycle is an error that names it") {
  const Directory d{{"t.c", "#include \"a.h\"\n"},
                    {"a.h", "#include \"sub/b.h\"\n"},
                    {"sub/b.h", "#include \"../a.h\"\n"}};
  CHECK(d.error().find("b.h:1:1: error: include cycle: ") != std::string::npos);
  const Directory self{{"t.c", "#include \"t.c\"\n"}};
  CHECK(self.error().find("include cycle") != std::string::npos);
}

TEST_CASE("a directory is not a header") {
  const Directory d{{"t.c", "#include \"sub\"\n"}};
  CHECK(d.error().find("t.c:1:1: error: cannot open") != std::string::npos);
}

TEST_CASE("<airlock/svm.h> is embedded and is accepted as it is") {
  REQUIRE(!embedded_header("airlock/svm.h").empty());
  const Directory d{{"t.c",
                     "#include <airlock/svm.h>\n"
                     "u64 f(void) { return DEBUGCTLMSR_LBR | BIT(3) | GENMASK(7, 6); }\n"}};
  CHECK(d.error() == "");
}
