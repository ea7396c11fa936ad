"""The tables as other tools read them by themselves, told only that the first line is no table."""

import importlib.util
import tempfile
import unittest
from pathlib import Path

import sickbay
from sickbay import _tables

TINY = Path(__file__).parents[2] / "tests" / "cli" / "tiny.toml"
NEEDED = ("pandas", "polars", "duckdb")


@unittest.skipUnless(all(map(importlib.util.find_spec, NEEDED)), f"needs {', '.join(NEEDED)}")
class Readers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        swept = sickbay.sweep(TINY, vary={"fleet.scale": [1, 1.5, 2]})
        planned = sickbay.plan(TINY, find="fleet.scale", range=(1, 2, 0.5), slo="acceptance >= 10%")
        cheapest = sickbay.plan(TINY, find="fleet.scale", range=(1, 2, 0.5), minimise="refused")
        # A name may hold what a reader takes for a comment.
        cls.lent = tempfile.TemporaryDirectory()
        named = Path(cls.lent.name) / "named.toml"
        named.write_text(TINY.read_text(encoding="utf-8").replace("compute", "c#1 , d"), encoding="utf-8")
        cls.found = [sickbay.run(TINY), sickbay.run(named), swept, planned, cheapest, sickbay.robust(TINY, samples=4, assume={"operators.slip": (0.001, 0.1)})]
        cls.paths = [found.folder / f"{name}.csv" for found in cls.found for name in found.tables]

    @classmethod
    def tearDownClass(cls):
        cls.lent.cleanup()

    def test_each_reads_every_table_whole(self):
        import duckdb
        import pandas
        import polars

        for path in self.paths:
            rows = len(_tables.read(path, "plain"))
            columns = list(_tables.kinds_of(path))
            with self.subTest(table=f"{path.parent.name}/{path.name}"):
                frame = pandas.read_csv(path, skiprows=1)
                self.assertEqual((list(frame.columns), len(frame)), (columns, rows), "pandas")
                frame = polars.read_csv(path, skip_rows=1, infer_schema_length=None)
                self.assertEqual((frame.columns, len(frame)), (columns, rows), "polars")
                table = duckdb.read_csv(str(path), skiprows=1, sample_size=-1)
                self.assertEqual((table.columns, len(table.fetchall())), (columns, rows), "DuckDB")


if __name__ == "__main__":
    unittest.main()
