#!/usr/bin/env python3
"""Every obligation of specs/kvm (fix x property, holds and violated alike) to three provers:

  airlock   prove --property P --fix F, the portfolio on as many threads as there are processors
  abc       berkeley-abc's pdr on `airlock export --to aiger`
  spacer    Z3's Spacer on `airlock export --to chc`

    prove.py AIRLOCK [--model specs/kvm] [--timeout 60] [--provers airlock,abc,spacer]
             [--fix F]... [--out FILE.json]

Prints a Markdown table of times and ratios and every disagreement. Exit status 1 if two provers give
different answers. A timeout counts as the timeout. All decide the same question, with the readings
of the manual pinned to their defaults. Airlock's time is the whole command's: it reads the C files,
and where something holds it goes on to find out which pins the proof needs, which the others are
not asked. Theirs begins with the exported file.

Times are processor time, user and system, of the prover and its children, and elapsed time. For a
quiet run: an idle machine, nothing else on it, `taskset` not needed, three runs and the middle one.
Exporting is not counted.
"""
import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("airlock")
    parser.add_argument("--model", default="specs/kvm")
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--provers", default="airlock,abc,spacer")
    parser.add_argument("--fix", action="append")
    parser.add_argument("--out")
    return parser.parse_args()


def run(command, timeout):
    """(output, elapsed, processor time), output None for a timeout."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
        output = done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        output = None
    elapsed = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return output, elapsed, used


def airlock_answer(output, kind):
    if output is None:
        return "unknown"
    verdict = json.loads(output)["results"][0]["verdict"]
    return {"holds": "unreachable" if kind != "reachable" else "reachable",
            "violated": "reachable" if kind != "reachable" else "unreachable"}.get(verdict, "unknown")


def abc_answer(output):
    if output is None:
        return "unknown"
    if "Property proved" in output:
        return "unreachable"
    if "was asserted in frame" in output or "is asserted in frame" in output:
        return "reachable"
    return "unknown"


def spacer_answer(output):
    first = (output or "").strip().splitlines()[:1]
    return {"sat": "unreachable", "unsat": "reachable"}.get(first[0] if first else "", "unknown")


def obligations(options):
    listed = json.loads(subprocess.run([options.airlock, "list", options.model, "--format", "json"],
                                       check=True, capture_output=True, text=True).stdout)
    fixes = options.fix or [fix["name"] for fix in listed["fixes"]]
    for fix in fixes:
        for each in listed["properties"]:
            yield fix, each["name"]


def export(options, fix, name, form, folder):
    path = pathlib.Path(folder) / ("file." + {"aiger": "aig", "chc": "smt2"}[form])
    with path.open("wb") as out:
        subprocess.run([options.airlock, "export", options.model, "--fix", fix, "--property", name,
                        "--to", form], check=True, stdout=out)
    return str(path)


def ask(prover, options, fix, name, folder):
    kind = name.split("_")[0]
    limit = options.timeout
    if prover == "airlock":
        command = [options.airlock, "prove", options.model, "--fix", fix, "--property", name,
                   "--format", "json", "--quiet"]
        output, elapsed, used = run(command, limit)
        answer = airlock_answer(output, kind)
    elif prover == "abc":
        path = export(options, fix, name, "aiger", folder)
        output, elapsed, used = run(["berkeley-abc", "-c", f"read_aiger {path}; pdr"], limit)
        answer = abc_answer(output)
    else:
        path = export(options, fix, name, "chc", folder)
        output, elapsed, used = run(["z3", "fp.engine=spacer", path], limit)
        answer = spacer_answer(output)
    if answer == "unknown":
        elapsed = used = limit
    return {"answer": answer, "elapsed": elapsed, "used": used}


def table(results, provers):
    print("| fix | property | reachable | " + " | ".join(f"{p}, s" for p in provers) + " |")
    print("|---|---|---|" + "---|" * len(provers))
    for row in results:
        answers = {row[p]["answer"] for p in provers} - {"unknown"}
        cells = [f"{row[p]['used']:.2f}" if row[p]["answer"] != "unknown" else "timeout"
                 for p in provers]
        print(f"| {row['fix']} | {row['property']} | {' / '.join(sorted(answers)) or 'unknown'} | "
              + " | ".join(cells) + " |")
    total = {p: sum(row[p]["used"] for row in results) for p in provers}
    print(f"| total of {len(results)} | | | " + " | ".join(f"{total[p]:.1f}" for p in provers) + " |")
    if "airlock" in provers:
        print("| times airlock's | | | "
              + " | ".join(f"{total[p] / total['airlock']:.2f}" for p in provers) + " |")


def main():
    options = arguments()
    provers = options.provers.split(",")
    results = []
    disagreements = 0
    with tempfile.TemporaryDirectory() as folder:
        for fix, name in obligations(options):
            row = {"fix": fix, "property": name}
            for prover in provers:
                row[prover] = ask(prover, options, fix, name, folder)
            results.append(row)
            answers = {row[p]["answer"] for p in provers} - {"unknown"}
            if len(answers) > 1:
                disagreements += 1
                print(f"DISAGREE: {fix} {name}: " + ", ".join(
                    f"{p} {row[p]['answer']}" for p in provers), file=sys.stderr)
            if os.isatty(2):
                print(f"{fix} {name} " + " ".join(
                    f"{p}={row[p]['answer']}:{row[p]['used']:.2f}" for p in provers), file=sys.stderr)
    table(results, provers)
    if options.out:
        pathlib.Path(options.out).write_text(json.dumps(results, indent=1))
    print(f"\n{disagreements} disagreements")
    return 1 if disagreements else 0


sys.exit(main())
