"""Where scenarios are found: a file each, its stem the name, in folders that packages name by entry point, ours too."""

from __future__ import annotations

import contextlib
import difflib
import importlib.util
import sys
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import TypeVar, get_args

from harness import assets, plugins
from harness.checks import NoAcknowledgedWriteLost
from harness.contracts import Times
from harness.errors import UsageError
from harness.predict.timers import Timers
from harness.profile import folder as profiles
from harness.spec import Group, Scenario
from harness.steps import Await, Heal, Hold, Inject

GROUP = "failover_harness.scenarios"  # each entry point is the Path of a folder
BY_HAND = "by-hand"  # what is broken from a program, while a client of one's own looks on
by_hand = Scenario(
    "Broken by hand, for as long as its program says.", steps=lambda t: [], checks=lambda t: [NoAcknowledgedWriteLost()]
)
T = TypeVar("T")
STEPS = (Hold, Inject, Heal, Await)


def files() -> dict[str, Path]:
    """Return every scenario's file by the name that the command line takes; raise UsageError where one is taken."""
    points = plugins.points(GROUP)
    brought = ((point, named(path), path) for point in points for path in _folder(point).glob("[a-z]*.py"))
    return dict(sorted(plugins.distinct("scenario", brought).items()))


def names() -> list[str]:
    """Return the scenarios' names as the command line takes them."""
    return list(files())


def named(path: Path) -> str:
    """Return what a scenario's file is called."""
    return path.stem.replace("_", "-")


def chosen(asked: Iterable[str]) -> dict[str, Scenario]:
    """Return scenarios by their names, each asked for by name or by its file's path."""
    return {named(Path(one)) if one.endswith(".py") else one.replace("_", "-"): find(one) for one in asked}


def by_group() -> dict[str, list[str]]:
    """Return the scenarios' names by their groups, in the order of the chain's catalogue, those without one last."""
    members: dict[str, list[str]] = {group: [] for group in (*get_args(Group), "")}
    for name, path in files().items():
        members[load(path).group].append(name)
    return {group: names for group, names in members.items() if names}


def grouped(asked: Collection[str]) -> list[str]:
    """Return the names of the scenarios of some groups, in the groups' order; raise UsageError for an unknown one."""
    members = by_group() if asked else {}
    for group in asked:
        if group not in members:
            raise UsageError(f"no scenarios of a group {group!r}: there are {', '.join(filter(None, members))}")
    return [name for group in asked for name in members[group]]


def find(name: str) -> Scenario:
    """Return a scenario by its name, or by the path of its file.

    Raise UsageError with the nearest name where there is none, and with file and line where the file is at fault.
    """
    if name.endswith(".py"):
        return load(Path(name))
    known, name = files(), name.replace("_", "-")
    if name not in known:
        near = difflib.get_close_matches(name, known, 1, 0.4)
        hint = f"did you mean {near[0]!r}?" if near else "`harness list` names them, and the path of a file is one too"
        raise UsageError(f"no scenario {name!r}: {hint}")
    return load(known[name])


def again(name: str, file: str) -> Scenario:
    """Return a stored trial's scenario, by its name or where it lay; raise UsageError saying what is missing."""
    if name == BY_HAND:
        return by_hand
    known = files()
    if name in known:
        return load(known[name])
    if file and Path(file).exists():
        return load(Path(file))
    if file:
        raise UsageError(f"the scenario {name!r} was in {file}, which is not here: name its file with --scenario")
    return find(name)


def load(path: Path) -> Scenario:
    """Return the scenario of a file; raise UsageError naming the file and the line that is at fault."""
    scenario = getattr(_module(path), "scenario", None)
    if not isinstance(scenario, Scenario):
        what = "has no `scenario`" if scenario is None else f"`scenario` is a {type(scenario).__name__}"
        raise UsageError(f"{path}:1: {what}; say scenario = Scenario(summary, steps=…, checks=…)")
    for fault in _faults(path, scenario):
        raise UsageError(fault)
    return replace(scenario, file=str(path.resolve()))


def _folder(point: EntryPoint) -> Path:
    with plugins.told(point):
        folder = Path(point.load())
        if not folder.is_dir():
            raise UsageError(f"{folder} is no folder")
    return folder


def _module(path: Path) -> ModuleType:
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    specification = importlib.util.spec_from_file_location(f"scenarios.{path.stem}", path)
    if specification is None or specification.loader is None:
        raise UsageError(f"{path}: cannot be loaded; a scenario is a Python file")
    module = importlib.util.module_from_spec(specification)
    sys.modules[module.__name__] = module  # a dataclass looks there for what its annotations mean
    with _told(path):
        specification.loader.exec_module(module)
    return module


@contextlib.contextmanager
def _told(path: Path, line: int = 1) -> Iterator[None]:
    """Have whatever a scenario's own code raises be told with the place in its file."""
    try:
        yield
    except SyntaxError as error:
        raise UsageError(f"{error.filename}:{error.lineno}: {error.msg}") from error
    except Exception as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path.absolute())]
        line = (frames[-1].lineno if frames else None) or line
        raise UsageError(f"{path}:{line}: {type(error).__name__}: {error}") from error


def _faults(path: Path, scenario: Scenario) -> Iterator[str]:
    """Yield what would only show in the middle of a trial; asked with a shipped profile's times."""
    times = _times()
    steps = _asked(path, scenario.steps, times)
    at = f"{path}:{_line(scenario.steps)}"
    for step in steps:
        if not isinstance(step, STEPS):
            yield f"{at}: {step!r} is no step; a step is {', '.join(kind.__name__ for kind in STEPS)}"
        elif isinstance(step, Inject):
            fault = type(step.fault).__name__
            lacks = [name for name in ("on", "effect", "inject", "heal") if not hasattr(step.fault, name)]
            if lacks:
                yield f"{at}: {fault} has no {' and no '.join(lacks)}; a fault has on, effect, inject and heal"
            elif not hasattr(step.fault.on, "pick"):
                yield f"{at}: {fault} is on {step.fault.on!r}, which picks no node; say VipOwner() or another selector"
    for check in _asked(path, scenario.checks, times):
        if not hasattr(check, "findings"):
            yield f"{path}:{_line(scenario.checks)}: {check!r} is no check: it has no method `findings`"


def _asked(path: Path, asked: Callable[[Times], Sequence[T]], times: Times) -> list[T]:
    with _told(path, _line(asked)):
        return list(asked(times))


def _line(function: Callable[..., object]) -> int:
    code = getattr(function, "__code__", None)
    return code.co_firstlineno if code is not None else 1


@cache
def _times() -> Times:
    return Timers(profiles.load(profiles.find("article", assets.PROFILES)))
