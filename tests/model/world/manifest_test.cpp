#include "model/world/manifest.hpp"

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "model/system/input_error.hpp"

using namespace airlock;

namespace {

namespace fs = std::filesystem;

/// A directory of its own, gone with the test.
class Directory {
 public:
  Directory() {
    std::string pattern = (fs::temp_directory_path() / "airlock-manifest-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
    file("model.c", "void vcpu_run(void) {}\n");
  }
  ~Directory() { fs::remove_all(path); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  void file(const std::string& name, const std::string& text) const {
    std::ofstream(path / name) << text;
  }
  [[nodiscard]] Manifest read(const std::string& manifest) const {
    file("airlock.toml", manifest);
    return read_manifest(path.string());
  }
  /// The message without the directory's name.
  [[nodiscard]] std::string error(const std::string& manifest) const {
    try {
      (void)read(manifest);
    } catch (const InputError& e) {
      std::string text = e.what();
      for (std::size_t at = 0; (at = text.find(path.string() + "/", at)) != std::string::npos;) {
        text.erase(at, path.string().size() + 1);
      }
      return text;
    }
    return "no error";
  }

  fs::path path;
};

}  // namespace

TEST_CASE("a manifest names files, properties, fixes, actors and parameters") {
  const Directory d;
  d.file("p.c", "");
  d.file("a.c", "");
  d.file("b.c", "");
  const Manifest m = d.read(
      "files = [\"model.c\"]\nproperties = [\"p.c\"]\nfixes = [\"b.c\", \"./a.c\"]\n"
      "[actors]\nirq_a = true\nnmi_b = false\n"
      "[parameters]\nbits = \"LBR|BTF\"\ncount = 3\non = true\noff = false\n");
  CHECK(m.path == (d.path / "airlock.toml").string());
  CHECK(m.files == std::vector{(d.path / "model.c").string()});
  CHECK(m.properties == std::vector{(d.path / "p.c").string()});
  CHECK(m.fixes == std::vector{(d.path / "b.c").string(), (d.path / "a.c").string()});
  CHECK(m.actors == std::map<std::string, bool>{{"irq_a", true}, {"nmi_b", false}});
  CHECK(m.parameters == std::map<std::string, std::string>{
                            {"bits", "LBR|BTF"}, {"count", "3"}, {"on", "1"}, {"off", "0"}});
  CHECK(m.places.at("nmi_b").line == 6);
  CHECK(m.places.at("nmi_b").column == 1);
  CHECK(m.places.at("count").line == 9);
  CHECK(m.places.at("count").file == m.path);
}

TEST_CASE("a manifest turns features on and off") {
  const Directory d;
  const Manifest m = d.read("files = [\"model.c\"]\n[features]\nhost_dr6 = true\n");
  CHECK(m.features == std::map<std::string, bool>{{"host_dr6", true}});
  CHECK(m.places.at("host_dr6").line == 3);
  CHECK(d.error("files = [\"model.c\"]\n[features]\nhost_dr6 = 1\n")
            .find("airlock.toml:3:12: error: feature 'host_dr6' is neither on nor off") == 0);
}

TEST_CASE("a manifest needs nothing but files") {
  const Directory d;
  const Manifest m = d.read("files = [\"model.c\"]\n");
  CHECK(m.properties.empty());
  CHECK(m.fixes.empty());
  CHECK(m.actors.empty());
  CHECK(m.parameters.empty());
}

TEST_CASE("a manifest's paths may lead out of its directory") {
  const Directory d;
  fs::create_directory(d.path / "sub");
  d.file("sub/airlock.toml", "files = [\"../model.c\"]\n");
  CHECK(read_manifest((d.path / "sub").string()).files ==
        std::vector{(d.path / "model.c").string()});
}

TEST_CASE("a directory without a manifest is an error that says what a MODEL is") {
  const Directory d;
  try {
    (void)read_manifest(d.path.string());
    FAIL("no error");
  } catch (const InputError& e) {
    const std::string text = e.what();
    CHECK(text.find((d.path / "airlock.toml").string() + ": error: no such file") == 0);
    CHECK(text.find("expected: a manifest in the model's directory, or C files") !=
          std::string::npos);
  }
}

TEST_CASE("a manifest without files is an error") {
  const Directory d;
  CHECK(d.error("fixes = []\n").find("airlock.toml:1:1: error: missing key 'files'") == 0);
  CHECK(d.error("").find("airlock.toml:1:1: error: missing key 'files'") == 0);
  CHECK(d.error("files = []\n").find("airlock.toml:1:9: error: 'files' is empty") == 0);
}

TEST_CASE("an unknown key is an error at the key, with the keys that there are") {
  const Directory d;
  const std::string text = d.error("files = [\"model.c\"]\nfix = [\"a.c\"]\n");
  CHECK(text.find("airlock.toml:2:1: error: unknown key 'fix'") == 0);
  CHECK(text.find("  2 | fix = [\"a.c\"]") != std::string::npos);
  CHECK(text.find(
            "expected: files, properties, fixes, [actors], [features], [parameters], [values] or "
            "[unreached]") != std::string::npos);
  CHECK(d.error("files = [\"model.c\"]\n[actor]\nirq = true\n").find("airlock.toml:2:2") == 0);
}

TEST_CASE("a list that is no list, or has something else in it, is an error at the value") {
  const Directory d;
  CHECK(d.error("files = \"model.c\"\n").find("airlock.toml:1:9: error: 'files' is not a list") ==
        0);
  CHECK(d.error("files = [\"model.c\"]\nfixes = [\n  7,\n]\n")
            .find("airlock.toml:3:3: error: an entry of 'fixes' is not a path") == 0);
  CHECK(d.error("files = [\"model.c\"]\nproperties = true\n")
            .find("airlock.toml:2:14: error: 'properties' is not a list") == 0);
}

TEST_CASE("a file that does not exist is an error at its entry, in each list") {
  const Directory d;
  CHECK(d.error("files = [\"model.c\", \"gone.c\"]\n")
            .find("airlock.toml:1:21: error: no such file: gone.c") == 0);
  CHECK(d.error("files = [\"model.c\"]\nfixes = [\"gone.c\"]\n")
            .find("airlock.toml:2:10: error: no such file: gone.c") == 0);
  CHECK(d.error("files = [\"model.c\"]\nproperties = [\"gone.c\"]\n")
            .find("airlock.toml:2:15: error: no such file: gone.c") == 0);
}

TEST_CASE("a directory where a file should be is an error") {
  const Directory d;
  fs::create_directory(d.path / "sub");
  CHECK(d.error("files = [\"sub\"]\n").find("airlock.toml:1:10: error: no such file: sub") == 0);
}

TEST_CASE("an actor that is neither on nor off is an error at its value") {
  const Directory d;
  const std::string text = d.error("files = [\"model.c\"]\n[actors]\nirq_a = \"on\"\n");
  CHECK(text.find("airlock.toml:3:9: error: actor 'irq_a' is neither on nor off") == 0);
  CHECK(text.find("expected: true or false") != std::string::npos);
}

TEST_CASE("a parameter of a type that no parameter has is an error at its value") {
  const Directory d;
  for (const char* bad : {"1.5", "[1]", "2026-01-01", "{ a = 1 }"}) {
    CAPTURE(bad);
    CHECK(d.error(std::string("files = [\"model.c\"]\n[parameters]\np = ") + bad + "\n")
              .find("airlock.toml:3:5: error: parameter 'p' has no usable value") == 0);
  }
}

TEST_CASE("actors or parameters that are no table are an error at the value") {
  const Directory d;
  CHECK(d.error("files = [\"model.c\"]\nactors = [\"irq\"]\n")
            .find("airlock.toml:2:10: error: 'actors' is not a table") == 0);
  CHECK(d.error("files = [\"model.c\"]\nparameters = 1\n")
            .find("airlock.toml:2:14: error: 'parameters' is not a table") == 0);
}

TEST_CASE("a TOML syntax error has its position and its line") {
  const Directory d;
  const std::string text = d.error("files = [\"model.c\"]\nfixes = [\"a.c\"\nactors = 1\n");
  CHECK(text.find("airlock.toml:3:") == 0);
  CHECK(text.find("  3 | actors = 1") != std::string::npos);
  CHECK(text.find("expected: TOML") != std::string::npos);
  CHECK(d.error("files = [\"model.c\"]\nfiles = [\"model.c\"]\n").find("airlock.toml:2:") == 0);
}

TEST_CASE("read_file gives a file's bytes, and says what is wrong with anything else") {
  const Directory d;
  d.file("x.c", "a\r\nb");
  CHECK(read_file((d.path / "x.c").string()) == "a\r\nb");
  d.file("empty.c", "");
  CHECK(read_file((d.path / "empty.c").string()).empty());
  const auto error = [](const fs::path& path) {
    try {
      (void)read_file(path.string());
    } catch (const InputError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CHECK(error(d.path / "gone.c").find("gone.c: error: no such file") != std::string::npos);
  CHECK(error(d.path).find(": error: is a directory") != std::string::npos);
}

TEST_CASE("every key of the manifest is explained in docs/manifest.md") {
  std::ifstream in(std::string(AIRLOCK_SOURCE_DIR) + "/docs/manifest.md");
  const std::string text(std::istreambuf_iterator<char>(in), {});
  for (const std::string& key : manifest_keys()) {
    CAPTURE(key);
    const bool there = text.find("| `" + key + "` |") != std::string::npos ||
                       text.find("| `[" + key + "]` |") != std::string::npos;
    CHECK(there);
  }
}
