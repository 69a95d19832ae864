#!/usr/bin/env python3
"""The matrix of specs/kvm is the one that docs/findings.md argues about: verdicts, lengths, pins.

matrix_test.py AIRLOCK    run from the source root. A change here is a finding or a bug: replay the
trace and read the manual before matrix.json is touched.
"""
import json
import pathlib
import subprocess
import sys

run = subprocess.run([sys.argv[1], "compare", "specs/kvm", "--format", "json", "--no-explain"],
                     capture_output=True, text=True)
if run.returncode != 1:
    sys.exit(f"exit status {run.returncode}, expected 1\n{run.stderr}")
found = json.loads(run.stdout)
expected = json.loads((pathlib.Path(__file__).parent / "matrix.json").read_text())
problems = []
rows = {row["fix"]: row for row in found["rows"]}
if list(rows) != list(expected):
    problems.append(f"rows are {list(rows)}, expected {list(expected)}")
for fix, cells in expected.items():
    verdicts = {v["property"]: v for v in rows[fix]["verdicts"] + rows[fix].get("guards", [])}
    if set(verdicts) != set(cells):
        problems.append(f"{fix}: properties are {sorted(verdicts)}")
        continue
    for name, cell in cells.items():
        v = verdicts[name]
        if [v["verdict"], v["steps"], v["assumes"]] != cell:
            problems.append(f"{fix}: {name}: {v['verdict']} {v['steps']} {v['assumes']}, expected {cell}")
        if v["verdict"] == ("violated" if name.startswith(("reachable_", "symptom_")) else "holds") and \
                (v.get("certificate") or {}).get("accepted_by") != "cvc5":
            problems.append(f"{fix}: {name}: no certificate: {v.get('certificate')}")
        if not v.get("confirmed_by"):
            problems.append(f"{fix}: {name}: no second opinion")
gaps = found.get("coverage")
if not gaps:
    problems.append("no coverage: the manifest's [unreached] is gone, or names nothing")
for gap in gaps or []:
    if not gap["reason"]:
        problems.append(f"never, in no row: {gap['name']}")
print("\n".join(problems) or "as expected")
sys.exit(1 if problems else 0)
