#!/usr/bin/env python3
"""`airlock check`: verdicts that are used again, and violations that may be false alarms.

    remember_test.py AIRLOCK
"""

import json
import os
import subprocess
import unittest

from miniature import AIRLOCK, BODIES, GUEST, HOST, LENS, SWITCH, Miniature

# The first hunk adds lines above everything; nothing else changes.
COMMENT = """\
--- a/hv/switch.c
+++ b/hv/switch.c
@@ -1,3 +1,5 @@
 #include "switch.h"
+/* Two lines */
+/* of comment. */
 
 /* How often: no register. */
"""


class Remembered(Miniature):
    """An equal slice is decided once; nothing else is."""

    def cells(self, answer):
        return [cell.get("remembered", False) for row in answer["rows"] for cell in row["verdicts"]]

    def entries(self):
        folder = self.cache / "airlock/verdicts"
        return sorted(folder.iterdir()) if folder.exists() else []

    def test_the_second_run_remembers_and_says_the_same(self):
        first = self.check("tree", "--property", GUEST, status=1)
        second = self.check("tree", "--property", GUEST, status=1)
        self.assertEqual((self.cells(first), self.cells(second)), ([False] * 2, [True] * 2))
        for answer in (first, second):
            for cell in answer["rows"][0]["verdicts"]:
                cell.pop("remembered", None)
            answer.pop("seconds")
        self.assertEqual(first, second)
        # One of the two alone is known as well.
        self.assertEqual(self.cells(self.check("tree", status=1)), [True])
        text = self.run_airlock("check", "tree", "--lens", "lens/tiny", "--property", HOST,
                                "--no-certificates", "--quiet", status=1)
        self.assertIn("1 of the verdicts was decided before", text)

    def test_certificates_are_asked_for_anew_where_none_was_made(self):
        self.check("tree", "--patch", "mend.diff", status=0)
        answer = json.loads(self.run_airlock(
            "check", "tree", "--lens", "lens/tiny", "--property", HOST, "--patch", "mend.diff",
            "--quiet", "--format", "json", status=0))
        self.assertEqual(self.cells(answer), [False, False])
        self.assertEqual(answer["rows"][1]["verdicts"][0]["certificate"]["accepted_by"], "cvc5")
        answer = json.loads(self.run_airlock(
            "check", "tree", "--lens", "lens/tiny", "--property", HOST, "--patch", "mend.diff",
            "--quiet", "--format", "json", status=0))
        self.assertEqual(self.cells(answer), [True, True])
        self.assertEqual(answer["rows"][1]["verdicts"][0]["certificate"]["accepted_by"], "cvc5")
        # Into a folder they are written for each row, from a proof of its own.
        self.run_airlock("check", "tree", "--lens", "lens/tiny", "--property", HOST, "--patch",
                         "mend.diff", "--quiet", "--certificate", "out", status=0)
        self.assertIn("(check-sat)",
                      (self.path / f"out/+mend.diff/{HOST}.smt2").read_text(encoding="utf-8"))

    def test_a_row_with_an_equal_slice_is_decided_once_and_cites_its_own_lines(self):
        self.write("comment.diff", COMMENT)
        answer = self.check("tree", "--patch", "comment.diff", "--no-cache", status=1)
        self.assertEqual(self.cells(answer), [False, True])
        self.assertEqual(self.entries(), [])
        text = self.run_airlock("check", "tree", "--lens", "lens/tiny", "--property", HOST,
                                "--patch", "comment.diff", "--no-certificates", "--quiet",
                                "--no-cache", status=1)
        self.assertRegex(text, r"switch\.c:20 +run_guest\(\);")

    def test_what_could_change_a_verdict_is_in_the_key(self):
        self.check("tree", status=1)
        for args, status in ((["--patch", "mend.diff"], 0), (["--no-actor", "irq_perf"], 1),
                             (["--choice", "db_clears_debugctl_at=intercept"], 1),
                             (["--set", "guest_debugctl_bits=BTF"], 1),
                             (["--guest-without", "sysret"], 1)):
            with self.subTest(args=args):
                self.assertIn(False, self.cells(self.check("tree", *args, status=status)))
                self.assertNotIn(False, self.cells(self.check("tree", *args, status=status)))
        self.assertEqual(self.cells(self.check("tree", status=1)), [True])
        self.write("lens/tiny/tiny.c", BODIES + "\nint more;\n")
        self.assertEqual(self.cells(self.check("tree", status=1)), [False])
        self.write("lens/tiny/lens.toml", LENS + "# more\n")
        self.assertEqual(self.cells(self.check("tree", status=1)), [False])

    def test_a_damaged_entry_is_said_and_not_used(self):
        self.check("tree", status=1)
        (entry,) = self.entries()
        whole = entry.read_bytes()
        for damage in (whole[:len(whole) // 2], whole.replace(b'"holds":false', b'"holds":true '),
                       b"", whole + b"x"):
            with self.subTest(damage=damage[-80:]):
                self.assertNotEqual(damage, whole)
                entry.write_bytes(damage)
                done = subprocess.run(
                    [AIRLOCK, "check", "tree", "--lens", "lens/tiny", "--property", HOST,
                     "--no-certificates", "--quiet", "--format", "json"], cwd=self.path,
                    capture_output=True, text=True, check=False,
                    env={**os.environ, "XDG_CACHE_HOME": str(self.cache)})
                self.assertEqual(done.returncode, 1)
                self.assertEqual(self.cells(json.loads(done.stdout)), [False])
                self.assertIn("damaged and not used", done.stderr)
                self.assertEqual(entry.read_bytes()[:40], whole[:40])  # written anew
        # An entry under another key is not believed either.
        entry.rename(entry.with_name("0" * 64))
        self.assertEqual(self.cells(self.check("tree", status=1)), [False])

    def test_what_is_undecided_is_not_remembered(self):
        self.check("tree", "--timeout", "0", status=3)
        self.assertEqual(self.entries(), [])

    def test_without_a_cache_folder_it_works(self):
        self.cache.write_text("no folder\n", encoding="utf-8")
        self.check("tree", status=1)


class FalseAlarms(Miniature):
    """What a slice does not follow may have been guessed wrongly."""

    SKIPS = SWITCH.replace("\tif (vcpu->host_debugctl)\n\t\tupdate_debugctlmsr(vcpu->host_debugctl);",
                           "\tif (!vcpu->broken)\n\t\tupdate_debugctlmsr(vcpu->host_debugctl);")

    def setUp(self):
        super().setUp()
        self.assertNotEqual(self.SKIPS, SWITCH)
        self.write("tree/hv/switch.c", self.SKIPS)
        header = self.path / "tree/hv/switch.h"
        header.write_text(header.read_text(encoding="utf-8").replace(
            "\tunsigned long entries;", "\tunsigned long entries;\n\tu32 broken;"), encoding="utf-8")

    def text(self, *args, status):
        return self.run_airlock("check", "tree", "--lens", "lens/tiny", "--property", HOST,
                                "--no-certificates", "--quiet", *args, status=status)

    def test_a_guess_that_every_violating_run_needs_is_said(self):
        cell = self.check("tree", status=6)["rows"][0]["verdicts"][0]
        self.assertTrue(cell["may_be_false_alarm"])
        self.assertEqual([(each["file"], each["line"], each["text"], each["value"],
                           each["to_run_a_guest"]) for each in cell["needed_guesses"]],
                         [("hv/switch.c", 19, "!vcpu->broken", "false", False)])
        text = self.text(status=6)
        self.assertIn("? switch.c:19  !vcpu->broken is untracked: here false\n", text)
        self.assertIn("this may be a false alarm", text)
        self.assertIn("Exit status 6: of base, 1 guarantee is violated, and that may be a false",
                      text)
        self.assertIn(": may be a false alarm: ", self.text("--format", "kbuild", status=6))
        self.assertIn("may be a false alarm", self.text("--format", "ktap", status=6))
        # Also when it is remembered; and it is nothing to go by for a bisection.
        self.assertTrue(self.check("tree", status=6)["rows"][0]["verdicts"][0]["remembered"])
        self.assertEqual(self.text(status=6).count("this may be a false alarm"), 1)
        self.text("--bisect", status=125)

    def test_the_trace_marks_it_in_every_form(self):
        trace = json.loads(self.run_airlock("trace", "--tree", "tree", "--lens", "lens/tiny",
                                            "--property", HOST, "--quiet", "--format", "json",
                                            "--report", "t.html", status=1))
        marked = [each for step in trace["trace"] for each in step.get("untracked", [])]
        self.assertEqual(marked, [{"file": "hv/switch.c", "line": 19, "text": "!vcpu->broken",
                                   "value": "false"}])
        self.assertIn("!vcpu-\\u003ebroken is untracked: here false",
                      (self.path / "t.html").read_text(encoding="utf-8"))

    def test_following_it_decides(self):
        self.write("lens/tiny/lens.toml", LENS.replace('["host_debugctl"]',
                                                       '["host_debugctl", "broken"]'))
        self.check("tree", status=0)

    def test_the_lens_may_say_that_it_can_come_true(self):
        self.write("lens/tiny/lens.toml", LENS + '[free]\nenter = "hardware breaks"\n')
        cell = self.check("tree", status=1)["rows"][0]["verdicts"][0]
        self.assertFalse(cell["may_be_false_alarm"])
        self.assertEqual(cell["needed_guesses"][0]["can_come_true"], "hardware breaks")
        self.assertIn("(hardware breaks)", self.text(status=1))
        self.write("lens/tiny/lens.toml", LENS + '[free]\nleave = "no such function"\n')
        self.assertIn("the slice has no function 'leave'", self.text(status=2))

    def test_what_a_run_needs_to_enter_a_guest_is_no_doubt(self):
        self.write("tree/hv/switch.c", SWITCH.replace("\trun_guest();",
                                                      "\tif (vcpu->entries)\n\t\trun_guest();"))
        cell = self.check("tree", status=1)["rows"][0]["verdicts"][0]
        self.assertFalse(cell["may_be_false_alarm"])
        self.assertEqual([(each["text"], each["to_run_a_guest"]) for each in
                          cell["needed_guesses"]], [("vcpu->entries", True)])

    def test_a_violation_that_can_do_without_any_one_guess_is_plain(self):
        self.write("tree/hv/switch.c", self.SKIPS.replace(
            "\tstgi();", "\tif (vcpu->entries)\n\t\tupdate_debugctlmsr(0);\n\tstgi();"))
        cell = self.check("tree", status=1)["rows"][0]["verdicts"][0]
        self.assertEqual((cell["may_be_false_alarm"], cell["needed_guesses"]), (False, []))
        self.assertNotIn("false alarm", self.text(status=1))


if __name__ == "__main__":
    unittest.main(verbosity=2)
