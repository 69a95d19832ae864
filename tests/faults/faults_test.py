#!/usr/bin/env python3
"""What the real command does when the world around it fails: full disks, closed pipes, signals, no
memory, no right to write, two runs at once, kill -9.

    faults_test.py AIRLOCK [NAME...]     NAME: only tests whose name contains it

Three things are demanded of every fault. The exit status says what happened (0 and 1 are verdicts,
so a run that was disturbed must end with neither). A message on standard error says so in words.
And a file that is there is whole: old or new, never half.
"""

import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import time
from random import Random

ROOT = pathlib.Path(__file__).resolve().parents[2]
AIRLOCK = os.path.abspath(sys.argv[1])
KVM = str(ROOT / "specs/kvm")
LONG = ["prove", KVM, "--fix", "v1", "--engine", "explore", "--quiet"]  # seconds of work, much memory

BAD_INPUT, UNDECIDED, INTERNAL, CANNOT_WRITE, CLOSED_PIPE = 2, 3, 70, 74, 141
VERDICTS = (0, 1)

TINY = """#include <airlock/svm.h>
void vcpu_run(void) { local_irq_enable(); clgi(); stgi(); local_irq_disable(); }
/* GIF is what it is. */
bool always_trivial(void) { return cpu.gif || !cpu.gif; }
/* GIF is cleared. */
bool reachable_gif(void) { return !cpu.gif; }
"""


class Failure(Exception):
    pass


def expect(condition, message):
    if not condition:
        raise Failure(message)


def run(arguments, **options):
    options.setdefault("stdin", subprocess.DEVNULL)
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    return subprocess.run([AIRLOCK, *arguments], text=True, timeout=300, check=False, **options)


def start(arguments, **options):
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    return subprocess.Popen([AIRLOCK, *arguments], text=True, stdin=subprocess.DEVNULL, **options)


def limited(what, value):
    def before():
        resource.setrlimit(what, (value, value))
    return before


def wait_until_busy(process, seconds):
    """Until it has used so much processor time, or ended."""
    tick = os.sysconf("SC_CLK_TCK")
    while process.poll() is None:
        try:
            fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        except FileNotFoundError:
            return
        if (int(fields[11]) + int(fields[12])) / tick >= seconds:
            return
        time.sleep(0.01)


# --- standard output ---------------------------------------------------------------------------


def test_standard_output_on_a_full_disk(scratch):
    for command in (["list", KVM], ["compare", scratch + "/tiny.c"], ["coverage", scratch + "/tiny.c"],
                    ["prove", scratch + "/tiny.c", "--format", "json"]):
        with open("/dev/full", "w", encoding="utf-8") as full:
            result = run(command, stdout=full)
        expect(result.returncode == CANNOT_WRITE, f"{command[0]}: status {result.returncode}")
        expect(result.stderr == "error: cannot write to standard output: No space left on device\n",
               f"{command[0]}: {result.stderr!r}")


def test_a_pipe_whose_reader_has_gone(scratch):
    for command in (["list", KVM], ["export", KVM, "--to", "json"], ["prove", scratch + "/tiny.c"]):
        reader, writer = os.pipe()
        os.close(reader)
        result = run(command, stdout=writer)
        os.close(writer)
        expect(result.returncode == CLOSED_PIPE, f"{command[0]}: status {result.returncode}")
        expect(result.stderr == "", f"{command[0]}: {result.stderr!r}")


def test_standard_streams_that_are_closed(scratch):
    line = f"'{AIRLOCK}' prove '{scratch}/tiny.c'"
    result = subprocess.run(line + " >&-", shell=True, capture_output=True, text=True, check=False)
    expect(result.returncode == CANNOT_WRITE, f"no standard output: status {result.returncode}")
    expect("cannot write to standard output" in result.stderr, repr(result.stderr))
    result = subprocess.run(line + " 2>&- <&-", shell=True, capture_output=True, text=True, check=False)
    expect(result.returncode == 0, f"no standard error: status {result.returncode}")


# --- signals -----------------------------------------------------------------------------------


def test_nobody_waits_for_a_solver_that_is_being_freed(scratch):
    """What Z3 leaves of a formula of 64 bits and sixty divisions takes it minutes to free. The bound is
    wide: reading the program and building the formula cost some seconds, and machines differ."""
    path = scratch + "/large.c"
    rounds = "\ta = a * a + 1 / (a | 1) + (a >> (a & 63));\n" * 60
    pathlib.Path(path).write_text("#include <airlock/svm.h>\nu64 a;\nvoid vcpu_run(void)\n{\n" + rounds
                                  + "\tclgi();\n\tstgi();\n}\n"
                                  "bool never_p(void) { return a == 12345; }\n", encoding="utf-8")
    for engine in ("pdr", "bmc"):
        arguments = ["prove", path, "--engine", engine, "--property", "never_p", "--quiet"]
        for number, status in ((None, UNDECIDED), (signal.SIGINT, 130), (signal.SIGTERM, 143)):
            process = start([*arguments, "--timeout", "4"] if number is None else arguments)
            wait_until_busy(process, 4)
            if number is not None:
                process.send_signal(number)
            expect(ends_within(process, 30), f"{engine}, signal {number}: goes on after its end")
            expect(process.returncode == status, f"{engine}, {number}: status {process.returncode}")


def ends_within(process, most):
    """False, and the process is killed, where it uses more than `most` seconds of processor time."""
    wait_until_busy(process, most)
    ended = process.poll() is not None
    if not ended:
        process.kill()
        process.wait()
    return ended


def test_signals_end_a_run_soon_and_without_a_verdict(_scratch):
    for number in (signal.SIGINT, signal.SIGTERM):
        for arguments in (LONG, ["prove", KVM, "--fix", "merged", "--engine", "induction",
                                 "--property", "always_debugctl_is_the_guests", "--quiet"],
                          ["compare", KVM, "--quiet", "--jobs", "2"],
                          ["coverage", KVM, "--fix", "none", "--quiet"],
                          ["explore", KVM, "--quiet"]):
            others = resource.getrusage(resource.RUSAGE_CHILDREN)
            process = start(arguments)
            wait_until_busy(process, 0.3)
            process.send_signal(number)
            out, _ = process.communicate(timeout=600)
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds = used.ru_utime + used.ru_stime - others.ru_utime - others.ru_stime
            name = f"{arguments[0]} {arguments[-2]}, {number.name}"
            expect(process.returncode == 128 + number, f"{name}: status {process.returncode}")
            expect("holds" not in out and "violated" not in out and not out.startswith("{"),
                   f"{name}: prints {out[:200]!r}")
            # Processor time, since a loaded machine says nothing about the command. A second in
            # release, 0.3 of it before the signal; sanitizers take several times that.
            expect(seconds < 25, f"{name}: goes on for {seconds:.0f} s of processor time")


def test_a_second_signal_kills(_scratch):
    process = start(LONG)
    wait_until_busy(process, 0.3)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    expect(process.returncode in (128 + signal.SIGINT, 128 + signal.SIGTERM, -signal.SIGTERM,
                                  -signal.SIGINT), f"status {process.returncode}")


# --- memory ------------------------------------------------------------------------------------


def test_too_little_memory_is_no_verdict(_scratch):
    spoke = 0
    for megabytes in (160, 200):
        for engine in ("explore", "pdr", "bmc", "induction"):
            result = run(["prove", KVM, "--fix", "v1", "--property", "always_dr6_is_the_guests",
                          "--engine", engine, "--quiet", "--jobs", "1", "--timeout", "8"],
                         preexec_fn=limited(resource.RLIMIT_AS, megabytes << 20))
            name = f"{engine} with {megabytes} MB"
            if result.returncode == 127 and "shared libraries" in result.stderr:
                continue  # the system could not even load it, and says so
            # The one right verdict (violated, by a run that was replayed) may be reached in time.
            expect(result.returncode in (1, UNDECIDED, INTERNAL),
                   f"{name}: status {result.returncode} {result.stderr[-300:]!r}")
            if result.returncode == INTERNAL:
                expect(result.stderr.startswith(("error: out of memory", "error: the system refuses: ")),
                       f"{name}: {result.stderr!r}")
                spoke += 1
            if result.returncode == UNDECIDED:
                expect("unknown" in result.stdout, f"{name}: {result.stdout!r}")
                spoke += 1
    expect(spoke >= 2, "the limits are too generous to test anything")


# A parameter of Z3's, set in the process before main() runs: the command itself has no such option.
Z3_SHIM = r"""
#include <stdlib.h>
void Z3_global_param_set(const char *, const char *);
__attribute__((constructor)) static void limit(void)
{
	Z3_global_param_set(getenv("TEST_Z3_PARAMETER"), getenv("TEST_Z3_VALUE"));
}
"""


def z3_limited(scratch, name, value):
    """An environment in which every Z3 context of the process has this parameter."""
    source, shim = pathlib.Path(scratch, "shim.c"), pathlib.Path(scratch, "shim.so")
    if not shim.exists():
        source.write_text(Z3_SHIM, encoding="utf-8")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, source, "-lz3"], check=True)
    return {**os.environ, "LD_PRELOAD": str(shim), "TEST_Z3_PARAMETER": name, "TEST_Z3_VALUE": value}


HOLDS = ["prove", KVM, "--fix", "merged", "--property",
         "always_guest_runs_with_no_foreign_debugctl_bits", "--quiet", "--jobs", "1"]


def test_z3_that_gives_up_is_no_verdict(scratch):
    """Out of resources, out of memory, out of its own time: every engine that asks Z3 says unknown,
    with Z3's reason."""
    said = {"rlimit": "Z3 could not decide a query", "memory_max_size": "Z3 failed: out of memory",
            "timeout": "Z3 could not decide a query"}
    values = {"rlimit": "2000", "memory_max_size": "20", "timeout": "1"}
    for engine in ("bmc", "induction", "pdr"):
        for limit, words in said.items():
            result = run([*HOLDS, "--engine", engine],
                         env=z3_limited(scratch, limit, values[limit]))
            if limit == "timeout" and engine == "pdr" and result.returncode == 0:
                continue  # a quick machine answers each of its questions within the millisecond
            expect(result.returncode == UNDECIDED,
                   f"{engine}, {limit}: status {result.returncode} {result.stdout!r}")
            expect("unknown " in result.stdout and words in result.stdout,
                   f"{engine}, {limit}: {result.stdout!r}")


def test_a_memory_limit_binds_z3_too(_scratch):
    """Its engines say that the limit is reached, and how to go on; with room they decide."""
    for engine in ("bmc", "induction", "pdr"):
        small = run([*HOLDS, "--engine", engine, "--memory", "20M"])
        expect(small.returncode == UNDECIDED, f"{engine}: {small.returncode} {small.stdout!r}")
        expect("out of memory: the limit is reached" in small.stdout
               and "raise --memory" in small.stdout, f"{engine}: {small.stdout!r}")
    enough = run([*HOLDS, "--engine", "pdr", "--memory", "2G"])
    expect(enough.returncode == 0, f"2G: {enough.returncode} {enough.stdout!r}")


def test_a_second_opinion_without_memory_contradicts_nobody(_scratch):
    for fix, name in (("none", "always_dr6_is_the_guests"),
                      ("merged", "always_debugctl_is_the_guests")):
        for limit in ("12M", "16M", "20M"):
            result = run(["compare", KVM, "--fix", fix, "--property", name, "--memory", limit,
                          "--quiet"])
            expect(result.returncode in (1, UNDECIDED),
                   f"{fix}, {limit}: {result.returncode} {result.stderr[-300:]!r}")
            expect(result.returncode == 1 or "raise --memory" in result.stdout,
                   f"{fix}, {limit}: {result.stdout[-500:]!r}")


def test_an_engine_out_of_time_is_no_verdict(_scratch):
    for engine in ("bmc", "induction", "pdr", "explore", "auto"):
        result = run([*HOLDS, "--engine", engine, "--timeout", "0.05"])
        expect(result.returncode == UNDECIDED, f"{engine}: status {result.returncode}")
        expect("out of time" in result.stdout, f"{engine}: {result.stdout!r}")


def test_where_z3_gives_up_a_search_still_decides_and_says_what_it_has_not_shown(scratch):
    result = run([*HOLDS, "--format", "json", "--certificate", scratch, "--timeout", "4"],
                 env=z3_limited(scratch, "rlimit", "2000"))
    expect(result.returncode == UNDECIDED, f"status {result.returncode}")
    found = json.loads(result.stdout)["results"][0]
    expect(found["verdict"] == "holds" and found["engine"] == "explore", f"{found}")
    expect(found["certificate"] is None and "no certificate: " in found["reason"], f"{found}")
    expect(not list(pathlib.Path(scratch).glob("*.smt2")), "a certificate of nothing")


def test_no_thread_can_be_started(_scratch):
    if os.getuid() == 0:
        return  # the limit does not hold for root
    result = run(["compare", KVM, "--quiet", "--jobs", "4"],
                 preexec_fn=limited(resource.RLIMIT_NPROC, 0))
    expect(result.returncode not in VERDICTS and result.returncode > 0, f"{result.returncode}")


# --- files -------------------------------------------------------------------------------------


class Output:
    """A command that writes files into a folder, and what whole ones are."""

    def __init__(self, name, arguments, file, whole=None):
        self.name = name
        self.arguments = arguments  # of the folder, with a slash at its end
        self.file = file  # one that it writes, or None: a whole folder of them
        self.whole = whole  # of (path, scratch); None: as a run that was left alone writes it

    def command(self, scratch, folder):
        return [*self.arguments(scratch + "/tiny.c", folder + "/"), "--quiet", "--jobs", "1"]


def is_whole_report(path, _scratch):
    text = path.read_text(encoding="utf-8")
    return text.lower().startswith("<!doctype html>") and text.rstrip().endswith("</html>")


def is_whole_checkpoint(path, scratch):
    resumed = run(["explore", scratch + "/tiny.c", "--resume", str(path), "--quiet"])
    return resumed.returncode == 0 and resumed.stdout == run(
        ["explore", scratch + "/tiny.c", "--quiet"]).stdout


OUTPUTS = (
    Output("certificates", lambda model, to: ["prove", model, "--certificate", to], None),
    Output("a report", lambda model, to: ["trace", model, "--property", "reachable_gif", "--report",
                                          to + "r.html"], "r.html", is_whole_report),
    Output("a checkpoint", lambda model, to: ["explore", model, "--checkpoint", to + "search",
                                              "--checkpoint-interval", "0"], "search",
           is_whole_checkpoint),
    Output("a graph", lambda model, to: ["explore", model, "--graph", to + "g.dot"], "g.dot"),
)


def left_alone(output, scratch):
    """Runs the command in a folder of its own; the files' contents by name, and how long it took."""
    folder = tempfile.mkdtemp(dir=scratch)
    began = time.monotonic()
    result = run(output.command(scratch, folder))
    seconds = time.monotonic() - began
    expect(result.returncode == 0, f"{output.name}: {result.returncode} {result.stderr!r}")
    contents = {path.name: path.read_bytes() for path in pathlib.Path(folder).iterdir()}
    expect(contents and (output.file is None or list(contents) == [output.file]),
           f"{output.name}: writes {sorted(contents)}")
    return contents, seconds


def expect_whole(output, folder, contents, scratch, old=b""):
    """Every file of the folder under a name that counts is as it was, or whole."""
    for path in pathlib.Path(folder).iterdir():
        if path.name not in contents:
            expect(any(path.name.startswith(name + ".") for name in contents),
                   f"{output.name}: leaves {path.name}")
            continue
        found = path.read_bytes()
        whole = output.whole(path, scratch) if output.whole and found != old else \
            found == contents[path.name]
        expect(whole or (old and found == old), f"{output.name}: {path.name} is not whole")


def kill_somewhere(process, folder, random, seconds):
    """Kills the process after a while, or as soon as it begins a file; True if that was in time."""
    until = time.monotonic() + random.random() * seconds
    watch = random.random() < 0.6
    names = set(os.listdir(folder))
    while process.poll() is None and (watch or time.monotonic() < until):
        if watch and set(os.listdir(folder)) != names:
            time.sleep(random.random() * 0.004)
            break
    process.kill()
    process.communicate()
    return process.returncode == -signal.SIGKILL


def test_kill_9_at_any_moment_leaves_whole_files(scratch):
    random = Random(6)
    for output in OUTPUTS:
        contents, seconds = left_alone(output, scratch)
        killed = turn = 0
        while turn < 10 or (killed < 3 and turn < 100):
            turn += 1
            folder = tempfile.mkdtemp(dir=scratch)
            old = b"what was there before\n" if turn % 2 else b""
            if old:
                for name in contents:
                    pathlib.Path(folder, name).write_bytes(old)
            in_time = kill_somewhere(start(output.command(scratch, folder)), folder, random, seconds)
            killed += in_time
            seconds *= 1 if in_time else 0.8  # on a loaded machine it is this script that is late
            expect_whole(output, folder, contents, scratch, old)
        expect(killed >= 3, f"{output.name}: ends before it is killed: {killed} of {turn}")


def test_two_runs_at_once_on_the_same_files(scratch):
    for output in OUTPUTS:
        contents, _ = left_alone(output, scratch)
        for _ in range(3):
            folder = tempfile.mkdtemp(dir=scratch)
            runs = [start(output.command(scratch, folder)) for _ in range(3)]
            for process in runs:
                _, message = process.communicate(timeout=60)
                expect(process.returncode == 0, f"{output.name}: {process.returncode} {message!r}")
            expect({path.name for path in pathlib.Path(folder).iterdir()} == set(contents),
                   f"{output.name}: {os.listdir(folder)}")
            expect_whole(output, folder, contents, scratch)


def without_rights():
    """What makes a command one of somebody who may not write everywhere; None if nothing does."""
    if os.getuid() != 0:
        return []
    drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    works = subprocess.run([*drop, AIRLOCK, "--version"], capture_output=True, check=False)
    return drop if works.returncode == 0 else None


def test_a_folder_that_may_not_be_written(scratch):
    drop = without_rights()
    if drop is None:
        print("skipped: root, and no setpriv that lets nobody run the command:", end=" ")
        return
    os.chmod(scratch, 0o755)
    for output in OUTPUTS:
        for old in (None, "old\n"):
            folder = tempfile.mkdtemp(dir=scratch)
            if old and output.file:
                pathlib.Path(folder, output.file).write_text(old, encoding="utf-8")
            os.chmod(folder, 0o555)
            before = {path.name: path.read_bytes() for path in pathlib.Path(folder).iterdir()}
            result = subprocess.run([*drop, AIRLOCK, *output.command(scratch, folder)], text=True,
                                    capture_output=True, check=False, timeout=60)
            os.chmod(folder, 0o755)
            expect(result.returncode in (BAD_INPUT, CANNOT_WRITE),
                   f"{output.name}: status {result.returncode}")
            expect("error: cannot create " in result.stderr and "Permission denied" in result.stderr
                   and folder in result.stderr, f"{output.name}: {result.stderr!r}")
            after = {path.name: path.read_bytes() for path in pathlib.Path(folder).iterdir()}
            expect(after == before, f"{output.name}: {sorted(after)} after {sorted(before)}")


def test_a_full_disk_leaves_no_half_written_file(scratch):
    for output in OUTPUTS:
        contents, _ = left_alone(output, scratch)
        folder = tempfile.mkdtemp(dir=scratch)
        # A file may have so many bytes and no more: as if the disk were full.
        result = run(output.command(scratch, folder), preexec_fn=full_after(40))
        expect(result.returncode in (BAD_INPUT, CANNOT_WRITE),
               f"{output.name}: status {result.returncode} {result.stderr!r}")
        expect("error: cannot write " in result.stderr, f"{output.name}: {result.stderr!r}")
        expect(not os.listdir(folder), f"{output.name}: leaves {os.listdir(folder)}")
        expect(contents, "nothing was to be written")


def full_after(size):
    def before():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return before


# --- input -------------------------------------------------------------------------------------


def test_files_that_cannot_be_read(scratch):
    os.mkdir(scratch + "/directory.c")
    for path in (scratch + "/directory.c", scratch + "/missing.c", "/dev/null",
                 scratch + "/tiny.c/x.c"):
        result = run(["prove", path])
        expect(result.returncode == BAD_INPUT, f"{path}: status {result.returncode}")
        expect("error: " in result.stderr and path in result.stderr, f"{path}: {result.stderr!r}")


# --- main --------------------------------------------------------------------------------------


def main():
    wanted = sys.argv[2:]
    failures = 0
    for name, test in list(globals().items()):
        if not name.startswith("test_") or (wanted and not any(w in name for w in wanted)):
            continue
        with tempfile.TemporaryDirectory(prefix="airlock-faults-") as scratch:
            pathlib.Path(scratch, "tiny.c").write_text(TINY, encoding="utf-8")
            began = time.monotonic()
            try:
                test(scratch)
                verdict = "ok"
            except Failure as failure:
                verdict = f"FAILED: {failure}"
                failures += 1
        print(f"{name[5:].replace('_', ' ')}: {verdict} ({time.monotonic() - began:.1f} s)",
              flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
