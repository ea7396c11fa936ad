"""The options of each command, for type checkers and editors. A test holds them against `--help`."""

from __future__ import annotations

import datetime
import os
from typing import List, Mapping, TypedDict, Union

Text = Union[str, List[str]]
Path = Union[str, "os.PathLike[str]"]
Duration = Union[str, datetime.timedelta]
Instant = Union[str, datetime.date]


class Common(TypedDict, total=False):
    seed: int
    replications: int
    strategy: Text
    restrict_inputs: bool
    inputs: Union[Path, List[Path]]
    max_memory: str
    threads: int
    replace: bool


class RunOptions(Common, total=False):
    details: bool
    what_helps: bool


class SweepOptions(Common, total=False):
    samples: int
    one_at_a_time: bool
    metric: Text


class PlanOptions(Common, total=False):
    slo: str
    minimise: str
    largest: bool
    confidence: float
    max_replications: int
    seeds: bool


class RobustOptions(Common, total=False):
    metric: Text
    samples: int


class CompareOptions(TypedDict, total=False):
    allow: Text
    every: bool
    tolerance: Mapping[str, Union[str, float]]
    fail_on: Text
    confidence: float
    format: str
    replace: bool


class ImportOptions(TypedDict, total=False):
    flavors: Path
    from_: Instant
    to: Instant
    tz: str
    at: Instant
    open_spell: Duration
    min_spell: Duration
    kinds: Path
    keep_names: bool
    hold: Duration
    id: str
    rack_from: str
    class_from: str
    default_class: str
    all_states: bool
    refused: Duration
    group_creates: bool
    as_scheduled: bool
    keep_shared: bool
    procs_per_node: int
    small: str
    maintenance_name: str
    maintenance_project: str
    replace: bool
