#!/usr/bin/env python3
"""Changes a kernel tree in the functions that its slice keeps, and asks whether anything says so:

    tests/kernel/silent.py AIRLOCK TREE [--lens DIR] [--sample N] [--seed S] [--jobs N] [--skip N]

TREE is a folder with a kernel's sources (linux-source-*.tar.xz, unpacked). Each change is one of:
a statement deleted, a condition negated, a call replaced by one of an unknown function, a write
through an unknown pointer, a call through an unknown pointer that gets the vCPU, a new writer of the
MSR, a new caller of an actor's writer. The slice, the receipt (but for the hash of the tree) or an
error must tell. What tells nothing is printed with whether its line is in the slice at all: a
statement that is not kept changes nothing that is followed, so deleting it must not show.
What the receipt says never runs, or is not compiled, counts as told, as "never runs": nobody who reads
it can think that the line was judged. A negated condition that is a free choice is equivalent. The last line is the sum as JSON; status 1 if a kept line, or anything but a
deletion, a negation or a call that was not kept, was silent.
"""

import argparse
import collections
import concurrent.futures
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib

CALL = re.compile(r"^(\t+)((?:\w+ = )?)(\w+)(\(.*\);)$")
CONDITION = re.compile(r"^(\t+(?:\} else )?if )(\(.*\))( \{)?$")
STATEMENT = re.compile(r"^\t+(?!return|goto|break|continue|case|default|if|else|for|while|do\b|switch)"
                       r"[\w*(][^;{}]*;$")
NOT_A_STATEMENT = re.compile(r"^\t+(?:static |const |struct |union |enum |unsigned |int |bool |u\d+ |"
                             r"s\d+ |long |void |char |fastpath_t |gpa_t )")


def files_of(tree, lens):
    table = tomllib.loads((lens / "lens.toml").read_text(encoding="utf-8"))["tree"]
    for pattern in table["files"] + table.get("searched", []):
        pattern = pattern.rstrip("?")
        if not pattern.startswith("!"):
            yield from tree.glob(pattern)


def told(airlock, folder, lens):
    """What a user sees: the receipt without the tree's name and hash, with the slice's hash."""
    done = subprocess.run([airlock, "slice", str(folder), "--lens", str(lens), "--receipt", "--format",
                           "json"], capture_output=True, text=True, check=False, timeout=300)
    if done.returncode == 2:
        return {"error": re.sub(r"/tmp/[\w.-]+/", "", done.stderr)}
    if done.returncode:
        raise RuntimeError(f"status {done.returncode}: {done.stderr[-300:]}")
    receipt = json.loads(done.stdout)["receipt"]
    for word in ("tree", "tree_hash"):
        receipt.pop(word)
    return receipt


def functions(tree, receipt):
    """(file, first line, last line) of each kept function, from 1."""
    for kept in receipt["kept"]:
        path, line = kept["place"].rsplit(":", 1)
        lines = (tree / path).read_text(encoding="utf-8").split("\n")
        end = next(i for i in range(int(line) - 1, len(lines)) if lines[i] == "}")
        yield path, int(line), end + 1, lines


def dead_lines(receipt):
    """(file, line) of what the receipt says never runs, or is not compiled"""
    lines = set()
    for fact in receipt["checked"]:
        told = re.match(r"(?:never run|not compiled): (.*?):([\d, -]+)$", fact["reason"])
        if fact["kind"] == "decided" and told:
            for part in told.group(2).split(", "):
                first, _, last = part.partition("-")
                lines |= {(told.group(1), n) for n in range(int(first), int(last or first) + 1)}
    return lines


def is_free(receipt, path, number, slice_lines):
    """Whether the condition is a free choice, or none (rule 7) that is not decided: it stays so when it is
    negated, and the slices are the same, rightly"""
    line = slice_lines.get(path, {}).get(number, "")
    decided = any(fact["kind"] == "decided" and fact["place"] == f"{path}:{number}"
                  for fact in receipt["checked"])
    return "any_bool()" in line or (re.search(r"\(([01])\)", line) is not None and not decided)


def changes(tree, receipt, slice_lines):
    """(kind, file, line, text in its place or None to append, whether the line is kept)"""
    files = set()
    for path, first, last, lines in functions(tree, receipt):
        files.add(path)
        has_vcpu = "struct kvm_vcpu *vcpu" in "\n".join(lines[first - 1:first + 3])
        for number in range(first + 1, last):
            line = lines[number - 1]
            # (A lone `;` stands for what a label needs behind it.)
            kept = slice_lines.get(path, {}).get(number, "").strip() not in ("", ";")
            if CONDITION.match(line):
                yield "negate", path, number, CONDITION.sub(r"\1(!\2)\3", line), kept
            if not STATEMENT.match(line) or NOT_A_STATEMENT.match(line):
                continue
            if lines[number - 2].rstrip().endswith((",", "(", "=", "|", "&", "?", "+")):
                continue
            indent = re.match(r"\t*", line).group()
            yield "delete", path, number, indent + ";", kept
            if CALL.match(line):
                yield "unknown call", path, number, CALL.sub(r"\1\2airlock_unknown\4", line), kept
            yield "unknown pointer", path, number, f"{indent}{{ *airlock_place() = 1; {line.strip()} }}", kept
            if has_vcpu:
                yield ("hook", path, number,
                       f"{indent}{{ airlock_hooks.airlock_hook(vcpu); {line.strip()} }}", kept)
    for path in sorted(files):
        for kind, body in (("new writer", "wrmsrl(MSR_IA32_DEBUGCTLMSR, 0);"),
                           ("new raw writer", "wrmsr(MSR_IA32_DEBUGCTLMSR, 0, 0);"),
                           ("new caller", "__amd_pmu_lbr_disable();")):
            yield kind, path, 0, f"static void airlock_new(void)\n{{\n\t{body}\n}}\n", True


def one(airlock, base, lens, files, change, before):
    _, path, number, text, _ = change
    with tempfile.TemporaryDirectory(prefix="airlock-silent-") as folder:
        folder = pathlib.Path(folder) / "tree"
        for each in files:
            target = folder / each
            target.parent.mkdir(parents=True, exist_ok=True)
            if each == path:
                lines = (base / each).read_text(encoding="utf-8").split("\n")
                if number:
                    lines[number - 1] = text
                else:
                    lines.append(text)
                target.write_text("\n".join(lines), encoding="utf-8")
            else:
                target.hardlink_to(base / each)
        after = told(airlock, folder, lens)
    if "error" in after:
        return "error"
    if after["slice_hash"] != before["slice_hash"]:
        return "slice"
    return "receipt" if after != before else "silent"


def printed(airlock, folder, lens):
    """file -> line -> text of the slice"""
    done = subprocess.run([airlock, "slice", str(folder), "--lens", str(lens)], capture_output=True,
                          text=True, check=True, timeout=300)
    result, path, number = collections.defaultdict(dict), None, 0
    for line in done.stdout.split("\n"):
        mark = re.match(r'#line (\d+) "(.*)"', line)
        if mark:
            number, path = int(mark.group(1)), mark.group(2)
            continue
        result[path][number] = line
        number += 1
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("airlock")
    parser.add_argument("tree", type=pathlib.Path)
    here = pathlib.Path(__file__).resolve().parents[2]
    parser.add_argument("--lens", type=pathlib.Path, default=here / "specs/lens/kvm-svm")
    parser.add_argument("--sample", type=int, default=0, help="so many of each kind; 0: all")
    parser.add_argument("--seed", default="0")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--skip", type=int, default=0, help="begin behind so many, to go on with a run")
    args = parser.parse_args()
    sums = collections.defaultdict(collections.Counter)
    bad = 0
    with tempfile.TemporaryDirectory(prefix="airlock-silent-") as folder:
        base = pathlib.Path(folder) / "tree"
        files = sorted({str(f.relative_to(args.tree)) for f in files_of(args.tree, args.lens)})
        for each in files:
            (base / each).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(args.tree / each, base / each)
        before = told(args.airlock, base, args.lens)
        if "error" in before:
            sys.exit(before["error"])
        dead = dead_lines(before)
        lines_of = printed(args.airlock, base, args.lens)
        every = list(changes(base, before, lines_of))
        every = every[args.skip:]
        if args.sample:
            pick = random.Random(args.seed)
            kinds = collections.defaultdict(list)
            for change in every:
                kinds[change[0], change[4]].append(change)
            every = [c for group in kinds.values() for c in pick.sample(group, min(args.sample, len(group)))]
        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            jobs = [(c, pool.submit(one, args.airlock, base, args.lens, files, c, before)) for c in every]
            for change, job in jobs:
                kind, path, number, text, kept = change
                what = job.result()
                if what == "silent" and (path, number) in dead:
                    what = "never runs"
                if what == "silent" and kind == "negate" and is_free(before, path, number, lines_of):
                    what = "a free choice"
                sums[f"{kind}, {'kept' if kept else 'not kept'}"][what] += 1
                if what == "silent":
                    excused = not kept and kind in ("delete", "negate", "unknown call")
                    bad += not excused
                    print(f"{'' if excused else 'SILENT '}{kind}: {path}:{number}: {text.strip()}"
                          f"{'' if kept else ' (not in the slice)'}", flush=True)
    print(json.dumps(sums))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
