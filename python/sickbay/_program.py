"""Finds the program, writes its command line, and calls it."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any, Iterable, List, Mapping, Tuple


class Failed(RuntimeError):
    """The program did not do what it was asked.

    `str()` of it is what the program said; `code` is its exit code: 2 wrong use or input, 3 a broken invariant,
    75 a full disk or another reason that may pass, 130 interrupted; `command` is the command line.
    """

    def __init__(self, code: int, words: str, command: List[str]):
        super().__init__(words)
        self.code = code
        self.words = words
        self.command = command

    def __reduce__(self) -> Tuple[Any, ...]:
        return (Failed, (self.code, self.words, self.command))


def program() -> str:
    """The path of the program: $SICKBAY_BIN, else beside this package's interpreter, else on PATH."""
    named = os.environ.get("SICKBAY_BIN")
    if named:
        return named
    name = "sickbay" + (sysconfig.get_config_var("EXE") or "")
    for folder in _folders():
        if (folder / name).is_file():
            return str(folder / name)
    found = shutil.which(name)
    if found is None:
        raise FileNotFoundError("the program sickbay is neither beside this package nor on PATH: install the wheel, or name the program in SICKBAY_BIN")
    return found


def _folders() -> Iterable[Path]:
    """Where pip puts the program of a wheel: an environment's scripts, the user's, or those of `pip install --target`."""
    yield Path(sysconfig.get_path("scripts"))
    if sys.version_info >= (3, 10):
        yield Path(sysconfig.get_path("scripts", scheme=sysconfig.get_preferred_scheme("user")))
    yield Path(__file__).resolve().parent.parent / "bin"


def call(command: List[str], accepted: Tuple[int, ...] = (0,)) -> Tuple[int, str]:
    """Calls the program: its exit code and its stdout. Ends in `Failed` unless the code is accepted."""
    line = [program(), *command]
    with subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", errors="replace") as child:
        try:
            said, words = child.communicate()
        except BaseException:
            # It ends as Ctrl-C ends it: what it has in hand it keeps whole.
            child.terminate()
            raise
    if child.returncode not in accepted:
        raise Failed(child.returncode, words.strip() or said.strip(), line)
    return child.returncode, said


def flags(options: Mapping[str, Any]) -> List[str]:
    """Options as flags: `max_replications=40` is `--max-replications=40`, True is the bare flag, None and False are none.

    A mapping is the flag once for each `KEY=VALUE`, a list once for each value. What the program does not know, it says.
    """
    line = []
    for name, value in options.items():
        flag = "--" + name.rstrip("_").replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            line.append(flag)
        elif isinstance(value, Mapping):
            line += [f"{flag}={key}={one}" for key, one in value.items()]
        elif isinstance(value, (list, tuple)):
            line += [f"{flag}={_text(one)}" for one in value]
        else:
            line.append(f"{flag}={_text(value)}")
    return line


def _text(value: Any) -> str:
    """A value that the program reads as text: durations as seconds, times as in RFC 3339."""
    if isinstance(value, datetime.timedelta):
        return _milliseconds(value)
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    return os.fspath(value) if isinstance(value, os.PathLike) else str(value)


def _milliseconds(value: datetime.timedelta) -> str:
    return f"{value // datetime.timedelta(milliseconds=1)}ms"


def toml(value: Any) -> str:
    """A value of a scenario's key as TOML writes it; a timedelta is a duration."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, datetime.timedelta):
        return json.dumps(_milliseconds(value))
    if isinstance(value, (datetime.datetime, datetime.date)):
        return json.dumps(value.isoformat())
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{toml(str(key))} = {toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml(one) for one in value) + "]"
    return str(value)


def bare(value: Any) -> str:
    """A value among several, or the end of a range: text and durations without quotes unless they hold a comma."""
    text = toml(value)
    return text.strip('"') if text.startswith('"') and "," not in text else text
