#!/usr/bin/env python3
"""`airlock check` and `airlock slice`: kernel trees, patches and revisions as a user gives them.

    tree_test.py AIRLOCK

Most of it is about a miniature of a kernel, made here. What is about Debian's kernels fetches them by
scripts/kernel-sources, and says "skipped: ..." where they cannot be had.
"""

import hashlib
import json
import os
import pathlib
import re
import subprocess
import tarfile
import tempfile
import unittest

import variants
from miniature import (AIRLOCK, BREAK, GUEST, HOST, MEND, ROOT, SWITCH, Miniature,
                       debian_archive)


class Kernel(Miniature):
    # ---- slices ----

    def test_a_slice_is_c_on_the_lines_of_the_tree(self):
        printed = self.slice("tree")
        done = subprocess.run(["cc", "-fsyntax-only", "-Werror=implicit-function-declaration",
                               "-I", ROOT / "specs/include", "-x", "c", "-"], input=printed,
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        number, seen = 0, 0
        name = ""
        for line in printed.splitlines():
            marker = re.fullmatch(r'#line (\d+) "(.*)"', line)
            if marker:
                number, name = int(marker[1]), marker[2]
                continue
            if name == "hv/switch.c" and line.strip():
                self.assertEqual(line, SWITCH.splitlines()[number - 1])
                seen += 1
            number += 1
        self.assertGreater(seen, 10)
        self.assertNotIn("entries++", printed)

    def test_a_receipt_says_what_was_kept_and_what_is_believed(self):
        perf = (self.path / "tree/hv/perf.c").read_text(encoding="utf-8")
        self.write("tree/hv/perf.c", perf + "#if defined(CONFIG_X86_64) && defined(CONFIG_HV_QUIRK)\n"
                   "int quirk;\n#endif\n")
        text = self.slice("tree", "--receipt")
        self.assertIn("hv/switch.c:9", text)
        self.assertIn("CONFIG_X86_64: y", text)
        self.assertIn("CONFIG_HV_QUIRK: n", text)  # nobody names it
        answer = json.loads(self.slice("tree", "--format", "json"))
        self.assertEqual({each["function"] for each in answer["receipt"]["kept"]},
                         {"enter", "perf_on"})

    def test_the_difference_of_two_slices_is_what_is_checked(self):
        same = self.slice("tree", "tree/.", "--diff")
        self.assertIn("the same", same)
        text = self.slice("tree", "--patch", "mend.diff", "--diff", status=1)
        self.assertEqual([line for line in text.splitlines() if line[0] in "-+" and
                          not line.startswith(("---", "+++"))],
                         ["-\tif (vcpu->host_debugctl)"])  # and less indentation
        # A change of what is not kept is none.
        self.write("count.diff", "--- a/hv/switch.c\n+++ b/hv/switch.c\n@@ -6 +6 @@\n"
                                 "-\tvcpu->entries++;\n+\tvcpu->entries += 2;\n")
        self.assertIn("the same", self.slice("tree", "--patch", "count.diff", "--diff"))

    # ---- rows ----

    def test_each_patch_is_a_row_and_the_last_row_is_the_exit_status(self):
        base = self.check("tree", status=1)
        self.assertEqual(self.verdicts(base), [("base", ["violated"])])
        mended = self.check("tree", "--patch", "mend.diff", status=0)
        self.assertEqual(self.verdicts(mended), [("base", ["violated"]), ("+mend.diff", ["holds"])])
        self.assertEqual(mended["changes"], [{"fix": "+mend.diff", "property": HOST,
                                              "before": "violated", "after": "holds"}])
        self.assertEqual(mended["receipt"], mended["rows"][1]["receipt"])
        self.assertEqual(mended["receipt"]["patches"],
                         [{"file": "mend.diff",
                           "sha256": hashlib.sha256(MEND.encode()).hexdigest()}])
        self.assertNotEqual(mended["rows"][0]["receipt"]["slice_hash"],
                            mended["rows"][1]["receipt"]["slice_hash"])
        both = self.check("tree", "--patch", "mend.diff", "--patch", "break.diff", status=1)
        self.assertEqual(self.verdicts(both), [("base", ["violated"]), ("+mend.diff", ["holds"]),
                                               ("+mend.diff+break.diff", ["violated"])])
        # The same two in one series of mails are one row.
        mail = "From 0123456789 Mon Sep 17 00:00:00 2001\nFrom: a@b\nSubject: x\n\n---\n"
        self.write("series.mbox", mail + MEND + "-- \n2.39\n\n" + mail + BREAK)
        series = self.check("tree", "--patch", "series.mbox", status=1)
        self.assertEqual(self.verdicts(series), [("base", ["violated"]),
                                                 ("+series.mbox", ["violated"])])
        self.assertEqual(series["receipt"]["slice_hash"], both["receipt"]["slice_hash"])

    def test_the_text_says_what_changed_first_and_cites_the_trees_lines(self):
        text = self.run_airlock("check", "tree", "--lens", "lens/tiny", "--property", HOST,
                                "--no-certificates", "--quiet", "--patch", "mend.diff", "--patch",
                                "break.diff", status=1)
        self.assertTrue(text.startswith("+mend.diff against base:\n"
                                        f"  {HOST}: violated -> holds\n"
                                        "+mend.diff+break.diff against +mend.diff:\n"
                                        f"  {HOST}: holds -> violated\n"), text[:300])
        self.assertRegex(text, r"switch\.c:18 +run_guest\(\);")
        self.assertIn("airlock slice --receipt tree --patch mend.diff", text)

    def test_the_trace_command_that_is_printed_prints_the_trace(self):
        text = self.run_airlock("check", "tree", "--lens", "lens/tiny", "--property", HOST,
                                "--no-certificates", "--quiet", status=1)
        command = re.search(r"airlock (trace .*)", text)[1].split()
        trace = json.loads(self.run_airlock(*command, "--format", "json", "--quiet", status=1))
        self.assertEqual((trace["verdict"], trace["fix"]), ("violated", "base"))
        files = {cause["file"] for step in trace["trace"] for cause in step["causes"]
                 if cause.get("file")}
        self.assertIn("hv/switch.c", files)

    def test_a_proof_about_a_tree_is_checked_against_the_tree(self):
        self.run_airlock("check", "tree", "--lens", "lens/tiny", "--property", HOST, "--quiet",
                         "--patch", "mend.diff", "--certificate", "proofs", status=0)
        proof = f"proofs/+mend.diff/{HOST}.smt2"
        text = self.run_airlock("certify", proof, status=0)
        self.assertIn("accepted", text)
        self.assertIn("what the receipt of the slice calls believed", text)
        # Of another tree it is no proof.
        self.write("mend.diff", MEND.replace("+\tupdate_debugctlmsr(vcpu->host_debugctl);",
                                             "+\tupdate_debugctlmsr(vcpu->host_debugctl & ~1ul);"))
        refused = self.run_airlock("certify", proof, status=1)
        self.assertIn("this is not what the model says", refused)

    def test_formats_of_other_programs(self):
        for form, part in (("ktap", f"not ok 1 base.{HOST}"), ("kbuild", ": warning: "),
                           ("junit", "<failure"), ("markdown", "|"), ("sarif", '"hv/switch.c"')):
            text = self.run_airlock("check", "tree", "--lens", "lens/tiny", "--property", HOST,
                                    "--no-certificates", "--quiet", "--format", form, status=1)
            self.assertIn(part, text)

    # ---- where trees come from ----

    def git(self, *args):
        subprocess.run(["git", "-C", self.path / "tree", "-c", "user.name=t", "-c",
                        "user.email=t@t", *args], check=True, capture_output=True)

    def test_two_revisions_are_two_rows(self):
        self.git("init", "-q")
        self.git("add", ".")
        self.git("commit", "-qm", "one")
        self.git("tag", "v1")
        self.git("apply", self.path / "mend.diff")
        self.git("commit", "-qam", "two")
        self.git("tag", "v2")
        self.assertEqual(self.verdicts(self.check("tree@v1..v2", status=0)),
                         [("v1", ["violated"]), ("v2", ["holds"])])
        self.assertEqual(self.verdicts(self.check("tree@v1", status=1)), [("base", ["violated"])])
        self.assertIn("no revision 'v9'", self.slice("tree@v1..v9", status=2))
        self.assertIn("patches have no place",
                      self.slice("tree@v1..v2", "--patch", "mend.diff", status=2))

    def test_an_archive_is_the_same_tree_and_leaves_only_a_cache(self):
        subprocess.run(["tar", "cJf", "linux.tar.xz", "tree"], cwd=self.path, check=True)
        before = sorted(self.path.rglob("*"))
        of_folder = json.loads(self.slice("tree", "--format", "json"))["receipt"]
        for args in (["--no-cache"], [], []):
            of_archive = json.loads(self.slice("linux.tar.xz", "--format", "json", *args))["receipt"]
            self.assertEqual(of_archive["slice_hash"], of_folder["slice_hash"])
            self.assertEqual(of_archive["tree_hash"], of_folder["tree_hash"])
            if args:
                self.assertEqual(sorted(self.path.rglob("*")), before)
        self.assertEqual({each for each in self.path.rglob("*")
                          if self.cache not in [each, *each.parents]}, set(before))

    # ---- bad input ----

    def test_bad_input_is_an_error_of_one_screen_at_its_place(self):
        self.write("other.diff", "--- a/fs/x.c\n+++ b/fs/x.c\n@@ -1 +1 @@\n-a\n+b\n")
        self.write("old.diff", MEND.replace("run_guest", "old_name"))
        self.write("prose.diff", "Dear all,\nplease apply.\n")
        self.write("empty/README", "nothing\n")
        self.write("huge/hv/huge.h", " " * 50_000_000)
        (self.path / "binary/hv").mkdir(parents=True)
        (self.path / "binary/hv/x.c").write_bytes(b"\0\1\2")
        self.write("unclosed/hv/x.c", "int a;\n/* no end\n")
        subprocess.run(["tar", "cJf", "whole.tar.xz", "tree"], cwd=self.path, check=True)
        whole = (self.path / "whole.tar.xz").read_bytes()
        (self.path / "cut.tar.xz").write_bytes(whole[:len(whole) // 2])
        for args, part in {
                ("none",): "none: error: no such file or folder",
                ("empty",): "lens/tiny/lens.toml:2:",
                ("huge",): "huge.h: error: the file is larger than 8 MiB",
                ("binary",): "hv/x.c:1:1: error: the file contains a NUL byte",
                ("unclosed",): "hv/x.c:2:1: error: a comment that does not end",
                ("cut.tar.xz",): "truncated or damaged",
                ("tree", "--patch", "none.diff"): "none.diff: error: the patch cannot be read",
                ("tree", "--patch", "prose.diff"): "prose.diff: error: there is no diff",
                ("tree", "--patch", "other.diff"): "other.diff:1:1: error: the patch changes no file",
                ("tree", "--patch", "old.diff"): "old.diff:6:1: error: the hunk does not fit: "
                                                 "hv/switch.c:18 has ' run_guest();'",
                ("tree", "--patch", "mend.diff", "--patch", "./mend.diff"): "given twice"}.items():
            with self.subTest(args=args):
                message = self.slice(*args, status=2)
                self.assertIn(part, message)
                self.assertLess(len(message.splitlines()), 24)
        self.assertIn("MODEL is required", self.run_airlock("prove", status=2))
        self.assertIn("go with a kernel tree",
                      self.run_airlock("prove", "x.c", "--patch", "mend.diff", status=2))
        self.assertIn("cannot be read", self.run_airlock("slice", "tree", "--lens", "nowhere",
                                                         status=2))

    def test_a_lens_that_says_too_little_or_too_much_is_told_so(self):
        lens = (self.path / "lens/tiny/lens.toml").read_text(encoding="utf-8")
        self.write("lens/tiny/lens.toml", lens + "[trackd]\n")
        message = self.slice("tree", status=2)
        self.assertIn("lens/tiny/lens.toml:16:", message)
        self.assertIn("expected: ", message)
        # What it leaves open is a list, one a line, and not longer than a screen.
        self.write("lens/tiny/lens.toml", lens)
        calls = "".join(f"\textern_{i}(vcpu);\n" for i in range(20))
        self.write("tree/hv/switch.c", SWITCH.replace("\tcount(vcpu);\n", calls))
        message = self.slice("tree", status=2)
        self.assertNotIn("?", message)
        named = [line for line in message.splitlines() if re.match(r"  .*extern_\d+", line)]
        self.assertEqual(len(named), 12, message)
        self.assertIn("\n  and 8 more\n", message)
        self.assertLess(len(message.splitlines()), 24)

    def test_loops_and_ways_out_of_a_tree_are_errors_and_nothing_is_written(self):
        folder = self.path / "tree/hv"
        (folder / "self.c").symlink_to("self.c")
        self.assertIn("hv/self.c: error: ", self.slice("tree", status=2))
        (folder / "self.c").unlink()
        (folder / "out.c").symlink_to("/etc/hostname")
        self.assertIn("hv/out.c: error: ", self.slice("tree", status=2))
        (folder / "out.c").unlink()
        (folder / "again").symlink_to("..")  # a folder in itself is no loop to follow
        self.slice("tree")
        with tarfile.open(self.path / "bad.tar", "w") as archive:
            archive.add(self.path / "tree", "tree")
            for name, link in (("tree/../../escaped.c", None), ("/tmp/absolute.c", None),
                               ("tree/hv/loop.h", "loop.h")):
                member = tarfile.TarInfo(name)
                member.type = tarfile.REGTYPE if link is None else tarfile.SYMTYPE
                member.linkname = link or ""
                archive.addfile(member)
        before = sorted(self.path.rglob("*"))
        message = self.run_airlock("slice", "bad.tar", "--lens", "lens/tiny", "--no-cache", status=2)
        self.assertLess(len(message.splitlines()), 24)
        self.assertIn("error: ", message)
        self.assertEqual(sorted(self.path.rglob("*")), before)


class Debian(unittest.TestCase):
    """The kernels themselves. Versions that Debian has replaced are not asserted about."""

    EXPECTED = {"6.1": ("6.1.192-2", "violated"), "6.12": ("6.12.117-1~deb12u1", "holds")}

    def test_what_debians_kernels_keep_of_debugctl(self):
        for series, (version, expected) in self.EXPECTED.items():
            with self.subTest(series=series):
                archive = debian_archive(self, series)
                found = (archive.parent / "version").read_text(encoding="utf-8").strip()
                done = subprocess.run([AIRLOCK, "check", archive, "--property", HOST, "--property",
                                       GUEST, "--no-certificates", "--quiet", "--format", "json"],
                                      capture_output=True, text=True, check=False)
                self.assertIn(done.returncode, (0, 1), done.stderr)
                answer = json.loads(done.stdout)
                if found == version:
                    self.assertEqual(Kernel.verdicts(answer), [("base", [expected, expected])])
                else:
                    print(f"skipped: {series} is {found}, not {version}: ",
                          Kernel.verdicts(answer))

    GUARANTEES = [GUEST, HOST, "always_debug_exceptions_are_the_guests", "always_dr6_is_the_guests",
                  "always_debugctl_is_the_guests"]
    #: The rows of the table in docs/findings.md, "Debian's kernels": H holds, V is violated.
    ROWS = {"6.1": [("base", "VVVVV"), ("switch", "HVVVV"), ("btf", "HHHVH")],
            "6.12": [("base", "HHHHH"), ("unswitched", "VVVHV")],
            "6.12 queued": [("base", "HHHHH"), ("queued", "HHHVH")]}

    def rows(self, archive, *patches):
        """The rows base, +first, +first+second... as letters."""
        with tempfile.TemporaryDirectory() as scratch:
            arguments = []
            for name, text in patches:
                path = pathlib.Path(scratch) / f"{name}.diff"
                path.write_text(text, encoding="utf-8")
                arguments += ["--patch", path]
            for name in self.GUARANTEES:
                arguments += ["--property", name]
            done = subprocess.run([AIRLOCK, "check", archive, "--lens",
                                   ROOT / "specs/lens/kvm-svm-events", *arguments,
                                   "--no-certificates", "--quiet", "--format", "json"],
                                  capture_output=True, text=True, check=False)
        # Never 3: both engines decide every cell. Never 6: no violation needs a guess that may not be.
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return ["".join({"holds": "H", "violated": "V"}.get(cell["verdict"], "?")
                        for cell in row["verdicts"]) for row in json.loads(done.stdout)["rows"]]

    def test_all_five_guarantees_of_debians_kernels_by_both_engines(self):
        for series in ("6.1", "6.12"):
            with self.subTest(series):
                archive = debian_archive(self, series)
                rows = self.rows(archive)
                found = (archive.parent / "version").read_text(encoding="utf-8").strip()
                if found == self.EXPECTED[series][0]:
                    self.assertEqual(rows, [self.ROWS[series][0][1]])
                else:
                    print(f"skipped: {series} is {found}: ", rows)

    def test_the_host_has_its_dr6_back_where_a_patch_writes_it(self):
        archive = debian_archive(self, "6.12")
        found = (archive.parent / "version").read_text(encoding="utf-8").strip()
        svm = variants.read(archive, variants.SVM)
        with tempfile.TemporaryDirectory() as scratch:
            path = pathlib.Path(scratch) / "reset.diff"
            path.write_text(variants.patch(variants.SVM, svm, variants.resetting_dr6(svm)),
                            encoding="utf-8")
            done = subprocess.run([AIRLOCK, "check", archive, "--patch", path, "--lens",
                                   ROOT / "specs/lens/kvm-svm-events", "--feature", "host_dr6",
                                   "--property", "always_host_runs_with_its_own_dr6",
                                   "--no-certificates", "--quiet", "--format", "json"],
                                  capture_output=True, text=True, check=False)
        rows = [row["verdicts"][0] for row in json.loads(done.stdout)["rows"]]
        if found == self.EXPECTED["6.12"][0]:
            self.assertEqual([row["verdict"] for row in rows], ["violated", "holds"])
            self.assertEqual((rows[0]["steps"], rows[0]["may_be_false_alarm"]), (11, False))
            self.assertEqual(rows[1]["assumes"], [])
            self.assertEqual(done.returncode, 0, done.stderr)
        else:
            print(f"skipped: 6.12 is {found}: ", [row["verdict"] for row in rows])

    @unittest.skipUnless(os.environ.get("AIRLOCK_KERNEL_TABLE"),
                         "minutes of processor time: AIRLOCK_KERNEL_TABLE=1 asks for it")
    def test_the_table_of_debians_kernels_and_their_variants(self):
        for key, expected in self.ROWS.items():
            series = key.split()[0]
            with self.subTest(key):
                archive = debian_archive(self, series)
                if (archive.parent / "version").read_text(encoding="utf-8").strip() != self.EXPECTED[series][0]:
                    self.skipTest(f"another version of {series}")
                svm = variants.read(archive, variants.SVM)
                x86 = variants.read(archive, variants.X86)
                if key == "6.1":
                    switched = variants.with_manual_switch(svm)
                    patches = [("switch", variants.patch(variants.SVM, svm, switched)),
                               ("btf", variants.patch(variants.SVM, switched,
                                                      variants.dropping_btf(switched)))]
                elif key == "6.12":
                    patches = [("unswitched", variants.patch(
                        variants.SVM, svm, variants.without_manual_switch(svm)))]
                else:
                    patches = [("queued", variants.patch(
                        variants.X86, x86, variants.payload_when_queued(x86)))]
                self.assertEqual(self.rows(archive, *patches), [row for _, row in expected])


if __name__ == "__main__":
    unittest.main(verbosity=2)
