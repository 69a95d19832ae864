#!/usr/bin/env python3
"""Airlock, SPIN and Rumur side by side on the same systems: the table in docs/performance.md.

    tests/benchmark/explicit/compare.py [--build DIR] [--size 6|7|8] [--repeat N] [--only NAME]...
                                        [--airlock-only] [--without CHECKER]... [--json FILE]
                                        [--kvm 'FIX [OPTION]...']...

Systems of about 10^6 states by default; --size 7 and 8 add those of about 10^7 and 10^8 (SPIN wants
some 12 GB for the latter; --airlock-only leaves the others out). Each is described once
(systems.py) and written in three languages. --kvm takes specs/kvm under a fix, and further options
of `airlock explore`, as `airlock export` writes it for the other two; no other system then, unless
--only names one. (Its programs are compiled with -O2: at -O3, GCC works for many minutes on the
half a megabyte that is exported. Rumur does a few hundred of its states a second.)

The three are run one after the other, Airlock with one thread and with two, Rumur likewise; of
--repeat runs the fastest counts. The command fails if numbers of states differ, or of transitions
(SPIN counts initial states among them). What is compared is the wall clock of a run; `cpu` is user
and system time, which says more on a machine that is busy. For a quiet run: no other load, the
performance governor if there is a choice, `--repeat 3`, and both tables from the same run.
"""
import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import systems  # noqa: E402

ROOT = Path(__file__).resolve().parents[3]

FAMILIES = {
    6: [lambda: systems.counters(5, 16), lambda: systems.permutations(10),
        lambda: systems.filter_lock(6), lambda: systems.sliding_window(8, 5, 6)],
    7: [lambda: systems.counters(6, 16), lambda: systems.permutations(11),
        lambda: systems.sliding_window(8, 6, 7)],
    8: [lambda: systems.counters(8, 10, 0), lambda: systems.permutations(12),
        lambda: systems.filter_lock(7)],
}


class Run:
    """One program's work: seconds, CPU seconds, peak memory, and what it found."""

    def __init__(self, command, cwd=None, timeout=None):
        self.command = [str(part) for part in command]
        begin = time.monotonic()
        with tempfile.TemporaryFile("w+") as out:
            child = subprocess.Popen(self.command, cwd=cwd, stdout=out, stderr=subprocess.STDOUT)
            _, status, use = os.wait4(child.pid, 0)
            self.seconds = time.monotonic() - begin
            child.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            self.output = out.read()
        self.cpu = use.ru_utime + use.ru_stime
        self.peak = use.ru_maxrss * 1024
        self.status = child.returncode

    def must_succeed(self):
        if self.status != 0:
            sys.exit(f"{' '.join(self.command)} ended with {self.status}:\n{self.output[-2000:]}")
        return self


def fastest(repeat, command, cwd=None):
    return min((Run(command, cwd).must_succeed() for _ in range(repeat)), key=lambda r: r.seconds)


def number(pattern, text):
    """The last one that fits: what comes before is progress."""
    found = re.findall(pattern, text)
    if not found:
        sys.exit(f"no {pattern!r} in:\n{text[-2000:]}")
    return int(float(found[-1])) if "e" in found[-1] else int(found[-1])


def result(checker, threads, run, compile_seconds, states, transitions):
    return {"checker": checker, "threads": threads, "seconds": run.seconds, "cpu": run.cpu,
            "compile": compile_seconds, "peak": run.peak, "states": states,
            "transitions": transitions}


def run_airlock(program, description, work, repeat):
    path = work / "system.json"
    path.write_text(description)
    for threads in (1, 2):
        run = fastest(repeat, [program, path, threads])
        found = json.loads(run.output.strip().splitlines()[-1])
        each = result("airlock", threads, run, 0, found["states"], found["transitions"])
        each["seconds"] = run.seconds  # the process as a whole, reading the description included
        each["bits"] = found["bits"]
        each["visited_bytes"] = found["visited_bytes"]
        yield each


def run_spin(promela, work, repeat, expected, optimise="-O3", before=0):
    """Options as for a fast exhaustive run: no partial order reduction (there is one process), and
    a hash table and a stack of the right size for the `expected` states from the start. SPIN counts
    its initial state as a transition; `before`: one of its own comes before the model's."""
    (work / "model.pml").write_text(promela)
    begin = time.monotonic()
    Run(["spin", "-a", "model.pml"], work).must_succeed()
    Run(["gcc", optimise, "-march=native", "-DSAFETY", "-DNOREDUCE", "-DNOFAIR", "-DMEMLIM=20000",
         "-w", "-o", "pan", "pan.c"], work).must_succeed()
    compile_seconds = time.monotonic() - begin
    run = fastest(repeat, ["./pan", f"-m{expected + 1000}", f"-w{expected.bit_length()}",
                            "-b", "-E"], work)
    if "max search depth too small" in run.output:
        sys.exit("SPIN's search was cut off by its depth")
    states = number(r"([\d.e+]+) states, stored", run.output)
    transitions = number(r"([\d.e+]+) transitions \(=", run.output)
    yield result("spin", 1, run, compile_seconds, states - before, transitions - 1 - before)


def run_rumur(murphi, work, repeat, optimise="-O3"):
    (work / "model.m").write_text(murphi)
    for threads in (1, 2):
        begin = time.monotonic()
        Run(["rumur", "--output", "model.c", "--threads", threads, "--deadlock-detection", "off",
             "--symmetry-reduction", "off", "model.m"], work).must_succeed()
        Run(["gcc", "-std=c11", optimise, "-march=native", "-mcx16", "-pthread", "-w", "-o", "model",
             "model.c", "-latomic"], work).must_succeed()
        compile_seconds = time.monotonic() - begin
        run = fastest(repeat, ["./model"], work)
        states = number(r"(\d+) states", run.output)
        transitions = number(r"(\d+) rules fired", run.output)
        yield result("rumur", threads, run, compile_seconds, states, transitions)


def probe_rates(program, largest):
    rates = {}
    for line in Run([program, largest]).must_succeed().output.splitlines():
        each = json.loads(line)
        rates[each["bytes"]] = each["probes_per_second"]
    return rates


def rate_at(rates, size):
    """Of the smallest table measured that is not smaller."""
    return rates[min((b for b in rates if b >= size), default=max(rates))]


def same(a, b):
    """SPIN prints what is above 10^8 with eight digits."""
    return a == b or (min(a, b) >= 10**8 and abs(a - b) <= 1e-7 * a)


def check(name, runs):
    for each in runs[1:]:
        for what in ("states", "transitions"):
            if not same(each[what], runs[0][what]):
                sys.exit(f"{name}: {each['checker']} finds {each[what]} {what}, "
                         f"airlock {runs[0][what]}")


def machine():
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return f"{model[1] if model else 'unknown processor'}, {os.cpu_count()} processors"


def human_bytes(n):
    return f"{n / 2**30:.2f} GiB" if n >= 2**30 else f"{n / 2**20:.0f} MiB"


def table(name, text, runs, rates):
    """The rows for one system. A table of plain 8-byte states with half of the slots free is what
    the probe rate is taken at."""
    first = runs[0]
    size = first["states"] * 16
    rate = rate_at(rates, size)
    lines = [f"**{name}**: {text}; {first['states']:,} states, {first['transitions']:,} "
             f"transitions, {first['bits']} bits. Probe rate at {human_bytes(size)}: "
             f"{rate / 1e6:.1f} M/s.", "",
             "| checker | threads | states/s | transitions/s | of the probe rate | memory | per state "
             "| seconds | CPU | compile | total | Airlock's ratio |",
             "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"]
    for r in runs:
        same = next((a for a in runs if a["checker"] == "airlock" and a["threads"] == r["threads"]))
        ratio = r["seconds"] / same["seconds"]
        total = r["seconds"] + r["compile"]
        lines.append(
            f"| {r['checker']} | {r['threads']} | {r['states'] / r['seconds'] / 1e6:.2f} M "
            f"| {r['transitions'] / r['seconds'] / 1e6:.1f} M "
            f"| {100 * r['transitions'] / r['seconds'] / rate:.0f} % "
            f"| {human_bytes(r['peak'])} | {r['peak'] / r['states']:.1f} B | {r['seconds']:.2f} "
            f"| {r['cpu']:.2f} | {r['compile']:.1f} | {total:.2f} "
            f"| {ratio:.1f} ({total / same['seconds']:.1f} with compile) |")
    return "\n".join(lines) + "\n"


def run_kvm(airlock, world, work, repeat, others):
    """`world`: a fix and further options. Each fix has one initial state."""
    options = [ROOT / "specs/kvm", "--fix", *world]
    for threads in (1, 2):
        run = fastest(repeat, [airlock, "explore", *options, "--jobs", threads, "--format", "json",
                               "--quiet", "--stats"])
        found = json.loads(run.output)
        each = result("airlock", threads, run, 0, found["states"], found["transitions"])
        each["bits"] = found["bits"]
        yield each

    def exported(language):
        return Run([airlock, "export", *options, "--to", language]).must_succeed().output

    if "spin" in others:
        yield from run_spin(exported("promela"), work, repeat, found["states"], "-O2", before=1)
    if "rumur" in others:
        yield from run_rumur(exported("murphi"), work, repeat, "-O2")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default=ROOT / "build/release", type=Path)
    parser.add_argument("--size", type=int, choices=sorted(FAMILIES), default=6)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--airlock-only", action="store_true")
    parser.add_argument("--without", action="append", default=[], choices=["spin", "rumur"])
    parser.add_argument("--kvm", action="append", default=[], metavar="'FIX [OPTION]...'")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    others = [each for each in ("spin", "rumur")
              if not options.airlock_only and each not in options.without]
    for program in [*others, "gcc"] if others else []:
        if not shutil.which(program):
            sys.exit(f"{program} is not installed; scripts/setup does it")
    rates = probe_rates(options.build / "tests/benchmark_probe", 27 + 3 * (options.size - 6))
    print(f"{machine()}.\n\nRandom prefetched 8-byte probes a second, by table size: " +
          ", ".join(f"{human_bytes(b)} {r / 1e6:.0f} M" for b, r in rates.items()) + ".\n")
    everything = []
    chosen = [make() for size in FAMILIES if size <= options.size for make in FAMILIES[size]]
    for system in chosen:
        if (options.only or options.kvm) and not any(n in system.name for n in options.only):
            continue
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            runs = list(run_airlock(options.build / "tests/benchmark_explicit", system.to_json(),
                                    work, options.repeat))
            if "spin" in others:
                runs += run_spin(systems.to_promela(system), work, options.repeat,
                                 runs[0]["states"])
            if "rumur" in others:
                runs += run_rumur(systems.to_murphi(system), work, options.repeat)
        check(system.name, runs)
        print(table(system.name, system.text, runs, rates), flush=True)
        everything.append({"system": system.name, "runs": runs})
    for world in options.kvm:
        with tempfile.TemporaryDirectory() as folder:
            runs = list(run_kvm(options.build / "airlock", shlex.split(world), Path(folder),
                                options.repeat, others))
        check(world, runs)
        print(table(f"specs/kvm --fix {world}", "as exported", runs, rates), flush=True)
        everything.append({"system": f"specs/kvm --fix {world}", "runs": runs})
    if options.json:
        options.json.write_text(json.dumps({"machine": machine(), "probes": rates,
                                            "systems": everything}, indent=1) + "\n")


if __name__ == "__main__":
    main()
