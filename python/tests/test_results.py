"""What each command's folder says in Python, held against the folder itself."""

import csv
import html
import importlib.util
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import sickbay
from sickbay import _tables

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "cli" / "tiny.toml"
IMPORTS = ROOT / "tests" / "fixtures" / "import"
BACKENDS = [name for name in ("pandas", "polars") if importlib.util.find_spec(name)]


class Commands(unittest.TestCase):
    """One call of each command, shared by the tests."""

    @classmethod
    def setUpClass(cls):
        cls.lent = tempfile.TemporaryDirectory()
        cls.folder = Path(cls.lent.name)
        cls.run_ = sickbay.run(TINY)
        cls.sweep = sickbay.sweep(TINY, vary={"fleet.scale": [1, 1.5], "control_plane.loop.period": ["60s", "10m"]}, metric="refused")
        cls.plan = sickbay.plan(TINY, find="fleet.scale", range=(1, 2, 0.5), slo="acceptance >= 10%")
        cls.cheapest = sickbay.plan(TINY, find="fleet.scale", range=(1, 1.5, 0.5), minimise="refused", strategy="naive")
        cls.robust = sickbay.robust(TINY, samples=4, assume={"operators.slip": (0.001, 0.1)})
        sources = {"ironic": IMPORTS / "ironic" / "nodes.json", "nova": IMPORTS / "nova" / "usage.json"}
        cls.imported = sickbay.import_(sources, out=cls.folder / "ours", flavors=IMPORTS / "nova" / "flavors.json", at="2025-01-01")
        cls.all = [cls.run_, cls.sweep, cls.plan, cls.cheapest, cls.robust, cls.imported]

    @classmethod
    def tearDownClass(cls):
        cls.lent.cleanup()

    def test_the_folder_is_the_programs_own(self):
        line = [sickbay.program(), "run", TINY, "--out", self.folder / "plain", "--quiet"]
        said = subprocess.run(line, stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout
        self.assertEqual((self.run_.folder / "manifest.txt").read_bytes(), (self.folder / "plain" / "manifest.txt").read_bytes())
        self.assertEqual(str(self.run_), said)

    def test_settings_and_options_arrive(self):
        out = self.folder / "set"
        found = sickbay.run(TINY, out=out, seed=4, replications=3, strategy="naive", set={"scenario.name": "it.is-set"})
        self.assertEqual(found.folder, out)
        summary = sickbay.Run(out).summary
        self.assertEqual((summary["seed"], summary["replications"], list(summary["strategies"])), (4, 3, ["naive"]))
        self.assertEqual(summary["scenario"], "it.is-set")

    def test_what_is_lent_goes_with_its_object(self):
        found = sickbay.run(TINY, replications=1, strategy="naive")
        folder = found.folder
        self.assertTrue(folder.is_dir())
        del found
        self.assertFalse(folder.exists())

    def test_each_column_is_known(self):
        swept = {"fleet.scale", "control_plane.loop.period"}
        for found in self.all:
            for name in found.tables:
                path = found.folder / f"{name}.csv"
                known = {column.partition(":")[0] for column in _tables.TABLES[path.stem].split()}
                with self.subTest(table=path.name):
                    self.assertEqual(set(_tables.kinds_of(path)) - swept - known, set())

    def test_each_backend_reads_what_stands_there_with_one_type_a_column(self):
        for found in self.all:
            for name in found.tables:
                path = found.folder / f"{name}.csv"
                with path.open(newline="", encoding="utf-8") as file:
                    lines = [line for line in file if not line.startswith("# sickbay")]
                header, *rows = csv.reader(lines)
                plain = found.table(name, "plain")
                with self.subTest(table=name, folder=type(found).__name__):
                    self.assertEqual([[_written(row[column]) for column in header] for row in plain], [list(map(_number, row)) for row in rows])
                    for backend in BACKENDS:
                        self.assertEqual(_rows(found.table(name, backend), backend), [list(row.values()) for row in plain], backend)

    def test_types_do_not_hang_on_the_rows(self):
        for name in ("timeline", "windows", "requests"):
            one, two = (_tables.kinds_of(self.run_.folder / strategy / f"{name}.csv") for strategy in ("naive", "withdraw"))
            self.assertEqual(one, two)
        for backend in BACKENDS:
            one, two = (dict(zip(t.columns, t.dtypes)) for t in (self.run_.table(f"{s}/timeline", backend) for s in ("naive", "withdraw")))
            self.assertEqual(one, two)
        swept = _tables.kinds_of(self.sweep.folder / "sweep.csv")
        self.assertEqual((swept["fleet.scale"], swept["control_plane.loop.period"]), ("n", "t"))

    def test_an_unknown_table_or_backend_names_those_that_are_there(self):
        with self.assertRaisesRegex(KeyError, "metrics"):
            self.run_.table("../tiny/metrics")
        with self.assertRaisesRegex(ValueError, "polars"):
            self.run_.table("metrics", "arrow")
        self.assertEqual(self.run_.of("withdraw"), "withdraw")

    def test_verdicts_are_rows(self):
        for found, keys in [
            (self.run_, {"strategy", "metric", "verdict", "diff", "lo", "hi"}),
            (self.sweep, {"key", "from", "to", "strategy", "metric", "verdict", "diff"}),
            (self.plan, {"strategy", "finding", "answer"}),
            (self.cheapest, {"strategy", "finding", "answer"}),
            (self.robust, {"strategy", "metric", "verdict", "box"}),
        ]:
            self.assertTrue(found.verdicts)
            for row in found.verdicts:
                self.assertLessEqual(keys, set(row), found)
        self.assertEqual({row["answer"] for row in self.plan.verdicts}, {"1"})

    def test_a_plan_that_finds_nothing_is_an_answer(self):
        found = sickbay.plan(TINY, find="fleet.scale", range=(1, 1.5, 0.5), slo="refused <= -1", strategy="naive", max_replications=5)
        self.assertEqual(found.code, 1)
        self.assertEqual(found.verdicts[0]["answer"], "")

    def test_a_comparison_passes_or_not(self):
        same = sickbay.compare(self.run_, self.run_.folder, fail_on=["placements", "changed"])
        self.assertTrue(same.passed)
        self.assertEqual({row["verdict"] for row in same.verdicts}, {"unchanged"})
        other = sickbay.compare(self.run_, sickbay.run(TINY, set={"fleet.scale": 0.5}), allow="all", fail_on=["placements", "regressed"])
        self.assertFalse(other.passed)
        with self.assertRaisesRegex(sickbay.Failed, "--allow"):
            sickbay.compare(self.run_, sickbay.run(TINY, set={"fleet.scale": 0.5}))

    def test_the_page_is_shown_in_a_frame_that_keeps_it_in(self):
        shown = self.run_.report._repr_html_()
        frame = re.fullmatch(r'<iframe title="report" sandbox="allow-scripts" [^>]*srcdoc="([^"<>]*)"></iframe>', shown)
        self.assertIsNotNone(frame)
        self.assertEqual(html.unescape(frame[1]), Path(self.run_.report).read_text(encoding="utf-8"))

    def test_figures_are_pictures(self):
        for found in (self.run_, self.sweep, self.plan, self.robust):
            self.assertTrue(found.plots)
            for picture in found.plots.values():
                self.assertTrue(picture._repr_svg_().startswith("<svg") or "<svg" in picture._repr_svg_()[:200])
                self.assertTrue(picture.png.is_file())

    def test_what_is_imported_runs(self):
        self.assertIn("4", self.imported.text)
        found = sickbay.run(self.imported.scenario, replications=1, strategy="withdraw")
        self.assertGreater(len(found.table("metrics", "plain")), 10)


def _number(text):
    """A cell as a number where it is one, so that `1` and `1.0` are the same."""
    try:
        return float(text)
    except ValueError:
        return text


def _written(value):
    if value is None:
        return ""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else _number(str(value))


def _rows(table, backend):
    """A frame's rows, with None where nothing stands."""
    if backend == "polars":
        return [list(row) for row in table.rows()]
    whole = table.astype(object)
    return [[None if whole[column].isna().iloc[nth] else whole[column].iloc[nth] for column in whole.columns] for nth in range(len(whole))]


if __name__ == "__main__":
    unittest.main()
