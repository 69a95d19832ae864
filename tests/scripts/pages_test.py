#!/usr/bin/env python3
"""Man pages and completion, made from the commands' own help.

    pages_test.py AIRLOCK PAGES_FOLDER

Every command has a page that groff reads without a warning and that has every option of --help; bash
completes commands, options, formats and a model's own names.
"""
import pathlib
import re
import subprocess
import sys
import unittest

AIRLOCK, PAGES = sys.argv[1], pathlib.Path(sys.argv[2])
ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*line, **more):
    return subprocess.run(line, capture_output=True, text=True, check=True, **more).stdout


def commands():
    listing = run(AIRLOCK, "--help").split("Subcommands:")[1]
    return re.findall(r"^  ([a-z]+) ", listing, re.M)


class ManPages(unittest.TestCase):
    def read(self, page):
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-P-cbou", str(page)], capture_output=True,
                              text=True, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8",
                                              "MANWIDTH": "200"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def test_every_command_has_a_page_with_all_of_its_options(self):
        self.assertGreater(len(commands()), 10)
        for command in commands():
            with self.subTest(command):
                text = self.read(PAGES / "man1" / f"airlock-{command}.1")
                for part in ("NAME", "SYNOPSIS", "OPTIONS", "EXIT STATUS", "SEE ALSO"):
                    self.assertRegex(text, rf"(?m)^{part}$")
                help_text = run(AIRLOCK, command, "--help")
                options = re.findall(r"(?m)^  (?:-[a-z],)?(--[a-z-]+)", help_text)
                self.assertIn("--help", options)
                for option in options:
                    self.assertIn(option, text)

    def test_the_programs_page_names_every_command(self):
        text = self.read(PAGES / "man1" / "airlock.1")
        for command in commands():
            self.assertIn(f"airlock-{command}(1)", text)

    def test_there_is_no_page_of_a_command_that_is_gone(self):
        self.assertEqual({page.name for page in (PAGES / "man1").iterdir()},
                         {"airlock.1"} | {f"airlock-{command}.1" for command in commands()})


class Completion(unittest.TestCase):
    def complete(self, *words):
        script = f"""
            set -u
            airlock() {{ {AIRLOCK} "$@"; }}
            source {PAGES}/airlock.bash
            COMP_WORDS=({" ".join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}
            _airlock
            printf '%s\\n' "${{COMPREPLY[@]-}}"
        """
        return run("bash", "-c", script, cwd=ROOT).split()

    def test_commands(self):
        self.assertEqual(self.complete("airlock", "pro"), ["prove"])
        self.assertEqual(set(commands()) - set(self.complete("airlock", "")), set())

    def test_options_formats_and_engines(self):
        self.assertIn("--brief", self.complete("airlock", "trace", "--b"))
        self.assertNotIn("--brief", self.complete("airlock", "prove", "--b"))
        self.assertEqual(self.complete("airlock", "trace", "--format", "s"), ["svg"])
        self.assertEqual(self.complete("airlock", "prove", "--engine", "i"), ["induction"])

    def test_a_models_own_names(self):
        self.assertEqual(self.complete("airlock", "trace", "specs/kvm", "--property", "always_dr6"),
                         ["always_dr6_is_the_guests"])
        self.assertEqual(self.complete("airlock", "trace", "specs/kvm", "--fix", "mer"), ["merged"])
        self.assertEqual(self.complete("airlock", "prove", "specs/kvm", "--actor", "nmi"), ["nmi_perf"])

    def test_files_else(self):
        self.assertIn("specs", self.complete("airlock", "list", "spe"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
