#include "model/kernel/patch.hpp"

#include <doctest/doctest.h>

#include "model/system/input_error.hpp"

namespace airlock::kernel {
namespace {

const std::string text = "one\ntwo\nthree\nfour\nfive\nsix\n";

std::string head(const std::string& path = "f.c") {
  return "--- a/" + path + "\n+++ b/" + path + "\n";
}

PatchedText applied(const std::string& diff, const std::string& to = text,
                    const std::set<unsigned>& lines = {}) {
  const Patch patch = read_patch({"p.diff", diff});
  REQUIRE(patch.files.size() == 1);
  return apply(patch, patch.files[0], to, lines);
}

template <class What>
std::string error_of(const What& what) {
  try {
    what();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}
std::string read_error(const std::string& diff) {
  return error_of([&] { static_cast<void>(read_patch({"p.diff", diff})); });
}
std::string apply_error(const std::string& diff, const std::string& to = text) {
  return error_of([&] { static_cast<void>(applied(diff, to)); });
}
bool mentions(const std::string& whole, const std::string& part) {
  return whole.find(part) != std::string::npos;
}

TEST_CASE("hunks replace, insert and delete lines, and the new lines are known") {
  const PatchedText result = applied(head() +
                                     "@@ -1,3 +1,4 @@ context\n one\n-two\n+2\n+2b\n three\n"
                                     "@@ -5,2 +6 @@\n five\n-six\n");
  CHECK(result.text == "one\n2\n2b\nthree\nfour\nfive\n");
  CHECK(result.lines == std::set<unsigned>{2, 3});
  CHECK(result.notices.empty());
}

TEST_CASE("lines of earlier patches move with their text") {
  const PatchedText result = applied(head() + "@@ -1,2 +1,3 @@\n+zero\n one\n two\n", text, {2, 5});
  CHECK(result.lines == std::set<unsigned>{1, 3, 6});
}

TEST_CASE("a hunk may lie elsewhere than it says, and that is said") {
  const PatchedText result = applied(head() + "@@ -40,2 +40,2 @@\n four\n-five\n+5\n");
  CHECK(result.text == "one\ntwo\nthree\nfour\n5\nsix\n");
  REQUIRE(result.notices.size() == 1);
  CHECK(result.notices[0] == "p.diff:3: the hunk for line 40 of f.c fits at line 4");
  // Of two places the nearer one is taken.
  CHECK(applied(head() + "@@ -5,2 +5,2 @@\n a\n-b\n+c\n", "a\nb\nx\nx\nx\na\nb\n").text ==
        "a\nb\nx\nx\nx\na\nc\n");
  // An offset carries over to the hunks behind it, without a word.
  CHECK(applied(head() + "@@ -2,2 +2,2 @@\n two\n-three\n+3\n@@ -5,1 +5,1 @@\n-six\n+6\n", text)
            .text == "one\ntwo\n3\nfour\nfive\n6\n");
  CHECK(applied(head() + "@@ -4294967295,1 +1 @@\n-six\n+6\n").text ==
        "one\ntwo\nthree\nfour\nfive\n6\n");
}

TEST_CASE("a hunk that does not fit says what was expected and what is there") {
  const std::string error = apply_error(head() + "@@ -2,3 +2,3 @@\n two\n-tree\n+3\n four\n");
  CHECK(mentions(error, "p.diff:5:1: error: the hunk does not fit: f.c:3 has 'three'"));
  CHECK(mentions(error, "5 | -tree"));
  CHECK(mentions(apply_error(head() + "@@ -6,2 +6,2 @@\n six\n-seven\n+7\n"),
                 "f.c ends before line 7"));
  // White space counts.
  CHECK(mentions(apply_error(head() + "@@ -1 +1 @@\n-one \n+1\n"), "does not fit"));
  CHECK(mentions(apply_error(head() + "@@ -1,2 +1,2 @@\n one\n-2\n+two\n"), "applied already"));
  // Hunks in the wrong order, and one that overlaps the one before.
  CHECK(mentions(apply_error(head() + "@@ -5 +5 @@\n-five\n+5\n@@ -1 +1 @@\n-one\n+1\n"),
                 "does not fit"));
}

TEST_CASE("files are created, deleted, renamed and copied") {
  const Patch patch = read_patch(
      {"p.diff",
       "diff --git a/new.c b/new.c\nnew file mode 100644\nindex 0..1\n--- /dev/null\n+++ b/new.c\n"
       "@@ -0,0 +1,2 @@\n+a\n+b\n"
       "diff --git a/old.c b/old.c\ndeleted file mode 100644\n--- a/old.c\n+++ /dev/null\n"
       "@@ -1 +0,0 @@\n-x\n"
       "diff --git a/dir/from.c b/dir/to.c\nsimilarity index 90%\nrename from dir/from.c\n"
       "rename to dir/to.c\n--- a/dir/from.c\n+++ b/dir/to.c\n@@ -1 +1 @@\n-x\n+y\n"
       "diff --git a/p.c b/q.c\nsimilarity index 100%\ncopy from p.c\ncopy to q.c\n"
       "diff --git a/empty.c b/empty.c\nnew file mode 100644\nindex 0..0\n"
       "diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n"});
  REQUIRE(patch.files.size() == 6);
  CHECK_FALSE(patch.files[0].old_path);
  CHECK(apply(patch, patch.files[0], "", {}).text == "a\nb\n");
  CHECK_FALSE(patch.files[1].new_path);
  CHECK(apply(patch, patch.files[1], "x\n", {}).text.empty());
  CHECK(mentions(error_of([&] { static_cast<void>(apply(patch, patch.files[1], "x\ny\n", {})); }),
                 "the tree's file has more"));
  CHECK(*patch.files[2].old_path == "dir/from.c");
  CHECK(*patch.files[2].new_path == "dir/to.c");
  CHECK(apply(patch, patch.files[2], "x\n", {}).text == "y\n");
  CHECK(patch.files[3].copy);
  CHECK(*patch.files[3].new_path == "q.c");
  CHECK_FALSE(patch.files[4].old_path);
  CHECK(*patch.files[5].old_path == "run.sh");
  CHECK(patch.files[5].hunks.empty());
}

TEST_CASE("files that do not end in a newline") {
  CHECK(applied(head() + "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n", "a").text == "b\n");
  CHECK(applied(head() + "@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n", "a\n").text == "b");
  CHECK(mentions(apply_error(head() + "@@ -1 +1 @@\n-a\n+b\n", "a"), "does not fit"));
}

TEST_CASE("prefixes: git's, git's other letters, two folders, none") {
  const auto path = [](const std::string& old_name, const std::string& new_name) {
    return *read_patch({"p", "--- " + old_name + "\n+++ " + new_name + "\n@@ -1 +1 @@\n-a\n+b\n"})
                .files[0]
                .new_path;
  };
  CHECK(path("a/x/y.c", "b/x/y.c") == "x/y.c");
  CHECK(path("i/x/y.c", "w/x/y.c") == "x/y.c");
  CHECK(path("linux.orig/x/y.c\t2024-01-01 00:00:00", "linux/x/y.c\t2024-01-01 00:00:01") ==
        "x/y.c");
  CHECK(path("x/y.c", "x/y.c") == "x/y.c");
  CHECK(path("\"a/x/\\303\\244.c\"", "\"b/x/\\303\\244.c\"") == "x/\xc3\xa4.c");
}

TEST_CASE("a path out of the tree is refused") {
  for (const std::string path : {"../x", "a/../../x", "/etc/passwd", "x//y", ""}) {
    CAPTURE(path);
    CHECK(
        mentions(read_error("--- b/../" + path + "\n+++ b/../" + path + "\n@@ -1 +1 @@\n-a\n+b\n"),
                 "is no path within a tree"));
  }
  CHECK(mentions(read_error("diff --git a/x b/x\nrename from ../x\nrename to y\n"),
                 "p.diff:2:1: error: '../x' is no path within a tree"));
}

TEST_CASE("what is no diff, or only half of one, is an error at its line") {
  CHECK(mentions(read_error(""), "p.diff: error: there is no diff in this file"));
  CHECK(mentions(read_error("hello\nworld\n"), "there is no diff"));
  CHECK(mentions(read_error(std::string("a\0b", 3)), "no text"));
  CHECK(mentions(read_error(head() + "@@ -1,2 +1,2 @@\n one\n"),
                 "p.diff:3:1: error: the patch ends within this hunk"));
  CHECK(mentions(read_error(head() + "@@ -1,2 +1,2 @@\n one\nnonsense\n"),
                 "p.diff:5:1: error: this line does not belong to the hunk"));
  CHECK(mentions(read_error(head() + "@@ -1 +1,2 @@\n-one\n-two\n"), "p.diff:5:1"));
  CHECK(mentions(read_error(head() + "@@ nonsense @@\n"), "no head of a hunk"));
  CHECK(mentions(read_error(head()), "no hunk follows"));
  CHECK(mentions(read_error("@@ -1 +1 @@\n-a\n+b\n"), "a hunk before any file is named"));
  CHECK(mentions(read_error("diff --cc x.c\n"), "combined diff"));
  CHECK(mentions(read_error("--- /dev/null\n+++ /dev/null\n@@ -1 +1 @@\n-a\n+b\n"),
                 "from no file to no file"));
}

TEST_CASE("a mailed series is one patch, prose and signatures aside") {
  const std::string mail =
      "From 0123456789abcdef Mon Sep 17 00:00:00 2001\nFrom: A <a@b>\nSubject: [PATCH 1/2] x\n\n"
      "Some prose.\n--- not a name\n---\n f.c | 2 +-\n\ndiff --git a/f.c b/f.c\nindex 1..2 "
      "100644\n" +
      head() + "@@ -1 +1 @@\n-one\n+1\n-- \n2.39.5\n\n";
  const Patch patch = read_patch({"s.mbox", mail + mail});
  REQUIRE(patch.files.size() == 2);
  CHECK(patch.files[0].hunks.size() == 1);
  CHECK(patch.files[0].hunks[0].lines.size() == 2);
  CHECK(patch.files[1].line > patch.files[0].line);
  // A single mail without the mbox line, and with CRLF.
  std::string crlf;
  for (const char c : mail.substr(mail.find('\n') + 1)) {
    crlf += c == '\n' ? "\r\n" : std::string(1, c);
  }
  CHECK(apply(read_patch({"m", crlf}), read_patch({"m", crlf}).files[0], text, {})
            .text.substr(0, 2) == "1\n");
}

TEST_CASE("bodies in quoted-printable and base64 are decoded, lines counted in the file") {
  const std::string header = "From: A <a@b>\nSubject: x\n";
  const Patch quoted = read_patch(
      {"q", header +
                "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: "
                "Quoted-Printable\n\n--- a/f.c\n+++ b/f.c\n@@ -1 +1 @@\n-on=\ne\n+=3D =C3=A4\n"});
  REQUIRE(quoted.files.size() == 1);
  CHECK(apply(quoted, quoted.files[0], "one\n", {}).text == "= \xc3\xa4\n");
  CHECK(quoted.files[0].hunks[0].line == 8);
  CHECK(quoted.files[0].hunks[0].lines[1].line == 11);
  // printf -- '--- a/f.c\n+++ b/f.c\n@@ -1 +1 @@\n-one\n+1\n' | base64
  const std::string body = "LS0tIGEvZi5jCisrKyBiL2YuYwpAQCAtMSArMSBAQAotb25lCisxCg==\n";
  const Patch coded = read_patch({"b", header + "Content-Transfer-Encoding: base64\n\n" + body});
  CHECK(apply(coded, coded.files[0], "one\n", {}).text == "1\n");
  const Patch part =
      read_patch({"m", header +
                           "Content-Type: multipart/mixed;\n\tboundary=\"xx\"\n\nignored\n--xx\n"
                           "Content-Transfer-Encoding: base64\n\n" +
                           body + "--xx--\n"});
  CHECK(apply(part, part.files[0], "one\n", {}).text == "1\n");
  CHECK(mentions(
      error_of([&] {
        static_cast<void>(read_patch({"b", header + "Content-Transfer-Encoding: base64\n\n!!!\n"}));
      }),
      "b:5:1: error: this is no base64"));
}

TEST_CASE("a blank that a mail program dropped is still context") {
  CHECK(applied(head() + "@@ -1,3 +1,3 @@\n a\n\n-b\n+c\n", "a\n\nb\n").text == "a\n\nc\n");
}

}  // namespace
}  // namespace airlock::kernel
