"""How the program is found, called and heard."""

import datetime
import os
import pickle
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import get_type_hints
from unittest import mock

import sickbay
from sickbay import _options
from sickbay._commands import _range
from sickbay._program import flags, toml

TINY = Path(__file__).parents[2] / "tests" / "cli" / "tiny.toml"

#: Flags that a function's own arguments stand for, and those that make no sense without a terminal.
OWN = {"out", "set", "vary", "find", "range", "assume", "quiet", "help"}


class CommandLine(unittest.TestCase):
    def test_options_become_flags(self):
        told = {"seed": 3, "replace": True, "details": False, "threads": None, "strategy": ["a", "b"], "from_": datetime.date(2025, 1, 2)}
        told["tolerance"] = {"acceptance": 0.002, "all": "1%"}
        wanted = ["--seed=3", "--replace", "--strategy=a", "--strategy=b", "--from=2025-01-02"]
        self.assertEqual(flags(told), [*wanted, "--tolerance=acceptance=0.002", "--tolerance=all=1%"])

    def test_values_are_written_as_toml(self):
        for value, text in [
            (True, "true"),
            (0.5, "0.5"),
            ('a "b"\n', '"a \\"b\\"\\n"'),
            (datetime.timedelta(hours=1.5), '"5400000ms"'),
            ([1, "2h"], '[1, "2h"]'),
            ({"exponential": "3h"}, '{ "exponential" = "3h" }'),
        ]:
            self.assertEqual(toml(value), text)
        self.assertEqual(_range((0.5, 2, 0.05)), "0.5..2:0.05")
        self.assertEqual(_range((datetime.timedelta(seconds=1), "5h")), "1000ms..5h")

    def test_each_flag_has_a_typed_option_and_each_option_a_flag(self):
        commands = {"run": _options.RunOptions, "sweep": _options.SweepOptions, "plan": _options.PlanOptions}
        commands.update({"robust": _options.RobustOptions, "compare": _options.CompareOptions, "import": _options.ImportOptions})
        for command, options in commands.items():
            told = subprocess.run([sickbay.program(), command, "--help"], stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout
            begun = (line.strip() for line in told.partition("Options:")[2].splitlines())
            named = {word.strip(",") for line in begun if line.startswith("-") for word in line.split()[:2] if word.startswith("--")}
            known = {"--" + name.rstrip("_").replace("_", "-") for name in get_type_hints(options)}
            with self.subTest(command=command):
                self.assertEqual(known, named - {"--" + name for name in OWN})


class Words(unittest.TestCase):
    def test_a_failure_has_the_programs_words_and_code(self):
        with self.assertRaises(sickbay.Failed) as caught:
            sickbay.run(TINY, set={"fleet.scael": 2})
        self.assertEqual(caught.exception.code, 2)
        self.assertIn("fleet.scael", str(caught.exception))
        self.assertEqual(pickle.loads(pickle.dumps(caught.exception)).words, caught.exception.words)

    def test_an_option_that_the_program_does_not_know_is_its_to_refuse(self):
        with self.assertRaisesRegex(sickbay.Failed, "--replicatoins"):
            sickbay.run(TINY, replicatoins=2)

    def test_a_scenario_is_never_taken_for_a_flag(self):
        with self.assertRaisesRegex(sickbay.Failed, "no scenario is called|no such file|--help"):
            sickbay.run("--help")


class Found(unittest.TestCase):
    def test_the_program_named_in_the_environment_goes_before(self):
        with mock.patch.dict(os.environ, {"SICKBAY_BIN": "elsewhere"}):
            self.assertEqual(sickbay.program(), "elsewhere")
            with self.assertRaises(FileNotFoundError):
                sickbay.run(TINY)

    def test_without_a_program_it_says_how_to_get_one(self):
        with tempfile.TemporaryDirectory() as empty, mock.patch.dict(os.environ, {"PATH": empty}):
            os.environ.pop("SICKBAY_BIN", None)
            with mock.patch("sickbay._program._folders", return_value=[Path(empty)]):
                with self.assertRaisesRegex(FileNotFoundError, "SICKBAY_BIN"):
                    sickbay.program()

    def test_the_module_is_the_program(self):
        both = [[sickbay.program(), "metrics"], [sys.executable, "-m", "sickbay", "metrics"]]
        one, two = (subprocess.run(line, stdout=subprocess.PIPE, check=True).stdout for line in both)
        self.assertIn(b"acceptance", one)
        self.assertEqual(one, two)


if __name__ == "__main__":
    unittest.main()
