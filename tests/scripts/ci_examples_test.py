#!/usr/bin/env python3
"""The commands of docs/ci.md do what the page says, with the model that `airlock init` writes.

    ci_examples_test.py AIRLOCK
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
AIRLOCK = os.path.abspath(sys.argv[1])


def commands():
    """The page's command lines, without what YAML puts in front."""
    text = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    lines = [line for block in re.findall(r"```\w+\n(.*?)```", text, re.S)
             for line in block.splitlines()]
    found = [re.sub(r"^[\s-]*", "", line) for line in lines]
    return [line for line in found if line.startswith("airlock ") and " model " in line]


def run(line, folder, status):
    done = subprocess.run(line.replace("airlock ", f"'{AIRLOCK}' ", 1), shell=True, cwd=folder,
                          capture_output=True, text=True, check=False)
    assert done.returncode == status, f"{line}: status {done.returncode}\n{done.stdout}{done.stderr}"


def main():
    lines = commands()
    assert len(lines) == 4, lines
    write, compare, sarif, junit = lines
    quick = " --quiet --no-certificates --jobs 1"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([AIRLOCK, "init", f"{folder}/model"], check=True, capture_output=True)
        run(write + quick, folder, 1)  # the base is violated
        run(compare + quick, folder, 0)
        run(sarif.replace(" > ", quick + " > "), folder, 0)
        results = json.loads(pathlib.Path(folder, "airlock.sarif").read_text())["runs"][0]["results"]
        assert any(r["level"] == "note" for r in results) and not any(
            r["level"] == "error" for r in results), results
        run(junit.replace(" > ", quick + " > "), folder, 0)
        suites = xml.etree.ElementTree.parse(f"{folder}/airlock.xml").getroot()
        assert suites.get("failures") == "0", suites.attrib
        assert any(int(suite.get("skipped")) > 0 for suite in suites), "no violation is known"
        # What got better without the file saying so is red, too.
        fix = pathlib.Path(folder, "model/fixes/lbrv.c")
        base = pathlib.Path(folder, "model/hypervisor.c")
        mended = base.read_text().replace("\tvmcb_mark_all_dirty();",
                                          "\tvmcb.control.virt_ext = LBR_CTL_ENABLE_MASK;\n"
                                          "\tvmcb_mark_all_dirty();", 1)
        assert mended != base.read_text() and fix.exists()
        base.write_text(mended)
        run(compare + quick, folder, 1)
    print("4 commands of docs/ci.md do what it says")


if __name__ == "__main__":
    main()
