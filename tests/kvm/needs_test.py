#!/usr/bin/env python3
"""The matrix's JSON says, without being asked, what a proof of specs/kvm needs; docs/findings.md
argues about it.

needs_test.py AIRLOCK    run from the source root. A change here is a finding or a bug, as in
matrix_test.py.
"""
import json
import subprocess
import sys

PROPERTY = "always_debugctl_is_the_guests"
LINES = [
    "merged.c: host_debugctl != vmcb.save.dbgctl",
    "merged.c: !(vmcb.control.virt_ext & LBR_CTL_ENABLE_MASK)",
    "merged.c: host_debugctl = get_debugctlmsr();",
    "merged.c: must_switch()",
    "merged.c: update_debugctlmsr(vmcb.save.dbgctl);",
    "merged.c: data & ~(GENMASK(5, 2) | DEBUGCTLMSR_BTF)",
    "vcpu.c: snapshot_host_debugctl() after local_irq_disable()",
    "vcpu.c: snapshot_host_debugctl() before local_irq_enable()",
]
ASSUMES = ["no nmi_perf", "cpu_has_lbrv=1", "guest_debugctl_bits=LBR", "db_clears_debugctl_at=both"]

run = subprocess.run([sys.argv[1], "compare", "specs/kvm", "--fix", "none", "--fix", "merged",
                      "--property", PROPERTY, "--no-certificates", "--format", "json"],
                     capture_output=True, text=True)
if run.returncode != 1:
    sys.exit(f"exit status {run.returncode}, expected 1\n{run.stderr}")
violated, holds = (row["verdicts"][0] for row in json.loads(run.stdout)["rows"])
problems = []
if "needs" in violated:
    problems.append("what does not hold has needs")
needs = holds.get("needs") or {}
lines = [f"{line['place'].split('/')[-1].split(':')[0]}: {line['text']}"
         for line in needs.get("lines", [])]
if lines != LINES:
    problems.append(f"lines are {lines}, expected {LINES}")
if needs.get("assumes") != ASSUMES:
    problems.append(f"assumes {needs.get('assumes')}, expected {ASSUMES}")
if needs.get("minimal") is not True:
    problems.append(f"not minimal: {needs.get('reason')}")
print("\n".join(problems) or "as expected")
sys.exit(1 if problems else 0)
