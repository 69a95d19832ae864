#!/usr/bin/env python3
"""specs/kvm through a lens, as if it were a kernel's tree: each row's verdicts are specs/kvm's.

    as_tree_test.py AIRLOCK

Three rows; all of them with AIRLOCK_ALL_ROWS=1.

The files of the model become a tree, a row's functions take the places of the base's, and what is the
lens' half in a real lens (the objects, the parameters) is moved there. The slicer then cuts what it may,
and every guarantee must come out as `airlock compare specs/kvm` says: violated or not, on the same
readings. Steps may be fewer, since what changes nothing is cut; they are never more.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

AIRLOCK = sys.argv.pop(1)
ROOT = pathlib.Path(__file__).resolve().parents[2]
KVM = ROOT / "specs/kvm"
#: A function as specs write it; and a global, with its value if it has one.
FUNCTION = r"(?ms)^(?:static )?\w+ {}\([^;{{]*\)\n\{{.*?^\}}\n"
NAMES = re.compile(r"(?m)^(?:static )?\w+ (\w+)\([^;{]*\)\n\{")
GLOBAL = re.compile(r"(?m)^(?:const )?(?:u64|bool|u32|struct kvm_vcpu) \w+(?: = [^;]*)?;\n")
LENS = """\
[tree]
files = ["kvm/*.[ch]", "linux/*.c"]
bodies = ["model.c"]
[entry]
vcpu_create = "vcpu_create"
vcpu_run = "vcpu_run"
vcpu_load = "vcpu_load?"
boot = "boot"
irq_perf = "irq_perf"
task_switch_block_step = "task_switch_block_step"
[singletons]
"struct kvm_vcpu" = "vcpu"
"struct vmcb" = "vmcb"
[tracked]
"struct kvm_vcpu" = ["dr6", "wont_exit", "db_queued"]
"struct vmcb" = ["control", "save"]
"struct vmcb_control_area" = ["intercepts", "msrpm_debugctl", "int_ctl", "clean", "event_inj", "virt_ext",
  "exit_code", "exit_info_1"]
"struct vmcb_save_area" = ["rflags", "dr6", "dbgctl", "cpl"]
[machine]
tighten = ["local_irq_disable", "preempt_disable"]
loosen = ["local_irq_enable", "preempt_enable"]
[writers]
nmi_perf = "an actor that is off"
"""


def taken(text, pattern):
    """The text without what the pattern matches, and that."""
    found = [match.group() for match in re.finditer(pattern, text)]
    return re.sub(pattern, "", text), found


def write_tree(folder, fix):
    """A tree and a lens of the base, or of the base with a fix's functions."""
    (folder / "tree/linux").mkdir(parents=True)
    (folder / "tree/kvm").mkdir()
    (folder / "lens/model").mkdir(parents=True)
    shutil.copy(ROOT / "specs/lens/words.txt", folder / "lens/words.txt")
    for name in ("boot.c", "perf.c", "block_step.c"):
        shutil.copy(ROOT / "specs/linux" / name, folder / "tree/linux" / name)
    texts = {name: (KVM / name).read_text(encoding="utf-8")
             for name in ("kvm.h", "vcpu.c", "svm.c", "debugctl.c")}
    if fix is not None:
        text = fix.read_text(encoding="utf-8")
        for name in NAMES.findall(text):
            for base in ("vcpu.c", "svm.c", "debugctl.c"):
                texts[base] = re.sub(FUNCTION.format(name), "", texts[base])
        texts["fix.c"] = text
    objects = []
    for name, text in texts.items():
        if name != "kvm.h":
            text, found = taken(text, GLOBAL)
            objects += found
        text, found = taken(text, FUNCTION.format("guest_dr6"))
        objects += found
        (folder / "tree/kvm" / name).write_text(text, encoding="utf-8")
    (folder / "lens/model/lens.toml").write_text(LENS, encoding="utf-8")
    (folder / "lens/model/model.c").write_text(
        "#include <airlock/svm.h>\n\n" + "".join(objects), encoding="utf-8")


def cells(row):
    return {cell["property"]: (cell["verdict"], cell["assumes"], cell["steps"])
            for cell in row["verdicts"] if cell["property"].startswith("always_")}


class AsTree(unittest.TestCase):
    maxDiff = None

    def airlock(self, *args):
        done = subprocess.run([AIRLOCK, *args, "--quiet", "--no-certificates", "--format", "json"],
                              capture_output=True, text=True, check=False)
        self.assertIn(done.returncode, (0, 1, 6), (args, done.stderr))
        return json.loads(done.stdout)

    def test_each_row_has_the_verdicts_of_the_model(self):
        rows = [] if os.environ.get("AIRLOCK_ALL_ROWS") else ["none", "merged", "always-lbrv"]
        model = self.airlock("compare", KVM, *[word for row in rows for word in ("--fix", row)])
        names = [name for name in cells(model["rows"][0])]
        asked = [word for name in names for word in ("--property", name)]
        for row in model["rows"]:
            with self.subTest(row=row["fix"]), tempfile.TemporaryDirectory() as scratch:
                folder = pathlib.Path(scratch)
                fix = None if row["fix"] == "none" else KVM / "fixes" / f"{row['fix']}.c"
                write_tree(folder, fix)
                answer = self.airlock("check", folder / "tree", "--lens", folder / "lens/model",
                                      "--no-cache", *asked)
                expected, got = cells(row), cells(answer["rows"][0])
                self.assertEqual({name: cell[:2] for name, cell in got.items()},
                                 {name: cell[:2] for name, cell in expected.items()})
                for name, (verdict, _, steps) in got.items():
                    if verdict == "violated":
                        self.assertLessEqual(steps, expected[name][2], name)


if __name__ == "__main__":
    unittest.main()
