#!/usr/bin/env python3
"""Random small trees, run whole and as their slices, by a C compiler:

    tests/kernel/random/random_slices.py SLICE_FOLDERS [--first SEED] [--count N] [--jobs N] [--keep]

The claim of docs/kernel.md is that every run of a tree is a run of its slice, as far as the lens
looks. generate.py makes a tree in kernel manner and a lens; SLICE_FOLDERS (slice_folders.cpp) slices
it; engine.c runs the tree at random and searches the slice for each of the runs. Nothing here knows
how the slicer works. A run that the slice has not ends with status 1 and the seed; the last line is
the sum as JSON. Trees that are refused are counted with their errors.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from random import Random

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
# pylint: disable=wrong-import-position
import generate

CFLAGS = ["-O0", "-w", "-std=gnu11", "-fsanitize-coverage=trace-pc", "-fno-strict-overflow",
          "-ftrivial-auto-var-init=zero", f"-I{HERE}"]


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def renamed(names, seed, side):
    """Names with linkage get a name of their own: all programs are linked into one."""
    return "".join(f"#define {n} p{seed}_{side}_{n}\n" for n in sorted(names))


def state(program, seed, side):
    body = "".join(f"\tout[{i}] = {s};\n" for i, s in enumerate(program.slice_state))
    return f"int p{seed}_{side}_state(u64 *out)\n{{\n{body}\treturn {len(program.slice_state)};\n}}\n"


def whole_text(program, seed):
    texts = program.files
    names = set(re.findall(r"\b(?:f\d+|run|handlers|the_ops)\b", "".join(texts.values())))
    text = '#include "engine.h"\n' + renamed(names | {"ext0", "ext1", "ext_fill"}, seed, "w")
    text += texts["arch/mini.h"] + generate.NATIVE + program.native
    for name in ("arch/b.c", "arch/a.c"):
        other = "same_" + name[5]
        text += f"#define same {other}\n{texts[name].replace('#include', '//')}#undef same\n"
    text += f"void p{seed}_w_reset(void) {{ reset(); }}\n"
    text += f"void p{seed}_w_go(void) {{ run(&airlock_vcpu); }}\n"
    return text + state(program, seed, "w")


def slice_text(program, seed, made):
    made = re.sub(r"#include.*", "", made)
    names = set(re.findall(r"\b\w*(?:f\d+|same|run|handlers\w*|airlock_\w+|fn)\b", made))
    names = {n for n in names if re.search(rf"\b{n}\s*\(|\b{n} = ", made)} - {"vmrun", "fn"}
    names |= {"airlock_vcpu", "airlock_box"}
    text = '#include "engine.h"\n' + renamed(names, seed, "s") + made
    zero = "".join(f"\t{s.strip('()').split(' &')[0]} = 0;\n" for s in program.slice_state)
    text += f"\nvoid p{seed}_s_reset(void)\n{{\n{zero}}}\n"
    text += f"void p{seed}_s_go(void) {{ vcpu_run(); }}\n".replace("vcpu_run", f"p{seed}_vcpu_run")
    text = text.replace("void vcpu_run(void)", f"void p{seed}_vcpu_run(void)")
    return text + state(program, seed, "s")


def batch(slicer, seeds, keep):
    """[(seed, outcome, details)]"""
    results = []
    folder = pathlib.Path(tempfile.mkdtemp(prefix="airlock-slices-"))
    try:
        programs = {seed: generate.program(Random(seed)) for seed in seeds}
        words = (HERE / "../../../specs/lens/words.txt").resolve().read_text(encoding="utf-8")
        for seed, program in programs.items():
            here = folder / str(seed)
            for name, text in program.files.items():
                write(here / "tree" / name, text)
            write(here / "lens/mini/lens.toml", program.lens)
            write(here / "lens/mini/body.c", program.body)
            write(here / "lens/words.txt", words)
        done = subprocess.run([slicer, *(str(folder / str(seed)) for seed in seeds)], check=False,
                              capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise RuntimeError(f"{slicer}: status {done.returncode}: {done.stderr[-500:]}")
        runnable, sources = [], []
        for seed, program in programs.items():
            here = folder / str(seed)
            if (here / "error.txt").exists():
                error = (here / "error.txt").read_text(encoding="utf-8")
                error = next((l for l in error.split("\n") if "error:" in l), error)
                more = (here / "error.txt").read_text(encoding="utf-8").split("\n")
                if error.rstrip().endswith(":") and len(more) > 1:
                    error = more[1]
                results.append((seed, "refused", error))
                continue
            runnable.append(seed)
            write(here / "whole.c", whole_text(program, seed))
            made = (here / "slice.c").read_text(encoding="utf-8")
            write(here / "slice_run.c", slice_text(program, seed, made))
            sources += [f"{seed}/whole.c", f"{seed}/slice_run.c"]
        table = '#include "engine.h"\n'
        rows = ""
        for seed in runnable:
            for side in "ws":
                table += (f"void p{seed}_{side}_reset(void), p{seed}_{side}_go(void);\n"
                          f"int p{seed}_{side}_state(u64 *);\n")
            rows += (f"\t{{ {seed}, p{seed}_w_reset, p{seed}_w_go, p{seed}_s_reset, p{seed}_s_go, "
                     f"p{seed}_w_state, p{seed}_s_state }},\n")
        table += ("struct program { long seed; void (*a)(void), (*b)(void), (*c)(void), (*d)(void);"
                  " int (*e)(u64 *), (*f)(u64 *); };\n"
                  f"struct program programs[] = {{\n{rows}}};\nint program_count = {len(runnable)};\n")
        write(folder / "table.c", table)
        if runnable:
            objects = []
            for source in sources:
                done = subprocess.run(["gcc", *CFLAGS, "-c", source, "-o", source + ".o"], cwd=folder,
                                      check=False, capture_output=True, text=True)
                seed = int(source.split("/")[0])
                if done.returncode:
                    results.append((seed, "failed", done.stderr[:600]))
                    if keep:
                        shutil.copytree(folder / str(seed), keep / str(seed), dirs_exist_ok=True)
                else:
                    objects.append(source + ".o")
            bad = {seed for seed, what, _ in results if what == "failed"}
            if bad:
                for seed in sorted(bad):
                    table = re.sub(rf"\t{{ {seed}, .*\n", "", table)
                table = re.sub(r"program_count = \d+", f"program_count = {len(runnable) - len(bad)}", table)
                write(folder / "table.c", table)
                objects = [o for o in objects if int(o.split("/")[0]) not in bad]
            subprocess.run(["gcc", "-O1", "-w", f"-I{HERE}", "-o", "batch", str(HERE / "engine.c"), "table.c",
                            *objects], cwd=folder, check=True, capture_output=True, text=True)
            done = subprocess.run([str(folder / "batch")], check=False, capture_output=True, text=True,
                                  timeout=900)
            if done.returncode:
                raise RuntimeError(f"engine: status {done.returncode} after: {done.stdout[-200:]}")
            for line in done.stdout.split("\n"):
                if line.startswith("    "):
                    results[-1] = (*results[-1][:2], results[-1][2] + line + "\n")
                elif line:
                    seed, what, events, runs = line.split()
                    results.append((int(seed), what, f"{events} events, {runs} runs\n"))
                    if what == "missing" and keep:
                        shutil.copytree(folder / seed, keep / seed, dirs_exist_ok=True)
    finally:
        shutil.rmtree(folder)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("slicer")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", type=pathlib.Path, help="a folder for trees that disagree")
    parser.add_argument("--errors", action="store_true", help="print the errors of refused trees")
    args = parser.parse_args()
    sums = collections.Counter()
    errors = collections.Counter()
    size = 50
    bad = False
    with concurrent.futures.ProcessPoolExecutor(args.jobs) as pool:
        work = [range(first, min(first + size, args.first + args.count))
                for first in range(args.first, args.first + args.count, size)]
        for results in pool.map(batch, [args.slicer] * len(work), work, [args.keep] * len(work)):
            for seed, what, details in results:
                sums[what] += 1
                if what == "refused":
                    text = re.sub(r"'[^']*'", "'…'", re.sub(r"^\S*:\d+:(\d+:)? ?(error: )?", "", details.strip()))
                    errors[text] += 1
                elif what != "found":
                    if what != "unknown":
                        bad = True
                        print(f"seed {seed}: {what}\n{details}", flush=True)
    if args.errors:
        for text, count in errors.most_common():
            print(f"{count:6} {text}")
    print(json.dumps({"programs": args.count, **sums}))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
