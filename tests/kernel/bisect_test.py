#!/usr/bin/env python3
"""`airlock bisect` and `git bisect run airlock check .`: the first bad commit of a history.

    bisect_test.py AIRLOCK

Histories are made here, of the miniature of a kernel and of the files that the lens reads of
Debian's 6.12.
"""

import json
import re
import subprocess
import tarfile
import unittest

from miniature import AIRLOCK, BREAK, HOST, MEND, Miniature, debian_archive

GOOD, BAD, CANNOT_TELL, STOP = 0, 1, 125, 255


def git(folder, *args):
    done = subprocess.run(["git", "-C", folder, "-c", "user.name=t", "-c", "user.email=t@t", *args],
                          check=True, capture_output=True, text=True)
    return done.stdout.strip()


class Histories(Miniature):
    """Of the miniature."""

    def setUp(self):
        super().setUp()
        self.tree = self.path / "tree"
        git(self.tree, "init", "-q", "-b", "main")
        git(self.tree, "add", ".")
        git(self.tree, "commit", "-qm", "the beginning: violated")
        git(self.tree, "apply", self.path / "mend.diff")
        self.commit("mended")

    def commit(self, subject):
        git(self.tree, "add", ".")
        git(self.tree, "commit", "-qm", subject)
        return git(self.tree, "rev-parse", "HEAD")

    def unrelated(self, number):
        self.write("tree/hv/notes.txt", f"{number}\n")
        return self.commit(f"notes {number}")

    def break_it(self, subject="do not restore"):
        git(self.tree, "apply", "--unidiff-zero", "--recount", self.path / "break.diff")
        return self.commit(subject)

    def bisect(self, good, bad, *args, status):
        text = self.run_airlock("bisect", "tree", good, bad, "--lens", "lens/tiny", "--property",
                                HOST, "--quiet", "--format", "json", *args, status=status)
        return json.loads(text) if status != 2 else text

    def test_a_line_of_commits(self):
        good = self.unrelated(1)
        for i in range(2, 6):
            self.unrelated(i)
        first = self.break_it()
        for i in range(6, 15):
            self.unrelated(i)
        found = self.bisect(good, "main", status=0)
        self.assertEqual(found["first_bad"], {"commit": first, "subject": "do not restore"})
        self.assertLessEqual(len(found["asked"]), 2 + 4)  # both ends, then by halves of 14
        text = self.run_airlock("bisect", "tree", good, "main", "--lens", "lens/tiny",
                                "--property", HOST, status=0)
        self.assertTrue(text.startswith(f"{first} is the first bad commit\n    do not restore\n"))
        command = re.search(r"airlock (trace .*)", text)[1].split()
        self.assertIn("is violated in", self.run_airlock(*command, "--quiet", status=1))

    def test_a_merge_is_not_walked_along_its_first_parent_alone(self):
        good = self.unrelated(1)
        git(self.tree, "checkout", "-qb", "side")
        self.write("tree/hv/side.txt", "\n")
        self.commit("on the side")
        first = self.break_it()
        self.write("tree/hv/side.txt", "more\n")
        self.commit("more on the side")
        git(self.tree, "checkout", "-q", "main")
        for i in range(2, 6):
            self.unrelated(i)
        git(self.tree, "merge", "-q", "--no-ff", "-m", "merge side", "side")
        self.unrelated(6)
        self.assertEqual(self.bisect(good, "main", status=0)["first_bad"]["commit"], first)

    def test_what_cannot_be_told_is_passed_over_and_said(self):
        good = self.unrelated(1)
        whole = (self.tree / "hv/perf.c").read_text(encoding="utf-8")
        self.write("tree/hv/perf.c", whole + "/* no end\n")
        unreadable = self.commit("does not parse")
        first = self.break_it()
        self.write("tree/hv/perf.c", whole)
        after = self.commit("parses again")
        found = self.bisect(good, "main", status=3)
        self.assertIsNone(found["first_bad"])
        self.assertEqual([each["commit"] for each in found["candidates"]],
                         [unreadable, first, after])
        self.assertIn("a comment that does not end",
                      [each["reason"] for each in found["asked"]
                       if each["commit"] == unreadable][0])
        text = self.run_airlock("bisect", "tree", good, "main", "--lens", "lens/tiny",
                                "--property", HOST, "--quiet", status=3)
        self.assertIn("one of these 3", text)
        self.assertIn("Exit status 3: 2 revisions cannot be told", text)
        # With good commits between, only those around the change are left open.
        found = self.bisect("main~4", "main", status=3)
        self.assertEqual(len(found["candidates"]), 3)

    def test_ends_that_are_not_as_said_are_errors(self):
        good = self.unrelated(1)
        self.break_it()
        for args, part in {("main", good): "is no ancestor of", (good, good): "the same commit",
                           ("v9", "main"): "no revision 'v9'",
                           ("main~3", "main"): "is violated here",
                           ("main~2", "main~1"): "holds here"}.items():
            with self.subTest(args=args):
                self.assertIn(part, self.bisect(*args, status=2))
        self.assertIn("no git repository", self.run_airlock(
            "bisect", "lens", "a", "b", "--property", HOST, status=2))
        self.assertIn("unknown property", self.run_airlock(
            "bisect", "tree", good, "main", "--lens", "lens/tiny", "--property", "x", status=2))

    # ---- git's own ----

    def status(self, *args):
        done = subprocess.run([AIRLOCK, "check", *args], cwd=self.tree, capture_output=True,
                              text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_git_bisect_run_finds_it(self):
        good = self.unrelated(1)
        self.unrelated(2)
        first = self.break_it()
        self.write("tree/hv/perf.c", "/* no end\n")
        self.commit("does not parse")
        git(self.tree, "checkout", "-q", "HEAD~1", "hv/perf.c")
        self.commit("parses again")
        git(self.tree, "bisect", "start", "main", good)
        out = git(self.tree, "bisect", "run", AIRLOCK, "check", ".", "--lens", self.path / "lens/tiny",
                  "--property", HOST, "--no-certificates")
        self.assertIn(f"{first} is the first bad commit", out)

    def test_exit_statuses_are_gits_only_where_git_bisects(self):
        lens = ("--lens", self.path / "lens/tiny", "--property", HOST, "--no-certificates")
        (self.tree / "hv/switch.h").write_text("/* no end\n", encoding="utf-8")
        self.assertEqual(self.status(".", *lens)[0], 2)
        self.assertEqual(self.status(".", *lens, "--bisect")[0], CANNOT_TELL)
        git(self.tree, "checkout", "-q", ".")
        self.assertEqual(self.status(".", *lens, "--bisect")[0], GOOD)
        self.assertEqual(self.status(".", *lens, "--timeout", "0", "--no-cache")[0], 3)
        git(self.tree, "bisect", "start")
        status, out = self.status(".", *lens, "--timeout", "0", "--no-cache")
        self.assertEqual(status, CANNOT_TELL)
        self.assertIn("Exit status 125: ", out)
        self.assertEqual(self.status(".", *lens)[0], GOOD)
        git(self.tree, "checkout", "-q", "main~1")
        self.assertEqual(self.status(".", *lens)[0], BAD)
        # What is no revision's fault ends the bisection: bad marks would mislead.
        for args in ([".", "--proprety", HOST], [".", *lens, "--property", "nonsense"],
                     [".", "--lens", "nowhere", "--property", HOST]):
            self.assertEqual(self.status(*args)[0], STOP, args)

    def test_a_second_work_tree_has_its_own_bisection(self):
        git(self.tree, "worktree", "add", "-q", "--detach", self.path / "second", "main")
        second = self.path / "second"
        (second / "hv/switch.h").write_text("/* no end\n", encoding="utf-8")
        args = [AIRLOCK, "check", ".", "--lens", self.path / "lens/tiny", "--property", HOST]
        git(self.tree, "bisect", "start")
        self.assertEqual(subprocess.run(args, cwd=second, capture_output=True, check=False)
                         .returncode, 2)
        git(second, "bisect", "start")
        self.assertEqual(subprocess.run(args, cwd=second, capture_output=True, check=False)
                         .returncode, CANNOT_TELL)


class Debian(Miniature):
    """6.12's own files; a program deletes the switches of DebugCtl around VMRUN."""

    FILES = re.compile(r"[^/]+/(arch/x86/(kvm|include|kernel|events|lib|mm|power)/.*\.[ch]"
                       r"|virt/kvm/.*\.[ch]|include/.*\.h)")

    def test_the_commit_that_deletes_the_switches_is_found(self):
        tree = self.path / "linux"
        with tarfile.open(debian_archive(self, "6.12")) as archive:
            for member in archive:
                if member.isfile() and self.FILES.fullmatch(member.name):
                    place = tree / member.name.split("/", 1)[1]
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(archive.extractfile(member).read())
        git(tree, "init", "-q")
        notes = tree / "notes"
        svm = tree / "arch/x86/kvm/svm/svm.c"
        expected = None
        for i in range(8):
            if i == 5:
                text = svm.read_text(encoding="utf-8")
                mutant, count = re.subn(r"\n\tif \([^;{]*save\.dbgctl\)\n\t\tupdate_debugctlmsr\("
                                        r"[^;]*;", "", text)
                if count != 2:
                    print(f"skipped: this 6.12 has {count} switches of DebugCtl, not 2")
                    self.skipTest("not the 6.12 that is known here")
                svm.write_text(mutant, encoding="utf-8")
            else:
                notes.write_text(f"{i}\n", encoding="utf-8")
            git(tree, "add", ".")
            git(tree, "commit", "-qm", f"commit {i}")
            expected = git(tree, "rev-parse", "HEAD") if i == 5 else expected
        answer = json.loads(self.run_airlock("bisect", tree, "HEAD~7", "HEAD", "--property", HOST,
                                             "--quiet", "--format", "json", status=0))
        self.assertEqual(answer["first_bad"], {"commit": expected, "subject": "commit 5"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
