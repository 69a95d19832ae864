#!/usr/bin/env python3
"""Random programs of actors, decided by Airlock and by a plain search that shares no code with it:

    tests/differential/interleaving.py AIRLOCK [--first SEED] [--count N] [--jobs N] [--engines E,...]
                                       [--most STATES] [--survey]

Every other engine test begins with the transition system that our own front end and composer made; so
do certificates. This one begins with the text. interleaving/generate.py makes a program,
interleaving/run.py visits all that it can do by the words of docs/language.md, and Airlock is asked
about the same program as C: for each property the verdict and the length of the shortest run that
decides it must be the same. Every engine named is asked (explore about every program; others, by
default pdr and bmc, about every tenth). Explicit search must answer; what PDR has not decided within a
minute is counted.

A disagreement is shrunk, printed with both stories, and ends with status 1. The last line is the sum
as JSON. --survey: go on after disagreements, do not shrink, and print the seeds.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from random import Random

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "interleaving"))
# pylint: disable=wrong-import-position
import generate
import run
import shrink
import syntax


def airlock(command, program, arguments):
    """The finished process; `program` is a Program."""
    with tempfile.TemporaryDirectory(prefix="airlock-interleaving-") as folder:
        path = pathlib.Path(folder) / "program.c"
        path.write_text(syntax.as_c(program), encoding="utf-8")
        return subprocess.run([command, arguments[0], str(path), *arguments[1:]], text=True,
                              capture_output=True, timeout=120, check=False)


def asked(command, program, engine, only=()):
    """Property -> (is its state reached, how far, None where unknown), or the error's text."""
    done = airlock(command, program, ["prove", "--engine", engine, "--quiet", "--jobs", "1",
                                      "--timeout", "60", "--format", "json",
                                      *(word for name in only for word in ("--property", name))])
    if done.returncode not in (0, 1, 3):
        return done.stderr or f"status {done.returncode}"
    answers = {}
    for result in json.loads(done.stdout)["results"]:
        good = result["property"].startswith("reachable_")
        if result["verdict"] != "unknown":
            reached = (result["verdict"] == "holds") == good
            answers[result["property"]] = result["steps"] if reached else None
    return answers


def differences(expected, answers):
    return [f"{name}: the plain search says {expected[name]}, Airlock {got}"
            for name, got in sorted(answers.items()) if name in expected and expected[name] != got]


def engines_for(seed, engines):
    return ["explore"] + [e for i, e in enumerate(engines) if seed % 10 == i % 10]


def check(command, seed, engines, most):
    """(what happened, differences, program, the engine that it is about, engine -> answers that agree)"""
    program = generate.program(Random(seed))
    agreed = collections.Counter()
    try:
        expected = run.World(program).explore(most)[0]
    except run.TooLarge:
        return "too large", [], program, "", agreed
    for engine in engines_for(seed, engines):
        # Bounded search ends where something is reached, and there alone.
        only = [n for n, d in expected.items() if d is not None] if engine == "bmc" else []
        if engine == "bmc" and not only:
            continue
        answers = asked(command, program, engine, only)
        if isinstance(answers, str):
            # Refusals are counted; a program that Airlock refuses has no verdict to be wrong.
            return ("refused" if ": error: " in answers else "failed"), [answers], program, engine, agreed
        unanswered = len(set(expected if engine != "bmc" else only) - set(answers))
        if engine == "explore" and unanswered or set(answers) - set(expected):
            return "failed", [f"answers about {sorted(answers)}"], program, engine, agreed
        wrong = differences(expected, answers)
        if wrong:
            return "disagree", wrong, program, engine, agreed
        agreed[f"answers of {engine}"] += len(answers)
        if unanswered:
            agreed[f"undecided by {engine}"] += unanswered
    return "agree", [], program, "", agreed


def story(program, name, most):
    """How the plain search reaches the state that decides a property."""
    _, _, came, ends = run.World(program).explore(most)
    if name not in ends:
        return "  never\n"
    path = [ends[name]]
    while came[path[-1]] is not None:
        path.append(came[path[-1]])
    names = [n for _, n, _ in program.variables]
    lines = []
    for where, values, machine in reversed(path):
        at = where if isinstance(where, str) else f"instruction {where[0]}"
        globals_ = " ".join(f"{n}={v}" for n, v in zip(names, values))
        lines.append(f"  {at:15} {globals_}  debugctl={machine.debugctl} IF={machine.irqs} "
                     f"GIF={machine.gif} preempt={machine.preempt}\n")
    return "".join(lines)


def report(command, seed, engine, program, most):
    """Shrinks a disagreement and tells both sides of it."""
    def wrong(candidate):
        answers = asked(command, candidate, engine)
        if isinstance(answers, str):
            return []
        return differences(run.World(candidate).explore(most)[0], answers)
    program = shrink.smallest(program, wrong, 1500)
    print(f"--- seed {seed}, {engine}\n{syntax.as_c(program)}")
    for line in wrong(program):
        name = line.split(":")[0]
        print(f"{line}\nthe plain search:\n{story(program, name, most)}Airlock:")
        print(airlock(command, program, ["trace", "--property", name, "--engine", "explore"]).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("airlock")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--engines", default="pdr,bmc")
    parser.add_argument("--most", type=int, default=3000)
    parser.add_argument("--survey", action="store_true")
    args = parser.parse_args()
    engines = [e for e in args.engines.split(",") if e]
    sums = collections.Counter(programs=args.count)
    bad = []
    with concurrent.futures.ProcessPoolExecutor(args.jobs) as pool:
        seeds = range(args.first, args.first + args.count)
        results = pool.map(check, *zip(*((args.airlock, s, engines, args.most) for s in seeds)),
                           chunksize=5)
        for seed, (what, details, program, engine, agreed) in zip(seeds, results):
            sums[what] += 1
            sums += agreed
            if what in ("disagree", "failed"):
                bad.append((seed, program, engine))
                print(f"seed {seed}: {what} ({engine}): {'; '.join(details)}", flush=True)
            elif what == "refused" and args.survey:
                print(f"seed {seed}: {details[0]}")
            if bad and not args.survey:
                break
        pool.shutdown(cancel_futures=True)
    if bad and not args.survey and bad[0][2]:
        report(args.airlock, *(bad[0][i] for i in (0, 2, 1)), args.most)
    print(json.dumps(sums))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
