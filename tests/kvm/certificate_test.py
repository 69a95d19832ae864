#!/usr/bin/env python3
"""Certificates of specs/kvm, through the commands: accepted by airlock certify and by the cvc5
command; every way of doctoring one is caught.

certificate_test.py AIRLOCK [--all]    run from the source root. --all takes out every conjunct, one
after the other; without it, every eighth.
"""
import pathlib
import subprocess
import sys
import tempfile

airlock = sys.argv[1]
everything = "--all" in sys.argv
problems = []


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


def check(condition, what):
    if not condition:
        problems.append(what)


def certify(path, *more):
    done = run(airlock, "certify", str(path), *more)
    return done.returncode, done.stdout + done.stderr


def body(lines):
    """Line numbers of the conjuncts, per copy of the invariant."""
    copies = []
    for i, line in enumerate(lines):
        if line == "  (and true":
            copies.append([])
            j = i + 1
            while lines[j] != "  ))":
                if not lines[j].startswith(";"):
                    copies[-1].append(j)
                j += 1
    return copies


def refused(path, lines, what, status=(1,)):
    path.write_text("\n".join(lines) + "\n")
    code, output = certify(path)
    check(code in status, f"{what}: exit status {code}, expected {status}\n{output}")


def doctor(folder, name, original):
    path = folder / "doctored.smt2"
    lines = original.read_text().splitlines()
    copies = body(lines)
    check(len(copies) == 3 and len(set(map(len, copies))) == 1, f"{name}: three equal invariants")
    count = len(copies[0])
    for k in range(1, count, 1 if everything else 8):
        gone = {copy[k] for copy in copies}
        refused(path, [l for i, l in enumerate(lines) if i not in gone],
                f"{name}: without conjunct {k}: {lines[copies[0][k]]}")
    # In one copy only.
    refused(path, [l for i, l in enumerate(lines) if i != copies[1][1]], f"{name}: one copy differs")
    # A constant of the model, the rules, the queries, the heading.
    changed = {
        "an initial value": ("|initial GIF| () Bool true", "|initial GIF| () Bool false"),
        "a guard": ("(and (= rule #x00) ", "(and false "),
        "a next value": ("(define-fun |next DEBUGCTL| ()", "(define-fun |next DEBUGCTL.| ()"),
        "the violation": ("(assert violation)", "(assert (and violation false))"),
        "the steps": ("(assert step)", "(assert (not step))"),
        "the fix": ("; fix: ", "; fix: suppress-db+"),
        "the property's text": ("; says: ", "; says: It is certain that "),
        "a parameter": ("guest_debugctl_bits=LBR", "guest_debugctl_bits=LBR|BTF"),
        "an actor": ("; actor: irq_perf\n", ""),
        "a choice": ("=any\n", "=\n"),
        "the fingerprint": ("; fingerprint: ", "; fingerprint: 0"),
    }
    text = original.read_text()
    for what, (old, new) in changed.items():
        check(old in text, f"{name}: has no {old}")
        path.write_text(text.replace(old, new, 1))
        code, output = certify(path)
        check(code in (1, 2), f"{name}: {what} changed: exit status {code}\n{output}")
    # An assertion that makes everything unsat; where it is, differs from the model.
    for marker in ("; ==== 1. Initiation", "; ==== 2. Consecution", "; ==== 3. Safety"):
        path.write_text(text.replace("(check-sat)", "(assert false)\n(check-sat)"))
        check(certify(path)[0] == 1, f"{name}: (assert false) accepted")
    path.write_text(text.replace("  (and true\n", "  (and true\n  false\n"))
    check(certify(path)[0] == 1, f"{name}: an invariant without states accepted")
    path.write_text(text[: len(text) // 2])
    check(certify(path)[0] != 0, f"{name}: half of it accepted")
    path.write_text(text + "(check-sat)\n")
    check(certify(path)[0] == 1, f"{name}: a fourth query accepted")


with tempfile.TemporaryDirectory() as temporary:
    folder = pathlib.Path(temporary)
    cases = [("merged", "always_debugctl_is_the_guests"),
             ("always-lbrv", "always_host_runs_with_its_own_debugctl"),
             ("merged", "symptom_spurious_bus_lock_db")]  # violated: a proof too
    for fix, name in cases:
        done = run(airlock, "prove", "specs/kvm", "--fix", fix, "--property", name,
                   "--certificate", str(folder))
        path = folder / (name + ".smt2")
        check(path.exists(), f"{fix} {name}: no certificate\n{done.stdout}{done.stderr}")
        code, output = certify(path)
        check(code == 0 and "accepted" in output, f"{fix} {name}: {code}\n{output}")
        answers = run("cvc5", str(path))
        check(answers.stdout == "unsat\n" * 3 and answers.stderr == "",
              f"{fix} {name}: cvc5 says {answers.stdout}{answers.stderr}")
    # What the proof needs the silent manual to mean is said with the answer.
    path = folder / (cases[0][1] + ".smt2")
    check("on these readings of the manual only: db_clears_debugctl_at=both" in certify(path)[1],
          f"{path}: the reading that it needs is not named")
    # The model may lie elsewhere; another model is another model.
    code, output = certify(folder / (cases[1][1] + ".smt2"), "--model", "specs/../specs/kvm")
    check(code == 0, f"--model: {code}\n{output}")
    code, output = certify(folder / (cases[1][1] + ".smt2"), "--model", "nowhere")
    check(code == 2, f"--model nowhere: {code}\n{output}")
    doctor(folder, cases[1][1], folder / (cases[1][1] + ".smt2"))
    done = run(airlock, "prove", "specs/kvm", "--certificate", "/dev/null/x")
    check(done.returncode == 2, f"an impossible folder: {done.returncode}\n{done.stderr}")

print("\n".join(problems) or "as expected")
sys.exit(1 if problems else 0)
