#!/usr/bin/env python3
"""Every trace in which a guest sees something wrong, of specs/kvm's rows, is a test or says why not.

    as_test_test.py AIRLOCK

Those that are C files in the manner of kvm-unit-tests are compiled and run where there is no hypervisor,
on QEMU's software CPU (tests/checker/testgen/frameworks): there each must see what bare metal shows.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

AIRLOCK = sys.argv.pop(1)
ROOT = pathlib.Path(__file__).resolve().parents[2]
PROPERTIES = ("always_debug_exceptions_are_the_guests", "always_dr6_is_the_guests")
#: Of each row and property: None (it holds), or what keeps the test from being run anywhere; and
#: whether there is a C file.
DEBUGCTL, HOST = "needs", "host"
ROWS = {
    "none": (({DEBUGCTL, HOST}, False), ({DEBUGCTL, HOST}, True)),
    "suppress-db": (({DEBUGCTL, HOST}, False), ({DEBUGCTL, HOST}, True)),
    "virtualize-bld": (({DEBUGCTL, HOST}, False), ({DEBUGCTL, HOST}, True)),
    "mask-bld": (({DEBUGCTL}, True), ({DEBUGCTL}, True)),
    "v1-early-snapshot": (({DEBUGCTL}, True), ({DEBUGCTL}, True)),
    "v1": (({DEBUGCTL}, True), ({DEBUGCTL}, True)),
    "v2-as-posted": (({DEBUGCTL}, True), (set(), True)),
    "v2": (({DEBUGCTL}, True), (set(), True)),
    "merged": (None, (set(), True)),
    "always-lbrv": (({DEBUGCTL, HOST}, True), ({DEBUGCTL, HOST}, True)),
}
FRAMEWORKS = ROOT / "tests/checker/testgen/frameworks"
COMPILE = ["cc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-mno-red-zone", "-mno-sse",
           "-ffreestanding", "-fno-pic", "-fno-pie", "-fno-stack-protector", "-fcf-protection=none",
           "-I", FRAMEWORKS, "-c"]


def airlock(*args):
    return subprocess.run([AIRLOCK, *args, "--quiet"], cwd=ROOT, capture_output=True, text=True,
                          check=False)


def reports(folder, text):
    """What the file reports on a bare machine: "PASS ..." and "FAIL ..." lines."""
    (folder / "test.c").write_text(text, encoding="utf-8")
    objects = []
    for source in (FRAMEWORKS / "boot.S", FRAMEWORKS / "runtime.c", folder / "test.c"):
        objects.append(folder / (source.name + ".o"))
        subprocess.run([*COMPILE, source, "-o", objects[-1]], check=True)
    subprocess.run(["ld", "-m", "elf_x86_64", "-nostdlib", "-static", "-Ttext", "0x100000",
                    "--section-start=.multiboot=0xff000", "-z", "max-page-size=4096", "-e", "_start",
                    *objects, "-o", folder / "kernel64"], check=True)
    subprocess.run(["objcopy", "-O", "elf32-i386", folder / "kernel64", folder / "kernel"],
                   check=True)
    done = subprocess.run(
        ["qemu-system-x86_64", "-machine", "pc,accel=tcg", "-cpu", "max", "-m", "64", "-display",
         "none", "-no-reboot", "-monitor", "none", "-serial", "none", "-parallel", "none",
         "-debugcon", f"file:{folder / 'out'}", "-device", "isa-debug-exit,iobase=0xf4,iosize=1",
         "-kernel", folder / "kernel"], check=False, timeout=60, capture_output=True, text=True)
    lines = (folder / "out").read_text(encoding="utf-8").splitlines()
    assert lines and lines[-1] == "END", (done.returncode, done.stderr, lines)
    return lines[:-1]


class Traces(unittest.TestCase):
    def test_each_trace_is_a_test_or_says_why_not(self):
        for row, cells in ROWS.items():
            for name, cell in zip(PROPERTIES, cells):
                with self.subTest(row=row, property=name):
                    done = airlock("trace", "specs/kvm", "--fix", row, "--property", name, "--as",
                                   "test")
                    if cell is None:
                        self.assertEqual(done.returncode, 0)
                        self.assertIn("there is no trace", done.stdout)
                        continue
                    self.assertEqual(done.returncode, 1, done.stderr)
                    words = {line.split()[0] for line in done.stdout.splitlines() if line.strip()}
                    self.assertLessEqual({"guest", "bare-metal", "predicted"}, words)
                    self.assertEqual(words & {DEBUGCTL, HOST, "not-by-a-guest"}, cell[0])

    def test_each_c_file_sees_on_a_bare_machine_what_bare_metal_shows(self):
        if shutil.which("qemu-system-x86_64") is None:
            self.skipTest("skipped: there is no qemu-system-x86_64")
        for row, cells in ROWS.items():
            for name, cell in zip(PROPERTIES, cells):
                with self.subTest(row=row, property=name), tempfile.TemporaryDirectory() as folder:
                    if cell is None:
                        continue
                    done = airlock("trace", "specs/kvm", "--fix", row, "--property", name, "--as",
                                   "kvm-unit-test")
                    if not cell[1]:
                        self.assertEqual(done.returncode, 3)
                        self.assertIn("it goes to CPL 3", done.stderr)
                        continue
                    self.assertEqual(done.returncode, 1, done.stderr)
                    lines = reports(pathlib.Path(folder), done.stdout)
                    self.assertTrue(all(line.startswith("PASS ") for line in lines), lines)
                    self.assertEqual(len(lines), done.stdout.count("\treport("))
                    # It can fail: what bare metal does not show is no pass.
                    wrong = done.stdout.replace(".value = 0xffff", ".value = 0xfffe")
                    wrong = wrong.replace(".db = 1", ".db = 2")
                    failed = reports(pathlib.Path(folder), wrong)
                    self.assertTrue(failed[-1].startswith("FAIL "), failed)

    def test_the_rows_are_all(self):
        listed = airlock("list", "specs/kvm", "--format", "json").stdout
        self.assertEqual([fix["name"] for fix in json.loads(listed)["fixes"]], list(ROWS))


if __name__ == "__main__":
    unittest.main()
