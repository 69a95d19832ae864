#!/usr/bin/env python3
"""Mutation testing of the machine: does some test fail for every line that is taken out?

Copies the tree to a temporary directory, builds the tests of tests/model/machine and
tests/model/world (those that need no C front end), then changes the machine's sources one place at
a time: a statement is deleted, `&&` and `||` are exchanged, `!` and `~` dropped, `ite`'s condition
inverted, `eq` and `ne` exchanged, Boolean constants inverted. A mutant that compiles and passes every
test is a survivor: a fact that no test pins. Mutants that do not compile, or that compile to the
same code as the original, prove nothing.

    tests/model/machine/mutate_machine.py [--jobs N] [--only SUBSTRING]

Run by hand. Exit status 1 if there are survivors that KNOWN_EQUIVALENT does not explain.
"""
import argparse
import concurrent.futures
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
MUTATED = [
    *(f"model/machine/{n}.cpp" for n in ("debugctl", "dr6", "instructions", "readings", "registers", "svm")),
    *(f"model/world/{n}.cpp" for n in ("guest", "reference", "layout", "platform")),
]
BUILT = ["model/system/*.cpp", "model/machine/*.cpp", "tests/main.cpp", "tests/model/machine/*.cpp"] + [
    f"model/world/{n}.cpp" for n in ("guest", "reference", "layout", "platform", "cost", "manifest")
] + [f"tests/model/world/{n}_test.cpp" for n in
     ("guest", "debug_exception", "vmrun", "reference", "layout", "platform")]
# Survivors that change nothing a test could see: (file, text of the mutation) with the reason.
KNOWN_EQUIVALENT = {
}
FLAGS = ["-std=c++20", "-O0", "-w"]


def run(command, cwd, timeout=300):
    return subprocess.run(command, cwd=cwd, timeout=timeout, capture_output=True, text=True)


def object_of(source):
    return "o/" + source.replace("/", "_") + ".o"


def compile_one(work, source, output):
    return run(["g++", *FLAGS, "-I.", "-c", source, "-o", output], work)


def code_spans(text):
    """True for characters that are code: not in comments, strings or preprocessor lines."""
    code = [True] * len(text)
    pattern = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'|^\#[^\n]*'
    for m in re.finditer(pattern, text, re.S | re.M):
        for i in range(m.start(), m.end()):
            code[i] = False
    return code


def closing(text, start):
    """End of the argument that begins at `start`: the index of its `,` or `)`."""
    depth = 0
    for i in range(start, len(text)):
        if text[i] in "([{":
            depth += 1
        elif text[i] in ")]}":
            if depth == 0:
                return i
            depth -= 1
        elif text[i] == "," and depth == 0:
            return i
    return None


DECLARATION = re.compile(r"(const|constexpr|auto|static|using|return|namespace|struct|class|enum|"
                         r"template|std::\w+<|Expr|Machine|Operands|Step|Readings|Registers|Layout|"
                         r"Reading|Ways|Display|CostVariables|case|default|throw|public|private)\b")


def statements(text, code):
    """Spans of statements that are neither declarations nor returns."""
    starts = [m.start(1) for m in re.finditer(r"^[ ]{2,}(?:case [\w:]+: |if \([^\n]*\) )?([A-Za-z_])", text, re.M)]
    for start in starts:
        if not code[start] or DECLARATION.match(text, start):
            continue
        depth, i = 0, start
        while i < len(text):
            if code[i]:
                if text[i] in "([{":
                    depth += 1
                elif text[i] in ")]}":
                    depth -= 1
                if depth < 0 or (text[i] == ";" and depth == 0):
                    break
            i += 1
        span = text[start:i + 1]
        if span.endswith(";") and re.match(r"[\w.:*>-]+(\[[^\]]*\])?\s*(=|\(|\.|->)", span):
            if not re.match(r"(if|for|while|switch|else)\b", span):
                yield start, i + 1


def mutations(text):
    code = code_spans(text)
    found = set()
    for start, end in statements(text, code):
        found.add((start, end, ";"))
    swaps = [(r"&&", "||"), (r"\|\|", "&&"), (r"\beq\(", "ne("), (r"\bne\(", "eq("),
             (r"\btrue\b", "false"), (r"\bfalse\b", "true"), (r"!(?!=)", ""), (r"(?<=[ (])~", ""),
             (r" == ", " != "), (r" != ", " == ")]
    for pattern, replacement in swaps:
        for m in re.finditer(pattern, text):
            if code[m.start()]:
                found.add((m.start(), m.end(), replacement))
    for m in re.finditer(r"\bite\(", text):
        if code[m.start()] and not text.startswith("Expr ite", m.start() - 5):
            end = closing(text, m.end())
            found.add((m.end(), end, "!(" + text[m.end():end] + ")"))
    return sorted(found)


def describe(text, mutation):
    start, end, replacement = mutation
    line = text.count("\n", 0, start) + 1
    gone = " ".join(text[start:end].split())
    shown = text.splitlines()[line - 1].strip()
    return line, f"`{gone[:90]}` -> `{replacement[:90]}` in `{shown}`"


def test_mutant(work, source, text, mutation, number, objects):
    start, end, replacement = mutation
    mutant = pathlib.Path(source).with_suffix(f".mutant{number}.cpp")
    (work / mutant).write_text(text[:start] + replacement + text[end:])
    out, program = f"o/mutant{number}.o", f"o/mutant{number}"
    try:
        if compile_one(work, str(mutant), out).returncode != 0:
            return "does not compile"
        others = [o for o in objects if o != object_of(source)]
        if run(["g++", out, *others, "-o", program], work).returncode != 0:
            return "does not link"
        try:
            tests = run([f"./{program}", "--abort-after=1"], work, timeout=120)
        except subprocess.TimeoutExpired:
            return "killed (timeout)"
        if tests.returncode == 0:
            return "SURVIVED"
        failed = re.findall(r"TEST CASE:\s+(.*)", tests.stdout)
        return "killed by: " + (failed[0] if failed else "a crash")
    finally:
        for path in (work / mutant, work / out, work / program):
            path.unlink(missing_ok=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="mutate files whose path has this in it")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="airlock-mutate-") as name:
        work = pathlib.Path(name)
        for folder in ("model", "tests"):
            shutil.copytree(ROOT / folder, work / folder)
        (work / "o").mkdir()
        sources = [str(p.relative_to(work)) for pattern in BUILT for p in sorted(work.glob(pattern))]
        objects = [object_of(s) for s in sources]
        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            for result in pool.map(lambda s: compile_one(work, s, object_of(s)), sources):
                if result.returncode != 0:
                    sys.exit(result.stderr)
            run(["g++", *objects, "-o", "o/all"], work)
            if run(["./o/all"], work).returncode != 0:
                sys.exit("the tests fail on the unchanged tree")
            tasks = []
            for source in MUTATED:
                if args.only in source:
                    text = (work / source).read_text()
                    tasks += [(source, text, m) for m in mutations(text)]
            print(f"{len(tasks)} mutants", flush=True)
            futures = [pool.submit(test_mutant, work, s, t, m, n, objects)
                       for n, (s, t, m) in enumerate(tasks)]
            counts = {"killed": 0, "survived": 0, "stillborn": 0, "equivalent": 0}
            for (source, text, mutation), future in zip(tasks, futures):
                line, what = describe(text, mutation)
                outcome = future.result()
                kind = ("killed" if outcome.startswith("killed") else
                        "survived" if outcome == "SURVIVED" else "stillborn")
                if kind == "survived" and (source, what) in KNOWN_EQUIVALENT:
                    kind, outcome = "equivalent", "equivalent: " + KNOWN_EQUIVALENT[source, what]
                counts[kind] += 1
                print(f"{source}:{line}: {what}: {outcome}", flush=True)
    print(", ".join(f"{n} {kind}" for kind, n in counts.items()))
    return 1 if counts["survived"] else 0


if __name__ == "__main__":
    sys.exit(main())
