#include "model/kernel/tree.hpp"

#include <algorithm>
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>

#include "model/system/input_error.hpp"
#include "tests/cli/command.hpp"

namespace airlock::kernel {
namespace {

namespace fs = std::filesystem;
using test::Scratch;
using test::shell;
using test::slurp;

/// A cache folder that goes away, so that no test meets another one's cache.
class Cache {
 public:
  Cache() { setenv("XDG_CACHE_HOME", scratch_.path("").c_str(), 1); }
  ~Cache() { unsetenv("XDG_CACHE_HOME"); }
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;
  [[nodiscard]] std::vector<fs::path> entries() const {
    std::vector<fs::path> result;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(scratch_.path("airlock/trees"), none)) {
      result.push_back(entry.path());
    }
    return result;
  }

 private:
  Scratch scratch_;
};

/// linux/: some files as a kernel has them.
void fill(const Scratch& scratch) {
  scratch.write("linux/Kconfig", "mainmenu\n");
  scratch.write("linux/arch/x86/kvm/x86.c", "int x86;\n");
  scratch.write("linux/arch/x86/kvm/svm/svm.c", "int svm;\n");
  scratch.write("linux/arch/x86/kvm/svm/svm.h", "int svm_h;\n");
  scratch.write("linux/include/linux/kvm_host.h", "int kvm_host;\n");
  scratch.write("linux/virt/kvm/kvm_main.c", "int kvm_main;\n");
}

const std::vector<std::string> globs = {"arch/x86/kvm/**/*.[ch]", "virt/*/{kvm_main,other}.c",
                                        "include/linux/kvm_host.h"};
const std::vector<std::string> paths = {"arch/x86/kvm/svm/svm.c", "arch/x86/kvm/svm/svm.h",
                                        "arch/x86/kvm/x86.c", "include/linux/kvm_host.h",
                                        "virt/kvm/kvm_main.c"};

std::string error_of(const std::function<void()>& what) {
  try {
    what();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// What every kind of tree must do.
std::string check_tree(const Tree& tree) {
  CHECK(tree.files(globs) == paths);
  CHECK(tree.files({"no/such/*.c"}).empty());
  CHECK(tree.read("arch/x86/kvm/x86.c").text == "int x86;\n");
  CHECK(tree.read("arch/x86/kvm/x86.c").path == "arch/x86/kvm/x86.c");
  CHECK_FALSE(tree.find("arch/x86/kvm/none.c"));
  CHECK(mentions(error_of([&] { static_cast<void>(tree.read("arch/none.c")); }),
                 "error: the tree has no file arch/none.c"));
  return tree.digest();
}

TEST_CASE("patterns match as a shell's, alternatives and ** included") {
  CHECK(Glob("a/*.[ch]").matches("a/x.c"));
  CHECK_FALSE(Glob("a/*.[ch]").matches("a/b/x.c"));
  CHECK_FALSE(Glob("a/*.[ch]").matches("a/x.o"));
  CHECK(Glob("a/**/*.c").matches("a/x.c"));
  CHECK(Glob("a/**/*.c").matches("a/b/c/x.c"));
  CHECK(Glob("a/**").matches("a/b/c/x.c"));
  CHECK_FALSE(Glob("a/**").matches("b/x.c"));
  CHECK(Glob("{a,b{c,d}}/x").matches("bd/x"));
  CHECK_FALSE(Glob("{a,b{c,d}}/x").matches("b/x"));
  for (const char* bad : {"", "/a", "a//b", "../a", "a/../b", "./a", "{a", "a}",
                          "{1,2,3,4,5,6}{1,2,3,4,5,6}{1,2,3,4,5,6}{1,2,3,4,5,6}"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(Glob{bad}, InputError);
  }
}

TEST_CASE("a folder, archives of every compression and a git revision hold the same tree") {
  const Cache cache;
  const Scratch scratch;
  fill(scratch);
  const std::string root = scratch.path("linux");
  const std::string digest = check_tree(Tree::open(root));
  CHECK(digest.size() == 64);
  const std::string cd = "cd " + shell_quote(scratch.path("")) + " && ";
  for (const std::string option : {"cf a.tar", "czf a.tgz", "cJf a.tar.xz", "cjf a.tar.bz2"}) {
    CAPTURE(option);
    REQUIRE(shell(cd + "tar " + option + " linux").status == 0);
    const std::string archive = scratch.path(option.substr(option.find(' ') + 1));
    CHECK(check_tree(Tree::open(archive)) == digest);
    CHECK(check_tree(Tree::open(archive)) == digest);  // of the cache
    CHECK(check_tree(Tree::open(archive, {false})) == digest);
  }
  // Without a folder at the top, and with "./" before every name.
  REQUIRE(shell(cd + "tar cf bare.tar -C linux Kconfig arch include virt").status == 0);
  CHECK(check_tree(Tree::open(scratch.path("bare.tar"))) == digest);
  REQUIRE(shell(cd + "tar cf dot.tar -C linux .").status == 0);
  CHECK(check_tree(Tree::open(scratch.path("dot.tar"))) == digest);

  const std::string git = "git -c user.name=t -c user.email=t@t -C " + shell_quote(root);
  REQUIRE(shell(git + " init -q && " + git + " add . && " + git + " commit -qm one && " + git +
                " tag v1")
              .status == 0);
  scratch.write("linux/arch/x86/kvm/x86.c", "int changed;\n");
  const Tree tagged = Tree::open(root + "@v1");
  CHECK(check_tree(tagged) == digest);
  CHECK(tagged.revision() + "\n" == shell(git + " rev-parse v1").out);
  CHECK(Tree::open(root + "@HEAD@{0}").read("arch/x86/kvm/x86.c").text == "int x86;\n");
  CHECK(Tree::open(root).read("arch/x86/kvm/x86.c").text == "int changed;\n");
}

TEST_CASE("what is no tree is an error that says so") {
  const Cache cache;
  const Scratch scratch;
  fill(scratch);
  const auto open = [&](const std::string& name) {
    return error_of([&] { static_cast<void>(Tree::open(name).files(globs)); });
  };
  CHECK(mentions(open(scratch.path("none")), "no such file or folder"));
  CHECK(mentions(open("/dev/null"), "neither a folder nor a file"));
  CHECK(mentions(open(scratch.write("text", "hello\n")), "this is no tar archive"));
  CHECK(mentions(open(scratch.write("empty", "")), "archive"));
  CHECK(mentions(open(scratch.path("linux") + "@v1"), "this is no git repository"));
  REQUIRE(shell("git init -q " + shell_quote(scratch.path("linux"))).status == 0);
  CHECK(mentions(open(scratch.path("linux") + "@v99"), "no revision 'v99'"));
}

TEST_CASE("a truncated or damaged archive is an error, whatever its compression") {
  const Cache cache;
  const Scratch scratch;
  fill(scratch);
  std::string noise;
  for (unsigned i = 0, x = 1; i < 100'000; ++i) {
    x = x * 1664525U + 1013904223U;
    noise += static_cast<char>('a' + (x >> 24U) % 26);
  }
  scratch.write("linux/virt/kvm/noise.c", noise);
  const std::string cd = "cd " + shell_quote(scratch.path("")) + " && ";
  for (const std::string option : {"cf", "czf", "cJf", "cjf"}) {
    CAPTURE(option);
    REQUIRE(shell(cd + "tar " + option + " a linux").status == 0);
    const std::string whole = slurp(scratch.path("a"));
    for (const std::size_t size : {whole.size() / 3, whole.size() / 2, whole.size() - 100}) {
      if (option == "cf" && size + 512 >= whole.size()) {
        continue;  // only the end mark is shorter
      }
      const std::string archive = scratch.write("cut", whole.substr(0, size));
      CHECK(mentions(error_of([&] { static_cast<void>(Tree::open(archive).files(globs)); }),
                     "truncated"));
    }
    if (option == "cJf" || option == "cjf") {  // of gzip's checksum libarchive makes no use
      std::string damaged = whole;
      damaged[damaged.size() / 2] = static_cast<char>(damaged[damaged.size() / 2] ^ 0x55);
      const std::string archive = scratch.write("damaged", damaged);
      CHECK(mentions(error_of([&] { static_cast<void>(Tree::open(archive).files(globs)); }),
                     "damaged"));
    }
  }
  // A plain archive that ends between two members.
  REQUIRE(shell(cd + "tar cf a linux/Kconfig linux/virt").status == 0);
  const std::string archive = scratch.write("cut", slurp(scratch.path("a")).substr(0, 1024));
  CHECK(mentions(error_of([&] { static_cast<void>(Tree::open(archive).files(globs)); }),
                 "truncated: it has no end mark"));
}

TEST_CASE("members outside of the archive's own folder are refused, links are not followed") {
  const Cache cache;
  const Scratch scratch;
  fill(scratch);
  const std::string cd = "cd " + shell_quote(scratch.path("")) + " && ";
  const auto read = [&](const std::string& path) {
    return error_of([&] { static_cast<void>(Tree::open(scratch.path("a.tar")).read(path)); });
  };
  REQUIRE(shell(cd + "tar cPf a.tar --transform 's,linux/virt,linux/../../virt,' linux").status ==
          0);
  CHECK(mentions(read("arch/x86/kvm/x86.c"), "outside of its own folder"));
  REQUIRE(shell(cd + "tar cPf a.tar $PWD/linux").status == 0);
  CHECK(mentions(read("arch/x86/kvm/x86.c"), "outside of its own folder"));

  fs::create_symlink("/etc/passwd", scratch.path("linux/virt/kvm/passwd.c"));
  fs::create_symlink("loop.c", scratch.path("linux/virt/kvm/loop.c"));
  REQUIRE(shell(cd + "tar cf a.tar linux").status == 0);
  CHECK(mentions(read("virt/kvm/passwd.c"), "passwd.c: error: this is a link in the archive"));
  CHECK(mentions(read("virt/kvm/loop.c"), "this is a link in the archive"));
  CHECK(read("virt/kvm/kvm_main.c") == "no error");
}

TEST_CASE("links in folders stay within the tree, circles end, devices are not read") {
  const Scratch scratch;
  fill(scratch);
  const std::string root = scratch.path("linux");
  fs::create_symlink("/etc/passwd", root + "/virt/passwd.c");
  fs::create_symlink("loop.c", root + "/virt/loop.c");
  fs::create_symlink("..", root + "/virt/up");
  fs::create_symlink("../Kconfig", root + "/virt/inside.c");
  REQUIRE(shell("mkfifo " + shell_quote(root + "/virt/pipe.c")).status == 0);
  const Tree tree = Tree::open(root);
  const auto read = [&](const std::string& path) {
    return error_of([&] { static_cast<void>(tree.read(path)); });
  };
  CHECK(mentions(read("virt/passwd.c"), "a link that leads out of the tree"));
  CHECK(mentions(read("virt/loop.c"), "ymbolic links"));  // "Too many levels of symbolic links"
  CHECK(mentions(read("virt/pipe.c"), "no regular file"));
  CHECK(mentions(read("../secret"), "error"));
  CHECK(tree.read("virt/inside.c").text == "mainmenu\n");
  CHECK(tree.files({"virt/**/*.c"}).size() == 5);
}

TEST_CASE("a huge file is refused where it is asked for, and only there") {
  const Cache cache;
  const Scratch scratch;
  fill(scratch);
  scratch.write("linux/virt/kvm/huge.h", std::string(50'000'000, ' '));
  const std::string archive = scratch.path("a.tar.gz");
  REQUIRE(
      shell("tar czf " + shell_quote(archive) + " -C " + shell_quote(scratch.path("")) + " linux")
          .status == 0);
  for (const std::string& name : {scratch.path("linux"), archive}) {
    const Tree tree = Tree::open(name);
    CHECK(tree.read("virt/kvm/kvm_main.c").text == "int kvm_main;\n");
    CHECK(tree.files({"virt/kvm/*.h"}).size() == 1);
    CHECK(mentions(error_of([&] { static_cast<void>(tree.read("virt/kvm/huge.h")); }),
                   "huge.h: error: the file is larger than 8 MiB"));
  }
}

TEST_CASE("the cache holds what was asked for, serves it, and nothing else is written") {
  const Cache cache;
  const Scratch scratch;
  fill(scratch);
  const std::string archive = scratch.path("a.tar.xz");
  REQUIRE(
      shell("tar cJf " + shell_quote(archive) + " -C " + shell_quote(scratch.path("")) + " linux")
          .status == 0);
  check_tree(Tree::open(archive, {false}));
  CHECK(cache.entries().empty());
  const Tree tree = Tree::open(archive);
  tree.want({"arch/x86/kvm/x86.c", "Kconfig"});
  CHECK(tree.files(globs) == paths);
  REQUIRE(cache.entries().size() == 1);
  CHECK(tree.read("Kconfig").text == "mainmenu\n");  // wanted, so of the same pass
  CHECK_FALSE(tree.find("virt/kvm/none.c"));
  const std::size_t entries = cache.entries().size();

  // An archive whose middle is gone, but which looks the same: only the cache can answer.
  const auto time = fs::last_write_time(archive);
  const std::string whole = slurp(archive);
  scratch.write("a.tar.xz", std::string(whole.size(), 'x'));
  fs::last_write_time(archive, time);
  // The time of the change of the inode tells, though.
  CHECK(error_of([&] { static_cast<void>(Tree::open(archive).files(globs)); }) != "no error");
  scratch.write("a.tar.xz", whole);
  CHECK(Tree::open(archive).files(globs) == paths);

  for (const fs::path& entry : cache.entries()) {  // a damaged entry is none
    std::string text = slurp(entry.string());
    text[text.size() / 2] = static_cast<char>(text[text.size() / 2] ^ 1);
    std::ofstream(entry, std::ios::binary) << text;
  }
  CHECK(Tree::open(archive).files(globs) == paths);
  CHECK(entries >= 1);
}

TEST_CASE("patches lie over a tree without touching it") {
  const Scratch scratch;
  fill(scratch);
  const Tree tree = Tree::open(scratch.path("linux"));
  const Patch patch = read_patch({"dir/a.diff",
                                  "--- a/arch/x86/kvm/x86.c\n+++ b/arch/x86/kvm/x86.c\n"
                                  "@@ -1 +1,2 @@\n-int x86;\n+int y;\n+int z;\n"
                                  "--- /dev/null\n+++ b/arch/x86/kvm/new.c\n@@ -0,0 +1 @@\n+new\n"
                                  "--- a/virt/kvm/kvm_main.c\n+++ /dev/null\n@@ -1 +0,0 @@\n"
                                  "-int kvm_main;\n"
                                  "--- a/fs/none.c\n+++ b/fs/none.c\n@@ -1 +1 @@\n-a\n+b\n"});
  const Tree patched = tree.with(patch);
  CHECK(patched.name() == scratch.path("linux") + " +a.diff");
  CHECK(patched.read("arch/x86/kvm/x86.c").text == "int y;\nint z;\n");
  CHECK(tree.read("arch/x86/kvm/x86.c").text == "int x86;\n");
  CHECK(patched.lines_of_patches("arch/x86/kvm/x86.c") == std::set<unsigned>{1, 2});
  CHECK(patched.lines_of_patches("arch/x86/kvm/svm/svm.c").empty());
  CHECK(patched.files({"arch/x86/kvm/*.c"}) ==
        std::vector<std::string>{"arch/x86/kvm/new.c", "arch/x86/kvm/x86.c"});
  CHECK(patched.files({"virt/kvm/*.c"}).empty());
  CHECK_FALSE(patched.find("virt/kvm/kvm_main.c"));
  REQUIRE(patched.notices().size() == 1);
  CHECK(mentions(patched.notices()[0], "dir/a.diff:15: fs/none.c is not in"));
  CHECK(patched.digest() != tree.digest());

  // A second patch meets what the first one left.
  const Tree twice = patched.with(
      read_patch({"b.diff",
                  "--- a/arch/x86/kvm/x86.c\n+++ b/arch/x86/kvm/x86.c\n@@ -1,2 +1,3 @@\n+first\n"
                  " int y;\n int z;\n"}));
  CHECK(twice.read("arch/x86/kvm/x86.c").text == "first\nint y;\nint z;\n");
  CHECK(twice.lines_of_patches("arch/x86/kvm/x86.c") == std::set<unsigned>{1, 2, 3});
}

TEST_CASE("a patch that does not belong to the tree is an error at its line") {
  const Scratch scratch;
  fill(scratch);
  const Tree tree = Tree::open(scratch.path("linux"));
  const auto error = [&](const std::string& diff) {
    return error_of([&] { static_cast<void>(tree.with(read_patch({"a.diff", diff}))); });
  };
  CHECK(mentions(error("--- a/fs/x.c\n+++ b/fs/x.c\n@@ -1 +1 @@\n-a\n+b\n"),
                 "a.diff:1:1: error: the patch changes no file of"));
  CHECK(mentions(error("--- /dev/null\n+++ b/Kconfig\n@@ -0,0 +1 @@\n+a\n"),
                 "the tree already has the file Kconfig"));
  CHECK(mentions(error("--- a/Kconfig\n+++ /dev/null\n@@ -1 +0,0 @@\n-other\n"),
                 "a.diff:4:1: error: the hunk does not fit: Kconfig:1 has 'mainmenu'"));
  CHECK(
      mentions(error("diff --git a/Kconfig b/Kconfig\nGIT binary patch\nliteral 3\n"), "no error"));
  const Tree binary = tree.with(
      read_patch({"a.diff", "diff --git a/Kconfig b/Kconfig\nGIT binary patch\nliteral 3\n"}));
  CHECK(mentions(error_of([&] { static_cast<void>(binary.read("Kconfig")); }), "in binary form"));
  CHECK(binary.notices().size() == 1);
}

}  // namespace
}  // namespace airlock::kernel
