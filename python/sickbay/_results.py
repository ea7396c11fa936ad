"""What a command wrote: its folder, read."""

from __future__ import annotations

import html
import json
import os
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Union

from . import _tables


class Page(os.PathLike):  # type: ignore[type-arg]
    """report.html: a path, and in a notebook the page itself, in a frame that can do nothing but run the page's script."""

    def __init__(self, path: Path):
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        return f"Page({str(self.path)!r})"

    def _repr_html_(self) -> str:
        page = html.escape(self.path.read_text(encoding="utf-8"), quote=True)
        return f'<iframe title="report" sandbox="allow-scripts" width="100%" height="800" srcdoc="{page}"></iframe>'


class Picture(os.PathLike):  # type: ignore[type-arg]
    """A figure: the path of its SVG (`png` is that of its PNG), and in a notebook the picture."""

    def __init__(self, path: Path):
        self.path = path
        self.png = path.with_suffix(".png")

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        return f"Picture({str(self.path)!r})"

    def _repr_svg_(self) -> str:
        return self.path.read_text(encoding="utf-8")


class Folder:
    """A folder that the program wrote: `folder` its path, `said` what the program printed, `code` its exit code."""

    def __init__(self, folder: Union[str, os.PathLike[str]], *, said: str = "", code: int = 0):
        self.folder = Path(folder)
        self.said = said
        self.code = code

    @property
    def tables(self) -> List[str]:
        """The names of the tables, such as `metrics` and `withdraw/requests`."""
        paths = (path.relative_to(self.folder).with_suffix("") for path in self.folder.rglob("*.csv"))
        return sorted(path.as_posix() for path in paths if path.parts[0] != "shards")

    def table(self, name: str, backend: Optional[str] = None) -> Any:
        """A table by its name: a pandas DataFrame where pandas is installed, else a list of dicts.

        backend: "pandas", "polars" or "plain" (a list of dicts). Columns that end in `_s` are seconds; a metric's unit
        stands in its row. Each column has one type in all results, and what is empty is missing.
        """
        if name not in self.tables:
            raise KeyError(f"no table is called {name!r}: there are {', '.join(self.tables)}")
        return _tables.read(self.folder / f"{name}.csv", backend)

    def __str__(self) -> str:
        return self.said

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.folder)!r})"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.said or repr(self))}</pre>"


class Results(Folder):
    """What was found: the answer as a dict, the verdicts as rows, the page, the figures, the tables.

    `Run("results/quickstart")` (or Sweep, Plan, Robustness, Comparison) opens a folder that stands there already.
    """

    #: The file with the answer.
    answer = "summary.json"

    @property
    def summary(self) -> Dict[str, Any]:
        """The answer as the program wrote it in JSON. Units stand beside the values, or in the names (`_s` is seconds)."""
        found: Dict[str, Any] = json.loads((self.folder / self.answer).read_text(encoding="utf-8"))
        return found

    @property
    def verdicts(self) -> List[Dict[str, Any]]:
        """What is claimed, a dict each."""
        return list(self._verdicts(self.summary))

    def _verdicts(self, summary: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
        raise NotImplementedError

    @property
    def report(self) -> Page:
        """The page report.html. In a notebook it is shown."""
        return Page(self.folder / "report.html")

    @property
    def plots(self) -> Dict[str, Picture]:
        """The figures by name. In a notebook `found.plots["acceptance"]` is shown."""
        return {path.stem: Picture(path) for path in sorted((self.folder / "plots").glob("*.svg"))}


class Run(Results):
    """What `run` found. A verdict: strategy, metric, verdict against the baseline, and the paired difference with its interval."""

    def _verdicts(self, summary: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
        for claim in summary["claims"]["all"]:
            yield {**summary["paired"][claim["strategy"]][claim["metric"]], **claim}

    def of(self, strategy: str) -> str:
        """The name under which a strategy's tables stand: `found.table(found.of("withdraw") + "/requests")`."""
        folder: str = self.summary["strategies"][strategy]["folder"]
        return folder


class Sweep(Results):
    """What `sweep` found. The verdicts are the steps between neighbouring points."""

    answer = "manifest.json"

    def _verdicts(self, summary: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
        yield from self.table("steps", "plain")


class Plan(Results):
    """What `plan` found. A verdict: strategy, finding and answer, the value of the key as text."""

    answer = "plan.json"

    def _verdicts(self, summary: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
        for strategy, answer in summary["answers"].items():
            yield {"strategy": strategy, **answer}


class Robustness(Results):
    """What `robust` found. A verdict: a claim, and in what share of the box of all ranges it holds."""

    answer = "robust.json"

    def _verdicts(self, summary: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
        yield from summary["claims"]


class Comparison(Results):
    """What `compare` found. A verdict: strategy, what was compared, verdict, and old, new and difference in its unit."""

    answer = "compare.json"

    @property
    def passed(self) -> bool:
        """Whether nothing was found that `fail_on` names."""
        return self.code == 0

    def _verdicts(self, summary: Dict[str, Any]) -> Iterator[Dict[str, Any]]:
        for scenario in summary["scenarios"]:
            yield from scenario["findings"]


class Imported(Folder):
    """What `import_` wrote: tables of nodes, requests and maintenance, and a scenario that runs on them."""

    @property
    def scenario(self) -> Path:
        """The scenario, to hand to `run`."""
        return self.folder / "scenario.toml"

    @property
    def text(self) -> str:
        """What was counted and what was left out."""
        return (self.folder / "report.txt").read_text(encoding="utf-8")
