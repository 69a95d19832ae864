"""scripts/check-includes catches each kind of include that goes against the arrows."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).parents[2] / "scripts" / "check-includes"


def check(**files):
    """Runs the script on a tree of these files ('/' written '__'); its exit status and output."""
    with tempfile.TemporaryDirectory() as root:
        for name, text in {"model__system__expr": "#pragma once\n", **files}.items():
            path = pathlib.Path(root, name.replace("__", "/") + ".hpp")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        run = subprocess.run([sys.executable, SCRIPT, root], capture_output=True, text=True)
        return run.returncode, run.stdout


class CheckIncludes(unittest.TestCase):
    def accepts(self, **files):
        status, output = check(**files)
        self.assertEqual(status, 0, output)

    def rejects(self, where, **files):
        status, output = check(**files)
        self.assertEqual(status, 1, output)
        self.assertIn(where, output)

    def test_along_an_arrow(self):
        self.accepts(model__machine__cpu='#include <vector>\n#include "model/system/expr.hpp"\n',
                     checker__engine='#include "model/system/expr.hpp"\n',
                     checker__explore__explore='#include "checker/engine.hpp"\n',
                     checker__compare__compare='#include "checker/explore/explore.hpp"\n')

    def test_an_inline_function_in_two_headers(self):
        space = "namespace airlock {\n%s}  // namespace airlock\n"
        here = space % "inline bool is_zero(Expr e) {\n}\n"
        self.rejects("model/system/b.hpp:2: ", model__system__a=here,
                     model__system__b=space % "inline Expr is_zero(\n    Expr other) {\n}\n")
        self.accepts(model__system__a=here, model__system__b=space % "inline bool is_zero(Sort s) {\n}\n",
                     model__system__c=here.replace("airlock", "airlock::c"))

    def test_against_an_arrow(self):
        self.rejects("model/system/step.hpp:2: ", model__machine__cpu="",
                     model__system__step='\n#include "model/machine/cpu.hpp"\n')

    def test_between_machine_and_software(self):
        self.rejects("model/software/c.hpp:1: ", model__machine__cpu="",
                     model__software__c='#include "model/machine/cpu.hpp"\n')
        self.rejects("model/machine/cpu.hpp:1: ", model__software__c="",
                     model__machine__cpu='#include "model/software/c.hpp"\n')

    def test_a_checker_that_knows_the_world(self):
        self.rejects("checker/compare/compare.hpp:1: ", model__world__project="",
                     checker__compare__compare='#include "model/world/project.hpp"\n')

    def test_in_angle_brackets_too(self):
        self.rejects("model/system/step.hpp:1: ", model__world__project="",
                     model__system__step="# include <model/world/project.hpp>\n")

    def test_an_engine_that_knows_another(self):
        self.rejects("checker/explore/explore.hpp:1: ", checker__prove__pdr="",
                     checker__explore__explore='#include "checker/prove/pdr.hpp"\n')

    def test_a_folder_without_arrows(self):
        self.rejects("model/magic/wand.hpp:1: ", model__magic__wand="")
        self.rejects("checker/wand.hpp:1: ", checker__wand="")

    def test_a_path_not_from_the_root(self):
        self.rejects("model/system/step.hpp:1: ", model__system__step='#include "expr.hpp"\n')
        self.rejects("model/system/step.hpp:1: ",
                     model__system__step='#include "model/system/../system/expr.hpp"\n')

    def test_a_solver_outside_prove(self):
        self.rejects("model/world/world.hpp:1: ", model__world__world="#include <z3++.h>\n")
        self.accepts(checker__prove__pdr="#include <z3++.h>\n")


unittest.main()
