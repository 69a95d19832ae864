"""Variants of Debian's kernels, made by program: what a tree would be with a change, as a patch.

No text of a kernel stands here. The files are read from the archive when a test runs, changed at places
that are found by what stands there, and written as a unified diff.
"""

import difflib
import re
import subprocess

SVM = "arch/x86/kvm/svm/svm.c"
X86 = "arch/x86/kvm/x86.c"


def read(archive, path):
    """The text of a file of a linux-source archive."""
    done = subprocess.run(["tar", "-xOf", archive, "--wildcards", "--occurrence=1", f"*/{path}"],
                          capture_output=True, check=True)
    return done.stdout.decode("utf-8")


def patch(path, before, after):
    """A unified diff of one file."""
    assert before != after, f"{path}: nothing changed"
    return "".join(difflib.unified_diff(before.splitlines(True), after.splitlines(True),
                                        f"a/{path}", f"b/{path}"))


def without_manual_switch(text):
    """Every statement `if (...) update_debugctlmsr(...);` of svm.c is deleted."""
    lines = text.splitlines(True)
    for at in reversed([i for i, line in enumerate(lines) if "\tupdate_debugctlmsr(" in line]):
        first = at
        while not re.match(r"\s*if \(", lines[first]):
            first -= 1
        del lines[first:at + 1]
    return "".join(lines)


def payload_when_queued(text):
    """kvm_multiple_exception() delivers the payload as soon as it has stored it."""
    start = text.index("static void kvm_multiple_exception(")
    stored = re.compile(r"^\t\t\S*exception\.payload = payload;\n", re.M).search(text, start)
    return (text[:stored.end()] +
            "\t\tkvm_deliver_exception_payload(vcpu, &vcpu->arch.exception);\n" +
            text[stored.end():])


def with_manual_switch(text):
    """svm_vcpu_run() loads the guest's DebugCtl before it enters, and the host's afterwards."""
    at = re.compile(r"^\tsvm_vcpu_enter_exit\(.*\);\n", re.M).search(text)
    switch = ("\tif (!(svm->vmcb->control.virt_ext & LBR_CTL_ENABLE_MASK) && "
              "svm->vmcb->save.dbgctl != vcpu->arch.host_debugctl)\n\t\tupdate_debugctlmsr({});\n")
    return (text[:at.start()] + switch.format("svm->vmcb->save.dbgctl") + at[0] +
            switch.format("vcpu->arch.host_debugctl") + text[at.end():])


def resetting_dr6(text):
    """svm_vcpu_run() gives the host its DR6 back where the guest's is not "nothing pending"."""
    at = re.compile(r"^\tsvm_vcpu_enter_exit\(.*\);\n", re.M).search(text)
    reset = "\tif (svm->vmcb->save.dr6 != DR6_ACTIVE_LOW)\n\t\tset_debugreg(DR6_ACTIVE_LOW, 6);\n"
    return text[:at.end()] + reset + text[at.end():]


def dropping_btf(text):
    """svm_set_msr() ignores BTF in what the guest writes to DebugCtl."""
    at = re.compile(r"^\t\tif \(data & DEBUGCTL_RESERVED_BITS\)\n", re.M).search(text)
    return text[:at.start()] + "\t\tdata &= ~DEBUGCTLMSR_BTF;\n" + text[at.start():]
