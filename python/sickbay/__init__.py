"""Runs the program sickbay and reads what it wrote.

>>> import sickbay
>>> found = sickbay.run("quickstart", replications=40, set={"operators.slip": 0.1})
>>> found.table("metrics")         # a pandas table where pandas is installed, else a list of dicts
>>> found.verdicts                 # what the comparison claims, row by row
>>> found.report                   # the page, shown in a notebook

Each function is one call of the program: what it decides, and its words, are the program's. Where it fails,
`Failed` carries its words and its exit code. Results do not depend on how the program was called.

Units: columns that end in `_s` are seconds, from the scenario's begin where they tell a moment; a metric's unit
stands in the column `unit` beside it (`share` is 0 to 1, `h` hours, `node hours` nodes times hours).
`sickbay metrics` prints what each metric is.
"""

from ._commands import compare, import_, plan, robust, run, sweep
from ._program import Failed, program
from ._results import Comparison, Imported, Page, Picture, Plan, Results, Robustness, Run, Sweep

__all__ = [
    "Comparison",
    "Failed",
    "Imported",
    "Page",
    "Picture",
    "Plan",
    "Results",
    "Robustness",
    "Run",
    "Sweep",
    "compare",
    "import_",
    "plan",
    "program",
    "robust",
    "run",
    "sweep",
]
