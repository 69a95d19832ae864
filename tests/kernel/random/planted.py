#!/usr/bin/env python3
"""Breaks the slicer on purpose, one rule at a time, and asks whether random trees find it:

    tests/kernel/random/planted.py BUILD [--count N] [--only NAME]

Each fault is a change of a line of model/kernel, compiled and linked in place of the original; the
line must be there once, or this script is out of date. The rules are those of docs/kernel.md.
Status 1 if a fault is found by no tree of the sample.
"""

import argparse
import json
import pathlib
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
HERE = pathlib.Path(__file__).resolve().parent

# name, file, text, text in its place
FAULTS = [
    ("1: a local keeps its first constant", "values.cpp",
     "  into = Abstract::any();\n  return true;\n}", "  return false;\n}"),
    ("1: a local whose address is taken is a constant", "values.cpp",
     "if (in.address_taken.contains(node->text)) {", "if (false) {"),
    ("2: what a callee does is forgotten", "effects.cpp", "if (theirs.strong) {", "if (false) {"),
    ("2: writes through pointers are none", "pointers.cpp",
     "  for (const Node* place : to.places) {\n    add_write(all, place, in);",
     "  for (const Node* place : std::vector<const Node*>{}) {\n    add_write(all, place, in);"),
    ("2: a pointer holds the first function of two", "calls.cpp",
     "    result.merge(pointed(node->kids[2], in, depth + 1));\n", ""),
    ("2: a write beside a tracked member of a union is none", "effects.cpp",
     "member != nullptr && member->in_union", "member != nullptr && false"),
    ("2: fields of objects on stacks are not written by callees", "effects.cpp",
     "    all.frame.insert(theirs.frame.begin(), theirs.frame.end());\n", ""),
    ("3: conditions do not stay", "slicer.cpp", "need.next[id] == -2 && decides",
     "need.next[id] == -3 && decides"),
    ("3: only conditions all of whose sides are decided stay", "slicer.cpp",
     "decides = decides || need.next[each] >= 0;", "decides = need.next[each] >= 0;"),
    ("3: jumps do not stay", "slicer.cpp", "return target != -1 && target != need.next[at.after];",
     "return false;"),
    ("3: labels of empty cases do not stay", "print.cpp", "node->is != Is::case_ && ", ""),
    ("3: assignments to locals that are read do not stay", "slicer.cpp",
     "need.live[id].contains(target) ||", "false ||"),
    ("4: a free choice has the type of one side", "types.cpp", "return a == b ? a : joined(a, b);",
     "return a;"),
    ("4: an untracked condition is false", "render.cpp", 'return padded(node, "any_bool()");',
     'return padded(node, "0");'),
    ("4: a field is read beyond its mask", "telling.cpp",
     "tracked(key) && (mask_of(key).empty() || is_ghost(key)) ? 2 : 0", "tracked(key) ? 2 : 0"),
    ("5: what a callee outside may write is what it was", "render_calls.cpp",
     'each = name + " = " + any(index.plain(type->second), nullptr, in, met);', "each.clear();"),
    ("6: no function opens a window", "interrupts.cpp", "  constexpr int unknown = 1000;\n",
     "  constexpr int unknown = 1000;\n  if (unknown > 0) { return false; }\n"),
    ("6: nothing is called with interrupts off", "interrupts.cpp", "to.entered_off = true;",
     "to.entered_off = false;"),
    ("7: the first side is taken of a branch that is no choice", "print.cpp",
     'return b == -1 || (a != -1 && a < b) ? "1" : "0";', 'return "1";'),
    ("8: recursion is cut without an assertion", "render_calls.cpp",
     '? std::string("assert(0)")', '? std::string("(void)0")'),
    ("9: WARN_ON(x) is 0", "values.cpp",
     "      if (found.how == Callees::How::transparent && node->kids.size() > 1) {\n"
     "        return value(node->kids[1], in);",
     "      if (found.how == Callees::How::transparent && node->kids.size() > 1) {\n"
     "        return Abstract::of(0);"),
]


def commands(build):
    """source -> its compile command; the command that links slice_folders."""
    entries = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    compile_ = {pathlib.Path(e["file"]).resolve(): shlex.split(e["command"]) for e in entries}
    done = subprocess.run(["ninja", "-C", str(build), "-t", "commands", "slice_folders"], check=True,
                          capture_output=True, text=True)
    link = shlex.split(done.stdout.strip().split("\n")[-1].replace(": && ", "").replace(" && :", ""))
    return compile_, link


def planted(build, folder, file, old, new):
    """The slicer with the fault in it, or None if the text is not there once."""
    source = ROOT / "model/kernel" / file
    text = source.read_text(encoding="utf-8")
    if text.count(old) != 1:
        return None
    changed = folder / file
    changed.write_text(text.replace(old, new), encoding="utf-8")
    compile_, link = commands(build)
    command = list(compile_[source])
    command[command.index(str(source))] = str(changed)
    object_ = folder / (file + ".o")
    command[command.index("-o") + 1] = str(object_)
    command = [a for a in command if a != "-Werror"] + ["-w", "-O1", f"-I{ROOT / 'model/kernel'}"]
    subprocess.run(command, cwd=build, check=True, capture_output=True, text=True)
    program = folder / "slice_folders"
    at = link.index("-o")
    link[at + 1] = str(program)
    link.insert(at, str(object_))  # before the library, whose member is then not needed
    subprocess.run(link, cwd=build, check=True, capture_output=True, text=True)
    return program


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    lost = 0
    for name, file, old, new in FAULTS:
        if args.only not in name:
            continue
        with tempfile.TemporaryDirectory(prefix="airlock-planted-") as folder:
            program = planted(args.build.resolve(), pathlib.Path(folder), file, old, new)
            if program is None:
                print(f"{name}: the line in {file} has gone; plant it elsewhere")
                lost += 1
                continue
            done = subprocess.run(
                [sys.executable, HERE / "random_slices.py", program, "--count", str(args.count),
                 "--jobs", str(args.jobs)], check=False, capture_output=True, text=True)
            sums = json.loads(done.stdout.strip().split("\n")[-1]) if done.stdout else {}
            found = sums.get("missing", 0)
            print(f"{name}: {'found' if found else 'NOT FOUND'} {sums or done.stderr[-300:]}", flush=True)
            lost += not found
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
