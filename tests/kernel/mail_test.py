#!/usr/bin/env python3
"""What kernel developers read: mails by the rules of maintainer-kvm-x86.rst, one test per rule, KTAP
by an independent reader, and `make C=2 CHECK="airlock check --kbuild"`.

    mail_test.py AIRLOCK
"""

import json
import os
import re
import subprocess
import unittest

import ktap
from miniature import AIRLOCK, BREAK, GUEST, HOST, LENS, MEND, ROOT, SWITCH, Miniature

# Deletes the restoration that MEND has made unconditional, from a context of its own.
ENTERED = re.compile(r"\b(enter|perf_on|count)\b(?!\(\))")


class Mail(Miniature):
    """A patch that breaks a guarantee, as a mail."""

    def setUp(self):
        super().setUp()
        self.mail = self.run_airlock(
            "check", "tree", "--lens", "lens/tiny", "--property", HOST, "--property", GUEST,
            "--no-certificates", "--quiet", "--patch", "mend.diff", "--patch", "break.diff",
            "--format", "mail", status=1)
        self.head, self.body = self.mail.split("\n\n", 1)

    def test_lines_are_at_most_78_columns_of_plain_ascii(self):
        self.assertTrue(self.mail.isascii())
        self.assertEqual([line for line in self.mail.splitlines() if len(line) > 78], [])
        self.assertEqual([line for line in self.mail.splitlines() if line != line.rstrip()], [])
        self.assertNotIn("\t", self.mail)

    def test_no_markup(self):
        for markup in ("**", "```", "<b>", "\x1b[", "](", "##"):
            self.assertNotIn(markup, self.mail)

    def test_the_subject_has_topic_capital_and_no_full_stop(self):
        match = re.fullmatch(r"Subject: (KVM: (x86|x86/mmu|x86/pmu|x86/xen|selftests|SVM|nSVM|VMX|"
                             r"nVMX): ([A-Z].*[^.!?:;,]))", self.head)
        self.assertIsNotNone(match, self.head)
        self.assertLessEqual(len(match[1]), 75)
        self.assertNotIn("x86/kvm", self.head)
        self.assertNotIn(".c", self.head.replace(".diff", ""))

    def test_what_changes_comes_first_in_one_sentence(self):
        first = self.body.split("\n\n")[0]
        self.assertTrue(first.startswith("With +mend.diff+break.diff, 1 of 2 verdicts change"), first)
        self.assertEqual(first.count("."), 3)  # two of the files' names, one full stop
        self.assertLess(self.body.index(f"{HOST}: holds -> violated"), self.body.index(GUEST + ":"))

    def test_functions_have_parentheses(self):
        story = self.body[self.body.index("host"):self.body.index("> @@")]
        self.assertIn("enter()", story)
        words = re.sub(r"\S*/\S*|irq_perf|--\S*", "", story)
        self.assertIsNone(ENTERED.search(words), ENTERED.search(words))

    def test_manuals_are_cited_by_the_names_of_sections(self):
        self.assertRegex(self.body, r'APM, "VMRUN: Basic Operation"')
        self.assertNotRegex(self.mail, r"(APM|SDM|section|chapter|table|figure)\W+(volume )?\d")

    def test_no_pronouns_for_people(self):
        self.assertNotRegex(self.mail, r"(?i)\b(i|we|us|our|you|your|my|me|he|she)\b")

    def test_it_says_what_was_tested_and_what_was_not(self):
        self.assertIn("Tested: ", self.body)
        self.assertIn("nothing was run on hardware", " ".join(self.body.split()))

    def test_it_can_be_reproduced_by_what_it_says(self):
        commands = self.body[self.body.index("To see this again:\n") + 19:]
        commands = commands.replace("\\\n", " ")
        lines = [line.split() for line in commands.splitlines() if line.strip()]
        self.assertEqual([line[:2] for line in lines], [["airlock", "check"], ["airlock", "trace"]])
        self.assertIn("violated", self.run_airlock(*lines[0][1:], "--quiet", status=1))
        self.assertIn("is violated in", self.run_airlock(*lines[1][1:], "--quiet", status=1))

    def test_no_header_refers_to_another_mail(self):
        self.assertNotRegex(self.mail, r"(?im)^(in-reply-to|references):")

    # ---- and what the issue asks for ----

    def test_the_race_is_in_two_columns(self):
        rows = [line for line in self.body.splitlines() if " | " in line or line.endswith(" |")]
        self.assertRegex(rows[0], r"^  host +\| guest$")
        self.assertEqual(len({line.index("|") for line in rows}), 1)
        guest = [line for line in rows if line.split("|", 1)[1].strip()]
        self.assertGreater(len(guest), 1)
        self.assertTrue(any("enter()" in line.split("|", 1)[0] for line in rows))

    def test_the_hunk_is_quoted_with_the_question_under_its_line(self):
        lines = self.body.splitlines()
        at = lines.index("> -    update_debugctlmsr(vcpu->host_debugctl);")
        self.assertEqual(lines[at + 1], "")
        self.assertTrue(lines[at + 2].endswith("?") or "?" in lines[at + 2], lines[at + 2])
        self.assertEqual(lines[at - 2], "> @@ -18,3 +18,2 @@")
        self.assertIn("> hv/switch.c", lines)

    def test_of_a_tree_alone_and_of_a_patch_that_changes_nothing(self):
        alone = self.run_airlock("check", "tree", "--lens", "lens/tiny", "--property", HOST,
                                 "--quiet", "--no-certificates", "--format", "mail", status=1)
        self.assertIn("Of 1 guarantees 1 violated, 0 undecided.", alone)
        self.assertNotIn("> ", alone.replace("-> ", ""))
        self.write("count.diff", "--- a/hv/switch.c\n+++ b/hv/switch.c\n@@ -6 +6 @@\n"
                                 "-\tvcpu->entries++;\n+\tvcpu->entries += 2;\n")
        same = self.run_airlock("check", "tree", "--lens", "lens/tiny", "--property", HOST,
                                "--quiet", "--no-certificates", "--format", "mail", "--patch",
                                "count.diff", status=1)
        self.assertIn("No guarantee changes", same.splitlines()[0])
        self.assertIn("No verdict changes with +count.diff.", same)


class Names(Miniature):
    """Sections of manuals have names everywhere."""

    def test_no_output_cites_a_section_by_its_number(self):
        for args in (["--format", "text"], ["--format", "json"], ["--format", "junit"],
                     ["--format", "sarif"], ["--format", "markdown"], ["--format", "mail"]):
            text = self.run_airlock("check", "tree", "--lens", "lens/tiny", "--quiet",
                                    "--no-certificates", "--property", HOST, *args, status=1)
            self.assertNotRegex(text, r"APM,? (volume \d, )?\d+\.\d", args)
        model = ROOT / "specs/kvm"
        for args in (["trace", model, "--property", "always_dr6_is_the_guests"],
                     ["trace", model, "--property", "always_dr6_is_the_guests", "--format", "svg"],
                     ["trace", model, "--property", "always_dr6_is_the_guests", "--format", "json"]):
            text = self.run_airlock(*args, "--quiet", status=1)
            self.assertNotRegex(text, r"APM,? (volume \d, )?\d+\.\d", args)
            self.assertIn("VMRUN: Basic Operation", text)
        self.assertNotRegex(self.run_airlock("list", model, status=0), r"\b1[0-9]\.\d+(\.\d+)?\b")


class Ktap(Miniature):
    """KTAP, read by ktap.py."""

    def read(self, *args, status):
        return ktap.parse(self.run_airlock("check", "tree", "--lens", "lens/tiny", "--quiet",
                                           "--no-certificates", "--format", "ktap", *args,
                                           status=status))

    def test_one_test_per_row_and_property(self):
        tests = self.read("--property", HOST, "--property", GUEST, "--patch", "mend.diff", status=0)
        self.assertEqual(sorted((each.name, each.ok, each.directive) for each in tests),
                         sorted([(f"base.{HOST}", False, ""), (f"base.{GUEST}", True, ""),
                                 (f"+mend.diff.{HOST}", True, ""),
                                 (f"+mend.diff.{GUEST}", True, "")]))
        failed = next(each for each in tests if not each.ok)
        self.assertTrue(any("airlock trace --tree tree" in line for line in failed.diagnostics))

    def test_what_is_undecided_is_skipped_with_the_reason(self):
        (test,) = self.read("--property", HOST, "--timeout", "0", status=3)
        self.assertEqual((test.ok, test.directive), (True, "SKIP"))
        self.assertIn("undecided: ", test.text)

    def test_readings_are_subtests(self):
        text = self.run_airlock("compare", ROOT / "specs/kvm", "--fix", "merged", "--format", "ktap",
                                "--property", "always_debugctl_is_the_guests", "--quiet",
                                "--no-certificates", "--no-explain", status=0)
        test = next(each for each in ktap.parse(text) if each.subtests)
        self.assertEqual([each.directive for each in test.subtests], ["", "SKIP"])

    def test_the_reader_refuses_what_the_rules_forbid(self):
        good = "KTAP version 1\n1..2\nok 1 a\n# why\nnot ok 2 b # TODO later\n"
        self.assertEqual([each.name for each in ktap.parse(good)], ["a", "b"])
        for bad in (good.replace("KTAP version 1\n", ""), good.replace("1..2\n", ""),
                    good.replace("1..2", "1..3"), good.replace("1..2", "1..1"),
                    good.replace("ok 2 b", "ok 3 b"), good.replace("ok 1 a", "fine 1 a"),
                    good + "ok 3 c\n", good[:-1],
                    "KTAP version 1\n1..1\n  KTAP version 1\n  1..1\n  not ok 1 x\nok 1 a\n",
                    "KTAP version 1\n1..1\n  1..1\n  ok 1 x\nok 1 a\n"):
            with self.subTest(bad=bad), self.assertRaises(ktap.BadKtap):
                ktap.parse(bad)


class Kbuild(Miniature):
    """A make that calls its checker as kbuild does."""

    MAKEFILE = """\
srctree := $(CURDIR)
export srctree
CHECKFLAGS := -D__linux__ -Dlinux -D__STDC__ -Wbitwise -Wno-return-void -D__x86_64__ --arch=x86 -m64
c_flags = -Wp,-MMD,$(dir $@).$(notdir $@).d -nostdinc -I./include -include ./kconfig.h -D__KERNEL__ \\
  -std=gnu11 -fno-PIE -DKBUILD_MODFILE='"hv/hv"' -DKBUILD_BASENAME='"switch"'
all: hv/switch.o hv/perf.o other/unrelated.o
%.o: %.c FORCE
\t@$(CHECK) $(CHECKFLAGS) $(c_flags) $<
FORCE:
"""

    def make(self, check, *args, cwd=None, status=0):
        done = subprocess.run(["make", "-s", "-j2", f"CHECK={check}", *args],
                              cwd=cwd or self.path / "tree", capture_output=True, text=True,
                              check=False,
                              env={**os.environ, "XDG_CACHE_HOME": str(self.cache)})
        self.assertEqual(done.returncode, status, (done.stdout, done.stderr))
        return done.stdout if status == 0 else done.stderr

    def setUp(self):
        super().setUp()
        self.write("tree/Makefile", self.MAKEFILE)
        self.write("tree/other/unrelated.c", "int unrelated;\n")
        self.check_command = (f"{AIRLOCK} check --lens {self.path}/lens/tiny --property {HOST} "
                              f"--property {GUEST} --no-certificates --kbuild")

    def test_a_warning_stands_once_at_its_line(self):
        for _ in range(2):  # decided, then remembered
            lines = self.make(self.check_command).splitlines()
            self.assertEqual(len(lines), 1, lines)
            self.assertRegex(lines[0], r"^hv/switch\.c:\d+: warning: .*\[" + HOST + r"\]$")
        self.assertEqual(len(list((self.cache / "airlock/kbuild").iterdir())), 1)

    def test_a_change_of_the_tree_is_noticed(self):
        self.make(self.check_command)
        subprocess.run(["patch", "-s", "-p1", "-i", self.path / "mend.diff"], cwd=self.path / "tree",
                       check=True)
        self.assertEqual(self.make(self.check_command), "")

    def test_what_has_no_line_in_a_file_that_is_compiled_is_said_where_a_vcpu_runs(self):
        lines = self.make(self.check_command.replace("--kbuild", "--timeout 0 --kbuild")).splitlines()
        self.assertEqual(len(lines), 2, lines)
        for line in lines:
            self.assertRegex(line, r"^hv/switch\.c:9: warning: undecided: ")

    def test_a_tree_that_cannot_be_read_fails_the_build(self):
        self.write("tree/hv/perf.c", "/* no end\n")
        self.assertIn("hv/perf.c:1:1: error: a comment that does not end",
                      self.make(self.check_command, status=2))

    def test_a_file_that_no_lens_reads_costs_nothing(self):
        self.write("tree/hv/perf.c", "/* no end\n")  # would be an error
        done = subprocess.run([AIRLOCK, "check", "--lens", self.path / "lens/tiny", "--kbuild",
                               "-Wall", "other/unrelated.c"], cwd=self.path / "tree",
                              capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_names_are_as_kbuild_gives_them(self):
        build = self.path / "build"
        build.mkdir()
        done = subprocess.run([AIRLOCK, "check", "--lens", self.path / "lens/tiny", "--property", HOST,
                               "--no-certificates", "--kbuild", "-m64", "../tree/hv/switch.c"],
                              cwd=build, capture_output=True, text=True, check=False,
                              env={**os.environ, "srctree": "../tree",
                                   "XDG_CACHE_HOME": str(self.cache)})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith("../tree/hv/switch.c:"), done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
