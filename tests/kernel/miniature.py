"""A miniature of a kernel and a lens for it, and Airlock run on it: what the tests here share.

Whoever imports this is called `X_test.py AIRLOCK ...`.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

AIRLOCK = pathlib.Path(sys.argv.pop(1)).resolve()
ROOT = pathlib.Path(__file__).parent.parent.parent
HOST = "always_host_runs_with_its_own_debugctl"
GUEST = "always_guest_runs_with_no_foreign_debugctl_bits"

HEADER = """\
#ifndef SWITCH_H
#define SWITCH_H
/* One virtual CPU. */
struct vcpu {
	u64 host_debugctl;
	unsigned long entries;
};
#endif
"""
# Restores only what it saved if that was not 0: the guest's own value stays.
SWITCH = """\
#include "switch.h"

/* How often: no register. */
static void count(struct vcpu *vcpu)
{
	vcpu->entries++;
}

void enter(struct vcpu *vcpu)
{
	count(vcpu);
	preempt_disable();
	local_irq_disable();
	vcpu->host_debugctl = get_debugctlmsr();
	clgi();
	if (vcpu->host_debugctl)
		update_debugctlmsr(0);
	run_guest();
	if (vcpu->host_debugctl)
		update_debugctlmsr(vcpu->host_debugctl);
	stgi();
	local_irq_enable();
	preempt_enable();
}
"""
PERF = """\
/* The host's profiler. */
void perf_on(void)
{
	wrmsrl(MSR_IA32_DEBUGCTLMSR, DEBUGCTLMSR_LBR);
}
"""
LENS = """\
[tree]
files = ["hv/*.[ch]"]
bodies = ["tiny.c"]
[config]
CONFIG_X86_64 = "y"
[entry]
vcpu_run = "enter"
irq_perf = "perf_on"
[singletons]
"struct vcpu" = "the_vcpu"
[tracked]
"struct vcpu" = ["host_debugctl"]
[machine]
tighten = ["local_irq_disable", "preempt_disable"]
loosen = ["local_irq_enable", "preempt_enable"]
"""
BODIES = """\
#include <airlock/svm.h>

struct vcpu the_vcpu;

/* Assembly. */
void run_guest(void)
{
	vmrun();
}
"""
# Restores always.
MEND = """\
--- a/hv/switch.c
+++ b/hv/switch.c
@@ -16,8 +16,7 @@
 	if (vcpu->host_debugctl)
 		update_debugctlmsr(0);
 	run_guest();
-	if (vcpu->host_debugctl)
-		update_debugctlmsr(vcpu->host_debugctl);
+	update_debugctlmsr(vcpu->host_debugctl);
 	stgi();
 	local_irq_enable();
 	preempt_enable();
"""
# ... and no more, on top of the other.
BREAK = """\
--- a/hv/switch.c
+++ b/hv/switch.c
@@ -18,3 +18,2 @@
 	run_guest();
-	update_debugctlmsr(vcpu->host_debugctl);
 	stgi();
"""


class Miniature(unittest.TestCase):
    """A scratch folder with the miniature in `tree`, its lens in `lens/tiny`, and two patches."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.path = pathlib.Path(scratch.name)
        self.cache = self.path / "cache"
        for name, text in {"tree/hv/switch.h": HEADER, "tree/hv/switch.c": SWITCH,
                           "tree/hv/perf.c": PERF, "lens/tiny/lens.toml": LENS,
                           "lens/tiny/tiny.c": BODIES, "mend.diff": MEND,
                           "break.diff": BREAK}.items():
            self.write(name, text)
        shutil.copy(ROOT / "specs/lens/words.txt", self.path / "lens/words.txt")

    def write(self, name, text):
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_text(text, encoding="utf-8")

    def run_airlock(self, *args, status):
        done = subprocess.run([AIRLOCK, *args], cwd=self.path, capture_output=True, text=True,
                              check=False, env={**os.environ, "XDG_CACHE_HOME": str(self.cache)})
        self.assertEqual(done.returncode, status, (args, done.stdout[-2000:], done.stderr))
        return done.stdout if status != 2 else done.stderr

    def check(self, tree, *args, status):
        return json.loads(self.run_airlock("check", tree, "--lens", "lens/tiny", "--property", HOST,
                                           "--no-certificates", "--quiet", "--format", "json",
                                           *args, status=status))

    def slice(self, tree, *args, status=0):
        return self.run_airlock("slice", tree, "--lens", "lens/tiny", *args, status=status)

    @staticmethod
    def verdicts(answer):
        return [(row["fix"], [cell["verdict"] for cell in row["verdicts"]])
                for row in answer["rows"]]


def debian_archive(test, series):
    """Debian's linux-source archive; skips `test` where it cannot be had."""
    done = subprocess.run([ROOT / "scripts/kernel-sources", series], capture_output=True,
                          text=True, check=True)
    path = done.stdout.strip()
    if path.startswith("skipped: "):
        print(path)
        test.skipTest(path)
    return pathlib.Path(path)
