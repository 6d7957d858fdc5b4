"""What installed packages bring by entry point, this one too: its own come by no other way than a stranger's."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar

from harness.errors import UsageError

OURS = "failover-harness"
T = TypeVar("T")


@cache
def points(group: str) -> Sequence[EntryPoint]:
    """Return a group's entry points, our own first; raise UsageError where those are missing."""
    found = sorted(entry_points(group=group), key=lambda one: (package(one) != OURS, package(one), one.name))
    if not any(package(one) == OURS for one in found):  # nothing found would be nothing to object to
        raise UsageError(f"{OURS} is installed without its own {group}: install it anew, in a checkout `make venv`")
    return found


def package(point: EntryPoint) -> str:
    """Return the name of the package that brings an entry point."""
    return point.dist.name if point.dist else ""


@contextlib.contextmanager
def told(point: EntryPoint) -> Iterator[None]:
    """Have whatever is raised while something is loaded name the package and its entry point."""
    try:
        yield
    except Exception as error:
        cause = str(error) if isinstance(error, UsageError) else f"{type(error).__name__}: {error}"
        place = f"its entry point {point.name} = {point.value} in {point.group}"
        raise UsageError(f"{package(point) or 'a package'}: {place}: {cause}") from error


def function(group: str, what: str, name: str) -> Any:
    """Return the function that the entry point of a name stands for; raise UsageError with the nearest name, or why."""
    found = distinct(what, ((one, one.name, one) for one in points(group)))
    if name not in found:
        near = difflib.get_close_matches(name, found, 1, 0.4)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(found)}"
        raise UsageError(f"no {what} {name!r}: {hint}")
    with told(found[name]):
        loaded = found[name].load()
        if not callable(loaded):
            raise UsageError(f"this is no function, but of type {type(loaded).__name__}")
    return loaded


def distinct(what: str, brought: Iterable[tuple[EntryPoint, str, T]]) -> dict[str, T]:
    """Return things by their names; raise UsageError where one is taken, naming both packages."""
    found: dict[str, tuple[EntryPoint, T]] = {}
    for point, name, thing in brought:
        if name in found and found[name][1] != thing:
            one, other = package(found[name][0]), package(point)
            raise UsageError(f"{other} brings the {what} {name!r}, which {one} has: rename it, or uninstall {other}")
        found[name] = point, thing
    return {name: thing for name, (_, thing) in found.items()}
