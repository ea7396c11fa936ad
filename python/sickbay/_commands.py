"""The commands as functions: each writes one command line, calls the program once and hands over the folder."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, List, Mapping, Optional, Sequence, Tuple, Type, TypeVar, Union

from ._program import bare, call, flags, toml
from ._results import Comparison, Folder, Imported, Plan, Results, Robustness, Run, Sweep

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._options import CompareOptions, ImportOptions, PlanOptions, RobustOptions, RunOptions, SweepOptions

    Path_ = Union[str, "os.PathLike[str]"]

Found = TypeVar("Found", bound=Folder)


def run(scenario: Path_, *, out: Optional[Path_] = None, set: Optional[Mapping[str, Any]] = None, **options: Unpack[RunOptions]) -> Run:
    """Runs every strategy of a scenario in every replication.

    scenario: a file, or the name of a scenario in the program (`sickbay scenarios`).
    out: the folder to write. Without it the results stand in a temporary folder, as long as the object lives.
    set: other values for keys of the scenario: `{"operators.slip": 0.1, "operators.audit": "7d"}`.
        Durations are text with a unit, or a timedelta; shares are 0 to 1.
    Further options are those of `sickbay run`: seed, replications, strategy (a label or several), threads,
        max_memory ("8GB"), replace, details, what_helps, restrict_inputs, inputs.

    >>> sickbay.run("quickstart", replications=40, strategy=["withdraw", "naive"]).summary["question"]
    """
    return _simulated(Run, ["run"], scenario, out, set, options)


def sweep(
    scenario: Path_, *, vary: Mapping[str, Any], out: Optional[Path_] = None, set: Optional[Mapping[str, Any]] = None, **options: Unpack[SweepOptions]
) -> Sweep:
    """Runs a scenario at many points of its keys.

    vary: keys and their values, `{"fleet.scale": [0.8, 1.0], "control_plane.loop.period": "60s,10m"}`; text is
        handed on as it is, so that `"0.8..1.2:0.1"` is a range with a step.
    out, set: as of `run`. A killed sweep with `out` goes on where it was.
    Further options are those of `sickbay sweep`: samples, one_at_a_time, metric, and those of `run`.
    """
    values = {key: one if isinstance(one, str) else ",".join(map(bare, one)) for key, one in vary.items()}
    return _simulated(Sweep, ["sweep", *flags({"vary": values})], scenario, out, set, options)


def plan(
    scenario: Path_,
    *,
    find: str,
    range: Union[str, Tuple[Any, ...]],
    out: Optional[Path_] = None,
    set: Optional[Mapping[str, Any]] = None,
    **options: Unpack[PlanOptions],
) -> Plan:
    """Finds the smallest (or largest) value of a key for which an objective holds, or the cheapest.

    find: the key, such as `"operators.technicians"`.
    range: where to look: `(1, 20)`, `(0.5, 2, 0.05)` with a step, or the program's `"1..20"`.
    slo: what must hold, `"acceptance >= 98% and errand_wait_p95 <= 4h"`; or minimise: a metric, such as `"cost"`.
    out, set: as of `run`.
    Further options are those of `sickbay plan`: largest, confidence (a share), max_replications, seeds, and those
        of `run`. Where some strategy has no such value, `code` of the result is 1.
    """
    return _simulated(Plan, ["plan", *flags({"find": find, "range": _range(range)})], scenario, out, set, options, (0, 1))


def robust(
    scenario: Path_,
    *,
    assume: Optional[Mapping[str, Any]] = None,
    out: Optional[Path_] = None,
    set: Optional[Mapping[str, Any]] = None,
    **options: Unpack[RobustOptions],
) -> Robustness:
    """Says which conclusions hold over what is plausible of the values that no data supports, and where they turn.

    assume: plausible ranges in place of the scenario's or beside them: `{"operators.slip": (0.001, 0.1)}`, or
        text as the program takes it, `{"ironic.deploy": "5m..3h"}`.
    out, set: as of `run`.
    Further options are those of `sickbay robust`: metric, samples, and those of `run`.
    """
    ranges = {key: _range(one) for key, one in (assume or {}).items()}
    return _simulated(Robustness, ["robust", *flags({"assume": ranges})], scenario, out, set, options)


def compare(old: Union[Path_, Results], new: Union[Path_, Results], *, out: Optional[Path_] = None, **options: Unpack[CompareOptions]) -> Comparison:
    """Compares two results: what improved, regressed, is unchanged, or cannot be told apart.

    old, new: folders, or what `run` gave.
    out: a folder for the findings in every format; without it a temporary one.
    Further options are those of `sickbay compare`: allow (a key, several, or "all"), every, tolerance (a mapping
        such as `{"acceptance": 0.002, "errand_wait_p95": "5%"}`, in the metric's unit or in % of the old mean),
        fail_on, confidence (a share), replace. `passed` is False, and `code` 1, where fail_on names what was found.
    """
    if isinstance(options.get("fail_on"), (list, tuple)):
        options["fail_on"] = ",".join(options["fail_on"])
    command = ["compare", *flags(options)]
    return _called(Comparison, command, [_path(old), _path(new)], out, "compare", (0, 1))


def import_(sources: Union[Mapping[str, Any], Sequence[str]], *, out: Path_, **options: Unpack[ImportOptions]) -> Imported:
    """Turns what operators have into the neutral tables and a scenario that runs.

    sources: `{"ironic": "nodes.json", "nova": ["usage.json"], "slurm": "dump/"}`; the kinds are ironic, nova, slurm,
        blazar, fta, swf and auto.
    out: the folder to write.
    Further options are those of `sickbay import`, such as from_ and to (a date or a datetime), tz ("Europe/Berlin"),
        at, open_spell, hold (durations: "72h" or a timedelta), id, keep_names, class_from. What ends in `_` because it
        is a word of Python loses it.

    >>> sickbay.run(sickbay.import_({"ironic": "nodes.json"}, out="data/ours").scenario)
    """
    if isinstance(sources, Mapping):
        many = {kind: one if isinstance(one, (list, tuple)) else [one] for kind, one in sources.items()}
        sources = [f"{kind}={os.fspath(one)}" for kind, files in many.items() for one in files]
    return _called(Imported, ["import", *flags(options), "--quiet"], list(sources), out, "import")


def _simulated(
    kind: Type[Found],
    command: List[str],
    scenario: Path_,
    out: Optional[Path_],
    settings: Optional[Mapping[str, Any]],
    options: Mapping[str, Any],
    accepted: Tuple[int, ...] = (0,),
) -> Found:
    values = {key: toml(one) for key, one in (settings or {}).items()}
    command = [*command, *flags({"set": values, **options}), "--quiet"]
    return _called(kind, command, [os.fspath(scenario)], out, Path(scenario).stem, accepted)


def _called(kind: Type[Found], command: List[str], operands: List[str], out: Optional[Path_], name: str, accepted: Tuple[int, ...] = (0,)) -> Found:
    lent = tempfile.mkdtemp(prefix="sickbay-") if out is None else None
    folder = Path(lent, name) if lent else Path(out or ".")
    try:
        code, said = call([*command, *flags({"out": folder}), "--", *operands], accepted)
    except BaseException:
        if lent:
            shutil.rmtree(lent, ignore_errors=True)
        raise
    found = kind(folder, said=said, code=code)
    if lent:
        weakref.finalize(found, shutil.rmtree, lent, ignore_errors=True)
    return found


def _range(told: Any) -> str:
    """`(1, 20)` as `1..20`, `(0.5, 2, 0.05)` as `0.5..2:0.05`."""
    if isinstance(told, str):
        return told
    low, high, *step = map(bare, told)
    return f"{low}..{high}" + "".join(f":{one}" for one in step)


def _path(results: Any) -> str:
    return str(results.folder) if isinstance(results, Folder) else os.fspath(results)
