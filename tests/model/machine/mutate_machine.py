#!/usr/bin/env python3
"""Mutation testing of the machine: does some test fail for every line that is taken out?

Changes the machine's sources one place at a time: a statement is deleted, `&&` and `||`, `==` and
`!=`, `eq` and `ne` are exchanged, `!` and `~` dropped, `ite`'s condition and Boolean constants
inverted. A mutant that passes every test of tests/model/machine and tests/model/world is a survivor: a
fact that no test pins. (The tests that compose whole worlds are slow; only what the others let pass
is run against them.)

All mutants are written into one copy of the tree, in a temporary directory, where the environment
says which one is awake (mutants.hpp): one build, and a run of the tests for each.

    tests/model/machine/mutate_machine.py [--jobs N] [--only SUBSTRING] [--sample N [--seed S]]
                                          [--build DIR]

Only what is mutated is compiled; tests and the rest come from a build. Run by hand, a sample by ctest,
all of it by `ctest -C Full -L mutation`. Exit status 1 if there are survivors that EQUIVALENT does not
explain.
"""
import argparse
import concurrent.futures
import datetime
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
MACHINE = ("debugctl", "dr6", "instructions", "choices", "register_table", "registers", "svm")
WORLD = ("guest", "reference", "layout", "operations", "platform")
MUTATED = [f"model/machine/{n}.cpp" for n in MACHINE] + [f"model/world/{n}.cpp" for n in WORLD]
SLOW = ("compose", "noninterference")
TESTS = ["tests/model/machine/*.cpp"] + [
    f"tests/model/world/{n}_test.cpp"
    for n in ("guest", "debug_exception", "vmrun", "reference", "layout", "platform", "svm_header", *SLOW)]
# Survivors that change nothing a test could see: the mutated line, and why.
EQUIVALENT = {
}
FLAGS = ["-std=c++20", "-O1", "-w", "-I."]


def is_code(text):
    """For each character: neither comment, string nor preprocessor line."""
    code = [True] * len(text)
    pattern = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'|^\#[^\n]*'
    for m in re.finditer(pattern, text, re.S | re.M):
        code[m.start():m.end()] = [False] * (m.end() - m.start())
    return code


def end_of_argument(text, start):
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
    raise ValueError("no end of argument")


# What a statement that can be deleted begins with: an assignment or a call.
STATEMENT = re.compile(r"(?!return\b|if\b|for\b|while\b|switch\b|throw\b|case\b|using\b)"
                       r"[a-z_][\w.:]*(->\w+)*(\([^()\n]*\)\.?\w*)?(\[[^\]\n]*\])?\s*(\(|=[^=]|\.)")


def statements(text, code):
    for m in re.finditer(r"^ {2,}(?:case [\w:]+: )?(?=[a-z_])", text, re.M):
        start = m.end()
        if not code[start] or not STATEMENT.match(text, start):
            continue
        depth = 0
        for i in range(start, len(text)):
            if not code[i]:
                continue
            depth += (text[i] in "([{") - (text[i] in ")]}")
            if depth < 0 or text[i] == "{" and depth == 1 and text[:i].rstrip().endswith(")") \
                    and "[" not in text[start:i]:
                break  # the rest of an expression, or a function
            if text[i] == ";" and depth == 0:
                previous = text[:m.start()].rstrip()
                if previous.endswith((";", "{", "}", ":", ")")) or "//" in previous.splitlines()[-1]:
                    yield start, i + 1
                break


OPERATORS = [(r"&&", "&& mutant::And{%d} &&"), (r"\|\|", "|| mutant::Or{%d} ||"),
             (r"\beq\(", "(mutant::is(%d) ? airlock::ne : airlock::eq)("),
             (r"\bne\(", "(mutant::is(%d) ? airlock::eq : airlock::ne)("),
             (r"\btrue\b", "mutant::flip(%d, true)"), (r"\bfalse\b", "mutant::flip(%d, false)"),
             (r"!(?!=)", "mutant::Not{%d} %% "), (r"(?<=[ (])~", "mutant::Complement{%d} %% "),
             (r" == ", " == mutant::Equal{%d} == "), (r" != ", " != mutant::Differ{%d} != ")]


def write_mutants(path, first):
    """Writes all mutants into the file; returns what each is, numbered from `first`."""
    text = path.read_text()
    code = is_code(text)
    inserts = []  # (position, length taken out, order, text put in)
    mutants = []

    def add(position, what):
        number = first + len(mutants)
        line = text.count("\n", 0, position) + 1
        mutants.append((line, what, " ".join(text.splitlines()[line - 1].split())))
        return number

    for start, end in statements(text, code):
        number = add(start, "delete the statement")
        inserts.append((start, 0, 0, f"{{ if (!mutant::is({number})) {{ "))
        inserts.append((end, 0, 2, " } }"))
    for pattern, replacement in OPERATORS:
        for m in re.finditer(pattern, text):
            line = text[text.rfind("\n", 0, m.start()) + 1:text.find("\n", m.start())]
            if code[m.start()] and "constexpr" not in line and "[&&]" not in line:
                number = add(m.start(), f"exchange `{m.group().strip()}`")
                inserts.append((m.start(), m.end() - m.start(), 1, replacement % number))
    for m in re.finditer(r"\bite\(", text):
        if code[m.start()]:
            number = add(m.start(), "invert the condition")
            inserts.append((m.end(), 0, 0, f"mutant::flip({number}, "))
            inserts.append((end_of_argument(text, m.end()), 0, 2, ")"))
    for position, length, _, put in sorted(inserts, reverse=True):
        text = text[:position] + put + text[position + length:]
    path.write_text(text)
    return mutants


def run_tests(program, number, which):
    """None if all of them pass, else what fails."""
    try:
        result = subprocess.run([program, "--abort-after=1", which], capture_output=True, text=True,
                                timeout=300, env={**os.environ, "AIRLOCK_MUTANT": str(number)})
    except subprocess.TimeoutExpired:
        return "a timeout"
    if result.returncode == 0:
        return None
    failed = re.search(r"TEST CASE: +(.*)", result.stdout)
    return failed.group(1) if failed else "a crash"


def outcome_of(program, number):
    slow = ",".join(f"*{name}_test.cpp" for name in SLOW)
    failed = run_tests(program, number, f"-sfe={slow}") or run_tests(program, number, f"-sf={slow}")
    return f"killed by: {failed}" if failed else "SURVIVED"


def parts_of(built):
    """Objects and libraries of a build that stand for everything that is not mutated."""
    tests = built / "tests/CMakeFiles"
    objects = list(tests.glob("airlock_test_main.dir/*.o"))
    for pattern in TESTS:
        folder = str(pathlib.PurePath(pattern).parent)
        target = "test_" + folder.removeprefix("tests/").replace("/", "_") + ".dir"
        found = sorted((tests / target / folder.removeprefix("tests/")).glob(
            pathlib.PurePath(pattern).name + ".o"))
        if not found:
            sys.exit(f"{built} has not built {pattern}")
        objects += found
    libraries = ["tests/libairlock_test_support_objects.a", "libairlock_checker.a",
                 "libairlock_model.a"]
    return [str(o) for o in objects] + [str(built / library) for library in libraries] + [
        f"-l{name}" for name in ("z3", "cvc5", "crypto", "tree-sitter", "tomlplusplus", "fmt", "pthread")]


def build(work, jobs, built):
    def compile_one(source):
        return subprocess.run(["g++", *FLAGS, "-include", "tests/model/machine/mutants.hpp", "-c",
                               source, "-o", source.replace("/", "_") + ".o"],
                              cwd=work, capture_output=True, text=True)

    sources = MUTATED
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for result in pool.map(compile_one, sources):
            if result.returncode != 0:
                sys.exit(result.stderr)
    objects = [s.replace("/", "_") + ".o" for s in sources]
    subprocess.run(["g++", *objects, *parts_of(built), "-o", "tests.program"], cwd=work, check=True)
    return str(work / "tests.program")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="", help="mutate files whose path has this in it")
    parser.add_argument("--sample", type=int, help="run so many of the mutants")
    parser.add_argument("--seed", default=datetime.date.today().isoformat(),
                        help="of the sample (default: today)")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release",
                        help="a build's directory, to use its objects")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="airlock-mutate-") as name:
        work = pathlib.Path(name)
        for folder in ("model", "tests"):
            shutil.copytree(ROOT / folder, work / folder)
        mutants = []
        for source in MUTATED:
            if args.only in source:
                mutants += [(source, *m) for m in write_mutants(work / source, len(mutants))]
        program = build(work, args.jobs, args.build.resolve())
        if outcome_of(program, -1) != "SURVIVED":
            sys.exit("the tests fail with no mutant awake")
        chosen = list(range(len(mutants)))
        if args.sample is not None and args.sample < len(mutants):
            chosen = sorted(random.Random(args.seed).sample(chosen, args.sample))
        print(f"{len(mutants)} mutants, {len(chosen)} of them run (seed {args.seed})", flush=True)
        killed = survived = equivalent = 0
        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            outcomes = pool.map(lambda n: outcome_of(program, n), chosen)
            for (source, line, what, shown), outcome in zip((mutants[n] for n in chosen),
                                                            outcomes):
                if outcome == "SURVIVED" and (source, shown) in EQUIVALENT:
                    outcome = "equivalent: " + EQUIVALENT[source, shown]
                killed += outcome.startswith("killed")
                survived += outcome == "SURVIVED"
                equivalent += outcome.startswith("equivalent")
                print(f"{source}:{line}: {what} in `{shown}`: {outcome}", flush=True)
    print(f"{killed} killed, {survived} survived, {equivalent} equivalent")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
