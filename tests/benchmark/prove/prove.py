#!/usr/bin/env python3
"""Every obligation of specs/kvm (fix x property, holds and violated alike) to three provers:

  airlock   prove --property P --fix F, the portfolio
  abc       berkeley-abc's pdr on `airlock export --to aiger`
  spacer    Z3's Spacer on `airlock export --to chc`

    prove.py AIRLOCK [--model specs/kvm] [--timeout 60] [--provers airlock,abc,spacer] [--jobs N]
             [--fix F]... [--property P]... [--out FILE.json] [--with FILE.json]

Prints a Markdown table of times and ratios, totals, and every disagreement. Exit status 1 if two
provers give different answers or one of them fails (a crash, a message instead of an answer). All
decide the same question, with the readings of the manual pinned to their defaults. Airlock's time is
the whole command's: it reads the C files, and where something holds it goes on to find out which pins
the proof needs, which the others are not asked. Theirs begins with the exported file; what it
took to export it, which is to read and build the same, is in a line of its own.

Times are processor time (user and system) of the prover, all its threads together, and so is the
timeout: RLIMIT_CPU, in whole seconds. So it can run on a loaded machine, where caches and memory are
shared and times are perhaps a fifth longer, for all three alike. A timeout counts as the timeout.
For a quiet run: an idle machine, nothing else on it, `taskset` not needed, three runs and the middle
one. Elapsed times are in --out, for quiet runs only. A prover that sleeps for ever is stopped after
twenty times the timeout.

--out is written after every obligation. --with takes the times of the provers that are not among
--provers from an earlier run's file: only of obligations whose exported file is the same, byte for
byte; others are asked again.
"""
import argparse
import hashlib
import json
import math
import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import time

ALL = ["airlock", "abc", "spacer"]
FORMATS = {"abc": "aiger", "spacer": "chc"}
ASLEEP = 20  # times the timeout


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("airlock")
    parser.add_argument("--model", default="specs/kvm")
    parser.add_argument("--timeout", type=float, default=60, help="seconds of processor time")
    parser.add_argument("--provers", default=",".join(ALL))
    parser.add_argument("--jobs", type=int, help="Airlock's threads")
    parser.add_argument("--fix", action="append")
    parser.add_argument("--property", action="append")
    parser.add_argument("--out")
    parser.add_argument("--with", dest="earlier")
    options = parser.parse_args()
    options.provers = options.provers.split(",")
    unknown = set(options.provers) - set(ALL)
    if unknown or not options.timeout > 0:
        parser.error(f"no such prover: {', '.join(unknown)}" if unknown else "--timeout is not above 0")
    return options


def run(command, timeout):
    """What the command printed, its exit status, how it ended ("ended" or "timeout"), and its times."""
    seconds = math.ceil(timeout)

    def limit():
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, text=True, preexec_fn=limit,
                              errors="replace", timeout=ASLEEP * timeout)
        killed = done.returncode in (-signal.SIGXCPU, -signal.SIGKILL, 128 + signal.SIGXCPU)
        output, status, end = (done.stdout + done.stderr, done.returncode,
                               "timeout" if killed else "ended")
    except subprocess.TimeoutExpired:
        output, status, end = "", None, "timeout"
    elapsed = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if used > timeout:
        end = "timeout"
    return {"output": output, "status": status, "end": end, "elapsed": elapsed, "used": used}


def airlock_answer(output, kind):
    """Whether the target is reachable: a violation, or what a reachable_ property wants."""
    try:
        verdict = json.loads(output)["results"][0]["verdict"]
    except (ValueError, LookupError):
        return None
    holds, violated = "unreachable", "reachable"
    if kind == "reachable":
        holds, violated = violated, holds
    return {"holds": holds, "violated": violated, "unknown": "unknown"}.get(verdict)


def abc_answer(output, _kind):
    if "Property proved" in output:
        return "unreachable"
    if "was asserted in frame" in output or "is asserted in frame" in output:
        return "reachable"
    return "unknown" if "undecided" in output.lower() else None


def spacer_answer(output, _kind):
    first = output.strip().splitlines()[:1]
    return {"sat": "unreachable", "unsat": "reachable", "unknown": "unknown"}.get(
        first[0] if first else "")


ANSWER = {"airlock": airlock_answer, "abc": abc_answer, "spacer": spacer_answer}


def listing(options):
    done = subprocess.run([options.airlock, "list", options.model, "--format", "json"], check=True,
                          capture_output=True, text=True)
    return json.loads(done.stdout)


def obligations(options):
    """Fixes x properties, but for the statements about two runs: they are not in the system."""
    listed = listing(options)
    fixes = options.fix or [fix["name"] for fix in listed["fixes"]]
    names = options.property or [each["name"] for each in listed["properties"]
                                 if not each["name"].startswith("noninterference")]
    return [(fix, name) for fix in fixes for name in names]


def export(options, fix, name, prover, folder):
    """(path, digest) of the file that this prover reads, and the processor time of writing it."""
    form = FORMATS[prover]
    path = pathlib.Path(folder) / ("file." + {"aiger": "aig", "chc": "smt2"}[form])
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with path.open("wb") as out:
        subprocess.run([options.airlock, "export", options.model, "--fix", fix, "--property", name,
                        "--to", form], check=True, stdout=out)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return str(path), hashlib.sha256(path.read_bytes()).hexdigest(), used


def ask(prover, options, fix, name, folder, earlier):
    digest, exporting = "", 0
    if prover == "airlock":
        if earlier:
            return earlier
        command = [options.airlock, "prove", options.model, "--fix", fix, "--property", name,
                   "--format", "json", "--quiet"]
        command += ["--jobs", str(options.jobs)] if options.jobs else []
    else:
        path, digest, exporting = export(options, fix, name, prover, folder)
        if earlier and earlier["file"] == digest:
            return {**earlier, "exporting": exporting}
        command = (["berkeley-abc", "-c", f"read_aiger {path}; pdr"] if prover == "abc"
                   else ["z3", "fp.engine=spacer", path])
    done = run(command, options.timeout)
    answer = ANSWER[prover](done["output"], name.split("_")[0])
    end = done["end"]
    if end == "timeout":
        answer = "unknown"
    elif answer is None:
        answer, end = "unknown", "failed"
        print(f"{prover} gives no answer on {fix} {name} (exit status {done['status']}):\n"
              f"{done['output'][-500:]}", file=sys.stderr)
    decided = answer != "unknown"
    return {"answer": answer, "end": end, "file": digest, "exporting": exporting,
            "elapsed": done["elapsed"],
            "used": done["used"] if decided else options.timeout}


def shown(cell):
    if cell["answer"] != "unknown":
        return f"{cell['used']:.2f}"
    return "unknown" if cell["end"] == "ended" else cell["end"]


def answers(row):
    return {row[p]["answer"] for p in ALL if p in row} - {"unknown"}


def ratio(value, base):
    return f"{value / base:.2f}" if base > 0 else "-"


def table(results, provers, timeout):
    print(f"Seconds of processor time; a timeout, an unknown and a failure count as {timeout:g} s.\n")
    against = [p for p in provers if p != "airlock"] if "airlock" in provers else []
    print("| fix | property | target | " + " | ".join(provers) + " | "
          + "".join(f"airlock/{p} | " for p in against))
    print("|---|---|---|" + "--:|" * (len(provers) + len(against)))
    for row in results:
        print(f"| {row['fix']} | {row['property']} | {' / '.join(sorted(answers(row))) or 'unknown'} | "
              + " | ".join(shown(row[p]) for p in provers) + " | "
              + "".join(ratio(row["airlock"]["used"], row[p]["used"]) + " | " for p in against))
    groups = [("all", results)] + [
        (f"the {kind} ones", [row for row in results if answers(row) == {kind}])
        for kind in ("reachable", "unreachable")]
    print("\n| obligations | | " + " | ".join(provers) + " | "
          + "".join(f"airlock/{p} | " for p in against))
    print("|---|---|" + "--:|" * (len(provers) + len(against)))
    for name, rows in groups:
        total = {p: sum(row[p]["used"] for row in rows) for p in provers}
        print(f"| {name}: {len(rows)} | seconds | " + " | ".join(f"{total[p]:.1f}" for p in provers)
              + " | " + "".join(ratio(total["airlock"], total[p]) + " | " for p in against))
        writing = {p: sum(row[p]["exporting"] for row in rows) for p in provers}
        print("| | exporting | " + " | ".join(f"{writing[p]:.1f}" for p in provers) + " | "
              + "".join(ratio(total["airlock"], total[p] + writing[p]) + " with it | "
                        for p in against))
        undecided = {p: sum(row[p]["answer"] == "unknown" for row in rows) for p in provers}
        print("| | undecided | " + " | ".join(str(undecided[p]) for p in provers) + " | "
              + "| " * len(against))


def main():
    options = arguments()
    earlier = {}
    if options.earlier:
        earlier = {(row["fix"], row["property"]): row
                   for row in json.loads(pathlib.Path(options.earlier).read_text())}
    provers = [p for p in ALL if p in options.provers
               or any(p in row for row in earlier.values())]
    results = []
    disagreements = failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for fix, name in obligations(options):
            row = {"fix": fix, "property": name}
            for prover in provers:
                known = earlier.get((fix, name), {}).get(prover)
                row[prover] = ask(prover, options, fix, name, folder,
                                  known if prover not in options.provers else None)
                failures += row[prover]["end"] == "failed"
            results.append(row)
            if len(answers(row)) > 1:
                disagreements += 1
                print(f"DISAGREE: {fix} {name}: " + ", ".join(
                    f"{p} {row[p]['answer']}" for p in provers), file=sys.stderr)
            if os.isatty(2):
                print(f"{fix} {name} " + " ".join(
                    f"{p}={row[p]['answer']}:{row[p]['used']:.2f}" for p in provers), file=sys.stderr)
            if options.out:
                pathlib.Path(options.out).write_text(json.dumps(results, indent=1))
    table(results, provers, options.timeout)
    print(f"\n{disagreements} disagreements, {failures} failures")
    return 1 if disagreements or failures else 0


sys.exit(main())
