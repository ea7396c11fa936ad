"""The example notebook runs, and shows what it promises."""

import importlib.util
import os
import unittest
from pathlib import Path

import sickbay

NOTEBOOK = Path(__file__).parents[2] / "examples" / "quickstart.ipynb"
NEEDED = ("nbclient", "ipykernel", "pandas")


@unittest.skipUnless(all(map(importlib.util.find_spec, NEEDED)), f"needs {', '.join(NEEDED)}")
class Notebook(unittest.TestCase):
    def test_it_runs_with_few_replications_and_shows_what_was_found(self):
        import nbclient
        import nbformat

        notebook = nbformat.read(NOTEBOOK, as_version=4)
        first = next(cell for cell in notebook.cells if cell.cell_type == "code")
        self.assertTrue(first.source.startswith("REPLICATIONS = 20\n"))
        first.source = first.source.replace("REPLICATIONS = 20\n", "REPLICATIONS = 2\n")
        self.assertEqual([cell for cell in notebook.cells if cell.get("outputs")], [], "it is committed without outputs")
        os.environ["SICKBAY_BIN"] = sickbay.program()
        nbclient.NotebookClient(notebook, timeout=900, kernel_name="python3").execute()
        shown = ["".join(str(output.get("data", output.get("text"))) for output in cell.get("outputs", [])) for cell in notebook.cells]
        for cell, word in [(1, "claims decided"), (3, "served_well"), (5, "errand_wait_p50"), (6, "accepted"), (8, "<svg"), (12, "operators.slip"), (14, "srcdoc=")]:
            self.assertIn(word, shown[cell], notebook.cells[cell].source)


if __name__ == "__main__":
    unittest.main()
