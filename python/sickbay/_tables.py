"""Reads the tables. Each column has one type, whatever the rows at hand hold: a table of whole hours is as fractional
as any other, and a class called `7` is text."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

#: The columns of each table and what they hold: t text, n a number, i a whole number, b yes or no.
#: Columns that are not named here (the keys that a sweep varies) are numbers where all their values are.
TABLES: Dict[str, str] = {
    "metrics": "strategy:t replication:i metric:t value:n unit:t",
    "waits": "strategy:t wait_s:n share:n",
    "decisions": "at_s:n what:t request:t tenant:t class:t count:i cause:t node:t said:t",
    "errands": "window:i errand:i node:t needed_s:n running_s:n ended_s:n refused:i mistargeted:i outcome:t",
    "requests": "request:t arrival_s:n tenant:t class:t count:i kind:t outcome:t cause:t wait_s:n failed_builds:i nodes:t "
    "request_id:t start_s:n hold_s:n planned_hold_s:n user:t resource_class:t traits:t min_count:i multi:t node_id:t end_known:b age_s:n",
    "states": "node:t class:t from_s:n to_s:n state:t whose:t",
    "timeline": "at_s:n installed:n schedulable:n in_maintenance:n occupied:n exposed:n stranded:n",
    "windows": "window:i node:t opened_s:n in_hand_s:n closed_s:n returned_s:n occupied:b cause:t campaign:t",
    "sweep": "point:i strategy:t replication:i metric:t value:n unit:t error:t",
    "summary": "point:i strategy:t metric:t unit:t mean:n lo:n hi:n n:i diff:n diff_lo:n diff_hi:n diff_n:i verdict:t",
    "steps": "key:t from:t to:t neighbours:t point_from:i point_to:i strategy:t metric:t unit:t diff:n diff_lo:n diff_hi:n diff_n:i verdict:t",
    "plan": "strategy:t value:t ruling:t replications:i metric:t unit:t bound:t mean:n lo:n hi:n n:i undone:i above_lo:n above_hi:n let_go_at:i",
    "robust": "strategy:t metric:t unit:t key:t part:n value:t state:t diff:n lo:n hi:n n:i",
    "nodes": "node_id:t resource_class:t traits:t rack:t conductor_group:t owner:t available_from_s:n available_until_s:n class_changes:t",
    "maintenance": "node_id:t start_s:n end_s:n kind:t campaign:t",
}

READ: Dict[str, Callable[[str], Any]] = {"t": str, "n": float, "i": int, "b": lambda text: text == "true"}
PANDAS = {"t": "string", "n": "float64", "i": "Int64", "b": "boolean"}


def kinds_of(path: Path) -> Dict[str, str]:
    """What each column of a table holds, in the table's order."""
    known = dict(column.split(":") for column in TABLES.get(path.stem, "").split())
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(_without_comment(file))
        kinds = {column: known.get(column, "?") for column in rows.fieldnames or []}
        unknown = [column for column, kind in kinds.items() if kind == "?"]
        texts = [column for column in unknown if not _numbers(path, column)]
    return {column: ("t" if column in texts else "n") if kind == "?" else kind for column, kind in kinds.items()}


def read(path: Path, backend: Optional[str]) -> Any:
    """The table at `path` as the backend has it: "pandas", "polars", "plain"; None is pandas where it is installed."""
    backend = backend or ("pandas" if importlib.util.find_spec("pandas") else "plain")
    kinds = kinds_of(path)
    if backend == "pandas":
        import pandas  # type: ignore[import-untyped, unused-ignore]

        types = {column: PANDAS[kind] for column, kind in kinds.items()}
        return pandas.read_csv(path, skiprows=_comments(path), dtype=types, keep_default_na=False, na_values=[""])
    if backend == "polars":
        import polars

        held = {"t": polars.String, "n": polars.Float64, "i": polars.Int64, "b": polars.Boolean}
        schema = {column: held[kind] for column, kind in kinds.items()}
        return polars.read_csv(path, skip_rows=_comments(path), schema=schema)
    if backend == "plain":
        return _plain(path, kinds)
    raise ValueError(f"no backend is called {backend!r}: there are 'pandas', 'polars' and 'plain'")


def _plain(path: Path, kinds: Dict[str, str]) -> List[Dict[str, Any]]:
    """Rows as dicts; an empty cell is None."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = csv.DictReader(_without_comment(file))
        return [{column: READ[kinds[column]](text) if text else None for column, text in row.items()} for row in rows]


def _comments(path: Path) -> int:
    with path.open(encoding="utf-8") as file:
        return 1 if file.readline().startswith("#") else 0


def _without_comment(file: Any) -> Any:
    """The file behind the line that says what made it, where there is one."""
    if not file.readline().startswith("#"):
        file.seek(0)
    return file


def _numbers(path: Path, column: str) -> bool:
    with path.open(newline="", encoding="utf-8") as file:
        texts = {row[column] for row in csv.DictReader(_without_comment(file))}
    try:
        return all(float(text) == float(text) for text in texts if text)
    except ValueError:
        return False
