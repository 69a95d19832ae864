"""scripts/check-words catches each way of comparing a name, and nothing else."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).parents[2] / "scripts" / "check-words"
ROLES = 'std::string_view group_name(Role role) {\n  return "reference guest";\n}\n'
EVENTS = 'step.cause({{}, "the guest takes #GP", {}});\nhardware(step, Event::vmrun, "VMRUN", {});\n'
# As many lines as check-words knows of, so that a tree of ours has no entry too many.
KNOWN = {"checker/cli/command_prove.cpp": 1, "checker/cli/command_trace.cpp": 1,
         "checker/cli/engine_progress.cpp": 2, "checker/compare/undecided.cpp": 2}


def check(**files):
    """Runs the script on a tree of these files ('/' written '__'); its exit status and output."""
    with tempfile.TemporaryDirectory() as root:
        tree = {"model/system/role.cpp": ROLES, "model/world/guest.cpp": EVENTS}
        for name, lines in KNOWN.items():
            tree[name] = 'x = e.engine == "pdr";\n' * lines
        tree |= {name.replace("__", "/") + ".cpp": text for name, text in files.items()}
        for name, text in tree.items():
            path = pathlib.Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        run = subprocess.run([sys.executable, SCRIPT, root], capture_output=True, text=True)
        return run.returncode, run.stdout


class CheckWords(unittest.TestCase):
    def accepts(self, line):
        status, output = check(checker__trace__names=line + "\n")
        self.assertEqual(status, 0, output)

    def rejects(self, line):
        status, output = check(checker__trace__names="\n" + line + "\n")
        self.assertEqual(status, 1, output)
        self.assertIn("checker/trace/names.cpp:2: ", output)

    def test_fields(self):
        self.rejects('if (rule.actor == "irq_perf") {')
        self.rejects('if (rule->actor != "irq_perf") {')
        self.rejects('if (cause.text.starts_with("#VMEXIT(")) {')
        self.rejects('if (group_of(variable) == "mine") {')
        self.rejects('if (outcome.engine.rfind("explore", 0) == 0) {')

    def test_words(self):
        self.rejects('return who == "guest";')
        self.rejects('return "guest" != who;')
        self.rejects('return group == "reference guest";')
        self.rejects('return text == "VMRUN";')
        self.rejects('return text.find("the guest takes #GP") == 0;')

    def test_what_is_none(self):
        self.accepts('// who == "guest"')
        self.accepts('if (rule.agent == AgentKind::guest) {')
        self.accepts('if (rule.actor == other.actor) {')
        self.accepts('if (name == "guest_debugctl_bits") {')
        self.accepts('const std::string who = "guest";')
        self.accepts('if (file.text == "") {')

    def test_rendering_may(self):
        status, output = check(checker__trace__render_text='if (group == "reference guest") {\n')
        self.assertEqual(status, 0, output)

    def test_a_known_line_too_many_or_too_few(self):
        status, output = check(checker__cli__command_prove='e.engine == "pdr"; \ne.engine == "bmc";\n')
        self.assertEqual(status, 1, output)
        self.assertIn("checker/cli/command_prove.cpp:2: ", output)
        status, output = check(checker__cli__command_prove="\n")
        self.assertEqual(status, 1, output)
        self.assertIn("take it off ALLOWED", output)


if __name__ == "__main__":
    unittest.main()
