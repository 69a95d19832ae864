#!/usr/bin/env python3
"""What `airlock trace` and `airlock compare` write for other programs, read by those programs.

    formats_test.py AIRLOCK

VCD is read by GTKWave's vcd2fst, DOT by Graphviz, SVG and JUnit by xmllint, SARIF is
held against the JSON schema of SARIF 2.1.0, KTAP read by a parser of its own here. Every format is made of an ordinary model and of one whose names and texts contain what
the format could take for its own syntax.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

import jsonschema

AIRLOCK = pathlib.Path(sys.argv.pop(1)).resolve()
ROOT = pathlib.Path(__file__).parent.parent.parent
SCHEMA = ROOT / "node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
SVG = "{http://www.w3.org/2000/svg}"
EVIL = "</script></text>]]><!-- <b onload=\"x\"> ' & \u2028 | `code` $end #5 ${x}"
EVIL_SENTENCE = EVIL.replace("{x}", "(x)")  # braces there name what can be printed
EVIL_NAME = "evil\"><b>&'\n$end | `.c"

HOSTILE = f"""/* {EVIL} */
#include <airlock/svm.h>
void boot(void)
{{
	wrmsrl(MSR_IA32_DEBUGCTLMSR, DEBUGCTLMSR_BUS_LOCK_DETECT); /* {EVIL} */
}}
void vcpu_run(void)
{{
	clgi();
	vmrun();
	stgi();
}}
/*
 * {EVIL}
 *
 * Trace: {EVIL_SENTENCE} {{cpu.debugctl}}
 */
bool always_clean(void)
{{
	return !cpu.guest_mode || (cpu.debugctl & DEBUGCTLMSR_BUS_LOCK_DETECT) == 0;
}}
"""
# One line that never runs and one property that holds vacuously, with hostile comments.
GAPS = f"""#include <airlock/svm.h>
u64 x;
void vcpu_run(void)
{{
	clgi();
	x = x ^ 1;
	if (x == 5)
		x = 0; /* {EVIL} */
	stgi();
}}
bool always_x(void) {{ return x != 5 || cpu.gif; }} /* {EVIL} */
"""


def run(*args, cwd=ROOT, statuses=(0, 1)):
    """Standard output of airlock."""
    done = subprocess.run([AIRLOCK, *args, "--quiet"], cwd=cwd, capture_output=True, check=False)
    if done.returncode not in statuses:
        raise AssertionError(f"airlock {args}: {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode()


def tool(*args, text=None):
    done = subprocess.run(args, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{args}: {done.stdout}{done.stderr}")
    return done.stdout


class Formats(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = pathlib.Path(cls.folder.name)
        (cls.path / "m.c").write_text(HOSTILE, encoding="utf-8")
        (cls.path / EVIL_NAME).write_text(
            "/* Evil. */\n#include <airlock/svm.h>\n"
            "void boot(void) { wrmsrl(MSR_IA32_DEBUGCTLMSR, DEBUGCTLMSR_BUS_LOCK_DETECT | 1); }\n",
            encoding="utf-8")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def drawn(self, *model, cwd=ROOT):
        """Graphviz's drawing of the state graph: its nodes' and edges' titles, and all its text."""
        dot = self.path / "graph.dot"
        done = run("explore", *model, "--graph", str(dot), "--format", "json", cwd=cwd)
        picture = ElementTree.fromstring(tool("dot", "-Tsvg", str(dot)))
        kinds = [group.get("class") for group in picture.iter(SVG + "g")]
        text = "".join("".join(each.itertext()) for each in picture.iter(SVG + "text"))
        return json.loads(done), kinds.count("node"), kinds.count("edge"), text

    def test_graphviz_draws_small_state_graphs_whole(self):
        explored, nodes, edges, _ = self.drawn(str(self.small("small.c")))
        self.assertEqual(nodes, explored["states"])
        self.assertGreaterEqual(edges, nodes)

    def small(self, name):
        model = self.path / name
        model.write_text("#include <airlock/svm.h>\n"
                         "void boot(void) { clgi(); }\n"
                         "void vcpu_run(void) { stgi(); clgi(); }\n", encoding="utf-8")
        return model

    def test_graphviz_draws_large_ones_by_program_location(self):
        explored, nodes, edges, text = self.drawn("specs/kvm", "--fix", "merged")
        self.assertGreater(explored["states"], 100_000)
        self.assertIn("vmrun", text)
        self.assertTrue(5 <= nodes <= edges <= 100, (nodes, edges))

    def test_graphviz_takes_names_for_names(self):
        explored, nodes, _, text = self.drawn(str(self.small("small " + EVIL_NAME)))
        self.assertEqual(nodes, explored["states"])
        self.assertIn("evil\"><b>&", text)

    def trace(self, form):
        return run("trace", "specs/kvm", "--property", "always_dr6_is_the_guests", "--format", form)

    def hostile_trace(self, form):
        return run("trace", "m.c", "--fix", "./" + EVIL_NAME, "--property", "always_clean",
                   "--format", form, cwd=self.path)

    def matrix(self, form):
        return run("compare", "specs/kvm", "--fix", "none", "--fix", "v1", "--property",
                   "always_guest_runs_with_no_foreign_debugctl_bits", "--property",
                   "symptom_spurious_bus_lock_db", "--format", form)

    def hostile_matrix(self, form):
        return run("compare", "m.c", "--fix", "none", "--fix", "./" + EVIL_NAME, "--property",
                   "always_clean", "--format", form, cwd=self.path)

    def gappy(self, form, *args, statuses=(1,)):
        """All cells hold; one line never runs and one property is vacuous."""
        (self.path / "gaps.c").write_text(GAPS, encoding="utf-8")
        return run("compare", "gaps.c", "--format", form, *args, cwd=self.path, statuses=statuses)

    # ---- VCD ----

    def read_vcd(self, text):
        """By GTKWave: {path of the variable: [(time, value)]} after a way through FST."""
        (self.path / "t.vcd").write_text(text, encoding="utf-8")
        tool("vcd2fst", str(self.path / "t.vcd"), str(self.path / "t.fst"))
        read = tool("fst2vcd", str(self.path / "t.fst"))
        scope, names, values, time = [], {}, {}, 0
        for line in read.splitlines():
            words = line.split()
            if line.startswith("$scope"):
                scope.append(words[2])
            elif line.startswith("$upscope"):
                scope.pop()
            elif line.startswith("$var"):
                names.setdefault(words[3], []).append("/".join(scope + [words[4]]))
            elif line.startswith("#"):
                time = int(line[1:])
            elif line and line[0] in "01":
                values.setdefault(line[1:], []).append((time, line[0]))
            elif line and line[0] in "bs" and len(words) == 2:
                values.setdefault(words[1], []).append((time, words[0][1:]))
        return {name: values.get(code, []) for code, all_names in names.items()
                for name in all_names}

    def test_gtkwave_reads_every_register_at_every_step(self):
        story = json.loads(self.trace("json"))
        waves = self.read_vcd(self.trace("vcd"))
        for scope in ("cpu", "vmcb", "kvm", "reference_guest", "reference_host"):
            self.assertTrue(any(name.startswith(f"airlock/{scope}/") for name in waves), scope)
        dr6 = [(time, int(value, 2)) for time, value in waves["airlock/cpu/DR6"]]
        expected = [(0, int(story["initial"]["DR6"], 16))]
        for step in story["trace"]:
            expected += [(step["step"], int(change["to_value"], 16))
                         for change in step["changes"] if change["name"] == "DR6"]
        self.assertEqual(dr6, expected)
        bld = [value for _, value in waves["airlock/cpu/DR6_bits/BLD"]]
        self.assertEqual(bld, ["1", "0"])

    def test_gtkwave_shows_enumerations_as_strings(self):
        waves = self.read_vcd(self.trace("vcd"))
        self.assertEqual([value for _, value in waves["airlock/cpu/mode"]],
                         ["host", "guest", "host", "guest"])
        self.assertEqual(waves["airlock/actor"][:3],
                         [(0, "reset"), (1, "boot"), (2, "vcpu_run")])

    def test_vcd_identifiers_are_legal_and_unique(self):
        for text in (self.trace("vcd"), self.hostile_trace("vcd")):
            scope, seen = [], set()
            for line in text.split("$enddefinitions")[0].splitlines():
                words = line.split()
                if line.startswith("$scope"):
                    scope.append(words[2])
                    self.assertRegex(words[2], r"^[A-Za-z_][A-Za-z0-9_$]*$")
                elif line.startswith("$upscope"):
                    scope.pop()
                elif line.startswith("$var"):
                    self.assertEqual(len(words), 6, line)
                    self.assertRegex(words[4], r"^[A-Za-z_][A-Za-z0-9_$]*$")
                    self.assertNotIn((*scope, words[4]), seen)
                    seen.add((*scope, words[4]))

    def test_hostile_names_do_not_end_a_vcd_comment_or_string(self):
        text = self.hostile_trace("vcd")
        comment = text[text.index("$comment"):]
        self.assertEqual(comment[:comment.index("$timescale")].count("$end"), 1)
        waves = self.read_vcd(text)
        self.assertIn("airlock/cpu/DEBUGCTL", waves)
        self.assertEqual(max(time for changes in waves.values() for time, _ in changes), 3)

    # ---- SVG ----

    def test_svg_is_well_formed_self_contained_and_shows_every_step(self):
        story = json.loads(self.trace("json"))
        text = self.trace("svg")
        tool("xmllint", "--noout", "--nonet", "-", text=text)
        root = ElementTree.fromstring(text)
        self.assertEqual(root.tag, SVG + "svg")
        steps = [each.text for each in root.iter(SVG + "text") if each.get("class") == "step"]
        self.assertEqual(steps, [str(step["step"]) for step in story["trace"]])
        self.assertEqual([each.text for each in root.iter(SVG + "text")
                          if each.get("class") == "wrong"],
                         ["≠ DR6 and the reference guest's DR6 differ in BLD",
                          "≠ guest_saw.dr6_read and guest_saw.dr6_expected differ in BLD"])
        self.check_svg_is_inert(root)

    def test_hostile_names_stay_text_in_svg(self):
        text = self.hostile_trace("svg")
        tool("xmllint", "--noout", "--nonet", "-", text=text)
        root = ElementTree.fromstring(text)
        self.check_svg_is_inert(root)
        self.assertIn("</script></text>]]><!-- <b onload=\"x\">", "".join(root.itertext()))

    def check_svg_is_inert(self, root):
        known = {"svg", "title", "desc", "style", "defs", "marker", "path", "rect", "line", "text"}
        for each in root.iter():
            self.assertIn(each.tag.removeprefix(SVG), known)
            for attribute in each.attrib:
                self.assertFalse(attribute.startswith("on") or "href" in attribute, attribute)

    # ---- JUnit ----

    def check_junit(self, text):
        tool("xmllint", "--noout", "--nonet", "-", text=text)
        root = ElementTree.fromstring(text)
        self.assertEqual(root.tag, "testsuites")
        allowed = {"testsuites": {"testsuite"}, "testsuite": {"testcase"},
                   "testcase": {"failure", "error", "system-out"}, "failure": set(),
                   "error": set(), "system-out": set()}
        for each in root.iter():
            self.assertLessEqual({child.tag for child in each}, allowed[each.tag])
        for suite in (root, *root):
            cases = list(suite.iter("testcase"))
            self.assertEqual(int(suite.get("tests")), len(cases))
            for kind, count in (("failure", "failures"), ("error", "errors")):
                self.assertEqual(int(suite.get(count)), sum(c.find(kind) is not None for c in cases))
        return root

    def test_junit_has_a_suite_per_fix_and_a_failure_per_violation(self):
        root = self.check_junit(self.matrix("junit"))
        self.assertEqual([suite.get("name") for suite in root], ["none", "v1"])
        failed = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")
                  if case.find("failure") is not None]
        self.assertEqual(failed, [
            ("specs/kvm.none", "always_guest_runs_with_no_foreign_debugctl_bits")])
        self.assertEqual(root.get("tests"), "4")
        self.assertIn("vmrun();", root.find(".//failure").text)

    def test_what_was_not_decided_has_not_passed_in_junit(self):
        root = self.check_junit(run("compare", "specs/kvm", "--fix", "none", "--timeout", "0",
                                    "--format", "junit", statuses=(3,)))
        symptoms = [case for case in root.iter("testcase") if case.get("name").startswith("symptom_")]
        self.assertEqual(len(symptoms), 1)  # which claim nothing
        self.assertEqual(int(root.get("tests")), int(root.get("errors")) + len(symptoms))

    def test_hostile_names_stay_text_in_junit(self):
        root = self.check_junit(self.hostile_matrix("junit"))
        self.assertIn("</script></text>]]><!-- <b onload=\"x\">", root.find(".//failure").text)

    def test_what_compare_fails_for_beside_its_cells_has_not_passed_in_junit(self):
        root = self.check_junit(self.gappy("junit"))
        self.assertEqual([suite.get("name") for suite in root], ["none", "coverage"])
        self.assertEqual([suite.get("failures") for suite in (root, *root)], ["2", "0", "2"])
        line, vacuous = root[1]
        self.assertEqual(line.attrib, {"classname": "gaps.c.coverage", "name": "gaps.c:8:3"})
        self.assertEqual(line[0].attrib, {"type": "never happens", "message": "never runs"})
        self.assertIn("</script></text>]]><!-- <b onload=\"x\">", line[0].text)
        self.assertTrue(vacuous.get("name").startswith("none: always_x: "), vacuous.attrib)
        self.assertEqual(vacuous[0].attrib, {"type": "vacuous", "message": "holds vacuously"})

    def test_junit_has_no_suite_for_gaps_where_there_are_none(self):
        for fix in self.check_junit(self.matrix("junit")):
            self.assertNotEqual(fix.get("name"), "coverage")

    def test_coverage_that_nobody_measured_has_not_passed_in_junit(self):
        root = self.check_junit(self.gappy("junit", "--timeout", "0", statuses=(3,)))
        self.assertEqual(root[-1].get("name"), "coverage")
        self.assertEqual(root[-1].get("errors"), "1")

    # ---- KTAP and kbuild ----

    def check_ktap(self, text):
        """A parser of KTAP version 1 as its specification has it: (ok, name, directive, subtests,
        diagnosis) of each test."""
        lines = text.splitlines()

        def level(at, indent):
            self.assertEqual(lines[at], indent + "KTAP version 1")
            plan = re.fullmatch(re.escape(indent) + r"1\.\.(\d+)", lines[at + 1])
            at += 2
            tests, diagnosis, below = [], [], []
            while at < len(lines) and lines[at].startswith(indent):
                line = lines[at][len(indent):]
                result = re.fullmatch(r"(not ok|ok) (\d+) ([^#]+?)(?: # (SKIP|TODO|XFAIL)( .*)?)?", line)
                if line.startswith("# "):
                    diagnosis.append(line[2:])
                    at += 1
                elif line == "  KTAP version 1":
                    at, below = level(at, indent + "  ")
                elif result:
                    self.assertEqual(int(result[2]), len(tests) + 1)
                    if below and result[1] == "ok":
                        self.assertTrue(all(each[0] for each in below))
                    tests.append((result[1] == "ok", result[3], result[4], below, diagnosis))
                    diagnosis, below = [], []
                    at += 1
                else:
                    break
            self.assertEqual(int(plan[1]), len(tests))
            return at, tests

        end, tests = level(0, "")
        self.assertEqual(end, len(lines), lines[end:])
        return tests

    def test_ktap_has_a_test_per_fix_and_property(self):
        tests = self.check_ktap(self.matrix("ktap"))
        self.assertEqual([(ok, name) for ok, name, *_ in tests], [
            (False, "none.always_guest_runs_with_no_foreign_debugctl_bits"),
            (True, "none.symptom_spurious_bus_lock_db"),
            (True, "v1.always_guest_runs_with_no_foreign_debugctl_bits"),
            (True, "v1.symptom_spurious_bus_lock_db")])
        self.assertIn("airlock trace", tests[0][4][1])

    def test_ktap_has_a_subtest_for_each_reading_that_a_proof_needs(self):
        text = run("compare", "specs/kvm", "--fix", "merged", "--property",
                   "always_guest_runs_with_no_foreign_debugctl_bits", "--property",
                   "always_debugctl_is_the_guests", "--no-certificates", "--format", "ktap")
        cells = json.loads(run("compare", "specs/kvm", "--fix", "merged", "--property",
                               "always_guest_runs_with_no_foreign_debugctl_bits", "--property",
                               "always_debugctl_is_the_guests", "--no-certificates",
                               "--format", "json", "--no-explain"))["rows"][0]["verdicts"]
        needed = {"merged." + cell["property"]: len(cell["assumes"]) for cell in cells}
        tests = self.check_ktap(text)
        self.assertEqual(len(tests), len(needed))
        for ok, name, directive, below, _ in tests:
            self.assertTrue(ok and directive is None)
            self.assertEqual(len(below), needed[name] + 1 if needed[name] else 0)
            self.assertEqual([each[2] for each in below][1:], ["SKIP"] * needed[name])

    def test_what_was_not_decided_is_skipped_in_ktap(self):
        tests = self.check_ktap(run("compare", "specs/kvm", "--fix", "none", "--timeout", "0",
                                    "--format", "ktap", statuses=(3,)))
        self.assertTrue(tests and all(each[0] and each[2] == "SKIP" for each in tests))

    def test_hostile_names_stay_text_in_ktap(self):
        tests = self.check_ktap(self.hostile_matrix("ktap"))
        self.assertIn(False, [each[0] for each in tests])

    def test_gaps_fail_in_ktap(self):
        tests = self.check_ktap(self.gappy("ktap"))
        self.assertEqual(sum(name.startswith("coverage.") and not ok for ok, name, *_ in tests), 2)

    def test_kbuild_has_a_warning_per_violation_at_a_line_of_c(self):
        lines = self.matrix("kbuild").splitlines()
        self.assertEqual(len(lines), 1)
        found = re.fullmatch(r"(\S+):(\d+): warning: (.+) \[(\w+), none\]", lines[0])
        self.assertEqual(found[4], "always_guest_runs_with_no_foreign_debugctl_bits")
        self.assertLessEqual(int(found[2]), len((ROOT / found[1]).read_text().splitlines()))
        for line in self.hostile_matrix("kbuild").splitlines():
            self.assertIn(": warning: ", line)
        self.assertEqual(self.gappy("kbuild").count(": warning: "), 2)

    # ---- SARIF ----

    def check_sarif(self, text):
        sarif = json.loads(text)
        schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
        jsonschema.Draft7Validator(schema).validate(sarif)
        return sarif["runs"][0]

    def test_sarif_names_the_line_where_real_and_reference_part_company(self):
        log = self.check_sarif(self.matrix("sarif"))
        result = log["results"][0]
        self.assertEqual(result["ruleId"], "always_guest_runs_with_no_foreign_debugctl_bits")
        self.assertEqual(log["tool"]["driver"]["rules"][result["ruleIndex"]]["id"],
                         result["ruleId"])
        place = result["locations"][0]["physicalLocation"]
        self.assertEqual(place["artifactLocation"],
                         {"uri": "specs/kvm/svm.c", "uriBaseId": "SRCROOT"})
        line = (ROOT / "specs/kvm/svm.c").read_text().splitlines()[place["region"]["startLine"] - 1]
        self.assertIn("vmrun();", line)
        writer = result["relatedLocations"][0]["physicalLocation"]
        line = (ROOT / writer["artifactLocation"]["uri"]).read_text().splitlines()
        self.assertIn("update_debugctlmsr", line[writer["region"]["startLine"] - 1])
        flow = result["codeFlows"][0]["threadFlows"][0]["locations"]
        self.assertIn("vmrun();", " ".join(each["location"]["message"]["text"] for each in flow))

    def test_sarif_points_to_the_fixs_own_line_under_a_fix(self):
        log = self.check_sarif(run("compare", "specs/kvm", "--fix", "suppress-db", "--property",
                                   "always_guest_runs_with_no_foreign_debugctl_bits", "--format",
                                   "sarif"))
        own = [each for each in log["results"] if each["properties"].get("fix") == "suppress-db"
               and each["level"] == "error"]
        self.assertEqual(len(own), 1)
        place = own[0]["locations"][0]["physicalLocation"]
        self.assertEqual(place["artifactLocation"]["uri"], "specs/kvm/fixes/suppress-db.c")
        related = own[0]["relatedLocations"][0]
        self.assertIn("could have helped", related["message"]["text"])
        self.assertEqual(related["physicalLocation"]["artifactLocation"]["uri"], "specs/kvm/svm.c")

    def test_sarif_blames_the_line_that_wrote_the_wrong_value(self):
        log = self.check_sarif(run("compare", "tests/report/stale_restore.c", "--property",
                                   "always_host_runs_with_its_own_debugctl", "--format", "sarif"))
        region = log["results"][0]["locations"][0]["physicalLocation"]["region"]
        text = (ROOT / "tests/report/stale_restore.c").read_text().splitlines()
        self.assertIn("the stale value", text[region["startLine"] - 1])

    def test_what_was_not_decided_is_open_in_sarif(self):
        log = self.check_sarif(run("compare", "specs/kvm", "--fix", "none", "--timeout", "0",
                                   "--format", "sarif", statuses=(3,)))
        self.assertEqual({each["kind"] for each in log["results"]}, {"open"})

    def test_hostile_names_are_escaped_in_sarif(self):
        log = self.check_sarif(self.hostile_matrix("sarif"))
        self.assertEqual(len(log["results"]), 2)
        for result in log["results"]:
            uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            self.assertRegex(uri, r"^[A-Za-z0-9._~/%-]+$")
        self.assertIn("</script>", log["results"][0]["message"]["text"])

    def test_sarif_places_what_never_runs_and_what_is_vacuous(self):
        log = self.check_sarif(self.gappy("sarif"))
        rules = [rule["id"] for rule in log["tool"]["driver"]["rules"]]
        found = []
        for result in log["results"]:
            self.assertEqual((result["kind"], result["level"]), ("fail", "error"))
            self.assertEqual(rules[result["ruleIndex"]], result["ruleId"])
            place = result["locations"][0]["physicalLocation"]
            found.append((result["ruleId"], place["artifactLocation"]["uri"],
                          place["region"]["startLine"]))
        self.assertEqual(found, [("coverage/statement", "gaps.c", 8),
                                 ("coverage/vacuous", "gaps.c", 11)])
        self.assertIn("</script>", log["results"][0]["message"]["text"])

    def test_each_sarif_result_has_a_place_or_github_takes_none(self):
        (self.path / "bare.c").write_text("#include <airlock/svm.h>\n"
                                          "void vcpu_run(void) { assume(0); clgi(); }\n",
                                          encoding="utf-8")
        (self.path / "airlock.toml").write_text('files = ["gaps.c"]\n', encoding="utf-8")
        for log in (self.gappy("sarif", "--timeout", "0", statuses=(3,)),
                    run("compare", "bare.c", "--format", "sarif", cwd=self.path, statuses=(1,)),
                    run("compare", ".", "--format", "sarif", cwd=self.path, statuses=(1,))):
            results = self.check_sarif(log)["results"]
            self.assertTrue(results)
            for result in results:
                for place in result["locations"] + result.get("relatedLocations", []):
                    self.assertNotEqual(place["physicalLocation"]["artifactLocation"]["uri"], "")
                self.assertEqual(len(result["locations"]), 1)

    # ---- Markdown ----

    def test_markdown_has_one_table_with_as_many_cells_in_every_row(self):
        for text, rows in ((self.matrix("markdown"), 2), (self.hostile_matrix("markdown"), 2)):
            table = text.split("\n\n")[0].splitlines()
            self.assertEqual(len(table), rows + 2)
            counts = {len(re.findall(r"(?<!\\)\|", line)) for line in table}
            self.assertEqual(len(counts), 1, table)

    def test_hostile_names_are_no_markup_in_markdown(self):
        text = self.hostile_matrix("markdown") + self.gappy("markdown")
        prose = re.sub(r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)", "", text)  # less the code spans
        prose = re.sub(r"^ {4,}.*$", "", prose, flags=re.MULTILINE)     # and the code blocks
        self.assertIsNone(re.search(r"(?<!\\)[<&]", prose), prose)
        self.assertNotIn("\u2028", text)

    def test_markdown_lists_what_never_runs_and_what_is_vacuous(self):
        gaps = self.gappy("markdown").split("### ")[1].splitlines()
        self.assertEqual(gaps[0], "Gaps")
        self.assertTrue(gaps[2].startswith("- `gaps.c:8:3` never runs: `"), gaps)
        self.assertTrue(gaps[3].startswith("- `none: always_x` holds vacuously: `"), gaps)
        self.assertNotIn("Gaps", self.matrix("markdown"))

    # ---- HTML ----

    def test_a_report_lists_what_never_runs_and_what_is_vacuous(self):
        target = self.path / "gaps.html"
        self.gappy("text", "--report", str(target))
        answer = target.read_text(encoding="utf-8").split("<section")[1]
        gaps = answer[answer.index("<h3>Gaps</h3>"):]
        items = re.findall(r"<li><code>(.*?)</code> <b class=\"violated\">(.*?)</b>", gaps)
        self.assertEqual(items, [("gaps.c:8:3", "never runs"),
                                 ("none: always_x", "holds vacuously")])
        self.assertNotIn("<b onload", gaps)
        self.assertIn("&lt;b onload", gaps)

    def test_a_report_names_its_command_and_the_hash_of_every_input(self):
        target = self.path / "r.html"
        run("trace", "specs/kvm", "--property", "reachable_guest_runs", "--report", str(target))
        html = target.read_text(encoding="utf-8")
        for name in ("specs/kvm/airlock.toml", "specs/kvm/svm.c", "specs/kvm/kvm.h",
                     "specs/linux/boot.c", "specs/properties/guarantees.c",
                     "specs/kvm/fixes/merged.c"):
            digest = tool("sha256sum", str(ROOT / name)).split()[0]
            self.assertRegex(html, re.escape(name) + r"</code></th><td><code class=\"hash\">"
                             + digest)
        self.assertIn("airlock trace specs/kvm --property reachable_guest_runs", html)
        self.assertEqual(re.findall(r"(?:https?:)?//[a-z0-9.-]+", html.replace("http://www.w3.org/2000/svg", "")), [])

    def test_the_same_input_gives_the_same_report(self):
        texts = []
        for _ in range(2):
            target = self.path / "same.html"
            run("compare", "m.c", "--fix", "none", "--report", str(target), cwd=self.path)
            texts.append(target.read_text(encoding="utf-8"))
        self.assertEqual(*texts)

    def test_a_report_that_cannot_be_written_is_an_error_before_the_work(self):
        for target in (self.path / "no" / "r.html", self.path):
            done = subprocess.run([AIRLOCK, "compare", "specs/kvm", "--report", str(target)],
                                  cwd=ROOT, capture_output=True, text=True, check=False, timeout=20)
            self.assertEqual(done.returncode, 2)
            self.assertIn("--report: error: ", done.stderr)
            self.assertIn("expected: ", done.stderr)

    def test_no_trace_no_picture(self):
        for form in ("vcd", "svg"):
            done = subprocess.run([AIRLOCK, "trace", "m.c", "--fix", "none", "--property",
                                   "always_well_defined", "--format", form], cwd=self.path,
                                  capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout), (0, ""))
            self.assertIn("there is no trace", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
