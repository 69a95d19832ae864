"""A reader of KTAP, version 1, written from the rules of the kernel's Documentation/dev-tools/ktap.rst
and sharing nothing with what writes it here.

The rules, restated: a document is a version line, a plan "1..N", and N results numbered from 1. A
result is "ok" or "not ok", its number, perhaps a "-", a description without '#', and perhaps '#' and
a directive (SKIP, TODO, XFAIL, TIMEOUT, ERROR) or a diagnostic. Lines that begin with '#' are
diagnostics and may stand anywhere. A test's subtests are a document of their own, indented by two
spaces, before the test's own result. A test with a failed subtest has failed.
"""

import dataclasses
import re

RESULT = re.compile(r"(ok|not ok) (\d+)(?: (?:- )?([^#]*?))?(?: # ?(.*))?")
DIRECTIVES = ("SKIP", "TODO", "XFAIL", "TIMEOUT", "ERROR")


class BadKtap(Exception):
    """What is wrong, and in which line."""


@dataclasses.dataclass
class Test:
    name: str
    ok: bool
    directive: str  # empty: none
    text: str       # behind the directive
    diagnostics: list
    subtests: list


def parse(text):
    """The tests of a document. Raises BadKtap."""
    if text and not text.endswith("\n"):
        raise BadKtap("the last line does not end")
    lines = text.split("\n")[:-1]
    tests, at = document(lines, 0, "")
    if at != len(lines):
        raise BadKtap(f"line {at + 1}: more than the plan says: {lines[at]!r}")
    return tests


def document(lines, at, indent):
    """A version line, a plan and its tests, from line `at`; and the line behind them."""
    if at >= len(lines) or lines[at] != indent + "KTAP version 1":
        raise BadKtap(f"line {at + 1}: no version line")
    at, diagnostics = skip_diagnostics(lines, at + 1, indent)
    plan = re.fullmatch(re.escape(indent) + r"1\.\.(\d+)", lines[at]) if at < len(lines) else None
    if plan is None:
        raise BadKtap(f"line {at + 1}: no plan")
    at += 1
    tests = []
    for number in range(1, int(plan[1]) + 1):
        at, diagnostics = skip_diagnostics(lines, at, indent)
        subtests = []
        if at < len(lines) and lines[at].startswith(indent + "  "):
            subtests, at = document(lines, at, indent + "  ")
            at, more = skip_diagnostics(lines, at, indent)
            diagnostics += more
        if at >= len(lines):
            raise BadKtap(f"the plan has {plan[1]} tests, the document {number - 1}")
        tests.append(result(lines[at], at, indent, number, diagnostics, subtests))
        at += 1
    at, diagnostics = skip_diagnostics(lines, at, indent)
    return tests, at


def skip_diagnostics(lines, at, indent):
    found = []
    while at < len(lines) and re.match(re.escape(indent) + "#", lines[at]):
        found.append(lines[at][len(indent) + 1:].strip())
        at += 1
    return at, found


def result(line, at, indent, number, diagnostics, subtests):
    match = RESULT.fullmatch(line[len(indent):]) if line.startswith(indent) else None
    if match is None:
        raise BadKtap(f"line {at + 1}: no result: {line!r}")
    if int(match[2]) != number:
        raise BadKtap(f"line {at + 1}: number {match[2]}, not {number}")
    note = match[4] or ""
    word = note.split(" ", 1)[0]
    directive = word if word in DIRECTIVES else ""
    test = Test(match[3] or "", match[1] == "ok", directive,
                note[len(directive):].strip(), diagnostics, subtests)
    if test.ok and any(not each.ok and each.directive != "XFAIL" for each in subtests):
        raise BadKtap(f"line {at + 1}: ok, with a subtest that is not")
    return test
