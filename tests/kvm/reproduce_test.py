#!/usr/bin/env python3
"""Surprise 1 of docs/findings.md on a real kernel, by commands alone; and what is said where the
kernel, QEMU or the disk fails.

reproduce_test.py AIRLOCK    run from the source root. Fetches Debian's current kernel (27 MB), and
QEMU where it is not installed (17 MB), into the user's cache, once. About 10 s of one core then.
Exits with 77, after a line "skipped: ...", where they cannot be fetched.
"""
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import tempfile

AIRLOCK = str(pathlib.Path(sys.argv[1]).resolve())
KERNEL = "6.1"
problems = []


def run(*arguments, **options):
    return subprocess.run([AIRLOCK, *arguments], capture_output=True, text=True, timeout=500,
                          **options)


def check(what, good, *results):
    print("ok" if good else "FAILED", what)
    if not good:
        problems.append(what)
        for each in results:
            print(f"  status {each.returncode}\n{each.stdout}{each.stderr}")


def path_with(folder, script, name="qemu-system-x86_64"):
    """PATH with a program of our own first: a QEMU."""
    program = pathlib.Path(folder, name)
    version = "[ \"$1\" = --version ] && { echo QEMU emulator version 0.0; exit 0; }\n"
    program.write_text("#!/bin/sh\n" + version + script)
    program.chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}


def main(folder):
    global KERNEL
    trace = run("trace", "specs/kvm", "--fix", "merged", "--property", "always_dr6_is_the_guests",
                "--as", "test", "--quiet")
    check("the trace is a test", trace.returncode == 1 and trace.stdout.startswith("airlock test 1"),
          trace)
    test = pathlib.Path(folder, "lost-bs.test")
    test.write_text(trace.stdout)

    real = run("reproduce", str(test), "--kernel", KERNEL, "--repeat", "3", "--quiet",
               "--evidence")
    unavailable = ("downloading", "asking apt", "apt offers none", "cannot start apt")
    if real.returncode in (3, 69) and any(each in real.stdout + real.stderr
                                          for each in unavailable):
        print(f"skipped: kernel {KERNEL} cannot be fetched: {(real.stdout + real.stderr).strip()}")
        sys.exit(77)
    check("6.1 loses BS, its controls are right",
          real.returncode == 1 and ": as predicted, reproduced\n" in real.stdout
          and "dr6=ffff0ff0@4 (3 of 3) with WRMSR of the x2APIC's ICR" in real.stdout
          and "as bare metal     CPUID, IN, RDMSR of APIC_BASE, WRMSR of TSC_DEADLINE, HLT, INVD\n"
          in real.stdout and "controls          all right: 6 variations" in real.stdout, real)
    check("KVM's tracepoints show the exit and the #DB that it injects",
          "    | kvm_exit:" in real.stdout and "    | kvm_inj_exception: #DB" in real.stdout, real)
    print(real.stdout)
    KERNEL = re.search(r" on (\S+) \(", real.stdout)[1]  # exactly that: no need to ask apt again

    # The prediction changed: the guest sees neither it nor bare metal.
    other = pathlib.Path(folder, "other.test")
    other.write_text(trace.stdout.replace("dr6=ffff0ff0@4\n", "dr6=ffff07f0@4\n", 1))
    # And a control changed: then nothing can be said.
    control = pathlib.Path(folder, "control.test")
    control.write_text(trace.stdout.replace("bare-metal DB@2", "bare-metal DB@1", 1))
    with tempfile.TemporaryDirectory() as tools:  # what is in the cache needs no apt
        for name in ("apt-get", "apt-cache"):
            environment = path_with(tools, "exit 100\n", name)
        wrong = run("reproduce", str(other), str(control), "--kernel", KERNEL, "--repeat", "1",
                    "--quiet", env=environment)
        without = run("reproduce", str(test), "--kernel", "6", "--quiet", env=environment)
        check("apt that does not answer is a message and status 69",
              without.returncode == 69 and "asking apt for kernels failed" in without.stdout, without)
    check("neither of both is said to differ, and ends with 5",
          wrong.returncode == 5 and "other.test on 6.1" in wrong.stdout
          and ": DIFFERS from both" in wrong.stdout, wrong)
    check("a control that fails makes a test inconclusive",
          ": inconclusive: a control failed" in wrong.stdout, wrong)

    with tempfile.TemporaryDirectory() as tools:
        for what, script, message in [
                ("a QEMU that is killed", "kill -9 $$\n", "QEMU was killed by signal 9"),
                ("a kernel that panics", "echo 'Kernel panic - not syncing: x'\nexit 0\n",
                 "the kernel panics: Kernel panic - not syncing: x"),
                ("a QEMU that ends early", "echo no such machine >&2; exit 1\n",
                 "it said: no such machine"),
                ("KVM that does not load", "echo 'airlock: error loading kvm.ko: x'\n",
                 "KVM cannot be used as it should: loading kvm.ko: x")]:
            bad = run("reproduce", str(test), "--kernel", KERNEL, "--quiet",
                      env=path_with(tools, script))
            check(f"{what} is a message and status 69",
                  bad.returncode == 69 and message in bad.stdout, bad)
        late = run("reproduce", str(test), "--kernel", KERNEL, "--quiet", "--timeout", "1",
                   env=path_with(tools, "sleep 1000\n"))
        check("a machine that does not end is stopped, status 69",
              late.returncode == 69 and "its time (--timeout) was over" in late.stdout, late)

    def small_disk():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))
    full = run("reproduce", str(test), "--kernel", KERNEL, "--quiet", preexec_fn=small_disk)
    check("a disk that is full is a message and status 74",
          full.returncode == 74 and "cannot write" in full.stderr, full)
    nowhere = run("reproduce", str(test), "--quiet",
                  env={**os.environ, "XDG_CACHE_HOME": "/proc/nowhere"})
    check("a cache that cannot be made is a message and status 69",
          nowhere.returncode == 69 and "cannot make /proc/nowhere/airlock" in nowhere.stderr, nowhere)

    old = run("reproduce", str(test), "--kernel", "2.4.1", "--quiet")
    check("a kernel that is gone is skipped, status 3",
          old.returncode == 3 and old.stdout.startswith("skipped: kernel 2.4.1: "), old)
    none = run("trace", "specs/kvm", "--property", "always_debug_exceptions_are_the_guests", "--as",
               "test", "--quiet")
    lost = pathlib.Path(folder, "lost.test")
    # (A trace that a guest alone can make is preferred; so this one is said to be none.)
    lost.write_text(none.stdout.replace(
        "\nguest\n", "not-by-a-guest step 2 is task_switch_block_step, between boot.c:15 and "
        "vcpu.c:148\n\nguest\n"))
    alone = run("reproduce", str(lost), "--quiet")
    check("what no guest can cause is not run, status 3",
          alone.returncode == 3
          and "not run: not reproducible by a guest alone: step 2 is task_switch_block_step"
          in alone.stdout, alone)
    bad = run("reproduce", "README.md")
    check("what is no test is bad input", bad.returncode == 2 and "README.md:3:1: error: this is no test" in bad.stderr, bad)


with tempfile.TemporaryDirectory() as scratch:
    main(scratch)
print("\n".join(problems) or "as expected")
sys.exit(1 if problems else 0)
